//! Fan chart with history: where may a figure go?
//!
//! Nested bands hold given shares of the runs at each date (Britton, Fisher and Whitley 1998, after
//! the Bank of England's Inflation Report), here with the median, the known past as a step line on
//! the left of today, and dated rules. A figure that jumps, as tariffs do, is drawn in steps.

use super::axis;
use super::dated::{Dated, Plan, Rule, parse_date};
use super::frame::Frame;
use super::label::{EndLabel, Ends};
use super::page::{Heading, KeyEntry, Page, Swatch, with_room};
use super::panel::{Panel, Point, Stroke, steps};
use super::{ChartError, Drawing, check, table, text};
use serde::{Deserialize, Serialize};

/// A band that holds a share of the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FanBand {
    /// Share of runs inside at any one date: 0.9 lies between the quantiles 0.05 and 0.95.
    pub share: f64,
    /// Lower edge, one value a day of [`FanData::days`].
    pub lower: Vec<f64>,
    /// Upper edge, one value a day of [`FanData::days`].
    pub upper: Vec<f64>,
}

/// Data of a fan chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FanData {
    /// The finding as a sentence; if empty, one is made from the figures.
    pub title: String,
    /// Measure, unit, population.
    pub subtitle: String,
    /// What is measured, as it is named in a sentence: `US tariff on China`.
    pub measure: String,
    /// Unit of the values: `%`, `$bn`, `weeks`.
    pub unit: String,
    /// Last day of history, as `2025-10-14`.
    pub as_of: String,
    /// Days from the end of `as_of`, rising.
    pub days: Vec<f64>,
    /// Bands, in any order.
    pub bands: Vec<FanBand>,
    /// Median, one value a day.
    pub median: Vec<f64>,
    /// Dated past values, rising in date; each holds until the next. One of `as_of` itself is the state
    /// at the start, not a change: where it differs from the one before, nobody knows since when.
    pub history: Vec<(String, f64)>,
    /// Name of the past line: `Actual`.
    pub history_label: String,
    /// Dated vertical rules.
    pub rules: Vec<Rule>,
    /// Whether the figure jumps and is drawn in steps.
    pub jumps: bool,
    /// Branch the runs belong to.
    pub branch: String,
    /// Shares of runs strictly below and strictly above the outer band on the last day: less than
    /// half of what it leaves out where many runs share one value. `None` if unknown.
    #[serde(default)]
    pub outside: Option<(f64, f64)>,
}

impl FanData {
    /// The finding as a sentence: the title given, or one made from the figures at the horizon.
    ///
    /// # Errors
    /// The data do not fit together.
    pub fn headline(&self) -> Result<String, ChartError> {
        if !self.title.is_empty() {
            return Ok(text::clean(&self.title));
        }
        let (outer, end) = (self.outer()?, self.days.len() - 1);
        let horizon = axis::date_at(parse_date(&self.as_of)?, self.days[end] - 1.0);
        let said = |v: f64| text::value(v, &self.unit);
        Ok(format!(
            "{}: the median trial stands at {} on {}; {} of 100 trials lie between {} and {}",
            text::clean(&self.measure),
            said(self.median[end]),
            horizon.long(),
            text::number(outer.share * 100.0, 2),
            said(outer.lower[end]),
            said(outer.upper[end])
        ))
    }

    fn check(&self) -> Result<(), ChartError> {
        check::rising("days", &self.days)?;
        check::same_length("median", &self.median, &self.days)?;
        for band in &self.bands {
            check::share("band", band.share)?;
            check::same_length("lower edge of a band", &band.lower, &self.days)?;
            check::same_length("upper edge of a band", &band.upper, &self.days)?;
            if band.lower.iter().zip(&band.upper).any(|(l, u)| l > u) {
                return Err(ChartError::Shape("a band's lower edge lies above its upper".into()));
            }
        }
        check::finite("history", self.history.iter().map(|h| h.1))?;
        self.outer().map(|_| ())
    }

