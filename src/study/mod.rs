//! Many trials: branches × trials on common random numbers, folded to results.
//!
//! A run is cut into chunks of [`CHUNK`] trials by trial number. A chunk runs its trials in order, and
//! each trial under every branch before the next, so that branches share a thread's memoised
//! decisions. Chunks are folded in the order of their numbers on one thread. The results are
//! therefore the same bits for any number of threads; nothing here reads a clock or knows a file.
//!
//! Results keep every value of every trial up to [`TABLE_LIMIT`] branch-trials (*table*), and beyond
//! that counts, exact sums, histograms, the extreme trials and the first [`KEPT`] trials (*digest*).
//! Both answer the same questions; see [`Results`].

mod chunk;
mod day;
pub mod decision;
mod digest;
mod estimate;
pub mod exact;
#[cfg(test)]
mod fixture;
mod head;
mod pair;
mod plan;
mod results;
mod run;
pub mod stop;
mod table;
mod tally;

pub use chunk::Note;
pub use day::{Days, PanelQuantiles, QUANTILES};
pub use digest::{Digest, EXTREMES, Extreme};
pub use estimate::{Difference, Estimate, LEVEL, Never, PROBABILITIES, QuantileAt, Share};
pub use head::{BranchHead, MetricHead, RegimeHead, SeriesHead};
pub use plan::{CHUNK, Form, KEPT, PANEL, Plan, Rows, TABLE_LIMIT};
pub use results::{BranchResults, Results, Values};
pub use run::{Advance, Replay, StudyError, replay, run, run_until};
pub use table::{Table, TableBranch};
pub use tally::Tally;
pub(crate) use tally::position;
