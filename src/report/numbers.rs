//! The numbers of a chart as a table that can be read off, from the CSV that is written beside it.
//!
//! Charts by date give a row a date, with a column for each curve; charts of shares at or beyond a
//! value give a row a value. Others show their rows as they are. Nothing here knows a kind of chart: the
//! columns say what they hold.

use super::document::{Cell, Column, Numbers, Table};
use super::number;
use crate::chart::unquoted;
use crate::units::Date;
use std::collections::BTreeMap;

/// Rows at most; of more, every so many is shown.
const ROWS: usize = 200;
/// Values of a chart of shares at or beyond a value.
const VALUES: usize = 60;

/// A CSV text as header and rows.
struct Read {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Read {
    fn of(csv: &str) -> Option<Read> {
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(csv.as_bytes());
        let cells = |row: &csv::StringRecord| {
            row.iter().map(|cell| unquoted(cell).to_owned()).collect::<Vec<_>>()
        };
        let head = cells(reader.headers().ok()?);
        let rows = reader.records().map(|row| Some(cells(&row.ok()?)));
        Some(Read { head, rows: rows.collect::<Option<Vec<_>>>()? })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.head.iter().position(|head| head == name)
    }
}

/// The numbers of a chart, whose CSV this is; none without a row.
#[must_use]
pub fn of_csv(title: &str, csv: &str) -> Option<Numbers> {
    let read = Read::of(csv)?;
    let caption = format!("The numbers behind: {title}");
    let found = match (read.column("date"), read.column("day"), read.column("value")) {
        (Some(date), Some(day), _) => dated(&read, date, day),
        (None, None, Some(value)) => {
            read.column("share").and_then(|share| beyond(&read, value, share))
        }
        _ => None,
    };
    let numbers = found.unwrap_or_else(|| plain(&read));
    let table = Table { caption, ..numbers.table };
    (!table.rows.is_empty()).then_some(Numbers { table, ..numbers })
}

fn figure(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A number as a reader wants it, or the text as it is.
fn shown(text: &str) -> Cell {
    figure(text).map_or_else(
        || Cell::text(text),
        |value| Cell::text(number::short(value, 4).replace('-', "\u{2212}")).by(Some(value)),
    )
}

/// A share, and between which ends it lies.
fn share(text: &str, ends: [&str; 2]) -> Cell {
    let Some(value) = figure(text) else { return Cell::default() };
    let [low, high] = ends.map(figure);
    let range = match (low, high) {
        (Some(low), Some(high)) => {
            format!(" [{} to {}]", number::percent(low), number::percent(high))
        }
        _ => String::new(),
    };
    Cell::text(format!("{}{range}", number::percent(value))).by(Some(value))
}

/// A written date as a reader wants it.
fn day_of(text: &str) -> String {
    Date::parse(text).map_or_else(|_| text.to_owned(), |date| date.long())
}

/// A row for each date.
fn dated(read: &Read, date: usize, day: usize) -> Option<Numbers> {
    // One row a curve and date, or one a date with a column for each curve.
    let shares = read.column("share");
    let curve = shares.or_else(|| read.column("value")).filter(|_| date > 0);
    let mut names: Vec<&str> = Vec::new();
    let mut cells: Vec<(f64, &str, Vec<Cell>)> = Vec::new();
    if let Some(at) = curve {
        let ends = [read.column("lower95"), read.column("upper95")];
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &read.rows {
            let name = row[0].as_str();
            if !names.contains(&name) {
                names.push(name);
            }
            let known = cells.len();
            let place = *places.entry(&row[date]).or_insert(known);
            if place == known {
                cells.push((figure(&row[day])?, &row[date], Vec::new()));
            }
            let ends = ends.map(|end| end.map_or("", |end| row[end].as_str()));
            let at_row = &mut cells[place].2;
            at_row.resize(names.iter().position(|n| *n == name)?, Cell::default());
            at_row.push(if shares.is_some() { share(&row[at], ends) } else { shown(&row[at]) });
        }
    } else {
        let others: Vec<usize> = (0..read.head.len()).filter(|&k| k != date && k != day).collect();
        names.extend(others.iter().map(|&k| read.head[k].as_str()));
        let shares = are_shares(read, &others);
        for row in &read.rows {
            let cell = |&k: &usize| if shares { share(&row[k], ["", ""]) } else { shown(&row[k]) };
            cells.push((figure(&row[day])?, &row[date], others.iter().map(cell).collect()));
        }
    }
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole = cells.len();
    let step = whole.div_ceil(ROWS).max(1);
    let kept = cells.into_iter().enumerate().filter(|(k, _)| k % step == 0 || k + 1 == whole);
    let mut places = Vec::new();
    let mut rows = Vec::new();
    for (_, (day, date, mut row)) in kept {
        row.resize(names.len(), Cell::default());
        row.insert(0, Cell::text(day_of(date)).by(Some(day)));
        places.push(day);
        rows.push(row);
    }
    Some(Numbers { table: table("Date", &names, rows), places, dated: true })
}

/// Whether the numbers of each row are parts of one.
fn are_shares(read: &Read, columns: &[usize]) -> bool {
    columns.len() > 1
        && read.rows.iter().all(|row| {
            let parts: Option<Vec<f64>> = columns.iter().map(|&k| figure(&row[k])).collect();
            parts.is_some_and(|parts| {
                parts.iter().all(|part| (0.0..=1.0).contains(part))
                    && (parts.iter().sum::<f64>() - 1.0).abs() < 1e-6
            })
        })
}

/// A row for each of some values: the share of trials at or beyond it, by curve.
fn beyond(read: &Read, value: usize, at: usize) -> Option<Numbers> {
    let mut names: Vec<&str> = Vec::new();
    let mut curves: Vec<Vec<(f64, &str)>> = Vec::new();
    for row in &read.rows {
        let name = row[0].as_str();
        let place = names.iter().position(|n| *n == name).unwrap_or_else(|| {
            names.push(name);
            curves.push(Vec::new());
            names.len() - 1
        });
        curves[place].push((figure(&row[value])?, &row[at]));
    }
    curves.iter_mut().for_each(|curve| curve.sort_by(|a, b| a.0.total_cmp(&b.0)));
    let mut values: Vec<f64> = curves.iter().flatten().map(|(value, _)| *value).collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| crate::math::same(*a, *b));
    let whole = values.len();
    let step = whole.div_ceil(VALUES).max(1);
    let kept = (0..whole).filter(|k| k % step == 0 || k + 1 == whole).map(|k| values[k]);
    let kept: Vec<f64> = kept.collect();
    let rows = kept.iter().map(|&v| {
        let head = Cell::text(number::short(v, 4).replace('-', "\u{2212}")).by(Some(v));
        let cell = |curve: &Vec<(f64, &str)>| {
            // As many trials lie at or beyond a value as at or beyond the next one that occurs.
            let next = curve.iter().find(|(known, _)| *known >= v);
            next.map_or_else(|| share("0", ["", ""]), |(_, text)| share(text, ["", ""]))
        };
        std::iter::once(head).chain(curves.iter().map(cell)).collect()
    });
    let rows = rows.collect();
    Some(Numbers { table: table("At least", &names, rows), places: kept, dated: false })
}

/// The rows as they are.
fn plain(read: &Read) -> Numbers {
    let rows = read.rows.iter().take(ROWS).map(|row| row.iter().map(|cell| shown(cell)).collect());
    let columns = read.head.iter().map(|name| Column::words(name.as_str())).collect();
    let table = Table { caption: String::new(), columns, rows: rows.collect() };
    Numbers { table, places: Vec::new(), dated: false }
}

fn table(first: &str, names: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = names.iter().map(|name| Column::figures(name.replace('_', " ")));
    let columns = std::iter::once(Column::words(first)).chain(columns).collect();
    Table { caption: String::new(), columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(numbers: &Numbers) -> Vec<Vec<&str>> {
        numbers.table.rows.iter().map(|r| r.iter().map(|c| c.text.as_str()).collect()).collect()
    }

    #[test]
    fn curves_stand_side_by_side() {
        let csv = "curve,date,day,share,lower95,upper95\n\
                   a,2025-10-15,0,0,0,0.01\na,2025-10-16,1,0.25,0.2,0.3\n\
                   b,2025-10-15,0,1,,\nb,2025-10-16,1,1,,\n";
        let got = of_csv("T", csv).unwrap();
        assert_eq!(
            texts(&got),
            [
                ["15 October 2025", "0% [0% to 1.0%]", "100%"],
                ["16 October 2025", "25% [20% to 30%]", "100%"]
            ]
        );
        assert!(got.dated && got.places == [0.0, 1.0]);
        assert_eq!(got.table.columns[2].name, "b");
    }

    #[test]
    fn shares_of_one_are_per_cents_and_other_numbers_are_not() {
        let shares = of_csv("T", "date,day,war,peace\n2025-10-15,0,0.25,0.75\n").unwrap();
        assert_eq!(texts(&shares), [["15 October 2025", "25%", "75%"]]);
        let long =
            of_csv("T", "rung,date,day,value\na,2025-10-15,0,2\nb,2025-10-15,0,-1\n").unwrap();
        assert_eq!(texts(&long), [["15 October 2025", "2", "\u{2212}1"]]);
        let levels = of_csv("T", "date,day,median,lower_90\n2025-10-15,-1,-2.5,\n").unwrap();
        assert_eq!(texts(&levels), [["15 October 2025", "\u{2212}2.5", ""]]);
    }

    #[test]
    fn between_values_that_occur_the_next_one_counts() {
        let csv = "branch,value,share,lower95,upper95\na,1,1,,\na,3,0.5,,\nb,2,1,,\n";
        let got = of_csv("T", csv).unwrap();
        assert_eq!(texts(&got), [["1", "100%", "100%"], ["2", "50%", "100%"], ["3", "50%", "0%"]]);
        assert!(!got.dated && got.places == [1.0, 2.0, 3.0]);
    }

    #[test]
    fn long_series_are_thinned_and_keep_their_ends() {
        let rows: String = (0..1000).map(|d| format!("2025-10-15,{d},{d}\n")).collect();
        let got = of_csv("T", &format!("date,day,x\n{rows}")).unwrap();
        assert!(got.places.len() <= ROWS + 1, "{}", got.places.len());
        assert_eq!((got.places[0], got.places.last()), (0.0, Some(&999.0)));
    }

    #[test]
    fn rows_of_other_charts_are_shown_as_they_are() {
        let got = of_csv("T", "lane,kind,from\nUS,move,2025-10-15\n").unwrap();
        assert_eq!(texts(&got), [["US", "move", "2025-10-15"]]);
        assert!(got.places.is_empty());
        assert_eq!(of_csv("T", "lane,kind\n"), None);
        assert_eq!(of_csv("T", ""), None);
    }
}
