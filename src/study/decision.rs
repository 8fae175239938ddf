//! The decision table: every branch on every measure, against one of them and against the best.

use super::estimate::{Difference, Estimate, LEVEL, Share};
use super::head::MetricHead;
use super::table::Table;
use super::tally::{Class, class};
use crate::sim::contract::{MetricKind, Worse};
use crate::stats::best::{self, Standing};
use crate::stats::dominance::{self, Order};
use crate::stats::importance::{self, Binned};
use crate::stats::interval::{self, Interval};
use crate::stats::quantile;
use crate::stats::regret::{self, Futures, Regrets};
use crate::work::{self, Cancel};

/// Inputs that futures are made of at most, each in thirds.
const FUTURE_INPUTS: usize = 2;

/// The decision table of some branches.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Names of the branches, in order.
    pub branches: Vec<String>,
    /// Position of the branch that the others are compared with.
    pub against: usize,
    /// Trials of each branch.
    pub trials: u64,
    /// Whether all branches share their luck.
    pub paired: bool,
    /// Measures in file order.
    pub measures: Vec<Measure>,
}

/// One measure.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Name, unit, kind, worse end.
    pub head: MetricHead,
    /// By branch; none where a branch lacks the measure.
    pub rows: Vec<Option<Row>>,
    /// Comparison with the best by branch, larger being better; none without a worse end, with fewer
    /// than three branches, for times, and where a branch lacks values or draws of its own.
    pub best: Option<Vec<Standing>>,
    /// Regret and robustness; none under the same conditions.
    pub robust: Option<Robust>,
}

/// One branch on one measure.
#[derive(Debug, Clone)]
pub struct Row {
    /// The estimate.
    pub estimate: Estimate,
    /// Less the branch compared with; none for that branch itself and for categories.
    pub difference: Option<Difference>,
    /// Trial by trial against it; none for itself, without a worse end or a common seed.
    pub duel: Option<Duel>,
}

/// A branch against another, trial by trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duel {
    /// Share of trials in which it is better.
    pub better: Share,
    /// Share of trials in which both are equal.
    pub equal: Share,
    /// Share of trials in which it is worse.
    pub worse: Share,
    /// First-order stochastic dominance; none for yes and no.
    pub first: Option<Order>,
    /// Second-order stochastic dominance; none for yes and no, times and categories.
    pub second: Option<Order>,
}

/// Regret and robustness of all branches on one measure.
#[derive(Debug, Clone)]
pub struct Robust {
    /// The value that satisfies: the median of the branch compared with; for yes and no the better
    /// answer.
    pub demand: f64,
    /// By branch.
    pub rows: Vec<RobustRow>,
    /// Regrets of the means where inputs lie; none where no input matters to the measure.
    pub futures: Option<Scenarios>,
    /// Over all uncertain inputs, with luck averaged out; none where a value lacks.
    pub expected: Option<Expected>,
}

/// Regret and robustness over all uncertain inputs: the futures are the values of the inputs that the
/// trials drew, all of them at once, and a branch is met by what is to be expected there.
///
/// That is the mean, and what each input adds to it on average by itself, of those inputs which surely
/// matter to the branch compared with, or to a difference from it. What inputs do together is left out, and
/// counts as luck.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Positions of the inputs that matter, the weightiest first.
    pub inputs: Vec<usize>,
    /// The value that satisfies: the mean of the branch compared with.
    pub demand: f64,
    /// By branch.
    pub rows: Vec<Regrets>,
}

/// Futures made of the inputs that matter most.
#[derive(Debug, Clone)]
pub struct Scenarios {
    /// Positions of the inputs among those of the branch compared with, the weightiest first.
    pub inputs: Vec<usize>,
    /// By future, by input: which part of the input, from 0, lowest first.
    pub parts: Vec<Vec<usize>>,
    /// Trials, means and regrets, in the measure's own direction for means.
    pub table: Futures,
}

