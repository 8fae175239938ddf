//! A panel: a rectangle of the page with two scales, on plotters' Cartesian coordinates.
//!
//! plotters clamps a point that leaves its area to the border, which bends lines. So a panel cuts
//! lines (Liang and Barsky 1984) and areas (Sutherland and Hodgman 1974) at its own edges in data
//! coordinates, before they are mapped.

use super::ChartError;
use super::axis::Scale;
use super::canvas::{Canvas, Group, Rect, sub, sub_width};
use super::page::{Page, Type, crisp, px};
use super::text;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingArea;
use plotters::element::{PathElement, Polygon};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle};

type Area = DrawingArea<Canvas, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A point in the units of the data.
pub(crate) type Point = (f64, f64);

/// How a line is drawn; width in px at 13 px labels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: RGBColor,
    pub(crate) width: f64,
    pub(crate) dash: &'static [f64],
}

impl Stroke {
    pub(crate) fn solid(colour: RGBColor, width: f64) -> Stroke {
        Stroke { colour, width, dash: &[] }
    }
}

/// A rectangle of the page with scales.
pub(crate) struct Panel<'p> {
    pub(crate) page: &'p Page<'p>,
    pub(crate) rect: Rect,
    area: Area,
    low: Point,
    high: Point,
}

impl<'p> Panel<'p> {
    pub(crate) fn new(page: &'p Page<'p>, rect: Rect, x: &Scale, y: &Scale) -> Panel<'p> {
        let spec = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
            x.low..x.high,
            y.low..y.high,
            (sub(rect.left)..sub(rect.right), sub(rect.bottom)..sub(rect.top)),
        );
        let area = page.root.apply_coord_spec(spec);
        Panel { page, rect, area, low: (x.low, y.low), high: (x.high, y.high) }
    }

    /// The place of a point on the page, in px. A point far outside is brought to a few panels away,
    /// because plotters counts in 32 bits.
    pub(crate) fn place(&self, (x, y): Point) -> (f64, f64) {
        let near = |value: f64, low: f64, high: f64| {
            let reach = (high - low) * 9.0;
            value.clamp(low - reach, high + reach)
        };
        let (x, y) = (near(x, self.low.0, self.high.0), near(y, self.low.1, self.high.1));
        let at = self.area.map_coordinate(&(x, y));
        (px(at.0), px(at.1))
    }

    /// The parts of a line inside the panel, joined, in px.
    pub(crate) fn seen(&self, points: &[Point]) -> Vec<(f64, f64)> {
        self.pieces(points).into_iter().flatten().map(|point| self.place(point)).collect()
    }

    /// Draws what belongs to one series as a group that is named on hover and kept inside.
    pub(crate) fn series(
        &self,
        name: &str,
        draw: impl FnOnce() -> Result<(), ChartError>,
    ) -> Result<(), ChartError> {
        let group =
            Group { class: "series", title: Some(name), clip: Some(self.rect), ..Group::default() };
        self.page.canvas.group(&group, draw)
    }

    /// Corners of a curve of many small steps: true steps where they are wide enough to be seen as
    /// such, straight lines where they would only roughen a slope.
    pub(crate) fn stair(&self, points: &[Point]) -> Vec<Point> {
        #[allow(clippy::cast_precision_loss, reason = "numbers of points are small")]
        let pace = self.rect.width() / points.len().max(1) as f64;
        if pace < self.page.measures.at(6.0) && points.len() >= 20 {
            points.to_vec()
        } else {
            steps(points)
        }
    }

    /// Draws a line, cut at the edges of the panel.
    pub(crate) fn line(&self, points: &[Point], stroke: Stroke) -> Result<(), ChartError> {
        let style = ShapeStyle {
            color: stroke.colour.to_rgba(),
            filled: false,
            stroke_width: sub_width(self.page.measures.at(stroke.width)),
        };
        let draw = || {
            for piece in self.pieces(points) {
                self.area.draw(&PathElement::new(self.thinned(piece), style))?;
            }
            Ok(())
        };
        if stroke.dash.is_empty() {
            return draw();
        }
        let dash = stroke.dash.iter().map(|&d| self.page.measures.at(d)).collect();
        self.page.canvas.group(&Group { class: "dashed", dash, ..Group::default() }, draw)
    }

    /// Fills the area between two lines over the same places.
    pub(crate) fn band(
        &self,
        lower: &[Point],
        upper: &[Point],
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let mut outline: Vec<Point> = self.thinned(upper.to_vec());
        outline.extend(self.thinned(lower.iter().rev().copied().collect()));
        let inside = self.inside(outline);
        if inside.len() < 3 {
            return Ok(());
        }
        Ok(self.area.draw(&Polygon::new(inside, colour.mix(opacity)))?)
    }

    /// Drops points that lie within a quarter px of the one before; the ends stay.
    fn thinned(&self, points: Vec<Point>) -> Vec<Point> {
        if points.len() < 400 {
            return points;
        }
        let unit = (
            (self.high.0 - self.low.0) / self.rect.width() / 4.0,
            (self.high.1 - self.low.1) / self.rect.height() / 4.0,
        );
        let last = points.len() - 1;
        let mut kept: Vec<Point> = Vec::new();
        for (place, &point) in points.iter().enumerate() {
            let near = kept.last().is_some_and(|before| {
                (point.0 - before.0).abs() < unit.0 && (point.1 - before.1).abs() < unit.1
            });
            if !near || place == last {
                kept.push(point);
            }
        }
        kept
    }

    /// The pieces of a line that lie inside the panel.
    fn pieces(&self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        let mut open = false;
        for pair in points.windows(2) {
            let Some((start, end)) = self.cut(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match pieces.last_mut() {
                Some(piece) if open => piece.push(end),
                _ => pieces.push(vec![start, end]),
            }
            open = end == pair[1];
        }
        pieces
    }

    /// The part of a straight line inside the panel (Liang and Barsky 1984).
    fn cut(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (step, room) in [
            (-dx, from.0 - self.low.0),
            (dx, self.high.0 - from.0),
            (-dy, from.1 - self.low.1),
            (dy, self.high.1 - from.1),
        ] {
            if step < 0.0 {
                enter = enter.max(room / step);
            } else if step > 0.0 {
                leave = leave.min(room / step);
            } else if room < 0.0 {
                return None;
            }
        }
        if enter > leave {
            return None;
        }
        let at = |t: f64| (from.0 + dx * t, from.1 + dy * t);
        Some((if enter > 0.0 { at(enter) } else { from }, if leave < 1.0 { at(leave) } else { to }))
    }

    /// The part of a polygon inside the panel (Sutherland and Hodgman 1974).
    fn inside(&self, mut polygon: Vec<Point>) -> Vec<Point> {
        type Edge = (fn(Point) -> f64, f64, f64);
        let edges: [Edge; 4] = [
            (|p| p.0, 1.0, self.low.0),
            (|p| p.0, -1.0, self.high.0),
            (|p| p.1, 1.0, self.low.1),
            (|p| p.1, -1.0, self.high.1),
        ];
        for (coordinate, sign, limit) in edges {
            let depth = |p: Point| sign * (coordinate(p) - limit);
            let mut kept = Vec::with_capacity(polygon.len());
            let mut before = polygon.last().copied();
            for &point in &polygon {
                if let Some(previous) = before {
                    let (a, b) = (depth(previous), depth(point));
                    if (a < 0.0) != (b < 0.0) {
                        let t = a / (a - b);
                        kept.push((
                            previous.0 + (point.0 - previous.0) * t,
                            previous.1 + (point.1 - previous.1) * t,
                        ));
                    }
                    if b >= 0.0 {
                        kept.push(point);
                    }
                }
                before = Some(point);
            }
            polygon = kept;
        }
        polygon
    }

    /// Draws the horizontal grid with its labels left of the panel; the line at zero is an axis.
    pub(crate) fn grid(&self, scale: &Scale, labels: bool) -> Result<(), ChartError> {
        let page = self.page;
        let kind = Type { across: HPos::Right, ..page.muted() };
        page.canvas.group(&Group { class: "grid", ..Group::default() }, || {
            for tick in &scale.ticks {
                let y = self.place((self.low.0, tick.at)).1;
                if tick.at < self.low.1 - 1e-12
                    || y < self.rect.top - 1.0
                    || y > self.rect.bottom + 1.0
                {
                    continue;
                }
                let line = [(self.rect.left, crisp(y)), (self.rect.right, crisp(y))];
                let zero = crate::math::same(tick.at, 0.0);
                let colour = if zero { page.palette.axis } else { page.palette.grid };
                page.stroke(&line, colour, 1.0, &[])?;
                if labels {
                    page.text(&tick.label, self.rect.left - page.measures.at(7.0), y, kind)?;
                }
            }
            Ok(())
        })
    }

    /// Draws the axis below the panel: a line, ticks, labels, years. Labels keep to the page, or to
    /// `reach` px beside the panel if that is not 0.
    pub(crate) fn foot(&self, scale: &Scale, reach: f64) -> Result<(), ChartError> {
        let page = self.page;
        let measures = page.measures;
        let kind = Type { across: HPos::Center, down: VPos::Top, ..page.muted() };
        let bottom = crisp(self.rect.bottom);
        page.canvas.group(&Group { class: "axis", ..Group::default() }, || {
            let line = [(self.rect.left, bottom), (self.rect.right, bottom)];
            page.stroke(&line, page.palette.axis, 1.0, &[])?;
            let mut taken = f64::NEG_INFINITY;
            for tick in &scale.ticks {
                let x = self.place((tick.at, self.low.1)).0;
                let mark = [(crisp(x), bottom), (crisp(x), bottom + measures.at(4.0))];
                page.stroke(&mark, page.palette.axis, 1.0, &[])?;
                let y = bottom + measures.at(8.0);
                let wide = text::width(&tick.label, kind.size, kind.weight).max(
                    tick.year.as_ref().map_or(0.0, |y| text::width(y, kind.size, kind.weight)),
                );
                let page_room = if reach > 0.0 {
                    (self.rect.left - reach, self.rect.right + reach)
                } else {
                    (page.body().left, page.body().right)
                };
                let x = x.clamp(
                    page_room.0 + wide / 2.0,
                    (page_room.1 - wide / 2.0).max(page_room.0 + wide / 2.0),
                );
                if x - wide / 2.0 < taken {
                    continue;
                }
                taken = x + wide / 2.0 + kind.size * 0.3;
                page.text(&tick.label, x, y, kind)?;
                if let Some(year) = &tick.year {
                    page.text(year, x, y + kind.size * text::LEADING, kind)?;
                }
            }
            Ok(())
        })
    }

    /// Height that [`Panel::foot`] takes below the panel.
    pub(crate) fn foot_height(page: &Page<'_>, scale: &Scale) -> f64 {
        let size = page.measures.label;
        let lines = if scale.ticks.iter().any(|t| t.year.is_some()) { 2.0 } else { 1.0 };
        page.measures.at(9.0)
            + size * (text::CAP + text::DESCENT)
            + (lines - 1.0) * size * text::LEADING
    }
}

