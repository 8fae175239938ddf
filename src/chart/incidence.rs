//! Cumulative incidence: by when does it happen?
//!
//! For each event, or for one event in each branch, the share of runs in which it has happened by a
//! date, as a step curve with the Monte Carlo band of that share (Aalen and Johansen 1978 without
//! censoring: every run is seen to its end). Runs in which it never happens are named at the end.

use super::axis;
use super::dated::{Dated, Plan, Rule, parse_date};
use super::frame::Frame;
use super::label::{EndLabel, Ends};
use super::page::{Heading, KeyEntry, Page, Swatch, with_room};
use super::panel::{Point, Stroke};
use super::percent::percent_within;
use super::theme::{Palette, dash};
use super::{ChartError, Drawing, check, table, text};
use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

/// One event, or one branch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IncidenceCurve {
    /// Name of the event or of the branch.
    pub name: String,
    /// Whether it is the baseline, drawn in grey.
    pub baseline: bool,
    /// Share of runs in which it has happened, one value a day of [`IncidenceData::days`].
    pub share: Vec<f64>,
    /// Lower edge of the 95 % Monte Carlo band; empty for none.
    pub lower: Vec<f64>,
    /// Upper edge of the 95 % Monte Carlo band; empty for none.
    pub upper: Vec<f64>,
}

/// Data of a cumulative incidence chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IncidenceData {
    /// The finding as a sentence; if empty, one is made from the figures.
    pub title: String,
    /// Measure, unit, population.
    pub subtitle: String,
    /// Last day of history, as `2025-10-14`.
    pub as_of: String,
    /// Days from the end of `as_of`, rising.
    pub days: Vec<f64>,
    /// One to six events or branches, the baseline not counted.
    pub curves: Vec<IncidenceCurve>,
    /// Dated vertical rules.
    pub rules: Vec<Rule>,
}

/// Most coloured lines that one panel holds.
pub(crate) const MOST_LINES: usize = 6;

impl IncidenceData {
    /// The finding as a sentence: the title given, or the likeliest event at the horizon.
    ///
    /// # Errors
    /// The data do not fit together.
    pub fn headline(&self) -> Result<String, ChartError> {
        if !self.title.is_empty() {
            return Ok(text::clean(&self.title));
        }
        let top = self
            .curves
            .iter()
            .max_by(|a, b| end_share(a).total_cmp(&end_share(b)))
            .ok_or_else(|| ChartError::Shape("there are no curves".into()))?;
        Ok(format!(
            "“{}” happens by {} in {} of trials",
            text::clean(&top.name),
            self.horizon()?.long(),
            percent_within(end_share(top), half_width(top))
        ))
    }

    fn horizon(&self) -> Result<crate::units::Date, ChartError> {
        let last = self.days.last().copied().unwrap_or(0.0);
        Ok(axis::date_at(parse_date(&self.as_of)?, last - 1.0))
    }

    fn check(&self) -> Result<(), ChartError> {
        check::rising("days", &self.days)?;
        if self.curves.is_empty() {
            return Err(ChartError::Shape("there are no curves".into()));
        }
        let coloured = self.curves.iter().filter(|c| !c.baseline).count();
        if coloured > MOST_LINES {
            return Err(ChartError::Shape(format!(
                "{coloured} curves are too many to tell apart; choose at most {MOST_LINES}"
            )));
        }
        for curve in &self.curves {
            check::shares("a curve", &curve.share, &self.days)?;
            for edge in [&curve.lower, &curve.upper] {
                if !edge.is_empty() {
                    check::shares("the band of a curve", edge, &self.days)?;
                }
            }
        }
        Ok(())
    }

    /// The date by which half the runs have seen it, as a day on the axis.
    fn half(&self, curve: &IncidenceCurve) -> Option<f64> {
        self.days.iter().zip(&curve.share).find(|(_, share)| **share >= 0.5).map(|(day, _)| *day)
    }

    fn caption(&self, banded: bool) -> String {
        let mut said = Vec::new();
        if self.curves.iter().any(|c| self.half(c).is_some()) {
            said.push("Dots mark the date by which it has happened in half of the trials.");
        }
        if banded {
            said.push("Shaded: 95% Monte Carlo band.");
        }
        said.join(" ")
    }

    /// The ends of the curves in words.
    fn alt(&self) -> Result<String, ChartError> {
        let as_of = parse_date(&self.as_of)?;
        let horizon = self.horizon()?.long();
        let said: Vec<String> = self
            .curves
            .iter()
            .map(|curve| {
                let half = self.half(curve).map_or(String::new(), |day| {
                    format!(", in half of them by {}", axis::date_at(as_of, day).long())
                });
                let share = percent_within(end_share(curve), half_width(curve));
                format!("{}: {share} of trials{half}", text::clean(&curve.name))
            })
            .collect();
        Ok(format!("Happened by {horizon}: {}.", said.join("; ")))
    }

    fn csv(&self) -> Result<String, ChartError> {
        let head = ["curve", "date", "day", "share", "lower95", "upper95"].map(String::from);
        let as_of = parse_date(&self.as_of)?;
        let mut rows = Vec::new();
        for curve in &self.curves {
            for (place, &day) in self.days.iter().enumerate() {
                let edge = |edge: &[f64]| edge.get(place).map_or(String::new(), f64::to_string);
                rows.push(vec![
                    curve.name.clone(),
                    axis::date_at(as_of, day).to_string(),
                    day.to_string(),
                    curve.share[place].to_string(),
                    edge(&curve.lower),
                    edge(&curve.upper),
                ]);
            }
        }
        table::csv(&head, &rows)
    }
}

