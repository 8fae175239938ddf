//! `solve` for stochastic games.

use super::answer::{Answer, Equilibrium, LogitOut, PathOut, PeriodOut, branch_name};
use super::normal::{STARTS, ended};
use super::{SolveArgs, SolveError, refuse};
use crate::game::horizon::{self, Selection, Solved};
use crate::game::path::End;
use crate::game::quantal::Wanted;
use crate::game::stochastic::Stochastic;
use crate::game::{Stop, markov, policy, zero_sum};

/// States times players up to which other branches are searched.
const SEARCHED: usize = 100;

pub(super) fn solve(
    game: &Stochastic,
    args: &SolveArgs,
    stop: Stop<'_>,
) -> Result<Answer, SolveError> {
    refuse(
        "a stochastic game",
        &[
            (args.all, "--all"),
            (args.pure, "--pure"),
            (args.spe, "--spe"),
            (args.correlated, "--correlated"),
            (args.cfr.is_some(), "--cfr"),
        ],
    )?;
    let mut answer = Answer {
        schema: 1,
        kind: "stochastic",
        players: game.players().to_vec(),
        actions: game.stages().iter().flat_map(|s| s.game.actions().to_vec()).collect(),
        ..Answer::default()
    };
    let mut args = args.clone();
    if !args.names_a_method() {
        if game.is_zero_sum() && game.horizon().is_none() {
            args.zero_sum = true;
        } else {
            args.qre = vec![1.0];
            answer
                .notes
                .push("lambda 1 was taken because no method was given; --qre sets it".into());
        }
    }
    if args.zero_sum {
        let solved = zero_sum::shapley(game, stop)?;
        answer.did("Shapley's iteration", "one optimal pair of each stage game (a vertex)");
        answer.partial |= !solved.complete;
        answer
            .notes
            .push(format!("{} rounds, last change of a value {:e}", solved.rounds, solved.change));
        answer.value = Some(solved.values[0]);
        let gain = policy::gains(game, &solved.profile).into_iter().fold(0.0, f64::max);
        answer.equilibria.push(Equilibrium {
            payoffs: vec![solved.values[0], -solved.values[0]],
            profile: solved.profile,
            exact: None,
            payoffs_exact: None,
            reduced: None,
            max_regret: gain,
        });
        answer.state_values = Some(solved.values);
    }
    if game.horizon().is_some() {
        finite(game, &args, &mut answer, stop)?;
        return Ok(answer);
    }
    refuse("a discounted game without horizon", &[(args.one, "--one")])?;
    if args.wants_logit() {
        discounted(game, &args, &mut answer, stop);
    }
    Ok(answer)
}

fn finite(
    game: &Stochastic,
    args: &SolveArgs,
    answer: &mut Answer,
    stop: Stop<'_>,
) -> Result<(), SolveError> {
    refuse("a game with a horizon", &[(args.path.is_some(), "--path")])?;
    let mut selections: Vec<Selection> = args.lambdas().into_iter().map(Selection::Logit).collect();
    if args.one {
        selections.push(Selection::LemkeHowson);
    }
    let single = selections.len() == 1;
    for selection in selections {
        let solved = horizon::solve(game, selection, stop)?;
        answer.did("backward induction over stage games", selection.name());
        if !solved.complete {
            answer.partial = true;
            answer
                .notes
                .push(format!("only the last {} periods were solved", solved.periods.len()));
        }
        let periods = periods(game, &solved);
        if single {
            answer.periods = Some(periods.clone());
        }
        let Some(first) = solved.periods.first() else { continue };
        let profile: Vec<Vec<f64>> = first.strategies.iter().flatten().cloned().collect();
        match selection {
            Selection::Logit(lambda) => answer.qre.push(LogitOut {
                lambda,
                profile,
                payoffs: first.values[0].clone(),
                values: Some(first.values.clone()),
                residual: solved.residual,
                exploitability: Some(solved.exploitability),
                selection: selection.name().to_owned(),
                periods: Some(periods),
                ..LogitOut::default()
            }),
            Selection::LemkeHowson => answer.equilibria.push(Equilibrium {
                profile,
                exact: None,
                payoffs: first.values[0].clone(),
                payoffs_exact: None,
                reduced: None,
                max_regret: solved.exploitability,
            }),
        }
    }
    Ok(())
}

/// Periods numbered from the start of the game, also when only the last ones were solved.
fn periods(game: &Stochastic, solved: &Solved) -> Vec<PeriodOut> {
    let skipped = game.horizon().unwrap_or(0) - solved.periods.len();
    solved
        .periods
        .iter()
        .enumerate()
        .map(|(t, period)| PeriodOut {
            t: t + skipped,
            strategies: period.strategies.clone(),
            values: period.values.clone(),
        })
        .collect()
}

fn discounted(game: &Stochastic, args: &SolveArgs, answer: &mut Answer, stop: Stop<'_>) {
    let size = game.stages().len() * game.count();
    let starts = if size <= SEARCHED { STARTS } else { 0 };
    let wanted = Wanted { lambdas: args.lambdas(), path: args.path.is_some(), starts };
    let branch = markov::principal_branch(game, &wanted, stop);
    answer.did(
        "Markov logit equilibria by arclength continuation",
        "principal branch from lambda 0, restart by tracing where it stalls",
    );
    let asked = |lambda: f64| args.qre.iter().any(|l| crate::math::same(*l, lambda));
    for found in branch.at.iter().filter(|q| asked(q.lambda)) {
        answer.qre.push(LogitOut {
            lambda: found.lambda,
            profile: found.profile.clone(),
            payoffs: found.values[0].clone(),
            values: Some(found.values.clone()),
            residual: found.residual,
            exploitability: Some(found.exploitability),
            folds: Some(found.folds),
            pitchforks: Some(found.pitchforks),
            others_found: (found.starts > 0).then_some(found.others.len()),
            starts: found.starts,
            unique: false,
            selection: if found.traced {
                "logit tracing from the uniform prior: the principal branch stalled".into()
            } else {
                branch_name(found.folds, found.pitchforks)
            },
            periods: None,
        });
    }
    let end = args.path.unwrap_or(0.0);
    answer.path = branch
        .path
        .iter()
        .filter(|(l, _)| *l <= end)
        .map(|(lambda, profile)| PathOut { lambda: *lambda, profile: profile.clone() })
        .collect();
    let reached = branch.at.last().map_or(0.0, |q| q.lambda);
    if branch.at.len() == wanted.lambdas.len() {
        if branch.end == End::Stalled {
            answer.notes.push("the principal branch stalled: see the rule of each point".into());
        }
    } else {
        ended(answer, branch.end, reached);
    }
}