/// Regret and robustness of one branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RobustRow {
    /// Share of trials at least as good as the demand.
    pub satisfied: Share,
    /// 90th percentile over trials of the regret against the best branch of the same trial.
    pub regret_90: f64,
    /// Its interval.
    pub regret_90_interval: Interval,
    /// The largest regret in any trial.
    pub regret_trial: f64,
    /// Largest regret of the mean in any of the futures.
    pub regret_most: Option<f64>,
}

/// A value as a gain: larger is better. Not a number where there is none.
fn gain(kind: MetricKind, worse: Worse, value: f64) -> f64 {
    match (class(kind, value), worse) {
        (Class::Missing, _) => f64::NAN,
        (_, Worse::High) => -value,
        (_, Worse::Low) => value,
    }
}

/// What is known of the inputs: their values by input and row.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Values by input and row.
    pub columns: Vec<Vec<f64>>,
    binned: Vec<Option<Binned>>,
}

impl Inputs {
    /// The inputs of the branch that others are compared with.
    #[must_use]
    pub fn new(columns: Vec<Vec<f64>>) -> Inputs {
        let binned =
            work::map_ordered(0, columns.len(), &Cancel::new(), |k| Binned::of(&columns[k]));
        let binned = binned.unwrap_or_default().into_iter().map(Option::flatten).collect();
        Inputs { columns, binned }
    }

    /// First-order indices for a result whose intervals, wide enough for all inputs together, lie above
    /// zero: input and index, the largest first.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "few inputs")]
    pub fn weighty(&self, output: &[f64]) -> Vec<(usize, importance::FirstOrder)> {
        let level = 1.0 - (1.0 - LEVEL) / self.binned.len().max(1) as f64;
        let clear = |b: &Binned| b.first_order(output, level).filter(|i| i.interval.low > 0.0);
        let all = self.binned.iter().enumerate();
        let mut found: Vec<(usize, importance::FirstOrder)> =
            all.filter_map(|(k, b)| Some((k, b.as_ref().and_then(clear)?))).collect();
        found.sort_by(|a, b| b.1.index.total_cmp(&a.1.index).then(a.0.cmp(&b.0)));
        found
    }

    /// First-order indices for a result, by input; none where an input never varies.
    #[must_use]
    pub fn first_order(&self, output: &[f64]) -> Vec<Option<importance::FirstOrder>> {
        self.binned.iter().map(|b| b.as_ref().and_then(|b| b.first_order(output, LEVEL))).collect()
    }
}

impl Decision {
    /// The table of all branches against one of them.
    #[must_use]
    pub fn new(table: &Table, against: usize, inputs: &Inputs) -> Decision {
        Decision::of(table, against, Some(inputs), |_| true)
    }

    /// The table of some measures, by their written names.
    #[must_use]
    pub fn only(table: &Table, against: usize, inputs: &Inputs, ids: &[&str]) -> Decision {
        Decision::of(table, against, Some(inputs), |head| ids.contains(&head.id.as_str()))
    }

    /// The table with estimates alone: no differences, orders, best or regret.
    #[must_use]
    pub fn brief(table: &Table, against: usize) -> Decision {
        Decision::of(table, against, None, |_| true)
    }

    fn of(
        table: &Table,
        against: usize,
        inputs: Option<&Inputs>,
        wanted: impl Fn(&MetricHead) -> bool,
    ) -> Decision {
        let mut heads: Vec<MetricHead> = Vec::new();
        for head in table.branches.iter().flat_map(|branch| &branch.head.metrics) {
            if wanted(head) && heads.iter().all(|known| known.id != head.id) {
                heads.push(head.clone());
            }
        }
        let paired = (0..table.branches.len()).all(|b| table.paired(b, against));
        let measures = work::map_ordered(0, heads.len(), &Cancel::new(), |m| match inputs {
            Some(inputs) => measure(table, against, &heads[m], inputs, paired),
            None => estimates(table, &heads[m]),
        });
        Decision {
            branches: table.branches.iter().map(|branch| branch.head.name.clone()).collect(),
            against,
            trials: table.trials.len() as u64,
            paired,
            measures: measures.unwrap_or_default().into_iter().flatten().collect(),
        }
    }

    /// A measure by its written name.
    #[must_use]
    pub fn measure(&self, id: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.head.id == id)
    }
}

