//! Live progress on standard error: a bar on a terminal, else a line every five seconds.

use crate::report::{finding, number, plain};
use crate::sim::contract::MetricKind;
use crate::study::{Advance, MetricHead};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Without a terminal, the first line comes after so long.
const FIRST: Duration = Duration::from_millis(500);
/// And the next ones after so long.
const EVERY: Duration = Duration::from_secs(5);

/// Progress of one run.
pub(crate) struct Progress {
    trials: u64,
    metric: Option<MetricHead>,
    bar: Option<ProgressBar>,
    quiet: bool,
    state: Mutex<State>,
}

struct State {
    done: Advance,
    started: Instant,
    next: Duration,
}

impl Progress {
    /// Progress of so many trials; `metric` is the first one of the first branch.
    pub(crate) fn new(trials: u64, metric: Option<MetricHead>, quiet: bool) -> Progress {
        let bar = (!quiet && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(trials), ProgressDrawTarget::stderr());
            let template = "{wide_bar:.dim} {human_pos}/{human_len} trials, {eta} left  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        let state = State { done: Advance::default(), started: Instant::now(), next: FIRST };
        Progress { trials, metric, bar, quiet, state: Mutex::new(state) }
    }

    /// Takes in a report of a worker.
    pub(crate) fn advance(&self, step: Advance) {
        // A panicking worker leaves the sums whole: they are added in one go.
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.done.trials += step.trials;
        state.done.values += step.values;
        state.done.sum += step.sum;
        state.done.squares += step.squares;
        if let Some(bar) = &self.bar {
            bar.set_position(state.done.trials);
            bar.set_message(self.figure(&state.done));
            return;
        }
        let elapsed = state.started.elapsed();
        if !self.quiet && elapsed >= state.next {
            state.next = elapsed + EVERY;
            super::screen::note(&self.line(&state.done, elapsed));
        }
    }

    /// Takes the bar off the screen.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: &Advance, elapsed: Duration) -> String {
        #[allow(clippy::cast_precision_loss, reason = "for display")]
        let left = elapsed.as_secs_f64() * (self.trials - done.trials.min(self.trials)) as f64
            / done.trials.max(1) as f64;
        format!(
            "{} of {} trials, about {left:.0} s left  {}",
            number::count(done.trials),
            number::count(self.trials),
            self.figure(done)
        )
    }

    /// The first metric with its error so far.
    #[allow(clippy::cast_precision_loss, reason = "for display")]
    fn figure(&self, done: &Advance) -> String {
        let Some(metric) = &self.metric else { return String::new() };
        if done.values < 2 {
            return String::new();
        }
        let n = done.values as f64;
        let mean = done.sum / n;
        let spread = (done.squares / n - mean * mean).max(0.0);
        let half = 1.96 * (spread / n).sqrt();
        let name = plain::short(&metric.id, 30);
        match metric.kind {
            MetricKind::Probability => format!(
                "{name} {} ± {} points",
                number::percent_within(mean, half.max(1.92 / n)),
                number::significant(100.0 * half.max(1.92 / n), 2)
            ),
            MetricKind::Number | MetricKind::Time => {
                let text = format!(
                    "{name} {} ± {}",
                    number::by_error(mean, half),
                    number::significant(half, 2)
                );
                finding::with_unit(&text, &metric.unit)
            }
            MetricKind::Category => String::new(),
        }
    }
}
