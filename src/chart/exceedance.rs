//! Exceedance curves: what is the chance of losing at least so much?
//!
//! For each branch the share of runs at or beyond a value (the exceedance-probability curve of
//! catastrophe insurance; Grossi and Kunreuther 2005), with its Monte Carlo band and the marks that
//! planners read: 1 in 10 and 1 in 20. The same drawing serves a distribution function. Up to five
//! branches and the baseline share a panel; more get a panel each with the baseline repeated in grey
//! on equal scales.

mod grid;
mod scales;

use self::grid::{Grid, multiples};
use self::scales::Scales;
use super::axis::Scale;
use super::canvas::{Group, Rect};
use super::frame::Frame;
use super::incidence::strokes;
use super::label::{EndLabel, Ends, Obstacles};
use super::page::{Heading, KeyEntry, Page, Swatch, Type, crisp, with_room};
use super::panel::{Panel, Stroke};
use super::text::{self, Weight};
use super::theme::blend;
use super::{ChartError, Drawing, check, table};
use plotters::style::RGBColor;
use plotters::style::text_anchor::VPos;
use serde::{Deserialize, Serialize};

/// One branch's curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExceedanceCurve {
    /// Name of the branch.
    pub name: String,
    /// Whether it is the baseline, drawn in grey.
    pub baseline: bool,
    /// Values, rising.
    pub values: Vec<f64>,
    /// Share of runs at or beyond each value; of runs at or below it if the data are cumulative.
    pub share: Vec<f64>,
    /// Lower edge of the 95 % Monte Carlo band; empty for none.
    pub lower: Vec<f64>,
    /// Upper edge of the 95 % Monte Carlo band; empty for none.
    pub upper: Vec<f64>,
}

/// Data of an exceedance chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExceedanceData {
    /// The finding as a sentence; if empty, one is made from the figures.
    pub title: String,
    /// Measure, unit, population.
    pub subtitle: String,
    /// What the values are, as written under the axis: `Loss of welfare`.
    pub measure: String,
    /// Unit of the values: `$bn`, `%`, `weeks`.
    pub unit: String,
    /// One to [`MOST_BRANCHES`] branches.
    pub curves: Vec<ExceedanceCurve>,
    /// Whether values run on a logarithmic scale; ignored if any is not positive.
    pub log: bool,
    /// Draws shares below 10 % on a logarithmic scale down to this one; `None` is linear throughout.
    pub tail: Option<f64>,
    /// Whether the shares are of runs at or below the value (a distribution function).
    pub cumulative: bool,
    /// A value worth a line, and its name: a planner's limit.
    pub threshold: Option<(f64, String)>,
}

/// Most branches one chart can hold: sixteen panels and the baseline.
pub const MOST_BRANCHES: usize = 17;
/// Most coloured branches in one panel, beside the baseline.
const MOST_IN_PANEL: usize = 5;
/// Smallest share that can be told from none on a linear scale.
const UNSEEN: f64 = 0.002;
/// Chances that are marked, and their names.
const MARKS: [(f64, &str); 2] = [(0.10, "1 in 10"), (0.05, "1 in 20")];

impl ExceedanceData {
    /// The finding as a sentence: the title given, or the 1-in-20 values of the worst and the best
    /// branch.
    ///
    /// # Errors
    /// The data do not fit together.
    pub fn headline(&self) -> Result<String, ChartError> {
        if !self.title.is_empty() {
            return Ok(text::clean(&self.title));
        }
        let measure = text::clean(&self.measure);
        let mut ends: Vec<(f64, String)> = self
            .curves
            .iter()
            .filter_map(|c| Some((self.value_at(c, 0.05)?, text::clean(&c.name))))
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let said = |v: f64| text::value(v, &self.unit);
        Ok(match (ends.first(), ends.last(), self.cumulative) {
            (Some(best), Some(worst), false) if worst.0 > best.0 => format!(
                "{measure} of one trial in twenty: at least {} under “{}”, {} under “{}”",
                said(worst.0),
                worst.1,
                said(best.0),
                best.1
            ),
            (Some(only), _, false) => {
                format!("{measure} reaches {} or more in one trial in twenty", said(only.0))
            }
            _ => format!("{measure}: distribution over trials"),
        })
    }

