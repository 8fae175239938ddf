//! Measures: what an actor can put in force. Life cycle: `sim::lifecycle`.

use super::Instrument;
use super::ids::{ActorId, MeasureId};
use super::value::{Lag, Value};
use crate::units::Tick;
use std::sync::Arc;

/// State of a measure at the start of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// Nothing.
    Idle,
    /// In force at a level.
    InForce(u8),
    /// A change to a level is pending at a date.
    Announced {
        /// Level, 1..n.
        level: u8,
        /// Date.
        on: Tick,
        /// Whether a legal act exists.
        ordered: bool,
    },
    /// Suspended until a date; the level resumes then.
    Suspended {
        /// Level that resumes.
        level: u8,
        /// End of the suspension.
        until: Tick,
    },
}

/// A measure, or one step of a phased measure. A measure with steps has no state of its own: its name
/// stands for all its steps.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Written name; `m.step` for a step.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Who can put it in force.
    pub owner: ActorId,
    /// At whom it is aimed; empty is the world.
    pub targets: Vec<ActorId>,
    /// Names and numbers of the levels 1..n; a measure without levels has one, worth 1.
    pub levels: Vec<(String, f64)>,
    /// State at the start.
    pub start: Start,
    /// From announcement or order to effect.
    pub lead: Lag,
    /// Index of the legal basis, for courts.
    pub legal: Option<u16>,
    /// Escalation weight of the whole measure or step.
    pub weight: f64,
    /// Days in force after which it expires.
    pub expires: Option<Lag>,
    /// Whether repetitions add up.
    pub repeat: bool,
    /// Whether it stands for older law that nothing in the file changes.
    pub fixed: bool,
    /// Believed chance that a statement about it is carried out, by the owner's type.
    pub believed: Vec<Value>,
    /// Measures of others that it answers: once they are gone, stepping back costs no audience.
    pub answers: Vec<MeasureId>,
    /// What it consists of.
    pub instruments: Vec<Arc<dyn Instrument>>,
    /// Eves to schedule before its date.
    pub eves: Vec<super::ids::EveId>,
}

/// A written name of a measure with its steps: what verbs and conditions act on.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureGroup {
    /// Written name.
    pub name: String,
    /// The measure itself, or its steps in file order.
    pub members: Vec<MeasureId>,
}
