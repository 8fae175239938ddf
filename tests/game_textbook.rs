//! Solvers against results of the literature, each named at its test.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "the poker trees are shared with the benches")]

#[path = "support/poker.rs"]
mod poker;

use countermove::game::normal::NormalForm;
use countermove::game::number::{Exact, Rational, float};
use countermove::game::quantal::Wanted;
use countermove::game::stochastic::{Stage, Stochastic};
use countermove::game::{
    agent, backward, best_reply, certificate, cfr, efg, extreme, horizon, lemke_howson, markov,
    never, policy, pure, quantal, reduced, stochastic_file, support, zero_sum,
};
use countermove::math::close;

fn q(p: i64, d: i64) -> Rational {
    Rational::new(p.into(), d.into())
}

fn ints(v: &[i64]) -> Vec<Exact> {
    v.iter().map(|&x| Exact::integer(x)).collect()
}

fn logit(game: &NormalForm, lambda: f64) -> Vec<Vec<f64>> {
    let wanted = Wanted { lambdas: vec![lambda], path: false, starts: 0 };
    quantal::principal_branch(game, &wanted, &never).at.remove(0).profile
}

fn same(a: &[Vec<f64>], b: &[Vec<f64>], tolerance: f64) {
    for (x, y) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!((x - y).abs() <= tolerance, "{a:?} {b:?}");
    }
}

#[test]
fn kuhns_poker_is_worth_minus_one_eighteenth() {
    let tree = efg::read(&poker::kuhn()).unwrap();
    assert_eq!((tree.len(), tree.sets().len()), (55, 12));
    let solved = zero_sum::tree(&tree, &never).unwrap();
    assert_eq!(solved.exact_value, Some(q(-1, 18)));
    assert!(best_reply::exploitability(&tree, &solved.profile).unwrap() < 1e-12);
    let averaged = cfr::run(&tree, 20_000, &never).unwrap();
    assert!(averaged.exploitability < 1e-3 && (averaged.value + 1.0 / 18.0).abs() < 1e-3);
}

#[test]
fn leduc_has_its_published_size_and_value() {
    // OpenSpiel counts 9,457 histories (it deals the two cards one by one: 6 nodes more than here)
    // and 936 information states; the value is about -0.0856.
    let tree = efg::read(&poker::leduc()).unwrap();
    assert_eq!((tree.len(), tree.sets().len()), (9_451, 936));
    let averaged = cfr::run(&tree, 300, &never).unwrap();
    assert!(averaged.exploitability < 0.05, "{}", averaged.exploitability);
    assert!((averaged.value + 0.0856).abs() < 0.01, "{}", averaged.value);
}

#[test]
fn chicken_crashes_at_one_over_one_plus_c() {
    // Payoffs: both swerve 0, straight against swerve +1 / -1, crash -(1 + c): straight with 1/(1+c).
    for c in 1..8 {
        let u = ints(&[0, 1, -1, -1 - c]);
        let v = ints(&[0, -1, 1, -1 - c]);
        let game = NormalForm::exact(&[2, 2], vec![u, v]).unwrap();
        let set = extreme::all(&game, &never).unwrap();
        assert_eq!(set.equilibria.len(), 3);
        assert_eq!(set.equilibria[1].profile[0][1], q(1, 1 + c));
    }
}

#[test]
fn rubinsteins_shares_by_backward_induction() {
    // Stahl (1972), Rubinstein (1982): the responder gets delta times what it would get as proposer.
    // One-action formulation: each proposer offers the exact reservation or nothing.
    let delta = q(9, 10);
    for rounds in 1..8 {
        let mut proposer = q(1, 1);
        for _ in 1..rounds {
            proposer = q(1, 1) - &delta * &proposer;
        }
        // The same number from a tree in which a proposer keeps its share or takes all.
        let mut text = String::from("EFG 2 R \"\" { \"1\" \"2\" }\n");
        let mut keeps = vec![q(1, 1)];
        for _ in 1..rounds {
            let last = keeps.last().unwrap().clone();
            keeps.push(q(1, 1) - &delta * last);
        }
        let mut worth = q(1, 1);
        let mut outcome = 0;
        let mut branches = String::new();
        for t in 0..rounds {
            let keep = &keeps[rounds - 1 - t];
            let pay = |own: Rational, round: &Rational| {
                let (mine, theirs) = (own.clone() * round, (q(1, 1) - own) * round);
                if t % 2 == 0 { format!("{mine} {theirs}") } else { format!("{theirs} {mine}") }
            };
            let (me, you) = (1 + t % 2, 1 + (t + 1) % 2);
            let (set, other) = (2 * t + 1, 2 * t + 2);
            outcome += 2;
            branches += &format!(
                "p \"\" {me} {set} \"\" {{ \"fair\" \"all\" }} 0\nt \"\" {outcome} \"\" {{ {} }}\n",
                pay(keep.clone(), &worth)
            );
            branches += &format!(
                "p \"\" {you} {other} \"\" {{ \"yes\" \"no\" }} 0\nt \"\" {} \"\" {{ {} }}\n",
                outcome + 1,
                pay(q(1, 1), &worth)
            );
            outcome += 1;
            worth *= &delta;
        }
        text += &branches;
        text += &format!("t \"\" {} \"\" {{ 0 0 }}\n", outcome + 7);
        let tree = efg::read(&text).unwrap();
        let (found, complete) = backward::all(&tree, &never).unwrap();
        assert!(complete);
        assert!(found.iter().any(|p| p.payoffs[0] == proposer), "{rounds}");
    }
    // In the limit the first proposer gets 1 / (1 + delta).
    let mut share = q(1, 1);
    for _ in 0..400 {
        share = q(1, 1) - &delta * share;
    }
    assert!(close(float(&share), 1.0 / 1.9, 1e-12));
}