/// Half the width of a curve's band at its end; 0 without a band.
fn half_width(curve: &IncidenceCurve) -> f64 {
    match (curve.lower.last(), curve.upper.last()) {
        (Some(low), Some(high)) => 0.5 * (high - low),
        _ => 0.0,
    }
}

fn end_share(curve: &IncidenceCurve) -> f64 {
    curve.share.last().copied().unwrap_or(0.0)
}

/// Colour and dash of each line: grey for the baseline, the branches' order for the others.
pub(crate) fn strokes(
    palette: &Palette,
    baselines: impl IntoIterator<Item = bool>,
) -> Vec<(RGBColor, &'static [f64])> {
    let mut place = 0;
    let mut strokes = Vec::new();
    for baseline in baselines {
        if baseline {
            strokes.push((palette.baseline, dash(0)));
        } else {
            strokes.push((palette.series(place), dash(place)));
            place += 1;
        }
    }
    strokes
}

/// Draws a cumulative incidence chart.
///
/// # Errors
/// The data do not fit together, or the words leave no room for the plot.
pub fn draw(data: &IncidenceData, frame: &Frame) -> Result<Drawing, ChartError> {
    data.check()?;
    with_room(frame, |extra| draw_on(data, frame, extra))
}

fn draw_on(data: &IncidenceData, frame: &Frame, extra: f64) -> Result<Drawing, ChartError> {
    let palette = frame.theme.palette();
    let measures = frame.size.measures();
    let looks = strokes(palette, data.curves.iter().map(|c| c.baseline));
    let banded = data.curves.iter().any(|c| !c.lower.is_empty() && !c.upper.is_empty());
    let (title, caption) = (data.headline()?, data.caption(banded));
    let horizon = data.horizon()?.short().replace(' ', "\u{a0}");
    let labels: Vec<EndLabel> = data
        .curves
        .iter()
        .zip(&looks)
        .map(|(curve, &(colour, dash))| EndLabel {
            head: format!(
                "{} {}",
                text::clean(&curve.name),
                percent_within(end_share(curve), half_width(curve))
            ),
            detail: Some(format!(
                "never by {horizon}: {}",
                percent_within(1.0 - end_share(curve), half_width(curve))
            )),
            swatch: Swatch::Line { colour, dash },
            strong: true,
        })
        .collect();
    // Labels that do not fit one below the other beside the plot become a key above it.
    let key: Vec<KeyEntry> = labels
        .iter()
        .map(|label| KeyEntry { name: label.head.clone(), swatch: label.swatch.clone() })
        .collect();
    let mut heading =
        Heading { title: &title, subtitle: &data.subtitle, key: &[], caption: &caption };
    let mut page = Page::new(frame, &heading, extra)?;
    let mut ends = Ends::new(&measures, &labels, page.body().width() * 0.32);
    let beside = ends.fit(page.body().height() - measures.label * 5.0);
    if !beside {
        heading.key = &key;
        page = Page::new(frame, &heading, extra)?;
        ends = Ends::new(&measures, &[], 0.0);
    }
    let highest = data
        .curves
        .iter()
        .flat_map(|c| c.share.iter().chain(&c.upper))
        .copied()
        .fold(0.0, f64::max);
    let plan = Plan {
        as_of: parse_date(&data.as_of)?,
        from: data.days[0].min(0.0),
        to: data.days[data.days.len() - 1],
        rules: &data.rules,
        today: false,
    };
    let dated = Dated::new(&page, page.body(), &plan, &ends, |most| axis::shares(highest, most))?;
    let panel = &dated.panel;
    let line = |values: &[f64]| -> Vec<Point> {
        panel.stair(&data.days.iter().copied().zip(values.iter().copied()).collect::<Vec<_>>())
    };
    // A curve begins on the day before its first run.
    let begun = |values: &[f64]| -> Vec<Point> {
        let zeros = values.iter().take_while(|&&share| share <= 0.0).count();
        let first = zeros.saturating_sub(1);
        let points: Vec<Point> = data.days.iter().copied().zip(values.iter().copied()).collect();
        panel.stair(&points).into_iter().skip_while(|point| point.0 < data.days[first]).collect()
    };
    for (curve, &(colour, _)) in data.curves.iter().zip(&looks) {
        if !curve.lower.is_empty() && !curve.upper.is_empty() {
            panel.series(&curve.name, || {
                panel.band(&line(&curve.lower), &line(&curve.upper), colour, 0.2)
            })?;
        }
    }
    dated.rules(false)?;
    for (curve, &(colour, dash)) in data.curves.iter().zip(&looks) {
        panel.series(&curve.name, || {
            panel.line(&begun(&curve.share), Stroke { colour, width: 2.2, dash })?;
            if let Some(day) = data.half(curve) {
                let (x, y) = panel.place((day, 0.5));
                page.dot(x, y, measures.at(3.6), colour)?;
            }
            Ok(())
        })?;
    }
    if beside {
        let last = data.days[data.days.len() - 1];
        let at: Vec<Option<f64>> =
            data.curves.iter().map(|c| Some(panel.place((last, end_share(c))).1)).collect();
        ends.draw(&page, panel.rect, &at)?;
    }
    let (alt, csv) = (data.alt()?, data.csv()?);
    Ok(page.finish(&alt, csv))
}
