//! PNG: the very SVG, rastered with the embedded faces and no others.

use super::ChartError;
use super::text::{REGULAR, SEMIBOLD};
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// Rasters a chart's SVG at `scale` times its size. Equal input gives equal bytes.
///
/// # Errors
/// The text is not an SVG, or the picture would be empty or larger than 20 000 px a side.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, ChartError> {
    let mut options = usvg::Options { font_family: "Inter".into(), ..usvg::Options::default() };
    let faces = options.fontdb_mut();
    for face in [REGULAR, SEMIBOLD] {
        faces.load_font_source(usvg::fontdb::Source::Binary(Arc::new(face)));
    }
    faces.set_sans_serif_family("Inter");
    let failed = |error: String| ChartError::Raster(error);
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| failed(e.to_string()))?;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(scale)
        .filter(|s| s.width().max(s.height()) <= 20_000)
        .ok_or_else(|| failed(format!("a scale of {scale} gives no picture")))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| failed("the picture is too large".into()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| failed(e.to_string()))
}
