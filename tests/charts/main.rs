//! Golden drawings: the SVG of every chart over fixture data, compared as text. After a wanted change
//! run with `UPDATE_GOLDEN=1`, look at the pictures (`examples/chart_gallery.rs`), and commit them.

#![allow(clippy::unwrap_used, reason = "a drawing that fails fails the test")]

mod fixture;

use countermove::chart::{self, Drawing, Frame, Size, Theme};
use std::path::PathBuf;

fn drawings(frame: &Frame) -> Vec<(&'static str, Drawing)> {
    vec![
        ("fan", chart::fan::draw(&fixture::fan(), frame).unwrap()),
        ("occupancy", chart::occupancy::draw(&fixture::occupancy(), frame).unwrap()),
        ("incidence", chart::incidence::draw(&fixture::incidence(), frame).unwrap()),
        ("exceedance", chart::exceedance::draw(&fixture::exceedance(), frame).unwrap()),
        ("timeline", chart::timeline::draw(&fixture::timeline(), frame).unwrap()),
    ]
}

#[test]
fn drawings_are_as_they_were() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/charts");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut all = drawings(&fixture::frame(Size::Report, Theme::Light));
    let multiples = fixture::exceedance_multiples();
    let frame = fixture::frame(Size::Report, Theme::Light);
    all.push(("exceedance-multiples", chart::exceedance::draw(&multiples, &frame).unwrap()));
    let distribution = fixture::distribution();
    all.push(("exceedance-cdf", chart::exceedance::draw(&distribution, &frame).unwrap()));
    let mut changed = Vec::new();
    for (name, drawing) in all {
        let path = folder.join(format!("{name}.svg"));
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &drawing.svg).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&drawing.svg) {
            changed.push(name);
        }
    }
    assert!(changed.is_empty(), "changed: {changed:?}; see the head of this file");
}

#[test]
fn every_listed_chart_is_drawn_and_says_what_it_shows() {
    let drawn = drawings(&fixture::frame(Size::Report, Theme::Light));
    let names: Vec<_> = drawn.iter().map(|(name, _)| *name).collect();
    let listed: Vec<_> = chart::ALL.iter().map(|info| info.name).collect();
    assert_eq!(names, listed);
    for (info, (name, drawing)) in chart::ALL.iter().zip(&drawn) {
        assert!(info.question.ends_with('?') && info.doc.ends_with('.'), "{name}");
        assert!(drawing.alt.len() > drawing.title.len() + 40, "{name}: {}", drawing.alt);
        assert!(drawing.csv.lines().nth(1).is_some(), "{name}");
        assert!(drawing.svg.contains("Source: October 2025 v1f3a09bc"), "{name}");
    }
}

#[test]
fn titles_left_empty_are_made_from_the_figures() {
    assert_eq!(
        fixture::headlines(),
        [
            "US tariff on China: the median trial stands at 47.5% on 12 April 2026; 90 of 100 trials lie \
             between 17% and 132%",
            "“Truce” is the likeliest regime on 12 April 2026: 55% of trials",
            "“Truce extended” happens by 12 April 2026 in 78% of trials",
            "US welfare loss of one trial in twenty: at least $59bn under “100% tariff at once”, \
             $18.1bn under “Truce extended”",
            "3 actors make 6 moves; 1 plan is cancelled",
        ]
    );
}

#[test]
fn data_survive_a_run_folder() {
    let written = serde_json::to_string(&fixture::timeline()).unwrap();
    let read: chart::timeline::TimelineData = serde_json::from_str(&written).unwrap();
    assert_eq!(read, fixture::timeline());
    let written = serde_json::to_string(&fixture::fan()).unwrap();
    let read: chart::fan::FanData = serde_json::from_str(&written).unwrap();
    assert_eq!(read, fixture::fan());
}

#[cfg(feature = "png")]
#[test]
fn pictures_are_rastered_from_the_drawing() {
    for theme in Theme::ALL {
        let drawn = drawings(&fixture::frame(Size::Report, *theme));
        let (_, drawing) = &drawn[0];
        let picture = chart::png(&drawing.svg, 1.0).unwrap();
        assert_eq!(picture, chart::png(&drawing.svg, 1.0).unwrap());
        // The PNG header holds width and height as big-endian words.
        let word = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
        assert_eq!((word(16), word(20)), (760, 440));
        assert!(picture.len() > 15_000, "{theme:?}: {} bytes", picture.len());
        // Without its texts the picture is smaller, so the faces were found.
        let mute = drawing.svg.replace("<text", "<desc").replace("</text", "</desc");
        assert!(chart::png(&mute, 1.0).unwrap().len() + 8_000 < picture.len());
    }
    assert!(chart::png("not a drawing", 1.0).is_err());
    assert!(
        chart::png(&drawings(&fixture::frame(Size::Phone, Theme::Light))[0].1.svg, 1e9).is_err()
    );
}
