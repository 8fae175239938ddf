//! The drawing backend under plotters: sub-pixel SVG text.
//!
//! plotters passes whole numbers to its backends. Here a whole number is 1/64 px, so that slow
//! curves have no steps; lengths, stroke widths and radii are in the same unit, type sizes in px.
//! What plotters has no words for is said by a group around its elements, from which SVG inherits:
//! dashes, halos, and the `<title>` that a browser shows on hover. Numbers are written to 0.01 px, so
//! equal drawings are equal bytes. The sheet remembers the box of every text it was given, and every
//! point that lay outside the clip in force, so that a test can ask whether anything collides.

use super::text::{self, Weight};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};
use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

/// Units of the canvas in a px.
pub(crate) const SUBPIXELS: f64 = 64.0;
const FONTS: &str = "Inter, &quot;Helvetica Neue&quot;, Arial, sans-serif";

/// A length in px as the canvas counts it.
#[allow(clippy::cast_possible_truncation, reason = "float-to-int casts saturate; pages are small")]
pub(crate) fn sub(px: f64) -> i32 {
    (px * SUBPIXELS).round().clamp(-1e8, 1e8) as i32
}

/// A length of a stroke or a radius in px as the canvas counts it.
pub(crate) fn sub_width(px: f64) -> u32 {
    sub(px).unsigned_abs()
}

/// An upright rectangle in px, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Rect {
        Rect { left, top, right, bottom }
    }

    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Whether the two share more than `slack` px in both directions.
    pub(crate) fn overlaps(&self, other: &Rect, slack: f64) -> bool {
        self.left + slack < other.right
            && other.left + slack < self.right
            && self.top + slack < other.bottom
            && other.top + slack < self.bottom
    }

    /// Whether `other` lies inside, up to `slack` px.
    pub(crate) fn holds(&self, other: &Rect, slack: f64) -> bool {
        other.left >= self.left - slack
            && other.right <= self.right + slack
            && other.top >= self.top - slack
            && other.bottom <= self.bottom + slack
    }
}

/// A text that was drawn, and the box of its ink: capital height above the baseline, descenders below.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TextBox {
    pub(crate) text: String,
    pub(crate) at: Rect,
}

/// What has been drawn so far.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    width: f64,
    height: f64,
    body: String,
    depth: usize,
    clip: Option<Rect>,
    pub(crate) boxes: Vec<TextBox>,
    pub(crate) strays: Vec<(f64, f64)>,
}

/// A handle on a sheet; the copies that plotters keeps draw on the same one.
#[derive(Debug, Clone)]
pub(crate) struct Canvas(Rc<RefCell<Sheet>>);

/// A group's inherited properties; the default changes nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group<'a> {
    /// What the group is, as a class: `grid`, `series`, `footer`.
    pub(crate) class: &'static str,
    /// Shown on hover; a series' name.
    pub(crate) title: Option<&'a str>,
    /// Dash pattern in px.
    pub(crate) dash: Vec<f64>,
    /// Width and colour of the halo behind texts.
    pub(crate) halo: Option<(f64, (u8, u8, u8))>,
    /// Every point drawn in the group is meant to lie in here.
    pub(crate) clip: Option<Rect>,
}

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Canvas {
        Canvas(Rc::new(RefCell::new(Sheet { width, height, ..Sheet::default() })))
    }

    /// Draws in a group; groups nest.
    pub(crate) fn group<T>(&self, group: &Group<'_>, draw: impl FnOnce() -> T) -> T {
        let before = self.0.borrow_mut().open(group);
        let drawn = draw();
        self.0.borrow_mut().close(before);
        drawn
    }

    /// The finished document, and what the sheet remembers of it.
    pub(crate) fn finish(
        &self,
        title: &str,
        alt: &str,
        ground: (u8, u8, u8),
    ) -> (String, Vec<TextBox>, Vec<(f64, f64)>) {
        let mut sheet = self.0.borrow_mut();
        let (width, height) = (sheet.width, sheet.height);
        let mut svg = String::with_capacity(sheet.body.len() + 800);
        svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
        let _ = writeln!(
            svg,
            " width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\">"
        );
        let _ = writeln!(svg, "<title>{}</title>", text::escape(title));
        let _ = writeln!(svg, "<desc>{}</desc>", text::escape(alt));
        let _ =
            writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>", hex(ground));
        svg.push_str(&sheet.body);
        svg.push_str("</svg>\n");
        (svg, std::mem::take(&mut sheet.boxes), std::mem::take(&mut sheet.strays))
    }
}

