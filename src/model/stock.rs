//! Stocks of a critical input, in days of normal use.

use super::ids::ActorId;
use super::value::Value;

/// A stock held by the users of one sector in one country.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// The critical input, as export controls name it.
    pub of: String,
    /// Whose users.
    pub user: ActorId,
    /// Days of normal use at the start.
    pub start: Value,
    /// Share of use saved once fewer than 30 days are left.
    pub thrift: Value,
    /// Output of the sector that uses it, USD bn a year.
    pub output: Value,
    /// Civil users can be licensed; others get no approval.
    pub civil: bool,
    /// Cost share of the input in that output, for the Hulten bound.
    pub cost_share: Value,
}
