//! The first storey: effects of trade wedges in closed form, from bilateral exposures.
//!
//! Every region is a multi-sector Armington economy (Armington 1969; Feenstra 2016, ch. 7) with one
//! factor. Trade is counted gross and home sales net of what home producers buy from each other, so
//! that a region sells just its value added: X(n,n,j) is scaled by (V(n) - exports) / home sales.
//! Budget shares alpha(n,j) of sectors are fixed; within a sector sources compete with trade elasticity
//! theta(j). With g(n,i,j) = (1 - stopped) · kappa^-theta, kappa the change of the purchaser's price at
//! an unchanged producer's price, and pi(n,i,j) the baseline share of source i:
//!
//! 1. *Demand, exact.* Phi(n,j) = sum of pi g; new shares pi g / Phi; price index Phi^(-1/theta). This is
//!    the integral of CES demand, not a triangle: any tariff from 0 to a ban is inside the domain. A stopped share is
//!    a share of the source's varieties that is no longer sold (Feenstra 1994).
//! 2. *Budgets, exact at given wages.* Revenue is rho(n) per unit spent, so spending is
//!    (V + D + export tax) / (1 - rho). What sources receive then sums over sources to what they did before.
//! 3. *Incidence.* Region i meets a shift z(i) of demand for its factor by a price p(i) that restores
//!    its sales at iso-elastic absorption: p = (1 + z)^(1/A), A = (1 - h) + sum of w (1 - pi) theta, with
//!    h the share sold at home and w the shares of sales by market and sector. A small part of an exporter's sales
//!    moves its price little, so border pass-through is near one (Amiti, Redding & Weinstein 2019), and
//!    the exporter of a large one bears part of it.
//! 4. *Prices and income.* The price index adds p to step 1 by shares of sources after the tariff; real
//!    income is (V p + D + revenue) over the price index.
//!
//! Left out, and in the full model: input-output links, reaction of one region's price to another's
//! (step 3 is one step, not a fixed point), reallocation between sectors at unequal
//! prices. Effects are changes between two rest points, not paths.

use super::base::{Base, BaseError};
use super::elasticity::ElasticityBasis;
use super::wedges::{WedgePlace, Wedges};
use super::{Economy, EconomyError, Effects};
use crate::math;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// What of a market may at least remain: below it no source is left and no price exists.
const LEAST_SUPPLY: f64 = 1e-6;

/// Closed-form effects of wedges on a base.
#[derive(Debug, Clone)]
pub struct FirstStorey {
    base: Base,
    basis: ElasticityBasis,
    regions: usize,
    sectors: usize,
    /// Baseline share of source i in n's purchases of j, `[n][j][i]`.
    source_share: Vec<f64>,
    /// alpha · pi, `[n][j][i]`: share of the whole budget.
    budget_share: Vec<f64>,
    /// What of a unit of the budget reaches producers, `[n][j][i]`.
    receipt: Vec<f64>,
    /// Budget share of a sector, `[n][j]`.
    alpha: Vec<f64>,
    /// Tariff revenue per unit of the budget from each sector at baseline, `[n][j]`, and in all, `[n]`.
    sector_revenue: Vec<f64>,
    region_revenue: Vec<f64>,
    /// Budget by source over all sectors, `[n][i]`, and what of it reaches producers.
    origin: Vec<f64>,
    origin_receipt: Vec<f64>,
    /// Goods imports at border prices per unit of the budget, `[n][j][i]` for goods, and in all `[n][i]`.
    border: Vec<f64>,
    origin_border: Vec<f64>,
    /// Share of a region's sales made at home.
    home_sales: Vec<f64>,
    /// Sum over markets of w (1 - pi) by seller and sector: what multiplies theta in the absorption.
    spread: Vec<f64>,
    /// Income by region at baseline.
    income: Vec<f64>,
}

/// The wedges of one pair: their points by sector stand together in [`Gathered::points`].
#[derive(Debug, Clone)]
struct PairWedge {
    exporter: usize,
    start: usize,
    touched: Range<usize>,
}

/// Points of one cell's wedges, by [`WedgeKind`](super::WedgeKind).
type Points = [f64; 4];

/// The wedges on one importer's border by exporter.
#[derive(Debug, Clone, Default)]
struct Gathered {
    pairs: Vec<PairWedge>,
    points: Vec<Points>,
}

