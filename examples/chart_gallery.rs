//! Draws every chart from fixture data into a folder: `chart_gallery FOLDER [SIZE [THEME]]`.

#[path = "../tests/charts/fixture.rs"]
mod fixture;

use countermove::chart::{self, ChartError, Drawing, Size, Theme};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("say which folder to draw into")?);
    let size = arguments.next().map_or(Some(Size::Report), |name| Size::named(&name));
    let theme = arguments.next().map_or(Some(Theme::Light), |name| Theme::named(&name));
    let frame = fixture::frame(size.ok_or("no such size")?, theme.ok_or("no such theme")?);
    std::fs::create_dir_all(&folder)?;
    let drawings: Vec<(&str, Result<Drawing, ChartError>)> = vec![
        ("fan", chart::fan::draw(&fixture::fan(), &frame)),
        ("occupancy", chart::occupancy::draw(&fixture::occupancy(), &frame)),
        ("incidence", chart::incidence::draw(&fixture::incidence(), &frame)),
        ("exceedance", chart::exceedance::draw(&fixture::exceedance(), &frame)),
        ("exceedance-12", chart::exceedance::draw(&fixture::exceedance_multiples(), &frame)),
        ("exceedance-cdf", chart::exceedance::draw(&fixture::distribution(), &frame)),
        ("timeline", chart::timeline::draw(&fixture::timeline(), &frame)),
    ];
    for headline in fixture::headlines() {
        println!("{headline}");
    }
    for (name, drawing) in drawings {
        let drawing = drawing.map_err(|error| format!("{name}: {error}"))?;
        std::fs::write(folder.join(format!("{name}.svg")), &drawing.svg)?;
        std::fs::write(folder.join(format!("{name}.csv")), &drawing.csv)?;
        #[cfg(feature = "png")]
        for scale in [1.0, 2.0] {
            let picture = chart::png(&drawing.svg, scale)?;
            std::fs::write(folder.join(format!("{name}@{scale}x.png")), picture)?;
        }
        println!("{name}: {}", drawing.alt);
    }
    Ok(())
}
