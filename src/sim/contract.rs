//! The three open sets: instruments, rules, metrics. Each member is one file and one registry line.

use super::program::Program;
use super::scratch::Scratch;
use super::world::World;
use crate::economy::Wedges;
use crate::model::Model;
use crate::model::actor::Actor;
use crate::model::ids::{ActorId, EveId, InputId, MeetingId, MoveId, TrackerId, WatchId};
use crate::model::path::Path;
use crate::units::Tick;
use std::fmt::Debug;

/// How a measure stands when its instruments are read.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The trial's inputs, or what a decider takes them to be.
    pub inputs: &'a [f64],
    /// Position of the level in force, 1..n.
    pub position: u8,
    /// Number of the level in force.
    pub level: f64,
    /// How many times it is in force, for measures that repeat; else 1.
    pub count: f64,
    /// Who put it in force.
    pub owner: ActorId,
    /// At whom; empty is the world.
    pub targets: &'a [ActorId],
    /// All actors, for their regions.
    pub actors: &'a [Actor],
    /// Number of regions of the trade base.
    pub regions: usize,
}

impl Standing<'_> {
    /// The owner's region in the trade base.
    #[must_use]
    pub fn home(&self) -> Option<usize> {
        self.actors[self.owner.index()].region
    }

    /// Calls `visit` with the region of each target; for the world, every region but the owner's.
    pub fn each_target(&self, mut visit: impl FnMut(usize)) {
        if self.targets.is_empty() {
            for region in 0..self.regions {
                if Some(region) != self.home() {
                    visit(region);
                }
            }
        } else {
            for target in self.targets {
                if let Some(region) = self.actors[target.index()].region {
                    visit(region);
                }
            }
        }
    }
}

/// What an export control does to the supply of a critical input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Share of the user's normal use that it covers, 0-1.
    pub share: f64,
    /// Share of applications approved, 0-1.
    pub approval: f64,
    /// Days from approval to delivery.
    pub delay: f64,
}

/// What a measure consists of: translates a level in force to wedges and supply.
///
/// Pure: the same standing gives the same bits. Wedges are recomputed from what is in force, in file
/// order, and never undone.
pub trait Instrument: Debug + Send + Sync {
    /// Adds the wedges of one level in force.
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges);

    /// Statutory rate and covered share, % and 0-1, if it is a tariff on the targets; of one
    /// repetition.
    fn tariff(&self, _at: &Standing<'_>) -> Option<(f64, f64)> {
        None
    }

    /// What it does to users of the good called `good` in `user`'s country.
    fn supply(&self, _at: &Standing<'_>, _good: &str, _user: ActorId) -> Option<Supply> {
        None
    }

    /// Direct gain (positive) of an actor, USD bn a year, where no wedge carries it: purchases.
    fn direct(&self, _at: &Standing<'_>, _actor: ActorId) -> f64 {
        0.0
    }

    /// Calls `visit` on every input it reads.
    fn inputs(&self, visit: &mut dyn FnMut(InputId));

    /// One phrase for stories: "a tariff of 100 % on 95 % of goods".
    fn describe(&self, at: &Standing<'_>) -> String;
}

/// Why an actor decides now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// Answers an act of an actor with an escalation weight.
    React(ActorId, f64),
    /// The eve of a dated event.
    Eve(EveId),
    /// Its own review.
    Review,
    /// A meeting.
    Meeting(MeetingId),
    /// Was asked.
    Asked,
    /// After another's decision on an eve.
    AfterEve(EveId),
    /// A step that a branch forces.
    Plan,
}

/// A decision point: what one actor may know, and its legal menu.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The compiled scenario.
    pub program: &'a Program,
    /// The world; a rule may read its public part and the decider's own type only.
    pub world: &'a World,
    /// Who decides.
    pub actor: ActorId,
    /// Why now.
    pub cause: Cause,
    /// Legal moves beside holding, in file order.
    pub menu: &'a [MoveId],
    /// The trial's inputs.
    pub inputs: &'a [f64],
    /// Identity of this occasion within the trial: the same for all hypothetical types.
    pub serial: u64,
}

