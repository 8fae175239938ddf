//! One sweep of the trade model: from log wages, prices and expenditures to the ones they imply.
//!
//! The equations are those of docs/economics.md. Indices: n buyer, i seller, j sector. Only one
//! exponential per region and sector is needed for demand, because the part of a source's share that
//! depends on policy, pi · kappa^-theta, is fixed while the solver runs. Everything is written into
//! buffers made once: a sweep allocates nothing.

use super::Model;
use crate::economy::policy::{Deficits, Policy, Rent};
use crate::math;

/// Largest change of a log wage in one sweep.
const LARGEST_MOVE: f64 = 0.25;

/// A quota as the sweep sees it: one unknown log wedge over some cells.
#[derive(Debug, Clone)]
struct Cap {
    cells: Vec<Cell>,
    log_ratio: f64,
    rent: Rent,
    theta: f64,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    importer: usize,
    exporter: usize,
    sector: usize,
    flat: usize,
    /// Policy before the quota.
    weight: f64,
    tariff: f64,
    export_tax: f64,
    kappa: f64,
    /// Share in the baseline quantity of the quota's cells.
    quantity: f64,
}

/// Buffers and policy-dependent constants of one solve.
#[derive(Debug, Clone)]
pub(super) struct Sweep<'m> {
    pub(super) model: &'m Model,
    /// pi · kappa^-theta · open, and its parts: to tariff, to producers, to export tax.
    weight: Vec<f64>,
    to_tariff: Vec<f64>,
    to_producer: Vec<f64>,
    to_export_tax: Vec<f64>,
    taxes_exports: bool,
    log_productivity: Vec<f64>,
    deficits: Deficits,
    caps: Vec<Cap>,
    /// Excess demand for labour, ln(demand / supply), and how far wages follow it, by region.
    pub(super) gap: Vec<f64>,
    last_gap: Vec<f64>,
    pub(super) wage_step: Vec<f64>,
    /// Results of the last sweep, `[region][sector]` or `[region]`.
    pub(super) log_cost: Vec<f64>,
    cost_power: Vec<f64>,
    phi: Vec<f64>,
    tariff_part: Vec<f64>,
    pub(super) output: Vec<f64>,
    /// Cost share of the critical input, and output net of what it takes.
    critical_share: Vec<f64>,
    net_output: Vec<f64>,
    spend: Vec<f64>,
    pub(super) income: Vec<f64>,
    pub(super) tariff_revenue: Vec<f64>,
    pub(super) export_tax_revenue: Vec<f64>,
    pub(super) deficit: Vec<f64>,
    demand: Vec<f64>,
}

