//! The lints of `check`: what cannot be meant, and what is legal but hardly meant.
//!
//! Contradictions and numbers out of range are errors and belong to loading. Warnings come from the
//! written file (numbers without a source, elements that nothing uses) and from a few probe trials
//! (moves that are never legal, rule lines that are never reached, metrics that never vary).

mod guards;
mod probe;
mod sources;

pub(super) use guards::contradictions;
pub(super) use sources::{origins, ranges};

use super::parse::read;
use super::{BASELINE, Scenario};
use crate::diagnostic::Diagnostics;
use crate::syntax::Source;

/// Every finding about a scenario, errors and warnings, sorted by place; and the scenario, if it has no
/// errors.
#[must_use]
pub fn check(source: &Source) -> (Option<Scenario>, Diagnostics) {
    let mut out = Diagnostics::new();
    let scenario = read(source, &mut out);
    if let Some(scenario) = &scenario {
        sources::unsourced(&scenario.document, &mut out);
        if !out.has_errors() {
            unused_everywhere(scenario, &mut out);
            let mut known = Diagnostics::new();
            if let Some(mut compiled) = scenario.compiled(BASELINE, &mut known)
                && scenario.link(&mut compiled.model, &mut out).is_some()
            {
                probe::probe(compiled, &mut out);
            }
        }
    }
    out.sort();
    let sound = !out.has_errors();
    (scenario.filter(|_| sound), out)
}

/// Warns of elements that neither the baseline nor a branch uses.
fn unused_everywhere(scenario: &Scenario, out: &mut Diagnostics) {
    let mut unused: Option<Vec<sources::Unused>> = None;
    for branch in scenario.branches() {
        let mut known = Diagnostics::new();
        let Some(compiled) = scenario.compiled(branch, &mut known) else { continue };
        let here = sources::unused(&compiled);
        unused = Some(match unused {
            None => here,
            Some(before) => before.into_iter().filter(|row| here.contains(row)).collect(),
        });
    }
    sources::report_unused(unused.unwrap_or_default(), out);
}
