//! What every chart asks of its data before anything is drawn.

use super::ChartError;

/// All numbers are finite.
pub(crate) fn finite(what: &str, values: impl IntoIterator<Item = f64>) -> Result<(), ChartError> {
    if values.into_iter().all(f64::is_finite) {
        Ok(())
    } else {
        Err(ChartError::Shape(format!("{what}: a value is not a finite number")))
    }
}

/// At least one number, all finite, each at least the one before.
pub(crate) fn rising(what: &str, values: &[f64]) -> Result<(), ChartError> {
    if values.is_empty() {
        return Err(ChartError::Shape(format!("{what}: there are no values")));
    }
    finite(what, values.iter().copied())?;
    if values.windows(2).any(|pair| pair[1] < pair[0]) {
        return Err(ChartError::Shape(format!("{what}: the values do not rise")));
    }
    Ok(())
}

/// As many values as places, all finite.
pub(crate) fn same_length(what: &str, values: &[f64], places: &[f64]) -> Result<(), ChartError> {
    if values.len() != places.len() {
        return Err(ChartError::Shape(format!(
            "{what}: {} values for {} places",
            values.len(),
            places.len()
        )));
    }
    finite(what, values.iter().copied())
}

/// A number from 0 to 1, up to the rounding of a sum.
pub(crate) fn share(what: &str, value: f64) -> Result<(), ChartError> {
    if (-1e-9..=1.0 + 1e-9).contains(&value) {
        Ok(())
    } else {
        Err(ChartError::Shape(format!("{what}: {value} is not a share between 0 and 1")))
    }
}

/// Numbers from 0 to 1, as many as places.
pub(crate) fn shares(what: &str, values: &[f64], places: &[f64]) -> Result<(), ChartError> {
    same_length(what, values, places)?;
    values.iter().try_for_each(|&value| share(what, value))
}