/// How many markets a memory keeps before it starts afresh.
const MARKETS: usize = 20_000;

/// Markets of importers by the wedges on their own border: policies that differ at one border share
/// all other markets. For one thread; what it holds is a pure function of its keys.
#[derive(Debug, Default)]
pub struct Memory {
    /// Tells apart the economies that a memory serves.
    pub economy: u64,
    markets: BTreeMap<(u64, u64), Rc<Market>>,
}

/// One importer's market after its wedges, per unit of its budget.
#[derive(Debug)]
struct Market {
    importer: usize,
    /// Tariff revenue.
    revenue: f64,
    log_price: f64,
    /// Spending by source; what of it reaches producers; goods at border prices; change of export tax.
    rows: Vec<f64>,
}

impl FirstStorey {
    /// Prepares exposures of a base.
    ///
    /// # Errors
    /// A region whose exports exceed its value added: gross exports cannot be told from value added
    /// without input-output links there, and the full model is needed.
    pub fn new(base: &Base, basis: ElasticityBasis) -> Result<FirstStorey, BaseError> {
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let mut model = FirstStorey {
            regions,
            sectors,
            source_share: vec![0.0; regions * sectors * regions],
            budget_share: vec![0.0; regions * sectors * regions],
            receipt: vec![0.0; regions * sectors * regions],
            alpha: vec![0.0; regions * sectors],
            sector_revenue: vec![0.0; regions * sectors],
            region_revenue: vec![0.0; regions],
            origin: vec![0.0; regions * regions],
            origin_receipt: vec![0.0; regions * regions],
            border: vec![0.0; regions * sectors * regions],
            origin_border: vec![0.0; regions * regions],
            home_sales: vec![0.0; regions],
            spread: vec![0.0; regions * sectors],
            income: base.income().to_vec(),
            basis,
            base: base.clone(),
        };
        model.fill_exposures(base)?;
        Ok(model)
    }

    fn fill_exposures(&mut self, base: &Base) -> Result<(), BaseError> {
        let (regions, sectors) = (self.regions, self.sectors);
        let producer = |cell: usize| {
            base.flows()[cell] / ((1.0 + base.tariff()[cell]) * (1.0 + base.export_tax()[cell]))
        };
        let mut home_scale = vec![0.0; regions];
        for (i, scale) in home_scale.iter_mut().enumerate() {
            let sold = |n: usize| (0..sectors).map(|j| producer(base.cell(n, i, j))).sum::<f64>();
            let exports: f64 = (0..regions).filter(|&n| n != i).map(sold).sum();
            let value_added = base.value_added()[i];
            if exports >= value_added {
                return Err(BaseError::new(
                    base.regions()[i].clone(),
                    format!("exports of {exports:.1} exceed value added of {value_added:.1}"),
                    "use the full trade model: exports contain too many imported inputs here",
                ));
            }
            *scale = (value_added - exports) / sold(i);
        }
        for n in 0..regions {
            for j in 0..sectors {
                for i in 0..regions {
                    let cell = base.cell(n, i, j);
                    let scale = if i == n { home_scale[n] } else { 1.0 };
                    let budget = scale * base.flows()[cell] / self.income[n];
                    let border = budget / (1.0 + base.tariff()[cell]);
                    let receipt = border / (1.0 + base.export_tax()[cell]);
                    let at = (n * sectors + j) * regions + i;
                    self.budget_share[at] = budget;
                    self.receipt[at] = receipt;
                    self.alpha[n * sectors + j] += budget;
                    self.sector_revenue[n * sectors + j] += budget - border;
                    self.region_revenue[n] += budget - border;
                    self.origin[n * regions + i] += budget;
                    self.origin_receipt[n * regions + i] += receipt;
                    if j < base.goods() {
                        self.border[at] = border;
                        self.origin_border[n * regions + i] += border;
                    }
                }
                let alpha = self.alpha[n * sectors + j];
                for i in 0..regions {
                    let at = (n * sectors + j) * regions + i;
                    self.source_share[at] = self.budget_share[at] / alpha;
                    let sales = self.receipt[at] * self.income[n] / base.value_added()[i];
                    self.spread[i * sectors + j] += sales * (1.0 - self.source_share[at]);
                    if i == n {
                        self.home_sales[i] += sales;
                    }
                }
            }
        }
        Ok(())
    }

