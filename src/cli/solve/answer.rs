//! What `solve` found, in the layout of its JSON.

use crate::game::number::{Rational, float};
use crate::game::quantal::Quantal;
use serde::Serialize;

/// The answer to one game file.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Answer {
    pub(super) schema: u32,
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) players: Vec<String>,
    /// Names of actions by row of a profile.
    pub(super) actions: Vec<Vec<String>>,
    /// Information sets by row, for trees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) infosets: Option<Vec<InfoSetOut>>,
    pub(super) method: String,
    pub(super) selection: String,
    pub(super) complete: bool,
    pub(super) partial: bool,
    pub(super) equilibria: Vec<Equilibrium>,
    pub(super) components: Vec<Vec<usize>>,
    /// Maximal Nash subsets of two-player games.
    pub(super) nash_subsets: Vec<Vec<usize>>,
    pub(super) qre: Vec<LogitOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) path: Vec<PathOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) periods: Option<Vec<PeriodOut>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correlated: Option<CorrelatedOut>,
    pub(super) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_exact: Option<String>,
    /// Value of every state to player 1, of a zero-sum stochastic game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state_values: Option<Vec<f64>>,
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct InfoSetOut {
    pub(super) player: String,
    pub(super) label: String,
    pub(super) actions: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Equilibrium {
    pub(super) profile: Vec<Vec<f64>>,
    pub(super) exact: Option<Vec<Vec<String>>>,
    pub(super) payoffs: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payoffs_exact: Option<Vec<String>>,
    /// Mixtures over reduced strategies, for trees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reduced: Option<Vec<Vec<String>>>,
    pub(super) max_regret: f64,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct LogitOut {
    pub(super) lambda: f64,
    pub(super) profile: Vec<Vec<f64>>,
    pub(super) payoffs: Vec<f64>,
    /// `[state][player]`, of a stochastic game.
    pub(super) values: Option<Vec<Vec<f64>>>,
    pub(super) residual: f64,
    pub(super) exploitability: Option<f64>,
    pub(super) folds: Option<usize>,
    pub(super) pitchforks: Option<usize>,
    /// Other equilibria met by random starts; null when none were tried.
    pub(super) others_found: Option<usize>,
    pub(super) starts: usize,
    /// Whether lambda lies below the bound of uniqueness.
    pub(super) unique: bool,
    pub(super) selection: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) periods: Option<Vec<PeriodOut>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct PathOut {
    pub(super) lambda: f64,
    pub(super) profile: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct PeriodOut {
    pub(super) t: usize,
    pub(super) strategies: Vec<Vec<Vec<f64>>>,
    pub(super) values: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CorrelatedOut {
    /// Cells in the order of .nfg files: the first player's action varies fastest.
    pub(super) distribution: Vec<f64>,
    pub(super) exact: Option<Vec<String>>,
    pub(super) payoffs: Vec<f64>,
    pub(super) max_gain: f64,
}

impl Answer {
    pub(super) fn json(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_else(|e| format!("\"{e}\""));
        text + "\n"
    }

    /// Adds a part of the method's name; several flags may be given at once.
    pub(super) fn did(&mut self, method: &str, selection: &str) {
        for (text, part) in [(&mut self.method, method), (&mut self.selection, selection)] {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(part);
        }
    }
}

pub(super) fn floats(rows: &[Vec<Rational>]) -> Vec<Vec<f64>> {
    rows.iter().map(|r| r.iter().map(float).collect()).collect()
}

pub(super) fn texts(rows: &[Vec<Rational>]) -> Vec<Vec<String>> {
    rows.iter().map(|r| r.iter().map(ToString::to_string).collect()).collect()
}

pub(super) fn logit(found: &Quantal) -> LogitOut {
    LogitOut {
        lambda: found.lambda,
        profile: found.profile.clone(),
        payoffs: found.payoffs.clone(),
        values: None,
        residual: found.residual,
        exploitability: Some(found.exploitability).filter(|x| x.is_finite()),
        folds: Some(found.folds),
        pitchforks: Some(found.pitchforks),
        others_found: (found.unique || found.starts > 0).then_some(found.others.len()),
        starts: found.starts,
        unique: found.unique,
        selection: branch_name(found.folds, found.pitchforks),
        periods: None,
    }
}

/// The rule that picked a point of the principal branch, in words.
pub(super) fn branch_name(folds: usize, pitchforks: usize) -> String {
    let mut name = String::from("principal branch from lambda 0, first crossing");
    if folds > 0 {
        name.push_str(", past a fold");
    }
    if pitchforks > 0 {
        name.push_str(", straight on where branches cross");
    }
    name
}