/// Position of a measure under a branch, if it has it in this kind.
fn place(table: &Table, b: usize, head: &MetricHead) -> Option<usize> {
    let place = table.branches[b].head.metric(&head.id)?;
    (table.branches[b].head.metrics[place].kind == head.kind).then_some(place)
}

/// A measure's estimates alone.
fn estimates(table: &Table, head: &MetricHead) -> Measure {
    let row = |b: usize| {
        let estimate = table.estimate(b, place(table, b, head)?);
        Some(Row { estimate, difference: None, duel: None })
    };
    let rows = (0..table.branches.len()).map(row).collect();
    Measure { head: head.clone(), rows, best: None, robust: None }
}

fn measure(
    table: &Table,
    against: usize,
    head: &MetricHead,
    inputs: &Inputs,
    paired: bool,
) -> Measure {
    let row = |b: usize| {
        let place = place(table, b, head)?;
        Some(Row {
            estimate: table.estimate(b, place),
            difference: (b != against).then(|| table.difference(b, against, &head.id)).flatten(),
            duel: (b != against && table.paired(b, against))
                .then(|| duel(head, table.column(b, &head.id)?, table.column(against, &head.id)?))
                .flatten(),
        })
    };
    let rows: Vec<Option<Row>> = (0..table.branches.len()).map(row).collect();
    let all = rows.iter().all(Option::is_some) && paired;
    let gains = head.worse.filter(|_| all).map(|worse| {
        let column = |b: usize| table.column(b, &head.id).unwrap_or_default();
        let gains = |b| column(b).iter().map(|&v| gain(head.kind, worse, v)).collect::<Vec<f64>>();
        (0..rows.len()).map(gains).collect::<Vec<_>>()
    });
    let summed = matches!(head.kind, MetricKind::Number | MetricKind::Probability);
    let gains = gains.filter(|gains| gains.len() > 1 && summed);
    let columns: Vec<&[f64]> = gains.iter().flatten().map(Vec::as_slice).collect();
    Measure {
        head: head.clone(),
        rows,
        best: (columns.len() > 2).then(|| best::standings(&columns, LEVEL)).flatten(),
        robust: robust(head, against, &columns, inputs),
    }
}

/// Trial by trial, where both have a value.
fn duel(head: &MetricHead, ours: &[f64], theirs: &[f64]) -> Option<Duel> {
    let worse = head.worse?;
    let pairs = ours.iter().zip(theirs);
    let gains = pairs.map(|(&a, &b)| (gain(head.kind, worse, a), gain(head.kind, worse, b)));
    let (a, b): (Vec<f64>, Vec<f64>) = gains.filter(|(a, b)| !a.is_nan() && !b.is_nan()).unzip();
    let count =
        |of: fn(f64, f64) -> bool| a.iter().zip(&b).filter(|(a, b)| of(**a, **b)).count() as u64;
    let n = a.len() as u64;
    let (better, lost) = (count(|a, b| a > b), count(|a, b| a < b));
    Some(Duel {
        better: Share::of(better, n)?,
        equal: Share::of(n - better - lost, n)?,
        worse: Share::of(lost, n)?,
        // Of a yes or no the shares say all there is.
        first: (head.kind != MetricKind::Probability)
            .then(|| dominance::first_order(&a, &b, LEVEL))
            .flatten(),
        second: (head.kind == MetricKind::Number)
            .then(|| dominance::second_order(&a, &b, LEVEL))
            .flatten(),
    })
}

