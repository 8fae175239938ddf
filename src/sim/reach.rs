//! Over what a scenario's measures can move its trade model, in all its branches together.
//!
//! Every measure is read off at each of its levels, once with each end of the inputs that its instruments
//! read: instruments are monotone in their inputs. Cells whose wedges move together are one lever. What
//! never moves is fixed. A policy that is met all the same outside (a fifth repetition, an input without
//! end) is solved by itself when it comes up.

use super::contract::Standing;
use crate::economy::emulator::Elasticities;
use crate::economy::wedges::WedgePlace;
use crate::economy::{Lever, Reach, WedgeKind, Wedges};
use crate::math;
use crate::model::ids::InputId;
use crate::model::measure::{Measure, Start};
use crate::model::value::Value;
use crate::model::{Input, Model};
use std::collections::{BTreeMap, BTreeSet};

/// A measure that repeats is foreseen this often.
const REPEATS: u16 = 4;
/// Inputs of a measure of which both ends are combined; with more, all low and all high.
const COMBINED: usize = 5;
/// With more amounts than this a lever counts as continuous.
const VALUES: usize = 24;
/// Quantile taken for an end where an input has none.
const FAR: f64 = 1e-3;

/// The range of an input.
fn ends(input: &Input) -> (f64, f64) {
    let (low, high) = input.dist.support();
    let finite = |end: f64, p: f64| if end.is_finite() { end } else { input.dist.quantile(p) };
    (finite(low, FAR), finite(high, 1.0 - FAR))
}

/// The range of a number over all branches; none for no economy.
fn range(models: &[&Model]) -> Option<(f64, f64)> {
    let mut hull: Option<(f64, f64)> = None;
    for model in models {
        let link = model.economy.as_ref()?;
        let (low, high) = match link.elasticity {
            Value::Const(x) => (x, x),
            Value::Input(id) => ends(&model.inputs[id.index()]),
        };
        let (a, b) = hull.unwrap_or((low, high));
        hull = Some((a.min(low), b.max(high)));
    }
    hull
}

/// The inputs at which a measure is read, and whether its wedges hang on them.
fn corners(model: &Model, measure: &Measure) -> (Vec<Vec<f64>>, bool) {
    let mut ids: Vec<InputId> = Vec::new();
    measure.instruments.iter().for_each(|i| i.inputs(&mut |id| ids.push(id)));
    ids.sort_unstable();
    ids.dedup();
    let middle: Vec<f64> = model.inputs.iter().map(|input| input.dist.median()).collect();
    let moves = |id: &InputId| {
        let (low, high) = ends(&model.inputs[id.index()]);
        !math::same(low, high)
    };
    ids.retain(moves);
    let at = |high: &dyn Fn(usize) -> bool| {
        let mut inputs = middle.clone();
        for (k, id) in ids.iter().enumerate() {
            let (a, b) = ends(&model.inputs[id.index()]);
            inputs[id.index()] = if high(k) { b } else { a };
        }
        inputs
    };
    if ids.len() > COMBINED {
        return (vec![at(&|_| false), at(&|_| true)], true);
    }
    let all = (0..1_u32 << ids.len()).map(|bits| at(&|k| bits >> k & 1 == 1)).collect();
    (all, !ids.is_empty())
}

/// Wedges of a measure at a level.
fn wedges_of(
    model: &Model,
    measure: &Measure,
    (position, count): (u8, u16),
    inputs: &[f64],
) -> Wedges {
    let regions = model.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
    let level = measure.levels.get(usize::from(position).saturating_sub(1)).map_or(1.0, |l| l.1);
    let at = Standing {
        inputs,
        position,
        level,
        count: f64::from(count),
        owner: measure.owner,
        targets: &measure.targets,
        actors: &model.actors,
        regions,
    };
    let mut wedges = Wedges::new();
    measure.instruments.iter().for_each(|i| i.wedges(&at, &mut wedges));
    wedges
}

/// What one measure does to a cell: an amount at each reading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    branch: usize,
    measure: usize,
    /// Whether the measure can be off.
    off: bool,
    /// Whether amounts hang on inputs.
    moving: bool,
    /// In whole billionths.
    amounts: Vec<i64>,
    /// At the start of the run.
    start: i64,
}

#[allow(clippy::cast_possible_truncation, reason = "wedges are whole billionths below 2^53")]
fn units(amount: f64) -> i64 {
    (amount * 1e9).round() as i64
}

#[allow(clippy::cast_precision_loss, reason = "wedges are whole billionths below 2^53")]
fn share(units: i64) -> f64 {
    units as f64 / 1e9
}