/// A distribution over holding (position 0) and the menu (positions 1..), with scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// Scores in payoff units where the rule calculates; empty where it does not.
    pub scores: Vec<f64>,
    /// Probabilities, summing to 1.
    pub probabilities: Vec<f64>,
    /// Probability of illegal moves that fell to hold.
    pub illegal: f64,
}

impl Choice {
    /// Holding for certain, on a menu of `n` moves.
    pub fn hold(&mut self, n: usize) {
        self.scores.clear();
        self.probabilities.clear();
        self.probabilities.resize(n + 1, 0.0);
        self.probabilities[0] = 1.0;
        self.illegal = 0.0;
    }
}

/// How an actor decides: a distribution over its legal menu for a hypothetical type.
///
/// The kernel makes the one draw. The same occasion and type give the same bits.
pub trait Rule: Debug + Send + Sync {
    /// Writes the distribution for an actor of type `as_type`.
    fn distribution(&self, at: &Occasion<'_>, as_type: u8, scratch: &mut Scratch, out: &mut Choice);

    /// Short name of the kind of rule, for stories.
    fn kind(&self) -> &'static str;

    /// Moves of the tree it looks at; 0 for rules that foresee nothing.
    fn moves_ahead(&self) -> u8 {
        0
    }

    /// Number of written lines, for rules that have lines.
    fn lines(&self) -> usize {
        0
    }

    /// Calls `visit` with the number of each line, from 0, that has a say at this occasion.
    fn reached(&self, _at: &Occasion<'_>, _as_type: u8, _visit: &mut dyn FnMut(usize)) {}

    /// Moments with moves, in order of time, at which the rule needs an occasion of its own.
    fn steps(&self) -> &[(Tick, Vec<MoveId>)] {
        &[]
    }
}

/// Kind of a metric: how it is estimated and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// 0 or 1 a trial.
    Probability,
    /// Days from tick 0; never is not a number.
    Time,
    /// A number a trial.
    Number,
    /// A position among labels.
    Category,
}

/// Which end of a metric is the worse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
pub enum Worse {
    /// Large numbers, a yes, late times, the last label.
    High,
    /// Small numbers, a no, early times, the first label.
    Low,
}

impl Worse {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Worse {
        match self {
            Worse::High => Worse::Low,
            Worse::Low => Worse::High,
        }
    }
}

/// What a metric asks of a trial, where a Markov chain can give the exact answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Whether a watched condition holds at a moment.
    HoldsAt(WatchId, Tick),
    /// Whether a watched condition ever holds.
    Ever(WatchId),
    /// Whether an event has happened by a moment.
    HappensBy(Vec<TrackerId>, Tick),
    /// When an event first happens.
    FirstDay(Vec<TrackerId>),
    /// In how many days a watched condition holds.
    DaysWhile(WatchId),
}

/// A value read off a trial's path. Not-a-number is "no value": never, or a condition not met.
pub trait Metric: Debug + Send + Sync {
    /// Kind.
    fn kind(&self) -> MetricKind;

    /// The value in one trial. Probabilities are 0 or 1, times days (infinite is never), categories
    /// positions; NaN leaves the trial out.
    fn measure(&self, program: &Program, path: &Path) -> f64;

    /// Unit, empty for probabilities and plain counts; may be a series' or the payoffs' own.
    fn unit(&self, _model: &Model) -> String {
        String::new()
    }

    /// Which end is the worse one, where the form says it; a file may say it of any metric.
    fn worse(&self, _model: &Model) -> Option<Worse> {
        None
    }

    /// Labels of a category.
    fn labels(&self, _program: &Program) -> Vec<String> {
        Vec::new()
    }

    /// For probabilities of events: when it came true in this trial, if the metric has a moment and
    /// it did.
    fn moment(&self, _path: &Path) -> Option<Tick> {
        None
    }
    /// The question, if it is one that a chain can answer.
    fn question(&self) -> Option<Question> {
        None
    }
}
