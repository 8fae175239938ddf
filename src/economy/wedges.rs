//! Wedges between what a purchaser pays and what a producer gets: the language in which trade
//! measures reach an economy.
//!
//! A wedge is named by importer, exporter and sectors, and adds up with others of its kind: tariff and
//! export-tax points on top of the base's, costs as a share of the price, the share of a flow that is
//! stopped. Amounts are kept as whole billionths, so a sum does not depend on the order in which
//! measures came into force, taking a measure out again restores the very bits, and a policy has one
//! key.

use std::collections::BTreeMap;

/// What a wedge does to the price or the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WedgeKind {
    /// Ad valorem points on the border price, paid to the importer's government.
    Tariff,
    /// Ad valorem points on the producer price, paid to the exporter's government.
    ExportTax,
    /// Cost of delivery as a share of the producer price, paid to nobody: port fees, licence delay.
    Cost,
    /// Share of the flow that is not delivered at all: refused licences, listed firms.
    Stopped,
}

/// Kinds by the names used in stored keys.
const KINDS: [(WedgeKind, &str); 4] = [
    (WedgeKind::Tariff, "tariff"),
    (WedgeKind::ExportTax, "export_tax"),
    (WedgeKind::Cost, "cost"),
    (WedgeKind::Stopped, "stopped"),
];

/// The sectors a wedge covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sectors {
    /// Every goods sector.
    Goods,
    /// Every sector, services too.
    All,
    /// One sector, by index.
    One(u16),
}

/// Whom a wedge stands between, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WedgePlace {
    /// Buying region.
    pub importer: u16,
    /// Selling region.
    pub exporter: u16,
    /// Sectors covered.
    pub sectors: Sectors,
    /// What it does.
    pub kind: WedgeKind,
}

/// A policy: the sum of all wedges in force, in canonical order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wedges {
    amounts: BTreeMap<WedgePlace, i64>,
}

/// The identity of a policy: equal for equal policies, however they came about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyKey(Box<[(WedgePlace, i64)]>);

impl WedgePlace {
    /// The place as one number.
    pub(super) fn word(self) -> u64 {
        let sectors = match self.sectors {
            Sectors::Goods => 0,
            Sectors::All => 1,
            Sectors::One(j) => 2 + u64::from(j),
        };
        u64::from(self.importer) << 40
            | u64::from(self.exporter) << 24
            | sectors << 4
            | self.kind as u64
    }
}

/// Units an amount of 1 (100 %) is kept in.
const UNITS: f64 = 1e9;

impl Wedges {
    /// No wedge: the base's own policy.
    #[must_use]
    pub fn new() -> Wedges {
        Wedges::default()
    }

    /// What stands at a place; 0 where nothing does.
    #[must_use]
    pub fn at(&self, place: WedgePlace) -> f64 {
        self.amounts.get(&place).map_or(0.0, |&units| to_share(units))
    }

    /// Adds at a place as [`Wedges::add`] does.
    pub fn add_at(&mut self, place: WedgePlace, amount: f64) {
        let (n, i) = (usize::from(place.importer), usize::from(place.exporter));
        self.add(n, i, place.sectors, place.kind, amount);
    }

    /// Adds all of other wedges.
    pub fn add_all(&mut self, others: &Wedges) {
        others.iter().for_each(|(place, amount)| self.add_at(place, amount));
    }

    /// Adds `amount` (0.25 is 25 %; negative takes away) at a place.
    ///
    /// Amounts are rounded to a billionth; one that is not a number counts as 0, and none exceeds a
    /// billion. Wedges of a region on itself are ignored.
    #[allow(clippy::cast_possible_truncation, reason = "clamped, and float-to-int casts saturate")]
    pub fn add(
        &mut self,
        importer: usize,
        exporter: usize,
        sectors: Sectors,
        kind: WedgeKind,
        amount: f64,
    ) {
        let (Ok(buyer), Ok(seller)) = (u16::try_from(importer), u16::try_from(exporter)) else {
            return;
        };
        let units = (amount.clamp(-UNITS, UNITS) * UNITS).round() as i64;
        if buyer == seller || units == 0 {
            return;
        }
        let place = WedgePlace { importer: buyer, exporter: seller, sectors, kind };
        let sum = self.amounts.entry(place).or_insert(0);
        *sum = sum.saturating_add(units);
        if *sum == 0 {
            self.amounts.remove(&place);
        }
    }

    /// Whether no wedge stands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    /// Number of places with a wedge.
    #[must_use]
    pub fn len(&self) -> usize {
        self.amounts.len()
    }