impl Sheet {
    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.body.push(' ');
        }
    }

    fn open(&mut self, group: &Group<'_>) -> Option<Rect> {
        self.indent();
        let _ = write!(self.body, "<g class=\"{}\"", group.class);
        if !group.dash.is_empty() {
            let lengths: Vec<String> = group.dash.iter().map(|d| hundredths(sub(*d))).collect();
            let _ = write!(self.body, " stroke-dasharray=\"{}\"", lengths.join(" "));
        }
        if let Some((width, colour)) = group.halo {
            let _ = write!(
                self.body,
                " paint-order=\"stroke\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                hex(colour),
                hundredths(sub(width))
            );
        }
        self.body.push('>');
        if let Some(title) = group.title {
            let _ = write!(self.body, "<title>{}</title>", text::escape(title));
        }
        self.body.push('\n');
        self.depth += 1;
        let before = self.clip;
        self.clip = group.clip.or(before);
        before
    }

    fn close(&mut self, clip: Option<Rect>) {
        self.clip = clip;
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.body.push_str("</g>\n");
    }

    fn note(&mut self, (x, y): BackendCoord) {
        if let Some(clip) = self.clip {
            let (x, y) = (f64::from(x) / SUBPIXELS, f64::from(y) / SUBPIXELS);
            if !clip.holds(&Rect::new(x, y, x, y), 0.1) {
                self.strays.push((x, y));
            }
        }
    }

    fn element(&mut self, start: &str) {
        self.indent();
        self.body.push_str(start);
    }

    fn attribute(&mut self, name: &str, value: i32) {
        let _ = write!(self.body, " {name}=\"{}\"", hundredths(value));
    }

    /// The paint of an outline or of an area.
    fn paint<S: BackendStyle>(&mut self, style: &S, fill: bool) {
        let colour = style.color();
        let opacity = |name: &str| {
            if colour.alpha < 1.0 {
                format!(" {name}-opacity=\"{}\"", trimmed(colour.alpha))
            } else {
                String::new()
            }
        };
        let paint = if fill {
            format!(" fill=\"{}\"{}", hex(colour.rgb), opacity("fill"))
        } else {
            format!(
                " fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}",
                hex(colour.rgb),
                hundredths(i32::try_from(style.stroke_width()).unwrap_or(i32::MAX)),
                opacity("stroke")
            )
        };
        self.body.push_str(&paint);
        self.body.push_str("/>\n");
    }

    /// Path data of a chain of points, horizontal and vertical pieces in short form.
    fn chain(&mut self, points: &[BackendCoord], closed: bool) {
        self.body.push_str(" d=\"");
        let mut last: Option<BackendCoord> = None;
        for &(x, y) in points {
            self.note((x, y));
            let step = match last {
                None => format!("M{},{}", hundredths(x), hundredths(y)),
                Some(before) if before == (x, y) => continue,
                Some((_, before)) if before == y => format!("H{}", hundredths(x)),
                Some((before, _)) if before == x => format!("V{}", hundredths(y)),
                Some(_) => format!("L{},{}", hundredths(x), hundredths(y)),
            };
            self.body.push_str(&step);
            last = Some((x, y));
        }
        self.body.push_str(if closed { "Z\"" } else { "\"" });
    }
}

/// A canvas length in px, rounded to 0.01, without trailing zeros.
fn hundredths(value: i32) -> String {
    let rounded = (i64::from(value) * 100 + 32).div_euclid(64);
    let (whole, part) = (rounded.abs() / 100, rounded.abs() % 100);
    let sign = if rounded < 0 { "-" } else { "" };
    match part {
        0 => format!("{sign}{whole}"),
        p if p % 10 == 0 => format!("{sign}{whole}.{}", p / 10),
        p => format!("{sign}{whole}.{p:02}"),
    }
}

