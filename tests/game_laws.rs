//! What must hold for every game: certificates, permutation, odd numbers.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countermove::game::normal::NormalForm;
use countermove::game::number::{Exact, Rational};
use countermove::game::quantal::Wanted;
use countermove::game::{certificate, extreme, never, pure, quantal, support, zero_sum};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn cases(default: u32) -> ProptestConfig {
    // COUNTERMOVE_CASES sets the number of games per law; the full run uses 10,000.
    let cases = std::env::var("COUNTERMOVE_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases.unwrap_or(default))
    }
}

/// Two-player games with few distinct payoffs (degenerate) or many (rarely so).
fn bimatrix(most: usize) -> impl Strategy<Value = NormalForm> {
    (1..=most, 1..=most, prop_oneof![Just(1i64), Just(3), Just(50)]).prop_flat_map(|(m, n, top)| {
        let table = prop::collection::vec(-top..=top, m * n);
        (table.clone(), table).prop_map(move |(u, v)| {
            let row = |t: Vec<i64>| t.into_iter().map(Exact::integer).collect();
            NormalForm::exact(&[m, n], vec![row(u), row(v)]).unwrap()
        })
    })
}

fn three_players() -> impl Strategy<Value = NormalForm> {
    (1..=3usize, 1..=3usize, 1..=3usize).prop_flat_map(|(a, b, c)| {
        let table = prop::collection::vec(-50i64..=50, a * b * c);
        prop::collection::vec(table, 3).prop_map(move |tables| {
            let tables = tables.into_iter().map(|t| t.into_iter().map(Exact::integer).collect());
            NormalForm::exact(&[a, b, c], tables.collect()).unwrap()
        })
    })
}

fn set(game: &NormalForm) -> extreme::ExtremeSet {
    extreme::all(game, &never).unwrap()
}

/// Extreme equilibria by brute force: every choice of tight constraints is solved and tested.
mod brute {
    use super::*;

    fn zero() -> Rational {
        Rational::from_integer(0.into())
    }

    /// The solution of a square system, none when singular.
    fn solve(mut rows: Vec<Vec<Rational>>) -> Option<Vec<Rational>> {
        let n = rows.len();
        for k in 0..n {
            let pivot = (k..n).find(|&r| rows[r][k] != zero())?;
            rows.swap(k, pivot);
            let line = rows[k].clone();
            for (r, row) in rows.iter_mut().enumerate() {
                if r != k && row[k] != zero() {
                    let factor = &row[k] / &line[k];
                    for (x, y) in row.iter_mut().zip(&line) {
                        *x -= &factor * y;
                    }
                }
            }
        }
        Some((0..n).map(|k| &rows[k][n] / &rows[k][k]).collect())
    }

    /// Vertices (x, v) of { x >= 0, sum x = 1, worth of every reply <= v } with their tight labels.
    fn vertices(game: &NormalForm, player: usize) -> Vec<(Vec<Rational>, BTreeSet<usize>)> {
        let other = 1 - player;
        let (m, n) = (game.sizes()[player], game.sizes()[other]);
        let one = Rational::from_integer(1.into());
        let pay = |a: usize, b: usize| {
            let cell = if player == 0 { [a, b] } else { [b, a] };
            game.exact_payoff(other, game.cell(&cell)).rational()
        };
        // Constraint rows over (x, v): labels 0..m are x_a = 0, m.. are replies.
        let row = |label: usize| -> Vec<Rational> {
            let mut r = vec![zero(); m + 2];
            if label < m {
                r[label] = one.clone();
            } else {
                for (a, x) in r[..m].iter_mut().enumerate() {
                    *x = pay(a, label - m);
                }
                r[m] = -one.clone();
            }
            r
        };
        let mut found: Vec<(Vec<Rational>, BTreeSet<usize>)> = Vec::new();
        for mask in 0u32..1 << (m + n) {
            if mask.count_ones() as usize != m {
                continue;
            }
            let mut system: Vec<Vec<Rational>> =
                (0..m + n).filter(|l| mask >> l & 1 == 1).map(row).collect();
            let mut sum = vec![one.clone(); m + 2];
            sum[m] = zero();
            system.push(sum);
            let Some(point) = solve(system) else { continue };
            let value = |label: usize| -> Rational {
                row(label)[..=m].iter().zip(&point).map(|(c, x)| c * x).sum()
            };
            let feasible =
                (0..m + n).all(|l| if l < m { value(l) >= zero() } else { value(l) <= zero() });
            if feasible && found.iter().all(|(x, _)| x[..] != point[..m]) {
                let tight = (0..m + n).filter(|&l| value(l) == zero()).collect();
                found.push((point[..m].to_vec(), tight));
            }
        }
        found
    }

