//! A user's images as samples: folders of PNG and JPEG, IDX and npy arrays; grey or colour, resized and normalised as the
//! networks want them.
//!
//! | given | taken as |
//! |---|---|
//! | a folder with a subfolder a class | labelled images; classes in the order of their names |
//! | a folder of images, or with subfolders whose names mean nothing | unlabelled images, in the order of their paths |
//! | `…images-idx3-ubyte` | grey images; labels are in `…labels-idx1-ubyte` beside it |
//! | `…images….npy` | (N, H, W), (N, C, H, W) or (N, H, W, C), `u1` or `f4` in 0 … 1; labels are in `…labels….npy` beside it |
//!
//! The order of images is that of their names as bytes and is the same everywhere. Files are decoded one at a time, when they are
//! wanted. Names with a dot at the front and files of other kinds are left out and counted.

mod array;
mod decode;
mod input;
mod npy;
mod set;

pub use input::ImageInput;
pub use set::ImageSet;

use std::path::{Path, PathBuf};

/// What is wrong with an image, an array or a folder of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}: found {found}, expected {expected}; {remedy}", path.display())]
pub struct ImageError {
    /// File or folder.
    pub path: PathBuf,
    /// What is wrong there.
    pub what: &'static str,
    /// Found.
    pub found: String,
    /// Expected.
    pub expected: String,
    /// What to do.
    pub remedy: &'static str,
}

/// An [`ImageError`].
fn bad(
    path: &Path,
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
    remedy: &'static str,
) -> ImageError {
    ImageError {
        path: path.into(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
        remedy,
    }
}

/// Values of one image in 0 … 1: channels, rows, columns.
#[derive(Clone, Debug, PartialEq)]
struct Planes {
    c: usize,
    h: usize,
    w: usize,
    values: Vec<f32>,
}
