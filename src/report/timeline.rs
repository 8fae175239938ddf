//! The timeline of one trial: lanes of moves and measures, from its journal and its path.

use super::figures::{Figure, FigureData};
use super::plain;
use super::story::Teller;
use crate::chart::timeline::{Bar, BarState, Lane, Mark, MarkKind, Strip, TimelineData};
use crate::chart::{Frame, Rule};
use crate::model::Model;
use crate::model::ids::{ActorId, MeasureId, SeriesId};
use crate::model::measure::Start;
use crate::model::observe::{SeriesKind, Shape};
use crate::model::path::Path;
use crate::sim::journal::{Entry, Journal};
use crate::units::Tick;

/// Marks and measures of a lane at most: more cannot be told apart.
const MARKS: usize = 14;
const BARS: usize = 8;
/// Meetings shown at most.
const MEETINGS: usize = 5;
/// Characters of a label at most: the chart wraps what is long, so that only the endless is cut.
const LABEL: usize = 72;

/// What is known of a measure while the journal is read.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    announced: Option<(Tick, Tick)>,
    in_force: Option<Tick>,
    suspended: Option<Tick>,
}

/// Reads a journal into lanes.
struct Reader<'a> {
    teller: Teller<'a>,
    end: Tick,
    open: Vec<Open>,
    /// Bars by measure: those of one measure stand together in its lane.
    bars: Vec<Vec<Bar>>,
    lanes: Vec<Lane>,
}

