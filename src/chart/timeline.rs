//! Story timeline: how did one trial unfold?
//!
//! One lane per actor: bars are measures, pale and dashed while announced, solid in force; marks are
//! moves with a few words each, hollow where only planned, crossed where cancelled; dated rules run
//! through all lanes; a strip below shows a figure in steps. Bars and words are packed into rows
//! first-fit by their start, so none overlaps; the page grows when a story is long.

use super::axis::{self, Scale};
use super::canvas::{Group, Rect};
use super::dated::{Dated, Plan, Rule, parse_date};
use super::frame::{Frame, Measures};
use super::label::Ends;
use super::page::{Heading, KeyEntry, Page, Swatch, Type, crisp, with_room};
use super::panel::{Panel, Point, Stroke, steps};
use super::text::{self, Weight};
use super::theme::blend;
use super::{ChartError, Drawing, check, table};
use plotters::style::RGBColor;
use plotters::style::text_anchor::VPos;
use serde::{Deserialize, Serialize};

/// What a bar says of its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BarState {
    /// Announced, not yet in force.
    Announced,
    /// In force.
    #[default]
    InForce,
    /// In force by law, suspended in practice.
    Suspended,
}

/// A measure during a span of days.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Bar {
    /// Short name of the measure; empty on a bar that continues another.
    pub label: String,
    /// First day, counted from the end of `as_of`.
    pub from: f64,
    /// End, counted from the end of `as_of`.
    pub to: f64,
    /// What it says of its measure.
    pub state: BarState,
}

/// What a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// A move that was made.
    #[default]
    Move,
    /// A move that was planned and is still to come, or never came.
    Planned,
    /// A planned move that was cancelled.
    Cancelled,
    /// Something that happened to the actor.
    Shock,
}

/// A moment in an actor's lane.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// Day, counted from the end of `as_of`.
    pub at: f64,
    /// What happened, in a few words.
    pub text: String,
    /// What kind of moment it is.
    pub kind: MarkKind,
}

/// One actor's lane.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Lane {
    /// Name of the actor.
    pub name: String,
    /// Measures.
    pub bars: Vec<Bar>,
    /// Moments.
    pub marks: Vec<Mark>,
}

/// A figure below the lanes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Strip {
    /// What it is.
    pub label: String,
    /// Unit of its values.
    pub unit: String,
    /// Day and value, rising in day; each value holds until the next.
    pub values: Vec<(f64, f64)>,
}

/// Data of a timeline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TimelineData {
    /// The story in a sentence; if empty, one is made from the data.
    pub title: String,
    /// Which trial of which branch.
    pub subtitle: String,
    /// Last day of history, as `2025-10-14`.
    pub as_of: String,
    /// First day shown, counted from the end of `as_of`.
    pub from: f64,
    /// Last day shown.
    pub to: f64,
    /// Actors, from top to bottom.
    pub lanes: Vec<Lane>,
    /// A figure below the lanes.
    pub strip: Option<Strip>,
    /// Meetings and deadlines.
    pub rules: Vec<Rule>,
}

impl TimelineData {
    /// The story in a sentence: the title given, or a count of what happened.
    #[must_use]
    pub fn headline(&self) -> String {
        if !self.title.is_empty() {
            return text::clean(&self.title);
        }
        let of = |kind| self.lanes.iter().flat_map(|l| &l.marks).filter(|m| m.kind == kind).count();
        let said = |count: usize, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        let moves = said(of(MarkKind::Move), "move", "moves");
        let actors = said(self.lanes.len(), "actor makes", "actors make");
        match of(MarkKind::Cancelled) {
            0 => format!("{actors} {moves}"),
            n => {
                format!("{actors} {moves}; {}", said(n, "plan is cancelled", "plans are cancelled"))
            }
        }
    }

