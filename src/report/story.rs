//! One trial as dated plain text: who did what and why, what was planned and cancelled.

use super::{finding, number, plain};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::ids::{ActorId, MeasureId, MoveId, PackageId};
use crate::sim::contract::{Cause, Choice};
use crate::sim::journal::{Entry, Journal};
use crate::units::Tick;
use std::fmt::Write;

/// What stands above the story.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    /// Trial number.
    pub trial: u64,
    /// Seed of the run.
    pub seed: u64,
    /// Why this trial was picked, as a sentence part; empty for a trial named by number.
    pub picked: String,
    /// Metrics of the trial: title and value with unit.
    pub values: Vec<(String, String)>,
}

/// The story of a trial.
#[must_use]
pub fn text(model: &Model, journal: &Journal, title: &Title) -> String {
    let teller = Teller { model };
    let mut out = teller.head(journal, title);
    let mut day = None;
    for (at, entry) in &journal.entries {
        let date = model.epoch.date_of(*at);
        let Some(said) = teller.entry(*at, entry) else { continue };
        let lead = if day == Some(date) {
            " ".repeat(12)
        } else {
            out.push('\n');
            format!("{date}  ")
        };
        day = Some(date);
        for (place, line) in said.lines().enumerate() {
            let lead = if place == 0 { lead.as_str() } else { "              " };
            let _ = writeln!(out, "{lead}{line}");
        }
    }
    if journal.entries.is_empty() {
        out.push_str("\nNothing happened.\n");
    }
    if !title.values.is_empty() {
        out.push_str("\nHow it ended\n");
        for (name, value) in &title.values {
            let _ = writeln!(out, "  {}: {}", plain::line(name), plain::line(value));
        }
    }
    out
}

/// Turns entries into sentences.
pub(crate) struct Teller<'a> {
    pub(crate) model: &'a Model,
}

