//! Reading a scenario and finding every mistake in it.

use super::check::{contradictions, origins, ranges};
use super::economy::Economies;
use super::spec::Document;
use super::{BASELINE, Scenario, branch_names, stem};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Source, parse_document};

/// Reads a scenario and checks the baseline and every branch of it.
///
/// # Errors
/// Every mistake of the text and of its meaning, sorted by place.
pub fn load(source: &Source) -> Result<Scenario, Diagnostics> {
    let mut out = Diagnostics::new();
    let scenario = read(source, &mut out);
    out.sort();
    match scenario {
        Some(scenario) if !out.has_errors() => Ok(scenario),
        _ => Err(out),
    }
}

/// Reads a scenario; findings, warnings included, go to `out`. A scenario may be given even if there
/// are errors, for the lints.
pub(super) fn read(source: &Source, out: &mut Diagnostics) -> Option<Scenario> {
    let document: Document = parse_document(source, out)?;
    let branches = branch_names(&document, out);
    let scenario =
        Scenario { name: stem(source), document, branches, economies: Economies::default() };
    origins(&scenario.document, out);
    for branch in &scenario.branches {
        let before = out.len();
        let mut found = Diagnostics::new();
        if let Some(compiled) = scenario.compiled(branch, &mut found) {
            contradictions(&compiled, &mut found);
            ranges(&compiled, &mut found);
        }
        if branch == BASELINE {
            out.extend(found);
            // Branches of a broken file would only repeat its mistakes.
            if out.has_errors() {
                break;
            }
            continue;
        }
        for mut finding in found {
            finding.context.get_or_insert_with(|| branch.clone());
            // What the baseline already says is not said again.
            let known = |d: &crate::diagnostic::Diagnostic| {
                d.code == finding.code && d.span == finding.span && d.message == finding.message
            };
            if !out.iter().take(before).any(known) {
                out.push(finding);
            }
        }
    }
    Some(scenario)
}
