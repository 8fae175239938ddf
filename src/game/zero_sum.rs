//! Zero-sum games by linear programming: matrices, trees in sequence form, stochastic games.
//!
//! A matrix game is solved exactly when small and in floats otherwise (von Neumann 1928; Dantzig
//! 1951). A tree with perfect recall is solved over sequences of own moves, whose number grows with
//! the tree and not with its strategies (von Stengel 1996). A stochastic game is solved by Shapley's
//! iteration (1953): stage values fed back until they settle, a contraction at the discount factor.

use super::Stop;
use super::error::GameError;
use super::normal::NormalForm;
use super::number::{Rational, float};
use super::program::{Failure, Row, maximise};
use super::stochastic::Stochastic;
use super::tree::{Move, Tree};
use num_traits::{Num, Signed, Zero};

/// Entries up to which programs are solved in fractions.
const EXACT: usize = 3_000;
/// What counts as zero in floats.
const EPSILON: f64 = 1e-11;

/// Optimal strategies of both players, in floats and, where computed so, in fractions.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimal {
    /// Rows of probabilities: players of a matrix, information sets of a tree.
    pub profile: Vec<Vec<f64>>,
    /// The same in fractions.
    pub exact: Option<Vec<Vec<Rational>>>,
    /// Value to player 1.
    pub value: f64,
    /// The same as a fraction.
    pub exact_value: Option<Rational>,
}

fn failed(failure: Failure) -> GameError {
    GameError::new(match failure {
        Failure::Stopped => "the linear program was stopped before it was solved",
        Failure::Infeasible => "the linear program has no feasible point",
        Failure::Unbounded => "the linear program is unbounded",
    })
}

/// Solves max over x of min over y of x A y; gives x, y and the value.
fn matrix<T: Num + Signed + PartialOrd + Clone>(
    a: &[Vec<T>],
    epsilon: &T,
    stop: Stop<'_>,
) -> Result<(Vec<T>, Vec<T>, T), Failure> {
    // Shifted positive, player 2's program max sum z, A z <= 1 starts feasible; x are its multipliers.
    let least = a.iter().flatten().fold(a[0][0].clone(), |l, x| if *x < l { x.clone() } else { l });
    let shift = least - T::one();
    let rows: Vec<Row<T>> = a
        .iter()
        .map(|row| Row {
            coefficients: row.iter().map(|x| x.clone() - shift.clone()).collect(),
            right: T::one(),
            equal: false,
        })
        .collect();
    let best = maximise(&vec![T::one(); a[0].len()], &rows, epsilon, stop)?;
    let share = |v: &[T]| v.iter().map(|x| x.clone() / best.value.clone()).collect();
    let value = T::one() / best.value.clone() + shift;
    Ok((share(&best.multipliers), share(&best.x), value))
}

/// Optimal strategies of a constant-sum game in normal form.
///
/// # Errors
/// When the game has not two players, is not of constant sum, or the program was stopped.
pub fn normal(game: &NormalForm, stop: Stop<'_>) -> Result<Optimal, GameError> {
    if !game.is_constant_sum() {
        return Err(GameError::new("the game is not a two-player game of constant sum"));
    }
    let (m, n) = (game.sizes()[0], game.sizes()[1]);
    if m * n <= EXACT {
        let a: Vec<Vec<Rational>> = (0..m)
            .map(|i| (0..n).map(|j| game.exact_payoff(0, game.cell(&[i, j])).rational()).collect())
            .collect();
        let (x, y, value) = matrix(&a, &Rational::zero(), stop).map_err(failed)?;
        let exact = vec![x, y];
        return Ok(Optimal {
            profile: floats(&exact),
            exact: Some(exact),
            value: float(&value),
            exact_value: Some(value),
        });
    }
    let a: Vec<Vec<f64>> =
        (0..m).map(|i| (0..n).map(|j| game.payoffs(0)[game.cell(&[i, j])]).collect()).collect();
    let (x, y, value) = matrix(&a, &EPSILON, stop).map_err(failed)?;
    Ok(Optimal { profile: vec![cleaned(x), cleaned(y)], exact: None, value, exact_value: None })
}

