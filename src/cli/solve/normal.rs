//! `solve` for games in normal form.

use super::answer::{Answer, CorrelatedOut, Equilibrium, PathOut, floats, logit, texts};
use super::{SolveArgs, SolveError, refuse};
use crate::game::error::GameError;
use crate::game::normal::{NormalForm, Profile};
use crate::game::number::Rational;
use crate::game::path::End;
use crate::game::quantal::{Branch, Wanted};
use crate::game::{
    Stop, certificate, dominance, extreme, lemke_howson, pure, quantal, support, zero_sum,
};

/// Random starts per lambda in search of other logit equilibria.
pub(super) const STARTS: usize = 40;
/// Actions of both players together, after dominance, up to which all equilibria are listed unasked.
const LISTED: usize = 24;

pub(super) fn solve(
    game: &NormalForm,
    args: &SolveArgs,
    stop: Stop<'_>,
) -> Result<Answer, SolveError> {
    refuse("a normal form", &[(args.spe, "--spe"), (args.cfr.is_some(), "--cfr")])?;
    let mut answer = Answer {
        schema: 1,
        kind: "normal",
        title: game.title().to_owned(),
        players: game.players().to_vec(),
        actions: game.actions().to_vec(),
        ..Answer::default()
    };
    let mut one = args.one;
    let mut all = args.all;
    if !args.names_a_method() {
        let kept = dominance::iterated_strict(game).kept;
        let actions: usize = kept.iter().map(Vec::len).sum();
        all = actions <= LISTED;
        one = !all;
        if one {
            answer.notes.push(format!(
                "{actions} actions survive dominance: one equilibrium is sought; --all lists all"
            ));
        }
    }
    let left = dominance::iterated_strict(game);
    if left.rounds > 0 {
        let kept: Vec<String> = left
            .kept
            .iter()
            .zip(game.actions())
            .map(|(keep, names)| {
                let names: Vec<&str> = keep.iter().map(|&a| names[a].as_str()).collect();
                format!("{{{}}}", names.join(", "))
            })
            .collect();
        answer.notes.push(format!(
            "iterated strict dominance leaves {} after {} rounds",
            kept.join(" x "),
            left.rounds
        ));
    }
    if all {
        list_all(game, &mut answer, stop)?;
    }
    if args.pure {
        let (found, done) = pure::all(game, stop);
        answer.did("pure equilibria by definition", "none: all pure ones are listed");
        answer.complete = done;
        answer.partial |= !done;
        answer.notes.push("complete refers to pure strategies".into());
        answer.equilibria.extend(found.iter().map(|actions| point(game, actions)));
    }
    if one {
        single(game, &mut answer, stop)?;
    }
    if args.zero_sum {
        let solved = zero_sum::normal(game, stop)?;
        answer.did("linear program of the zero-sum game", "one optimal pair (a vertex)");
        answer.value = Some(solved.value);
        answer.value_exact = solved.exact_value.map(|v| v.to_string());
        answer.equilibria.push(match &solved.exact {
            Some(exact) => exactly(game, [exact[0].clone(), exact[1].clone()]),
            None => approximately(game, solved.profile),
        });
    }
    if args.correlated {
        let found = zero_sum::correlated(game, stop)?;
        answer.did("correlated equilibrium by linear program", "greatest total payoff");
        answer.correlated = Some(CorrelatedOut {
            exact: found.exact.map(|x| x.iter().map(ToString::to_string).collect()),
            distribution: found.distribution,
            payoffs: found.payoffs,
            max_gain: found.max_gain,
        });
    }
    if args.wants_logit() {
        let wanted = Wanted { lambdas: args.lambdas(), path: args.path.is_some(), starts: STARTS };
        let branch = quantal::principal_branch(game, &wanted, stop);
        add_branch(&mut answer, args, &branch);
    }
    Ok(answer)
}

/// Adds logit equilibria and the path, and says so when the branch was not followed to the end.
pub(super) fn add_branch(answer: &mut Answer, args: &SolveArgs, branch: &Branch) {
    answer.did("logit equilibria by arclength continuation", "principal branch from lambda 0");
    let asked = |lambda: f64| args.qre.iter().any(|l| crate::math::same(*l, lambda));
    answer.qre.extend(branch.at.iter().filter(|q| asked(q.lambda)).map(logit));
    let end = args.path.unwrap_or(0.0);
    answer.path = branch
        .path
        .iter()
        .filter(|(l, _)| *l <= end)
        .map(|(lambda, profile)| PathOut { lambda: *lambda, profile: profile.clone() })
        .collect();
    if args.path.is_some()
        && let Some(last) = branch.at.last().filter(|q| crate::math::same(q.lambda, end))
    {
        answer.path.push(PathOut { lambda: end, profile: last.profile.clone() });
    }
    ended(answer, branch.end, branch.at.last().map_or(0.0, |q| q.lambda));
}