    fn check(&self) -> Result<(), ChartError> {
        if self.curves.is_empty() || self.curves.len() > MOST_BRANCHES {
            return Err(ChartError::Shape(format!(
                "{} curves; a chart holds 1 to {MOST_BRANCHES}",
                self.curves.len()
            )));
        }
        for curve in &self.curves {
            check::rising("values of a curve", &curve.values)?;
            check::shares("shares of a curve", &curve.share, &curve.values)?;
            for edge in [&curve.lower, &curve.upper] {
                if !edge.is_empty() {
                    check::shares("the band of a curve", edge, &curve.values)?;
                }
            }
        }
        if let Some(tail) = self.tail
            && !(tail > 0.0 && tail < 0.1)
        {
            return Err(ChartError::Shape(format!(
                "the tail ends at {tail}, not between 0 and 0.1"
            )));
        }
        check::finite("threshold", self.threshold.iter().map(|t| t.0))
    }

    /// The largest value that at least this share of runs reach.
    fn value_at(&self, curve: &ExceedanceCurve, share: f64) -> Option<f64> {
        if self.cumulative {
            return None;
        }
        let mut pairs = curve.values.iter().zip(&curve.share).rev();
        pairs.find(|(_, reached)| **reached >= share).map(|(value, _)| *value)
    }

    /// What one run in twenty loses, in words.
    fn twenty(&self, curve: &ExceedanceCurve) -> Option<String> {
        let value = self.value_at(curve, 0.05)?;
        Some(format!("1 in 20: {}", text::brief(value, &self.unit)))
    }

    /// The last value of a curve that is worth drawing: beyond it the line lies on the axis.
    fn last_shown(&self, curve: &ExceedanceCurve) -> f64 {
        let floor = self.tail.unwrap_or(UNSEEN);
        let hidden =
            |share: f64| if self.cumulative { share > 1.0 - UNSEEN } else { share < floor };
        let edge =
            if curve.upper.is_empty() || self.cumulative { &curve.share } else { &curve.upper };
        let first_hidden = edge.iter().position(|&share| hidden(share));
        let last = first_hidden.unwrap_or(usize::MAX).min(curve.values.len() - 1);
        curve.values[last]
    }

    fn logarithmic(&self) -> bool {
        self.log
            && self.curves.iter().all(|c| c.values.iter().all(|v| *v > 0.0))
            && self.threshold.as_ref().is_none_or(|t| t.0 > 0.0)
    }

    fn caption(&self, small: bool) -> String {
        let mut said: Vec<String> = Vec::new();
        if let Some(floor) = self.tail {
            said.push(format!(
                "Chances below 10% are on a logarithmic scale, down to {}.",
                format_args!("{}%", text::number(floor * 100.0, 2))
            ));
        } else if self.curves.iter().any(|c| self.last_shown(c) < c.values[c.values.len() - 1]) {
            said.push(if self.cumulative {
                "Values that fewer than 1 in 500 trials exceed are not shown.".into()
            } else {
                "Values that fewer than 1 in 500 trials reach are not shown.".into()
            });
        }
        if self.logarithmic() {
            said.push("Values are on a logarithmic scale.".into());
        }
        if small && self.curves.iter().any(|c| c.baseline) {
            said.push("The baseline is repeated in grey dashes.".into());
        }
        if self.curves.iter().any(|c| !c.lower.is_empty() && !c.upper.is_empty()) {
            said.push("Shaded: 95% Monte Carlo band.".into());
        }
        said.join(" ")
    }

    fn alt(&self) -> String {
        let said: Vec<String> = self
            .curves
            .iter()
            .map(|curve| {
                let name = text::clean(&curve.name);
                match (self.value_at(curve, 0.10), self.value_at(curve, 0.05)) {
                    (Some(ten), Some(twenty)) => format!(
                        "{name}: one trial in ten at least {}, one in twenty at least {}",
                        text::value(ten, &self.unit),
                        text::value(twenty, &self.unit)
                    ),
                    _ => name,
                }
            })
            .collect();
        format!("{}. {}.", text::clean(&self.measure), said.join("; "))
    }