fn floats(rows: &[Vec<Rational>]) -> Vec<Vec<f64>> {
    rows.iter().map(|r| r.iter().map(float).collect()).collect()
}

fn cleaned(mut row: Vec<f64>) -> Vec<f64> {
    row.iter_mut().for_each(|p| *p = p.max(0.0));
    let total: f64 = row.iter().sum();
    row.iter_mut().for_each(|p| *p /= total);
    row
}

/// Sequences of a player: index 0 is no move yet, then one per action of each own set.
struct Sequences {
    /// Own sets in order, and the index of their first action's sequence.
    first: Vec<Option<usize>>,
    count: usize,
}

impl Sequences {
    fn new(tree: &Tree, player: usize) -> Self {
        let mut first = vec![None; tree.sets().len()];
        let mut count = 1;
        for (h, set) in tree.sets().iter().enumerate().filter(|(_, s)| s.player == player) {
            first[h] = Some(count);
            count += set.actions.len();
        }
        Self { first, count }
    }

    fn of(&self, move_before: Option<(usize, usize)>) -> usize {
        move_before.and_then(|(h, a)| self.first[h].map(|f| f + a)).unwrap_or(0)
    }
}

/// Optimal behaviour in a constant-sum tree with perfect recall.
///
/// At information sets that the optimal plan does not reach by own moves the row is uniform.
///
/// # Errors
/// When the tree is not of constant sum for two players, lacks perfect recall, or the program was stopped.
pub fn tree(tree: &Tree, stop: Stop<'_>) -> Result<Optimal, GameError> {
    if !tree.is_constant_sum() {
        return Err(GameError::new("the tree is not a two-player game of constant sum"));
    }
    if let Some(h) = tree.forgetful() {
        return Err(GameError::new(format!(
            "the sequence form needs perfect recall; it fails at information set {}",
            tree.sets()[h].number
        )));
    }
    let (mine, other) = (Sequences::new(tree, 0), Sequences::new(tree, 1));
    let size = (mine.count + tree.sets().len()) * (other.count + tree.sets().len());
    if size <= EXACT {
        let pay = |o: usize| tree.outcomes()[o].payoffs[0].rational();
        let odds = |c: usize, a: usize| tree.chances()[c].branches[a].1.rational();
        let (x, y, value) =
            sequence(tree, &mine, &other, pay, odds, &Rational::zero(), stop).map_err(failed)?;
        let exact = behaviour(tree, [(&mine, &x), (&other, &y)]);
        return Ok(Optimal {
            profile: floats(&exact),
            exact: Some(exact),
            value: float(&value),
            exact_value: Some(value),
        });
    }
    let pay = |o: usize| tree.outcomes()[o].payoffs[0].to_f64();
    let odds = |c: usize, a: usize| tree.odds(c)[a];
    let (x, y, value) = sequence(tree, &mine, &other, pay, odds, &EPSILON, stop).map_err(failed)?;
    let profile = behaviour(tree, [(&mine, &x), (&other, &y)]).into_iter().map(cleaned).collect();
    Ok(Optimal { profile, exact: None, value, exact_value: None })
}