/// Selten (1975): the horse. Player 3 cannot tell whether player 1 or player 2 left the path.
const HORSE: &str = "EFG 2 R \"Selten's horse\" { \"1\" \"2\" \"3\" }\n\"\"\n\n\
    p \"\" 1 1 \"\" { \"C\" \"D\" } 0\n\
    p \"\" 2 1 \"\" { \"c\" \"d\" } 0\n\
    t \"\" 1 \"\" { 1, 1, 1 }\n\
    p \"\" 3 1 \"\" { \"L\" \"R\" } 0\nt \"\" 2 \"\" { 4, 4, 0 }\nt \"\" 3 \"\" { 0, 0, 1 }\n\
    p \"\" 3 1 \"\" { \"L\" \"R\" } 0\nt \"\" 4 \"\" { 3, 3, 2 }\nt \"\" 5 \"\" { 0, 0, 0 }\n";

#[test]
fn seltens_horse_runs_to_the_perfect_equilibrium() {
    let tree = efg::read(HORSE).unwrap();
    let form = reduced::strategic_form(&tree).unwrap();
    // Pure Nash equilibria: (C, c, R), perfect, and (D, c, L), not.
    assert_eq!(pure::all(&form.game, &never).0, [vec![0, 0, 1], vec![1, 0, 0]]);
    let wanted = Wanted { lambdas: vec![200.0], path: false, starts: 0 };
    let branch = agent::principal_branch(&tree, &wanted, &never).unwrap();
    let at = &branch.at[0];
    assert!(at.residual < 1e-9);
    // In the perfect equilibria player 3 plays R with probability at least 3/4.
    assert!(
        at.profile[0][0] > 0.98 && at.profile[1][0] > 0.98 && at.profile[2][1] > 0.74,
        "{at:?}"
    );
    let found = support::all(&form.game, &never);
    assert!(!found.complete, "the horse has two continua of equilibria");
    for profile in &found.equilibria {
        assert!(certificate::max_regret(&form.game, profile) < 1e-9);
    }
}

#[test]
fn scaling_shifting_and_relabelling_change_nothing() {
    let u = vec![3.0, -1.0, 2.0, 0.5, 4.0, -2.0];
    let v = vec![1.0, 2.0, 0.0, 3.0, -1.0, 1.5];
    let game = NormalForm::floats(&[2, 3], vec![u.clone(), v.clone()]).unwrap();
    let base = logit(&game, 0.8);
    // (lambda, c u) = (c lambda, u).
    let scaled = |t: &[f64]| t.iter().map(|x| 4.0 * x).collect::<Vec<_>>();
    let larger = NormalForm::floats(&[2, 3], vec![scaled(&u), scaled(&v)]).unwrap();
    same(&logit(&larger, 0.2), &base, 1e-10);
    // A constant per profile of the others.
    let shifted = vec![
        u.iter().enumerate().map(|(c, x)| x + [5.0, -3.0, 11.0][c / 2]).collect(),
        v.iter().enumerate().map(|(c, x)| x + [2.0, -7.0][c % 2]).collect(),
    ];
    same(&logit(&NormalForm::floats(&[2, 3], shifted).unwrap(), 0.8), &base, 1e-10);
    // Players swapped: cell (a, b) becomes (b, a).
    let swap = |t: &[f64]| -> Vec<f64> { (0..6).map(|c| t[c / 3 + 2 * (c % 3)]).collect() };
    let swapped = NormalForm::floats(&[3, 2], vec![swap(&v), swap(&u)]).unwrap();
    let other = logit(&swapped, 0.8);
    same(&[other[1].clone(), other[0].clone()], &base, 1e-10);
}

