//! The shipped bases and elasticity sets: compact tables of the project's own, with their sources and
//! licences in `data/NOTICE.md`.

use super::base::{Accounts, Base, BaseError};
use std::sync::OnceLock;

/// Names of the shipped bases, the default first.
pub const BASES: [&str; 2] = ["hybrid2023", "wiod2011"];

/// Names of the shipped elasticity sets, the default first.
pub const ELASTICITY_SETS: [&str; 3] = ["default", "caliendo-parro", "liberation-day"];

/// Year and size of a shipped base in a few words; empty for another name.
#[must_use]
pub fn about(name: &str) -> &'static str {
    match name {
        "hybrid2023" => "year 2023 on the structure of 2011, 15 regions x 15 sectors",
        "wiod2011" => "year 2011, 16 regions x 15 sectors",
        _ => "",
    }
}

/// A shipped base by name, read once; `None` if there is none of that name.
#[must_use]
pub fn base(name: &str) -> Option<&'static Base> {
    static HYBRID: OnceLock<Base> = OnceLock::new();
    static WIOD: OnceLock<Base> = OnceLock::new();
    let (cell, text) = match name {
        "hybrid2023" => (&HYBRID, include_str!("data/hybrid2023.csv")),
        "wiod2011" => (&WIOD, include_str!("data/wiod2011.csv")),
        _ => return None,
    };
    Some(cell.get_or_init(|| match read_wide(name, text) {
        Ok(base) => base,
        Err(error) => unreachable!("a shipped base is part of the program and tested: {error}"),
    }))
}

/// Trade elasticities by sector of a shipped set, in the order of `sectors`.
///
/// `None` if there is no such set, or a sector it does not cover.
#[must_use]
pub fn elasticities(set: &str, sectors: &[String]) -> Option<Vec<f64>> {
    let mut lines =
        include_str!("data/elasticities.csv").lines().filter(|line| !line.starts_with('#'));
    let column = lines.next()?.split(',').position(|name| name == set).filter(|&c| c > 0)?;
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    sectors
        .iter()
        .map(|sector| rows.iter().find(|row| row[0] == *sector)?.get(column)?.parse().ok())
        .collect()
}

/// Reads a base in the wide layout of the shipped files: one row a pair or input, one column a sector.
fn read_wide(name: &str, text: &str) -> Result<Base, BaseError> {
    let mut accounts = Accounts { name: name.to_owned(), ..Accounts::default() };
    let mut covered = (0, 0);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let mut cells = line.split(',');
        let table = cells.next().unwrap_or_default();
        let fault = |problem: &str| {
            BaseError::new(format!("line {}", number + 1), problem, "see the file's header")
        };
        match table {
            "regions" => accounts.regions = cells.map(str::to_owned).collect(),
            "goods" => {
                accounts.sectors = cells.map(str::to_owned).collect();
                accounts.goods = accounts.sectors.len();
            }
            "services" => {
                accounts.sectors.extend(cells.map(str::to_owned));
                let (n, s) = (accounts.regions.len(), accounts.sectors.len());
                accounts.flows = vec![0.0; n * n * s];
                accounts.tariff = vec![0.0; n * n * s];
                accounts.export_tax = vec![0.0; n * n * s];
                accounts.input_share = vec![0.0; n * s * s];
            }
            "flow" | "cost" | "tariff" => {
                let (n, s) = (accounts.regions.len(), accounts.sectors.len());
                let find = |names: &[String], code: Option<&str>| {
                    names.iter().position(|name| Some(name.as_str()) == code)
                };
                let first = find(&accounts.regions, cells.next());
                let second = if table == "cost" {
                    find(&accounts.sectors, cells.next())
                } else {
                    find(&accounts.regions, cells.next())
                };
                let (Some(first), Some(second)) = (first, second) else {
                    return Err(fault("unknown region or sector"));
                };
                let (target, start) = match table {
                    "flow" => (&mut accounts.flows, (first * n + second) * s),
                    "tariff" => (&mut accounts.tariff, (first * n + second) * s),
                    _ => (&mut accounts.input_share, (first * s + second) * s),
                };
                for (place, cell) in cells.enumerate() {
                    let value: f64 = cell.parse().map_err(|_| fault("not a number"))?;
                    *target.get_mut(start + place).ok_or_else(|| fault("too many numbers"))? =
                        value;
                }
                match table {
                    "flow" => covered.0 += 1,
                    "cost" => covered.1 += 1,
                    _ => {}
                }
            }
            _ => return Err(fault("unknown table")),
        }
    }
    let (n, s) = (accounts.regions.len(), accounts.sectors.len());
    if covered != (n * n, n * s) {
        return Err(BaseError::new(name, "rows are missing", "give every pair and every input"));
    }
    // The files hold basic prices; a base holds what purchasers pay.
    for (flow, tariff) in accounts.flows.iter_mut().zip(&accounts.tariff) {
        *flow *= 1.0 + tariff;
    }
    Base::new(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn shipped_bases_close_and_are_covered() {
        for name in BASES {
            let base = base(name).unwrap();
            assert_eq!(base.sector_count(), 15);
            assert_eq!(base.goods(), 12);
            for n in 0..base.region_count() {
                let shares: f64 = base.final_share()[n * 15..(n + 1) * 15].iter().sum();
                assert!(close(shares, 1.0, 1e-12), "{name} {n}: {shares}");
            }
            for set in ELASTICITY_SETS {
                let theta = elasticities(set, base.sectors()).unwrap();
                assert!(theta.iter().all(|&t| t > 0.5 && t < 65.0), "{name} {set}");
            }
        }
        assert!(base("gtap").is_none());
        assert!(elasticities("sector", base("hybrid2023").unwrap().sectors()).is_none());
    }

    #[test]
    fn hybrid_has_the_size_of_2023() {
        let base = base("hybrid2023").unwrap();
        let (us, cn) = (base.region("USA").unwrap(), base.region("CHN").unwrap());
        // World Development Indicators, GDP 2023 in million dollars, within 3.2 %.
        assert!(close(base.value_added()[us] / 27_843_283.3, 1.0, 0.032));
        assert!(close(base.value_added()[cn] / 18_221_398.3, 1.0, 0.032));
        let goods: f64 = (0..base.goods())
            .map(|j| {
                let cell = base.cell(us, cn, j);
                base.flows()[cell] / (1.0 + base.tariff()[cell])
            })
            .sum();
        // BACI 2023: 443.6 bn; the balanced base has 446.3.
        assert!(close(goods / 446_300.0, 1.0, 1e-3), "{goods}");
    }
}
