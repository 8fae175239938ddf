//! `solve` for trees.

use super::answer::{Answer, Equilibrium, InfoSetOut, floats, texts};
use super::normal::{STARTS, add_branch};
use super::{SolveArgs, SolveError, refuse};
use crate::game::error::GameError;
use crate::game::number::{Rational, float};
use crate::game::quantal::Wanted;
use crate::game::reduced::{Reduced, strategic_form};
use crate::game::tree::Tree;
use crate::game::{
    Stop, agent, backward, best_reply, cfr, extreme, lemke_howson, pure, support, zero_sum,
};

/// Largest strategic form, in cells, whose equilibria are listed unasked.
const LISTED: usize = 600;
/// Actions over all information sets up to which other branches are searched.
const SEARCHED: usize = 200;

pub(super) fn solve(tree: &Tree, args: &SolveArgs, stop: Stop<'_>) -> Result<Answer, SolveError> {
    refuse("a tree", &[(args.correlated, "--correlated")])?;
    let name = |i: usize| tree.players()[i].clone();
    let mut answer = Answer {
        schema: 1,
        kind: "extensive",
        title: tree.title.clone(),
        players: tree.players().to_vec(),
        actions: tree.sets().iter().map(|s| s.actions.clone()).collect(),
        infosets: Some(
            tree.sets()
                .iter()
                .map(|s| InfoSetOut {
                    player: name(s.player),
                    label: s.label.clone(),
                    actions: s.actions.clone(),
                })
                .collect(),
        ),
        ..Answer::default()
    };
    if let Some(h) = tree.forgetful() {
        let set = &tree.sets()[h];
        answer.notes.push(format!(
            "player {} forgets an own move at information set {}: offered are mixed and pure equilibria of the strategic form and agent-form logit equilibria; no behaviour equilibria, sequence form, CFR or exploitability",
            name(set.player), set.number
        ));
    }
    let mut args = args.clone();
    if !args.names_a_method() {
        choose(tree, &mut args, &mut answer);
    }
    if args.spe {
        let (found, complete) = backward::all(tree, stop)?;
        answer.did(
            "backward induction, exact",
            "none: every best action continues where a player is indifferent",
        );
        answer.complete = complete;
        answer.partial |= !complete;
        answer.notes.push("complete refers to pure subgame-perfect equilibria".into());
        for perfect in found {
            let rows = pure_rows(tree, &perfect.actions);
            answer.equilibria.push(certified(tree, &rows, Some(perfect.payoffs), None));
        }
    }
    if args.all || args.pure || args.one {
        strategic(tree, &args, &mut answer, stop)?;
    }
    if args.zero_sum {
        let solved = zero_sum::tree(tree, stop)?;
        answer.did("sequence-form linear program", "one optimal pair (a vertex)");
        answer.value = Some(solved.value);
        answer.value_exact = solved.exact_value.as_ref().map(ToString::to_string);
        answer.equilibria.push(match &solved.exact {
            Some(rows) => certified(tree, rows, None, None),
            None => approximately(tree, solved.profile),
        });
    }
    if let Some(iterations) = args.cfr {
        let found = cfr::run(tree, iterations, stop)?;
        answer.did("counterfactual regret minimisation (CFR+)", "average strategy");
        answer.notes.push(format!("{} iterations", found.iterations));
        answer.partial |= found.iterations < iterations;
        answer.value = Some(found.value);
        answer.equilibria.push(approximately(tree, found.profile));
    }
    if args.wants_logit() {
        let actions: usize = tree.sets().iter().map(|s| s.actions.len()).sum();
        let starts = if actions <= SEARCHED { STARTS } else { 0 };
        let wanted = Wanted { lambdas: args.lambdas(), path: args.path.is_some(), starts };
        let branch = agent::principal_branch(tree, &wanted, stop)?;
        add_branch(&mut answer, &args, &branch);
    }
    Ok(answer)
}

/// The method when none was asked for.
fn choose(tree: &Tree, args: &mut SolveArgs, answer: &mut Answer) {
    if tree.is_perfect_information() && !tree.sets().is_empty() {
        args.spe = true;
    } else if strategic_form(tree).is_ok_and(|r| r.game.cells() <= LISTED) {
        args.all = true;
    } else if tree.is_constant_sum() && tree.forgetful().is_none() {
        args.zero_sum = true;
    } else {
        args.qre = vec![1.0];
        answer.notes.push("lambda 1 was taken because no method was given; --qre sets it".into());
    }
}

