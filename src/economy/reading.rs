//! What a scenario reads off a solved world: few numbers of the many.

use super::base::Base;
use super::solver::Equilibrium;

/// One number of a solved world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Change of a region's real income, % of its GDP.
    Income(usize),
    /// Change of its tariff and export-tax revenue, % of its GDP.
    Revenue(usize),
    /// Change of its consumer prices, %.
    Prices(usize),
    /// Goods that the first region buys from the second, USD bn a year at border prices.
    Flow(usize, usize),
    /// Change of a region's output of a sector (all for `None`) in quantities, weighted by baseline
    /// values, %.
    Output(usize, Option<usize>),
}

impl Reading {
    /// Reads it off a world solved on a base.
    #[must_use]
    pub fn of(self, world: &Equilibrium, base: &Base) -> f64 {
        match self {
            Reading::Income(n) => {
                100.0 * (world.real_income_hat[n] - 1.0) * base.income()[n] / base.value_added()[n]
            }
            Reading::Revenue(n) => {
                let revenue = world.tariff_revenue[n] + world.export_tax_revenue[n];
                let before = base.tariff_revenue()[n] + base.export_tax_revenue()[n];
                100.0 * (revenue - before) / base.value_added()[n]
            }
            Reading::Prices(n) => 100.0 * (world.cpi_hat[n] - 1.0),
            Reading::Flow(n, i) => {
                (0..base.goods()).map(|j| world.border_flows[base.cell(n, i, j)]).sum::<f64>() / 1e3
            }
            Reading::Output(n, sector) => {
                let sectors = base.sector_count();
                let chosen = sector.map_or(0..sectors, |j| j..j + 1);
                let (mut old, mut new) = (0.0, 0.0);
                for at in chosen.map(|j| n * sectors + j) {
                    old += base.output()[at];
                    new += world.gross_output[at] / world.unit_cost_hat[at];
                }
                if old > 0.0 { 100.0 * (new / old - 1.0) } else { 0.0 }
            }
        }
    }

    /// Whether it is a number of a region's welfare, by which errors are judged.
    #[must_use]
    pub fn is_income(self) -> bool {
        matches!(self, Reading::Income(_))
    }
}
