//! Countermove: a discrete-event simulator of tariff and export-control escalation.
pub mod math;
pub mod units;
