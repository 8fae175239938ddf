//! A critical input as a sector of its own, carved out of the sector that contains it.
//!
//! Published tables do not show rare-earth magnets. The carve gives them a row: each using sector of
//! every region spends a small share of its cost on the input, taken from what it spends on the parent
//! sector; the input is bought from the dominant seller by a given share and from all others as the
//! parent is; it is made as the parent is. Accounts stay closed: the parent sells and is bought that much less. All shares are
//! *assumed*: [`Carve`] says so where it is printed, and studies vary them.

use super::base::{Accounts, Base, BaseError};

/// What to carve out.
#[derive(Debug, Clone, PartialEq)]
pub struct Carve {
    /// Code of the new sector.
    pub code: String,
    /// The sector that contains it.
    pub parent: usize,
    /// Sectors that use it.
    pub users: Vec<usize>,
    /// Its share of the users' cost (assumed).
    pub cost_share: f64,
    /// The dominant seller.
    pub seller: usize,
    /// The seller's share of everybody's purchases (assumed).
    pub seller_share: f64,
}

impl Carve {
    /// Rare-earth magnets in the shipped bases: 0.042 % of the cost of electrical and transport
    /// equipment and machinery, 90 % from China, so that China exports about USD 3.5 bn (`assumed`;
    /// magnet exports alone were 2.86 bn in 2024). `None` for a base without these codes.
    #[must_use]
    pub fn rare_earths(base: &Base) -> Option<Carve> {
        Some(Carve {
            code: "RAR".into(),
            parent: base.sector("ELE")?,
            users: vec![base.sector("ELE")?, base.sector("TRQ")?, base.sector("MCH")?],
            cost_share: 4.2e-4,
            seller: base.region("CHN")?,
            seller_share: 0.9,
        })
    }

    /// The base with the new sector as its last good; sectors after the goods move up by one.
    ///
    /// # Errors
    /// Shares out of range, or a parent too small to contain the input somewhere.
    pub fn apply(&self, base: &Base) -> Result<Base, BaseError> {
        let (n, s) = (base.region_count(), base.sector_count());
        self.check(base)?;
        let purchases = self.purchases(base);
        let place = |j: usize| if j < base.goods() { j } else { j + 1 };
        let new = base.goods();
        let mut sectors = base.sectors().to_vec();
        sectors.insert(new, self.code.clone());
        let cells = n * n * (s + 1);
        let mut accounts = Accounts {
            name: format!("{}, {} carved out (assumed shares)", base.name(), self.code),
            regions: base.regions().to_vec(),
            goods: base.goods() + 1,
            sectors,
            flows: vec![0.0; cells],
            tariff: vec![0.0; cells],
            export_tax: vec![0.0; cells],
            input_share: vec![0.0; n * (s + 1) * (s + 1)],
            value_added_share: vec![0.0; n * (s + 1)],
        };
        for pair in 0..n * n {
            for j in 0..s {
                let (old, at) = (pair * s + j, pair * (s + 1) + place(j));
                accounts.flows[at] = base.flows()[old];
                accounts.tariff[at] = base.tariff()[old];
                accounts.export_tax[at] = base.export_tax()[old];
            }
            let (parent, at) = (pair * (s + 1) + place(self.parent), pair * (s + 1) + new);
            accounts.tariff[at] = accounts.tariff[parent];
            accounts.export_tax[at] = accounts.export_tax[parent];
            accounts.flows[at] = purchases[pair];
            accounts.flows[parent] -= purchases[pair];
            if accounts.flows[parent] < 0.0 {
                return Err(BaseError::new(
                    format!("{} from {}", base.regions()[pair / n], base.regions()[pair % n]),
                    format!("buys less of the parent sector than of {}", self.code),
                    "lower the cost share or the seller's share",
                ));
            }
        }
        for r in 0..n {
            let at = |k: usize, j: usize| (r * (s + 1) + k) * (s + 1) + j;
            for j in 0..s {
                for k in 0..s {
                    accounts.input_share[at(place(k), place(j))] = base.input_share(r, k, j);
                }
                accounts.value_added_share[r * (s + 1) + place(j)] =
                    base.value_added_share()[r * s + j];
            }
            // Made as the parent was before the carve.
            for k in 0..s {
                accounts.input_share[at(place(k), new)] = base.input_share(r, k, self.parent);
            }
            accounts.value_added_share[r * (s + 1) + new] =
                base.value_added_share()[r * s + self.parent];
            for &user in &self.users {
                accounts.input_share[at(place(self.parent), place(user))] -= self.cost_share;
                accounts.input_share[at(new, place(user))] = self.cost_share;
            }
        }
        Base::new(accounts)
    }

