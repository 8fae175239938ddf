//! A plot over dates: the frame that the fan, occupancy and incidence charts share.
//!
//! Values on the left, end labels on the right, dates below, and above the plot the captions of dated
//! rules, each on a pole that stands on its date. Poles are drawn after the data, captions never
//! overlap.

use super::ChartError;
use super::axis::{self, Scale};
use super::canvas::{Group, Rect};
use super::frame::Measures;
use super::label::Ends;
use super::page::{Page, Type, crisp};
use super::panel::Panel;
use super::text::{self, Weight};
use crate::units::Date;
use plotters::style::text_anchor::VPos;
use serde::{Deserialize, Serialize};

/// A date worth a line of its own: a deadline, a meeting, a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The date, as `2025-11-10`.
    pub date: String,
    /// What happens then, in a few words.
    pub text: String,
}

/// The caption of a rule, placed.
struct Flag {
    /// Day on the axis.
    day: f64,
    lines: Vec<String>,
    left: f64,
    width: f64,
    /// Row of its lowest line, counted upwards from the plot.
    row: usize,
}

/// What a dated plot is made of.
pub(crate) struct Plan<'a> {
    pub(crate) as_of: Date,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) rules: &'a [Rule],
    /// Whether the end of `as_of` is marked as today.
    pub(crate) today: bool,
}

/// A panel over dates, its frame drawn.
pub(crate) struct Dated<'p> {
    pub(crate) panel: Panel<'p>,
    flags: Vec<Flag>,
    pitch: f64,
}

impl<'p> Dated<'p> {
    /// Lays the plot out in `body` and draws grid, axes and their labels. `scale` makes the value
    /// scale from the greatest number of intervals that is comfortable.
    ///
    /// # Errors
    /// No room is left for the panel, or a rule's date is not a date.
    pub(crate) fn new(
        page: &'p Page<'p>,
        body: Rect,
        plan: &Plan<'_>,
        ends: &Ends,
        scale: impl Fn(f64) -> Scale,
    ) -> Result<Dated<'p>, ChartError> {
        let measures = page.measures;
        let size = measures.label;
        let y = scale((body.height() / (size * 3.4)).floor().max(2.0));
        let mut plot = body;
        plot.left += if y.ticks.is_empty() { 0.0 } else { y.widest(size) + measures.at(7.0) };
        plot.right -= ends.gutter();
        let x = axis::dates(plan.as_of, plan.from, plan.to, plot.width(), size);
        plot.bottom -= Panel::foot_height(page, &x);
        let flags = flags(&measures, plan, &x, plot)?;
        let pitch = size * 1.22;
        let rows = flags.iter().map(|f| f.row + f.lines.len()).max().unwrap_or(0);
        #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
        let above = pitch * rows as f64;
        plot.top += above.max(size * 0.5)
            + unit_above(page, body, &y)?
            + if rows > 0 { measures.at(4.0) } else { 0.0 };
        if plot.height() < size * 5.0 || plot.width() < size * 7.0 {
            return Err(ChartError::NoRoom);
        }
        // Once more, with the height that captions leave, if the labels are no wider for it.
        let fewer = scale((plot.height() / (size * 2.6)).floor().max(2.0));
        let room = plot.left - body.left - measures.at(7.0);
        let y = if fewer.ticks.len() < y.ticks.len() && fewer.widest(size) <= room + 1e-9 {
            fewer
        } else {
            y
        };
        let panel = Panel::new(page, plot, &x, &y);
        panel.grid(&y, true)?;
        panel.foot(&x, 0.0)?;
        Ok(Dated { panel, flags, pitch })
    }

    /// Height that the captions will need above a plot that reaches from `left` to `right`.
    ///
    /// # Errors
    /// A rule's date is not a date, or there are too many to place.
    pub(crate) fn rows(
        measures: &Measures,
        plan: &Plan<'_>,
        left: f64,
        right: f64,
    ) -> Result<f64, ChartError> {
        let room = Rect::new(left, 0.0, right, 0.0);
        let x = axis::dates(plan.as_of, plan.from, plan.to, room.width(), measures.label);
        let flags = flags(measures, plan, &x, room)?;
        let rows = flags.iter().map(|f| f.row + f.lines.len()).max().unwrap_or(0);
        #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
        let rows = rows as f64;
        Ok(rows * measures.label * 1.22 + measures.at(4.0))
    }

    /// Places of the rules across the page, in px.
    pub(crate) fn poles(&self) -> impl Iterator<Item = f64> {
        self.flags.iter().map(|flag| self.panel.place((flag.day, 0.0)).0)
    }

    /// Draws the rules over the data, and their captions; over filled areas on a light line.
    pub(crate) fn rules(&self, over_areas: bool) -> Result<(), ChartError> {
        let page = self.panel.page;
        let measures = page.measures;
        let rect = self.panel.rect;
        let base = rect.top - measures.at(5.0);
        #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
        let row = |row: usize| base - self.pitch * row as f64;
        page.canvas.group(&Group { class: "rules", ..Group::default() }, || {
            for flag in &self.flags {
                let x = crisp(self.panel.place((flag.day, 0.0)).0.min(rect.right - 0.5));
                let top = row(flag.row) + measures.at(2.0);
                if over_areas {
                    // Dark areas would swallow the dots.
                    let line = [(x, rect.bottom), (x, rect.top)];
                    page.stroke(&line, page.palette.ground, measures.at(0.9), &[])?;
                }
                page.stroke(
                    &[(x, rect.bottom), (x, top)],
                    page.palette.ink,
                    measures.at(0.9),
                    &[1.5, 2.5],
                )?;
            }
            for flag in &self.flags {
                let kind = Type { down: VPos::Bottom, ..page.label() };
                for (place, line) in flag.lines.iter().rev().enumerate() {
                    page.text_over(line, flag.left, row(flag.row + place) - kind.size * 0.1, kind)?;
                }
            }
            Ok(())
        })
    }
}