fn trimmed(value: f64) -> String {
    let written = format!("{value:.2}");
    written.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let sheet = self.0.borrow();
        (sub_width(sheet.width), sub_width(sheet.height))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + sub(1.0), y + sub(1.0)), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let mut sheet = self.0.borrow_mut();
        sheet.note(upper_left);
        sheet.note(bottom_right);
        sheet.element("<rect");
        sheet.attribute("x", upper_left.0.min(bottom_right.0));
        sheet.attribute("y", upper_left.1.min(bottom_right.1));
        sheet.attribute("width", (bottom_right.0 - upper_left.0).abs());
        sheet.attribute("height", (bottom_right.1 - upper_left.1).abs());
        sheet.paint(style, fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let mut sheet = self.0.borrow_mut();
        sheet.element("<path");
        sheet.chain(&points, false);
        sheet.body.push_str(" stroke-linejoin=\"round\"");
        sheet.paint(style, false);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let mut sheet = self.0.borrow_mut();
        sheet.note(center);
        sheet.element("<circle");
        sheet.attribute("cx", center.0);
        sheet.attribute("cy", center.1);
        sheet.attribute("r", i32::try_from(radius).unwrap_or(i32::MAX));
        sheet.paint(style, fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        let mut sheet = self.0.borrow_mut();
        sheet.element("<path");
        sheet.chain(&points, true);
        sheet.paint(style, true);
        Ok(())
    }

    /// Vertical anchors count from the letters, not from their line: `Top` is the top of a capital,
    /// `Center` half its height, `Bottom` the baseline.
    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Drawn {
        let size = style.size();
        let weight = match style.style() {
            FontStyle::Bold => Weight::SemiBold,
            _ => Weight::Regular,
        };
        let capital = size * text::CAP;
        let left = f64::from(x) / SUBPIXELS;
        let baseline = f64::from(y) / SUBPIXELS
            + match style.anchor().v_pos {
                VPos::Top => capital,
                VPos::Center => capital / 2.0,
                VPos::Bottom => 0.0,
            };
        let width = text::width(text, size, weight);
        let (anchor, shift) = match style.anchor().h_pos {
            HPos::Left => ("", 0.0),
            HPos::Center => (" text-anchor=\"middle\"", width / 2.0),
            HPos::Right => (" text-anchor=\"end\"", width),
        };
        let mut sheet = self.0.borrow_mut();
        sheet.boxes.push(TextBox {
            text: text.to_string(),
            at: Rect::new(
                left - shift,
                baseline - capital,
                left - shift + width,
                baseline + size * text::DESCENT,
            ),
        });
        sheet.element("<text");
        sheet.attribute("x", x);
        sheet.attribute("y", sub(baseline));
        sheet.attribute("font-size", sub(size));
        let bold = if weight == Weight::SemiBold { " font-weight=\"600\"" } else { "" };
        let colour = hex(style.color().rgb);
        let _ =
            writeln!(sheet.body, "{bold}{anchor} fill=\"{colour}\">{}</text>", text::escape(text));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::drawing::IntoDrawingArea;
    use plotters::element::PathElement;
    use plotters::style::{Color, RED};

    #[test]
    fn lengths_are_written_to_the_hundredth() {
        let written = [0, 64, 32, -32, 1, 63, 6400 + 16].map(hundredths);
        assert_eq!(written, ["0", "1", "0.5", "-0.5", "0.02", "0.98", "100.25"]);
    }

    #[test]
    fn elements_of_plotters_arrive_between_the_pixels() {
        let canvas = Canvas::new(100.0, 50.0);
        let area = canvas.clone().into_drawing_area();
        let group = Group {
            class: "series",
            title: Some("<b>"),
            dash: vec![4.0, 2.0],
            clip: Some(Rect::new(0.0, 0.0, 20.0, 20.0)),
            ..Group::default()
        };
        canvas
            .group(&group, || {
                area.draw(&PathElement::new(
                    vec![(16, 16), (80, 16), (80, 100), (2000, 96)],
                    Color::stroke_width(&RED, 96),
                ))
            })
            .unwrap();
        let (svg, _, strays) = canvas.finish("A & B", "what is seen", (255, 255, 255));
        assert!(svg.contains("d=\"M0.25,0.25H1.25V1.56L31.25,1.5\""), "{svg}");
        assert!(svg.contains("stroke-width=\"1.5\""), "{svg}");
        assert!(svg.contains("<g class=\"series\" stroke-dasharray=\"4 2\"><title>&lt;b&gt;"));
        assert!(svg.contains("<title>A &amp; B</title>"));
        assert_eq!(strays, [(31.25, 1.5)]);
    }
}
