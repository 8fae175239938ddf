//! Metrics: one file for each family of values that are read off a trial's path.
//!
//! The kind follows from the form: probabilities are 0 or 1 in a trial, times are days from tick 0
//! and infinite if never, numbers are numbers, categories are positions. Not-a-number means that the
//! trial has no value and leaves the count: a division by zero, a condition of `Given` not met.
//!
//! All metrics stop at the end of the path: the horizon, or the moment the scenario's `ends` stopped
//! the trial. States are frozen there: a date beyond the stop reads the state at the stop, while
//! integrals, means and counts of days do not run on.
//!
//! A metric may use another, by name or written in place. [`Builder`] compiles them in the order of
//! their dependence and reports circles.

mod builder;
pub mod category;
pub mod combined;
pub mod given;
pub mod number;
pub mod probability;
pub mod series;
#[cfg(test)]
mod tests;
pub mod time;

use crate::model::lookup::Lookup;
use crate::registry::registry;
use crate::sim::contract::Metric;
use std::sync::Arc;

pub use builder::{Builder, MetricRef, NumberRef};

registry! {
    /// A metric as `metrics` defines it: `At("2025-11-01", Is("tariff", InForce))`.
    MetricSpec, MetricKindSpec: "metric";
    fn build(&self, others: &mut Builder<'_>, lookup: &mut Lookup) -> Option<Arc<dyn Metric>>;
    kinds {
        At(probability::AtSpec),
        By(probability::BySpec),
        Ever(probability::EverSpec),
        Happens(probability::HappensSpec),
        InOrder(probability::InOrderSpec),
        AnsweredWithin(probability::AnsweredWithinSpec),
        AtLeast(combined::AtLeastSpec),
        FirstDay(time::FirstDaySpec),
        Peak(series::PeakSpec),
        Low(series::LowSpec),
        Mean(series::MeanSpec),
        End(series::EndSpec),
        Area(series::AreaSpec),
        DaysAbove(series::DaysAboveSpec),
        DaysWhile(time::DaysWhileSpec),
        Count(number::CountSpec),
        Payoff(number::PayoffSpec),
        Term(number::TermSpec),
        Gdp(number::GdpSpec),
        Minus(combined::MinusSpec),
        Divide(combined::DivideSpec),
        Final(category::FinalSpec),
        Given(given::GivenSpec),
    }
    bare {
        Events(number::EventsSpec),
    }
    later {}
}