    /// The wedges on one importer's border by exporter; they come in that order.
    fn gather(&self, wedges: &[(WedgePlace, f64)]) -> Result<Gathered, EconomyError> {
        let mut all = Gathered {
            points: Vec::with_capacity(wedges.len() * self.sectors),
            ..Gathered::default()
        };
        for &(place, amount) in wedges {
            let (n, i) = (usize::from(place.importer), usize::from(place.exporter));
            if n.max(i) >= self.regions {
                let (what, index) = ("region", n.max(i));
                return Err(EconomyError::OutOfBase { what, index, count: self.regions });
            }
            let range = place.sectors.range(self.base.goods(), self.sectors);
            if range.end > self.sectors {
                let (what, index) = ("sector", range.start);
                return Err(EconomyError::OutOfBase { what, index, count: self.sectors });
            }
            let count = all.pairs.len();
            if count == 0 || all.pairs[count - 1].exporter != i {
                let start = all.points.len();
                all.points.resize(start + self.sectors, [0.0; 4]);
                all.pairs.push(PairWedge { exporter: i, start, touched: range.clone() });
            }
            let Some(pair) = all.pairs.last_mut() else { continue };
            pair.touched = pair.touched.start.min(range.start)..pair.touched.end.max(range.end);
            for points in &mut all.points[pair.start + range.start..pair.start + range.end] {
                points[place.kind as usize] += amount;
            }
        }
        Ok(all)
    }

    /// The market of one importer under the wedges on its border.
    fn remembered(
        &self,
        border: &[(WedgePlace, f64)],
        (horizon_years, elasticity): (f64, f64),
        theta: &[f64],
        memory: &mut Memory,
    ) -> Result<Rc<Market>, EconomyError> {
        let mut key =
            (memory.economy, horizon_years.to_bits() ^ elasticity.to_bits().rotate_left(32));
        let mut mix = |word: u64| {
            key.0 = (key.0 ^ word).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            key.0 ^= key.0 >> 29;
            key.1 = (key.1.rotate_left(23) ^ word).wrapping_mul(0x94D0_49BB_1331_11EB);
            key.1 ^= key.1 >> 31;
        };
        mix(elasticity.to_bits());
        for (place, amount) in border {
            mix(place.word());
            mix(amount.to_bits());
        }
        if let Some(found) = memory.markets.get(&key) {
            return Ok(Rc::clone(found));
        }
        let gathered = self.gather(border)?;
        let n = border.first().map_or(0, |(place, _)| usize::from(place.importer));
        let market = Rc::new(self.market(n, &gathered, &gathered.pairs, theta)?);
        if memory.markets.len() >= MARKETS {
            memory.markets.clear();
        }
        memory.markets.insert(key, Rc::clone(&market));
        Ok(market)
    }

