//! Charts: plain numbers in, a finished drawing out.
//!
//! Each chart has a file with its data, as plain numbers, names and dates, and one function that
//! draws it in a [`Frame`]. Nothing here computes statistics or reads files; a chart of equal data is
//! equal bytes. A drawing is an SVG with live text, the same numbers as CSV, and a sentence for those
//! who cannot see it; `png` rasters the very SVG.
//!
//! The layers, lowest first: `text` measures and writes numbers, `theme` and `frame` hold colours and
//! sizes, `canvas` is the backend under plotters, `page` sets the words and leaves room, `axis` makes
//! ticks, `panel` maps and cuts, `label` and `dated` place labels; then one file per chart.

pub mod exceedance;
pub mod fan;
pub mod incidence;
pub mod occupancy;
pub mod percent;
pub mod timeline;

mod axis;
mod canvas;
mod check;
mod dated;
mod frame;
mod label;
#[cfg(test)]
mod laws;
mod page;
mod panel;
#[cfg(feature = "png")]
mod png;
mod table;
mod text;
mod theme;

pub use dated::Rule;
pub use frame::{Footer, Frame, Size};
#[cfg(feature = "png")]
pub use png::png;
pub(crate) use table::unquoted;
pub use text::{REGULAR, SEMIBOLD};
pub use theme::Theme;

use plotters::drawing::DrawingAreaErrorKind;
use std::convert::Infallible;

/// A finished chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The drawing, with live text.
    pub svg: String,
    /// The numbers drawn, as CSV with a header.
    pub csv: String,
    /// The chart in words, for readers who cannot see it.
    pub alt: String,
    /// The finding as a sentence.
    pub title: String,
    /// Width and height in px.
    pub(crate) page: (f64, f64),
    /// Every text drawn.
    pub(crate) boxes: page::Boxes,
    /// Points drawn outside the clip in force; always empty.
    pub(crate) strays: Vec<(f64, f64)>,
}

/// Why a chart could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// The data do not fit together.
    #[error("the chart's data do not fit together: {0}")]
    Shape(String),
    /// A text that should be a date is none.
    #[error("the chart's data hold a wrong date: {0}")]
    Date(String),
    /// The words leave too little room to draw in.
    #[error(
        "the titles and labels leave no room for the chart; shorten them or choose a larger size"
    )]
    NoRoom,
    /// The drawing layer failed.
    #[error("the chart could not be drawn: {0}")]
    Canvas(String),
    /// The drawing could not be rastered.
    #[error("the chart could not be turned into a PNG: {0}")]
    Raster(String),
}

impl From<DrawingAreaErrorKind<Infallible>> for ChartError {
    fn from(error: DrawingAreaErrorKind<Infallible>) -> ChartError {
        ChartError::Canvas(error.to_string())
    }
}

/// A kind of chart, for lists and help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartInfo {
    /// Its written name, as on the command line.
    pub name: &'static str,
    /// The question it answers.
    pub question: &'static str,
    /// What is drawn, in one sentence.
    pub doc: &'static str,
}

/// Every kind of chart.
pub const ALL: &[ChartInfo] = &[
    ChartInfo {
        name: "fan",
        question: "Where may the figure go?",
        doc: "Bands that hold 30, 60 and 90 of 100 runs by date, with median, history and dated rules.",
    },
    ChartInfo {
        name: "occupancy",
        question: "Which regime holds, when?",
        doc: "Shares of runs in each regime by day, stacked in the order of severity.",
    },
    ChartInfo {
        name: "incidence",
        question: "By when does it happen?",
        doc: "Share of runs in which an event has happened by a date, with those in which it never does.",
    },
    ChartInfo {
        name: "exceedance",
        question: "What is the chance of losing at least so much?",
        doc: "Share of runs at or beyond a value by branch, with the 1-in-10 and 1-in-20 marks.",
    },
    ChartInfo {
        name: "timeline",
        question: "How did one trial unfold?",
        doc: "Moves and measures in a lane per actor, deadlines through all of them, a figure below.",
    },
];
