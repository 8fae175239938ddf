//! What surrounds a chart: its size, its theme and the footer that says where the numbers are from.
//!
//! A size is a layout, not a scale: each preset has its own type sizes and is laid out anew from
//! measured text. Lengths are CSS px (1/96 inch); type sizes of the paper presets are the pt of the
//! style contract times 96/72.

use super::text;
use super::theme::Theme;
use serde::{Deserialize, Serialize};

/// Where a chart will be seen; decides its measures and its type sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// A column of a report: 760 × 440 px.
    #[default]
    Report,
    /// A 16:9 slide: 1600 × 900 px.
    Slide,
    /// Full text width of an A4 page: 170 × 100 mm.
    A4Full,
    /// Half of an A4 text width: 82 × 65 mm.
    A4Half,
    /// A web article: 720 × 450 px.
    Web,
    /// A phone held upright: 360 × 420 px.
    Phone,
}

/// Type sizes and measures of a preset, in px.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measures {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) pad: f64,
    pub(crate) title: f64,
    pub(crate) subtitle: f64,
    pub(crate) label: f64,
    pub(crate) footer: f64,
}

impl Measures {
    /// A length given for 13 px labels, at this preset's type size.
    pub(crate) fn at(&self, length: f64) -> f64 {
        length * self.label / 13.0
    }
}

impl Size {
    /// Every preset, in the order of the documentation.
    pub const ALL: &'static [Size] =
        &[Size::Report, Size::Slide, Size::A4Full, Size::A4Half, Size::Web, Size::Phone];

    /// The preset's written name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Size::Report => "report",
            Size::Slide => "slide",
            Size::A4Full => "a4-full",
            Size::A4Half => "a4-half",
            Size::Web => "web",
            Size::Phone => "phone",
        }
    }

    /// The preset of a written name.
    #[must_use]
    pub fn named(name: &str) -> Option<Size> {
        Size::ALL.iter().copied().find(|size| size.name() == name)
    }

    /// How much larger than the SVG a PNG of this preset should be: 2, or 300 dpi for paper.
    #[must_use]
    pub fn raster_scale(self) -> f32 {
        match self {
            Size::A4Full | Size::A4Half => 300.0 / 96.0,
            Size::Slide => 1.5,
            _ => 2.0,
        }
    }

    pub(crate) fn measures(self) -> Measures {
        let [width, height, pad, title, subtitle, label, footer] = match self {
            Size::Report => [760.0, 440.0, 20.0, 19.0, 14.0, 13.0, 11.0],
            Size::Slide => [1600.0, 900.0, 56.0, 40.0, 29.0, 25.0, 18.0],
            Size::A4Full => [642.5, 378.0, 10.0, 14.67, 12.0, 10.67, 8.67],
            Size::A4Half => [310.0, 245.7, 6.0, 14.0, 10.67, 10.0, 8.0],
            Size::Web => [720.0, 450.0, 20.0, 20.0, 16.0, 14.0, 11.5],
            Size::Phone => [360.0, 420.0, 14.0, 17.0, 13.5, 12.0, 10.0],
        };
        Measures { width, height, pad, title, subtitle, label, footer }
    }
}

/// Where the numbers come from: the line at the foot of every chart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Footer {
    /// Name of the scenario.
    pub scenario: String,
    /// First eight hexadecimal digits of the scenario's hash; left out if empty.
    pub hash8: String,
    /// Trials per branch; 0 leaves the count out (a chart of a single trial).
    pub trials: u64,
    /// Number of branches that were run.
    pub branches: u64,
    /// Seed of the run; left out if the chart rests on no trials.
    pub seed: u64,
    /// Monte Carlo error of the chart's figures as a bound with its unit, such as `0.8 pt`.
    pub error: Option<String>,
    /// Version of this program.
    pub version: String,
    /// Date of the run, from its manifest.
    pub run_date: Option<String>,
    /// Anything else a reader must know, as a sentence.
    pub note: Option<String>,
}

impl Footer {
    /// The parts of the line, in order, each of which is best kept on one line.
    pub(crate) fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let scenario = text::clean(&self.scenario);
        if !scenario.is_empty() {
            let hash = text::clean(&self.hash8);
            parts.push(if hash.is_empty() {
                format!("Source: {scenario}")
            } else {
                format!("Source: {scenario} v{hash}")
            });
        }
        if self.trials > 0 {
            let mut run = format!("n = {} trial", text::count(self.trials));
            run.push_str(if self.trials == 1 { "" } else { "s" });
            if self.branches > 1 {
                run = format!("{run} × {} branches", text::count(self.branches));
            }
            run = format!("{run}, seed {}", self.seed);
            if let Some(error) = &self.error {
                run = format!("{run}, MC error ≤ {}", text::clean(error));
            }
            parts.push(run);
        }
        if !self.version.is_empty() {
            parts.push(format!("countermove {}", text::clean(&self.version)));
        }
        if let Some(date) = &self.run_date {
            parts.push(format!("run {}", text::clean(date)));
        }
        if let Some(note) = &self.note {
            parts.push(text::clean(note));
        }
        parts
    }
}

/// Everything about a chart that is not its data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Measures and type sizes.
    pub size: Size,
    /// Colours.
    pub theme: Theme,
    /// The line at the foot.
    pub footer: Footer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_found_by_their_names() {
        for &size in Size::ALL {
            assert_eq!(Size::named(size.name()), Some(size));
        }
        assert_eq!(Size::named("poster"), None);
    }

    #[test]
    fn footer_says_what_is_known_and_no_more() {
        let footer = Footer {
            scenario: "October 2025".into(),
            hash8: "1f3a09bc".into(),
            trials: 10_000,
            branches: 3,
            seed: 7,
            error: Some("0.8 pt".into()),
            version: "0.1.0".into(),
            ..Footer::default()
        };
        assert_eq!(
            footer.parts().join(" | "),
            "Source: October 2025 v1f3a09bc | n = 10\u{202f}000 trials × 3 branches, seed 7, \
             MC error ≤ 0.8 pt | countermove 0.1.0"
        );
        assert!(Footer::default().parts().is_empty());
    }
}
