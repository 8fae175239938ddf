//! Countermove.
fn main() {}
