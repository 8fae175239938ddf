//! Labels beside what they name, placed so that none overlaps another.
//!
//! At the right edge: one-dimensional least squares keeping the order, by pooling adjacent violators
//! (Ayer et al. 1955), with a leader from each line's end to its label. Inside a panel: eight
//! anchors around candidate points (Imhof 1975; Christensen, Marks and Shieber 1995), the first that
//! touches no line and no other label.

use super::ChartError;
use super::canvas::{Group, Rect};
use super::frame::Measures;
use super::page::{Page, Swatch, Type};
use super::text::{self, Weight};
use plotters::style::text_anchor::VPos;

/// A name at the end of a line or an area.
#[derive(Debug, Clone)]
pub(crate) struct EndLabel {
    pub(crate) head: String,
    /// Said below the name, in the colour of notes.
    pub(crate) detail: Option<String>,
    pub(crate) swatch: Swatch,
    /// Whether the name is set semibold.
    pub(crate) strong: bool,
}

struct Block {
    lines: Vec<(String, bool)>,
    swatch: Swatch,
    strong: bool,
    height: f64,
}

/// End labels, wrapped to their gutter.
pub(crate) struct Ends {
    blocks: Vec<Block>,
    width: f64,
    pitch: f64,
}

/// From the plot's edge to the swatch, and from there to the text, at 13 px labels.
const LEAD: f64 = 12.0;
const TEXT: f64 = 26.0;

impl Ends {
    /// Wraps labels to at most `room` px for the whole gutter.
    pub(crate) fn new(measures: &Measures, labels: &[EndLabel], room: f64) -> Ends {
        let size = measures.label;
        let pitch = size * 1.2;
        let indent =
            |swatch: &Swatch| measures.at(if matches!(swatch, Swatch::None) { LEAD } else { TEXT });
        let mut width = 0.0_f64;
        let blocks = labels
            .iter()
            .map(|label| {
                let weight = if label.strong { Weight::SemiBold } else { Weight::Regular };
                let room = (room - indent(&label.swatch)).max(size * 3.0);
                let mut lines: Vec<(String, bool)> = Vec::new();
                for (text, weight, muted) in [
                    (Some(&label.head), weight, false),
                    (label.detail.as_ref(), Weight::Regular, true),
                ] {
                    let text = text::clean(text.map_or("", String::as_str));
                    for line in text::wrap_even(&text, size, weight, room) {
                        let wide = text::width(&line, size, weight) + indent(&label.swatch);
                        width = width.max(wide);
                        lines.push((line, muted));
                    }
                }
                #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
                let height = pitch * lines.len() as f64 + size * 0.35;
                Block { lines, swatch: label.swatch.clone(), strong: label.strong, height }
            })
            .collect();
        Ends { blocks, width, pitch }
    }

    /// Width of the gutter they need right of the plot.
    pub(crate) fn gutter(&self) -> f64 {
        self.width
    }

    /// Whether they fit one below the other in a plot this high.
    pub(crate) fn fit(&self, height: f64) -> bool {
        self.blocks.iter().map(|b| b.height).sum::<f64>() <= height
    }

    /// Draws them right of `plot`, each as near as the others let it be to its place in `at` (px
    /// down the page); a place that is `None` leaves its label out.
    pub(crate) fn draw(
        &self,
        page: &Page<'_>,
        plot: Rect,
        at: &[Option<f64>],
    ) -> Result<(), ChartError> {
        let mut shown: Vec<(f64, &Block)> =
            at.iter().zip(&self.blocks).filter_map(|(at, block)| Some(((*at)?, block))).collect();
        shown.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The name's own line is wanted level with its place, what is said below hangs from it.
        let wanted: Vec<(f64, f64)> =
            shown.iter().map(|(at, b)| (*at + self.below_first(b), b.height)).collect();
        let slack = page.measures.label * 0.4;
        let Some(placed) = spread(&wanted, plot.top - slack, plot.bottom + slack) else {
            return Err(ChartError::NoRoom);
        };
        page.canvas.group(&Group { class: "ends", ..Group::default() }, || {
            for ((from, block), to) in shown.iter().zip(placed) {
                self.block(page, plot, block, *from, to)?;
            }
            Ok(())
        })
    }

    /// From the middle of a block's first line to the middle of the block.
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    fn below_first(&self, block: &Block) -> f64 {
        self.pitch * (block.lines.len() as f64 - 1.0) / 2.0
    }

