//! `chart`: the charts of a run folder drawn again, from the data that stands in it.

use super::{Failure, open, screen};
use crate::output;
use crate::report::figures::Figure;
use crate::report::plain;
use crate::work::{self, Cancel};
use std::path::PathBuf;

/// Draw the charts of a run folder again.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run folder.
    run: PathBuf,
    /// Which chart; all if not given.
    name: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let manifest = output::read_manifest(&arguments.run)?;
    if let Some(name) = &arguments.name {
        let known: Vec<&str> = manifest.charts.iter().map(String::as_str).collect();
        open::known("chart", name, known)?;
    }
    let wanted = manifest
        .charts
        .iter()
        .filter(|name| arguments.name.as_ref().is_none_or(|only| only == *name));
    let mut figures = Vec::new();
    for name in wanted {
        let file = format!("charts/{}.json", file_name(name));
        let bytes = output::read(&arguments.run, &file)?;
        let figure: Figure = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Could(format!("{file} cannot be read: {error}")))?;
        figures.push(figure);
    }
    let mut said = String::new();
    for (name, bytes) in drawn(&figures, 0) {
        if !name.ends_with(".json") {
            let file = format!("charts/{name}");
            output::replace(&arguments.run, &file, &bytes)?;
            said.push_str(&format!("{}\n", arguments.run.join(file).display()));
        }
    }
    screen::say(&said)
}

/// A chart's name as a file's: nothing of it can lead out of the folder.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// The files of charts, by name: SVG, PNG, CSV, and the data to draw them again. A chart that cannot
/// be drawn is reported, and its data is kept.
pub(crate) fn drawn(figures: &[Figure], threads: usize) -> Vec<(String, Vec<u8>)> {
    let jobs = work::map_ordered(threads, figures.len(), &Cancel::new(), |k| files(&figures[k]));
    let done = jobs.unwrap_or_else(|error| {
        screen::note(&format!("warning: charts were not drawn: {error}"));
        Vec::new()
    });
    let mut all = Vec::new();
    for (figure, made) in figures.iter().zip(done) {
        let (files, trouble) = made.unwrap_or_default();
        if let Some(trouble) = trouble {
            let name = plain::line(&figure.name);
            screen::note(&format!("warning: the chart `{name}` was not drawn: {trouble}"));
        }
        all.extend(files);
    }
    all
}

type Files = (Vec<(String, Vec<u8>)>, Option<String>);

fn files(figure: &Figure) -> Files {
    let name = file_name(&figure.name);
    let mut files = Vec::new();
    // Plain structures with string keys cannot fail to serialise.
    files.push((format!("{name}.json"), serde_json::to_vec(figure).unwrap_or_default()));
    let drawing = match figure.draw() {
        Ok(drawing) => drawing,
        Err(error) => return (files, Some(error.to_string())),
    };
    let png = png(&drawing.svg, figure);
    files.push((format!("{name}.svg"), drawing.svg.into_bytes()));
    files.push((format!("{name}.csv"), drawing.csv.into_bytes()));
    match png {
        Ok(bytes) => {
            files.extend(bytes.map(|bytes| (format!("{name}.png"), bytes)));
            (files, None)
        }
        Err(error) => (files, Some(error)),
    }
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
