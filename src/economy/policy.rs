//! A policy in full: the level of every tariff, export tax and delivery cost, the quotas, and what
//! happens to deficits. The language of the solver; [`super::Wedges`] is the short form that
//! trials use.

use super::base::Base;
use super::wedges::{WedgeKind, Wedges};
use super::{BaseError, EconomyError};

/// Who gets the difference between price and cost of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rent {
    /// The seller's side, government or firms: an export licence.
    Exporter,
    /// The buyer's government: an auctioned import licence.
    Importer,
    /// Nobody: queues, compliance, spoilt goods.
    Burnt,
}

/// A cap on the quantity of one sector from one exporter, over one or several importers together.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// Buying regions; more than one share a common wedge.
    pub importers: Vec<usize>,
    /// Selling region.
    pub exporter: usize,
    /// Sector.
    pub sector: usize,
    /// Quantity allowed over baseline quantity, above 0.
    pub ratio: f64,
    /// Who gets the rent.
    pub rent: Rent,
}

/// What holds trade balances in place.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Deficits {
    /// Constant in units of world value added (Dekle, Eaton & Kortum 2008).
    #[default]
    Fixed,
    /// Constant shares of own income, the world's imbalance shared out by value added.
    Scaled,
    /// Given levels by region, million US dollars at world value added of the base; sum 0.
    Given(Vec<f64>),
}

/// A policy: new levels by importer, exporter and sector in the base's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Ad valorem tariffs, on producer price plus export tax.
    pub tariff: Vec<f64>,
    /// Ad valorem export taxes, on the producer price.
    pub export_tax: Vec<f64>,
    /// What must be sent for one unit to arrive, over baseline; infinite: an embargo.
    pub iceberg: Vec<f64>,
    /// Share of a source's varieties still sold, 0 to 1: 1 less what listings and refusals stop.
    pub open: Vec<f64>,
    /// Output of a unit of inputs over baseline, `[region][sector]`.
    pub productivity: Vec<f64>,
    /// Quantity caps.
    pub quotas: Vec<Quota>,
    /// The deficit closure.
    pub deficits: Deficits,
}

impl Policy {
    /// The base's own policy.
    #[must_use]
    pub fn unchanged(base: &Base) -> Policy {
        let cells = base.flows().len();
        Policy {
            tariff: base.tariff().to_vec(),
            export_tax: base.export_tax().to_vec(),
            iceberg: vec![1.0; cells],
            open: vec![1.0; cells],
            productivity: vec![1.0; base.region_count() * base.sector_count()],
            quotas: Vec::new(),
            deficits: Deficits::Fixed,
        }
    }

    /// The base's policy with wedges on top: points add to tariffs and export taxes, costs to the
    /// delivery cost, stopped shares to each other.
    ///
    /// # Errors
    /// A wedge that names a region or sector the base does not have.
    pub fn with_wedges(base: &Base, wedges: &Wedges) -> Result<Policy, EconomyError> {
        let mut policy = Policy::unchanged(base);
        let (regions, sectors) = (base.region_count(), base.sector_count());
        for (place, amount) in wedges.iter() {
            let (n, i) = (usize::from(place.importer), usize::from(place.exporter));
            if n.max(i) >= regions {
                let (what, index) = ("region", n.max(i));
                return Err(EconomyError::OutOfBase { what, index, count: regions });
            }
            let range = place.sectors.range(base.goods(), sectors);
            if range.end > sectors {
                let (what, index) = ("sector", range.start);
                return Err(EconomyError::OutOfBase { what, index, count: sectors });
            }
            for j in range {
                let cell = base.cell(n, i, j);
                match place.kind {
                    WedgeKind::Tariff => policy.tariff[cell] += amount,
                    WedgeKind::ExportTax => policy.export_tax[cell] += amount,
                    WedgeKind::Cost => policy.iceberg[cell] += amount,
                    WedgeKind::Stopped => policy.open[cell] -= amount,
                }
            }
        }
        policy.open.iter_mut().for_each(|share| *share = share.clamp(0.0, 1.0));
        Ok(policy)
    }

