//! A base: the world economy in one year, the point every effect is measured from.
//!
//! Given are purchases by importer, exporter and sector at purchaser prices (tariffs included), the
//! tariffs and export taxes in them, and the cost shares of inputs. Everything else follows:
//!
//! - output at producer prices, Y(i,j) = sum over n of X(n,i,j) / ((1+t)(1+e));
//! - value added, V(n) = sum over j of g(n,j) Y(n,j), with g = 1 - sum of input shares;
//! - the deficit, D(n) = imports - exports, both with export tax and without tariff;
//! - income, I(n) = V(n) + tariff revenue + export-tax revenue + D(n);
//! - final shares, alpha(n,j) = (X(n,j) - input use) / I(n).
//!
//! The shares sum to one by accounting, whatever the flows are: the first test of a base. Calibration
//! as in Caliendo & Parro (2015). Small negative final shares (a sector whose output is bought by
//! producers more than it is sold) are kept: flooring them would break the accounts.

/// What a base is made from; arrays are flat, in the index order named.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Name under which the base is reported.
    pub name: String,
    /// Region codes, in the order of every first index.
    pub regions: Vec<String>,
    /// Sector codes; goods come first.
    pub sectors: Vec<String>,
    /// How many sectors are goods.
    pub goods: usize,
    /// Purchases at purchaser prices, `[importer][exporter][sector]`, million US dollars.
    pub flows: Vec<f64>,
    /// Ad valorem tariffs in force, same order.
    pub tariff: Vec<f64>,
    /// Ad valorem export taxes in force, same order; on the producer price.
    pub export_tax: Vec<f64>,
    /// Cost share of each input, `[region][input sector][using sector]`.
    pub input_share: Vec<f64>,
    /// Value-added share `[region][sector]`; empty: one less the input shares.
    pub value_added_share: Vec<f64>,
}

/// A calibrated base: the given accounts and what follows from them.
#[derive(Debug, Clone)]
pub struct Base {
    accounts: Accounts,
    /// Output at producer prices, `[region][sector]`.
    output: Vec<f64>,
    /// Purchases of a sector by a region, `[region][sector]`.
    expenditure: Vec<f64>,
    /// Final-demand shares, `[region][sector]`.
    final_share: Vec<f64>,
    value_added: Vec<f64>,
    deficit: Vec<f64>,
    tariff_revenue: Vec<f64>,
    export_tax_revenue: Vec<f64>,
    income: Vec<f64>,
}

/// A fault in the accounts of a base: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}; {remedy}")]
pub struct BaseError {
    /// The cell or table, as the file's reader knows it.
    pub place: String,
    /// What is wrong, with the size of the gap.
    pub problem: String,
    /// What to change.
    pub remedy: String,
}

