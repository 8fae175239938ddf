//! Countermove: a discrete-event simulator of tariff and export-control escalation.
pub mod chart;
pub mod diagnostic;
pub mod draws;
pub mod economy;
pub mod game;
pub mod instruments;
pub mod math;
pub mod metrics;
pub mod model;
pub mod registry;
pub mod rules;
pub mod scenario;
pub mod sim;
pub mod stats;
pub mod syntax;
pub mod units;
pub mod work;