    /// The two last readings where the last one is the state at the start and differs: day and value.
    fn unknown_change(&self, past: &[Point]) -> Option<[Point; 2]> {
        let [.., before, last] = past else { return None };
        let apart = !crate::math::same(before.1, last.1);
        (last.0 >= -1.0 && before.0 < -2.0 && apart).then_some([*before, *last])
    }

    fn outer(&self) -> Result<&FanBand, ChartError> {
        self.bands
            .iter()
            .max_by(|a, b| a.share.total_cmp(&b.share))
            .ok_or_else(|| ChartError::Shape("a fan needs at least one band".into()))
    }

    fn caption(&self, outer: &FanBand, unknown: Option<[Point; 2]>) -> Result<String, ChartError> {
        let inside = text::number(outer.share * 100.0, 2);
        let branch = text::clean(&self.branch);
        let of = if branch.is_empty() { String::new() } else { format!(" of “{branch}”") };
        let mut said = format!(
            "On any one date at least {inside} of 100 trials{of} lie in the outer band or on its edge."
        );
        if let Some([before, last]) = unknown {
            let as_of = parse_date(&self.as_of)?;
            said.push_str(&format!(
                " Dashed: between the readings of {} and {}; the dates of change are not in the data.",
                axis::date_at(as_of, before.0).short().replace(' ', "\u{a0}"),
                axis::date_at(as_of, last.0).short().replace(' ', "\u{a0}"),
            ));
        }
        Ok(said)
    }

    fn csv(&self) -> Result<String, ChartError> {
        let mut head = vec!["date".to_string(), "day".into(), "median".into()];
        for band in &self.bands {
            let share = text::number(band.share * 100.0, 3);
            head.extend([format!("lower_{share}"), format!("upper_{share}")]);
        }
        let as_of = parse_date(&self.as_of)?;
        let mut rows = Vec::new();
        for (date, value) in &self.history {
            let day = axis::day_of(as_of, parse_date(date)?);
            let mut row = vec![date.clone(), day.to_string(), value.to_string()];
            row.resize(head.len(), String::new());
            rows.push(row);
        }
        for (place, &day) in self.days.iter().enumerate() {
            let date = axis::date_at(as_of, day).to_string();
            let mut row = vec![date, day.to_string(), self.median[place].to_string()];
            for band in &self.bands {
                row.extend([band.lower[place].to_string(), band.upper[place].to_string()]);
            }
            rows.push(row);
        }
        table::csv(&head, &rows)
    }
}

/// Draws a fan chart.
///
/// # Errors
/// The data do not fit together, or the words leave no room for the plot.
pub fn draw(data: &FanData, frame: &Frame) -> Result<Drawing, ChartError> {
    data.check()?;
    with_room(frame, |extra| draw_on(data, frame, extra))
}