/// Writes a unit that is too long for a tick at the top left of a plot; returns its height.
fn unit_above(page: &Page<'_>, body: Rect, y: &Scale) -> Result<f64, ChartError> {
    let Some(unit) = &y.heading else { return Ok(0.0) };
    let kind = Type { down: VPos::Top, ..page.muted() };
    let mut top = body.top;
    for line in text::wrap(unit, kind.size, kind.weight, body.width()) {
        page.text(&line, body.left, top, kind)?;
        top += kind.size * text::LEADING;
    }
    Ok(top - body.top)
}

/// Rows of captions above a plot before it is given up.
const MOST_ROWS: usize = 24;

/// Captions beyond which the sides are not searched; all stand right of their poles then.
const MOST_SEARCHED: usize = 8;

/// A caption before it is placed.
struct Caption {
    day: f64,
    pole: f64,
    lines: Vec<String>,
    width: f64,
}

/// Wraps and places the captions, each beginning or ending at its pole, moved in from the edge of
/// the page. Of all choices of sides, the one with the fewest poles behind captions, then the fewest
/// rows, then the fewest captions on the left.
fn flags(
    measures: &Measures,
    plan: &Plan<'_>,
    x: &Scale,
    plot: Rect,
) -> Result<Vec<Flag>, ChartError> {
    let size = measures.label;
    let mut rules: Vec<(f64, String)> = Vec::new();
    if plan.today {
        rules.push((0.0, format!("{}: today", plan.as_of.short().replace(' ', "\u{a0}"))));
    }
    for rule in plan.rules {
        let date = parse_date(&rule.date)?;
        let day = date.short().replace(' ', "\u{a0}");
        let caption = format!("{day}: {}", text::clean(&rule.text));
        rules.push((axis::day_of(plan.as_of, date), caption));
    }
    rules.retain(|(day, _)| (x.low..=x.high).contains(day));
    rules.sort_by(|a, b| b.0.total_cmp(&a.0));
    let edge = plot.left - measures.at(3.0);
    let room = (measures.width - measures.pad - edge).min(measures.at(190.0));
    let captions: Vec<Caption> = rules
        .into_iter()
        .map(|(day, caption)| {
            let lines = text::wrap_even(&caption, size, Weight::Regular, room);
            let width =
                lines.iter().map(|l| text::width(l, size, Weight::Regular)).fold(0.0, f64::max);
            let pole = plot.left + (day - x.low) / (x.high - x.low) * plot.width();
            Caption { day, pole, lines, width }
        })
        .collect();
    let choices = if captions.len() > MOST_SEARCHED { 1 } else { 1_usize << captions.len() };
    let mut best: Option<((usize, usize, u32), Vec<Flag>)> = None;
    for sides in 0..choices {
        let (faults, flags) = hoist(measures, &captions, edge, sides);
        let rows = flags.iter().map(|f| f.row + f.lines.len()).max().unwrap_or(0);
        let cost = (faults, rows, sides.count_ones());
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, flags));
        }
    }
    match best {
        Some(((_, rows, _), flags)) if rows <= MOST_ROWS => Ok(flags),
        _ => Err(ChartError::NoRoom),
    }
}