fn robust(
    head: &MetricHead,
    against: usize,
    columns: &[&[f64]],
    inputs: &Inputs,
) -> Option<Robust> {
    let worse = head.worse?;
    let base = *columns.get(against)?;
    let regrets = regret::by_trial(columns)?;
    let known: Vec<f64> = base.iter().copied().filter(|v| !v.is_nan()).collect();
    let middle = quantile::quantile(&quantile::sorted(known)?, 0.5)?;
    let demand = match (head.kind, worse) {
        (MetricKind::Probability, Worse::High) => 0.0,
        (MetricKind::Probability, Worse::Low) => 1.0,
        _ => middle,
    };
    let futures = scenarios(base, columns, inputs);
    let expected = expected(against, columns, inputs);
    let largest = futures.as_ref().map(|futures| futures.table.largest());
    let rows = columns.iter().zip(regrets).enumerate().map(|(b, (column, regrets))| {
        let known = column.iter().filter(|v| !v.is_nan());
        let n = known.clone().count() as u64;
        let sorted = quantile::sorted(regrets)?;
        Some(RobustRow {
            satisfied: Share::of(known.filter(|v| **v >= demand).count() as u64, n)?,
            regret_90: quantile::quantile(&sorted, 0.9)?,
            regret_90_interval: interval::order_statistic(&sorted, 0.9, LEVEL),
            regret_trial: *sorted.last()?,
            regret_most: largest.as_ref().map(|largest| largest[b]),
        })
    });
    let rows = rows.collect::<Option<Vec<_>>>()?;
    // Back in the measure's own direction.
    let turned = |demand: f64| if worse == Worse::High { 0.0 - demand } else { demand };
    let expected = expected.map(|e| Expected { demand: turned(e.demand), ..e });
    Some(Robust { demand: turned(demand), rows, futures, expected })
}

/// What is to be expected of a column where the inputs lie, and the inputs that matter to it.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn expectation(column: &[f64], inputs: &Inputs) -> (Vec<f64>, Vec<(usize, f64)>) {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let mut all = vec![mean; column.len()];
    let weighty = inputs.weighty(column);
    for (k, _) in &weighty {
        let effect = inputs.binned[*k].as_ref().and_then(|binned| binned.effect(column));
        all.iter_mut().zip(effect.unwrap_or_default()).for_each(|(value, effect)| *value += effect);
    }
    (all, weighty.into_iter().map(|(k, index)| (k, index.index)).collect())
}

/// Regrets over all inputs. Differences are fitted rather than branches: they share their luck.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn expected(against: usize, columns: &[&[f64]], inputs: &Inputs) -> Option<Expected> {
    let base = *columns.get(against)?;
    if base.is_empty() || columns.iter().any(|column| column.iter().any(|v| !v.is_finite())) {
        return None;
    }
    let (of_base, mut used) = expectation(base, inputs);
    let mut all = Vec::with_capacity(columns.len());
    for column in columns {
        let gap: Vec<f64> = column.iter().zip(base).map(|(ours, base)| ours - base).collect();
        let (gap, weighty) = expectation(&gap, inputs);
        all.push(gap.iter().zip(&of_base).map(|(gap, base)| gap + base).collect::<Vec<f64>>());
        for (k, index) in weighty {
            match used.iter_mut().find(|(known, _)| *known == k) {
                Some((_, most)) => *most = most.max(index),
                None => used.push((k, index)),
            }
        }
    }
    used.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let demand = base.iter().sum::<f64>() / base.len() as f64;
    let all: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
    let rows = regret::over(&all, demand)?;
    Some(Expected { inputs: used.into_iter().map(|(k, _)| k).collect(), demand, rows })
}