impl Teller<'_> {
    fn head(&self, journal: &Journal, title: &Title) -> String {
        let model = self.model;
        let mut out = format!(
            "{}: trial {} of branch {}, seed {}",
            plain::line(if model.title.is_empty() { &model.scenario } else { &model.title }),
            title.trial,
            plain::line(&model.branch),
            title.seed
        );
        if !title.picked.is_empty() {
            let _ = write!(out, " ({})", plain::line(&title.picked));
        }
        out.push('\n');
        let types: Vec<String> = model
            .actors
            .iter()
            .zip(&journal.types)
            .filter(|(actor, _)| actor.types.len() > 1)
            .filter_map(|(actor, &position)| {
                let name = actor.types.get(usize::from(position))?;
                Some(format!("{} is {}", actor_name(actor), plain::line(name)))
            })
            .collect();
        if !types.is_empty() {
            let _ = writeln!(out, "In private: {}.", types.join(", "));
        }
        out
    }

    pub(crate) fn actor(&self, id: ActorId) -> String {
        actor_name(&self.model.actors[id.index()])
    }

    pub(crate) fn measure(&self, id: MeasureId) -> String {
        let measure = &self.model.measures[id.index()];
        let title = if measure.title.is_empty() { &measure.name } else { &measure.title };
        plain::line(title).into_owned()
    }

    fn level(&self, id: MeasureId, level: u8) -> String {
        let levels = &self.model.measures[id.index()].levels;
        match levels.get(usize::from(level).wrapping_sub(1)) {
            Some((name, _)) if levels.len() > 1 => format!(" at level {}", plain::line(name)),
            _ => String::new(),
        }
    }

    pub(crate) fn package(&self, id: PackageId) -> String {
        let package = &self.model.packages[id.index()];
        let title = if package.title.is_empty() { &package.name } else { &package.title };
        plain::line(title).into_owned()
    }

    pub(crate) fn meeting(&self, id: crate::model::ids::MeetingId) -> String {
        let meeting = &self.model.meetings[id.index()];
        let title = if meeting.title.is_empty() { &meeting.name } else { &meeting.title };
        plain::line(title).into_owned()
    }

    fn date(&self, at: Tick) -> String {
        self.model.epoch.date_of(at).long()
    }

    /// What a move says or does, in a few words.
    pub(crate) fn moved(&self, id: MoveId) -> String {
        let action = &self.model.moves[id.index()];
        let story = action.story.trim();
        if story.is_empty() {
            let name = action.name.split('@').next().unwrap_or(&action.name);
            return plain::line(name).replace('_', " ");
        }
        let voice = action.voice.as_deref().unwrap_or_default();
        let said = story.replace("{actor}", &self.actor(action.by)).replace("{voice}", voice);
        plain::line(&said).trim_end_matches('.').to_owned()
    }

    /// A move as its story sentence, or by its name.
    pub(crate) fn action(&self, id: MoveId) -> String {
        let action = &self.model.moves[id.index()];
        let actor = self.actor(action.by);
        let mut said = action.story.replace("{actor}", &actor);
        if said.trim().is_empty() {
            return format!("{actor}: {}", plain::line(&action.name));
        }
        if let Some(voice) = &action.voice {
            said = said.replace("{voice}", voice);
        }
        let said = plain::sentence(&said);
        match &action.voice {
            Some(voice) if !action.story.contains("{voice}") => {
                format!("{said} ({} speaks.)", plain::line(voice))
            }
            _ => said,
        }
    }

    /// Written name of a move without the actor an `Each` adds.
    fn short_move(&self, id: MoveId) -> String {
        let name = &self.model.moves[id.index()].name;
        plain::line(name.split('@').next().unwrap_or(name)).into_owned()
    }

    fn clock(&self, id: crate::model::ids::ClockId) -> String {
        let clock = &self.model.clocks[id.index()];
        if clock.story.trim().is_empty() {
            format!("{} happens.", plain::line(&clock.name))
        } else {
            plain::sentence(&clock.story)
        }
    }

    /// One entry as one or more lines; `None` for entries that tell a reader nothing.
    #[allow(clippy::too_many_lines, reason = "one arm for each of the closed list of entries")]
    fn entry(&self, at: Tick, entry: &Entry) -> Option<String> {
        let model = self.model;
        Some(match entry {
            Entry::Decided { actor, cause, menu, choice, chosen, beliefs } => {
                return self.decision(*actor, *cause, menu, choice, *chosen, beliefs);
            }
            Entry::PlanSkipped(actor, action) => format!(
                "{} had planned `{}`, but it is not legal on this day: skipped.",
                self.actor(*actor),
                self.short_move(*action)
            ),
            Entry::Announced(m, level, on, ordered) => format!(
                "Planned: {}{} {} on {}.",
                self.measure(*m),
                self.level(*m, *level),
                if *ordered { "takes effect" } else { "is said to take effect" },
                self.date(*on)
            ),
            Entry::Ordered(m, on) => format!(
                "Signed: {} takes effect on {} unless it is stopped.",
                self.measure(*m),
                self.date(*on)
            ),
            Entry::Effective(m, level) => {
                format!("{}{} takes effect.", self.measure(*m), self.level(*m, *level))
            }
            Entry::Repeated(m, count) => {
                format!("{} is repeated: {count} in force.", self.measure(*m))
            }
            Entry::Moved(m, from, to) => format!(
                "{} is moved from {} to {}.",
                self.measure(*m),
                self.date(*from),
                self.date(*to)
            ),
            Entry::Suspended(m, until) => {
                format!("{} is suspended until {}.", self.measure(*m), self.date(*until))
            }
            Entry::Withdrawn(m, Some(planned)) => format!(
                "{} is withdrawn; cancelled is what was planned for {}.",
                self.measure(*m),
                self.date(*planned)
            ),
            Entry::Withdrawn(m, None) => format!("{} is withdrawn.", self.measure(*m)),
            Entry::Lapsed(m) => {
                format!("{} lapses: its date passes without an order.", self.measure(*m))
            }
            Entry::Expired(m) => format!("{} expires.", self.measure(*m)),
            Entry::Struck(m) => format!("A court lifts {}.", self.measure(*m)),
            Entry::MeetingPlanned(id, on) => {
                format!("Planned: {} on {}.", self.meeting(*id), self.date(*on))
            }
            Entry::MeetingHeld(id) => format!("{} is held.", self.meeting(*id)),
            Entry::MeetingCancelled(id, on) => {
                format!("{}, planned for {}, is called off.", self.meeting(*id), self.date(*on))
            }
            Entry::Proposed(actor, package, meeting) => format!(
                "{} proposes {}{}.",
                self.actor(*actor),
                self.package(*package),
                meeting.map_or_else(String::new, |id| format!(" at {}", self.meeting(id)))
            ),
            Entry::Answered(actor, package, yes, p, gain) => format!(
                "{} {} {} (chance of yes {}; worth {} {} than walking away).",
                self.actor(*actor),
                if *yes { "accepts" } else { "refuses" },
                self.package(*package),
                number::percent(*p),
                finding::with_unit(&number::significant(gain.abs(), 3), &model.unit),
                if *gain < 0.0 { "less" } else { "more" }
            ),
            Entry::Signed(package, until) => {
                format!("Signed: {}, until {}.", self.package(*package), self.date(*until))
            }
            Entry::Void(package, m) => format!(
                "{} finds nothing to act on in {}.",
                plain::sentence(&self.package(*package)).trim_end_matches('.'),
                self.measure(*m)
            ),
            Entry::Breached(package, actor) => {
                format!("{} breaks {}.", self.actor(*actor), self.package(*package))
            }
            Entry::Prolonged(package, until) => {
                format!("{} is prolonged until {}.", self.package(*package), self.date(*until))
            }
            Entry::Ended(package) => format!("{} ends.", self.package(*package)),
            Entry::TruceEnded(id) => {
                format!("The truce {} ends.", plain::line(&model.truces[id.index()].name))
            }
            Entry::Leaked(id) => format!(
                "An offer over the channel {} leaks.",
                plain::line(&model.channels[id.index()].name)
            ),
            Entry::Channel(id, state) => format!(
                "The channel {} is {}.",
                plain::line(&model.channels[id.index()].name),
                match state {
                    0 => "open",
                    1 => "strained",
                    _ => "closed",
                }
            ),
            Entry::Fired(id, true) => self.clock(*id),
            Entry::Fired(id, false) => {
                let clock = &model.clocks[id.index()];
                let quiet = clock.otherwise.iter().all(|e| matches!(e, Effect::Signal));
                let name = plain::line(&clock.name);
                if quiet {
                    format!("{name} comes up, and nothing follows.")
                } else {
                    format!("{name} comes up, and the other outcome follows.")
                }
            }
            Entry::FiredByBranch(row) => format!(
                "The branch acts: {}.",
                model
                    .fires
                    .get(usize::from(*row))
                    .map_or_else(String::new, |fire| plain::line(&fire.name).into_owned())
            ),
            Entry::Joined(actor, id, inside) => format!(
                "{} {} the coalition {}.",
                self.actor(*actor),
                if *inside { "joins" } else { "leaves" },
                plain::line(&model.coalitions[id.index()].name)
            ),
            Entry::Audience(actor, m, cost) => format!(
                "{} pays {} before its audience over {}.",
                self.actor(*actor),
                number::significant(*cost, 3),
                self.measure(*m)
            ),
            Entry::Unanswered(actor) => {
                format!("{} has left an act unanswered.", self.actor(*actor))
            }
            Entry::Learned(about, before, after, silence) => {
                return self.learned(*about, before, after, *silence);
            }
            Entry::StockOut(id, out) => {
                let stock = &model.stocks[id.index()];
                let title = if stock.title.is_empty() { &stock.name } else { &stock.title };
                format!(
                    "{} {}.",
                    plain::line(title),
                    if *out { "is used up" } else { "is there again" }
                )
            }
            Entry::Regime(row) => {
                let regime = model.regimes.get(usize::from(*row))?;
                let title = if regime.title.is_empty() { &regime.name } else { &regime.title };
                format!("State of the world: {}.", plain::line(title))
            }
            Entry::Ends => format!("The scenario ends on day {:.1}.", at.days()),
        })
    }

    fn decision(
        &self,
        actor: ActorId,
        cause: Cause,
        menu: &[MoveId],
        choice: &Choice,
        chosen: Option<MoveId>,
        beliefs: &[(ActorId, Vec<f64>)],
    ) -> Option<String> {
        if menu.is_empty() && chosen.is_none() {
            return None;
        }
        let done = match chosen {
            Some(action) => self.action(action),
            None => format!("{} holds.", self.actor(actor)),
        };
        let mut out = format!("{done} [{}]", self.cause(cause));
        let options = std::iter::once(("hold".to_owned(), 0)).chain(
            menu.iter().enumerate().map(|(place, &action)| (self.short_move(action), place + 1)),
        );
        let options: Vec<String> = options
            .filter_map(|(name, place)| {
                let p = *choice.probabilities.get(place)?;
                let score = choice.scores.get(place).filter(|s| s.is_finite());
                let score = score.map_or_else(String::new, |s| {
                    format!(", score {}", number::significant(*s, 3))
                });
                Some(format!("{name} {}{score}", number::percent(p)))
            })
            .collect();
        if options.len() > 1 {
            let _ = write!(out, "\nIts choice was: {}.", options.join("; "));
        }
        let beliefs: Vec<String> = beliefs
            .iter()
            .filter(|(_, shares)| shares.len() > 1)
            .map(|(about, shares)| {
                format!("{} is {}", self.actor(*about), self.types(*about, shares))
            })
            .collect();
        if !beliefs.is_empty() {
            let _ = write!(out, "\nPublic belief: {}.", beliefs.join("; "));
        }
        Some(out)
    }

    fn types(&self, about: ActorId, shares: &[f64]) -> String {
        let names = &self.model.actors[about.index()].types;
        let parts = names.iter().zip(shares);
        let parts: Vec<String> = parts
            .map(|(name, &share)| format!("{} {}", plain::line(name), number::percent(share)))
            .collect();
        parts.join(", ")
    }

    fn learned(
        &self,
        about: ActorId,
        before: &[f64],
        after: &[f64],
        silence: bool,
    ) -> Option<String> {
        let moved = before.iter().zip(after).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        // Less than a point is no news.
        if moved < 0.01 {
            return None;
        }
        Some(format!(
            "{} the public takes {} to be {} (before: {}).",
            if silence { "From the silence" } else { "From the act" },
            self.actor(about),
            self.types(about, after),
            self.types(about, before)
        ))
    }

    fn cause(&self, cause: Cause) -> String {
        match cause {
            Cause::React(to, _) => format!("answers {}", self.actor(to)),
            Cause::Eve(id) => format!("on the eve of {}", self.eve(id)),
            Cause::Review => "own review".to_owned(),
            Cause::Meeting(id) => format!("at {}", self.meeting(id)),
            Cause::Asked => "was asked".to_owned(),
            Cause::AfterEve(id) => format!("after the decision before {}", self.eve(id)),
            Cause::Plan => "as the branch plans".to_owned(),
        }
    }

    fn eve(&self, id: crate::model::ids::EveId) -> String {
        use crate::model::diplomacy::EveTarget;
        match &self.model.eves[id.index()].of {
            EveTarget::Measure(m) => self.measure(*m),
            EveTarget::Meeting(m) => self.meeting(*m),
            EveTarget::Truce(t) => plain::line(&self.model.truces[t.index()].name).into_owned(),
        }
    }
}

fn actor_name(actor: &crate::model::actor::Actor) -> String {
    let name = if actor.title.is_empty() { &actor.name } else { &actor.title };
    plain::line(name).into_owned()
}
