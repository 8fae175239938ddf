//! Small multiples of exceedance curves: a panel for each branch beyond what one panel can hold.

use super::scales::Scales;
use super::{ExceedanceCurve, ExceedanceData, across_lines, across_name, curve};
use crate::chart::ChartError;
use crate::chart::canvas::Rect;
use crate::chart::page::{Page, Type};
use crate::chart::panel::Panel;
use crate::chart::text::{self, Weight};
use plotters::style::text_anchor::VPos;

/// How small panels are arranged.
pub(super) struct Grid {
    columns: usize,
    left: f64,
    wide: f64,
    high: f64,
    gap: f64,
    titles: Vec<Vec<String>>,
    /// Page height beyond the preset that they need.
    pub(super) extra: f64,
}

#[allow(clippy::cast_precision_loss, reason = "a handful of rows and columns")]
impl Grid {
    /// The arrangement whose panels come nearest to one and a half times as wide as high, with few
    /// empty cells and a page that grows little.
    pub(super) fn new(
        page: &Page<'_>,
        data: &ExceedanceData,
        names: &[String],
    ) -> Result<Grid, ChartError> {
        let measures = page.measures;
        let size = measures.label;
        let body = page.body();
        let gap = measures.at(18.0);
        let rough = Scales::new(data, (body.width() / 4.0, size * 5.0), size);
        let left = body.left + rough.y.widest(size) + measures.at(7.0);
        let lines = across_lines(page, data, &rough.x).len() as f64;
        let foot = Panel::foot_height(page, &rough.x) + size * text::LEADING * lines;
        let least = size * 5.0;
        let mut best: Option<(f64, Grid)> = None;
        for columns in 1..=names.len() {
            let rows = names.len().div_ceil(columns);
            let wide =
                (body.right - size * 1.2 - left - gap * (columns as f64 - 1.0)) / columns as f64;
            if wide < size * 6.0 {
                continue;
            }
            let titles: Vec<Vec<String>> = names
                .iter()
                .map(|name| text::wrap_even(name, size, Weight::SemiBold, wide))
                .collect();
            let words: f64 = (0..rows).map(|row| head(&titles, columns, row, size)).sum();
            let spare = body.height() - foot - words - gap * 0.6 * (rows as f64 - 1.0);
            let high = (spare / rows as f64).max(least);
            let extra = (high * rows as f64 - spare).max(0.0).ceil();
            let empty = (rows * columns - names.len()) as f64;
            let cost = (wide / high - 1.5).abs() + empty * 0.4 + extra / body.height();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Grid { columns, left, wide, high, gap, titles, extra }));
            }
        }
        best.map(|(_, grid)| grid).ok_or(ChartError::NoRoom)
    }

    /// The panel at a place, on a page whose plots begin at `top`.
    fn rect(&self, place: usize, top: f64, size: f64) -> Rect {
        let (row, column) = (place / self.columns, place % self.columns);
        let words: f64 = (0..=row).map(|r| head(&self.titles, self.columns, r, size)).sum();
        let x = self.left + (self.wide + self.gap) * column as f64;
        let y = top + words + (self.high + self.gap * 0.6) * row as f64;
        Rect::new(x, y, x + self.wide, y + self.high)
    }
}

/// Height of the names over one row of panels.
#[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
fn head(titles: &[Vec<String>], columns: usize, row: usize, size: f64) -> f64 {
    let lines = titles.iter().skip(row * columns).take(columns).map(Vec::len).max().unwrap_or(0);
    size * (text::LEADING * lines as f64 + 0.6)
}

/// Of the baseline in the panels: blue and grey are alike in print without colour.
const GREY_DASH: &[f64] = &[3.0, 2.0];

/// A panel for each branch, the baseline in grey in all of them, on equal scales.
pub(super) fn multiples(
    page: &Page<'_>,
    data: &ExceedanceData,
    grid: &Grid,
) -> Result<(), ChartError> {
    let size = page.measures.label;
    let palette = page.palette;
    let body = page.body();
    let grey = data.curves.iter().find(|c| c.baseline);
    let scales = Scales::new(data, (grid.wide, grid.high), size);
    let shown: Vec<&ExceedanceCurve> = data.curves.iter().filter(|c| !c.baseline).collect();
    for (place, branch) in shown.iter().enumerate() {
        let rect = grid.rect(place, body.top, size);
        let panel = Panel::new(page, rect, &scales.x, &scales.y);
        let kind = Type { weight: Weight::SemiBold, down: VPos::Bottom, ..page.label() };
        let mut base = rect.top - size * 0.75;
        for line in grid.titles[place].iter().rev() {
            page.text(line, rect.left, base, kind)?;
            base -= size * text::LEADING;
        }
        panel.grid(&scales.y, place % grid.columns == 0)?;
        if place + grid.columns >= shown.len() {
            panel.foot(&scales.x, grid.gap * 0.3)?;
        }
        if let Some(grey) = grey {
            let plain = ExceedanceCurve { lower: vec![], upper: vec![], ..grey.clone() };
            curve(&panel, data, &scales, &plain, (palette.baseline, GREY_DASH), false)?;
        }
        curve(&panel, data, &scales, branch, (palette.series(0), &[]), false)?;
    }
    let last = grid.rect(shown.len() - 1, body.top, size);
    across_name(page, &across_lines(page, data, &scales.x), &scales.x, last)
}
