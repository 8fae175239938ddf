//! Colours: light, dark and print.
//!
//! Branches take the colours of Okabe and Ito (2008), which stay apart for colour-blind readers, in
//! a fixed order; the baseline is dark grey. Yellow is left out: it has a contrast of 1.3 : 1 on
//! white. Colour is never the only code: every series also has a dash and a label beside it, and
//! labels are written in the ink of the text, not in the colour of the series.

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

/// The set of colours a chart is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Dark ink on white.
    #[default]
    Light,
    /// Light ink on near black.
    Dark,
    /// As light, with blacker ink and darker fills, for paper and for grey printers.
    Print,
}

impl Theme {
    /// Every theme.
    pub const ALL: &'static [Theme] = &[Theme::Light, Theme::Dark, Theme::Print];

    /// The theme's written name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Print => "print",
        }
    }

    /// The theme of a written name.
    #[must_use]
    pub fn named(name: &str) -> Option<Theme> {
        Theme::ALL.iter().copied().find(|theme| theme.name() == name)
    }

    pub(crate) fn palette(self) -> &'static Palette {
        match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
            Theme::Print => &PRINT,
        }
    }
}

/// The colours of one theme.
#[derive(Debug)]
pub(crate) struct Palette {
    pub(crate) ground: RGBColor,
    pub(crate) ink: RGBColor,
    pub(crate) muted: RGBColor,
    pub(crate) grid: RGBColor,
    pub(crate) axis: RGBColor,
    pub(crate) baseline: RGBColor,
    /// Branches, in order.
    pub(crate) series: [RGBColor; 6],
    /// Ends and middle of the sequential ramp, weakest first.
    pub(crate) ramp: [RGBColor; 5],
}

const OKABE_ITO: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0xE6, 0x9F, 0x00),
];

const LIGHT: Palette = Palette {
    ground: RGBColor(0xFF, 0xFF, 0xFF),
    ink: RGBColor(0x22, 0x22, 0x22),
    muted: RGBColor(0x55, 0x55, 0x55),
    grid: RGBColor(0xE3, 0xE3, 0xE3),
    axis: RGBColor(0x77, 0x77, 0x77),
    baseline: RGBColor(0x55, 0x55, 0x55),
    series: OKABE_ITO,
    ramp: [
        RGBColor(0xDD, 0xEA, 0xF5),
        RGBColor(0xA9, 0xCD, 0xE8),
        RGBColor(0x66, 0xA6, 0xD3),
        RGBColor(0x22, 0x78, 0xB5),
        RGBColor(0x08, 0x3D, 0x6E),
    ],
};

const DARK: Palette = Palette {
    ground: RGBColor(0x0B, 0x0D, 0x10),
    ink: RGBColor(0xEC, 0xEE, 0xF0),
    muted: RGBColor(0xAE, 0xB4, 0xBC),
    grid: RGBColor(0x30, 0x36, 0x3E),
    axis: RGBColor(0x86, 0x8E, 0x98),
    baseline: RGBColor(0xB4, 0xBA, 0xC2),
    series: [
        RGBColor(0x4B, 0xA6, 0xE0),
        RGBColor(0xF0, 0x83, 0x33),
        RGBColor(0x2D, 0xBF, 0x94),
        RGBColor(0xDD, 0x93, 0xBC),
        RGBColor(0x8A, 0xCD, 0xF5),
        RGBColor(0xF0, 0xB4, 0x3A),
    ],
    ramp: [
        RGBColor(0x1F, 0x33, 0x47),
        RGBColor(0x24, 0x50, 0x78),
        RGBColor(0x2E, 0x74, 0xAD),
        RGBColor(0x6C, 0xAC, 0xDC),
        RGBColor(0xC8, 0xE2, 0xF6),
    ],
};

const PRINT: Palette = Palette {
    ink: RGBColor(0x00, 0x00, 0x00),
    muted: RGBColor(0x40, 0x40, 0x40),
    grid: RGBColor(0xD5, 0xD5, 0xD5),
    axis: RGBColor(0x40, 0x40, 0x40),
    baseline: RGBColor(0x40, 0x40, 0x40),
    ramp: [
        RGBColor(0xE6, 0xEE, 0xF5),
        RGBColor(0xB4, 0xD0, 0xE6),
        RGBColor(0x70, 0xA8, 0xD0),
        RGBColor(0x20, 0x70, 0xAA),
        RGBColor(0x06, 0x30, 0x58),
    ],
    ..LIGHT
};