    pub(crate) fn extreme(game: &NormalForm) -> BTreeSet<[Vec<Rational>; 2]> {
        let (m, n) = (game.sizes()[0], game.sizes()[1]);
        let (p, q) = (vertices(game, 0), vertices(game, 1));
        let mut set = BTreeSet::new();
        for (x, tight) in &p {
            for (y, other) in &q {
                // Labels of the second polytope start with player 2's own actions.
                let covered = (0..m + n).all(|l| {
                    let theirs = if l < m { n + l } else { l - m };
                    tight.contains(&l) || other.contains(&theirs)
                });
                if covered {
                    set.insert([x.clone(), y.clone()]);
                }
            }
        }
        set
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn every_extreme_equilibrium_is_one_and_pure_ones_are_among_them(game in bimatrix(6)) {
        let found = set(&game);
        prop_assert!(found.complete && !found.equilibria.is_empty());
        for e in &found.equilibria {
            prop_assert!(certificate::max_regret_exact(&game, &e.profile) <= 0.0);
        }
        // A pure equilibrium is always extreme.
        let supports: BTreeSet<Vec<usize>> = found.equilibria.iter().filter_map(|e| {
            e.profile.iter().map(|row| {
                row.iter().position(|p| *p == Rational::from_integer(1.into()))
            }).collect()
        }).collect();
        for actions in pure::all(&game, &never).0 {
            prop_assert!(supports.contains(&actions));
        }
        // Nondegenerate: every equilibrium isolated with supports of one size; then the number is odd.
        let count = |row: &[Rational]| row.iter().filter(|p| **p != Rational::from_integer(0.into())).count();
        let regular = found.subsets.len() == found.equilibria.len()
            && found.equilibria.iter().all(|e| {
                let best = |i: usize| {
                    let worth = |a: usize| (0..e.profile[1 - i].len()).map(|b| {
                        let cell = if i == 0 { [a, b] } else { [b, a] };
                        &e.profile[1 - i][b] * game.exact_payoff(i, game.cell(&cell)).rational()
                    }).sum::<Rational>();
                    (0..e.profile[i].len()).filter(|&a| worth(a) == e.payoffs[i]).count()
                };
                (0..2).all(|i| best(i) == count(&e.profile[i])) && count(&e.profile[0]) == count(&e.profile[1])
            });
        if regular {
            prop_assert_eq!(found.equilibria.len() % 2, 1);
        }
    }

    #[test]
    fn swapping_players_and_actions_permutes_the_set(game in bimatrix(5), turn in 0..5usize) {
        let (m, n) = (game.sizes()[0], game.sizes()[1]);
        let shift = turn % m;
        let table = |i: usize| (0..n * m).map(|c| {
            let (b, a) = (c % n, c / n);
            game.exact_payoff(i, game.cell(&[(a + shift) % m, b]))
        }).collect();
        let turned = NormalForm::exact(&[n, m], vec![table(1), table(0)]).unwrap();
        let first: BTreeSet<[Vec<Rational>; 2]> = set(&game).equilibria.into_iter().map(|e| e.profile).collect();
        let second: BTreeSet<[Vec<Rational>; 2]> = set(&turned).equilibria.into_iter().map(|e| {
            let [y, x] = e.profile;
            [(0..m).map(|a| x[(a + m - shift) % m].clone()).collect(), y]
        }).collect();
        prop_assert_eq!(first, second);
    }

    #[test]
    fn the_set_is_that_of_trying_every_vertex(game in bimatrix(4)) {
        let found: BTreeSet<[Vec<Rational>; 2]> =
            set(&game).equilibria.into_iter().map(|e| e.profile).collect();
        prop_assert_eq!(found, brute::extreme(&game));
    }

    #[test]
    fn a_zero_sum_game_has_the_programs_value_at_every_equilibrium(game in bimatrix(5)) {
        let minus = (0..game.cells()).map(|c| {
            Exact::from_rational(-game.exact_payoff(0, c).rational())
        }).collect();
        let plus = (0..game.cells()).map(|c| game.exact_payoff(0, c)).collect();
        let game = NormalForm::exact(game.sizes(), vec![plus, minus]).unwrap();
        let value = zero_sum::normal(&game, &never).unwrap().exact_value.unwrap();
        for e in set(&game).equilibria {
            prop_assert_eq!(&e.payoffs[0], &value);
        }
    }

    #[test]
    fn logit_equilibria_pass_their_check(game in bimatrix(5), lambda in 0.0..2.0f64) {
        let wanted = Wanted { lambdas: vec![lambda], path: false, starts: 0 };
        let branch = quantal::principal_branch(&game, &wanted, &never);
        prop_assert_eq!(branch.at.len(), 1, "{:?}", branch.end);
        prop_assert!(branch.at[0].residual <= 1e-9, "{}", branch.at[0].residual);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn three_players_equilibria_pass_and_are_odd_when_complete(game in three_players()) {
        let found = support::all(&game, &never);
        for profile in &found.equilibria {
            prop_assert!(certificate::max_regret(&game, profile) <= 1e-7);
        }
        let ties = (0..3).any(|i| (0..game.cells()).any(|c| {
            (0..game.sizes()[i]).any(|a| {
                let other = c - game.action(c, i) * game.stride(i) + a * game.stride(i);
                other != c && game.exact_payoff(i, c) == game.exact_payoff(i, other)
            })
        }));
        if found.complete && !ties {
            prop_assert_eq!(found.equilibria.len() % 2, 1);
        }
    }
}