/// Player 1's realization plan and player 2's, and the value.
fn sequence<T: Num + Signed + PartialOrd + Clone>(
    tree: &Tree,
    mine: &Sequences,
    other: &Sequences,
    pay: impl Fn(usize) -> T,
    odds: impl Fn(usize, usize) -> T,
    epsilon: &T,
    stop: Stop<'_>,
) -> Result<(Vec<T>, Vec<T>, T), Failure> {
    // Payoff to player 1 by pair of sequences, chance weighed in.
    let mut table = vec![vec![T::zero(); mine.count]; other.count];
    let mut at = vec![(0, 0, T::one()); tree.len()];
    for node in 0..tree.len() {
        if let Some((p, a)) = tree.parent(node) {
            let (mut i, mut j, mut w) = at[p].clone();
            match tree.turn(p) {
                Move::Chance(c) => w = w * odds(c, a),
                Move::Decision(h) if tree.sets()[h].player == 0 => i = mine.of(Some((h, a))),
                Move::Decision(h) => j = other.of(Some((h, a))),
                Move::End => {}
            }
            at[node] = (i, j, w);
        }
        if let Some(o) = tree.outcome(node) {
            let (i, j, w) = at[node].clone();
            table[j][i] = table[j][i].clone() + w * pay(o);
        }
    }
    // Unknowns: player 1's plan, then player 2's set values as differences of two (free) and the root's.
    let sets: Vec<usize> = (0..tree.sets().len()).filter(|&h| tree.sets()[h].player == 1).collect();
    let dual = 1 + sets.len();
    let n = mine.count + 2 * dual;
    let (plus, minus) = (mine.count, mine.count + dual);
    let mut rows = Vec::new();
    for (j, line) in table.iter().enumerate() {
        // value(set of j) - sum of values of sets right after j <= payoff of j against the plan.
        let mut coefficients = vec![T::zero(); n];
        for (i, u) in line.iter().enumerate() {
            coefficients[i] = T::zero() - u.clone();
        }
        let mut free = |k: usize, w: T| {
            coefficients[plus + k] = coefficients[plus + k].clone() + w.clone();
            coefficients[minus + k] = coefficients[minus + k].clone() - w;
        };
        let own = sets.iter().position(|&h| {
            let f = other.of(Some((h, 0)));
            (f..f + tree.sets()[h].actions.len()).contains(&j)
        });
        free(own.map_or(0, |k| k + 1), T::one());
        for (k, &h) in sets.iter().enumerate() {
            if other.of(tree.previous(h)) == j {
                free(k + 1, T::zero() - T::one());
            }
        }
        rows.push(Row { coefficients, right: T::zero(), equal: false });
    }
    let mut root = vec![T::zero(); n];
    root[0] = T::one();
    rows.push(Row { coefficients: root, right: T::one(), equal: true });
    for (h, set) in tree.sets().iter().enumerate().filter(|(_, s)| s.player == 0) {
        let mut coefficients = vec![T::zero(); n];
        let f = mine.of(Some((h, 0)));
        for c in &mut coefficients[f..f + set.actions.len()] {
            *c = T::one();
        }
        let before = mine.of(tree.previous(h));
        coefficients[before] = coefficients[before].clone() - T::one();
        rows.push(Row { coefficients, right: T::zero(), equal: true });
    }
    let mut goal = vec![T::zero(); n];
    goal[plus] = T::one();
    goal[minus] = T::zero() - T::one();
    let best = maximise(&goal, &rows, epsilon, stop)?;
    let y = best.multipliers[..other.count].to_vec();
    Ok((best.x[..mine.count].to_vec(), y, best.value))
}

fn behaviour<T: Num + Signed + PartialOrd + Clone>(
    tree: &Tree,
    plans: [(&Sequences, &Vec<T>); 2],
) -> Vec<Vec<T>> {
    tree.sets()
        .iter()
        .enumerate()
        .map(|(h, set)| {
            let (sequences, plan) = plans[set.player];
            let k = set.actions.len();
            let row = &plan[sequences.of(Some((h, 0)))..][..k];
            let total = row.iter().fold(T::zero(), |t, x| t + x.clone());
            let count = (0..k).fold(T::zero(), |t, _| t + T::one());
            row.iter()
                .map(|x| {
                    if total.is_positive() {
                        x.clone() / total.clone()
                    } else {
                        T::one() / count.clone()
                    }
                })
                .collect()
        })
        .collect()
}

/// A solved zero-sum stochastic game.
#[derive(Debug, Clone, PartialEq)]
pub struct Shapley {
    /// Stationary optimal strategies; rows are the players of state 0, then of state 1, and so on.
    pub profile: Vec<Vec<f64>>,
    /// Value of each state to player 1.
    pub values: Vec<f64>,
    /// Largest change of a value in the last round.
    pub change: f64,
    /// Rounds made.
    pub rounds: usize,
    /// Whether the values settled; false when stopped.
    pub complete: bool,
}

