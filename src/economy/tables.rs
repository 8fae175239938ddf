//! A base of the user's own, from CSV tables with one header row.
//!
//! | table | columns | |
//! | --- | --- | --- |
//! | flows | `importer, exporter, sector, value_musd`, a column whose name starts with `tariff` if wanted | needed |
//! | io | `region, input_sector, using_sector, cost_share` | needed |
//! | va | `region, sector, gross_output_musd, value_added_share` | checked if given |
//! | tariffs | `importer, exporter, sector, ad_valorem` | if flows have no tariff column |
//! | sectors | `sector, goods` (1 or 0) | else UTC, TRD and SRV are services, all others goods |
//! | elasticities | `sector, theta` | else the shipped default set, by sector code |
//!
//! With a tariff column in the flows, values are purchasers' (tariff included), the layout of the OECD
//! inter-country tables with applied tariffs; with tariffs apart or none, values are at basic prices. Every pair of regions and
//! every input needs a row, 0 where nothing is traded: a missing row is an error, not a zero.

use super::base::{Accounts, Base, BaseError};
use super::shipped;
use std::collections::BTreeMap;

/// The texts of the tables; empty where a table is not given.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Name of the base.
    pub name: String,
    /// Purchases, and tariffs if they are in the same table.
    pub flows: String,
    /// Input cost shares.
    pub io: String,
    /// Output and value-added shares to check against.
    pub va: String,
    /// Tariffs.
    pub tariffs: String,
    /// Which sectors are goods.
    pub sectors: String,
    /// Trade elasticities.
    pub elasticities: String,
}

/// Largest relative gap between a stated and a computed output: the rounding of published tables.
const OUTPUT_GAP: f64 = 1e-4;

/// Sector codes that are services if no table says which are goods.
const SERVICES: [&str; 3] = ["UTC", "TRD", "SRV"];

/// Reads and checks the tables; also the elasticities, if the tables or the shipped set have them.
///
/// # Errors
/// The first missing column, row or number, the first pair of cells that contradict each other with
/// the size of the gap, and what to do about it.
pub fn read(tables: &Tables) -> Result<(Base, Option<Vec<f64>>), BaseError> {
    let flows = Rows::read("flows", &tables.flows)?;
    let (importer, exporter) = (flows.column("importer")?, flows.column("exporter")?);
    let (sector, value) = (flows.column("sector")?, flows.column("value_musd")?);
    let tariff = flows.header.iter().position(|name| name.starts_with("tariff"));
    let regions = flows.distinct(importer);
    let mut sectors = flows.distinct(sector);
    let goods = order_sectors(&tables.sectors, &mut sectors)?;
    let (n, s) = (regions.len(), sectors.len());
    let names = Names { regions: &regions, sectors: &sectors };
    let pair = |rows: &Rows, row: usize, columns: [usize; 3]| -> Result<usize, BaseError> {
        let buyer = names.region(rows, row, columns[0])?;
        let seller = names.region(rows, row, columns[1])?;
        Ok((buyer * n + seller) * s + names.sector(rows, row, columns[2])?)
    };
    let describe = |cell: usize| {
        let (buyer, seller) = (cell / (n * s), cell / s % n);
        format!("{},{},{}", regions[buyer], regions[seller], sectors[cell % s])
    };
    let columns = [importer, exporter, sector];
    let mut values = flows.fill(n * n * s, value, &describe, |row| pair(&flows, row, columns))?;
    let mut rates = vec![0.0; n * n * s];
    if let Some(tariff) = tariff {
        rates = flows.fill(n * n * s, tariff, &describe, |row| pair(&flows, row, columns))?;
    } else {
        if !tables.tariffs.is_empty() {
            let rows = Rows::read("tariffs", &tables.tariffs)?;
            let columns =
                [rows.column("importer")?, rows.column("exporter")?, rows.column("sector")?];
            let rate = rows.column("ad_valorem")?;
            for row in 0..rows.cells.len() {
                rates[pair(&rows, row, columns)?] = rows.number(row, rate)?;
            }
        }
        values.iter_mut().zip(&rates).for_each(|(value, rate)| *value *= 1.0 + rate);
    }
    let io = Rows::read("io", &tables.io)?;
    let (region, input) = (io.column("region")?, io.column("input_sector")?);
    let (user, share) = (io.column("using_sector")?, io.column("cost_share")?);
    let input_share = io.fill(
        n * s * s,
        share,
        &|cell| {
            let (r, k, j) = (cell / (s * s), cell / s % s, cell % s);
            format!("{},{},{}", regions[r], sectors[k], sectors[j])
        },
        |row| {
            let place = names.region(&io, row, region)? * s + names.sector(&io, row, input)?;
            Ok(place * s + names.sector(&io, row, user)?)
        },
    )?;
    let base = Base::new(Accounts {
        name: tables.name.clone(),
        goods,
        flows: values,
        tariff: rates,
        export_tax: vec![0.0; n * n * s],
        input_share,
        value_added_share: Vec::new(),
        regions: regions.clone(),
        sectors: sectors.clone(),
    })?;
    if !tables.va.is_empty() {
        check_output(&base, &tables.va, &names)?;
    }
    let theta = if tables.elasticities.is_empty() {
        shipped::elasticities("default", &sectors)
    } else {
        let rows = Rows::read("elasticities", &tables.elasticities)?;
        let (sector, theta) = (rows.column("sector")?, rows.column("theta")?);
        let describe = |cell: usize| sectors[cell].clone();
        Some(rows.fill(s, theta, &describe, |row| names.sector(&rows, row, sector))?)
    };
    Ok((base, theta))
}