    /// The wedges in canonical order: importer, exporter, sectors, kind.
    pub fn iter(&self) -> impl Iterator<Item = (WedgePlace, f64)> + '_ {
        self.amounts.iter().map(|(&place, &units)| (place, to_share(units)))
    }

    /// The policy as numbers, two a wedge, in canonical order.
    pub(super) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.amounts.iter().flat_map(|(place, &units)| [place.word(), units.cast_unsigned()])
    }

    /// The identity of this policy, for caches.
    #[must_use]
    pub fn key(&self) -> PolicyKey {
        PolicyKey(self.amounts.iter().map(|(&place, &units)| (place, units)).collect())
    }
}

impl PolicyKey {
    /// The policy this is the key of.
    #[must_use]
    pub fn wedges(&self) -> Wedges {
        Wedges { amounts: self.0.iter().copied().collect() }
    }

    /// The key as one word of text: `importer:exporter:sectors:kind:billionths`, joined by commas.
    #[must_use]
    pub fn to_text(&self) -> String {
        let wedge = |(place, units): &(WedgePlace, i64)| {
            let sectors = match place.sectors {
                Sectors::Goods => "goods".to_owned(),
                Sectors::All => "all".to_owned(),
                Sectors::One(j) => j.to_string(),
            };
            let kind = KINDS.iter().find(|(kind, _)| *kind == place.kind).map_or("", |(_, k)| k);
            format!("{}:{}:{sectors}:{kind}:{units}", place.importer, place.exporter)
        };
        let parts: Vec<String> = self.0.iter().map(wedge).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(",") }
    }

    /// Reads what [`PolicyKey::to_text`] wrote; `None` for anything else.
    #[must_use]
    pub fn from_text(text: &str) -> Option<PolicyKey> {
        if text == "none" {
            return Some(PolicyKey(Box::default()));
        }
        let wedge = |part: &str| {
            let fields: Vec<&str> = part.split(':').collect();
            let [importer, exporter, sectors, kind, units] = fields[..] else { return None };
            let sectors = match sectors {
                "goods" => Sectors::Goods,
                "all" => Sectors::All,
                j => Sectors::One(j.parse().ok()?),
            };
            let place = WedgePlace {
                importer: importer.parse().ok()?,
                exporter: exporter.parse().ok()?,
                sectors,
                kind: KINDS.iter().find(|(_, name)| *name == kind)?.0,
            };
            Some((place, units.parse().ok()?))
        };
        Some(PolicyKey(text.split(',').map(wedge).collect::<Option<_>>()?))
    }
}

/// Billionths as a share; correctly rounded, so 250,000,000 is exactly 0.25.
#[allow(clippy::cast_precision_loss, reason = "amounts stay below 2^53 unless saturated")]
fn to_share(units: i64) -> f64 {
    units as f64 / UNITS
}

impl Sectors {
    /// The indices covered, out of `goods` goods sectors and `all` sectors.
    #[must_use]
    pub fn range(self, goods: usize, all: usize) -> std::ops::Range<usize> {
        match self {
            Sectors::Goods => 0..goods,
            Sectors::All => 0..all,
            Sectors::One(j) => usize::from(j)..usize::from(j) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::same;
    use proptest::prelude::*;

    #[test]
    fn decimal_rates_are_exact() {
        let mut wedges = Wedges::new();
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 0.1);
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 0.2);
        let (place, rate) = wedges.iter().next().unwrap();
        assert!(same(rate, 0.3));
        assert_eq!(place.kind, WedgeKind::Tariff);
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, -0.3);
        assert!(wedges.is_empty());
        wedges.add(2, 2, Sectors::All, WedgeKind::Cost, 0.3);
        wedges.add(0, 1, Sectors::One(3), WedgeKind::Cost, f64::NAN);
        assert_eq!(wedges, Wedges::new());
    }

    proptest! {
        /// A policy has one key, whatever the order its measures came in.
        #[test]
        fn key_ignores_order(
            mut parts in prop::collection::vec((0usize..4, 0usize..4, 0u16..3, -0.5f64..2.0), 0..12),
            turn in 0usize..12,
        ) {
            let build = |parts: &[(usize, usize, u16, f64)]| {
                let mut wedges = Wedges::new();
                for &(n, i, j, rate) in parts {
                    wedges.add(n, i, Sectors::One(j), WedgeKind::Tariff, rate);
                }
                wedges
            };
            let first = build(&parts);
            if !parts.is_empty() {
                let turn = turn % parts.len();
                parts.rotate_left(turn);
            }
            let second = build(&parts);
            prop_assert_eq!(first.key(), second.key());
            prop_assert_eq!(PolicyKey::from_text(&first.key().to_text()), Some(first.key()));
            prop_assert_eq!(first.key().wedges(), first);
        }
    }
}
