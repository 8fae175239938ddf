//! Reads `trials.csv` again: rows of a run as columns.

use super::csv::cell;
use crate::sim::contract::MetricKind;
use crate::study::{BranchHead, MetricHead, Table, TableBranch};
use csv::ByteRecord;

/// The rows of a run whose branches measure `heads`. `rows` is how many each branch should have.
///
/// # Errors
/// The file is cut short, or is not of these branches; the message says what does not fit.
pub fn table(bytes: &[u8], heads: Vec<BranchHead>, seed: u64, rows: u64) -> Result<Table, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(bytes);
    let header: Vec<String> =
        reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
    let place = |name: &str| {
        let wanted = cell(name);
        let found = header.iter().position(|column| column == &*wanted);
        found.ok_or_else(|| format!("it has no column `{wanted}`"))
    };
    let (at_branch, at_trial, at_surprise) =
        (place("branch")?, place("trial")?, place("surprise")?);
    let mut columns = Vec::new();
    let mut table = Table::default();
    for head in heads {
        let places: Result<Vec<usize>, String> =
            head.metrics.iter().map(|m| place(&m.id)).collect();
        columns.push((cell(&head.name).into_owned(), places?));
        let values = vec![Vec::new(); head.metrics.len()];
        table.branches.push(TableBranch { head, seed, values, surprise: Vec::new() });
    }
    let mut trials: Vec<Vec<u64>> = vec![Vec::new(); columns.len()];
    let mut record = ByteRecord::new();
    let mut at = 0;
    while reader.read_byte_record(&mut record).map_err(|e| e.to_string())? {
        let name = record.get(at_branch).unwrap_or_default();
        if columns.get(at).is_none_or(|(known, _)| known.as_bytes() != name) {
            at = columns
                .iter()
                .position(|(known, _)| known.as_bytes() == name)
                .ok_or("it has a branch that the manifest does not name")?;
        }
        let branch = &mut table.branches[at];
        let trial = text(&record, at_trial).parse::<u64>();
        trials[at].push(trial.map_err(|_| "a trial has no number".to_owned())?);
        for ((column, &place), head) in
            branch.values.iter_mut().zip(&columns[at].1).zip(&branch.head.metrics)
        {
            column.push(value(head, text(&record, place))?);
        }
        branch.surprise.push(text(&record, at_surprise).parse().unwrap_or(f64::NAN));
    }
    let whole = |list: &Vec<u64>| list.len() as u64 == rows && list.is_sorted();
    if !trials.iter().all(whole) || trials.windows(2).any(|pair| pair[0] != pair[1]) {
        let found = trials.iter().map(Vec::len).min().unwrap_or(0);
        return Err(format!(
            "it has {found} rows of a branch instead of {rows}, or not the same ones"
        ));
    }
    table.trials = trials.into_iter().next().unwrap_or_default();
    Ok(table)
}

fn text(record: &ByteRecord, place: usize) -> &str {
    record.get(place).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A metric's value from its cell.
#[allow(clippy::cast_precision_loss, reason = "few labels")]
fn value(head: &MetricHead, text: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Ok(f64::NAN);
    }
    let known = match head.kind {
        MetricKind::Time if text == "never" => Some(f64::INFINITY),
        MetricKind::Category => {
            head.labels.iter().position(|label| cell(label) == text).map(|place| place as f64)
        }
        _ => text.parse().ok().filter(|value: &f64| value.is_finite()),
    };
    known.ok_or_else(|| format!("`{text}` is no value of `{}`", head.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Date, Epoch, Tick};

    fn head(name: &str) -> BranchHead {
        let metric = |id: &str, kind, labels: &[&str]| MetricHead {
            id: id.into(),
            title: id.into(),
            kind,
            unit: String::new(),
            worse: None,
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        };
        BranchHead::for_tests(
            name,
            vec![
                metric("day", MetricKind::Time, &[]),
                metric("end", MetricKind::Category, &["=war", "truce"]),
            ],
            Epoch::new(Date::parse("2025-10-14").unwrap()),
            Tick::from_days(10.0),
        )
    }

    #[test]
    fn cells_are_read_as_they_were_written() {
        let text = "branch,trial,day,end,surprise\na,0,never,'=war,-0.5\na,1,2.5,truce,0\nb,0,,truce,0\nb,1,1,truce,0\n";
        let table = table(text.as_bytes(), vec![head("a"), head("b")], 1, 2).unwrap();
        assert_eq!(table.trials, [0, 1]);
        assert_eq!(table.branches[0].values, [vec![f64::INFINITY, 2.5], vec![0.0, 1.0]]);
        assert!(table.branches[1].values[0][0].is_nan());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let read = |text: &str| table(text.as_bytes(), vec![head("a"), head("b")], 1, 1);
        let whole = "branch,trial,day,end,surprise\na,0,1,truce,0\nb,0,1,truce,0\n";
        assert!(read(whole).is_ok());
        for (from, to, why) in [
            ("\nb,0,1,truce,0", "", "0 rows"),
            ("b,0", "c,0", "does not name"),
            ("b,0", "b,7", "not the same"),
            ("truce", "peace", "`peace` is no value of `end`"),
            ("day", "dey", "no column `day`"),
            (",truce,0\nb", ",truce\nb", "record"),
            ("a,0,1", "a,0,inf", "`inf` is no value"),
        ] {
            let said = read(&whole.replacen(from, to, 1)).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