    fn check(&self, base: &Base) -> Result<(), BaseError> {
        let s = base.sector_count();
        let known = self.parent < base.goods()
            && self.users.iter().all(|&j| j < s)
            && self.seller < base.region_count();
        let shares = self.cost_share > 0.0
            && self.cost_share < 1.0
            && (0.0..=1.0).contains(&self.seller_share)
            && base.sector(&self.code).is_none();
        if known && shares {
            return Ok(());
        }
        Err(BaseError::new(
            format!("carve of {}", self.code),
            "names no goods sector or region of the base, a code in use, or no share",
            "shares lie between 0 and 1, the parent is a good",
        ))
    }

    /// Purchases of the input at purchaser prices, `[importer][exporter]`: users' output is at producer
    /// prices and shrinks by what is carved out of the parent, hence the few rounds.
    fn purchases(&self, base: &Base) -> Vec<f64> {
        let (n, s) = (base.region_count(), base.sector_count());
        let parent = |buyer: usize, seller: usize| base.cell(buyer, seller, self.parent);
        let mut purchases = vec![0.0; n * n];
        let mut made = vec![0.0; n];
        for _ in 0..12 {
            for buyer in 0..n {
                let spent: f64 = self
                    .users
                    .iter()
                    .map(|&j| {
                        let less = if j == self.parent { made[buyer] } else { 0.0 };
                        self.cost_share * (base.output()[buyer * s + j] - less)
                    })
                    .sum();
                let others: f64 = (0..n)
                    .filter(|&seller| seller != self.seller)
                    .map(|seller| base.flows()[parent(buyer, seller)])
                    .sum();
                for seller in 0..n {
                    purchases[buyer * n + seller] = if seller == self.seller {
                        spent * self.seller_share
                    } else {
                        spent * (1.0 - self.seller_share) * base.flows()[parent(buyer, seller)]
                            / others
                    };
                }
            }
            made.fill(0.0);
            for buyer in 0..n {
                for (seller, total) in made.iter_mut().enumerate() {
                    let cell = parent(buyer, seller);
                    *total += purchases[buyer * n + seller]
                        / ((1.0 + base.tariff()[cell]) * (1.0 + base.export_tax()[cell]));
                }
            }
        }
        purchases
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::policy::{Policy, Quota, Rent};
    use crate::economy::shipped;
    use crate::economy::solver::{Critical, Model, Settings};
    use crate::math::close;

    #[test]
    fn accounts_stay_closed_and_exports_have_the_assumed_size() {
        let base = shipped::base("hybrid2023").unwrap();
        let carved = Carve::rare_earths(base).unwrap().apply(base).unwrap();
        let (n, new) = (base.region_count(), base.goods());
        assert_eq!(carved.sectors()[new], "RAR");
        for r in 0..n {
            assert!(close(carved.value_added()[r] / base.value_added()[r], 1.0, 1e-9));
            assert!(close(carved.income()[r] / base.income()[r], 1.0, 1e-9));
            // Nobody consumes the input itself.
            assert!(carved.final_share()[r * carved.sector_count() + new].abs() < 1e-9);
        }
        let china = base.region("CHN").unwrap();
        let exports: f64 = (0..n)
            .filter(|&buyer| buyer != china)
            .map(|buyer| carved.flows()[carved.cell(buyer, china, new)])
            .sum();
        assert!((2000.0..8000.0).contains(&exports), "{exports}");
    }

    #[test]
    fn a_cut_hurts_more_the_harder_the_input_is_to_replace() {
        let base = shipped::base("hybrid2023").unwrap();
        let carved = Carve::rare_earths(base).unwrap().apply(base).unwrap();
        let (n, new, china) = (base.region_count(), base.goods(), base.region("CHN").unwrap());
        let mut theta = shipped::elasticities("default", base.sectors()).unwrap();
        theta.insert(new, 1.0);
        let mut losses = Vec::new();
        for (sigma, theta_r) in [(1.0, 4.0), (0.5, 2.0), (0.2, 1.0)] {
            theta[new] = theta_r;
            let critical = Critical { sector: new, sigma: vec![sigma; carved.sector_count()] };
            let model = Model::new(&carved, &theta, Some(critical)).unwrap();
            let mut policy = Policy::unchanged(&carved);
            policy.quotas.push(Quota {
                importers: (0..n).filter(|&buyer| buyer != china).collect(),
                exporter: china,
                sector: new,
                ratio: 0.1,
                rent: Rent::Exporter,
            });
            let world = model.solve(&policy, Settings::default()).unwrap();
            println!(
                "sigma {sigma}: shadow {:.2}, USA {:+.4} %, CHN {:+.4} %",
                world.quota_shadow[0],
                100.0 * (world.real_income_hat[0] - 1.0),
                100.0 * (world.real_income_hat[china] - 1.0)
            );
            assert!(close(world.quota_quantity[0], 0.1, 1e-8));
            losses.push((world.quota_shadow[0], world.real_income_hat[0]));
        }
        assert!(losses[0].0 < losses[1].0 && losses[1].0 < losses[2].0);
        assert!(losses[0].1 > losses[1].1 && losses[1].1 > losses[2].1 && losses[2].1 < 1.0);
    }
}