impl Reader<'_> {
    fn bar(&mut self, id: MeasureId, from: Tick, to: Tick, state: BarState) {
        if to <= from {
            return;
        }
        let bars = &mut self.bars[id.index()];
        match bars.last_mut() {
            Some(last) if last.state == state && crate::math::same(last.to, from.days()) => {
                last.to = to.days();
            }
            before => {
                // Only the first bar of a measure is named.
                let named = before.is_none();
                let title = if named { self.teller.measure(id) } else { String::new() };
                let label = plain::short(&title, LABEL);
                bars.push(Bar { label, from: from.days(), to: to.days(), state });
            }
        }
    }

    fn mark(&mut self, lane: ActorId, at: Tick, text: &str, kind: MarkKind) {
        let marks = &mut self.lanes[lane.index()].marks;
        if marks.len() < MARKS {
            marks.push(Mark { at: at.days(), text: plain::short(text, LABEL), kind });
        }
    }

    fn close_announced(&mut self, id: MeasureId, at: Tick) -> Option<Tick> {
        let (since, on) = self.open[id.index()].announced.take()?;
        self.bar(id, since, at, BarState::Announced);
        Some(on)
    }

    fn close_in_force(&mut self, id: MeasureId, at: Tick) {
        if let Some(since) = self.open[id.index()].in_force.take() {
            self.bar(id, since, at, BarState::InForce);
        }
    }

    fn close_suspended(&mut self, id: MeasureId, at: Tick) {
        if let Some(since) = self.open[id.index()].suspended.take() {
            self.bar(id, since, at, BarState::Suspended);
        }
    }

    /// Nothing holds any more; a date that was still to come is marked as cancelled.
    fn stop(&mut self, id: MeasureId, at: Tick) {
        let planned = self.close_announced(id, at);
        self.close_in_force(id, at);
        self.close_suspended(id, at);
        if let Some(on) = planned.filter(|on| *on > at && *on <= self.end) {
            let owner = self.teller.model.measures[id.index()].owner;
            let title = self.teller.measure(id);
            self.mark(owner, on, &title, MarkKind::Cancelled);
        }
    }

    fn start(&mut self, model: &Model, touched: &[bool]) {
        for (k, measure) in model.measures.iter().enumerate() {
            let open = &mut self.open[k];
            match measure.start {
                Start::InForce(_) if touched[k] => open.in_force = Some(Tick::ZERO),
                Start::Announced { on, .. } => open.announced = Some((Tick::ZERO, on)),
                Start::Suspended { .. } => open.suspended = Some(Tick::ZERO),
                Start::InForce(_) | Start::Idle => {}
            }
        }
    }

    fn entry(&mut self, at: Tick, entry: &Entry) {
        match entry {
            Entry::Decided { actor, chosen: Some(action), .. } => {
                let said = self.teller.moved(*action);
                self.mark(*actor, at, &said, MarkKind::Move);
            }
            Entry::Announced(m, _, on, _) => {
                let since = self.open[m.index()].announced.map_or(at, |(since, _)| since);
                self.open[m.index()].announced = Some((since, *on));
            }
            Entry::Moved(m, _, to) => {
                if let Some((_, on)) = &mut self.open[m.index()].announced {
                    *on = *to;
                }
            }
            Entry::Effective(m, _) => {
                self.close_announced(*m, at);
                self.close_suspended(*m, at);
                self.open[m.index()].in_force.get_or_insert(at);
            }
            Entry::Suspended(m, _) => {
                self.close_announced(*m, at);
                self.close_in_force(*m, at);
                self.open[m.index()].suspended.get_or_insert(at);
            }
            Entry::Withdrawn(m, _) | Entry::Lapsed(m) | Entry::Expired(m) | Entry::Struck(m) => {
                self.stop(*m, at);
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        for k in 0..self.open.len() {
            let id = MeasureId::at(k);
            self.close_announced(id, self.end);
            self.close_in_force(id, self.end);
            self.close_suspended(id, self.end);
        }
        let mut shown = vec![0; self.lanes.len()];
        for (measure, bars) in self.teller.model.measures.iter().zip(&mut self.bars) {
            let lane = measure.owner.index();
            if !bars.is_empty() && shown[lane] < BARS {
                shown[lane] += 1;
                self.lanes[lane].bars.append(bars);
            }
        }
    }
}

/// Which measures an entry tells of.
fn touches(entry: &Entry) -> Option<MeasureId> {
    match entry {
        Entry::Announced(m, ..)
        | Entry::Ordered(m, _)
        | Entry::Effective(m, _)
        | Entry::Moved(m, ..)
        | Entry::Suspended(m, _)
        | Entry::Withdrawn(m, _)
        | Entry::Lapsed(m)
        | Entry::Expired(m)
        | Entry::Struck(m) => Some(*m),
        _ => None,
    }
}

/// The timeline of a trial; `None` where it has no actors to show.
#[must_use]
pub fn figure(
    model: &Model,
    path: &Path,
    journal: &Journal,
    trial: u64,
    frame: &Frame,
) -> Option<Figure> {
    let lane = |actor: &crate::model::actor::Actor| Lane {
        name: plain::line(if actor.title.is_empty() { &actor.name } else { &actor.title })
            .into_owned(),
        ..Lane::default()
    };
    let mut reader = Reader {
        teller: Teller { model },
        end: path.end,
        open: vec![Open::default(); model.measures.len()],
        bars: vec![Vec::new(); model.measures.len()],
        lanes: model.actors.iter().map(lane).collect(),
    };
    let mut touched = vec![false; model.measures.len()];
    for id in journal.entries.iter().filter_map(|(_, entry)| touches(entry)) {
        touched[id.index()] = true;
    }
    reader.start(model, &touched);
    journal.entries.iter().for_each(|(at, entry)| reader.entry(*at, entry));
    reader.finish();
    let rules = meetings(&reader.teller, journal);
    let lanes: Vec<Lane> = reader
        .lanes
        .into_iter()
        .filter(|lane| !lane.bars.is_empty() || !lane.marks.is_empty())
        .collect();
    if lanes.is_empty() {
        return None;
    }
    let to = path.horizon.days().max(1.0);
    let data = TimelineData {
        title: headline(model, path, journal, trial),
        subtitle: format!(
            "Moves and measures of trial {trial} of {}; hollow marks were planned and cancelled",
            plain::line(&model.branch)
        ),
        as_of: model.epoch.as_of().to_string(),
        from: 0.0,
        to,
        lanes,
        strip: strip(model, path),
        rules,
    };
    let mut frame = frame.clone();
    // One trial has no Monte Carlo error.
    frame.footer.trials = 0;
    frame.footer.error = None;
    let which = format!("trial {trial}, seed {}", frame.footer.seed);
    frame.footer.note = Some(match frame.footer.note.take() {
        Some(note) => format!("{which}, {note}"),
        None => which,
    });
    Some(Figure { name: "timeline".to_owned(), frame, data: FigureData::Timeline(data) })
}

fn meetings(teller: &Teller<'_>, journal: &Journal) -> Vec<Rule> {
    let held = journal.entries.iter().filter_map(|(at, entry)| match entry {
        Entry::MeetingHeld(id) => Some((at, teller.meeting(*id))),
        Entry::Signed(id, _) => Some((at, format!("{} signed", teller.package(*id)))),
        _ => None,
    });
    held.take(MEETINGS)
        .map(|(at, text)| Rule {
            date: teller.model.epoch.date_of(*at).to_string(),
            text: plain::short(&text, LABEL),
        })
        .collect()
}

/// The story in a sentence, counted from the journal.
fn headline(model: &Model, path: &Path, journal: &Journal, trial: u64) -> String {
    let count = |wanted: fn(&Entry) -> bool| {
        journal.entries.iter().filter(|(_, entry)| wanted(entry)).count()
    };
    let moves = count(|e| matches!(e, Entry::Decided { chosen: Some(_), .. }));
    let effective = count(|e| matches!(e, Entry::Effective(..)));
    let signed = count(|e| matches!(e, Entry::Signed(..)));
    let some = |n: usize, one: &str, many: &str| match n {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let regime = model
        .series
        .iter()
        .position(|series| series.kind == SeriesKind::Regime)
        .map(|series| path.value_at(SeriesId::at(series), path.end))
        .and_then(|row| model.regimes.get(crate::study::position(row)))
        .map_or_else(String::new, |regime| {
            let title = if regime.title.is_empty() { &regime.name } else { &regime.title };
            format!("; it ends in {}", plain::line(title))
        });
    format!(
        "Trial {trial}: {}, {}, {}{regime}",
        some(moves, "move", "moves"),
        some(effective, "measure takes effect", "measures take effect"),
        some(signed, "agreement", "agreements")
    )
}

/// The first series that jumps, but not the regimes, as a strip below the lanes.
fn strip(model: &Model, path: &Path) -> Option<Strip> {
    let place =
        model.series.iter().position(|s| s.shape == Shape::Step && s.kind != SeriesKind::Regime)?;
    let series = &model.series[place];
    let mut values: Vec<(f64, f64)> = Vec::new();
    for point in path.series.get(place)? {
        let day = point.at.days();
        // Of several values at one moment the last holds.
        if values.last().is_some_and(|(last, _)| *last >= day) {
            values.pop();
        }
        values.push((day, point.value));
    }
    let title = if series.title.is_empty() { &series.name } else { &series.title };
    (!values.is_empty()).then(|| Strip {
        label: plain::line(title).into_owned(),
        unit: plain::line(&series.unit).into_owned(),
        values,
    })
}
