//! State occupancy: which regime holds, when?
//!
//! The shares of runs in each regime by day, stacked in the order of severity, mildest below, on one
//! sequential ramp (the stacked transition plot of multi-state models; Putter, Fiocco and Geskus
//! 2007). Areas are drawn from the top of the stack down, each over the last, so that no seam shows.

use super::axis;
use super::dated::{Dated, Plan, Rule, parse_date};
use super::frame::Frame;
use super::label::{EndLabel, Ends};
use super::page::{Heading, Page, Swatch, Type, with_room};
use super::panel::{Point, Stroke, steps};
use super::percent::percent;
use super::text::{self, Weight};
use super::{ChartError, Drawing, check, table};
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

/// A regime and how many runs are in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regime {
    /// Its name.
    pub name: String,
    /// Share of runs in it, 0 to 1, one value a day of [`OccupancyData::days`].
    pub shares: Vec<f64>,
}

/// Data of an occupancy chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OccupancyData {
    /// The finding as a sentence; if empty, one is made from the figures.
    pub title: String,
    /// Measure, unit, population.
    pub subtitle: String,
    /// Last day of history, as `2025-10-14`.
    pub as_of: String,
    /// Days from the end of `as_of`, rising.
    pub days: Vec<f64>,
    /// Regimes, mildest first; on each day their shares sum to at most 1.
    pub regimes: Vec<Regime>,
    /// Dated vertical rules.
    pub rules: Vec<Rule>,
    /// Whether each day's value holds until the next; otherwise days are joined by straight lines.
    pub jumps: bool,
    /// Branch the runs belong to.
    pub branch: String,
}

/// Smallest share that is named at the end of the plot.
const NAMED: f64 = 0.01;
/// Greatest share from which a regime that has emptied by the end must be named all the same.
const SEEN: f64 = 0.03;

impl OccupancyData {
    /// The finding as a sentence: the title given, or the likeliest regime at the horizon.
    ///
    /// # Errors
    /// The data do not fit together.
    pub fn headline(&self) -> Result<String, ChartError> {
        if !self.title.is_empty() {
            return Ok(text::clean(&self.title));
        }
        let horizon = self.horizon()?;
        let likeliest = self
            .regimes
            .iter()
            .max_by(|a, b| end_share(a).total_cmp(&end_share(b)))
            .ok_or_else(|| ChartError::Shape("there are no regimes".into()))?;
        let share = percent(end_share(likeliest));
        Ok(format!(
            "“{}” is the likeliest regime on {horizon}: {share} of trials",
            text::clean(&likeliest.name)
        ))
    }

    fn horizon(&self) -> Result<String, ChartError> {
        let last = self.days.last().copied().unwrap_or(0.0);
        Ok(axis::date_at(parse_date(&self.as_of)?, last - 1.0).long())
    }

    fn check(&self) -> Result<(), ChartError> {
        check::rising("days", &self.days)?;
        if self.regimes.is_empty() {
            return Err(ChartError::Shape("there are no regimes".into()));
        }
        for regime in &self.regimes {
            check::shares("shares of a regime", &regime.shares, &self.days)?;
        }
        for day in 0..self.days.len() {
            let sum: f64 = self.regimes.iter().map(|r| r.shares[day]).sum();
            if sum > 1.0 + 1e-6 {
                return Err(ChartError::Shape(format!("the shares of one day sum to {sum}")));
            }
        }
        Ok(())
    }

    /// Who is where at the horizon, in words.
    fn caption(&self) -> Result<String, ChartError> {
        let said: Vec<String> = self
            .regimes
            .iter()
            .filter(|r| end_share(r) >= NAMED)
            .map(|r| format!("{} {}", text::clean(&r.name), percent(end_share(r))))
            .collect();
        let branch = text::clean(&self.branch);
        let of = if branch.is_empty() { String::new() } else { format!(" of “{branch}”") };
        Ok(format!(
            "Share of trials{of} in each regime on {}: {}.",
            self.horizon()?,
            said.join(", ")
        ))
    }

    fn csv(&self) -> Result<String, ChartError> {
        let mut head = vec!["date".to_string(), "day".into()];
        head.extend(self.regimes.iter().map(|r| r.name.clone()));
        let as_of = parse_date(&self.as_of)?;
        let row = |(place, &day): (usize, &f64)| {
            let mut row = vec![axis::date_at(as_of, day).to_string(), day.to_string()];
            row.extend(self.regimes.iter().map(|r| r.shares[place].to_string()));
            row
        };
        table::csv(&head, &self.days.iter().enumerate().map(row).collect::<Vec<_>>())
    }
}

fn end_share(regime: &Regime) -> f64 {
    regime.shares.last().copied().unwrap_or(0.0)
}

/// Draws an occupancy chart.
///
/// # Errors
/// The data do not fit together, or the words leave no room for the plot.
pub fn draw(data: &OccupancyData, frame: &Frame) -> Result<Drawing, ChartError> {
    data.check()?;
    with_room(frame, |extra| draw_on(data, frame, extra))
}