fn one_state(delta: f64, horizon: Option<usize>) -> (NormalForm, Stochastic) {
    let game =
        NormalForm::floats(&[2, 2], vec![vec![3.0, 0.0, 1.0, 2.0], vec![0.0, 2.0, 1.0, -1.0]])
            .unwrap();
    let stage = Stage::new(game.clone(), vec![1.0; 4]).unwrap();
    (game, Stochastic::new(vec![delta, delta], horizon, vec![stage]).unwrap())
}

#[test]
fn one_state_and_no_future_are_the_static_game() {
    let wanted = Wanted { lambdas: vec![1.5], path: false, starts: 0 };
    let (game, repeated) = one_state(0.7, None);
    let base = logit(&game, 1.5);
    same(&markov::principal_branch(&repeated, &wanted, &never).at[0].profile, &base, 1e-9);
    let (_, myopic) = one_state(0.0, None);
    same(&markov::principal_branch(&myopic, &wanted, &never).at[0].profile, &base, 1e-9);
    let (_, once) = one_state(0.7, Some(1));
    let solved = horizon::solve(&once, horizon::Selection::Logit(1.5), &never).unwrap();
    same(&solved.periods[0].strategies[0], &base, 1e-12);
    // A long horizon comes to the stationary values.
    let (_, long) = one_state(0.7, Some(120));
    let solved = horizon::solve(&long, horizon::Selection::Logit(1.5), &never).unwrap();
    let values = &markov::principal_branch(&repeated, &wanted, &never).at[0].values;
    same(&solved.periods[0].values, values, 1e-8);
}

#[test]
fn logit_play_of_a_zero_sum_stochastic_game_nears_shapleys_value() {
    let text = r#"{"delta":0.8,"states":[
      {"payoffs":[[[2,-1],[-1,1]],[[-2,1],[1,-1]]],"transitions":[[[1,0],[0,1]],[[0.5,0.5],[0,1]]]},
      {"payoffs":[[[0,1],[3,-2]],[[0,-1],[-3,2]]],"transitions":[[[0.2,0.8],[1,0]],[[0,1],[0.4,0.6]]]}]}"#;
    let game = stochastic_file::read(text).unwrap();
    let solved = zero_sum::shapley(&game, &never).unwrap();
    assert!(policy::gains(&game, &solved.profile).iter().all(|g| *g < 1e-9));
    let wanted = Wanted { lambdas: vec![300.0], path: false, starts: 0 };
    let branch = markov::principal_branch(&game, &wanted, &never);
    for (s, v) in solved.values.iter().enumerate() {
        assert!((branch.at[0].values[s][0] - v).abs() < 0.02, "{} {v}", branch.at[0].values[s][0]);
    }
}

#[test]
fn the_agent_form_of_perfect_information_is_logit_backward_induction() {
    let text = "EFG 2 R \"\" { \"1\" \"2\" }\np \"\" 1 1 \"\" { \"L\" \"R\" } 0\n\
        p \"\" 2 1 \"\" { \"l\" \"r\" } 0 t \"\" 1 \"\" { 3 1 } t \"\" 2 \"\" { 0 2 }\nt \"\" 3 \"\" { 2 0 }";
    let tree = efg::read(text).unwrap();
    let lambda = 1.3;
    let wanted = Wanted { lambdas: vec![lambda], path: false, starts: 0 };
    let found = &agent::principal_branch(&tree, &wanted, &never).unwrap().at[0];
    let right = countermove::math::logistic(lambda);
    let left = countermove::math::logistic(lambda * (3.0 * (1.0 - right) - 2.0));
    same(&found.profile, &[vec![left, 1.0 - left], vec![1.0 - right, right]], 1e-12);
}

#[test]
fn lemke_howson_meets_the_exact_set() {
    for seed in 0..40u64 {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(x >> 60).unwrap()
        };
        let table =
            |next: &mut dyn FnMut() -> i64| (0..30).map(|_| Exact::integer(next())).collect();
        let game = NormalForm::exact(&[5, 6], vec![table(&mut next), table(&mut next)]).unwrap();
        let found = lemke_howson::one(&game, &never).unwrap();
        assert!(certificate::max_regret(&game, &found.profile) < 1e-9, "{seed}");
    }
}