fn strategic(
    tree: &Tree,
    args: &SolveArgs,
    answer: &mut Answer,
    stop: Stop<'_>,
) -> Result<(), SolveError> {
    let form = strategic_form(tree)?;
    let two = form.game.count() == 2;
    if args.all && two {
        let set = extreme::all(&form.game, stop)?;
        answer.did(
            "all extreme equilibria of the reduced strategic form, exact",
            "none: all are listed",
        );
        answer.complete = set.complete;
        answer.partial |= !set.complete;
        for e in set.equilibria {
            let payoffs = e.payoffs.to_vec();
            answer.equilibria.push(from_mixed(tree, &form, &e.profile, payoffs));
        }
        answer.components = set.components;
        answer.nash_subsets = set.subsets;
    } else if args.all {
        let found = support::all(&form.game, stop);
        answer.did(
            "supports of the reduced strategic form, Newton and Krawczyk's test",
            "none: all that were found are listed",
        );
        answer.complete = found.complete;
        answer.partial |= found.stopped;
        for profile in &found.equilibria {
            answer.equilibria.push(from_floats(tree, &form, profile));
        }
    }
    if args.pure {
        let (found, done) = pure::all(&form.game, stop);
        answer
            .did("pure equilibria of the reduced strategic form", "none: all pure ones are listed");
        answer.notes.push("complete refers to pure strategies".into());
        answer.complete = done;
        answer.partial |= !done;
        for actions in found {
            let mixed: Vec<Vec<Rational>> = actions
                .iter()
                .zip(form.game.sizes())
                .map(|(&a, &k)| {
                    (0..k).map(|b| Rational::from_integer(i32::from(a == b).into())).collect()
                })
                .collect();
            let cell = form.game.cell(&actions);
            let pay = (0..form.game.count())
                .map(|i| form.game.exact_payoff(i, cell).rational())
                .collect();
            answer.equilibria.push(from_mixed(tree, &form, &mixed, pay));
        }
    }
    if args.one {
        if !two {
            return Err(GameError::new(
                "--one is offered for trees with two players; try --pure or --all",
            )
            .into());
        }
        answer.did(
            "Lemke-Howson on the reduced strategic form",
            "first label whose path ends in a certified equilibrium",
        );
        match lemke_howson::one(&form.game, stop) {
            Some(found) => answer.equilibria.push(from_floats(tree, &form, &found.profile)),
            None => answer.partial = true,
        }
    }
    Ok(())
}

fn pure_rows(tree: &Tree, actions: &[usize]) -> Vec<Vec<Rational>> {
    tree.sets()
        .iter()
        .zip(actions)
        .map(|(set, &a)| {
            (0..set.actions.len())
                .map(|b| Rational::from_integer(i32::from(a == b).into()))
                .collect()
        })
        .collect()
}

fn from_mixed(
    tree: &Tree,
    form: &Reduced,
    mixed: &[Vec<Rational>],
    payoffs: Vec<Rational>,
) -> Equilibrium {
    let rows = form.behaviour(tree, mixed);
    certified(tree, &rows, Some(payoffs), Some(texts(mixed)))
}

fn from_floats(tree: &Tree, form: &Reduced, mixed: &[Vec<f64>]) -> Equilibrium {
    let exact: Vec<Vec<Rational>> = mixed
        .iter()
        .map(|r| r.iter().map(|&p| Rational::from_float(p).unwrap_or_default()).collect())
        .collect();
    approximately(tree, floats(&form.behaviour(tree, &exact)))
}

fn certified(
    tree: &Tree,
    rows: &[Vec<Rational>],
    payoffs: Option<Vec<Rational>>,
    reduced: Option<Vec<Vec<String>>>,
) -> Equilibrium {
    let profile = floats(rows);
    Equilibrium {
        max_regret: regret(tree, &profile),
        payoffs: payoffs
            .as_ref()
            .map_or_else(|| tree.expected(&profile), |p| p.iter().map(float).collect()),
        payoffs_exact: payoffs.map(|p| p.iter().map(ToString::to_string).collect()),
        exact: Some(texts(rows)),
        reduced,
        profile,
    }
}

fn approximately(tree: &Tree, profile: Vec<Vec<f64>>) -> Equilibrium {
    Equilibrium {
        max_regret: regret(tree, &profile),
        payoffs: tree.expected(&profile),
        payoffs_exact: None,
        exact: None,
        reduced: None,
        profile,
    }
}

/// Gain of a best reply; not a number (null in JSON) without perfect recall, where it is not offered.
fn regret(tree: &Tree, profile: &[Vec<f64>]) -> f64 {
    best_reply::exploitability(tree, profile).unwrap_or(f64::NAN)
}
