//! One hostile text through the whole front of the program, for fuzzing and mutation tests.

use super::load;
use crate::draws::TrialKey;
use crate::sim::program::Program;
use crate::sim::trial::{Workspace, run_trial};
use crate::syntax::Source;

/// Events after which the trial is given up.
const EVENTS: u64 = 10_000;

/// Reads bytes as a scenario, compiles its baseline and runs one trial of at most 10,000 events.
/// Gives the number of errors, or none where the trial was begun. It must never panic, whatever the
/// bytes.
#[must_use]
pub fn fuzz_one(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let source = Source::new("fuzz.ron", text.as_ref());
    let scenario = match load(&source) {
        Ok(scenario) => scenario,
        Err(found) => {
            // What people and scripts would see must not panic either.
            let shown = found.render(&source.name, source.text(), false);
            let _ = (shown.len(), found.to_json(source.text()).is_object());
            return found.errors().count().max(1);
        }
    };
    let mut model = match scenario.model(super::BASELINE) {
        Ok(model) => model,
        Err(found) => return found.errors().count().max(1),
    };
    model.max_events = model.max_events.min(EVENTS);
    let program = Program::new(model);
    let key = TrialKey::new(1, 0);
    let mut inputs = Vec::new();
    program.inputs(key, &mut inputs);
    if let Ok(path) = run_trial(&program, &inputs, key, &mut Workspace::new()) {
        for metric in &program.model.metrics {
            let _ = metric.metric.measure(&program, path);
        }
    }
    0
}
