//! The numbers of a chart as CSV, written beside it.

use super::ChartError;

/// One header and its rows as CSV text.
pub(crate) fn csv(head: &[String], rows: &[Vec<String>]) -> Result<String, ChartError> {
    let broken = |error: String| ChartError::Shape(format!("the table cannot be written: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(|e| broken(e.to_string()))?;
    for row in rows {
        writer.write_record(row).map_err(|e| broken(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| broken(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| broken(e.to_string()))
}