    fn check(&self) -> Result<(), ChartError> {
        check::rising("first and last day", &[self.from, self.to])?;
        if self.lanes.is_empty() {
            return Err(ChartError::Shape("there are no lanes".into()));
        }
        for lane in &self.lanes {
            check::finite("marks", lane.marks.iter().map(|m| m.at))?;
            for bar in &lane.bars {
                check::rising("a bar", &[bar.from, bar.to])?;
            }
        }
        if let Some(strip) = &self.strip {
            check::finite("strip", strip.values.iter().map(|v| v.1))?;
            check::rising(
                "days of the strip",
                &strip.values.iter().map(|v| v.0).collect::<Vec<_>>(),
            )?;
        }
        Ok(())
    }

    fn csv(&self) -> Result<String, ChartError> {
        let head = ["lane", "kind", "from", "to", "text", "value"].map(String::from);
        let as_of = parse_date(&self.as_of)?;
        let date = |day: f64| axis::date_at(as_of, day).to_string();
        let mut rows = Vec::new();
        for lane in &self.lanes {
            for bar in &lane.bars {
                let state = match bar.state {
                    BarState::Announced => "announced",
                    BarState::InForce => "in force",
                    BarState::Suspended => "suspended",
                };
                rows.push(
                    [&lane.name, state, &date(bar.from), &date(bar.to), &bar.label, ""]
                        .map(String::from)
                        .to_vec(),
                );
            }
            for mark in &lane.marks {
                let kind = match mark.kind {
                    MarkKind::Move => "move",
                    MarkKind::Planned => "planned",
                    MarkKind::Cancelled => "cancelled",
                    MarkKind::Shock => "shock",
                };
                rows.push(
                    [&lane.name, kind, &date(mark.at), "", &mark.text, ""]
                        .map(String::from)
                        .to_vec(),
                );
            }
        }
        if let Some(strip) = &self.strip {
            for (day, value) in &strip.values {
                rows.push(
                    [&strip.label, "value", &date(*day), "", "", &value.to_string()]
                        .map(String::from)
                        .to_vec(),
                );
            }
        }
        table::csv(&head, &rows)
    }

    fn alt(&self) -> Result<String, ChartError> {
        let as_of = parse_date(&self.as_of)?;
        let mut told: Vec<(f64, String)> = Vec::new();
        for lane in &self.lanes {
            for mark in
                lane.marks.iter().filter(|m| matches!(m.kind, MarkKind::Move | MarkKind::Shock))
            {
                let when = axis::date_at(as_of, mark.at).short();
                told.push((
                    mark.at,
                    format!("{when}, {}: {}", text::clean(&lane.name), text::clean(&mark.text)),
                ));
            }
        }
        told.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(format!("{}.", told.into_iter().map(|t| t.1).collect::<Vec<_>>().join("; ")))
    }
}

/// A row of a lane is this high, in em.
const ROW: f64 = 1.62;

/// Something in a lane, placed: its row, and where its words begin.
struct Placed {
    row: usize,
    lines: Vec<String>,
    text: f64,
    /// Whether the words lie on the bar itself.
    inside: bool,
}

/// A lane laid out.
struct Laid {
    name: Vec<String>,
    bars: Vec<Placed>,
    marks: Vec<Placed>,
    rows: usize,
}

/// Where days are across the page.
struct Across {
    from: f64,
    to: f64,
    left: f64,
    right: f64,
    page_right: f64,
}

