//! The answer in five sentences, each made from the numbers.

use super::{Facts, drivers, inputs};
use crate::report::finding::{self, Under};
use crate::report::{decision, number, plain, summary};
use crate::sim::contract::MetricKind;
use crate::study::Difference;
use crate::study::decision::Measure;

/// The sentences: a chance, a number, which branch, what it hangs on, and how far to trust it.
pub(super) fn sentences(facts: &Facts<'_>) -> Vec<String> {
    let key = facts.key();
    let mut said = Vec::new();
    for kind in [MetricKind::Probability, MetricKind::Number] {
        let first = key.iter().find(|measure| measure.head.kind == kind);
        said.extend(first.map(|measure| figure(facts, measure)));
    }
    said.extend(which(facts, &key));
    said.extend(drivers::sentence(facts, &key));
    said.push(trust(facts));
    said
}

/// A measure across the branches.
fn figure(facts: &Facts<'_>, measure: &Measure) -> String {
    let against = facts.decision.against;
    let titles: Vec<String> = (0..facts.models.len()).map(|b| facts.named(b)).collect();
    let others = (0..titles.len()).filter(|b| *b != against);
    let under = std::iter::once(against).chain(others).filter_map(|b| {
        let row = measure.rows[b].as_ref()?;
        Some(Under { name: &facts.models[b].branch, title: &titles[b], estimate: &row.estimate })
    });
    let under: Vec<Under<'_>> = under.collect();
    let differences: Vec<&Difference> =
        measure.rows.iter().flatten().filter_map(|row| row.difference.as_ref()).collect();
    finding::sentence(&under, &differences)
}

/// Which branch is the best by the first number, or chance, of which the worse end is known.
fn which(facts: &Facts<'_>, key: &[&Measure]) -> Option<String> {
    let judged =
        |kind| key.iter().find(|m| m.head.kind == kind && (m.best.is_some() || m.robust.is_some()));
    let measure = judged(MetricKind::Number).or_else(|| judged(MetricKind::Probability))?;
    let what = finding::measure(&measure.head.title, &measure.head.unit);
    if let Some(best) = &measure.best {
        let names: Vec<String> =
            (0..best.len()).filter(|&b| best[b].contends).map(|b| facts.named(b)).collect();
        let out = match names.as_slice() {
            [only] => format!(
                "By {what} {only} is the best of {} branches on average, with 95% confidence",
                best.len()
            ),
            all if all.len() == best.len() => {
                format!(
                    "By {what} the trials cannot tell which of {} branches is the best on average",
                    best.len()
                )
            }
            some => format!(
                "By {what} the best on average is one of {}, with 95% confidence",
                some.join(", ")
            ),
        };
        let everywhere =
            measure.robust.as_ref().and_then(|r| r.futures.as_ref()).filter(|futures| {
                names.len() == 1
                    && (0..best.len())
                        .any(|b| best[b].contends && futures.table.largest()[b] <= 0.0)
            });
        return Some(match everywhere {
            Some(futures) => {
                format!(
                    "{out}; its mean over these trials is the best in each of {} sets of inputs.",
                    futures.table.trials.len()
                )
            }
            None => format!("{out}."),
        });
    }
    // Two branches.
    let (b, row) = measure.rows.iter().enumerate().find_map(|(b, row)| {
        row.as_ref().and_then(|row| row.difference.as_ref()).map(|d| (b, d))
    })?;
    let (ours, theirs) = (facts.named(b), facts.named(facts.decision.against));
    Some(match decision::reading(row, measure.head.worse) {
        decision::Reading::Better => {
            format!("By {what} {ours} is better than {theirs} on average, with 95% confidence.")
        }
        decision::Reading::Worse => {
            format!("By {what} {ours} is worse than {theirs} on average, with 95% confidence.")
        }
        _ => format!("By {what} {ours} and {theirs} are indistinguishable on average."),
    })
}

/// What the figures rest on.
fn trust(facts: &Facts<'_>) -> String {
    let trials = number::count(facts.decision.trials);
    let error = summary::bound_on_shares(facts.decision.trials).map_or_else(String::new, |half| {
        format!(
            ", with an error of chance of at most {} points on a probability",
            number::significant(100.0 * half, 2)
        )
    });
    let (all, assumed) = inputs::assumed(facts.base());
    let inputs = match (all, assumed) {
        (0, _) => "it has no uncertain inputs".to_owned(),
        (n, 0) => format!("each of its {n} inputs has a source"),
        (n, k) => format!("{k} of its {n} inputs are assumed or have no source"),
    };
    plain::sentence(&format!(
        "these figures rest on {trials} trials of each branch{error}, and hold as far as the scenario does: {inputs}"
    ))
}
