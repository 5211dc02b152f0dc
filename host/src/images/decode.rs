//! PNG and JPEG files, with limits on what they may ask for.

use super::{bad, ImageError, Planes};
use image::{DynamicImage, ImageReader, Limits};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Largest file that is opened.
const MAX_FILE: u64 = 64 << 20;
/// Most rows or columns.
const MAX_SIDE: u32 = 16_384;
/// Most bytes a decoder may take.
const MAX_MEMORY: u64 = 512 << 20;
/// Most pixels; their values as floats are held, too.
const MAX_PIXELS: u64 = 1 << 26;

/// Whether the file's name is that of an image.
pub(super) fn is_image(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| ["png", "jpg", "jpeg"].contains(&e.to_ascii_lowercase().as_str()))
}

/// Decodes a file to one channel (luminance) or three. Transparency is ignored.
pub(super) fn decode(path: &Path, channels: usize) -> Result<Planes, ImageError> {
    let unreadable = |e: std::io::Error| {
        let remedy = "check the file's permissions";
        bad(path, "reading", e, "a readable file", remedy)
    };
    // Asked for before it is opened: opening a pipe waits for its other end.
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        let remedy = "remove it from the folder";
        return Err(bad(path, "file", "something else", "a file", remedy));
    }
    if about.len() > MAX_FILE {
        let found = format!("{} bytes", about.len());
        let expected = format!("at most {MAX_FILE}");
        let remedy = "make it smaller, or remove it from the folder";
        return Err(bad(path, "size of the file", found, expected, remedy));
    }
    let damaged = |e: image::ImageError| {
        let remedy = "replace the file, or remove it from the folder";
        bad(path, "image", e, "a whole PNG or JPEG image", remedy)
    };
    let open = || -> Result<ImageReader<BufReader<File>>, ImageError> {
        let file = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut reader = ImageReader::new(file)
            .with_guessed_format()
            .map_err(unreadable)?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_MEMORY);
        reader.limits(limits);
        Ok(reader)
    };
    let (w, h) = open()?.into_dimensions().map_err(damaged)?;
    if w == 0 || h == 0 || u64::from(w) * u64::from(h) > MAX_PIXELS {
        let expected = format!("1 to {MAX_PIXELS} pixels");
        let remedy = "make it smaller, or remove it from the folder";
        return Err(bad(
            path,
            "size of the image",
            format!("{h}x{w}"),
            expected,
            remedy,
        ));
    }
    Ok(planes(open()?.decode().map_err(damaged)?, channels))
}

fn planes(image: DynamicImage, channels: usize) -> Planes {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let values = if channels == 1 {
        image.to_luma32f().into_raw()
    } else {
        let pixels = image.into_rgb32f().into_raw();
        let of = |c: usize| pixels.iter().skip(c).step_by(3).copied();
        (0..3).flat_map(of).collect()
    };
    Planes {
        c: if channels == 1 { 1 } else { 3 },
        h,
        w,
        values,
    }
}