fn draw_on(data: &OccupancyData, frame: &Frame, extra: f64) -> Result<Drawing, ChartError> {
    let palette = frame.theme.palette();
    let measures = frame.size.measures();
    let count = data.regimes.len();
    let (title, caption) = (data.headline()?, data.caption()?);
    let heading = Heading {
        title: &title,
        subtitle: &data.subtitle,
        key: &[],
        caption: "Regimes are stacked by severity, the mildest at the bottom.",
    };
    let page = Page::new(frame, &heading, extra)?;
    let labels: Vec<EndLabel> = data
        .regimes
        .iter()
        .enumerate()
        .map(|(place, regime)| EndLabel {
            head: format!(
                "{} {}",
                text::clean(&regime.name),
                percent(end_share(regime)).replace(' ', "\u{a0}")
            ),
            detail: None,
            swatch: Swatch::Block { colour: palette.step(place, count) },
            strong: false,
        })
        .collect();
    let ends = Ends::new(&measures, &labels, page.body().width() * 0.3);
    let plan = Plan {
        as_of: parse_date(&data.as_of)?,
        from: data.days[0],
        to: data.days[data.days.len() - 1],
        rules: &data.rules,
        today: false,
    };
    let dated = Dated::new(&page, page.body(), &plan, &ends, |most| axis::shares(1.0, most))?;
    let panel = &dated.panel;

    // Upper edges of the stack, mildest first.
    let mut edges: Vec<Vec<Point>> = Vec::new();
    let mut sums = vec![0.0_f64; data.days.len()];
    for regime in &data.regimes {
        for (sum, share) in sums.iter_mut().zip(&regime.shares) {
            *sum = (*sum + share).min(1.0);
        }
        let points: Vec<Point> = data.days.iter().copied().zip(sums.iter().copied()).collect();
        edges.push(if data.jumps { steps(&points) } else { points });
    }
    for (place, edge) in edges.iter().enumerate().rev() {
        let floor: Vec<Point> = edge.iter().map(|p| (p.0, 0.0)).collect();
        panel.series(&data.regimes[place].name, || {
            panel.band(&floor, edge, palette.step(place, count), 1.0)?;
            if place + 1 < count {
                panel.line(edge, Stroke::solid(palette.ground, 0.9))?;
            }
            Ok(())
        })?;
    }
    dated.rules(true)?;

    let last = data.days.len() - 1;
    let mut at = Vec::new();
    let mut below = 0.0;
    for (place, regime) in data.regimes.iter().enumerate() {
        let share = end_share(regime);
        let fill = palette.step(place, count);
        let kind = Type { colour: palette.ink_on(fill), across: HPos::Center, ..page.label() };
        let spot = if share < NAMED { spot_inside(&dated, data, place, kind) } else { None };
        let seen = regime.shares.iter().any(|&share| share >= SEEN);
        if let Some((x, y)) = spot {
            page.text(&text::clean(&regime.name), x, y, kind)?;
        }
        let middle = panel.place((data.days[last], below + share / 2.0)).1;
        at.push((share >= NAMED || seen && spot.is_none()).then_some(middle));
        below += share;
    }
    ends.draw(&page, panel.rect, &at)?;
    let csv = data.csv()?;
    Ok(page.finish(&caption, csv))
}

/// The middle of the best place to write a regime's name into its own area: where the area is
/// highest all along the name, and no rule passes.
fn spot_inside(
    dated: &Dated<'_>,
    data: &OccupancyData,
    place: usize,
    kind: Type,
) -> Option<(f64, f64)> {
    let panel = &dated.panel;
    let regime = &data.regimes[place];
    let wide = text::width(&text::clean(&regime.name), kind.size, Weight::Regular) + kind.size;
    // Each day's place across the page, and the edges of the area on it.
    let edges: Vec<(f64, f64, f64)> = data
        .days
        .iter()
        .enumerate()
        .map(|(day, &at)| {
            let floor: f64 = data.regimes[..place].iter().map(|r| r.shares[day]).sum();
            let (x, bottom) = panel.place((at, floor));
            (x, bottom, panel.place((at, floor + regime.shares[day])).1)
        })
        .collect();
    let mut best: Option<(f64, f64, f64)> = None;
    for &(x, ..) in &edges {
        let (left, right) = (x - wide / 2.0, x + wide / 2.0);
        let crossed = dated.poles().any(|pole| (left..=right).contains(&pole));
        if left < panel.rect.left || right > panel.rect.right || crossed {
            continue;
        }
        // The days under the name, and the one on either side, between which the edges run.
        let first = edges.partition_point(|e| e.0 <= left).saturating_sub(1);
        let last = (edges.partition_point(|e| e.0 < right) + 1).min(edges.len());
        let along = edges[first..last].iter();
        let (bottom, top) =
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(b, t), e| (b.min(e.1), t.max(e.2)));
        let high = bottom - top;
        if high > kind.size * 1.25 && best.is_none_or(|b| high > b.0 + 1e-9) {
            best = Some((high, x, f64::midpoint(bottom, top)));
        }
    }
    best.map(|(_, x, y)| (x, y))
}
