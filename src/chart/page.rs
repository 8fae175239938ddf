//! A page: title, subtitle, key, room for the plot, caption and footer.
//!
//! Everything is placed from measured text: the blocks above and below take what their lines need,
//! and the plot gets the rest. Nothing is shortened or cut; if what is left is too small to read a
//! chart in, the page grows, and if that is in vain the chart is refused with
//! [`ChartError::NoRoom`].

use super::canvas::{Canvas, Group, Rect, SUBPIXELS, TextBox, sub, sub_width};
use super::frame::{Frame, Measures};
use super::text::{self, Weight};
use super::theme::Palette;
use super::{ChartError, Drawing};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};

/// How a series shows itself beside its name.
#[derive(Debug, Clone)]
pub(crate) enum Swatch {
    /// A piece of its line.
    Line { colour: RGBColor, dash: &'static [f64] },
    /// A piece of its area.
    Block { colour: RGBColor },
    /// A piece of its area with an outline.
    Outline { colour: RGBColor, fill: RGBColor, dash: &'static [f64] },
    /// A full mark.
    Dot { colour: RGBColor },
    /// A hollow mark, crossed out or not.
    Ring { colour: RGBColor, crossed: bool },
    /// A full mark standing on its corner.
    Diamond { colour: RGBColor },
    /// Nothing: the place is enough.
    None,
}

/// One entry of the key under the subtitle.
#[derive(Debug, Clone)]
pub(crate) struct KeyEntry {
    pub(crate) name: String,
    pub(crate) swatch: Swatch,
}

/// The words around a plot.
#[derive(Debug, Default)]
pub(crate) struct Heading<'a> {
    pub(crate) title: &'a str,
    pub(crate) subtitle: &'a str,
    pub(crate) key: &'a [KeyEntry],
    pub(crate) caption: &'a str,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) colour: RGBColor,
    pub(crate) across: HPos,
    pub(crate) down: VPos,
}

/// A page being drawn.
pub(crate) struct Page<'a> {
    pub(crate) palette: &'static Palette,
    pub(crate) measures: Measures,
    pub(crate) canvas: Canvas,
    pub(crate) root: DrawingArea<Canvas, Shift>,
    body: Rect,
    title: String,
    frame: &'a Frame,
}

/// Draws on a page of the preset's height, and where the words leave no room on a higher one, up to
/// four times as high: a page that scrolls is better than none.
pub(crate) fn with_room(
    frame: &Frame,
    draw: impl Fn(f64) -> Result<Drawing, ChartError>,
) -> Result<Drawing, ChartError> {
    let height = frame.size.measures().height;
    for part in [0.0, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2] {
        match draw((height * part).round()) {
            Err(ChartError::NoRoom) => {}
            done => return done,
        }
    }
    draw(height * 3.0)
}

/// Room a swatch and the gap behind it take, at 13 px labels.
const SWATCH: f64 = 22.0;

