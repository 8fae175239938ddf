//! Countermove: a discrete-event simulator of tariff and export-control escalation.
pub mod diagnostic;
pub mod draws;
pub mod economy;
pub mod game;
pub mod math;
pub mod stats;
pub mod syntax;
pub mod units;
pub mod work;
