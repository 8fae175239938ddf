//! Numerics of simulation input and output: laws to draw from, estimates and their intervals.
//!
//! Everything here is pure: numbers in, numbers out, no random source (a law takes the uniform number
//! as an argument) and no knowledge of trials, branches or actors.
pub mod best;
pub mod density;
pub mod dist;
pub mod dominance;
pub mod ecdf;
pub mod histogram;
pub mod importance;
pub mod interval;
pub mod moments;
pub mod paired;
pub mod quantile;
pub mod rank;
pub mod regret;
pub mod special;

#[cfg(test)]
pub(crate) mod sample;