fn draw_on(data: &FanData, frame: &Frame, extra: f64) -> Result<Drawing, ChartError> {
    let palette = frame.theme.palette();
    let measures = frame.size.measures();
    let outer = data.outer()?;
    let mut bands: Vec<&FanBand> = data.bands.iter().collect();
    bands.sort_by(|a, b| b.share.total_cmp(&a.share));
    let colour = |place: usize| palette.step(place, bands.len().max(2) + 2);
    let median = Stroke::solid(palette.ramp[4], 2.4);

    let mut key: Vec<KeyEntry> = bands
        .iter()
        .enumerate()
        .map(|(place, band)| KeyEntry {
            name: format!("{} of 100 trials", text::number(band.share * 100.0, 2)),
            swatch: Swatch::Block { colour: colour(place) },
        })
        .collect();
    key.push(KeyEntry {
        name: "median".into(),
        swatch: Swatch::Line { colour: median.colour, dash: &[] },
    });
    if !data.history.is_empty() && !data.history_label.is_empty() {
        key.push(KeyEntry {
            name: data.history_label.clone(),
            swatch: Swatch::Line { colour: palette.baseline, dash: &[] },
        });
    }
    let as_of = parse_date(&data.as_of)?;
    let mut past: Vec<Point> = Vec::new();
    for (date, value) in &data.history {
        past.push((axis::day_of(as_of, parse_date(date)?), *value));
    }
    past.sort_by(|a, b| a.0.total_cmp(&b.0));
    let unknown = data.unknown_change(&past);
    let title = data.headline()?;
    let caption = data.caption(outer, unknown)?;
    let heading = Heading { title: &title, subtitle: &data.subtitle, key: &key, caption: &caption };
    let page = Page::new(frame, &heading, extra)?;

    let last = data.days.len() - 1;
    let most = (1.0 - outer.share) / 2.0;
    let beyond = |share: Option<f64>, side: &str| match share {
        None => format!("at most {} in 100 trials {side}", text::number(most * 100.0, 2)),
        Some(share) if share <= 0.0 => format!("no trial {side}"),
        Some(share) => format!("{} in 100 trials {side}", text::number(share * 100.0, 2)),
    };
    let end = |value: f64, detail: String, strong| EndLabel {
        head: text::brief(value, &data.unit),
        detail: Some(detail),
        swatch: Swatch::None,
        strong,
    };
    let labels = [
        end(outer.upper[last], beyond(data.outside.map(|o| o.1), "above"), false),
        end(data.median[last], "median".into(), true),
        end(outer.lower[last], beyond(data.outside.map(|o| o.0), "below"), false),
    ];
    let ends = Ends::new(&measures, &labels, page.body().width() * 0.24);

    if let Some(&(_, value)) = past.last() {
        past.push((data.days[0].max(0.0), value));
    }
    let from = past.first().map_or(data.days[0], |p| p.0.min(data.days[0]));
    let values = || {
        data.bands
            .iter()
            .flat_map(|b| b.lower.iter().chain(&b.upper))
            .chain(&data.median)
            .copied()
            .chain(past.iter().map(|p| p.1))
    };
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let plan =
        Plan { as_of, from, to: data.days[last], rules: &data.rules, today: !past.is_empty() };
    let dated = Dated::new(&page, page.body(), &plan, &ends, |most| {
        axis::values(low, high, most, &data.unit)
    })?;
    let panel = &dated.panel;
    let line = |values: &[f64]| {
        let points: Vec<Point> = data.days.iter().copied().zip(values.iter().copied()).collect();
        if data.jumps { steps(&points) } else { points }
    };
    for (place, band) in bands.iter().enumerate() {
        panel.series(&key[place].name, || {
            panel.band(&line(&band.lower), &line(&band.upper), colour(place), 1.0)
        })?;
    }
    panel.series(&data.history_label, || {
        let solid = Stroke::solid(palette.baseline, 2.2);
        let Some([before, last]) = unknown else { return panel.line(&steps(&past), solid) };
        // Up to the reading before, dashed from there, and from the last one to the start.
        let known = past.iter().take_while(|p| p.0 <= before.0).copied().collect::<Vec<_>>();
        panel.line(&steps(&known), solid)?;
        panel.line(&[before, last], Stroke { dash: &[4.0, 3.0], ..solid })?;
        let (x, y) = panel.place(before);
        panel.page.dot(x, y, panel.page.measures.at(2.6), palette.baseline)?;
        panel.line(&[last, (data.days[0].max(0.0), last.1)], solid)
    })?;
    panel.series("median", || panel.line(&line(&data.median), median))?;
    mark_single_day(panel, data, median)?;
    dated.rules(false)?;
    let at = [outer.upper[last], data.median[last], outer.lower[last]]
        .map(|v| Some(panel.place((data.days[last], v)).1));
    ends.draw(&page, panel.rect, &at)?;
    let csv = data.csv()?;
    Ok(page.finish(&caption, csv))
}

/// A forecast for one day has no line; its median is a dot.
fn mark_single_day(panel: &Panel<'_>, data: &FanData, median: Stroke) -> Result<(), ChartError> {
    if let ([day], [value]) = (data.days.as_slice(), data.median.as_slice()) {
        let (x, y) = panel.place((*day, *value));
        panel.page.dot(x, y, panel.page.measures.at(4.0), median.colour)?;
    }
    Ok(())
}
