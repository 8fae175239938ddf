//! `manifest.json`: what a run folder holds, from what it came, and how to get it again.

use crate::sim::contract::MetricKind;
use crate::study::{Difference, Estimate, Results};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What marks a manifest as ours.
pub const PROGRAM: &str = "countermove";
/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The manifest of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always [`PROGRAM`].
    pub program: String,
    /// Version that wrote the folder.
    pub version: String,
    /// Scenario's name.
    pub scenario: String,
    /// What a reader sees of it.
    pub title: String,
    /// Name of the scenario's copy in the folder.
    pub file: String,
    /// First 16 hexadecimal digits of SHA-256 of the scenario's bytes.
    pub hash: String,
    /// Seed.
    pub seed: u64,
    /// Name and version of the generator and of the layout of draws.
    pub draws: String,
    /// How events of equal time and phase are ordered.
    pub ties: String,
    /// Branches, in the order of the run; the first is the one others are compared with.
    pub branches: Vec<String>,
    /// Trials asked for, of each branch.
    pub trials_planned: u64,
    /// Trials done.
    pub trials: u64,
    /// Whether all were done.
    pub complete: bool,
    /// `table` or `digest`.
    pub form: String,
    /// Rows of each branch in `trials.csv`.
    pub rows: u64,
    /// Trials that daily quantiles rest on, in single precision.
    pub panel_trials: u64,
    /// Trials in a chunk.
    pub chunk: u64,
    /// Hash of the results alone.
    pub results_hash: String,
    /// Events executed.
    pub events: u64,
    /// Share of deciders' values found in the memo; none where nothing was looked up.
    pub memo_hit_rate: Option<f64>,
    /// Worker threads.
    pub threads: usize,
    /// Seconds from start to results.
    pub wall_seconds: f64,
    /// Processor seconds, where the system tells.
    pub cpu_seconds: Option<f64>,
    /// Date of the run.
    pub date: String,
    /// Charts, by name.
    pub charts: Vec<String>,
    /// The command that gives these results again.
    pub command: String,
    /// The rule that the run was to stop by, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<super::stop::StopFacts>,
    /// The trade model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub economy: Option<super::economy::EconomyFacts>,
    /// SHA-256 of the files that others are made from, by name.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A plain structure with string keys cannot fail to serialise.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a manifest of ours.
    ///
    /// # Errors
    /// The text is no manifest of this program; the message says why.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let manifest: Manifest = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if manifest.program == PROGRAM {
            Ok(manifest)
        } else {
            Err(format!("it was written by `{}`", super::plain::line(&manifest.program)))
        }
    }
}

/// Hexadecimal digits of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// First 16 hexadecimal digits of SHA-256 of a scenario's bytes.
#[must_use]
pub fn scenario_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}

/// Eight hexadecimal digits that name the folder of a run: they change with scenario, seed, trials
/// (their number, or what they stop by), branches and version.
#[must_use]
pub fn folder_digits(hash: &str, seed: u64, trials: &str, branches: &[String]) -> String {
    let mut all = Sha256::new();
    for part in [hash, &seed.to_string(), trials, VERSION] {
        all.update(part.as_bytes());
        all.update([0]);
    }
    for branch in branches {
        all.update(branch.as_bytes());
        all.update([0]);
    }
    hex(&all.finalize()[..4])
}

/// SHA-256 over the results alone: branches, metrics, the bits of all estimates and differences, and
/// every value of every trial.
#[must_use]
pub fn results_hash(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
) -> String {
    let mut all = Sha256::new();
    let text = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    for (branch, estimates) in results.branches.iter().zip(estimates) {
        text(&mut all, &branch.head.name);
        for estimate in estimates {
            text(&mut all, &estimate.id);
            all.update([kind_byte(estimate.kind)]);
            all.update(estimate.n.to_le_bytes());
            let numbers = [estimate.mean, estimate.se, estimate.low, estimate.high, estimate.sd];
            numbers.iter().for_each(|v| optional(&mut all, *v));
            estimate.quantiles.iter().for_each(|q| optional(&mut all, q.value));
            let shares = estimate.never.iter().chain(estimate.shares.iter().map(|(_, s)| s));
            for share in shares {
                [share.share, share.low, share.high]
                    .iter()
                    .for_each(|v| optional(&mut all, Some(*v)));
            }
        }
    }
    for difference in differences {
        text(&mut all, &difference.branch);
        text(&mut all, &difference.metric);
        all.update(difference.n.to_le_bytes());
        let numbers = [
            difference.mean,
            difference.se,
            difference.low,
            difference.high,
            difference.variance_factor,
        ];
        numbers.iter().for_each(|v| optional(&mut all, *v));
    }
    all.update(results.trials.to_le_bytes());
    all.update(results.values_hash());
    hex(&all.finalize())
}

fn optional(hash: &mut Sha256, value: Option<f64>) {
    hash.update([u8::from(value.is_some())]);
    hash.update(value.unwrap_or(0.0).to_bits().to_le_bytes());
}

fn kind_byte(kind: MetricKind) -> u8 {
    match kind {
        MetricKind::Probability => 1,
        MetricKind::Time => 2,
        MetricKind::Number => 3,
        MetricKind::Category => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_known_bytes() {
        assert_eq!(scenario_hash(b"abc"), "ba7816bf8f01cfea");
        let branches = ["baseline".to_owned(), "b".to_owned()];
        let digits = folder_digits("ba78", 1, "100", &branches);
        assert_eq!(digits.len(), 8);
        assert_ne!(digits, folder_digits("ba78", 2, "100", &branches));
        assert_ne!(digits, folder_digits("ba78", 1, "100", &branches[..1]));
    }

    #[test]
    fn only_our_manifests_are_read() {
        assert!(Manifest::parse("{}").is_err());
        assert!(Manifest::parse("not json").is_err());
    }
}