impl BaseError {
    /// A fault at `place`.
    pub fn new(
        place: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> BaseError {
        BaseError { place: place.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

/// Largest gap by which cost shares and value added may miss 1: the rounding of published tables.
const SHARE_GAP: f64 = 1e-6;

impl Base {
    /// Checks the accounts and derives the rest.
    ///
    /// # Errors
    /// The first cell that is negative, not a number, missing, or does not balance.
    pub fn new(mut accounts: Accounts) -> Result<Base, BaseError> {
        accounts.check_shapes()?;
        accounts.check_cells()?;
        accounts.fill_value_added()?;
        let (n, s) = (accounts.regions.len(), accounts.sectors.len());
        let mut base = Base {
            output: vec![0.0; n * s],
            expenditure: vec![0.0; n * s],
            final_share: vec![0.0; n * s],
            value_added: vec![0.0; n],
            deficit: vec![0.0; n],
            tariff_revenue: vec![0.0; n],
            export_tax_revenue: vec![0.0; n],
            income: vec![0.0; n],
            accounts,
        };
        base.derive()?;
        Ok(base)
    }

    fn derive(&mut self) -> Result<(), BaseError> {
        let (regions, sectors) = (self.region_count(), self.sector_count());
        for n in 0..regions {
            for i in 0..regions {
                for j in 0..sectors {
                    let cell = self.cell(n, i, j);
                    let bought = self.accounts.flows[cell];
                    let border = bought / (1.0 + self.accounts.tariff[cell]);
                    let producer = border / (1.0 + self.accounts.export_tax[cell]);
                    self.expenditure[n * sectors + j] += bought;
                    self.output[i * sectors + j] += producer;
                    self.tariff_revenue[n] += bought - border;
                    self.export_tax_revenue[i] += border - producer;
                    self.deficit[n] += border;
                    self.deficit[i] -= border;
                }
            }
        }
        for n in 0..regions {
            for j in 0..sectors {
                if self.expenditure[n * sectors + j] <= 0.0 {
                    return Err(BaseError::new(
                        format!("{}, {}", self.accounts.regions[n], self.accounts.sectors[j]),
                        "the region buys nothing of this sector",
                        "merge the sector with another, or the region with a neighbour",
                    ));
                }
                self.value_added[n] +=
                    self.accounts.value_added_share[n * sectors + j] * self.output[n * sectors + j];
            }
            self.income[n] = self.value_added[n]
                + self.tariff_revenue[n]
                + self.export_tax_revenue[n]
                + self.deficit[n];
            if self.value_added[n] <= 0.0 || self.income[n] <= 0.0 {
                return Err(BaseError::new(
                    self.accounts.regions[n].clone(),
                    format!(
                        "value added is {:.3} and income {:.3}",
                        self.value_added[n], self.income[n]
                    ),
                    "both must be positive: check the region's cost shares and its trade balance",
                ));
            }
            for k in 0..sectors {
                let used: f64 = (0..sectors)
                    .map(|j| self.input_share(n, k, j) * self.output[n * sectors + j])
                    .sum();
                self.final_share[n * sectors + k] =
                    (self.expenditure[n * sectors + k] - used) / self.income[n];
            }
        }
        Ok(())
    }

    /// Name under which the base is reported.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.accounts.name
    }

    /// Region codes.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.accounts.regions
    }

    /// Sector codes; the first [`Base::goods`] are goods.
    #[must_use]
    pub fn sectors(&self) -> &[String] {
        &self.accounts.sectors
    }

    /// How many sectors are goods.
    #[must_use]
    pub fn goods(&self) -> usize {
        self.accounts.goods
    }

    /// Number of regions.
    #[must_use]
    pub fn region_count(&self) -> usize {
        self.accounts.regions.len()
    }

    /// Number of sectors.
    #[must_use]
    pub fn sector_count(&self) -> usize {
        self.accounts.sectors.len()
    }

    /// Index of a region by its code.
    #[must_use]
    pub fn region(&self, code: &str) -> Option<usize> {
        self.accounts.regions.iter().position(|r| r == code)
    }

    /// Index of a sector by its code.
    #[must_use]
    pub fn sector(&self, code: &str) -> Option<usize> {
        self.accounts.sectors.iter().position(|s| s == code)
    }

    /// Place of (importer, exporter, sector) in the flat arrays.
    #[inline]
    #[must_use]
    pub fn cell(&self, importer: usize, exporter: usize, sector: usize) -> usize {
        (importer * self.accounts.regions.len() + exporter) * self.accounts.sectors.len() + sector
    }

    /// Purchases at purchaser prices, `[importer][exporter][sector]`, million US dollars.
    #[must_use]
    pub fn flows(&self) -> &[f64] {
        &self.accounts.flows
    }

    /// Baseline ad valorem tariffs, `[importer][exporter][sector]`.
    #[must_use]
    pub fn tariff(&self) -> &[f64] {
        &self.accounts.tariff
    }

    /// Baseline ad valorem export taxes, `[importer][exporter][sector]`.
    #[must_use]
    pub fn export_tax(&self) -> &[f64] {
        &self.accounts.export_tax
    }

    /// Cost share of input `k` in sector `j` of region `n`.
    #[inline]
    #[must_use]
    pub fn input_share(&self, n: usize, k: usize, j: usize) -> f64 {
        let sectors = self.accounts.sectors.len();
        self.accounts.input_share[(n * sectors + k) * sectors + j]
    }

    /// Value-added share, `[region][sector]`.
    #[must_use]
    pub fn value_added_share(&self) -> &[f64] {
        &self.accounts.value_added_share
    }

    /// Output at producer prices, `[region][sector]`, million US dollars.
    #[must_use]
    pub fn output(&self) -> &[f64] {
        &self.output
    }

    /// Purchases by region and sector over all sources, `[region][sector]`, million US dollars.
    #[must_use]
    pub fn expenditure(&self) -> &[f64] {
        &self.expenditure
    }

    /// Share of income spent on each sector by final users, `[region][sector]`; sums to 1 by region.
    #[must_use]
    pub fn final_share(&self) -> &[f64] {
        &self.final_share
    }

    /// Value added by region: GDP at factor cost, million US dollars.
    #[must_use]
    pub fn value_added(&self) -> &[f64] {
        &self.value_added
    }

    /// Imports less exports by region, at border prices, million US dollars; sums to 0.
    #[must_use]
    pub fn deficit(&self) -> &[f64] {
        &self.deficit
    }

    /// Tariff revenue by region, million US dollars.
    #[must_use]
    pub fn tariff_revenue(&self) -> &[f64] {
        &self.tariff_revenue
    }

    /// Export-tax revenue by region, million US dollars.
    #[must_use]
    pub fn export_tax_revenue(&self) -> &[f64] {
        &self.export_tax_revenue
    }

    /// Income by region: value added, revenue and the deficit, million US dollars.
    #[must_use]
    pub fn income(&self) -> &[f64] {
        &self.income
    }
}

impl Accounts {
    fn check_shapes(&self) -> Result<(), BaseError> {
        let (n, s) = (self.regions.len(), self.sectors.len());
        let fault = |place: &str, found: usize, expected: usize| {
            Err(BaseError::new(
                place,
                format!("{found} numbers where {expected} are needed"),
                "give every cell of the table, 0 where there is nothing",
            ))
        };
        if n == 0 || s == 0 {
            return Err(BaseError::new("regions and sectors", "none given", "name at least one"));
        }
        if self.goods > s {
            return fault("goods sectors", self.goods, s);
        }
        for (names, what) in [(&self.regions, "region"), (&self.sectors, "sector")] {
            for (place, name) in names.iter().enumerate() {
                if names[..place].contains(name) {
                    return Err(BaseError::new(
                        format!("{what} {name}"),
                        "named twice",
                        "give each a code of its own",
                    ));
                }
            }
        }
        for (place, table, expected) in [
            ("flows", &self.flows, n * n * s),
            ("tariffs", &self.tariff, n * n * s),
            ("export taxes", &self.export_tax, n * n * s),
            ("input shares", &self.input_share, n * s * s),
        ] {
            if table.len() != expected {
                return fault(place, table.len(), expected);
            }
        }
        if !self.value_added_share.is_empty() && self.value_added_share.len() != n * s {
            return fault("value-added shares", self.value_added_share.len(), n * s);
        }
        Ok(())
    }

    /// The name of a flow's cell.
    fn flow_place(&self, cell: usize, what: &str) -> String {
        let (n, s) = (self.regions.len(), self.sectors.len());
        let (importer, exporter, sector) = (cell / (n * s), cell / s % n, cell % s);
        format!(
            "{what} of {} from {}, {}",
            self.regions[importer], self.regions[exporter], self.sectors[sector]
        )
    }

    fn check_cells(&self) -> Result<(), BaseError> {
        for (cell, &flow) in self.flows.iter().enumerate() {
            if !(flow.is_finite() && flow >= 0.0) {
                return Err(BaseError::new(
                    self.flow_place(cell, "purchases"),
                    format!("{flow} is not an amount"),
                    "flows are 0 or more: put a fall of inventories with final demand",
                ));
            }
        }
        for (table, what) in [(&self.tariff, "tariff"), (&self.export_tax, "export tax")] {
            for (cell, &rate) in table.iter().enumerate() {
                if !(rate.is_finite() && rate > -1.0) {
                    return Err(BaseError::new(
                        self.flow_place(cell, what),
                        format!("a rate of {rate} leaves no price"),
                        "rates are shares of the price and lie above -1",
                    ));
                }
            }
        }
        let s = self.sectors.len();
        for (cell, &share) in self.input_share.iter().enumerate() {
            if !(share.is_finite() && (0.0..=1.0).contains(&share)) {
                return Err(BaseError::new(
                    format!(
                        "cost share of {} in {} of {}",
                        self.sectors[cell / s % s],
                        self.sectors[cell % s],
                        self.regions[cell / (s * s)]
                    ),
                    format!("{share} is not a share"),
                    "cost shares lie between 0 and 1",
                ));
            }
        }
        Ok(())
    }

    /// Fills or checks the value-added shares: with the inputs they make up the whole cost.
    fn fill_value_added(&mut self) -> Result<(), BaseError> {
        let (n, s) = (self.regions.len(), self.sectors.len());
        let given = !self.value_added_share.is_empty();
        if !given {
            self.value_added_share = vec![0.0; n * s];
        }
        for region in 0..n {
            for j in 0..s {
                let inputs: f64 = (0..s).map(|k| self.input_share[(region * s + k) * s + j]).sum();
                let share = &mut self.value_added_share[region * s + j];
                let place = || format!("{}, {}", self.regions[region], self.sectors[j]);
                if !given {
                    *share = 1.0 - inputs;
                } else if !share.is_finite() || (*share + inputs - 1.0).abs() > SHARE_GAP {
                    return Err(BaseError::new(
                        place(),
                        format!(
                            "value added {share} and inputs {inputs} miss 1 by {:.3e}",
                            *share + inputs - 1.0
                        ),
                        "scale the column so that the shares of cost sum to 1",
                    ));
                }
                if *share < 0.0 {
                    return Err(BaseError::new(
                        place(),
                        format!("inputs make up {inputs} of cost: value added is negative"),
                        "the input shares of a sector may sum to at most 1",
                    ));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use proptest::prelude::*;

    fn two_by_one() -> Accounts {
        Accounts {
            name: "two".into(),
            regions: vec!["A".into(), "B".into()],
            sectors: vec!["S".into()],
            goods: 1,
            flows: vec![35.0, 15.0, 15.0, 35.0],
            tariff: vec![0.0; 4],
            export_tax: vec![0.0; 4],
            input_share: vec![0.0; 2],
            value_added_share: Vec::new(),
        }
    }

    #[test]
    fn faults_name_the_cell() {
        let mut negative = two_by_one();
        negative.flows[1] = -1.0;
        let error = Base::new(negative).unwrap_err().to_string();
        assert!(error.contains("purchases of A from B, S"), "{error}");

        let mut rate = two_by_one();
        rate.tariff[2] = -1.0;
        assert!(Base::new(rate).unwrap_err().to_string().contains("tariff of B from A, S"));

        let mut short = two_by_one();
        short.flows.pop();
        assert!(Base::new(short).unwrap_err().to_string().contains("3 numbers where 4"));

        let mut gap = two_by_one();
        gap.value_added_share = vec![1.0, 0.9];
        assert!(Base::new(gap).unwrap_err().to_string().contains("B, S"));

        let mut nothing = two_by_one();
        nothing.flows = vec![0.0, 0.0, 15.0, 35.0];
        assert!(Base::new(nothing).unwrap_err().to_string().contains("A, S"));
    }

    proptest! {
        /// Whatever the flows, tariffs and input shares, the accounts close by construction.
        #[test]
        fn accounts_close(
            flows in prop::collection::vec(1.0f64..10.0, 3 * 3 * 2),
            rates in prop::collection::vec(0.0f64..0.5, 3 * 3 * 2),
            inputs in prop::collection::vec(0.0f64..0.49, 3 * 2 * 2),
        ) {
            let base = Base::new(Accounts {
                name: "random".into(),
                regions: vec!["A".into(), "B".into(), "C".into()],
                sectors: vec!["S".into(), "T".into()],
                goods: 1,
                flows,
                tariff: rates.clone(),
                export_tax: rates.iter().map(|r| r / 3.0).collect(),
                input_share: inputs,
                value_added_share: Vec::new(),
            });
            // A region that exports nearly all it has cannot be a base; that is refused by name.
            prop_assume!(base.is_ok());
            let base = base.unwrap();
            for shares in base.final_share().chunks(2) {
                prop_assert!(close(shares.iter().sum(), 1.0, 1e-12));
            }
            let total: f64 = base.deficit().iter().sum();
            prop_assert!(total.abs() < 1e-10 * base.value_added().iter().sum::<f64>());
        }
    }
}
