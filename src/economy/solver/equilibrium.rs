//! The solved world: what a policy has changed.

use super::sweep::Sweep;
use super::{Model, Search};
use crate::economy::base::{Accounts, Base, BaseError};
use crate::economy::policy::{Policy, Rent};
use crate::math;

/// An equilibrium under a policy; hats are new over old.
///
/// Values are in million US dollars with world value added as unit of account: it keeps its baseline
/// value.
#[derive(Debug, Clone, PartialEq)]
pub struct Equilibrium {
    /// Wages, `[region]`.
    pub wage_hat: Vec<f64>,
    /// Consumer price index, `[region]`.
    pub cpi_hat: Vec<f64>,
    /// Real income, (I'/I) over the price index, `[region]`.
    pub real_income_hat: Vec<f64>,
    /// Real wage, `[region]`.
    pub real_wage_hat: Vec<f64>,
    /// Income, `[region]`.
    pub nominal_income: Vec<f64>,
    /// Tariff revenue with the importer's quota rents, `[region]`.
    pub tariff_revenue: Vec<f64>,
    /// Export-tax revenue with the exporter's quota rents, `[region]`.
    pub export_tax_revenue: Vec<f64>,
    /// Deficit in force, `[region]`.
    pub deficit: Vec<f64>,
    /// Output at producer prices, `[region][sector]`.
    pub gross_output: Vec<f64>,
    /// Purchaser price indices, `[region][sector]`.
    pub price_hat: Vec<f64>,
    /// Unit costs, `[region][sector]`.
    pub unit_cost_hat: Vec<f64>,
    /// Purchases at purchaser prices, `[importer][exporter][sector]`.
    pub expenditure_flows: Vec<f64>,
    /// Purchases at border prices: before tariff, with export tax, same order.
    pub border_flows: Vec<f64>,
    /// Quantities, same order; 0 where nothing is or was traded.
    pub quantity_hat: Vec<f64>,
    /// Export prices over import prices, both at the border and by baseline values, `[region]`; 1
    /// where a region does not trade.
    pub terms_of_trade_hat: Vec<f64>,
    /// Ad valorem equivalent of each quota of the policy; 0 where it does not bind.
    pub quota_shadow: Vec<f64>,
    /// Quantity over baseline of each quota's flows.
    pub quota_quantity: Vec<f64>,
    /// Largest change of an unknown in the last sweep, in logs.
    pub residual: f64,
    /// Sweeps made.
    pub sweeps: usize,
    /// How many more careful attempts were needed after the first; 0 is the rule.
    pub safeguards: usize,
}

impl Equilibrium {
    pub(super) fn read(
        sweep: &Sweep<'_>,
        policy: &Policy,
        search: &Search,
        safeguards: usize,
    ) -> Equilibrium {
        let base = &sweep.model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let flat = regions * sectors;
        let exps = |logs: &[f64]| logs.iter().map(|&x| math::exp(x)).collect::<Vec<f64>>();
        let logs = &search.x[regions..regions + flat];
        let wage_hat = exps(&search.x[..regions]);
        let cpi_hat: Vec<f64> = (0..regions)
            .map(|n| {
                let row = n * sectors..(n + 1) * sectors;
                let shares = &base.final_share()[row.clone()];
                math::exp(shares.iter().zip(&logs[row]).map(|(share, price)| share * price).sum())
            })
            .collect();
        let quota_shadow: Vec<f64> =
            search.x[regions + 2 * flat..].iter().map(|&wedge| math::expm1(wedge)).collect();
        let mut world = Equilibrium {
            real_income_hat: (0..regions)
                .map(|n| sweep.income[n] / base.income()[n] / cpi_hat[n])
                .collect(),
            real_wage_hat: (0..regions).map(|n| wage_hat[n] / cpi_hat[n]).collect(),
            nominal_income: sweep.income.clone(),
            tariff_revenue: sweep.tariff_revenue.clone(),
            export_tax_revenue: sweep.export_tax_revenue.clone(),
            deficit: sweep.deficit.clone(),
            gross_output: sweep.output.clone(),
            price_hat: exps(logs),
            unit_cost_hat: exps(&sweep.log_cost),
            expenditure_flows: vec![0.0; base.flows().len()],
            border_flows: vec![0.0; base.flows().len()],
            quantity_hat: vec![0.0; base.flows().len()],
            terms_of_trade_hat: vec![1.0; regions],
            quota_quantity: Vec::new(),
            quota_shadow,
            wage_hat,
            cpi_hat,
            residual: search.norm,
            sweeps: search.sweeps,
            safeguards,
        };
        world.read_flows(sweep, policy);
        world.read_terms(base);
        world
    }