    fn block(
        &self,
        page: &Page<'_>,
        plot: Rect,
        block: &Block,
        from: f64,
        to: f64,
    ) -> Result<(), ChartError> {
        let measures = page.measures;
        let first = to - self.below_first(block);
        let (near, far) = (plot.right + measures.at(3.0), plot.right + measures.at(LEAD));
        let text = match &block.swatch {
            Swatch::None => far,
            _ => plot.right + measures.at(TEXT),
        };
        let end = text - measures.at(5.0);
        match &block.swatch {
            Swatch::Line { colour, dash } => {
                page.stroke(&[(near, from), (far, first)], *colour, measures.at(1.0), &[])?;
                page.stroke(&[(far, first), (end, first)], *colour, measures.at(2.2), dash)?;
            }
            Swatch::Block { colour } => {
                if (from - first).abs() > measures.at(4.0) {
                    let line = [(near, from), (far - measures.at(2.0), first)];
                    page.stroke(&line, page.palette.axis, measures.at(0.8), &[])?;
                }
                let half = measures.label * 0.36;
                let square = Rect::new(far, first - half, far + half * 2.0, first + half);
                page.fill(square, *colour)?;
                page.outline(square, page.palette.axis, measures.at(0.6), &[])?;
            }
            other => {
                page.swatch(other, far, first)?;
                if (from - first).abs() > measures.at(3.0) {
                    let line = [(near, from), (far - measures.at(3.0), first)];
                    page.stroke(&line, page.palette.axis, measures.at(0.8), &[])?;
                }
            }
        }
        let mut y = first;
        for (line, muted) in &block.lines {
            let base = if *muted { page.muted() } else { page.label() };
            let weight = if block.strong && !muted { Weight::SemiBold } else { Weight::Regular };
            page.text(line, text, y, Type { weight, down: VPos::Center, ..base })?;
            y += self.pitch;
        }
        Ok(())
    }
}

/// Centres for blocks of given wanted centres (in rising order) and heights, none overlapping, all
/// between `low` and `high`, with the least sum of squared displacements; `None` if they do not fit.
pub(crate) fn spread(wanted: &[(f64, f64)], low: f64, high: f64) -> Option<Vec<f64>> {
    let total: f64 = wanted.iter().map(|w| w.1).sum();
    if total > high - low + 1e-9 {
        return None;
    }
    // With the heights of all blocks above subtracted, "no overlap" reads "not falling".
    let mut above = 0.0;
    let mut pools: Vec<(f64, f64)> = Vec::new();
    let mut offsets = Vec::with_capacity(wanted.len());
    for &(centre, height) in wanted {
        let offset = above + height / 2.0;
        offsets.push(offset);
        above += height;
        let (mut sum, mut count) = (centre - offset, 1.0);
        while let Some(&(s, c)) = pools.last() {
            if s / c <= sum / count {
                break;
            }
            pools.pop();
            sum += s;
            count += c;
        }
        pools.push((sum, count));
    }
    let mut placed = Vec::with_capacity(wanted.len());
    for (sum, count) in pools {
        let mut left = count;
        while left > 0.5 {
            placed.push((sum / count).clamp(low, (high - total).max(low)));
            left -= 1.0;
        }
    }
    Some(placed.iter().zip(offsets).map(|(z, o)| z + o).collect())
}

/// Whether a straight line passes through a rectangle.
fn crosses(line: [(f64, f64); 2], rect: &Rect) -> bool {
    let [(x, y), (to_x, to_y)] = line;
    let (dx, dy) = (to_x - x, to_y - y);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (step, room) in
        [(-dx, x - rect.left), (dx, rect.right - x), (-dy, y - rect.top), (dy, rect.bottom - y)]
    {
        if step < 0.0 {
            enter = enter.max(room / step);
        } else if step > 0.0 {
            leave = leave.min(room / step);
        } else if room < 0.0 {
            return false;
        }
    }
    enter <= leave
}

/// What labels inside a panel must keep clear of.
#[derive(Debug, Default)]
pub(crate) struct Obstacles {
    /// Curves with names, and behind them lines that have none.
    pub(crate) lines: Vec<Vec<(f64, f64)>>,
    /// How many of the lines have names.
    pub(crate) curves: usize,
    pub(crate) boxes: Vec<Rect>,
}

