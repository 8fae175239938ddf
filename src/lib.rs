//! Countermove.