/// Shapley's iteration until no value changes by more than 1e-12 of the payoffs' size.
///
/// # Errors
/// When the game is not zero-sum with one discount factor, or has a horizon.
pub fn shapley(game: &Stochastic, stop: Stop<'_>) -> Result<Shapley, GameError> {
    if !game.is_zero_sum() || game.horizon().is_some() {
        return Err(GameError::new(
            "Shapley's iteration needs two players, payoffs summing to 0, one discount factor and no horizon",
        ));
    }
    let states = game.stages().len();
    let size = game
        .stages()
        .iter()
        .flat_map(|s| s.game.payoffs(0))
        .fold(f64::MIN_POSITIVE, |m, u| m.max(u.abs()));
    let mut values = vec![vec![0.0; 2]; states];
    let mut out = Shapley {
        profile: Vec::new(),
        values: vec![0.0; states],
        change: f64::INFINITY,
        rounds: 0,
        complete: false,
    };
    while !out.complete && !stop() {
        let mut profile = Vec::with_capacity(2 * states);
        let mut next = Vec::with_capacity(states);
        for s in 0..states {
            let stage = game.stage_game(s, &values)?;
            let (m, n) = (stage.sizes()[0], stage.sizes()[1]);
            let a: Vec<Vec<f64>> = (0..m)
                .map(|i| (0..n).map(|j| stage.payoffs(0)[stage.cell(&[i, j])]).collect())
                .collect();
            let (x, y, v) = matrix(&a, &EPSILON, &super::never).map_err(failed)?;
            profile.push(cleaned(x));
            profile.push(cleaned(y));
            next.push(vec![v, -v]);
        }
        out.change = next.iter().zip(&values).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f64::max);
        out.rounds += 1;
        out.complete = out.change <= 1e-12 * size / (1.0 - game.delta()[0]);
        values = next;
        out.profile = profile;
    }
    out.values = values.iter().map(|v| v[0]).collect();
    Ok(out)
}

/// A correlated equilibrium of greatest total payoff (Aumann 1974), by linear programming.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlated {
    /// Probability of every cell.
    pub distribution: Vec<f64>,
    /// The same in fractions, where computed so.
    pub exact: Option<Vec<Rational>>,
    /// Expected payoff per player.
    pub payoffs: Vec<f64>,
    /// Largest gain from disobeying a recommendation, recomputed.
    pub max_gain: f64,
}

/// The correlated equilibrium with the greatest sum of payoffs.
///
/// # Errors
/// When the program was stopped.
pub fn correlated(game: &NormalForm, stop: Stop<'_>) -> Result<Correlated, GameError> {
    let cells = game.cells();
    let pairs: usize = game.sizes().iter().map(|k| k * (k - 1)).sum();
    let exact = if cells * (pairs + 1) <= EXACT {
        let pay = |i: usize, c: usize| game.exact_payoff(i, c).rational();
        Some(obedient(game, pay, &Rational::zero(), stop).map_err(failed)?)
    } else {
        None
    };
    let distribution = match &exact {
        Some(x) => x.iter().map(float).collect(),
        None => cleaned(obedient(game, |i, c| game.payoffs(i)[c], &EPSILON, stop).map_err(failed)?),
    };
    let payoffs = (0..game.count())
        .map(|i| distribution.iter().zip(game.payoffs(i)).map(|(p, u)| p * u).sum())
        .collect();
    let mut max_gain: f64 = 0.0;
    for i in 0..game.count() {
        for told in 0..game.sizes()[i] {
            for done in 0..game.sizes()[i] {
                let gain: f64 = (0..cells)
                    .filter(|&c| game.action(c, i) == told)
                    .map(|c| {
                        let moved = c - told * game.stride(i) + done * game.stride(i);
                        distribution[c] * (game.payoffs(i)[moved] - game.payoffs(i)[c])
                    })
                    .sum();
                max_gain = max_gain.max(gain);
            }
        }
    }
    Ok(Correlated { distribution, exact, payoffs, max_gain })
}

