//! One trial: calendar, world, effects, decisions. No I/O, no threads, no wall clock, no globals.
//!
//! [`program::Program`] is a compiled scenario with everything worked out once; [`trial::run_trial`]
//! runs one trial of it in a thread's [`trial::Workspace`] and leaves a path.

mod announced;
mod code;
pub mod contract;
mod decide;
mod effects;
pub mod engine;
pub mod event;
mod flows;
pub(crate) mod foresight;
pub mod journal;
pub mod judge;
mod ledger;
mod lifecycle;
mod marks;
mod memo;
pub mod outlook;
pub mod program;
pub mod queue;
pub(crate) mod reach;
mod relevance;
pub mod scratch;
mod settle;
mod talks;
pub mod trial;
pub mod world;

pub use program::Program;
pub use trial::{Runaway, Workspace, run_trial};