/// Places captions from the right, on the left of their poles where the bit of `sides` is set, each
/// in the lowest row that is free; counts the poles that pass behind a caption and the captions that
/// stand across their own.
fn hoist(measures: &Measures, captions: &[Caption], edge: f64, sides: usize) -> (usize, Vec<Flag>) {
    let gap = measures.label * 0.6;
    let touch = measures.at(1.0);
    let mut placed: Vec<(f64, Flag)> = Vec::new();
    for (place, caption) in captions.iter().enumerate() {
        let leftwards = place < MOST_SEARCHED && sides >> place & 1 == 1;
        let (low, high) = (edge, measures.width - measures.pad - caption.width);
        let left = if leftwards {
            (caption.pole + measures.at(3.0) - caption.width).max(low)
        } else {
            (caption.pole - measures.at(3.0)).min(high).max(low)
        };
        let meets = |row: usize, avoid_poles: bool| {
            placed.iter().any(|(pole, flag)| {
                let apart =
                    flag.left >= left + caption.width + gap || left >= flag.left + flag.width + gap;
                let level =
                    row < flag.row + flag.lines.len() && flag.row < row + caption.lines.len();
                let passes = behind(*pole, left, caption.width, touch) && flag.row > row
                    || behind(caption.pole, flag.left, flag.width, touch) && row > flag.row;
                !apart && level || avoid_poles && passes
            })
        };
        let row = (0..MOST_ROWS).find(|&row| !meets(row, true));
        let row = row.or_else(|| (0..=MOST_ROWS).find(|&row| !meets(row, false)));
        let lines = caption.lines.clone();
        let row = row.unwrap_or(MOST_ROWS);
        placed.push((
            caption.pole,
            Flag { day: caption.day, lines, left, width: caption.width, row },
        ));
    }
    // A caption pushed away from its pole by the left edge of the page is as bad.
    let adrift = placed
        .iter()
        .filter(|(pole, f)| {
            f.left + f.width > pole + measures.at(4.0) && f.left < pole - measures.at(4.0)
        })
        .count();
    let passed = placed
        .iter()
        .flat_map(|(pole, flag)| placed.iter().map(move |(_, other)| (*pole, flag, other)))
        .filter(|(pole, flag, other)| {
            flag.row > other.row && behind(*pole, other.left, other.width, touch)
        })
        .count();
    (passed + adrift, placed.into_iter().map(|(_, flag)| flag).collect())
}

/// Whether a pole stands behind a caption that begins at `left`.
fn behind(pole: f64, left: f64, width: f64, touch: f64) -> bool {
    (left - touch..=left + width + touch).contains(&pole)
}

/// Reads a date of a chart's data.
pub(crate) fn parse_date(text: &str) -> Result<Date, ChartError> {
    Date::parse(text).map_err(ChartError::Date)
}
