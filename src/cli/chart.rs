//! `chart`: the charts of a run folder drawn again, from the data that stands in it.

use super::{Failure, open, screen};
use crate::chart::{Size, Theme};
use crate::output;
use crate::report::figures::Figure;
use crate::report::manifest::Manifest;
use crate::work::{self, Cancel};
use std::path::{Path, PathBuf};

/// Draw the charts of a run folder again.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run folder.
    run: PathBuf,
    /// Which chart; all if not given.
    name: Option<String>,
    /// Where it will be seen: its page and type sizes. As the run drew it if not given.
    #[arg(long, value_enum)]
    size: Option<SizeWord>,
    /// Colours. As the run drew it if not given.
    #[arg(long, value_enum)]
    theme: Option<ThemeWord>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum SizeWord {
    /// A column of a report, 760 × 440 px.
    Report,
    /// A 16:9 slide, 1600 × 900 px.
    Slide,
    /// The text width of an A4 page, 170 × 100 mm.
    #[value(alias = "a4-full")]
    A4,
    /// Half of that, 82 × 65 mm.
    #[value(alias = "a4-half")]
    Half,
    /// A web article, 720 × 450 px.
    Web,
    /// A phone held upright, 360 × 420 px.
    Phone,
}

impl SizeWord {
    fn size(self) -> Size {
        match self {
            SizeWord::Report => Size::Report,
            SizeWord::Slide => Size::Slide,
            SizeWord::A4 => Size::A4Full,
            SizeWord::Half => Size::A4Half,
            SizeWord::Web => Size::Web,
            SizeWord::Phone => Size::Phone,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ThemeWord {
    /// Dark ink on white.
    Light,
    /// Light ink on near black.
    Dark,
    /// Blacker ink and darker fills, for paper.
    Print,
}

impl ThemeWord {
    fn theme(self) -> Theme {
        match self {
            ThemeWord::Light => Theme::Light,
            ThemeWord::Dark => Theme::Dark,
            ThemeWord::Print => Theme::Print,
        }
    }
}

impl Arguments {
    /// A chart as it is wanted, under a name of its own where that is not how the run drew it.
    fn laid_out(&self, mut figure: Figure) -> Figure {
        let old = (figure.frame.size, figure.frame.theme);
        let size = self.size.map_or(old.0, SizeWord::size);
        let theme = self.theme.map_or(old.1, ThemeWord::theme);
        if (size, theme) != old {
            figure.name = format!("{}-{}-{}", figure.name, size.name(), theme.name());
            (figure.frame.size, figure.frame.theme) = (size, theme);
        }
        figure
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let manifest = open::manifest(&arguments.run)?;
    if let Some(name) = &arguments.name {
        let known: Vec<&str> = manifest.charts.iter().map(String::as_str).collect();
        open::known("chart", name, known)?;
    }
    let wanted = manifest
        .charts
        .iter()
        .filter(|name| arguments.name.as_ref().is_none_or(|only| only == *name));
    let figures = wanted
        .map(|name| Ok(arguments.laid_out(read(&arguments.run, &manifest, name)?)))
        .collect::<Result<Vec<Figure>, Failure>>()?;
    let mut said = String::new();
    let jobs = work::map_ordered(0, figures.len(), &Cancel::new(), |k| drawn(&figures[k]));
    let jobs = jobs.map_err(|error| Failure::Could(error.to_string()))?;
    for (name, bytes) in jobs.into_iter().flatten().flatten() {
        if !name.ends_with(".json") {
            let file = format!("charts/{name}");
            output::replace(&arguments.run, &file, &bytes)?;
            said.push_str(&format!("{}\n", arguments.run.join(file).display()));
        }
    }
    screen::say(&said)
}

/// A chart of a run folder, as the run wrote its data.
pub(crate) fn read(folder: &Path, manifest: &Manifest, name: &str) -> Result<Figure, Failure> {
    let file = format!("charts/{}.json", file_name(name));
    let bytes = output::read_unchanged(folder, manifest, &file)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Could(format!("{file} cannot be read: {error}")))
}

/// A chart's name as a file's: nothing of it can lead out of the folder.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// The files of a chart, by name: the data to draw it again, SVG, CSV and PNG. A chart that cannot be
/// drawn is reported, and its data is kept.
pub(crate) fn drawn(figure: &Figure) -> Vec<(String, Vec<u8>)> {
    let name = file_name(&figure.name);
    // Plain structures with string keys cannot fail to serialise.
    let mut files = vec![(format!("{name}.json"), serde_json::to_vec(figure).unwrap_or_default())];
    let trouble = |error: String| {
        screen::note(&format!("warning: the chart `{name}` was not drawn: {error}"));
    };
    match figure.draw() {
        Err(error) => trouble(error.to_string()),
        Ok(drawing) => {
            match png(&drawing.svg, figure) {
                Ok(bytes) => files.extend(bytes.map(|bytes| (format!("{name}.png"), bytes))),
                Err(error) => trouble(error),
            }
            files.push((format!("{name}.svg"), drawing.svg.into_bytes()));
            files.push((format!("{name}.csv"), drawing.csv.into_bytes()));
        }
    }
    files
}

#[cfg(feature = "png")]
fn png(svg: &str, figure: &Figure) -> Result<Option<Vec<u8>>, String> {
    let scale = figure.frame.size.raster_scale();
    crate::chart::png(svg, scale).map(Some).map_err(|error| error.to_string())
}

#[cfg(not(feature = "png"))]
fn png(_svg: &str, _figure: &Figure) -> Result<Option<Vec<u8>>, String> {
    Ok(None)
}