/// What each cell is moved by.
fn columns(models: &[&Model]) -> BTreeMap<WedgePlace, Vec<Column>> {
    let mut columns: BTreeMap<WedgePlace, Vec<Column>> = BTreeMap::new();
    for (branch, model) in models.iter().enumerate() {
        let middle: Vec<f64> = model.inputs.iter().map(|input| input.dist.median()).collect();
        for (k, measure) in model.measures.iter().enumerate() {
            let (inputs, moving) = corners(model, measure);
            let at_start = match measure.start {
                Start::InForce(level) => level,
                _ => 0,
            };
            let always = measure.fixed && at_start > 0;
            #[allow(clippy::cast_possible_truncation, reason = "levels are few")]
            let levels = measure.levels.len().max(1) as u8;
            let positions = if always { at_start..=at_start } else { 1..=levels };
            let counts = if measure.repeat { REPEATS } else { 1 };
            let mut read: Vec<Wedges> = Vec::new();
            for position in positions {
                for count in 1..=counts {
                    read.extend(
                        inputs.iter().map(|x| wedges_of(model, measure, (position, count), x)),
                    );
                }
            }
            let start = match at_start {
                0 => Wedges::new(),
                level => wedges_of(model, measure, (level, 1), &middle),
            };
            let places: BTreeSet<WedgePlace> =
                read.iter().flat_map(|wedges| wedges.iter().map(|(place, _)| place)).collect();
            for place in places {
                columns.entry(place).or_default().push(Column {
                    branch,
                    measure: k,
                    off: !always,
                    moving,
                    amounts: read.iter().map(|wedges| units(wedges.at(place))).collect(),
                    start: units(start.at(place)),
                });
            }
        }
    }
    columns
}

/// All sums of amounts in one branch, if they are few.
fn sums(columns: &[&Column]) -> Option<BTreeSet<i64>> {
    let mut all = BTreeSet::from([0]);
    for column in columns {
        if column.moving {
            return None;
        }
        let own = column.amounts.iter().copied().chain(column.off.then_some(0));
        all = own.flat_map(|x| all.iter().map(move |y| x + y).collect::<Vec<_>>()).collect();
        if all.len() > VALUES {
            return None;
        }
    }
    Some(all)
}

/// The lever of cells that are moved by `columns`.
fn lever(columns: &[Column], places: Vec<WedgePlace>, branches: usize) -> Lever {
    let (mut low, mut high, mut start) = (i64::MAX, i64::MIN, 0);
    let mut values = Some(BTreeSet::new());
    for branch in 0..branches {
        let own: Vec<&Column> = columns.iter().filter(|c| c.branch == branch).collect();
        let ends = |pick: fn(i64, i64) -> i64| -> i64 {
            let one = |c: &&Column| {
                let amounts = c.amounts.iter().copied().chain(c.off.then_some(0));
                amounts.reduce(pick).unwrap_or_default()
            };
            own.iter().map(one).sum()
        };
        low = low.min(ends(i64::min));
        high = high.max(ends(i64::max));
        if branch == 0 {
            start = own.iter().map(|c| c.start).sum();
        }
        values = match (values, sums(&own)) {
            (Some(all), Some(more)) => Some(&all | &more),
            _ => None,
        };
    }
    // More than everything cannot be stopped.
    if places[0].kind == WedgeKind::Stopped {
        high = high.min(1_000_000_000).max(low);
    }
    let values = values.filter(|all| all.len() <= VALUES).unwrap_or_default();
    Lever {
        places,
        low: share(low),
        high: share(high),
        start: share(start.clamp(low, high)),
        values: values.into_iter().filter(|x| (low..=high).contains(x)).map(share).collect(),
    }
}

/// Over what all branches of a scenario can move the trade model; `sets` cuts the elasticity's range into
/// so many equally likely parts. None without an economy.
#[must_use]
pub(crate) fn of(models: &[&Model], sets: Option<u8>) -> Option<Reach> {
    let (low, high) = range(models)?;
    let link = models.first()?.economy.as_ref()?;
    let elasticities = match (sets, link.elasticity) {
        (Some(sets), Value::Input(id)) => {
            let dist = &models[0].inputs[id.index()].dist;
            let middle = |k: u8| dist.quantile((f64::from(k) + 0.5) / f64::from(sets));
            let mut all: Vec<f64> = (0..sets).map(middle).collect();
            all.dedup_by(|a, b| math::same(*a, *b));
            Elasticities::Sets(all)
        }
        _ => Elasticities::Range(low, high),
    };
    let mut groups: BTreeMap<Vec<Column>, Vec<WedgePlace>> = BTreeMap::new();
    for (place, columns) in columns(models) {
        groups.entry(columns).or_default().push(place);
    }
    let mut reach = Reach {
        fixed: Wedges::new(),
        levers: Vec::new(),
        elasticities,
        horizon_years: link.horizon.of(&[]),
    };
    let mut levers: Vec<Lever> = Vec::new();
    for (columns, mut places) in groups {
        // Wedges of different kinds are no one lever, whatever their size.
        while let Some(first) = places.first().copied() {
            let (same, rest) = places.into_iter().partition(|p| p.kind == first.kind);
            levers.push(lever(&columns, same, models.len()));
            places = rest;
        }
    }
    levers.sort_by(|a, b| a.places.cmp(&b.places));
    for lever in levers {
        if math::same(lever.low, lever.high) {
            lever.places.iter().for_each(|place| reach.fixed.add_at(*place, lever.low));
        } else {
            reach.levers.push(lever);
        }
    }
    Some(reach)
}