/// Puts goods first, as a table or the codes say; returns how many they are.
fn order_sectors(text: &str, sectors: &mut [String]) -> Result<usize, BaseError> {
    let mut service = BTreeMap::new();
    if !text.is_empty() {
        let rows = Rows::read("sectors", text)?;
        let (sector, goods) = (rows.column("sector")?, rows.column("goods")?);
        for row in 0..rows.cells.len() {
            let flag = rows.number(row, goods)?;
            service.insert(rows.cells[row].1[sector].clone(), crate::math::same(flag, 0.0));
        }
    }
    let is_service = |code: &String| {
        service.get(code).copied().unwrap_or_else(|| SERVICES.contains(&code.as_str()))
    };
    sectors.sort_by_key(is_service);
    Ok(sectors.iter().filter(|code| !is_service(code)).count())
}

/// Compares stated outputs and value-added shares with those that follow from flows and inputs.
fn check_output(base: &Base, text: &str, names: &Names<'_>) -> Result<(), BaseError> {
    let rows = Rows::read("va", text)?;
    let (region, sector) = (rows.column("region")?, rows.column("sector")?);
    let (output, share) = (rows.column("gross_output_musd")?, rows.column("value_added_share")?);
    for row in 0..rows.cells.len() {
        let at = names.region(&rows, row, region)? * base.sector_count()
            + names.sector(&rows, row, sector)?;
        for (column, computed, what, from) in [
            (output, base.output()[at], "output", "sales to all buyers"),
            (share, base.value_added_share()[at], "value-added share", "1 less the input shares"),
        ] {
            let stated = rows.number(row, column)?;
            let gap = stated - computed;
            if gap.abs() > OUTPUT_GAP * computed.abs().max(1e-2) {
                return Err(BaseError::new(
                    rows.place(row),
                    format!(
                        "{what} of {stated} where {from} give {computed:.6}: a gap of {gap:.6}"
                    ),
                    "rows must balance: correct the flows, the inputs or this number",
                ));
            }
        }
    }
    Ok(())
}

/// A parsed table: header, and cells by line number.
struct Rows {
    table: &'static str,
    header: Vec<String>,
    cells: Vec<(u64, Vec<String>)>,
}

struct Names<'a> {
    regions: &'a [String],
    sectors: &'a [String],
}

impl Names<'_> {
    fn region(&self, rows: &Rows, row: usize, column: usize) -> Result<usize, BaseError> {
        rows.index(row, column, self.regions)
    }

    fn sector(&self, rows: &Rows, row: usize, column: usize) -> Result<usize, BaseError> {
        rows.index(row, column, self.sectors)
    }
}

impl Rows {
    fn read(table: &'static str, text: &str) -> Result<Rows, BaseError> {
        let fault = |error: csv::Error| {
            BaseError::new(
                format!("{table} table"),
                error.to_string(),
                "give comma-separated text with one header row",
            )
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
        let mut cells = Vec::new();
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let line = record.position().map_or(0, csv::Position::line);
            cells.push((line, record.iter().map(str::to_owned).collect()));
        }
        Ok(Rows { table, header, cells })
    }

    fn column(&self, name: &str) -> Result<usize, BaseError> {
        self.header.iter().position(|column| column == name).ok_or_else(|| {
            BaseError::new(
                format!("{} table", self.table),
                format!("no column `{name}` among {}", self.header.join(", ")),
                "name the columns as in docs/economics.md",
            )
        })
    }

    /// Values of a column in order of first appearance.
    fn distinct(&self, column: usize) -> Vec<String> {
        let mut seen = Vec::new();
        for (_, cells) in &self.cells {
            if !seen.contains(&cells[column]) {
                seen.push(cells[column].clone());
            }
        }
        seen
    }