impl<'a> Page<'a> {
    /// A page of the frame's size with its words set, `extra` px taller than the preset.
    ///
    /// # Errors
    /// The words leave no room for a plot.
    pub(crate) fn new(
        frame: &'a Frame,
        heading: &Heading<'_>,
        extra: f64,
    ) -> Result<Page<'a>, ChartError> {
        let mut measures = frame.size.measures();
        measures.height += extra;
        let canvas = Canvas::new(measures.width, measures.height);
        let root = canvas.clone().into_drawing_area();
        let title = text::clean(heading.title);
        let body = Rect::new(
            measures.pad,
            measures.pad,
            measures.width - measures.pad,
            measures.height - measures.pad * 0.7,
        );
        let mut page =
            Page { palette: frame.theme.palette(), measures, canvas, root, body, title, frame };
        page.head(heading)?;
        page.foot(heading)?;
        if page.body.height() < measures.label * 7.0 || page.body.width() < measures.label * 12.0 {
            return Err(ChartError::NoRoom);
        }
        Ok(page)
    }

    /// What is left for the plot.
    pub(crate) fn body(&self) -> Rect {
        self.body
    }

    /// The type of labels: regular, in ink, from the left, at half capital height.
    pub(crate) fn label(&self) -> Type {
        Type {
            size: self.measures.label,
            weight: Weight::Regular,
            colour: self.palette.ink,
            across: HPos::Left,
            down: VPos::Center,
        }
    }

    /// The type of axes and notes.
    pub(crate) fn muted(&self) -> Type {
        Type { colour: self.palette.muted, ..self.label() }
    }

    fn lines(&mut self, lines: &[String], kind: Type) -> Result<(), ChartError> {
        let step = kind.size * text::LEADING;
        for line in lines {
            self.text(line, self.body.left, self.body.top, kind)?;
            self.body.top += step;
        }
        Ok(())
    }

    fn head(&mut self, heading: &Heading<'_>) -> Result<(), ChartError> {
        let measures = self.measures;
        let title = Type {
            size: measures.title,
            weight: Weight::SemiBold,
            down: VPos::Top,
            ..self.label()
        };
        let room = self.body.width();
        let group = |class| Group { class, ..Group::default() };
        let canvas = self.canvas.clone();
        let lines = text::wrap_even(&self.title.clone(), title.size, title.weight, room);
        canvas.group(&group("title"), || self.lines(&lines, title))?;
        let subtitle = text::clean(heading.subtitle);
        if !subtitle.is_empty() {
            self.body.top += measures.subtitle * 0.1;
            let kind = Type { size: measures.subtitle, down: VPos::Top, ..self.muted() };
            let lines = text::wrap(&subtitle, kind.size, kind.weight, room);
            canvas.group(&group("subtitle"), || self.lines(&lines, kind))?;
        }
        if !heading.key.is_empty() {
            self.body.top += measures.at(6.0);
            canvas.group(&group("key"), || self.key(heading.key))?;
        }
        self.body.top += measures.at(6.0);
        Ok(())
    }

    /// One row of swatches and names, or as many rows as they need.
    fn key(&mut self, entries: &[KeyEntry]) -> Result<(), ChartError> {
        let measures = self.measures;
        let kind = self.label();
        let row = measures.label * text::LEADING;
        let (mut x, mut y) = (self.body.left, self.body.top + measures.label * text::CAP / 2.0);
        for entry in entries {
            let name = text::clean(&entry.name);
            let indent =
                if matches!(entry.swatch, Swatch::None) { 0.0 } else { measures.at(SWATCH) };
            let lines = text::wrap(&name, kind.size, kind.weight, self.body.width() - indent);
            let widest =
                lines.iter().map(|l| text::width(l, kind.size, kind.weight)).fold(0.0, f64::max);
            if x > self.body.left && x + indent + widest > self.body.right {
                x = self.body.left;
                y += row;
            }
            self.swatch(&entry.swatch, x, y)?;
            for (place, line) in lines.iter().enumerate() {
                if place > 0 {
                    y += row;
                }
                self.text(line, x + indent, y, kind)?;
            }
            x += indent + widest + measures.at(18.0);
        }
        self.body.top = y + row - measures.label * text::CAP / 2.0;
        Ok(())
    }

    /// Draws a swatch with its left end at `x`, centred at `y`; returns nothing drawn for none.
    pub(crate) fn swatch(&self, swatch: &Swatch, x: f64, y: f64) -> Result<(), ChartError> {
        let measures = self.measures;
        let (middle, radius) = (measures.at(SWATCH - 6.0) / 2.0, measures.at(4.2));
        match swatch {
            Swatch::Line { colour, dash } => {
                let line = [(x, y), (x + measures.at(SWATCH - 6.0), y)];
                self.stroke(&line, *colour, measures.at(2.2), dash)
            }
            Swatch::Block { colour } => {
                let half = measures.label * text::CAP / 2.0;
                let block = Rect::new(x, y - half, x + measures.at(SWATCH - 6.0), y + half);
                self.fill(block, *colour)
            }
            Swatch::Outline { colour, fill, dash } => {
                let half = measures.label * text::CAP / 2.0;
                let block = Rect::new(x, y - half, x + measures.at(SWATCH - 6.0), y + half);
                self.fill(block, *fill)?;
                self.outline(block, *colour, measures.at(1.2), dash)
            }
            Swatch::Dot { colour } => self.dot(x + middle, y, radius, *colour),
            Swatch::Ring { colour, crossed: false } => self.ring(x + middle, y, radius, *colour),
            Swatch::Ring { colour, crossed: true } => self.crossed(x + middle, y, radius, *colour),
            Swatch::Diamond { colour } => self.diamond(x + middle, y, radius * 1.3, *colour),
            Swatch::None => Ok(()),
        }
    }

    /// Caption and footer, set from the bottom of the page upwards.
    fn foot(&mut self, heading: &Heading<'_>) -> Result<(), ChartError> {
        let measures = self.measures;
        let room = self.body.width();
        let small = Type { size: measures.footer, down: VPos::Bottom, ..self.muted() };
        let footer = footer_lines(&self.frame.footer.parts(), small, room);
        let caption = text::clean(heading.caption);
        let said = Type { size: measures.footer * 1.08, down: VPos::Bottom, ..self.label() };
        let caption = text::wrap(&caption, said.size, said.weight, room);
        let canvas = self.canvas.clone();
        let mut bottom = self.body.bottom - small.size * text::DESCENT;
        for (class, lines, kind) in [("footer", footer, small), ("caption", caption, said)] {
            if lines.is_empty() {
                continue;
            }
            let step = kind.size * text::LEADING;
            canvas.group(&Group { class, ..Group::default() }, || {
                for (place, line) in lines.iter().rev().enumerate() {
                    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
                    self.text(line, self.body.left, bottom - step * place as f64, kind)?;
                }
                Ok::<_, ChartError>(())
            })?;
            #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
            let used = step * lines.len() as f64;
            bottom -= used + measures.at(3.0);
        }
        self.body.bottom = bottom - measures.at(2.0);
        Ok(())
    }

    /// Writes one line of text at a point of the page.
    pub(crate) fn text(&self, text: &str, x: f64, y: f64, kind: Type) -> Result<(), ChartError> {
        let style = match kind.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::SemiBold => FontStyle::Bold,
        };
        let font = FontDesc::new(FontFamily::Name("Inter"), kind.size, style);
        let style = TextStyle::from(font).color(&kind.colour).pos(Pos::new(kind.across, kind.down));
        let element = Text::new(text.to_string(), (sub(x), sub(y)), style);
        Ok(self.root.draw(&element)?)
    }

    /// Writes with a halo in the colour of the ground, to be read over lines.
    pub(crate) fn text_over(
        &self,
        text: &str,
        x: f64,
        y: f64,
        kind: Type,
    ) -> Result<(), ChartError> {
        self.text_on(self.palette.ground, text, x, y, kind)
    }

    /// Writes with a halo in the colour of the area behind.
    pub(crate) fn text_on(
        &self,
        area: RGBColor,
        text: &str,
        x: f64,
        y: f64,
        kind: Type,
    ) -> Result<(), ChartError> {
        let halo = Some((kind.size * 0.25, (area.0, area.1, area.2)));
        let group = Group { class: "over", halo, ..Group::default() };
        self.canvas.group(&group, || self.text(text, x, y, kind))
    }

    /// Draws a chain of points, in px.
    pub(crate) fn stroke(
        &self,
        points: &[(f64, f64)],
        colour: RGBColor,
        width: f64,
        dash: &[f64],
    ) -> Result<(), ChartError> {
        let chain: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (sub(x), sub(y))).collect();
        let style =
            ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: sub_width(width) };
        let element = PathElement::new(chain, style);
        if dash.is_empty() {
            return Ok(self.root.draw(&element)?);
        }
        let dash = dash.iter().map(|&d| self.measures.at(d)).collect();
        let group = Group { class: "dashed", dash, ..Group::default() };
        Ok(self.canvas.group(&group, || self.root.draw(&element))?)
    }

    /// Fills a rectangle, in px.
    pub(crate) fn fill(&self, block: Rect, colour: RGBColor) -> Result<(), ChartError> {
        let corners = [(sub(block.left), sub(block.top)), (sub(block.right), sub(block.bottom))];
        Ok(self.root.draw(&Rectangle::new(corners, colour.filled()))?)
    }

    /// Draws the outline of a rectangle, in px.
    pub(crate) fn outline(
        &self,
        block: Rect,
        colour: RGBColor,
        width: f64,
        dash: &[f64],
    ) -> Result<(), ChartError> {
        let corners = [
            (block.left, block.top),
            (block.right, block.top),
            (block.right, block.bottom),
            (block.left, block.bottom),
            (block.left, block.top),
        ];
        self.stroke(&corners, colour, width, dash)
    }

    /// A full square standing on its corner.
    pub(crate) fn diamond(
        &self,
        x: f64,
        y: f64,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let around = |r: f64| [(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
        self.polygon(&around(radius + self.measures.at(1.6)), self.palette.ground, 1.0)?;
        self.polygon(&around(radius), colour, 1.0)
    }

    /// An open circle, crossed out.
    pub(crate) fn crossed(
        &self,
        x: f64,
        y: f64,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        self.ring(x, y, radius, colour)?;
        let far = radius * 1.1;
        let width = self.measures.at(1.5);
        self.stroke(&[(x - far, y - far), (x + far, y + far)], colour, width, &[])?;
        self.stroke(&[(x - far, y + far), (x + far, y - far)], colour, width, &[])
    }

    /// Fills a polygon, in px.
    pub(crate) fn polygon(
        &self,
        points: &[(f64, f64)],
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let corners: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (sub(x), sub(y))).collect();
        Ok(self.root.draw(&Polygon::new(corners, colour.mix(opacity)))?)
    }

    /// Fills a dot and rings it in the colour of the ground, so that it stands out on its line.
    pub(crate) fn dot(
        &self,
        x: f64,
        y: f64,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let at = (sub(x), sub(y));
        let ring = self.measures.at(1.2);
        self.root.draw(&Circle::new(at, sub(radius + ring), self.palette.ground.filled()))?;
        Ok(self.root.draw(&Circle::new(at, sub(radius), colour.filled()))?)
    }

    /// An open circle, filled with the ground.
    pub(crate) fn ring(
        &self,
        x: f64,
        y: f64,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let at = (sub(x), sub(y));
        let style = ShapeStyle {
            color: colour.to_rgba(),
            filled: false,
            stroke_width: sub_width(self.measures.at(1.5)),
        };
        self.root.draw(&Circle::new(at, sub(radius), self.palette.ground.filled()))?;
        Ok(self.root.draw(&Circle::new(at, sub(radius), style))?)
    }

    /// Closes the page.
    pub(crate) fn finish(self, alt: &str, csv: String) -> Drawing {
        let ground = self.palette.ground;
        let alt = format!("{}. {alt}", self.title.trim_end_matches('.'));
        let (svg, boxes, strays) =
            self.canvas.finish(&self.title, &alt, (ground.0, ground.1, ground.2));
        Drawing {
            svg,
            csv,
            alt,
            title: self.title,
            page: (self.measures.width, self.measures.height),
            boxes,
            strays,
        }
    }
}

/// Sets the footer's parts with bars between them, breaking between parts where that is possible.
fn footer_lines(parts: &[String], kind: Type, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let joined = lines.last().map(|line| format!("{line} | {part}"));
        match joined {
            Some(joined) if text::width(&joined, kind.size, kind.weight) <= room => {
                lines.pop();
                lines.push(joined);
            }
            _ => lines.extend(text::wrap(part, kind.size, kind.weight, room)),
        }
    }
    lines
}

/// The middle of the nearest px, where a hairline is sharp.
pub(crate) fn crisp(at: f64) -> f64 {
    at.floor() + 0.5
}

/// Px of a canvas coordinate.
pub(crate) fn px(at: i32) -> f64 {
    f64::from(at) / SUBPIXELS
}

/// What a finished drawing remembers for the tests.
pub(crate) type Boxes = Vec<TextBox>;
