//! What is said of a rule that a run was to stop by.

use super::{number, plain};
use crate::study::stop::{Rule, Verdict};
use serde::{Deserialize, Serialize};

/// What a run folder says of its rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopFacts {
    /// The rule, as it is written.
    pub rule: String,
    /// Whether it was reached.
    pub reached: bool,
    /// Trials of each branch at most.
    pub limit: u64,
    /// Half width reached, or what can be lost at most, in the metric's unit; none where the trials
    /// cannot tell.
    pub value: Option<f64>,
    /// The branch it belongs to: the least certain, or the leading one.
    pub branch: String,
    /// The same as a sentence.
    pub say: String,
}

impl StopFacts {
    /// What a verdict after so many trials says; `unit` is the metric's, empty for probabilities.
    #[must_use]
    pub fn new(
        rule: &Rule,
        verdict: &Verdict,
        (trials, limit): (u64, u64),
        branch: &str,
        unit: &str,
    ) -> StopFacts {
        StopFacts {
            rule: rule.to_string(),
            reached: verdict.settled,
            limit,
            value: verdict.value.is_finite().then_some(verdict.value),
            branch: branch.to_owned(),
            say: sentence(rule, verdict, trials, (branch, unit)),
        }
    }
}

fn sentence(rule: &Rule, verdict: &Verdict, trials: u64, (branch, unit): (&str, &str)) -> String {
    let trials = number::count(trials);
    let branch = plain::short(branch, 28);
    let bound = super::finding::with_unit(&number::significant(verdict.value, 3), unit);
    match (rule, verdict.settled, verdict.value.is_finite()) {
        (Rule::HalfWidth { .. }, true, _) => format!("settled after {trials} trials"),
        (Rule::Best { .. }, true, _) if verdict.value <= 0.0 => {
            format!("settled after {trials} trials: {branch} is the best")
        }
        (Rule::Best { .. }, true, _) => {
            format!(
                "settled after {trials} trials: {branch} is the best, or at most {bound} behind"
            )
        }
        (Rule::HalfWidth { metric, .. }, false, true) => format!(
            "not settled after {trials} trials: {} is known within {bound} under {branch}",
            plain::short(metric, 28)
        ),
        (Rule::Best { .. }, false, true) => format!(
            "cannot be settled: at most {bound} to lose with {branch}, after {trials} trials"
        ),
        (_, false, false) => {
            format!("not settled after {trials} trials: they do not vary enough to tell an error")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_say_what_was_reached() {
        let half: Rule = "half_width(truce) < 0.01".parse().unwrap();
        let best: Rule = "best(branch) by loss within 0.05".parse().unwrap();
        let say = |rule: &Rule, settled, value| {
            let verdict = Verdict { settled, value, branch: 0 };
            StopFacts::new(rule, &verdict, (12_288, 20_000), "hold", "USD bn").say
        };
        assert_eq!(say(&half, true, 0.009), "settled after 12,288 trials");
        assert!(say(&half, false, 0.0123).contains("known within"));
        assert!(
            say(&best, true, 0.04).starts_with("settled after 12,288 trials: hold is the best")
        );
        let open = say(&best, false, 0.25);
        assert!(open.starts_with("cannot be settled: at most ") && open.contains("0.25"), "{open}");
        assert!(say(&best, false, f64::INFINITY).contains("do not vary"));
    }
}
