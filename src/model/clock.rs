//! Clocks and shocks: laws that run while a condition holds, then do something.

use super::condition::Condition;
use super::effect::Effects;
use super::ids::{LawId, TrackerId};
use super::value::{Lag, Value};
use crate::draws::Address;
use crate::units::Tick;

/// When a clock rings.
#[derive(Debug, Clone, PartialEq)]
pub enum ClockLaw {
    /// After a draw from a law.
    Law(LawId),
    /// After a fixed or input number of days.
    Days(Value),
    /// At dates; age plays no part.
    Dates(Box<[Tick]>),
    /// Every so many days of the calendar, from an offset: offset, offset + period, …
    Every {
        /// Days between.
        period: Value,
        /// First day.
        first: Value,
    },
    /// So long after each of the events.
    After(Box<[TrackerId]>, Lag),
}

/// What happens to the age when the condition stops and starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// A new draw at each start.
    Fresh,
    /// The age is kept; the time left is drawn given the age.
    Resume,
    /// Never again after it rang or was stopped.
    Once,
}

/// A clock.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Written name.
    pub name: String,
    /// When it rings.
    pub law: ClockLaw,
    /// Runs while this holds.
    pub condition: Condition,
    /// What happens on a stop and a new start.
    pub restart: Restart,
    /// Rings at most so often in a trial.
    pub max: u32,
    /// Probability of `effects` at a ring, else `otherwise`.
    pub chance: Option<Value>,
    /// What it does.
    pub effects: Effects,
    /// What it does where the chance fails.
    pub otherwise: Effects,
    /// Days it has been running at the start.
    pub age: f64,
    /// Address of its draws.
    pub address: Address,
    /// Address of its chance.
    pub chance_address: Address,
    /// One sentence for the story.
    pub story: String,
}
