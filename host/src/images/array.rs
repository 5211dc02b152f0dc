//! Many images in one file: IDX or npy, with labels in a file beside it.

use super::npy::{Element, Npy};
use super::{bad, ImageError, Planes};
use crate::data::Idx;
use std::path::{Path, PathBuf};

/// Largest file.
const MAX_FILE: u64 = 4 << 30;

/// Images of one size, in memory as they are in the file.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) path: PathBuf,
    pub(super) images: usize,
    bytes: Vec<u8>,
    data: usize,
    float: bool,
    /// Channels, rows, columns.
    shape: (usize, usize, usize),
    channels_last: bool,
}

fn read(path: &Path) -> Result<Vec<u8>, ImageError> {
    let unreadable = |e: std::io::Error| {
        let remedy = "check that the file is there and its permissions";
        bad(path, "reading", e, "a readable file", remedy)
    };
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() || about.len() > MAX_FILE {
        let expected = format!("a file of at most {MAX_FILE} bytes");
        let remedy = "split it, or give a folder of images";
        let found = format!("{} bytes", about.len());
        return Err(bad(path, "size of the file", found, expected, remedy));
    }
    std::fs::read(path).map_err(unreadable)
}

fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "npy")
}

fn idx(path: &Path, bytes: &[u8], dimensions: usize) -> Result<Idx, ImageError> {
    Idx::parse(path, bytes, dimensions).map_err(|e| ImageError {
        path: e.path,
        what: e.what,
        found: e.found,
        expected: e.expected,
        remedy: "give an IDX file of unsigned bytes, an npy file or a folder of images",
    })
}

impl Array {
    /// Opens a file of images.
    pub(super) fn open(path: &Path) -> Result<Array, ImageError> {
        let bytes = read(path)?;
        let (sizes, data, float) = if is_npy(path) {
            let npy = Npy::parse(path, &bytes)?;
            let float = match npy.element {
                Element::U8 => false,
                Element::F32 => true,
                other => {
                    let remedy = "convert it: uint8 from 0 to 255, or float32 from 0 to 1";
                    let found = format!("{other:?}");
                    return Err(bad(
                        path,
                        "type of the images",
                        found,
                        "uint8 or float32",
                        remedy,
                    ));
                }
            };
            (npy.sizes, npy.data, float)
        } else {
            let idx = idx(path, &bytes, 3)?;
            (idx.sizes, bytes.len() - idx.bytes.len(), false)
        };
        let (images, shape, channels_last) = match sizes[..] {
            [n, h, w] => (n, (1, h, w), false),
            [n, c @ (1 | 3), h, w] => (n, (c, h, w), false),
            [n, h, w, c @ (1 | 3)] => (n, (c, h, w), true),
            _ => {
                let expected = "(N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 channels";
                let remedy = "reshape the array";
                return Err(bad(path, "shape", format!("{sizes:?}"), expected, remedy));
            }
        };
        let side = |n: usize| (1..=16_384).contains(&n);
        if !side(shape.1) || !side(shape.2) {
            let found = format!("{}x{}", shape.1, shape.2);
            let remedy = "make the images smaller";
            return Err(bad(path, "rows and columns", found, "1 to 16384", remedy));
        }
        Ok(Array {
            path: path.into(),
            images,
            bytes,
            data,
            float,
            shape,
            channels_last,
        })
    }

    /// The labels beside it: `labels` for `images` in the name, and for IDX one dimension for three.
    pub(super) fn labels(&self) -> Result<(PathBuf, Vec<usize>), ImageError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if !name.contains("images") {
            let remedy = "name images and labels alike: x-images.npy, x-labels.npy";
            return Err(bad(
                &self.path,
                "name",
                name,
                "one with `images` in it",
                remedy,
            ));
        }
        let name = name.replacen("images", "labels", 1);
        let path = self.path.with_file_name(name.replacen("idx3", "idx1", 1));
        let bytes = read(&path)?;
        let labels = if is_npy(&path) {
            npy_labels(&path, &bytes)?
        } else {
            let idx = idx(&path, &bytes, 1)?;
            idx.bytes.into_iter().map(usize::from).collect()
        };
        if labels.len() != self.images {
            let expected = format!("{}, one an image", self.images);
            let remedy = "give images and labels of the same set";
            return Err(bad(&path, "labels", labels.len(), expected, remedy));
        }
        Ok((path, labels))
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Image `i` with so many channels.
    pub(super) fn planes(&self, i: usize, channels: usize) -> Result<Planes, ImageError> {
        let (c, h, w) = self.shape;
        let n = c * h * w;
        let size = if self.float { 4 } else { 1 };
        let from = i.saturating_mul(n * size).saturating_add(self.data);
        let raw = self
            .bytes
            .get(from..from.saturating_add(n * size))
            .unwrap_or(&[]);
        let mut values: Vec<f32> = if self.float {
            raw.chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect()
        } else {
            raw.iter().map(|&b| f32::from(b) / 255.0).collect()
        };
        if values.len() != n {
            let expected = format!("less than {}", self.images);
            let remedy = "ask for an image that is there";
            return Err(bad(&self.path, "image", i, expected, remedy));
        }
        if let Some(v) = values.iter().find(|v| !(0.0..=1.0).contains(*v)) {
            let found = format!("{v} in image {i}");
            let remedy =
                "divide by the largest value before saving; normalise by mean and std here";
            return Err(bad(&self.path, "value of a pixel", found, "0 to 1", remedy));
        }
        if self.channels_last {
            let of = |c0: usize| values.iter().skip(c0).step_by(c).copied();
            values = (0..c).flat_map(of).collect();
        }
        let planes = Planes { c, h, w, values };
        Ok(planes.with_channels(channels))
    }
}

fn npy_labels(path: &Path, bytes: &[u8]) -> Result<Vec<usize>, ImageError> {
    let npy = Npy::parse(path, bytes)?;
    let remedy = "save the classes' numbers, from 0, as integers";
    if npy.sizes.len() != 1 {
        let found = format!("{:?}", npy.sizes);
        return Err(bad(path, "shape", found, "one dimension", remedy));
    }
    let values = &bytes[npy.data..];
    let labels: Option<Vec<usize>> = match npy.element {
        Element::U8 => Some(values.iter().map(|&b| b.into()).collect()),
        Element::U16 => Some(
            values
                .chunks_exact(2)
                .map(|b| u16::from_le_bytes([b[0], b[1]]).into())
                .collect(),
        ),
        Element::I32 => values
            .chunks_exact(4)
            .map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]).try_into().ok())
            .collect(),
        Element::I64 => values
            .chunks_exact(8)
            .map(|b| {
                let b = [b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]];
                i64::from_le_bytes(b).try_into().ok()
            })
            .collect(),
        Element::F32 => {
            let found = "float32";
            return Err(bad(path, "type of the labels", found, "integers", remedy));
        }
    };
    labels.ok_or_else(|| bad(path, "label", "a negative one", "0 or more", remedy))
}

impl Planes {
    /// The same in grey (luminance as for files: Rec. 709) or in three equal channels.
    fn with_channels(self, channels: usize) -> Planes {
        let n = self.h * self.w;
        let values = match (self.c, channels) {
            (1, 3) => self.values.repeat(3),
            (3, 1) => (0..n)
                .map(|i| {
                    let [r, g, b] = [0, 1, 2].map(|c| self.values[c * n + i]);
                    0.2126 * r + 0.7152 * g + 0.0722 * b
                })
                .collect(),
            _ => return self,
        };
        Planes {
            c: channels,
            values,
            ..self
        }
    }
}
