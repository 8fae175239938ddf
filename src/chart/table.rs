//! The numbers of a chart as CSV, written beside it.
//!
//! A text that a spreadsheet would take for a formula begins with an apostrophe; numbers, negative
//! ones too, stay as they are.

use super::ChartError;
use std::borrow::Cow;

/// Signs by which spreadsheets know a formula, and their wide forms, which some take for the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell as text: what is no number and begins like a formula is quoted.
pub(crate) fn neutral(cell: &str) -> Cow<'_, str> {
    let number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    if cell.starts_with(FORMULA) && !number {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

/// A cell as it was before it was quoted.
pub(crate) fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// One header and its rows as CSV text.
pub(crate) fn csv(head: &[String], rows: &[Vec<String>]) -> Result<String, ChartError> {
    let broken = |error: String| ChartError::Shape(format!("the table cannot be written: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        let cells = row.iter().map(|cell| neutral(cell));
        writer
            .write_record(cells.map(|cell| cell.into_owned()))
            .map_err(|e| broken(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| broken(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| broken(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_quoted_and_numbers_are_not() {
        let row = ["=1+1", "-tariff", "@x", "＝x", "-1.5", "+2e-3", "-inf", "tariff = 1", ""];
        let text = csv(&row.map(String::from), &[row.map(String::from).to_vec()]).unwrap();
        let line = "'=1+1,'-tariff,'@x,'＝x,-1.5,+2e-3,'-inf,tariff = 1,\n";
        assert_eq!(text, format!("{line}{line}"));
        assert!(row.iter().all(|cell| unquoted(&neutral(cell)) == *cell));
    }
}