impl<'m> Sweep<'m> {
    pub(super) fn new(model: &'m Model, policy: &Policy) -> Sweep<'m> {
        let base = &model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let cells = base.flows().len();
        let kappa = |cell: usize| {
            policy.iceberg[cell] * (1.0 + policy.export_tax[cell]) * (1.0 + policy.tariff[cell])
                / ((1.0 + base.export_tax()[cell]) * (1.0 + base.tariff()[cell]))
        };
        let mut sweep = Sweep {
            model,
            weight: vec![0.0; cells],
            to_tariff: vec![0.0; cells],
            to_producer: vec![0.0; cells],
            to_export_tax: vec![0.0; cells],
            taxes_exports: policy.export_tax.iter().any(|&e| !math::same(e, 0.0))
                || policy.quotas.iter().any(|q| q.rent == Rent::Exporter),
            log_productivity: policy.productivity.iter().map(|&a| math::ln(a)).collect(),
            deficits: policy.deficits.clone(),
            caps: Vec::with_capacity(policy.quotas.len()),
            gap: vec![0.0; regions],
            last_gap: vec![0.0; regions],
            wage_step: vec![0.3; regions],
            log_cost: vec![0.0; regions * sectors],
            cost_power: vec![0.0; regions * sectors],
            phi: vec![0.0; regions * sectors],
            tariff_part: vec![0.0; regions * sectors],
            output: vec![0.0; regions * sectors],
            critical_share: vec![0.0; regions * sectors],
            net_output: vec![0.0; regions * sectors],
            spend: vec![0.0; regions * sectors],
            income: vec![0.0; regions],
            tariff_revenue: vec![0.0; regions],
            export_tax_revenue: vec![0.0; regions],
            deficit: vec![0.0; regions],
            demand: vec![0.0; sectors],
        };
        for cell in 0..cells {
            let theta = model.theta[cell % sectors];
            let share = model.share[cell] * policy.open[cell];
            let kappa = kappa(cell);
            let weight = if share > 0.0 && kappa.is_finite() {
                // No change keeps the share to the last bit.
                if math::same(kappa, 1.0) {
                    share
                } else {
                    share * math::exp(-theta * math::ln(kappa))
                }
            } else {
                0.0
            };
            sweep.set(cell, weight, policy.tariff[cell], policy.export_tax[cell]);
        }
        for quota in &policy.quotas {
            let (i, j) = (quota.exporter, quota.sector);
            let worth = |cell: usize| {
                base.flows()[cell] / ((1.0 + base.tariff()[cell]) * (1.0 + base.export_tax()[cell]))
            };
            let total: f64 = quota.importers.iter().map(|&n| worth(base.cell(n, i, j))).sum();
            let cells = quota
                .importers
                .iter()
                .map(|&n| {
                    let flat = base.cell(n, i, j);
                    Cell {
                        importer: n,
                        exporter: i,
                        sector: j,
                        flat,
                        weight: sweep.weight[flat],
                        tariff: policy.tariff[flat],
                        export_tax: policy.export_tax[flat],
                        kappa: kappa(flat),
                        quantity: worth(flat) / total,
                    }
                })
                .filter(|cell| cell.weight > 0.0)
                .collect();
            sweep.caps.push(Cap {
                cells,
                log_ratio: math::ln(quota.ratio),
                rent: quota.rent,
                theta: model.theta[j],
            });
        }
        sweep
    }

    fn set(&mut self, cell: usize, weight: f64, tariff: f64, export_tax: f64) {
        self.weight[cell] = weight;
        self.to_tariff[cell] = weight * tariff / (1.0 + tariff);
        self.to_producer[cell] = weight / ((1.0 + tariff) * (1.0 + export_tax));
        self.to_export_tax[cell] = self.to_producer[cell] * export_tax;
    }

    /// Number of unknowns: wages, prices, expenditures, quota wedges.
    pub(super) fn size(&self) -> usize {
        let (regions, sectors) = (self.model.base.region_count(), self.model.base.sector_count());
        regions + 2 * regions * sectors + self.caps.len()
    }

    /// The baseline as a starting point.
    pub(super) fn start(&self, x: &mut [f64]) {
        let (regions, sectors) = (self.model.base.region_count(), self.model.base.sector_count());
        x.fill(0.0);
        let from = regions + regions * sectors;
        for (value, spent) in x[from..].iter_mut().zip(self.model.base.expenditure()) {
            *value = math::ln(*spent);
        }
    }

    /// Sources left for each purchase; the first region and sector without any.
    pub(super) fn unsupplied(&self) -> Option<(usize, usize)> {
        let base = &self.model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        (0..regions).flat_map(|n| (0..sectors).map(move |j| (n, j))).find(|&(n, j)| {
            (0..regions).map(|i| self.weight[base.cell(n, i, j)]).sum::<f64>() <= 0.0
        })
    }

    /// One sweep: writes the image of `x` into `image`. Not-a-number in, not-a-number out.
    pub(super) fn run(&mut self, x: &[f64], image: &mut [f64]) {
        let (regions, sectors) = (self.model.base.region_count(), self.model.base.sector_count());
        let flat = regions * sectors;
        let (wages, rest) = x.split_at(regions);
        let (prices, rest) = rest.split_at(flat);
        let (expenditures, wedges) = rest.split_at(flat);
        self.place_quotas(wedges);
        self.costs(wages, prices);
        self.demand(expenditures);
        let (new_wages, rest) = image.split_at_mut(regions);
        let (new_prices, rest) = rest.split_at_mut(flat);
        let (new_expenditures, new_wedges) = rest.split_at_mut(flat);
        for n in 0..regions {
            for j in 0..sectors {
                let at = n * sectors + j;
                new_prices[at] = -math::ln(self.phi[at]) / self.model.theta[j];
            }
        }
        self.incomes(wages);
        self.close(wages, expenditures, new_wages, new_expenditures);
        self.quota_step(wedges, new_wedges);
    }

    /// Puts the current wedges of the quotas into the weights of their cells.
    fn place_quotas(&mut self, wedges: &[f64]) {
        for k in 0..self.caps.len() {
            let factor = math::exp(wedges[k]);
            let power = math::exp(-self.caps[k].theta * wedges[k]);
            let rent = self.caps[k].rent;
            for c in 0..self.caps[k].cells.len() {
                let Cell { flat, weight, tariff, export_tax, .. } = self.caps[k].cells[c];
                let raise = |rate: f64| (1.0 + rate) * factor - 1.0;
                match rent {
                    Rent::Exporter => self.set(flat, weight * power, tariff, raise(export_tax)),
                    Rent::Importer => self.set(flat, weight * power, raise(tariff), export_tax),
                    Rent::Burnt => self.set(flat, weight * power, tariff, export_tax),
                }
            }
        }
    }

    /// Unit costs from wages and input prices; in the critical nest, its cost share too.
    fn costs(&mut self, wages: &[f64], prices: &[f64]) {
        let model = self.model;
        let sectors = model.base.sector_count();
        for (i, wage) in wages.iter().enumerate() {
            let row = i * sectors..(i + 1) * sectors;
            let cost = &mut self.log_cost[row.clone()];
            let fixed = model.labour[row.clone()].iter().zip(&self.log_productivity[row.clone()]);
            for (value, (labour, productivity)) in cost.iter_mut().zip(fixed) {
                *value = labour * wage - productivity;
            }
            for k in 0..sectors {
                let price = prices[i * sectors + k];
                let shares = &model.input[(i * sectors + k) * sectors..][..sectors];
                cost.iter_mut().zip(shares).for_each(|(value, share)| *value += share * price);
            }
            if let Some(critical) = &model.critical {
                let price = prices[i * sectors + critical.sector];
                for j in 0..sectors {
                    let at = i * sectors + j;
                    let share = model.critical_share[at];
                    if share <= 0.0 {
                        continue;
                    }
                    let rest = cost[j] + self.log_productivity[at];
                    let bend = 1.0 - critical.sigma[j];
                    // Shares of 1 - sigma near 0 are Cobb-Douglas.
                    let (level, new_share) = if bend.abs() < 1e-9 {
                        ((1.0 - share) * rest + share * price, share)
                    } else {
                        let (a, b) = (
                            (1.0 - share) * math::exp(bend * rest),
                            share * math::exp(bend * price),
                        );
                        (math::ln(a + b) / bend, b / (a + b))
                    };
                    cost[j] = level - self.log_productivity[at];
                    self.critical_share[at] = new_share;
                }
            }
            for j in 0..sectors {
                self.cost_power[i * sectors + j] = math::exp(-model.theta[j] * cost[j]);
            }
        }
    }

    /// Demand for every source: price sums, output and taxes at given expenditures.
    fn demand(&mut self, expenditures: &[f64]) {
        let (regions, sectors) = (self.model.base.region_count(), self.model.base.sector_count());
        self.output.fill(0.0);
        self.export_tax_revenue.fill(0.0);
        for n in 0..regions {
            let row = n * sectors..(n + 1) * sectors;
            let phi = &mut self.phi[row.clone()];
            let tariff_part = &mut self.tariff_part[row.clone()];
            phi.fill(0.0);
            tariff_part.fill(0.0);
            let block = n * regions * sectors;
            for i in 0..regions {
                let cells = block + i * sectors..block + (i + 1) * sectors;
                let powers = &self.cost_power[i * sectors..(i + 1) * sectors];
                let parts = self.weight[cells.clone()].iter().zip(&self.to_tariff[cells]);
                let sums = phi.iter_mut().zip(tariff_part.iter_mut());
                for ((sum, tariffs), ((weight, taxed), power)) in sums.zip(parts.zip(powers)) {
                    *sum += weight * power;
                    *tariffs += taxed * power;
                }
            }
            let mut revenue = 0.0;
            for j in 0..sectors {
                // Expenditure per unit of the price sum, shared by all sources.
                let spend = math::exp(expenditures[row.start + j]) / phi[j];
                revenue += spend * tariff_part[j];
                self.spend[row.start + j] = spend;
            }
            self.tariff_revenue[n] = revenue;
            let spend = &self.spend[row];
            for i in 0..regions {
                let cells = block + i * sectors..block + (i + 1) * sectors;
                let output = &mut self.output[i * sectors..(i + 1) * sectors];
                let parts = self.to_producer[cells.clone()].iter().zip(spend);
                for (sum, (part, spend)) in output.iter_mut().zip(parts) {
                    *sum += part * spend;
                }
                if self.taxes_exports {
                    let powers = &self.cost_power[i * sectors..(i + 1) * sectors];
                    let parts = self.to_export_tax[cells].iter().zip(spend).zip(powers);
                    self.export_tax_revenue[i] +=
                        parts.map(|((part, spend), power)| part * spend * power).sum::<f64>();
                }
            }
        }
        for (output, power) in self.output.iter_mut().zip(&self.cost_power) {
            *output *= power;
        }
    }

    /// Incomes: wages, taxes and deficits.
    fn incomes(&mut self, wages: &[f64]) {
        let base = &self.model.base;
        let regions = base.region_count();
        for n in 0..regions {
            self.income[n] = math::exp(wages[n]) * base.value_added()[n]
                + self.tariff_revenue[n]
                + self.export_tax_revenue[n];
        }
        match &self.deficits {
            Deficits::Fixed => self.deficit.copy_from_slice(base.deficit()),
            Deficits::Given(levels) => self.deficit.copy_from_slice(levels),
            Deficits::Scaled => {
                let mut gap = 0.0;
                for n in 0..regions {
                    let own = base.income()[n] - base.deficit()[n];
                    self.deficit[n] = base.deficit()[n] / own * self.income[n];
                    gap += self.deficit[n];
                }
                let world: f64 = base.value_added().iter().sum();
                for n in 0..regions {
                    self.deficit[n] -= gap * base.value_added()[n] / world;
                }
            }
        }
        self.income.iter_mut().zip(&self.deficit).for_each(|(income, deficit)| *income += deficit);
    }

    /// Expenditures from output and income; wages from the labour market; the numeraire.
    fn close(
        &mut self,
        wages: &[f64],
        expenditures: &[f64],
        new_wages: &mut [f64],
        new_expenditures: &mut [f64],
    ) {
        let model = self.model;
        let base = &model.base;
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let (mut world, mut paid) = (0.0, 0.0);
        for n in 0..regions {
            let row = n * sectors..(n + 1) * sectors;
            let mut labour = 0.0;
            for at in row.clone() {
                self.net_output[at] = self.output[at] * (1.0 - self.critical_share[at]);
                labour += model.labour[at] * self.net_output[at];
            }
            let demand = &mut self.demand;
            let finals = &base.final_share()[row.clone()];
            demand.iter_mut().zip(finals).for_each(|(d, share)| *d = share * self.income[n]);
            for j in 0..sectors {
                let output = self.net_output[row.start + j];
                let shares = &model.input_by_user[(n * sectors + j) * sectors..][..sectors];
                demand.iter_mut().zip(shares).for_each(|(d, share)| *d += share * output);
            }
            if let Some(critical) = &model.critical {
                demand[critical.sector] +=
                    row.clone().map(|at| self.critical_share[at] * self.output[at]).sum::<f64>();
            }
            for j in 0..sectors {
                let old = expenditures[row.start + j];
                // A negative final share may overdraw a sector far from the solution: halve instead.
                new_expenditures[row.start + j] = if demand[j] > 0.0 {
                    math::ln(demand[j])
                } else {
                    old - std::f64::consts::LN_2
                };
            }
            let supply = math::exp(wages[n]) * base.value_added()[n];
            self.gap[n] = math::ln(labour / supply);
            let change = (self.wage_step[n] * self.gap[n]).clamp(-LARGEST_MOVE, LARGEST_MOVE);
            new_wages[n] = wages[n] + change;
            world += base.value_added()[n];
            paid += math::exp(new_wages[n]) * base.value_added()[n];
        }
        let shift = math::ln(world / paid);
        new_wages.iter_mut().for_each(|wage| *wage += shift);
    }

    /// Lets each wage follow its labour market faster while the gap keeps its sign and slower once it
    /// changes, as in resilient propagation (Riedmiller & Braun 1993): flat and steep markets alike.
    pub(super) fn adapt_steps(&mut self) {
        for n in 0..self.gap.len() {
            let product = self.gap[n] * self.last_gap[n];
            let factor = if product > 0.0 {
                1.3
            } else if product < 0.0 {
                0.4
            } else {
                1.0
            };
            self.wage_step[n] = (self.wage_step[n] * factor).clamp(1e-5, 1e9);
            self.last_gap[n] = self.gap[n];
        }
    }

    /// Raises a quota's wedge while its quantity is above the cap, lowers it to 0 otherwise.
    fn quota_step(&self, wedges: &[f64], new_wedges: &mut [f64]) {
        for (k, cap) in self.caps.iter().enumerate() {
            let quantity = self.capped_quantity(k, wedges[k]);
            let gap = math::ln(quantity) - cap.log_ratio;
            new_wedges[k] = (wedges[k] + gap / (1.0 + cap.theta)).max(0.0);
        }
    }

    /// Quantity under a quota over its baseline, by the last sweep's demand.
    fn capped_quantity(&self, k: usize, wedge: f64) -> f64 {
        let sectors = self.model.base.sector_count();
        let cap = &self.caps[k];
        let total: f64 = cap
            .cells
            .iter()
            .map(|cell| {
                let at = cell.exporter * sectors + cell.sector;
                let value = self.weight[cell.flat]
                    * self.cost_power[at]
                    * self.spend[cell.importer * sectors + cell.sector];
                let cost = cell.kappa * math::exp(wedge + self.log_cost[at]);
                cell.quantity * value / (self.model.base.flows()[cell.flat] * cost)
            })
            .sum();
        total.max(1e-300)
    }

    /// Purchases at purchaser prices by the last sweep's demand, `[importer][exporter][sector]`.
    pub(super) fn flow(&self, n: usize, i: usize, j: usize) -> f64 {
        let sectors = self.model.base.sector_count();
        self.weight[self.model.base.cell(n, i, j)]
            * self.cost_power[i * sectors + j]
            * self.spend[n * sectors + j]
    }
}
