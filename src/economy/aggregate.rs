//! A smaller base from a larger one: regions and sectors summed.
//!
//! Flows are summed; what merged regions sold each other becomes home trade. Tariffs are averaged so
//! that revenue is kept: a merged flow's tariff is the revenue over the value before tariff (a simple
//! average would give another tax and another trade). Input shares are weighted by output.

use super::base::{Accounts, Base, BaseError};

/// Sums a base into groups: `regions[n]` and `sectors[j]` are the new index of each old one, the names
/// are the new codes, goods first.
///
/// # Errors
/// A map of the wrong length or to a group without a name, goods and services in one group, or groups
/// whose accounts do not hold.
pub fn aggregate(
    base: &Base,
    regions: (&[usize], &[&str]),
    sectors: (&[usize], &[&str]),
) -> Result<Base, BaseError> {
    let (n, s) = (base.region_count(), base.sector_count());
    let fits = |map: &[usize], size: usize, names: &[&str]| {
        map.len() == size
            && map.iter().all(|&group| group < names.len())
            && (0..names.len()).all(|group| map.contains(&group))
    };
    let ((to_region, region_names), (to_sector, sector_names)) = (regions, sectors);
    if !fits(to_region, n, region_names) || !fits(to_sector, s, sector_names) {
        return Err(BaseError::new(
            "aggregation",
            "a map does not give every old index a new one, or a new one nothing",
            "give one group by region and sector",
        ));
    }
    let goods = to_sector[..base.goods()].iter().max().map_or(0, |&last| last + 1);
    let mixed = to_sector[base.goods()..].iter().any(|&group| group < goods);
    if mixed && sector_names.len() > 1 {
        return Err(BaseError::new(
            "aggregation",
            "goods and services in one group, or goods after services",
            "keep them apart, goods first, or make one sector of all",
        ));
    }
    let (groups, kinds) = (region_names.len(), sector_names.len());
    let cells = groups * groups * kinds;
    let (mut bought, mut border, mut producer) =
        (vec![0.0; cells], vec![0.0; cells], vec![0.0; cells]);
    for buyer in 0..n {
        for seller in 0..n {
            for j in 0..s {
                let old = base.cell(buyer, seller, j);
                let new = (to_region[buyer] * groups + to_region[seller]) * kinds + to_sector[j];
                let value = base.flows()[old] / (1.0 + base.tariff()[old]);
                bought[new] += base.flows()[old];
                border[new] += value;
                producer[new] += value / (1.0 + base.export_tax()[old]);
            }
        }
    }
    let rate = |with: &[f64], without: &[f64]| -> Vec<f64> {
        with.iter().zip(without).map(|(a, b)| if *b > 0.0 { a / b - 1.0 } else { 0.0 }).collect()
    };
    let (mut inputs, mut output) = (vec![0.0; groups * kinds * kinds], vec![0.0; groups * kinds]);
    for r in 0..n {
        for j in 0..s {
            let made = base.output()[r * s + j];
            output[to_region[r] * kinds + to_sector[j]] += made;
            for k in 0..s {
                inputs[(to_region[r] * kinds + to_sector[k]) * kinds + to_sector[j]] +=
                    base.input_share(r, k, j) * made;
            }
        }
    }
    for (cell, value) in inputs.iter_mut().enumerate() {
        let made = output[cell / (kinds * kinds) * kinds + cell % kinds];
        *value = if made > 0.0 { *value / made } else { 0.0 };
    }
    Base::new(Accounts {
        name: format!("{}, {groups} x {kinds}", base.name()),
        regions: region_names.iter().map(|&name| name.to_owned()).collect(),
        sectors: sector_names.iter().map(|&name| name.to_owned()).collect(),
        goods: goods.min(kinds),
        tariff: rate(&bought, &border),
        export_tax: rate(&border, &producer),
        flows: bought,
        input_share: inputs,
        value_added_share: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::shipped;
    use crate::math::close;

    #[test]
    fn sums_keep_income_and_revenue() {
        let base = shipped::base("wiod2011").unwrap();
        let (n, s) = (base.region_count(), base.sector_count());
        let regions: Vec<usize> = (0..n).map(|r| r.min(2)).collect();
        let sectors: Vec<usize> = (0..s).map(|j| usize::from(j >= base.goods())).collect();
        let small =
            aggregate(base, (&regions, &["USA", "CHN", "REST"]), (&sectors, &["G", "S"])).unwrap();
        assert_eq!(small.goods(), 1);
        for r in 0..2 {
            assert!(close(small.value_added()[r] / base.value_added()[r], 1.0, 1e-12));
            assert!(close(small.tariff_revenue()[r] / base.tariff_revenue()[r], 1.0, 1e-9));
            assert!(close(small.income()[r] / base.income()[r], 1.0, 1e-12));
        }
        assert!(aggregate(base, (&regions[1..], &["A"]), (&sectors, &["G", "S"])).is_err());
        let mixed: Vec<usize> = (0..s).map(|j| j % 2).collect();
        assert!(aggregate(base, (&regions, &["A", "B", "C"]), (&mixed, &["G", "S"])).is_err());
    }
}