    fn csv(&self) -> Result<String, ChartError> {
        let head = ["branch", "value", "share", "lower95", "upper95"].map(String::from);
        let mut rows = Vec::new();
        for curve in &self.curves {
            for (place, &value) in curve.values.iter().enumerate() {
                let edge = |edge: &[f64]| edge.get(place).map_or(String::new(), f64::to_string);
                rows.push(vec![
                    curve.name.clone(),
                    value.to_string(),
                    curve.share[place].to_string(),
                    edge(&curve.lower),
                    edge(&curve.upper),
                ]);
            }
        }
        table::csv(&head, &rows)
    }
}

/// Draws an exceedance chart.
///
/// # Errors
/// The data do not fit together, or the words leave no room for the plot.
pub fn draw(data: &ExceedanceData, frame: &Frame) -> Result<Drawing, ChartError> {
    data.check()?;
    with_room(frame, |extra| draw_on(data, frame, extra))
}

fn draw_on(data: &ExceedanceData, frame: &Frame, extra: f64) -> Result<Drawing, ChartError> {
    let coloured = data.curves.iter().filter(|c| !c.baseline).count();
    let small = coloured > MOST_IN_PANEL;
    let (title, caption) = (data.headline()?, data.caption(small));
    let mut heading =
        Heading { title: &title, subtitle: &data.subtitle, key: &[], caption: &caption };
    let page = if small {
        let names: Vec<String> =
            data.curves.iter().filter(|c| !c.baseline).map(|c| text::clean(&c.name)).collect();
        let grid = Grid::new(&Page::new(frame, &heading, extra)?, data, &names)?;
        let page = Page::new(frame, &heading, extra + grid.extra)?;
        multiples(&page, data, &grid)?;
        page
    } else {
        let looks = strokes(frame.theme.palette(), data.curves.iter().map(|c| c.baseline));
        let mut drawn = None;
        for names in [Names::Told, Names::Bare] {
            let page = Page::new(frame, &heading, extra)?;
            if single(&page, data, &looks, names)? {
                drawn = Some(page);
                break;
            }
        }
        if let Some(page) = drawn {
            page
        } else {
            // No free place beside some curve: the names go into a key instead.
            let key: Vec<KeyEntry> = data
                .curves
                .iter()
                .zip(&looks)
                .map(|(curve, &(colour, dash))| KeyEntry {
                    name: match data.twenty(curve) {
                        Some(twenty) => format!("{} ({twenty})", text::clean(&curve.name)),
                        None => curve.name.clone(),
                    },
                    swatch: Swatch::Line { colour, dash },
                })
                .collect();
            heading.key = &key;
            let page = Page::new(frame, &heading, extra)?;
            single(&page, data, &looks, Names::InKey)?;
            page
        }
    };
    let csv = data.csv()?;
    Ok(page.finish(&data.alt(), csv))
}

/// Where the branches' names are, and what is said with them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Beside the curves, with the 1-in-20 value.
    Told,
    /// Beside the curves, alone.
    Bare,
    /// In the key above.
    InKey,
}

