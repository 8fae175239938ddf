//! Solvers for games: payoff numbers in, strategies and certificates out.
//!
//! Forms: [`normal`] (all move once), [`tree`] (moves, chance, information sets) and [`stochastic`]
//! (stages leading to stages), with the files that hold them ([`nfg`], [`efg`], [`stochastic_file`]).
//! The module knows no actor and no tariff; a rule or a verb translates. Nothing here reads a clock:
//! long searches ask a [`Stop`] and return what they have, marked incomplete.
//!
//! What each method means, with its source, is in `docs/games.md`.

pub mod agent;
pub mod backward;
pub mod best_reply;
pub mod certificate;
pub mod cfr;
pub mod dominance;
pub mod efg;
pub mod error;
pub mod extreme;
pub mod horizon;
pub mod lemke_howson;
mod lexer;
pub mod linear;
pub mod markov;
pub mod nfg;
pub mod normal;
pub mod number;
pub mod path;
pub mod policy;
pub mod polytope;
pub mod program;
pub mod pure;
pub mod quantal;
pub mod reduced;
pub mod stochastic;
pub mod stochastic_file;
pub mod support;
pub mod tree;
pub mod zero_sum;

/// Asked now and then by long searches: true means return what was found so far.
pub type Stop<'a> = &'a dyn Fn() -> bool;

/// A [`Stop`] that never stops.
#[must_use]
pub fn never() -> bool {
    false
}