    /// Demand of one importer at given producer prices (step 1).
    fn market(
        &self,
        n: usize,
        wedges: &Gathered,
        pairs: &[PairWedge],
        theta: &[f64],
    ) -> Result<Market, EconomyError> {
        let (regions, sectors) = (self.regions, self.sectors);
        let row = n * regions..(n + 1) * regions;
        let mut market = Market {
            importer: n,
            revenue: self.region_revenue[n],
            log_price: 0.0,
            rows: Vec::with_capacity(4 * regions + pairs.len()),
        };
        for baseline in [&self.origin, &self.origin_receipt, &self.origin_border] {
            market.rows.extend_from_slice(&baseline[row.clone()]);
        }
        market.rows.resize(4 * regions, 0.0);
        let (origin, rest) = market.rows.split_at_mut(regions);
        let (receipt, rest) = rest.split_at_mut(regions);
        let (border, export_tax) = rest.split_at_mut(regions);
        let mut remains = vec![0.0; pairs.len()];
        let touched = pairs.iter().fold(sectors..0, |range, pair| {
            range.start.min(pair.touched.start)..range.end.max(pair.touched.end)
        });
        for j in touched {
            let at = (n * sectors + j) * regions;
            // Shares that remain of each wedged source, before the price index moves.
            let mut phi = 1.0;
            for (kept, pair) in remains.iter_mut().zip(pairs) {
                *kept = self.kept(n, pair.exporter, j, wedges.points[pair.start + j], theta[j])?;
                phi += self.source_share[at + pair.exporter] * (*kept - 1.0);
            }
            let phi: f64 = phi.max(LEAST_SUPPLY);
            if math::same(phi, 1.0) {
                continue;
            }
            market.log_price -= self.alpha[n * sectors + j] * math::ln(phi) / theta[j];
            // All sources gain by the factor 1/phi; wedged ones are then corrected.
            let gain = 1.0 / phi;
            let grow = |total: &mut [f64], part: &[f64]| {
                total.iter_mut().zip(part).for_each(|(t, p)| *t += p * (gain - 1.0));
            };
            grow(origin, &self.budget_share[at..at + regions]);
            grow(receipt, &self.receipt[at..at + regions]);
            grow(border, &self.border[at..at + regions]);
            market.revenue += self.sector_revenue[n * sectors + j] * (gain - 1.0);
            for (pair, &kept) in pairs.iter().zip(&remains) {
                let i = pair.exporter;
                let cell = self.base.cell(n, i, j);
                let (t0, e0) = (self.base.tariff()[cell], self.base.export_tax()[cell]);
                let [tariff, tax, ..] = wedges.points[pair.start + j];
                let budget = self.budget_share[at + i];
                let new = budget * kept * gain;
                let new_border = new / (1.0 + t0 + tariff);
                let new_receipt = new_border / (1.0 + e0 + tax);
                origin[i] += new - budget * gain;
                receipt[i] += new_receipt - self.receipt[at + i] * gain;
                if j < self.base.goods() {
                    border[i] += new_border - self.border[at + i] * gain;
                }
                market.revenue += (new - new_border) - (budget - budget / (1.0 + t0)) * gain;
                // Only the change matters: the baseline's export tax is part of baseline income.
                export_tax[i] += (new_border - new_receipt) - self.receipt[at + i] * e0;
            }
        }
        Ok(market)
    }

    /// What remains of a source's share, (1 - stopped) · kappa^-theta.
    fn kept(
        &self,
        n: usize,
        i: usize,
        j: usize,
        [tariff, export_tax, cost, stopped]: Points,
        theta: f64,
    ) -> Result<f64, EconomyError> {
        let cell = self.base.cell(n, i, j);
        let factor = |rate: f64, points: f64| 1.0 + points / (1.0 + rate);
        let tariff = factor(self.base.tariff()[cell], tariff);
        let export_tax = factor(self.base.export_tax()[cell], export_tax);
        let cost = 1.0 + cost;
        if !(tariff > 0.0 && export_tax > 0.0 && cost > 0.0) {
            return Err(EconomyError::Wedge {
                importer: self.base.regions()[n].clone(),
                exporter: self.base.regions()[i].clone(),
                sector: self.base.sectors()[j].clone(),
                percent: 100.0 * (tariff * export_tax * cost - 1.0),
            });
        }
        let open = (1.0 - stopped).clamp(0.0, 1.0);
        let kappa = tariff * export_tax * cost;
        if math::same(kappa, 1.0) {
            return Ok(open);
        }
        Ok(open * math::exp(-theta * math::ln(kappa)))
    }

    /// Prices of the regions' factors and their logs after the shifts of demand (step 3), in units of
    /// world value added.
    fn factor_prices(&self, shift: &[f64], theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let value_added = self.base.value_added();
        let mut prices = vec![0.0; self.regions];
        let mut logs = vec![0.0; self.regions];
        let (mut before, mut after) = (0.0, 0.0);
        for i in 0..self.regions {
            let spread = &self.spread[i * self.sectors..(i + 1) * self.sectors];
            let absorbed: f64 = spread.iter().zip(theta).map(|(w, t)| w * t).sum();
            let elasticity = 1.0 - self.home_sales[i] + absorbed;
            logs[i] = math::ln_1p((shift[i] / value_added[i]).max(-0.99)) / elasticity;
            prices[i] = math::exp(logs[i]);
            before += value_added[i];
            after += value_added[i] * prices[i];
        }
        let scale = before / after;
        let log_scale = math::ln(scale);
        prices.iter_mut().for_each(|p| *p *= scale);
        logs.iter_mut().for_each(|log| *log += log_scale);
        (prices, logs)
    }
}