/// Futures by the thirds of the inputs that surely matter, the weightiest two of them.
fn scenarios(base: &[f64], columns: &[&[f64]], inputs: &Inputs) -> Option<Scenarios> {
    let mut weighty = inputs.weighty(base);
    weighty.truncate(FUTURE_INPUTS);
    let split: Vec<(usize, Vec<usize>, usize)> = weighty
        .iter()
        .filter_map(|&(k, _)| {
            let (bin, count) = importance::bins(&inputs.columns[k], 3)?;
            (count > 1).then_some((k, bin, count))
        })
        .collect();
    let count: usize = split.iter().map(|(_, _, count)| count).product();
    if split.is_empty() {
        return None;
    }
    let place = |row: usize| split.iter().fold(0, |at, (_, bin, count)| at * count + bin[row]);
    let future: Vec<usize> = (0..base.len()).map(place).collect();
    let table = regret::by_future(columns, &future, count)?;
    let parts = (0..count).map(|future| {
        let mut rest = future;
        let mut parts: Vec<usize> = split
            .iter()
            .rev()
            .map(|(_, _, count)| {
                let part = rest % count;
                rest /= count;
                part
            })
            .collect();
        parts.reverse();
        parts
    });
    let parts = parts.collect();
    Some(Scenarios { inputs: split.iter().map(|(k, _, _)| *k).collect(), parts, table })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::dominance::Relation;
    use crate::study::fixture::race;
    use crate::study::{BranchHead, Plan, Values, run};

    /// Results of three branches as a table, and the results themselves.
    fn table() -> (Table, crate::study::Results) {
        let branches = [race("base", 1.0), race("fast", 2.0), race("same", 1.0)];
        let plan = Plan { trials: 3000, seed: 5, ..Plan::default() };
        let results = run(&branches, &plan, &|_| {}, &Cancel::new()).unwrap();
        let branches = results.branches.iter().map(|branch| crate::study::TableBranch {
            head: BranchHead { ..branch.head.clone() },
            seed: 5,
            values: branch.values.iter().map(|v: &Values| v.rows().to_vec()).collect(),
            surprise: branch.notes.iter().map(|note| note.surprise).collect(),
        });
        let mut table = Table { trials: results.rows.clone(), branches: branches.collect() };
        for branch in &mut table.branches {
            // A deal first is the good end; a long race is the bad one.
            branch.head.metrics[0].worse = Some(Worse::Low);
            branch.head.metrics[3].worse = Some(Worse::High);
        }
        (table, results)
    }

    #[test]
    fn rows_give_the_very_numbers_of_the_run() {
        let (table, results) = table();
        for b in 0..3 {
            for m in 0..5 {
                assert_eq!(table.estimate(b, m), results.estimate(b, m));
            }
        }
        for difference in results.differences() {
            let b = table.branch(&difference.branch).unwrap();
            assert_eq!(table.difference(b, 0, &difference.metric), Some(difference));
        }
    }

    #[test]
    fn independent_runs_are_not_paired() {
        let (mut table, _) = table();
        table.branches[1].seed = 6;
        let paired = table.difference(2, 0, "deal_first").unwrap();
        assert!(paired.variance_factor.is_none() && paired.mean == Some(0.0));
        let welch = table.difference(1, 0, "deal_first").unwrap();
        assert!(welch.is_clear() && welch.variance_factor.is_none(), "{welch:?}");
        let decision = Decision::new(&table, 0, &Inputs::default());
        assert!(!decision.paired);
        let measure = decision.measure("deal_first").unwrap();
        assert!(measure.best.is_none() && measure.robust.is_none());
        assert!(measure.rows[1].as_ref().unwrap().duel.is_none());
    }

    #[test]
    fn a_faster_deal_is_better_in_every_way() {
        let (table, _) = table();
        let decision = Decision::new(&table, 0, &Inputs::default());
        let deal = decision.measure("deal_first").unwrap();
        let best = deal.best.as_ref().unwrap();
        assert_eq!([best[0].contends, best[1].contends, best[2].contends], [false, true, false]);
        let fast = deal.rows[1].as_ref().unwrap();
        let duel = fast.duel.unwrap();
        assert!(duel.worse.share == 0.0 && duel.better.share > 0.1, "{duel:?}");
        let same = deal.rows[2].as_ref().unwrap().duel.unwrap();
        assert_eq!((same.equal.share, duel.first), (1.0, None));
        let length = decision.measure("length").unwrap();
        let order =
            |b: usize| length.rows[b].as_ref().unwrap().duel.unwrap().first.unwrap().relation;
        // Where the race ends at all, it ends earlier.
        assert!(matches!(order(1), Relation::Dominates | Relation::Favours), "{:?}", order(1));
        assert_eq!(order(2), Relation::Equal);
        let robust = deal.robust.as_ref().unwrap();
        assert_eq!((robust.demand, robust.rows[1].regret_90), (1.0, 0.0));
        assert!(robust.rows[0].regret_90 > 0.0 && robust.futures.is_none());
        let share = fast.estimate.mean.unwrap();
        assert!((robust.rows[1].satisfied.share - share).abs() < 1e-12);
        // No worse end: nothing is better than anything.
        assert!(
            decision.measure("escalation_first").unwrap().rows[1].as_ref().unwrap().duel.is_none()
        );
    }

    #[test]
    fn a_part_of_the_table_is_the_same_as_in_the_whole() {
        let (table, _) = table();
        let inputs = Inputs::default();
        let whole = Decision::new(&table, 0, &inputs);
        let part = Decision::only(&table, 0, &inputs, &["length", "deal_first"]);
        assert_eq!(part.measures.len(), 2);
        for measure in &part.measures {
            let same = whole.measure(&measure.head.id).unwrap();
            assert_eq!(format!("{measure:?}"), format!("{same:?}"));
        }
        let brief = Decision::brief(&table, 0);
        for (measure, same) in brief.measures.iter().zip(&whole.measures) {
            for (row, same) in measure.rows.iter().flatten().zip(same.rows.iter().flatten()) {
                assert_eq!(row.estimate, same.estimate);
                assert!(row.difference.is_none() && row.duel.is_none());
            }
        }
    }

    #[test]
    fn futures_follow_the_inputs_that_matter() {
        let (table, _) = table();
        let n = table.trials.len();
        // One input decides the race's length, one nothing.
        let length = table.column(0, "deal_first").unwrap();
        let noise: Vec<f64> = (0..n).map(|t| ((t * 7919) % 1000) as f64).collect();
        let decides: Vec<f64> = length.iter().zip(&noise).map(|(v, e)| v + 1e-4 * e).collect();
        let inputs = Inputs::new(vec![noise, decides]);
        let decision = Decision::new(&table, 0, &inputs);
        let robust = decision.measure("deal_first").unwrap().robust.as_ref().unwrap();
        let futures = robust.futures.as_ref().unwrap();
        assert_eq!(futures.inputs, [1]);
        assert_eq!(futures.table.trials.iter().sum::<u64>(), n as u64);
        assert_eq!(futures.parts.len(), 3);
        assert_eq!(futures.table.minimax(), Some(1));
        let expected = robust.expected.as_ref().unwrap();
        assert_eq!(expected.inputs, [1]);
        assert_eq!((expected.rows[1].largest, expected.rows[1].best_in), (0.0, 1.0));
        assert!(expected.rows[0].largest > 0.0 && expected.rows[0].best_in < 0.9);
    }

    #[test]
    fn regret_over_all_inputs_averages_luck_out() {
        // Three inputs, each of which decides which of three branches is good, and a great deal of luck.
        let n = 12_000;
        let column = |seed: u64| crate::stats::sample::uniforms(seed, n).collect::<Vec<f64>>();
        let x: Vec<Vec<f64>> = (0..4).map(|k| column(60 + k)).collect();
        let luck = column(70);
        let branch = |of: &dyn Fn(usize) -> f64| {
            let value = |t| of(t) + 8.0 * luck[t];
            (0..luck.len()).map(value).collect::<Vec<f64>>()
        };
        let columns = [
            branch(&|_| 0.0),
            branch(&|t| 2.0 * x[0][t] - 1.0 + (x[1][t] - 0.5)),
            branch(&|t| 3.0 * x[2][t] - 1.5),
        ];
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let got = expected(0, &columns, &Inputs::new(x)).unwrap();
        let mut used = got.inputs.clone();
        used.sort_unstable();
        assert_eq!(used, [0, 1, 2]);
        // The first gives away 1.5 at most, against either; the second 1.5 + 1.5, the third the same.
        for (row, most) in got.rows.iter().zip([1.5, 3.0, 3.0]) {
            assert!((row.largest / most - 1.0).abs() < 0.12, "{got:?}");
            assert!(row.ninety < row.largest);
        }
        // By integration over the cube: ahead of both where the second and third are below zero, 1 / 4.
        assert!((got.rows[0].best_in - 0.25).abs() < 0.03, "{got:?}");
        assert!(crate::math::same(got.rows[0].satisfied, 1.0));
        // Half of the luck would let each fall short anywhere.
        assert!((got.rows[2].satisfied - 0.5).abs() < 0.05, "{got:?}");
    }
}
