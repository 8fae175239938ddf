//! Stochastic games that end: backward induction over stage games.
//!
//! From the last period on, the stage game of every state pays now plus the discounted value of the
//! next period. A stage game can have many equilibria; the rule that picks one is part of the answer.

use super::Stop;
use super::error::GameError;
use super::lemke_howson;
use super::normal::{NormalForm, Profile};
use super::quantal::{self, Wanted};
use super::stochastic::Stochastic;

/// Which equilibrium of a stage game is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Selection {
    /// The logit equilibrium at this lambda on the principal branch of the stage game.
    Logit(f64),
    /// The first Nash equilibrium that Lemke-Howson reaches, labels in order (two players).
    LemkeHowson,
}

impl Selection {
    /// The rule in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Logit(_) => "principal branch of each stage game",
            Self::LemkeHowson => "first Lemke-Howson equilibrium of each stage game",
        }
    }
}

/// Play of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// `strategies[state][player][action]`.
    pub strategies: Vec<Profile>,
    /// `values[state][player]`, from this period to the end.
    pub values: Vec<Vec<f64>>,
}

/// A solved game with a horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// Periods from the first to the last; fewer, the last ones, when stopped.
    pub periods: Vec<Period>,
    /// Largest residual (logit) or regret (Nash) of a stage game, recomputed by separate code.
    pub residual: f64,
    /// Largest gain in the first period computed of a best reply in the whole game.
    pub exploitability: f64,
    /// Whether all periods were solved.
    pub complete: bool,
}

/// Solves a game with a horizon by backward induction; after the last period the value is 0.
///
/// # Errors
/// When the game has no horizon, or a stage game could not be solved.
pub fn solve(game: &Stochastic, selection: Selection, stop: Stop<'_>) -> Result<Solved, GameError> {
    let Some(horizon) = game.horizon() else {
        return Err(GameError::new("this game has no horizon"));
    };
    let (states, players) = (game.stages().len(), game.count());
    let mut next = vec![vec![0.0; players]; states];
    let mut solved =
        Solved { periods: Vec::new(), residual: 0.0, exploitability: 0.0, complete: true };
    'periods: for t in (0..horizon).rev() {
        let mut period = Period { strategies: Vec::new(), values: Vec::new() };
        for s in 0..states {
            if stop() {
                solved.complete = false;
                break 'periods;
            }
            let stage = game.stage_game(s, &next)?;
            let (profile, payoffs, residual) = pick(&stage, selection, stop).ok_or_else(|| {
                GameError::new(format!("the stage game of state {s} in period {t} was not solved"))
            })?;
            solved.residual = solved.residual.max(residual);
            period.strategies.push(profile);
            period.values.push(payoffs);
        }
        next.clone_from(&period.values);
        solved.periods.push(period);
    }
    solved.periods.reverse();
    solved.exploitability = gain(game, &solved.periods);
    Ok(solved)
}

fn pick(
    stage: &NormalForm,
    selection: Selection,
    stop: Stop<'_>,
) -> Option<(Profile, Vec<f64>, f64)> {
    match selection {
        Selection::Logit(lambda) => {
            let wanted = Wanted { lambdas: vec![lambda], path: false, starts: 0 };
            let found = quantal::principal_branch(stage, &wanted, stop).at.into_iter().next()?;
            Some((found.profile, found.payoffs, found.residual))
        }
        Selection::LemkeHowson => {
            let found = lemke_howson::one(stage, stop)?;
            let regret = super::certificate::max_regret(stage, &found.profile);
            Some((found.profile.clone(), stage.expected(&found.profile), regret))
        }
    }
}

/// Largest gain of a best reply in the first of the periods, by dynamic programming against fixed others.
fn gain(game: &Stochastic, periods: &[Period]) -> f64 {
    let mut most: f64 = 0.0;
    for i in 0..game.count() {
        let mut ahead = vec![0.0; game.stages().len()];
        for period in periods.iter().rev() {
            ahead = game
                .stages()
                .iter()
                .enumerate()
                .map(|(s, stage)| {
                    let mut worth = vec![0.0; stage.game.sizes()[i]];
                    for cell in 0..stage.game.cells() {
                        let mut weight = 1.0;
                        for (j, row) in period.strategies[s].iter().enumerate() {
                            if j != i {
                                weight *= row[stage.game.action(cell, j)];
                            }
                        }
                        let later: f64 =
                            stage.odds(cell).iter().zip(&ahead).map(|(p, v)| p * v).sum();
                        worth[stage.game.action(cell, i)] +=
                            weight * (stage.game.payoffs(i)[cell] + game.delta()[i] * later);
                    }
                    worth.into_iter().fold(f64::NEG_INFINITY, f64::max)
                })
                .collect();
        }
        if let Some(first) = periods.first() {
            for (best, now) in ahead.iter().zip(&first.values) {
                most = most.max(best - now[i]);
            }
        }
    }
    most
}