impl Economy for FirstStorey {
    fn base(&self) -> &Base {
        &self.base
    }

    fn effects(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
    ) -> Result<Effects, EconomyError> {
        self.effects_with(wedges, horizon_years, elasticity, &mut Memory::default())
    }

    fn effects_with(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
        memory: &mut Memory,
    ) -> Result<Effects, EconomyError> {
        let regions = self.regions;
        let mut theta = vec![0.0; self.sectors];
        self.basis.fill(horizon_years, elasticity, &mut theta)?;
        let mut effects = Effects::none(regions);
        let wedges: Vec<(WedgePlace, f64)> = wedges.iter().collect();
        if wedges.is_empty() {
            return Ok(effects);
        }
        let mut markets: Vec<Rc<Market>> = Vec::with_capacity(regions);
        let mut extra = vec![0.0; regions];
        for border in wedges.chunk_by(|(a, _), (b, _)| a.importer == b.importer) {
            let market = self.remembered(border, (horizon_years, elasticity), &theta, memory)?;
            let n = market.importer;
            let spent = self.income[n] * (1.0 - self.region_revenue[n]) / (1.0 - market.revenue);
            extra
                .iter_mut()
                .zip(&market.rows[3 * regions..])
                .for_each(|(e, tax)| *e += tax * spent);
            markets.push(market);
        }
        let of = |n: usize| markets.iter().find(|market| market.importer == n);
        // Steps 2 and 3: what each budget is now, and what each region's producers receive of it.
        let own = |n: usize| self.income[n] * (1.0 - self.region_revenue[n]) + extra[n];
        let mut shift = vec![0.0; regions];
        for n in 0..regions {
            let old = &self.origin_receipt[n * regions..(n + 1) * regions];
            let (new, revenue) = match of(n) {
                Some(market) => (&market.rows[regions..2 * regions], market.revenue),
                None if math::same(extra[n], 0.0) => continue,
                None => (old, self.region_revenue[n]),
            };
            let spent = own(n) / (1.0 - revenue);
            for i in 0..regions {
                shift[i] += spent * new[i] - self.income[n] * old[i];
            }
        }
        let (prices, logs) = self.factor_prices(&shift, &theta);
        // Step 4.
        for n in 0..regions {
            let (origin, border, revenue, mut log_price) = match of(n) {
                Some(m) => {
                    (&m.rows[..regions], &m.rows[2 * regions..3 * regions], m.revenue, m.log_price)
                }
                None => (
                    &self.origin[n * regions..(n + 1) * regions],
                    &self.origin_border[n * regions..(n + 1) * regions],
                    self.region_revenue[n],
                    0.0,
                ),
            };
            log_price += origin.iter().zip(&logs).map(|(share, p)| share * p).sum::<f64>();
            let value_added = self.base.value_added()[n];
            let income = (own(n) + value_added * (prices[n] - 1.0)) / (1.0 - revenue);
            let level = math::exp(log_price);
            let percent = 100.0 / value_added;
            effects.income[n] = percent * self.income[n] * (income / self.income[n] / level - 1.0);
            effects.prices[n] = 100.0 * (level - 1.0);
            effects.revenue[n] =
                percent * (income * revenue - self.income[n] * self.region_revenue[n] + extra[n]);
            for i in 0..regions {
                let before = self.origin_border[n * regions + i];
                if before > 0.0 && i != n {
                    effects.trade[n * regions + i] = income * border[i] / (self.income[n] * before);
                }
            }
        }
        Ok(effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::{Sectors, WedgeKind, shipped};
    use crate::math::close;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static LEVEL: LazyLock<FirstStorey> = LazyLock::new(|| {
        FirstStorey::new(shipped::base("hybrid2023").unwrap(), ElasticityBasis::AtHorizon).unwrap()
    });

    fn at(code: &str) -> usize {
        LEVEL.base.region(code).unwrap()
    }

    fn tariff(parts: &[(&str, &str, f64)]) -> Wedges {
        let mut wedges = Wedges::new();
        for &(n, i, rate) in parts {
            wedges.add(at(n), at(i), Sectors::Goods, WedgeKind::Tariff, rate);
        }
        wedges
    }

    #[test]
    fn exposures_balance() {
        let (base, n) = (LEVEL.base(), LEVEL.regions);
        for i in 0..n {
            let sold: f64 = (0..n).map(|m| LEVEL.origin_receipt[m * n + i] * LEVEL.income[m]).sum();
            assert!(close(sold / base.value_added()[i], 1.0, 1e-12), "{}", base.regions()[i]);
            let spent: f64 = LEVEL.origin[i * n..(i + 1) * n].iter().sum();
            assert!(close(spent, 1.0, 1e-12), "{}", base.regions()[i]);
        }
    }

    #[test]
    fn nothing_in_force_changes_nothing() {
        let none = LEVEL.effects(&Wedges::new(), 1.0, 2.0).unwrap();
        assert_eq!(none, Effects::none(LEVEL.regions));
    }

    /// Signs of a US tariff of 100 points on China as in the full model: both lose, third countries
    /// gain by diversion, Mexico most.
    #[test]
    fn bilateral_tariff_costs_both_sides_and_diverts() {
        for theta in [2.0, 4.0] {
            let effects = LEVEL.effects(&tariff(&[("USA", "CHN", 1.0)]), 1.0, theta).unwrap();
            assert!(effects.income[at("USA")] < 0.0 && effects.income[at("CHN")] < 0.0);
            assert!(effects.income[at("MEX")] > 0.05 && effects.income[at("EU")] > 0.0);
            assert!(effects.revenue[at("USA")] > 0.0 && effects.prices[at("USA")] > 0.0);
            let pair = at("USA") * LEVEL.regions + at("CHN");
            assert!(effects.trade[pair] < 0.5, "{}", effects.trade[pair]);
            assert!(effects.trade[at("USA") * LEVEL.regions + at("MEX")] > 1.0);
        }
    }

    #[test]
    fn a_ban_is_the_limit_of_a_tariff() {
        let mut ban = Wedges::new();
        ban.add(at("USA"), at("CHN"), Sectors::Goods, WedgeKind::Stopped, 1.0);
        let ban = LEVEL.effects(&ban, 1.0, 4.0).unwrap();
        let tariff = LEVEL.effects(&tariff(&[("USA", "CHN", 1e6)]), 1.0, 4.0).unwrap();
        for n in 0..LEVEL.regions {
            assert!(close(ban.income[n], tariff.income[n], 1e-6));
        }
        assert!(ban.income[at("USA")] < -0.05);
    }

    #[test]
    fn a_tariff_can_gain_and_an_export_tax_earns() {
        // The small tariff of a large country: terms of trade beat the deadweight loss.
        let everybody: Vec<_> = LEVEL
            .base
            .regions()
            .iter()
            .filter(|code| *code != "USA")
            .map(|code| ("USA", code.as_str(), 0.1))
            .collect();
        let effects = LEVEL.effects(&tariff(&everybody), 1.0, 4.0).unwrap();
        assert!(effects.income[at("USA")] > 0.0 && effects.income[at("CHN")] < 0.0);
        let mut wedges = Wedges::new();
        wedges.add(at("USA"), at("CHN"), Sectors::One(9), WedgeKind::ExportTax, 0.2);
        let effects = LEVEL.effects(&wedges, 1.0, 1.24).unwrap();
        assert!(effects.revenue[at("CHN")] > 0.0 && effects.income[at("CHN")] > 0.0);
        assert!(effects.income[at("USA")] < 0.0);
    }

    #[test]
    fn faults_are_told() {
        let mut wedges = Wedges::new();
        wedges.add(99, 0, Sectors::Goods, WedgeKind::Tariff, 0.1);
        assert!(LEVEL.effects(&wedges, 1.0, 2.0).is_err());
        let mut wedges = Wedges::new();
        wedges.add(0, 1, Sectors::One(99), WedgeKind::Tariff, 0.1);
        assert!(LEVEL.effects(&wedges, 1.0, 2.0).is_err());
        let error = LEVEL.effects(&tariff(&[("USA", "CHN", -2.0)]), 1.0, 2.0).unwrap_err();
        assert!(error.to_string().contains("USA on CHN, AGR"), "{error}");
        assert!(LEVEL.effects(&tariff(&[("USA", "CHN", 1.0)]), 1.0, f64::NAN).is_err());
    }

    #[test]
    #[ignore = "prints the table of docs/economics.md"]
    fn table() {
        let set = ElasticityBasis::TimesAtHorizon(
            shipped::elasticities("default", LEVEL.base.sectors()).unwrap(),
        );
        let default = FirstStorey::new(&LEVEL.base, set).unwrap();
        let all: Vec<_> = LEVEL
            .base
            .regions()
            .iter()
            .filter(|code| *code != "USA")
            .map(|code| ("USA", code.as_str(), 0.1))
            .collect();
        let us100 = [("USA", "CHN", 1.0)];
        let war = [("USA", "CHN", 1.45), ("CHN", "USA", 1.25)];
        let truce = [("USA", "CHN", 0.3), ("CHN", "USA", 0.1)];
        for (name, model, parts, theta) in [
            ("US +100 default", &default, &us100[..], 1.0),
            ("US +145, CN +125 default", &default, &war[..], 1.0),
            ("US +30, CN +10 default", &default, &truce[..], 1.0),
            ("US +10 on all default", &default, &all[..], 1.0),
            ("US +100 theta 4", &*LEVEL, &us100[..], 4.0),
            ("US +100 theta 2", &*LEVEL, &us100[..], 2.0),
            ("US +100 theta 0.76", &*LEVEL, &us100[..], 0.76),
            ("US +145/CN +125 theta 0.76", &*LEVEL, &war[..], 0.76),
        ] {
            let wedges = tariff(parts);
            let e = model.effects(&wedges, 1.0, theta).unwrap();
            let start = std::time::Instant::now();
            for _ in 0..10_000 {
                std::hint::black_box(model.effects(&wedges, 1.0, theta).unwrap());
            }
            println!(
                "{name:30} USA {:+.3} CHN {:+.3} MEX {:+.3} trade {:.3}   {:?}",
                e.income[at("USA")],
                e.income[at("CHN")],
                e.income[at("MEX")],
                e.trade[at("USA") * LEVEL.regions + at("CHN")],
                start.elapsed() / 10_000
            );
        }
    }

    proptest! {
        /// Any pair, any tariff up to 1000 %, any elasticity: finite, and a higher tariff hurts the
        /// region it aims at more.
        #[test]
        fn the_target_loses_more_by_a_higher_tariff(
            n in 0usize..15, i in 0usize..15, low in 0.0f64..10.0, more in 0.0f64..5.0,
            theta in 0.5f64..10.0,
        ) {
            prop_assume!(n != i);
            let effects = |rate: f64| {
                let mut wedges = Wedges::new();
                wedges.add(n, i, Sectors::Goods, WedgeKind::Tariff, rate);
                LEVEL.effects(&wedges, 1.0, theta).unwrap()
            };
            let (a, b) = (effects(low), effects(low + more));
            for list in [&a.income, &a.revenue, &a.prices, &a.trade, &b.income, &b.prices] {
                prop_assert!(list.iter().all(|x| x.is_finite()));
            }
            prop_assert!(a.income[i] <= 1e-12);
            prop_assert!(b.income[i] <= a.income[i] + 1e-12);
            let pair = n * 15 + i;
            prop_assert!(b.trade[pair] <= a.trade[pair] + 1e-12);
        }

        /// Whatever is in force, the numbers are numbers, and the same on every call.
        #[test]
        fn always_finite(
            parts in prop::collection::vec((0usize..15, 0usize..15, 0u16..15, 0usize..4, 0.0f64..10.0), 0..12),
            theta in 0.5f64..65.0,
        ) {
            let mut wedges = Wedges::new();
            for (n, i, j, kind, amount) in parts {
                let kind = [WedgeKind::Tariff, WedgeKind::ExportTax, WedgeKind::Cost, WedgeKind::Stopped][kind];
                wedges.add(n, i, Sectors::One(j), kind, amount);
            }
            let a = LEVEL.effects(&wedges, 1.0, theta).unwrap();
            for list in [&a.income, &a.revenue, &a.prices, &a.trade] {
                prop_assert!(list.iter().all(|x| x.is_finite()));
            }
            prop_assert_eq!(a, LEVEL.effects(&wedges, 1.0, theta).unwrap());
        }
    }
}