fn obedient<T: Num + Signed + PartialOrd + Clone>(
    game: &NormalForm,
    pay: impl Fn(usize, usize) -> T,
    epsilon: &T,
    stop: Stop<'_>,
) -> Result<Vec<T>, Failure> {
    let cells = game.cells();
    let mut rows = vec![Row { coefficients: vec![T::one(); cells], right: T::one(), equal: true }];
    for i in 0..game.count() {
        let stride = game.stride(i);
        for told in 0..game.sizes()[i] {
            for done in (0..game.sizes()[i]).filter(|&d| d != told) {
                let mut coefficients = vec![T::zero(); cells];
                for c in (0..cells).filter(|&c| game.action(c, i) == told) {
                    let moved = c - told * stride + done * stride;
                    coefficients[c] = pay(i, moved) - pay(i, c);
                }
                rows.push(Row { coefficients, right: T::zero(), equal: false });
            }
        }
    }
    let goal: Vec<T> =
        (0..cells).map(|c| (0..game.count()).fold(T::zero(), |t, i| t + pay(i, c))).collect();
    Ok(maximise(&goal, &rows, epsilon, stop)?.x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::number::Exact;
    use crate::game::{best_reply, certificate, efg, never, stochastic_file};
    use crate::math::close;

    fn q(p: i64, d: i64) -> Rational {
        Rational::new(p.into(), d.into())
    }

    #[test]
    fn dreshers_inspection_values() {
        // Dresher (1962): n periods, m inspections, one violation; caught +1, unnoticed -1, none 0 to
        // the inspector. Value -C(n-1, m) / (C(n, 0) + ... + C(n, m)).
        fn choose(n: i64, k: i64) -> i64 {
            (0..k).fold(1, |c, i| c * (n - i) / (i + 1))
        }
        fn value(n: i64, m: i64) -> Rational {
            if m == 0 {
                return q(-1, 1);
            }
            if m == n {
                return q(0, 1);
            }
            // Rows: inspect now or not; columns: act now or wait.
            let cells = [q(1, 1), q(-1, 1), value(n - 1, m - 1), value(n - 1, m)];
            let plus = cells.iter().cloned().map(Exact::from_rational).collect();
            let minus = cells.iter().map(|x| Exact::from_rational(-x)).collect();
            let game = NormalForm::exact(&[2, 2], vec![plus, minus]).unwrap();
            let solved = normal(&game, &never).unwrap();
            assert!(certificate::max_regret(&game, &solved.profile) < 1e-15);
            solved.exact_value.unwrap()
        }
        for n in 2..7 {
            for m in 1..n {
                let sum = (0..=m).map(|i| choose(n, i)).sum();
                assert_eq!(value(n, m), q(-choose(n - 1, m), sum), "{n} {m}");
            }
        }
    }

    #[test]
    fn one_card_poker_is_worth_a_third() {
        let text = include_str!("../../tests/games/simple_poker.efg");
        let form = efg::read(text).unwrap();
        let solved = tree(&form, &never).unwrap();
        assert_eq!(solved.exact_value, Some(q(1, 3)));
        assert!(best_reply::exploitability(&form, &solved.profile).unwrap() < 1e-15);
    }

    #[test]
    fn shapley_of_a_repeated_matrix_is_its_value_over_one_minus_delta() {
        let text = r#"{"delta":0.75,"states":[{"payoffs":[[[3,-1],[-2,4]],[[-3,1],[2,-4]]],
            "transitions":[[[1],[1]],[[1],[1]]]}]}"#;
        let solved = shapley(&stochastic_file::read(text).unwrap(), &never).unwrap();
        assert!(solved.complete && close(solved.values[0], 4.0, 1e-10), "{:?}", solved.values);
    }

    #[test]
    fn obeying_the_traffic_light() {
        // Chicken of Aumann (1974): best correlated total is 10 1/2 with a half on (cooperate,
        // cooperate) and a quarter on each mixed outcome.
        let t = |v: [i64; 4]| v.iter().map(|&x| Exact::integer(x)).collect::<Vec<_>>();
        let game = NormalForm::exact(&[2, 2], vec![t([6, 7, 2, 0]), t([6, 2, 7, 0])]).unwrap();
        let found = correlated(&game, &never).unwrap();
        assert_eq!(found.exact.unwrap(), [q(1, 2), q(1, 4), q(1, 4), q(0, 1)]);
        assert!(found.max_gain < 1e-15 && close(found.payoffs[0], 5.25, 1e-15));
    }
}
