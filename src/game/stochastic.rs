//! A stochastic game: stages that pay and lead, by chance, to the next stage (Shapley 1953).
//!
//! In every state all players choose at once; the profile pays now and fixes the odds of the next
//! state. Payoffs of later periods count `delta[player]` per period. With a horizon of T periods the
//! game ends with value 0 after the last; without one it goes on for ever and every delta is below 1.

use super::error::GameError;
use super::normal::NormalForm;

/// One state: the stage game and where each cell leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What the cells pay.
    pub game: NormalForm,
    /// Odds of the next state, `transitions[cell * states + next]`, cells as in the stage game.
    pub transitions: Vec<f64>,
}

/// A stochastic game with finitely many states and actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Stochastic {
    players: Vec<String>,
    delta: Vec<f64>,
    horizon: Option<usize>,
    stages: Vec<Stage>,
}

/// How far the odds of a cell may be from summing to 1.
const SLACK: f64 = 1e-9;

impl Stage {
    /// A state from its stage game and the odds of the next state.
    ///
    /// # Errors
    /// When the odds are not a whole table, are negative or not finite, or a cell's odds do not sum
    /// to 1 within 1e-9.
    pub fn new(game: NormalForm, transitions: Vec<f64>) -> Result<Self, GameError> {
        let cells = game.cells();
        if transitions.is_empty() || !transitions.len().is_multiple_of(cells) {
            return Err(GameError::new(format!(
                "{} transition odds do not fill {cells} cells",
                transitions.len()
            )));
        }
        for (cell, odds) in transitions.chunks(transitions.len() / cells).enumerate() {
            let sum: f64 = odds.iter().sum();
            if odds.iter().any(|p| !(0.0..=1.0 + SLACK).contains(p)) || (sum - 1.0).abs() > SLACK {
                return Err(GameError::new(format!(
                    "the transition odds of cell {} sum to {sum}, or one is negative",
                    cell + 1
                )));
            }
        }
        Ok(Self { game, transitions })
    }

    /// Odds of the next state after a cell.
    #[must_use]
    pub fn odds(&self, cell: usize) -> &[f64] {
        let states = self.transitions.len() / self.game.cells();
        &self.transitions[cell * states..][..states]
    }
}

impl Stochastic {
    /// A game from discount factors, an optional number of periods, and states.
    ///
    /// # Errors
    /// When there is no state, states differ in players, odds do not cover all states, a discount
    /// factor lies outside [0, 1], equals 1 without a horizon, or the horizon is 0.
    pub fn new(
        delta: Vec<f64>,
        horizon: Option<usize>,
        stages: Vec<Stage>,
    ) -> Result<Self, GameError> {
        let Some(first) = stages.first() else {
            return Err(GameError::new("a stochastic game needs at least one state"));
        };
        let players = first.game.count();
        if delta.len() != players {
            return Err(GameError::new(format!(
                "{} discount factors for {players} players",
                delta.len()
            )));
        }
        if horizon == Some(0) {
            return Err(GameError::new("a horizon needs at least one period"));
        }
        for d in &delta {
            if !(0.0..=1.0).contains(d) || (horizon.is_none() && *d >= 1.0) {
                return Err(GameError::new(format!(
                    "a discount factor of {d} is not in [0, 1), or [0, 1] with a horizon"
                )));
            }
        }
        for (s, stage) in stages.iter().enumerate() {
            if stage.game.count() != players {
                return Err(GameError::new(format!("state {s} has another number of players")));
            }
            if stage.transitions.len() != stage.game.cells() * stages.len() {
                return Err(GameError::new(format!(
                    "the transitions of state {s} do not lead to {} states",
                    stages.len()
                )));
            }
        }
        let players = first.game.players().to_vec();
        Ok(Self { players, delta, horizon, stages })
    }

    /// The same game with names of players.
    ///
    /// # Errors
    /// When their count differs.
    pub fn named(mut self, players: Vec<String>) -> Result<Self, GameError> {
        if players.len() != self.players.len() {
            return Err(GameError::new("names of players do not match the game's shape"));
        }
        self.players = players;
        Ok(self)
    }

    /// Names of the players.
    #[must_use]
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// Number of players.
    #[must_use]
    pub fn count(&self) -> usize {
        self.players.len()
    }

    /// Discount factor per player and period.
    #[must_use]
    pub fn delta(&self) -> &[f64] {
        &self.delta
    }

    /// Number of periods; none when play goes on for ever.
    #[must_use]
    pub fn horizon(&self) -> Option<usize> {
        self.horizon
    }

    /// The states.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage game of a state when the next period is worth `next[state][player]`.
    ///
    /// # Errors
    /// When the values are not finite.
    pub fn stage_game(&self, state: usize, next: &[Vec<f64>]) -> Result<NormalForm, GameError> {
        let stage = &self.stages[state];
        let tables = (0..self.count())
            .map(|i| {
                (0..stage.game.cells())
                    .map(|cell| {
                        let ahead: f64 =
                            stage.odds(cell).iter().zip(next).map(|(p, v)| p * v[i]).sum();
                        stage.game.payoffs(i)[cell] + self.delta[i] * ahead
                    })
                    .collect()
            })
            .collect();
        NormalForm::floats(stage.game.sizes(), tables)
    }

    /// Whether two players' payoffs sum to 0 in every cell, within rounding, under one discount.
    #[must_use]
    pub fn is_zero_sum(&self) -> bool {
        self.count() == 2
            && crate::math::same(self.delta[0], self.delta[1])
            && self.stages.iter().all(|s| {
                s.game
                    .payoffs(0)
                    .iter()
                    .zip(s.game.payoffs(1))
                    .all(|(a, b)| (a + b).abs() <= 1e-12 * a.abs().max(1.0))
            })
    }
}