/// Dash patterns in the order of the series, at 13 px labels; an empty one is a solid line.
const DASHES: [&[f64]; 6] = [
    &[],
    &[9.0, 3.0],
    &[2.5, 2.5],
    &[10.0, 3.0, 2.5, 3.0],
    &[5.0, 3.0],
    &[12.0, 3.0, 2.5, 3.0, 2.5, 3.0],
];

impl Palette {
    /// Colour of the series at this place among the branches; the order starts again after six.
    pub(crate) fn series(&self, place: usize) -> RGBColor {
        self.series[place % self.series.len()]
    }

    /// Step `place` of `steps` on the ramp, weakest first.
    pub(crate) fn step(&self, place: usize, steps: usize) -> RGBColor {
        let last = self.ramp.len() - 1;
        #[allow(clippy::cast_precision_loss, reason = "a handful of regimes")]
        let at = if steps < 2 { 0.5 } else { place as f64 / (steps - 1) as f64 } * last as f64;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the length of the ramp"
        )]
        let lower = (at.max(0.0) as usize).min(last - 1);
        #[allow(clippy::cast_precision_loss, reason = "a handful of regimes")]
        let part = (at - lower as f64).clamp(0.0, 1.0);
        blend(self.ramp[lower], self.ramp[lower + 1], part)
    }

    /// Ink to write with on a filled area.
    pub(crate) fn ink_on(&self, fill: RGBColor) -> RGBColor {
        let (white, black) = (RGBColor(0xFF, 0xFF, 0xFF), RGBColor(0x0B, 0x0D, 0x10));
        if contrast(white, fill) > contrast(black, fill) { white } else { black }
    }
}

/// Dash pattern of the series at this place.
pub(crate) fn dash(place: usize) -> &'static [f64] {
    DASHES[place % DASHES.len()]
}

/// The colour `part` of the way from `a` to `b`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a blend of two bytes is within a byte"
)]
pub(crate) fn blend(a: RGBColor, b: RGBColor, part: f64) -> RGBColor {
    let mix = |x: u8, y: u8| (f64::from(x) + (f64::from(y) - f64::from(x)) * part).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: RGBColor) -> f64 {
    let channel = |byte: u8| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            crate::math::pow((value + 0.055) / 1.055, 2.4)
        }
    };
    0.2126 * channel(colour.0) + 0.7152 * channel(colour.1) + 0.0722 * channel(colour.2)
}

/// Contrast ratio of two colours, 1 to 21 (WCAG 2.2).
pub(crate) fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read() {
        for theme in Theme::ALL {
            let palette = theme.palette();
            assert!(contrast(palette.ink, palette.ground) > 12.0);
            assert!(contrast(palette.muted, palette.ground) > 6.0);
            for step in 0..5 {
                let fill = palette.step(step, 5);
                assert!(contrast(palette.ink_on(fill), fill) > 4.5, "{theme:?} {step}");
            }
        }
    }

    #[test]
    fn series_stay_apart_for_colour_blind_readers() {
        // Viénot, Brettel and Mollon (1999): deuteranopia and protanopia as linear maps.
        let seen = |c: RGBColor, kind: [[f64; 3]; 3]| {
            let linear = [c.0, c.1, c.2].map(|b| crate::math::pow(f64::from(b) / 255.0, 2.2));
            kind.map(|row| {
                let value: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
                crate::math::pow(value.clamp(0.0, 1.0), 1.0 / 2.2) * 255.0
            })
        };
        let deutan = [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]];
        let protan = [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]];
        for theme in Theme::ALL {
            let palette = theme.palette();
            for kind in [deutan, protan] {
                for a in 0..6 {
                    for b in 0..a {
                        let (x, y) = (seen(palette.series(a), kind), seen(palette.series(b), kind));
                        let far: f64 = x.iter().zip(y).map(|(p, q)| (p - q) * (p - q)).sum();
                        assert!(far.sqrt() > 25.0, "{theme:?} {a} {b}: {}", far.sqrt());
                    }
                }
            }
        }
    }

    #[test]
    fn themes_are_found_by_their_names() {
        for &theme in Theme::ALL {
            assert_eq!(Theme::named(theme.name()), Some(theme));
        }
    }
}