    fn read_flows(&mut self, sweep: &Sweep<'_>, policy: &Policy) {
        let base = &sweep.model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        // Wedges of the cells under quotas, in place of the policy's own.
        let mut tariff = policy.tariff.clone();
        let mut export_tax = policy.export_tax.clone();
        let mut burnt = vec![1.0; tariff.len()];
        for (quota, shadow) in policy.quotas.iter().zip(&self.quota_shadow) {
            for &n in &quota.importers {
                let cell = base.cell(n, quota.exporter, quota.sector);
                let rate = match quota.rent {
                    Rent::Exporter => &mut export_tax[cell],
                    Rent::Importer => &mut tariff[cell],
                    Rent::Burnt => {
                        burnt[cell] = 1.0 + shadow;
                        continue;
                    }
                };
                *rate = (1.0 + *rate) * (1.0 + shadow) - 1.0;
            }
        }
        for n in 0..regions {
            for i in 0..regions {
                for j in 0..sectors {
                    let cell = base.cell(n, i, j);
                    let value = sweep.flow(n, i, j);
                    self.expenditure_flows[cell] = value;
                    self.border_flows[cell] = value / (1.0 + tariff[cell]);
                    if value > 0.0 && base.flows()[cell] > 0.0 {
                        let kappa = policy.iceberg[cell]
                            * burnt[cell]
                            * (1.0 + tariff[cell])
                            * (1.0 + export_tax[cell])
                            / ((1.0 + base.tariff()[cell]) * (1.0 + base.export_tax()[cell]));
                        let cost = self.unit_cost_hat[i * sectors + j];
                        self.quantity_hat[cell] = value / (base.flows()[cell] * kappa * cost);
                    }
                }
            }
        }
        for quota in &policy.quotas {
            let (mut before, mut after) = (0.0, 0.0);
            for &n in &quota.importers {
                let cell = base.cell(n, quota.exporter, quota.sector);
                let worth = base.flows()[cell]
                    / ((1.0 + base.tariff()[cell]) * (1.0 + base.export_tax()[cell]));
                before += worth;
                after += worth * self.quantity_hat[cell];
            }
            self.quota_quantity.push(after / before);
        }
    }

    /// Terms of trade: border prices of exports over imports at baseline border values.
    fn read_terms(&mut self, base: &Base) {
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let (mut sold, mut bought) = (vec![(0.0, 0.0); regions], vec![(0.0, 0.0); regions]);
        for n in 0..regions {
            for i in (0..regions).filter(|&i| i != n) {
                for j in 0..sectors {
                    let cell = base.cell(n, i, j);
                    let value = base.flows()[cell] / (1.0 + base.tariff()[cell]);
                    if self.quantity_hat[cell] <= 0.0 {
                        continue;
                    }
                    let price = self.border_flows[cell] / value / self.quantity_hat[cell];
                    let log = math::ln(price);
                    sold[i].0 += value;
                    sold[i].1 += value * log;
                    bought[n].0 += value;
                    bought[n].1 += value * log;
                }
            }
        }
        for n in 0..regions {
            if sold[n].0 > 0.0 && bought[n].0 > 0.0 {
                self.terms_of_trade_hat[n] =
                    math::exp(sold[n].1 / sold[n].0 - bought[n].1 / bought[n].0);
            }
        }
    }

    /// The largest gap between imports and exports net of the deficit, over world value added: what
    /// the trade balance of every region must be zero in.
    #[must_use]
    pub fn balance_gap(&self, base: &Base) -> f64 {
        let regions = base.region_count();
        let mut gap: Vec<f64> = self.deficit.iter().map(|d| -d).collect();
        for n in 0..regions {
            for i in 0..regions {
                for j in 0..base.sector_count() {
                    let value = self.border_flows[base.cell(n, i, j)];
                    gap[n] += value;
                    gap[i] -= value;
                }
            }
        }
        let world: f64 = base.value_added().iter().sum();
        gap.iter().fold(0.0, |most: f64, g| most.max(g.abs())) / world
    }

    /// This world as a base of its own, under the base's tariffs and export taxes.
    pub(super) fn as_base(&self, model: &Model) -> Result<Base, BaseError> {
        let base = &model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let mut input_share = Vec::with_capacity(regions * sectors * sectors);
        let mut value_added_share = Vec::with_capacity(regions * sectors);
        for n in 0..regions {
            for k in 0..sectors {
                for j in 0..sectors {
                    input_share.push(base.input_share(n, k, j));
                }
            }
            value_added_share
                .extend_from_slice(&base.value_added_share()[n * sectors..(n + 1) * sectors]);
        }
        if let Some(critical) = &model.critical {
            // The nest's shares have moved with the prices.
            for n in 0..regions {
                for j in 0..sectors {
                    let at = |k: usize| (n * sectors + k) * sectors + j;
                    let old = base.input_share(n, critical.sector, j);
                    let price = self.price_hat[n * sectors + critical.sector]
                        / self.unit_cost_hat[n * sectors + j];
                    let new = old * math::pow(price, 1.0 - critical.sigma[j]);
                    let rest = (1.0 - new) / (1.0 - old);
                    for k in 0..sectors {
                        input_share[at(k)] *= if k == critical.sector { 1.0 } else { rest };
                    }
                    input_share[at(critical.sector)] = new;
                    value_added_share[n * sectors + j] *= rest;
                }
            }
        }
        Base::new(Accounts {
            name: format!("{}, trade balanced", base.name()),
            regions: base.regions().to_vec(),
            sectors: base.sectors().to_vec(),
            goods: base.goods(),
            flows: self.expenditure_flows.clone(),
            tariff: base.tariff().to_vec(),
            export_tax: base.export_tax().to_vec(),
            input_share,
            value_added_share,
        })
    }
}
