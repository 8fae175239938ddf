//! A few trials in which everybody acts at random, to find what never happens.
//!
//! At most 500 trials and about a million events, counted and not timed, so that the same file gets the
//! same warnings on any machine. Every rule is replaced by chance among the legal moves; the rule it
//! stands for is still asked which of its lines would decide. Each actor is busy in some trials, slow in
//! others and nearly idle in the rest, in all combinations, since what is let run its course shows
//! other things than what is always acted upon.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draws::TrialKey;
use crate::model::ids::ActorId;
use crate::model::lookup::{Lookup, Table};
use crate::model::{NamedRule, Rule};
use crate::rules::random::Random;
use crate::scenario::compile::{Compiled, EXPECTED};
use crate::sim::contract::{Choice, MetricKind, Occasion};
use crate::sim::program::Program;
use crate::sim::scratch::Scratch;
use crate::sim::trial::{Runaway, Workspace, run_trial};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Probe trials at most.
const TRIALS: u64 = 500;
/// Probe trials at least, even if nothing is left to be found.
const FEWEST: u64 = 50;
/// Events of all probe trials together at most.
const EVENTS: u64 = 1_000_000;
/// Events of one probe trial at most.
const EVENTS_A_TRIAL: u64 = 20_000;
/// Seed of the probe: any fixed number.
const SEED: u64 = 0;
/// Probabilities of holding; the first is that of the random rule itself.
const HOLDS: [Option<f64>; 3] = [None, Some(0.9), Some(0.99)];

/// A rule of the file that acts by chance and notes what it was asked.
#[derive(Debug)]
struct Probe {
    inner: Arc<dyn Rule>,
    chance: Random,
    /// The trial at hand, shared by all rules.
    trial: Arc<AtomicU64>,
    /// Actors that had a legal move, shared by all rules.
    legal: Arc<[AtomicBool]>,
    /// Whether anybody asked.
    asked: Arc<AtomicBool>,
    /// Lines that decided.
    lines: Arc<[AtomicBool]>,
}

impl Rule for Probe {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        as_type: u8,
        scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        self.asked.store(true, Ordering::Relaxed);
        if !at.menu.is_empty() {
            self.legal[at.actor.index()].store(true, Ordering::Relaxed);
        }
        self.inner.reached(at, as_type, &mut |line| {
            if let Some(flag) = self.lines.get(line) {
                flag.store(true, Ordering::Relaxed);
            }
        });
        self.chance.distribution(at, as_type, scratch, out);
        let hold = self.hold(at.actor);
        if let (Some(hold), [first, moves @ ..]) = (hold, out.probabilities.as_mut_slice())
            && *first < 1.0
        {
            let scale = (1.0 - hold) / (1.0 - *first);
            moves.iter_mut().for_each(|p| *p *= scale);
            *first = hold;
        }
    }

    fn kind(&self) -> &'static str {
        self.inner.kind()
    }
}

impl Probe {
    /// How idle an actor is in the trial at hand.
    fn hold(&self, actor: ActorId) -> Option<f64> {
        let trial = self.trial.load(Ordering::Relaxed);
        let bits = crate::draws::mix((trial << 16) | u64::from(actor.0));
        HOLDS[usize::try_from(bits % 3).unwrap_or(0)]
    }
}

/// What one rule saw.
struct Seen {
    asked: Arc<AtomicBool>,
    lines: Arc<[AtomicBool]>,
}

impl Seen {
    /// Whether every line decided at least once, or nobody decides by the rule.
    fn complete(&self) -> bool {
        !self.asked.load(Ordering::Relaxed)
            || self.lines.iter().all(|line| line.load(Ordering::Relaxed))
    }
}

fn flags(count: usize) -> Arc<[AtomicBool]> {
    (0..count).map(|_| AtomicBool::new(false)).collect()
}

/// Runs the probe trials of a compiled baseline and warns of what never happened.
pub(super) fn probe(compiled: Compiled, out: &mut Diagnostics) {
    let Compiled { mut model, lookup, .. } = compiled;
    let most = model.max_events;
    model.max_events = most.min(EVENTS_A_TRIAL);
    let legal = flags(model.actors.len());
    let at_hand = Arc::new(AtomicU64::new(0));
    let seen: Vec<Seen> =
        model.rules.iter_mut().map(|row| disguise(row, &legal, &at_hand)).collect();
    let program = Program::new(model);
    let mut work = Workspace::new();
    let mut inputs = Vec::new();
    let mut values: Vec<Option<Spread>> = vec![None; program.model.metrics.len()];
    let mut events = 0;
    for trial in 0..TRIALS {
        at_hand.store(trial, Ordering::Relaxed);
        let key = TrialKey::new(SEED, trial);
        program.inputs(key, &mut inputs);
        match run_trial(&program, &inputs, key, &mut work) {
            Ok(path) => {
                events += path.events;
                for (spread, metric) in values.iter_mut().zip(&program.model.metrics) {
                    let value = metric.metric.measure(&program, path);
                    *spread = Some(Spread::with(spread.take(), value));
                }
            }
            Err(runaway) => {
                events += runaway.events;
                if most <= EVENTS_A_TRIAL || runaway.events < EVENTS_A_TRIAL {
                    out.push(ran_away(&runaway, &program, &lookup));
                    return;
                }
            }
        }
        let nothing_left = trial + 1 >= FEWEST
            && seen.iter().all(Seen::complete)
            && values.iter().zip(&program.model.metrics).all(|(spread, metric)| {
                spread.is_some_and(|s| s.varies) || metric.name.starts_with(EXPECTED)
            })
            && legal
                .iter()
                .zip(&program.model.actors)
                .all(|(flag, actor)| flag.load(Ordering::Relaxed) || actor.moves.is_empty());
        if nothing_left || events + EVENTS_A_TRIAL > EVENTS {
            break;
        }
    }
    idle_actors(&program, &lookup, &legal, out);
    idle_lines(&program, &lookup, &seen, out);
    constant_metrics(&program, &lookup, &values, out);
}