/// The corners of a step line: each value holds until the next place.
pub(crate) fn steps(points: &[Point]) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::with_capacity(points.len() * 2);
    for &(x, y) in points {
        if let Some(&(_, before)) = corners.last() {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::frame::Frame;
    use crate::chart::page::Heading;

    fn panel_of<T>(check: impl FnOnce(&Panel<'_>) -> T) -> T {
        let frame = Frame::default();
        let page = Page::new(&frame, &Heading { title: "T", ..Heading::default() }, 0.0).unwrap();
        let unit = Scale { low: 0.0, high: 1.0, ticks: vec![], heading: None };
        check(&Panel::new(&page, Rect::new(100.0, 100.0, 200.0, 200.0), &unit, &unit))
    }

    #[test]
    fn lines_are_cut_not_bent() {
        panel_of(|panel| {
            let pieces = panel.pieces(&[(-1.0, -1.0), (2.0, 2.0), (0.5, 0.5)]);
            assert_eq!(pieces, [vec![(0.0, 0.0), (1.0, 1.0)], vec![(1.0, 1.0), (0.5, 0.5)]]);
            assert!(panel.pieces(&[(2.0, 0.0), (2.0, 1.0)]).is_empty());
            assert_eq!(panel.place((0.5, 0.25)), (150.0, 175.0));
            assert_eq!(panel.place((1e300, 0.5)), (1100.0, 150.0));
            assert_eq!(panel.seen(&[(0.0, 0.5), (4e12, 0.5)]), [(100.0, 150.0), (200.0, 150.0)]);
        });
    }

    #[test]
    fn areas_are_cut_at_all_four_edges() {
        panel_of(|panel| {
            let cut = panel.inside(vec![(-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0)]);
            assert_eq!(cut.len(), 4);
            assert!(cut.iter().all(|p| (0.0..=1.0).contains(&p.0) && (0.0..=1.0).contains(&p.1)));
            assert!(panel.inside(vec![(2.0, 2.0), (3.0, 2.0), (3.0, 3.0)]).is_empty());
        });
    }

    #[test]
    fn steps_hold_until_the_next_place() {
        assert_eq!(steps(&[(0.0, 1.0), (2.0, 3.0)]), [(0.0, 1.0), (2.0, 1.0), (2.0, 3.0)]);
    }
}
