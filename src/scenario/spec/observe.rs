//! Regimes, series, metrics, expectations and rules, as written.

use super::element::element;
use crate::metrics::MetricSpec;
use crate::model::written::CondSpec;
use crate::rules::RuleSpec;
use crate::syntax::{DateText, Name, Spanned};
use serde::Deserialize;

element! {
    /// A decision rule with its name.
    pub struct RuleRow {
        /// The rule.
        pub is: RuleSpec,
    }
}

element! {
    /// A named state of the world; the first that holds counts, worst first.
    pub struct RegimeSpec {
        /// What a reader sees.
        #[serde(default)]
        pub say: Option<String>,
        /// Holds while.
        pub when: Spanned<CondSpec>,
    }
}

/// What a series shows, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum SeriesKindSpec {
    Tariff(Name, Name),
    Statutory(Name, Name),
    Rung,
    Regime,
    Stock(Name),
    Loss(Name),
    Income(Name),
    Imports(Name, Name),
    Output(Name, Name),
    Revenue(Name),
    Prices(Name),
    LostOutput(Name),
    HultenOutput(Name),
    Belief { about: Name, is: Name },
    CoalitionSize(Name),
    Gauge(Name),
    Counter(Name),
    Counters(Vec<(Name, i32)>),
}

element! {
    /// A recorded series.
    pub struct SeriesSpec {
        /// What a reader sees.
        #[serde(default)]
        pub say: Option<String>,
        /// Its unit, where the form does not say it.
        #[serde(default)]
        pub unit: Option<String>,
        /// What it shows.
        pub is: SeriesKindSpec,
        /// Observed values up to `as_of`.
        #[serde(default)]
        pub history: Vec<(DateText, f64)>,
    }
}

element! {
    /// A metric.
    pub struct MetricRow {
        /// What a reader sees.
        #[serde(default)]
        pub say: Option<String>,
        /// How it is read off a trial.
        pub is: MetricSpec,
        /// Which end is the worse one, where the form does not say it or says it wrongly.
        #[serde(default)]
        pub worse: Option<crate::sim::contract::Worse>,
    }
}

/// A fact printed beside the run; nothing is tuned to it.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// What a reader sees.
    pub say: Spanned<String>,
    /// How it is read off a trial.
    pub is: MetricSpec,
    /// The observed range.
    pub within: Spanned<(f64, f64)>,
    /// Where the fact comes from.
    #[serde(default)]
    pub source: Option<Spanned<String>>,
}