impl Across {
    fn px(&self, day: f64) -> f64 {
        let part = (day - self.from) / (self.to - self.from);
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

/// Draws a timeline.
///
/// # Errors
/// The data do not fit together, or the words leave no room for the plot.
pub fn draw(data: &TimelineData, frame: &Frame) -> Result<Drawing, ChartError> {
    data.check()?;
    with_room(frame, |extra| draw_on(data, frame, extra))
}

fn draw_on(data: &TimelineData, frame: &Frame, extra: f64) -> Result<Drawing, ChartError> {
    let palette = frame.theme.palette();
    let measures = frame.size.measures();
    let size = measures.label;
    let title = data.headline();
    let key = key(data, palette.series(0), palette.ground, palette.muted);
    let heading = Heading { title: &title, subtitle: &data.subtitle, key: &key, caption: "" };
    let probe = Page::new(frame, &heading, extra)?;
    let body = probe.body();

    // Lanes take what they need, then the strip; a page that is too low grows.
    let gutter = body.width() * 0.24;
    let names: Vec<Vec<String>> = data
        .lanes
        .iter()
        .map(|lane| text::wrap(&text::clean(&lane.name), size, Weight::SemiBold, gutter))
        .collect();
    let widest = names
        .iter()
        .flatten()
        .map(|name| text::width(name, size, Weight::SemiBold))
        .chain(strip_scale(data).map(|scale| scale.widest(size)))
        .fold(measures.at(36.0), f64::max);
    let left = body.left + widest + measures.at(12.0);
    let across = Across {
        from: data.from,
        to: later(data),
        left,
        right: body.right,
        page_right: body.right,
    };
    let laid: Vec<Laid> = data
        .lanes
        .iter()
        .zip(names)
        .map(|(lane, name)| lay(lane, name, &measures, &across))
        .collect();
    #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
    let height_of = |lane: &Laid| lane.rows as f64 * size * ROW + measures.at(10.0);
    let lanes: f64 = laid.iter().map(height_of).sum();
    let scale = strip_scale(data);
    let name = match (&data.strip, &scale) {
        (Some(strip), Some(scale)) => strip_name(strip, scale, size, body.width()),
        _ => Vec::new(),
    };
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    let name_height = name.len() as f64 * size * text::LEADING + size * 1.2;
    let strip = if data.strip.is_some() { name_height + size * 4.2 } else { 0.0 };
    let rules = Dated::rows(&measures, &plan(data)?, left, body.right)? + measures.at(8.0);
    let feet = size * 2.0 * text::LEADING + measures.at(10.0);
    let needed = rules + lanes + strip + feet;
    let extra = extra + (needed - body.height()).max(0.0).ceil();
    let page = Page::new(frame, &heading, extra)?;
    let mut body = page.body();
    body.left = left;

    let blank = Scale { low: 0.0, high: 1.0, ticks: Vec::new(), heading: None };
    let dated =
        Dated::new(&page, body, &plan(data)?, &Ends::new(&measures, &[], 0.0), |_| blank.clone())?;
    let rect = dated.panel.rect;
    let lanes_bottom = if data.strip.is_some() { rect.bottom - strip } else { rect.bottom };
    let spare = ((lanes_bottom - rect.top - lanes) / laid_count(&laid)).max(0.0);
    dated.rules(false)?;
    let mut top = rect.top;
    for (place, (lane, laid)) in data.lanes.iter().zip(&laid).enumerate() {
        let height = height_of(laid) + spare;
        let band = Rect::new(rect.left, top, rect.right, top + height);
        let colour = palette.series(place);
        page.canvas
            .group(&Group { class: "lane", title: Some(&lane.name), ..Group::default() }, || {
                draw_lane(&page, lane, laid, &across, band, colour)
            })?;
        top += height;
    }
    if let (Some(strip), Some(scale)) = (&data.strip, &scale) {
        let area = Rect { top: lanes_bottom, ..rect };
        draw_strip(&page, strip, scale, &name, (data.from, later(data)), area)?;
    }
    let (alt, csv) = (data.alt()?, data.csv()?);
    Ok(page.finish(&alt, csv))
}

#[allow(clippy::cast_precision_loss, reason = "a handful of lanes")]
fn laid_count(laid: &[Laid]) -> f64 {
    laid.len().max(1) as f64
}

/// The end of the axis: at least a day after its start.
fn later(data: &TimelineData) -> f64 {
    data.to.max(data.from + 1.0)
}

fn plan(data: &TimelineData) -> Result<Plan<'_>, ChartError> {
    Ok(Plan {
        as_of: parse_date(&data.as_of)?,
        from: data.from,
        to: later(data),
        rules: &data.rules,
        today: data.from < 0.0,
    })
}

/// The words that need a key: only the states that occur.
fn key(data: &TimelineData, colour: RGBColor, ground: RGBColor, muted: RGBColor) -> Vec<KeyEntry> {
    let bars = |state| data.lanes.iter().flat_map(|l| &l.bars).any(|b| b.state == state);
    let marks = |kind| data.lanes.iter().flat_map(|l| &l.marks).any(|m| m.kind == kind);
    let mut key = Vec::new();
    let mut add = |shown: bool, name: &str, swatch| {
        if shown {
            key.push(KeyEntry { name: name.into(), swatch });
        }
    };
    add(bars(BarState::InForce), "in force", Swatch::Block { colour });
    add(
        bars(BarState::Announced),
        "announced",
        Swatch::Outline { colour, fill: blend(ground, colour, 0.15), dash: &[3.0, 2.0] },
    );
    add(
        bars(BarState::Suspended),
        "suspended",
        Swatch::Outline { colour, fill: ground, dash: &[] },
    );
    add(marks(MarkKind::Move), "move", Swatch::Dot { colour: muted });
    add(marks(MarkKind::Planned), "planned", Swatch::Ring { colour: muted, crossed: false });
    add(marks(MarkKind::Cancelled), "cancelled", Swatch::Ring { colour: muted, crossed: true });
    add(marks(MarkKind::Shock), "shock", Swatch::Diamond { colour: muted });
    key
}

/// Packs a lane: marks with their words into the upper rows, bars below.
fn lay(lane: &Lane, name: Vec<String>, measures: &Measures, across: &Across) -> Laid {
    let size = measures.label;
    let gap = size * 0.7;
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut fit = |from: usize, start: f64, end: f64, rows: usize| {
        let mut row = from;
        loop {
            while taken.len() < row + rows {
                taken.push(Vec::new());
            }
            let free = taken[row..row + rows]
                .iter()
                .all(|spans| spans.iter().all(|s| end + gap <= s.0 || s.1 + gap <= start));
            if free {
                for spans in &mut taken[row..row + rows] {
                    spans.push((start, end));
                }
                return row;
            }
            row += 1;
        }
    };
    let room = (across.page_right - across.left) * 0.42;
    let mut marks: Vec<(usize, Placed)> = Vec::new();
    for place in in_order(&lane.marks, |m| m.at) {
        let mark = &lane.marks[place];
        let x = across.px(mark.at);
        let lines = text::wrap_even(
            &text::clean(&mark.text),
            size,
            Weight::Regular,
            room.min(measures.at(230.0)),
        );
        let wide = lines.iter().map(|l| text::width(l, size, Weight::Regular)).fold(0.0, f64::max);
        let dot = measures.at(10.0);
        // Right of the dot, or left of it where the page ends.
        let (text, start, end) = if x + dot + wide <= across.page_right {
            (x + dot, x - dot, x + dot + wide)
        } else {
            ((x - dot - wide).max(across.left), x - dot - wide, x + dot)
        };
        let row = fit(0, start, end, lines.len().max(1));
        marks.push((place, Placed { row, lines, text, inside: false }));
    }
    let below = taken_rows(&marks);
    let mut bars: Vec<(usize, Placed)> = Vec::new();
    let chains = chains(&lane.bars);
    for place in in_order(&chains, |chain| lane.bars[chain[0]].from) {
        let chain = &chains[place];
        let spans: Vec<(f64, f64)> = chain
            .iter()
            .map(|&bar| (across.px(lane.bars[bar].from), across.px(lane.bars[bar].to)))
            .collect();
        let start = spans.iter().map(|s| s.0).fold(f64::INFINITY, f64::min);
        let end = spans.iter().map(|s| s.1).fold(f64::NEG_INFINITY, f64::max);
        let label = text::clean(&lane.bars[chain[0]].label);
        let wide = text::width(&label, size, Weight::Regular);
        // On the first bar that is long enough; else behind the last one, else before the first.
        let on = spans.iter().position(|s| wide + size <= s.1 - s.0);
        let gap = size * 0.4;
        let (lines, text, reach) = if label.is_empty() {
            (Vec::new(), start, (start, end))
        } else if let Some(on) = on {
            (vec![label], spans[on].0 + size * 0.5, (start, end))
        } else if end + gap + wide <= across.page_right {
            (vec![label], end + gap, (start, end + gap + wide))
        } else if start - gap - wide >= across.left {
            (vec![label], start - gap - wide, (start - gap - wide, end))
        } else {
            // Too long for either side: on lines of their own under the bar.
            let room = across.page_right - across.left;
            let mut lines = vec![String::new()];
            lines.extend(text::wrap_even(&label, size, Weight::Regular, room));
            let wide =
                lines.iter().map(|l| text::width(l, size, Weight::Regular)).fold(0.0, f64::max);
            let text = start.min(across.page_right - wide).max(across.left);
            (lines, text, (start.min(text), end.max(text + wide)))
        };
        let row = fit(below, reach.0, reach.1, lines.len().max(1));
        for (link, &bar) in chain.iter().enumerate() {
            let inside = on == Some(link);
            let named = inside || on.is_none() && link == 0;
            let lines = if named { lines.clone() } else { Vec::new() };
            bars.push((bar, Placed { row, lines, text, inside }));
        }
    }
    let back = |mut placed: Vec<(usize, Placed)>| {
        placed.sort_by_key(|p| p.0);
        placed.into_iter().map(|p| p.1).collect()
    };
    let rows = taken_rows(&marks).max(taken_rows(&bars)).max(name.len()).max(1);
    Laid { name, bars: back(bars), marks: back(marks), rows }
}

fn taken_rows(placed: &[(usize, Placed)]) -> usize {
    placed.iter().map(|(_, p)| p.row + p.lines.len().max(1)).max().unwrap_or(0)
}

/// Bars that continue one another: each without a label belongs to the labelled one before it.
fn chains(bars: &[Bar]) -> Vec<Vec<usize>> {
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for (place, bar) in bars.iter().enumerate() {
        match chains.last_mut() {
            Some(chain) if bar.label.trim().is_empty() => chain.push(place),
            _ => chains.push(vec![place]),
        }
    }
    chains
}

/// Places of a list by rising key.
fn in_order<T>(list: &[T], key: impl Fn(&T) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|&a, &b| key(&list[a]).total_cmp(&key(&list[b])));
    order
}