pub(super) fn ended(answer: &mut Answer, end: End, reached: f64) {
    match end {
        End::Reached => {}
        End::Stalled => {
            answer.partial = true;
            answer.notes.push(format!("the branch stalled after lambda {reached}"));
        }
        End::Stopped => {
            answer.partial = true;
            answer.notes.push(format!("stopped after lambda {reached}"));
        }
    }
}

fn list_all(game: &NormalForm, answer: &mut Answer, stop: Stop<'_>) -> Result<(), SolveError> {
    if game.count() == 2 {
        let set = extreme::all(game, stop)?;
        answer.did("all extreme equilibria in exact arithmetic", "none: all are listed");
        answer.complete = set.complete;
        answer.partial |= !set.complete;
        answer.equilibria.extend(set.equilibria.into_iter().map(|e| exactly(game, e.profile)));
        answer.components = set.components;
        answer.nash_subsets = set.subsets;
        return Ok(());
    }
    let found = support::all(game, stop);
    answer.did(
        "supports with conditional dominance, Newton and Krawczyk's test",
        "none: all that were found are listed",
    );
    answer.complete = found.complete;
    answer.partial |= found.stopped;
    if !found.complete && !found.stopped {
        answer.notes.push(
            "a region could not be settled: there may be more equilibria, perhaps a continuum"
                .into(),
        );
    }
    answer.components = (0..found.equilibria.len()).map(|k| vec![k]).collect();
    if !found.complete {
        answer.components.clear();
    }
    answer.equilibria.extend(found.equilibria.into_iter().map(|p| approximately(game, p)));
    Ok(())
}

fn single(game: &NormalForm, answer: &mut Answer, stop: Stop<'_>) -> Result<(), SolveError> {
    if game.count() == 2 {
        let found = lemke_howson::one(game, stop);
        answer.did("Lemke-Howson", "first label whose path ends in a certified equilibrium");
        match found {
            Some(found) => {
                answer.notes.push(format!(
                    "label {} dropped, {} pivots",
                    found.label + 1,
                    found.pivots
                ));
                answer.equilibria.push(approximately(game, found.profile));
                return Ok(());
            }
            None if stop() => {
                answer.partial = true;
                return Ok(());
            }
            None => {}
        }
        // Floats failed on every label: exact arithmetic does not.
        let set = extreme::all(game, stop)?;
        answer.partial |= !set.complete;
        if let Some(first) = set.equilibria.into_iter().next() {
            answer.equilibria.push(exactly(game, first.profile));
        }
        return Ok(());
    }
    let (points, _) = pure::all(game, stop);
    if let Some(actions) = points.first() {
        answer.did("pure equilibria by definition", "the first in lexicographic order");
        answer.equilibria.push(point(game, actions));
        return Ok(());
    }
    let found = support::all(game, stop);
    answer.did("supports, Newton and Krawczyk's test", "the first in lexicographic order");
    answer.partial |= found.stopped;
    match found.equilibria.into_iter().next() {
        Some(profile) => {
            answer.equilibria.push(approximately(game, profile));
            Ok(())
        }
        None if stop() => Ok(()),
        None => {
            Err(GameError::new("no equilibrium was found within the limits of the search").into())
        }
    }
}

fn exactly(game: &NormalForm, profile: [Vec<Rational>; 2]) -> Equilibrium {
    let payoffs = [0, 1].map(|i| extreme::expected(game, i, &profile));
    Equilibrium {
        max_regret: certificate::max_regret_exact(game, &profile),
        payoffs: payoffs.iter().map(crate::game::number::float).collect(),
        payoffs_exact: Some(payoffs.iter().map(ToString::to_string).collect()),
        exact: Some(texts(&profile)),
        reduced: None,
        profile: floats(&profile),
    }
}

pub(super) fn approximately(game: &NormalForm, profile: Profile) -> Equilibrium {
    Equilibrium {
        max_regret: certificate::max_regret(game, &profile),
        payoffs: game.expected(&profile),
        payoffs_exact: None,
        exact: None,
        reduced: None,
        profile,
    }
}

fn point(game: &NormalForm, actions: &[usize]) -> Equilibrium {
    let profile: Profile = actions
        .iter()
        .zip(game.sizes())
        .map(|(&a, &k)| (0..k).map(|b| if a == b { 1.0 } else { 0.0 }).collect())
        .collect();
    let exact = actions
        .iter()
        .zip(game.sizes())
        .map(|(&a, &k)| (0..k).map(|b| if a == b { "1" } else { "0" }.to_owned()).collect())
        .collect();
    let cell = game.cell(actions);
    let pay = (0..game.count()).map(|i| game.exact_payoff(i, cell).to_string()).collect();
    Equilibrium { exact: Some(exact), payoffs_exact: Some(pay), ..approximately(game, profile) }
}