fn disguise(row: &mut NamedRule, legal: &Arc<[AtomicBool]>, trial: &Arc<AtomicU64>) -> Seen {
    let lines = flags(row.rule.lines());
    let asked = Arc::new(AtomicBool::new(false));
    row.rule = Arc::new(Probe {
        inner: Arc::clone(&row.rule),
        chance: Random::default(),
        trial: Arc::clone(trial),
        legal: Arc::clone(legal),
        asked: Arc::clone(&asked),
        lines: Arc::clone(&lines),
    });
    Seen { asked, lines }
}

/// The value of a metric so far, and whether it varied.
#[derive(Debug, Clone, Copy)]
struct Spread {
    first: f64,
    varies: bool,
}

impl Spread {
    fn with(before: Option<Spread>, value: f64) -> Spread {
        match before {
            None => Spread { first: value, varies: false },
            Some(mut spread) => {
                spread.varies |= spread.first.total_cmp(&value).is_ne();
                spread
            }
        }
    }
}

/// W008: a trial that would stop a run.
fn ran_away(runaway: &Runaway, program: &Program, lookup: &Lookup) -> Diagnostic {
    let epoch = program.model.epoch;
    let sources: Vec<_> =
        runaway.sources.iter().take(3).map(|(name, n)| format!("{name} {n} times")).collect();
    // Sources are words with a name in them: clock `tick`.
    let first = runaway.sources.first().and_then(|(name, _)| name.split('`').nth(1));
    let place = first.and_then(|name| {
        let tables = [&lookup.clocks, &lookup.moves, &lookup.meetings, &lookup.actors];
        let named = |t: &&Table| t.iter().find(|(n, _)| *n == name).map(|(_, span)| span);
        tables.iter().find_map(named)
    });
    let mut warning = Diagnostic::warning(
        "W008",
        format!(
            "a probe trial ran away: {} events by {}",
            runaway.events,
            epoch.date_of(runaway.at)
        ),
    )
    .help(format!("most frequent: {}", sources.join(", ")))
    .help("such a trial stops a run; let the source wait longer, or give it a `max` or `once_per`");
    if let Some(span) = place {
        warning = warning.at(span).label("repeats");
    }
    warning
}

/// W001: actors that could never do anything but hold.
fn idle_actors(program: &Program, lookup: &Lookup, legal: &[AtomicBool], out: &mut Diagnostics) {
    let model = &program.model;
    for (k, (name, span)) in lookup.actors.iter().enumerate() {
        let actor = model.actor(ActorId::at(k));
        let decides = actor.reviews.is_some() || !actor.reacts.is_empty();
        if legal[k].load(Ordering::Relaxed) || (actor.moves.is_empty() && !decides) {
            continue;
        }
        let why = if actor.moves.is_empty() {
            "decides, but has no moves"
        } else {
            "has moves, but never one it may make"
        };
        out.push(
            Diagnostic::warning("W001", format!("actor `{name}` never has a legal move"))
                .at(span)
                .label(why)
                .help("give it moves, and reviews, reactions or an eve at which a guard can hold"),
        );
    }
}

/// W002: lines of tables that no decision came to.
fn idle_lines(program: &Program, lookup: &Lookup, seen: &[Seen], out: &mut Diagnostics) {
    let rules = lookup.rules.iter().zip(seen).zip(&program.model.rules);
    for (((name, span), seen), _) in rules {
        // A rule that only a branch uses is not asked in the baseline.
        if !seen.asked.load(Ordering::Relaxed) {
            continue;
        }
        for (k, line) in seen.lines.iter().enumerate() {
            if !line.load(Ordering::Relaxed) {
                out.push(
                    Diagnostic::warning(
                        "W002",
                        format!("line {} of rule `{name}` is never reached", k + 1),
                    )
                    .at(span)
                    .label("in no probe trial")
                    .help("write special cases first, and ask for what can happen"),
                );
            }
        }
    }
}

/// W003: metrics that had one value in all probe trials.
fn constant_metrics(
    program: &Program,
    lookup: &Lookup,
    values: &[Option<Spread>],
    out: &mut Diagnostics,
) {
    for (metric, spread) in program.model.metrics.iter().zip(values) {
        let Some(Spread { first, varies: false }) = spread else { continue };
        if metric.name.starts_with(EXPECTED) {
            continue;
        }
        let value = match metric.metric.kind() {
            _ if first.is_nan() => "no value".to_owned(),
            MetricKind::Time if first.is_infinite() => "never".to_owned(),
            MetricKind::Category => {
                let labels = metric.metric.labels(program);
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "categories are positions"
                )]
                let label = labels.get(*first as usize);
                label.cloned().unwrap_or_else(|| format!("{first}"))
            }
            _ => format!("{first}"),
        };
        let span = lookup.metrics.iter().find(|(name, _)| *name == metric.name);
        let mut warning = Diagnostic::warning(
            "W003",
            format!("metric `{}` never varies in the probe trials", metric.name),
        )
        .label(format!("always {value}"))
        .help("ask about something that the run can change");
        if let Some((_, span)) = span {
            warning = warning.at(span);
        }
        out.push(warning);
    }
}