/// Draws a lane: a rule above it, its name, its bars, its marks.
fn draw_lane(
    page: &Page<'_>,
    lane: &Lane,
    laid: &Laid,
    across: &Across,
    band: Rect,
    colour: RGBColor,
) -> Result<(), ChartError> {
    let measures = page.measures;
    let size = measures.label;
    let row = size * ROW;
    let top = band.top + measures.at(6.0);
    #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
    let middle = |r: usize| top + row * (r as f64 + 0.5);
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    let below = |r: usize, line: usize| middle(r) + size * 1.2 * line as f64;
    let rule = [(measures.pad, crisp(band.top)), (band.right, crisp(band.top))];
    page.stroke(&rule, page.palette.grid, 1.0, &[])?;
    let strong = Type { weight: Weight::SemiBold, ..page.label() };
    for (place, line) in laid.name.iter().enumerate() {
        page.text(line, measures.pad, below(0, place), strong)?;
    }
    for (bar, at) in lane.bars.iter().zip(&laid.bars) {
        let y = middle(at.row);
        let half = row * 0.38;
        let wide = (across.px(bar.to) - across.px(bar.from)).max(measures.at(2.0));
        let start = across.px(bar.from).min(band.right - wide);
        let block = Rect::new(start, y - half, start + wide, y + half);
        let fill = match bar.state {
            BarState::InForce => colour,
            BarState::Announced => blend(page.palette.ground, colour, 0.15),
            BarState::Suspended => page.palette.ground,
        };
        page.fill(block, fill)?;
        let dash: &[f64] = if bar.state == BarState::Announced { &[3.0, 2.0] } else { &[] };
        if bar.state != BarState::InForce {
            page.outline(block, colour, measures.at(1.2), dash)?;
        }
        for (place, line) in at.lines.iter().enumerate() {
            if at.inside {
                page.text(
                    line,
                    at.text,
                    y,
                    Type { colour: page.palette.ink_on(fill), ..page.label() },
                )?;
            } else {
                page.text_over(line, at.text, below(at.row, place), page.label())?;
            }
        }
    }
    for (mark, at) in lane.marks.iter().zip(&laid.marks) {
        let (x, y) = (across.px(mark.at), middle(at.row));
        let radius = measures.at(4.2);
        match mark.kind {
            MarkKind::Move => page.dot(x, y, radius, colour)?,
            MarkKind::Shock => page.diamond(x, y, radius * 1.3, colour)?,
            MarkKind::Planned => page.ring(x, y, radius, colour)?,
            MarkKind::Cancelled => page.crossed(x, y, radius, colour)?,
        }
        let ghost = matches!(mark.kind, MarkKind::Planned | MarkKind::Cancelled);
        let kind = if ghost { page.muted() } else { page.label() };
        for (place, line) in at.lines.iter().enumerate() {
            page.text_over(line, at.text, below(at.row, place), kind)?;
        }
    }
    Ok(())
}