impl Obstacles {
    /// Whether a rectangle touches nothing, and lies farther than `gap` from every curve but `own`,
    /// so that a name is never nearer to another's line.
    fn clear(&self, rect: &Rect, own: usize, gap: f64) -> bool {
        let wide = Rect::new(rect.left - gap, rect.top - gap, rect.right + gap, rect.bottom + gap);
        let free = |(place, line): (usize, &Vec<(f64, f64)>)| {
            let kept_off = if place == own || place >= self.curves { rect } else { &wide };
            line.windows(2).all(|pair| !crosses([pair[0], pair[1]], kept_off))
        };
        self.boxes.iter().all(|b| !b.overlaps(rect, 0.0)) && self.lines.iter().enumerate().all(free)
    }

    /// The first free place for a box of this size beside one of the points, inside `room`, at one
    /// of eight anchors `gap` px away; the box is then taken. The name belongs to line `own`.
    pub(crate) fn beside(
        &mut self,
        own: usize,
        points: &[(f64, f64)],
        (width, height): (f64, f64),
        gap: f64,
        room: &Rect,
    ) -> Option<Rect> {
        let slant = gap * 0.7;
        for &(x, y) in points {
            let corners = [
                (x + slant, y - slant - height),
                (x + gap, y - height / 2.0),
                (x - slant - width, y + slant),
                (x - gap - width, y - height / 2.0),
                (x + slant, y + slant),
                (x - slant - width, y - slant - height),
                (x - width / 2.0, y - gap - height),
                (x - width / 2.0, y + gap),
            ];
            for (left, top) in corners {
                let rect = Rect::new(left, top, left + width, top + height);
                if room.holds(&rect, 0.0) && self.clear(&rect, own, gap * 1.3) {
                    self.boxes.push(rect);
                    return Some(rect);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn crowded_labels_move_apart_evenly() {
        let placed = spread(&[(50.0, 10.0), (50.0, 10.0), (90.0, 10.0)], 0.0, 100.0).unwrap();
        assert_eq!(placed, [45.0, 55.0, 90.0]);
        let low = spread(&[(-20.0, 10.0), (1.0, 10.0)], 0.0, 100.0).unwrap();
        assert_eq!(low, [5.0, 15.0]);
        assert!(spread(&[(1.0, 60.0), (2.0, 60.0)], 0.0, 100.0).is_none());
        assert!(spread(&[], 0.0, 1.0).unwrap().is_empty());
    }

    #[test]
    fn labels_inside_keep_clear_of_lines() {
        let mut obstacles =
            Obstacles { lines: vec![vec![(0.0, 0.0), (100.0, 100.0)]], ..Obstacles::default() };
        let room = Rect::new(0.0, 0.0, 100.0, 100.0);
        let first = obstacles.beside(0, &[(50.0, 50.0)], (30.0, 10.0), 4.0, &room).unwrap();
        assert!(first.left > 50.0 && first.bottom < 50.0, "{first:?}");
        let second = obstacles.beside(0, &[(50.0, 50.0)], (30.0, 10.0), 4.0, &room).unwrap();
        assert!(!first.overlaps(&second, 0.0));
        obstacles.lines.push(vec![(0.0, 8.0), (92.0, 100.0)]);
        obstacles.curves = 2;
        let third = obstacles.beside(0, &[(20.0, 20.0)], (8.0, 4.0), 4.0, &room).unwrap();
        assert!(third.bottom < 20.0, "on the side away from the other line: {third:?}");
        assert!(obstacles.beside(0, &[(50.0, 50.0)], (90.0, 90.0), 4.0, &room).is_none());
    }

    proptest! {
        #[test]
        fn spread_blocks_never_overlap(
            wanted in prop::collection::vec((-50.0..150.0_f64, 1.0..9.0_f64), 0..12)
        ) {
            let mut wanted = wanted;
            wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let placed = spread(&wanted, 0.0, 108.0).unwrap();
            for (pair, heights) in placed.windows(2).zip(wanted.windows(2)) {
                let needed = f64::midpoint(heights[0].1, heights[1].1);
                prop_assert!(pair[1] - pair[0] >= needed - 1e-9);
            }
            if let (Some(first), Some(last)) = (placed.first(), placed.last()) {
                prop_assert!(first - wanted[0].1 / 2.0 >= -1e-9);
                prop_assert!(last + wanted[wanted.len() - 1].1 / 2.0 <= 108.0 + 1e-9);
            }
        }
    }
}