    fn place(&self, row: usize) -> String {
        format!("{} table, line {}", self.table, self.cells[row].0)
    }

    fn index(&self, row: usize, column: usize, names: &[String]) -> Result<usize, BaseError> {
        let code = &self.cells[row].1[column];
        names.iter().position(|name| name == code).ok_or_else(|| {
            BaseError::new(
                self.place(row),
                format!("`{code}` does not occur in the flows table"),
                format!("use one of {}", names.join(", ")),
            )
        })
    }

    fn number(&self, row: usize, column: usize) -> Result<f64, BaseError> {
        let cell = &self.cells[row].1[column];
        cell.parse().map_err(|_| {
            BaseError::new(
                self.place(row),
                format!("{} is `{cell}`, not a number", self.header[column]),
                "give a number",
            )
        })
    }

    /// A full flat table: each cell must come once.
    fn fill(
        &self,
        size: usize,
        column: usize,
        describe: &dyn Fn(usize) -> String,
        place: impl Fn(usize) -> Result<usize, BaseError>,
    ) -> Result<Vec<f64>, BaseError> {
        let mut flat = vec![None; size];
        for row in 0..self.cells.len() {
            let at = place(row)?;
            if flat[at].is_some() {
                return Err(BaseError::new(
                    self.place(row),
                    format!("{} is given twice", describe(at)),
                    "keep one of the two rows",
                ));
            }
            flat[at] = Some(self.number(row, column)?);
        }
        let missing = flat.iter().filter(|cell| cell.is_none()).count();
        if let Some(first) = flat.iter().position(Option::is_none) {
            return Err(BaseError::new(
                format!("{} table", self.table),
                format!("{missing} of {size} rows are missing, the first {}", describe(first)),
                "give every cell, 0 where there is nothing",
            ));
        }
        Ok(flat.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    fn small() -> Tables {
        Tables {
            name: "small".into(),
            flows: "importer,exporter,sector,value_musd\n\
                    A,A,SRV,50\nA,A,AGR,30\nA,B,AGR,10\nA,B,SRV,0\n\
                    B,A,AGR,11\nB,A,SRV,1\nB,B,AGR,20\nB,B,SRV,60\n"
                .into(),
            io: "region,input_sector,using_sector,cost_share\n\
                 A,AGR,AGR,0.2\nA,AGR,SRV,0.1\nA,SRV,AGR,0.1\nA,SRV,SRV,0.3\n\
                 B,AGR,AGR,0.2\nB,AGR,SRV,0.1\nB,SRV,AGR,0.1\nB,SRV,SRV,0.3\n"
                .into(),
            tariffs: "importer,exporter,sector,ad_valorem\nA,B,AGR,0.1\n".into(),
            ..Tables::default()
        }
    }

    #[test]
    fn a_base_is_read_in_goods_first_order() {
        let (base, theta) = read(&small()).unwrap();
        assert_eq!(base.sectors(), ["AGR", "SRV"]);
        assert_eq!(base.goods(), 1);
        assert!(close(base.flows()[base.cell(0, 1, 0)], 11.0, 1e-15));
        assert!(close(theta.unwrap()[0], 6.23, 1e-15));
    }

    #[test]
    fn contradictions_name_the_cell_and_the_gap() {
        let fails = |change: &dyn Fn(&mut Tables), part: &str| {
            let mut tables = small();
            change(&mut tables);
            let error = read(&tables).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        fails(
            &|t| t.flows = t.flows.replace("A,B,SRV,0\n", ""),
            "1 of 8 rows are missing, the first A,B,SRV",
        );
        fails(&|t| t.flows.push_str("A,A,SRV,50\n"), "line 10: A,A,SRV is given twice");
        fails(
            &|t| t.flows = t.flows.replace("A,B,AGR,10", "A,B,AGR,-10"),
            "purchases of A from B, AGR",
        );
        fails(&|t| t.io = t.io.replace("A,AGR,AGR", "C,AGR,AGR"), "line 2: `C` does not occur");
        fails(&|t| t.tariffs = t.tariffs.replace("0.1", "-1"), "tariff of A from B, AGR");
        fails(
            &|t| t.io = t.io.replace("A,SRV,SRV,0.3", "A,SRV,SRV,0.95"),
            "value added is negative",
        );
        fails(&|t| t.flows = t.flows.replace("value_musd", "value"), "no column `value_musd`");
        fails(
            &|t| t.flows = t.flows.replace("A,A,SRV,50", "A,A,SRV,many"),
            "line 2: value_musd is `many`",
        );
        fails(
            &|t| t.va = "region,sector,gross_output_musd,value_added_share\nA,AGR,42,0.7\n".into(),
            "output of 42 where sales to all buyers give 41.000000: a gap of 1.000000",
        );
    }
}