/// The scale of the figure below the lanes, if there is one.
fn strip_scale(data: &TimelineData) -> Option<Scale> {
    let strip = data.strip.as_ref()?;
    let values = || strip.values.iter().map(|v| v.1);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    Some(axis::values(low, high, 3.0, &strip.unit))
}

/// The name of the figure, with its unit if that is too long for a tick, wrapped.
fn strip_name(strip: &Strip, scale: &Scale, size: f64, room: f64) -> Vec<String> {
    let label = text::clean(&strip.label);
    let name = match &scale.heading {
        Some(unit) if label.is_empty() => unit.clone(),
        Some(unit) => format!("{label}, {unit}"),
        None => label,
    };
    text::wrap(&name, size, Weight::SemiBold, room)
}

/// The figure below the lanes, in steps, with its own scale, its name above it.
fn draw_strip(
    page: &Page<'_>,
    strip: &Strip,
    scale: &Scale,
    name: &[String],
    (from, to): (f64, f64),
    area: Rect,
) -> Result<(), ChartError> {
    let measures = page.measures;
    let size = measures.label;
    let rule = [(measures.pad, crisp(area.top)), (area.right, crisp(area.top))];
    page.stroke(&rule, page.palette.grid, 1.0, &[])?;
    let kind = Type { weight: Weight::SemiBold, down: VPos::Top, ..page.label() };
    let mut y = area.top + size * 0.7;
    for line in name {
        page.text(line, measures.pad, y, kind)?;
        y += size * text::LEADING;
    }
    let x = Scale { low: from, high: to, ticks: Vec::new(), heading: None };
    let panel = Panel::new(page, Rect { top: y + size * 0.5, ..area }, &x, scale);
    panel.grid(scale, true)?;
    let mut points: Vec<Point> = strip.values.clone();
    if let Some(&(day, value)) = points.last()
        && day < to
    {
        points.push((to, value));
    }
    panel.series(&strip.label, || {
        panel.line(&steps(&points), Stroke::solid(page.palette.series(0), 2.2))
    })
}
