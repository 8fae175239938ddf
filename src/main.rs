//! Command line of Countermove.
fn main() {}
