//! Where a change of real income comes from: terms of trade and volume of trade.
//!
//! By the envelope theorem a small change of policy moves the real income of n by
//!
//! I d ln W = [ exports · d ln p - imports · d ln p ] + [ t · imports · d ln q + e/(1+e) · exports · d ln q ]
//!
//! at border prices p and quantities q: the terms of trade, and the volume of trade that pays a wedge
//! (Caliendo & Parro 2015). For a large change the terms are summed over small steps of ln(1+t) from
//! the old policy to the new. The same terms at the old policy's values, times the whole change, are the
//! *linearised* figure that is often published; it can differ in sign from the exact one.

use super::{Equilibrium, Model, Settings, SolveError};
use crate::economy::base::BaseError;
use crate::economy::policy::{Deficits, Policy};
use crate::math;

/// Steps over which the terms are summed.
const STEPS: u32 = 40;

/// The parts of one region's change of real income, in logs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Parts {
    /// Prices of exports against prices of imports.
    pub terms_of_trade: f64,
    /// More or less trade across tariffs and export taxes.
    pub volume_of_trade: f64,
    /// What costs, stopped flows and productivity take directly, and the error of the sum.
    pub other: f64,
    /// The exact change.
    pub exact: f64,
    /// Terms of trade and volume at the old policy's values times the whole change.
    pub linearised: f64,
}

/// Decomposes the effect of a policy by region.
///
/// # Errors
/// A policy with embargoes or quotas, which no path of small steps leads to, or a step without
/// equilibrium.
pub fn decompose(
    model: &Model,
    policy: &Policy,
    settings: Settings,
) -> Result<Vec<Parts>, SolveError> {
    let base = model.base();
    let blocked = !policy.quotas.is_empty()
        || policy.iceberg.iter().any(|d| d.is_infinite())
        || policy.open.iter().any(|&share| share <= 0.0)
        || policy.deficits != Deficits::Fixed;
    if blocked {
        return Err(BaseError::new(
            "decomposition",
            "embargoes, quotas and other deficits are not reached in small steps",
            "decompose tariffs, export taxes and costs",
        )
        .into());
    }
    let regions = base.region_count();
    let start = model.solve(&Policy::unchanged(base), settings)?;
    let mut parts = vec![Parts::default(); regions];
    let mut before = Point::new(model, &Policy::unchanged(base), start);
    let first = before.clone();
    for step in 1..=STEPS {
        let part = part_way(model, policy, f64::from(step) / f64::from(STEPS));
        let world = model.solve(&part, settings)?;
        let after = Point::new(model, &part, world);
        for n in 0..regions {
            let (a, b) = (before.terms(&before, &after, n), after.terms(&before, &after, n));
            parts[n].terms_of_trade += 0.5 * (a.0 + b.0);
            parts[n].volume_of_trade += 0.5 * (a.1 + b.1);
        }
        before = after;
    }
    for (n, part) in parts.iter_mut().enumerate() {
        let (terms, volume) = first.terms(&first, &before, n);
        part.linearised = terms + volume;
        part.exact = math::ln(before.world.real_income_hat[n]);
        part.other = part.exact - part.terms_of_trade - part.volume_of_trade;
    }
    Ok(parts)
}

/// The policy a share of the way, in logs of price factors.
fn part_way(model: &Model, policy: &Policy, share: f64) -> Policy {
    let base = model.base();
    let between = |old: f64, new: f64| {
        if math::same(old, new) { old } else { old * math::pow(new / old, share) }
    };
    let mut part = Policy::unchanged(base);
    for cell in 0..base.flows().len() {
        part.tariff[cell] = between(1.0 + base.tariff()[cell], 1.0 + policy.tariff[cell]) - 1.0;
        part.export_tax[cell] =
            between(1.0 + base.export_tax()[cell], 1.0 + policy.export_tax[cell]) - 1.0;
        part.iceberg[cell] = between(1.0, policy.iceberg[cell]);
        part.open[cell] = between(1.0, policy.open[cell]);
    }
    for (value, new) in part.productivity.iter_mut().zip(&policy.productivity) {
        *value = between(1.0, *new);
    }
    part
}

/// A world on the path, with logs of border prices.
#[derive(Clone)]
struct Point<'m> {
    model: &'m Model,
    policy: Policy,
    world: Equilibrium,
    log_price: Vec<f64>,
    log_quantity: Vec<f64>,
}

impl<'m> Point<'m> {
    fn new(model: &'m Model, policy: &Policy, world: Equilibrium) -> Point<'m> {
        let log = |x: f64| if x > 0.0 { math::ln(x) } else { 0.0 };
        let base = model.base();
        let log_quantity: Vec<f64> = world.quantity_hat.iter().map(|&q| log(q)).collect();
        let log_price = (0..base.flows().len())
            .map(|cell| {
                let old = base.flows()[cell] / (1.0 + base.tariff()[cell]);
                if old > 0.0 {
                    log(world.border_flows[cell] / old) - log_quantity[cell]
                } else {
                    0.0
                }
            })
            .collect();
        Point { model, policy: policy.clone(), world, log_price, log_quantity }
    }

    /// Both terms of region n over the change from `a` to `b`, at this point's values.
    fn terms(&self, a: &Point<'_>, b: &Point<'_>, n: usize) -> (f64, f64) {
        let base = self.model.base();
        let (mut terms, mut volume) = (0.0, 0.0);
        for other in (0..base.region_count()).filter(|&other| other != n) {
            for j in 0..base.sector_count() {
                let (buy, sell) = (base.cell(n, other, j), base.cell(other, n, j));
                let price = |cell: usize| b.log_price[cell] - a.log_price[cell];
                let quantity = |cell: usize| b.log_quantity[cell] - a.log_quantity[cell];
                let (bought, sold) = (self.world.border_flows[buy], self.world.border_flows[sell]);
                let tax = self.policy.export_tax[sell] / (1.0 + self.policy.export_tax[sell]);
                terms += sold * price(sell) - bought * price(buy);
                volume +=
                    self.policy.tariff[buy] * bought * quantity(buy) + tax * sold * quantity(sell);
            }
        }
        let income = self.world.nominal_income[n];
        (terms / income, volume / income)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::shipped;

    #[test]
    fn parts_add_up_and_the_linear_figure_misleads() {
        let base = shipped::base("hybrid2023").unwrap();
        let theta = shipped::elasticities("default", base.sectors()).unwrap();
        let model = Model::new(base, &theta, None).unwrap();
        let mut policy = Policy::unchanged(base);
        for j in 0..base.goods() {
            policy.tariff[base.cell(0, 1, j)] += 1.0;
        }
        let parts = decompose(&model, &policy, Settings::default()).unwrap();
        for part in &parts {
            assert!(part.other.abs() < 2e-5, "{part:?}");
        }
        // A tariff improves the terms of trade of who levies it and shrinks trade that paid one.
        assert!(parts[0].terms_of_trade > 0.0 && parts[0].volume_of_trade < 0.0);
        assert!(parts[0].exact < 0.0 && parts[0].linearised > 0.0, "{:?}", parts[0]);
        policy.iceberg[base.cell(0, 1, 0)] = f64::INFINITY;
        assert!(decompose(&model, &policy, Settings::default()).is_err());
    }
}