    /// Checks every number against the base.
    ///
    /// # Errors
    /// The first cell that leaves no price, is not a number, or cannot work, with what to change.
    pub fn check(&self, base: &Base) -> Result<(), BaseError> {
        let (regions, sectors) = (base.region_count(), base.sector_count());
        let cells = base.flows().len();
        for (what, found, expected) in [
            ("tariff", self.tariff.len(), cells),
            ("export tax", self.export_tax.len(), cells),
            ("iceberg", self.iceberg.len(), cells),
            ("open share", self.open.len(), cells),
            ("productivity", self.productivity.len(), regions * sectors),
        ] {
            if found != expected {
                return Err(BaseError::new(
                    format!("policy, {what}"),
                    format!("{found} numbers where {expected} are needed"),
                    "give the level of every cell, in the order importer, exporter, sector",
                ));
            }
        }
        let place = |cell: usize, what: &str| {
            let (n, i, j) = (cell / (regions * sectors), cell / sectors % regions, cell % sectors);
            let (r, s) = (base.regions(), base.sectors());
            format!("{what} of {} on {}, {}", r[n], r[i], s[j])
        };
        for cell in 0..cells {
            for (what, rate) in
                [("tariff", self.tariff[cell]), ("export tax", self.export_tax[cell])]
            {
                if !(rate.is_finite() && rate > -1.0) {
                    return Err(BaseError::new(
                        place(cell, what),
                        format!("{:.6} % leaves no price", rate * 100.0),
                        "rates lie above -100 %; to stop trade use an embargo",
                    ));
                }
            }
            let cost = self.iceberg[cell];
            if cost.is_nan() || cost <= 0.0 {
                return Err(BaseError::new(
                    place(cell, "iceberg cost"),
                    format!("{cost} is not a cost factor"),
                    "1 is no change, above 1 costs more, inf is an embargo",
                ));
            }
            if !(0.0..=1.0).contains(&self.open[cell]) {
                return Err(BaseError::new(
                    place(cell, "open share"),
                    format!("{} is not a share", self.open[cell]),
                    "give a number from 0 to 1",
                ));
            }
        }
        if let Some(at) = self.productivity.iter().position(|&a| !(a.is_finite() && a > 0.0)) {
            return Err(BaseError::new(
                format!(
                    "productivity of {}, {}",
                    base.regions()[at / sectors],
                    base.sectors()[at % sectors]
                ),
                format!("{} is not a positive number", self.productivity[at]),
                "1 is no change; a stopped sector is close to 0, not at 0",
            ));
        }
        if let Deficits::Given(levels) = &self.deficits {
            let size: f64 = levels.iter().map(|d| d.abs()).sum::<f64>().max(1e-300);
            let sum: f64 = levels.iter().sum();
            if levels.len() != regions
                || !levels.iter().all(|d| d.is_finite())
                || sum.abs() > 1e-6 * size
            {
                return Err(BaseError::new(
                    "policy, deficits",
                    format!("{} numbers that sum to {sum}", levels.len()),
                    format!("give {regions} numbers that sum to 0"),
                ));
            }
        }
        self.quotas.iter().try_for_each(|quota| quota.check(base))
    }
}

impl Quota {
    /// The quota's cell in words.
    #[must_use]
    pub fn place(&self, base: &Base) -> String {
        let buyers: Vec<&str> =
            self.importers.iter().map(|&n| base.regions()[n].as_str()).collect();
        format!(
            "quota of {} on {}, {}",
            buyers.join("+"),
            base.regions()[self.exporter],
            base.sectors()[self.sector]
        )
    }

    fn check(&self, base: &Base) -> Result<(), BaseError> {
        let regions = base.region_count();
        if self.exporter >= regions
            || self.sector >= base.sector_count()
            || self.importers.is_empty()
            || self.importers.iter().any(|&n| n >= regions)
        {
            return Err(BaseError::new(
                "quota",
                "names a region or sector the base does not have",
                "count regions and sectors from 0",
            ));
        }
        if !(self.ratio.is_finite() && self.ratio > 0.0) {
            return Err(BaseError::new(
                self.place(base),
                format!("{} is not a quantity ratio", self.ratio),
                "give a number above 0; to stop all trade use an embargo",
            ));
        }
        let traded: f64 = self
            .importers
            .iter()
            .map(|&n| base.flows()[base.cell(n, self.exporter, self.sector)])
            .sum();
        if traded <= 0.0 {
            return Err(BaseError::new(
                self.place(base),
                "nothing is traded here, so the quota cannot bind",
                "drop it",
            ));
        }
        Ok(())
    }
}