/// One panel with every branch; `false` if a name found no place beside its curve.
fn single(
    page: &Page<'_>,
    data: &ExceedanceData,
    looks: &[(RGBColor, &'static [f64])],
    names: Names,
) -> Result<bool, ChartError> {
    let measures = page.measures;
    let size = measures.label;
    let marks: Vec<EndLabel> = MARKS
        .iter()
        .map(|(_, name)| EndLabel {
            head: (*name).into(),
            detail: None,
            swatch: Swatch::None,
            strong: false,
        })
        .collect();
    let marks = Ends::new(&measures, if data.cumulative { &[] } else { &marks }, 200.0);
    let mut rect = page.body();
    rect.right -= marks.gutter().max(size);
    let mut scales =
        Scales::new(data, (rect.width() - size * 4.0, rect.height() - size * 4.0), size);
    rect.left += scales.y.widest(size) + measures.at(7.0);
    let (across, limit) = (across_lines(page, data, &scales.x), threshold_lines(page, data));
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    let high = |lines: &[String]| size * text::LEADING * lines.len() as f64;
    rect.bottom -= Panel::foot_height(page, &scales.x) + high(&across);
    rect.top += size * 0.5 + high(&limit);
    // Once more, with the height that the words leave.
    scales.y = Scales::new(data, (rect.width(), rect.height()), size).y;
    rect.left = page.body().left + scales.y.widest(size) + measures.at(7.0);
    if rect.height() < size * 5.0 || rect.width() < size * 8.0 {
        return Err(ChartError::NoRoom);
    }
    let panel = Panel::new(page, rect, &scales.x, &scales.y);
    let mut tail = f64::INFINITY;
    if data.tail.is_some() {
        tail = panel.place((scales.x.low, scales.up(0.1))).1;
        page.fill(Rect { top: tail, ..rect }, tint(page))?;
    }
    panel.grid(&scales.y, true)?;
    panel.foot(&scales.x, 0.0)?;
    across_name(page, &across, &scales.x, rect)?;
    if !data.cumulative {
        mark_lines(&panel, &scales)?;
        let at: Vec<Option<f64>> = MARKS
            .iter()
            .map(|(share, _)| {
                let up = scales.up(*share);
                (scales.y.low..=scales.y.high)
                    .contains(&up)
                    .then(|| panel.place((scales.x.low, up)).1)
            })
            .collect();
        marks.draw(page, rect, &at)?;
    }
    threshold(&panel, data, &scales, &limit)?;
    let order: Vec<usize> = drawing_order(data).collect();
    for &place in &order {
        curve(&panel, data, &scales, &data.curves[place], looks[place], true)?;
    }
    if names == Names::InKey {
        return Ok(true);
    }
    let mut obstacles = Obstacles::default();
    let mut lines = Vec::new();
    for c in &data.curves {
        let line = panel.seen(&scales.line(data, &c.values, &c.share));
        lines.push(thin(&line));
    }
    obstacles.lines.clone_from(&lines);
    obstacles.curves = lines.len();
    for (share, _) in MARKS.iter().filter(|_| !data.cumulative) {
        let y = panel.place((scales.x.low, scales.up(*share))).1;
        obstacles.lines.push(vec![(rect.left, y), (rect.right, y)]);
    }
    if let Some((value, _)) = &data.threshold {
        let x = panel.place((scales.across(*value), 0.0)).0;
        obstacles.lines.push(vec![(x, rect.top), (x, rect.bottom)]);
    }
    page.canvas.group(&Group { class: "names", ..Group::default() }, || {
        for (place, c) in data.curves.iter().enumerate() {
            let detail = if names == Names::Told { data.twenty(c) } else { None };
            let beside = &spots(&lines[place], &rect);
            let name = Name { own: place, name: &c.name, detail, look: looks[place], beside };
            if !name_beside(&panel, &mut obstacles, &name, tail)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// Baseline first, so that the branches lie over it.
fn drawing_order(data: &ExceedanceData) -> impl Iterator<Item = usize> {
    let grey = (0..data.curves.len()).filter(|&p| data.curves[p].baseline);
    grey.chain((0..data.curves.len()).filter(|&p| !data.curves[p].baseline))
}

/// Keeps of a long line only what is a px away from what was kept.
fn thin(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for &(x, y) in line {
        if kept.last().is_none_or(|l| (l.0 - x).abs() + (l.1 - y).abs() > 1.0) {
            kept.push((x, y));
        }
    }
    kept
}

/// Places along a line beside which its name may stand, the middle heights first.
fn spots(line: &[(f64, f64)], rect: &Rect) -> Vec<(f64, f64)> {
    let mut spots: Vec<(f64, f64)> = Vec::new();
    for pair in line.windows(2) {
        let far = (pair[1].0 - pair[0].0).abs() + (pair[1].1 - pair[0].1).abs();
        let pieces = (far / 8.0).ceil().max(1.0);
        let mut piece = 0.0;
        while piece < pieces {
            let t = piece / pieces;
            spots.push((
                pair[0].0 + (pair[1].0 - pair[0].0) * t,
                pair[0].1 + (pair[1].1 - pair[0].1) * t,
            ));
            piece += 1.0;
        }
    }
    let middle = rect.top + rect.height() * 0.4;
    spots.retain(|s| s.1 > rect.top + rect.height() * 0.04 && s.1 < rect.bottom - 2.0);
    spots.sort_by(|a, b| (a.1 - middle).abs().total_cmp(&(b.1 - middle).abs()));
    spots
}

/// The ground of the logarithmic tail.
fn tint(page: &Page<'_>) -> RGBColor {
    blend(page.palette.ground, page.palette.grid, 0.4)
}

/// A curve's name, and where it may stand.
struct Name<'a> {
    /// The curve's place among the lines to keep clear of.
    own: usize,
    name: &'a str,
    /// Said below the name.
    detail: Option<String>,
    look: (RGBColor, &'static [f64]),
    beside: &'a [(f64, f64)],
}

/// Writes a name and what is said below it beside one of the places, if any is free. The ground is
/// tinted from `tail` px down the page.
fn name_beside(
    panel: &Panel<'_>,
    obstacles: &mut Obstacles,
    name: &Name<'_>,
    tail: f64,
) -> Result<bool, ChartError> {
    let Name { own, detail, beside, .. } = name;
    let (colour, dash) = name.look;
    let page = panel.page;
    let measures = page.measures;
    let size = measures.label;
    let swatch = measures.at(20.0);
    let pitch = size * 1.2;
    let inside = Rect::new(
        panel.rect.left + size * 0.6,
        panel.rect.top + 1.0,
        panel.rect.right - 1.0,
        panel.rect.bottom - 3.0,
    );
    let name = text::clean(name.name);
    let strong = Type { weight: Weight::SemiBold, down: VPos::Top, ..page.label() };
    let muted = Type { down: VPos::Top, ..page.muted() };
    // The wider, the fewer lines; between two near curves only a narrow name has room.
    let longest = name.split(' ').map(|word| text::width(word, size, Weight::SemiBold));
    let longest = longest.fold(0.0, f64::max);
    // The ends of a curve, where all run together, come last.
    let (high, low) = (panel.rect.top + panel.rect.height() * 0.2, panel.rect.bottom - size);
    let middle = beside.iter().take_while(|spot| (high..=low).contains(&spot.1)).count();
    let middle = &beside[..middle];
    let tries = [(middle, 0.34), (middle, 0.2), (middle, 0.12), (beside, 0.34), (beside, 0.12)];
    let placed = tries.into_iter().find_map(|(beside, part)| {
        let room = (panel.rect.width() * part).max(longest);
        let mut lines: Vec<(String, Type)> = Vec::new();
        for (text, kind) in [(Some(&name), strong), (detail.as_ref(), muted)] {
            let text = text.map_or("", String::as_str);
            for line in text::wrap_even(text, size, kind.weight, room) {
                lines.push((line, kind));
            }
        }
        let width = lines.iter().map(|(l, k)| text::width(l, size, k.weight)).fold(0.0, f64::max);
        #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
        let height = pitch * (lines.len() as f64 - 1.0) + size * (text::CAP + text::DESCENT);
        let rect =
            obstacles.beside(*own, beside, (width + swatch, height), measures.at(7.0), &inside)?;
        Some((rect, lines))
    });
    let Some((rect, lines)) = placed else { return Ok(false) };
    let area = if rect.top >= tail { tint(page) } else { page.palette.ground };
    let middle = rect.top + size * text::CAP / 2.0;
    let line = [(rect.left, middle), (rect.left + swatch - measures.at(5.0), middle)];
    page.stroke(&line, colour, measures.at(2.2), dash)?;
    let mut y = rect.top;
    for (line, kind) in lines {
        page.text_on(area, &line, rect.left + swatch, y, kind)?;
        y += pitch;
    }
    Ok(true)
}

/// What the values are, with their unit if that is too long for a tick, wrapped.
fn across_lines(page: &Page<'_>, data: &ExceedanceData, x: &Scale) -> Vec<String> {
    let measure = text::clean(&data.measure);
    let name = match &x.heading {
        Some(unit) if measure.is_empty() => unit.clone(),
        Some(unit) => format!("{measure}, {unit}"),
        None => measure,
    };
    text::wrap(&name, page.measures.label, Weight::Regular, page.body().width())
}

/// Writes what the values are below their axis, ending where the axis ends if that is possible.
fn across_name(page: &Page<'_>, lines: &[String], x: &Scale, rect: Rect) -> Result<(), ChartError> {
    let size = page.measures.label;
    let mut y = rect.bottom + Panel::foot_height(page, x) + page.measures.at(1.0);
    for line in lines {
        let wide = text::width(line, size, Weight::Regular);
        let left = (rect.right - wide).max(page.body().left);
        page.text(line, left, y, Type { down: VPos::Top, ..page.muted() })?;
        y += size * text::LEADING;
    }
    Ok(())
}

/// Dotted lines at the chances that planners ask for.
fn mark_lines(panel: &Panel<'_>, scales: &Scales) -> Result<(), ChartError> {
    let page = panel.page;
    for (share, _) in MARKS {
        let up = scales.up(share);
        if (scales.y.low..=scales.y.high).contains(&up) {
            let y = crisp(panel.place((scales.x.low, up)).1);
            let line = [(panel.rect.left, y), (panel.rect.right, y)];
            page.stroke(&line, page.palette.muted, page.measures.at(0.9), &[1.5, 2.5])?;
        }
    }
    Ok(())
}

/// The name of the planner's limit, wrapped.
fn threshold_lines(page: &Page<'_>, data: &ExceedanceData) -> Vec<String> {
    let Some((value, name)) = &data.threshold else { return Vec::new() };
    let name = format!("{}: {}", text::clean(name), text::brief(*value, &data.unit));
    let name = text::clean(name.trim_start_matches(": "));
    let room = page.body().width() * 0.6;
    text::wrap_even(&name, page.measures.label, Weight::Regular, room)
}

/// The planner's limit: an upright line with its name on top.
fn threshold(
    panel: &Panel<'_>,
    data: &ExceedanceData,
    scales: &Scales,
    lines: &[String],
) -> Result<(), ChartError> {
    let Some((value, _)) = &data.threshold else { return Ok(()) };
    let page = panel.page;
    let size = page.measures.label;
    let x = crisp(panel.place((scales.across(*value), 0.0)).0);
    let top = panel.rect.top - page.measures.at(4.0);
    let pole = [(x, panel.rect.bottom), (x, top)];
    page.stroke(&pole, page.palette.ink, page.measures.at(0.9), &[1.5, 2.5])?;
    let wide = lines.iter().map(|l| text::width(l, size, Weight::Regular)).fold(0.0, f64::max);
    let left = (x - page.measures.at(3.0)).min(page.body().right - wide).max(panel.rect.left);
    let mut y = top - size * 0.25;
    for line in lines.iter().rev() {
        page.text_over(line, left, y, Type { down: VPos::Bottom, ..page.label() })?;
        y -= size * text::LEADING;
    }
    Ok(())
}

/// One branch: its band, its line, and dots where it crosses the marks.
fn curve(
    panel: &Panel<'_>,
    data: &ExceedanceData,
    scales: &Scales,
    curve: &ExceedanceCurve,
    (colour, dash): (RGBColor, &'static [f64]),
    dots: bool,
) -> Result<(), ChartError> {
    let page = panel.page;
    panel.series(&curve.name, || {
        if !curve.lower.is_empty() && !curve.upper.is_empty() {
            let lower = scales.line(data, &curve.values, &curve.lower);
            let upper = scales.line(data, &curve.values, &curve.upper);
            panel.band(&lower, &upper, colour, 0.18)?;
        }
        let line = scales.line(data, &curve.values, &curve.share);
        panel.line(&line, Stroke { colour, width: 2.2, dash })?;
        for (share, _) in MARKS.iter().filter(|_| dots) {
            let up = scales.up(*share);
            if let Some(value) = data.value_at(curve, *share)
                && (scales.y.low..=scales.y.high).contains(&up)
            {
                let (x, y) = panel.place((scales.across(value), up));
                page.dot(x, y, page.measures.at(3.0), colour)?;
            }
        }
        Ok(())
    })
}
