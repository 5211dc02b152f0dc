//! The digits of `data/`: IDX files, splits, and the shifted domain (rotation and noise). Formats are in data/README.md.

use crate::augment::{affine, mapped};
use crate::batches::Random;
use std::path::{Path, PathBuf};
use tandem_isa::numerics::quantise;

/// Format of pixels: 1.0 is 32767.
pub const PIXEL_F: i32 = 15;

/// What is wrong with a data file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}: found {found}, expected {expected}; fetch the file again or check data/README.md", path.display())]
pub struct DataError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

fn bad(
    path: &Path,
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
) -> DataError {
    DataError {
        path: path.into(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
    }
}

/// An array of bytes with its sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    /// Sizes, outermost first.
    pub sizes: Vec<usize>,
    /// Values.
    pub bytes: Vec<u8>,
}

impl Idx {
    /// Reads an IDX file of unsigned bytes with `dimensions` sizes.
    pub fn read(path: &Path, dimensions: usize) -> Result<Idx, DataError> {
        let raw = std::fs::read(path).map_err(|e| bad(path, "reading", e, "a readable file"))?;
        Idx::parse(path, &raw, dimensions)
    }

    /// Parses the bytes of an IDX file; `path` is for messages.
    pub fn parse(path: &Path, raw: &[u8], dimensions: usize) -> Result<Idx, DataError> {
        let magic = [0, 0, 8, dimensions as u8];
        if raw.get(..4) != Some(&magic) {
            let head = &raw[..raw.len().min(4)];
            return Err(bad(
                path,
                "first bytes",
                format!("{head:02x?}"),
                format!("{magic:02x?}"),
            ));
        }
        let header = 4 + 4 * dimensions;
        let Some(sizes) = raw.get(4..header) else {
            return Err(bad(path, "length of the header", raw.len(), header));
        };
        let sizes: Vec<usize> = sizes
            .chunks_exact(4)
            .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
            .collect();
        let count = sizes.iter().try_fold(1usize, |a, &b| a.checked_mul(b));
        let body = &raw[header..];
        match count {
            Some(n) if n == body.len() => Ok(Idx {
                sizes,
                bytes: body.to_vec(),
            }),
            _ => Err(bad(
                path,
                "bytes after the header",
                body.len(),
                format!("the product of {sizes:?}"),
            )),
        }
    }
}

/// Images in [0, 1] with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
    /// Pixels, image by image.
    pub pixels: Vec<f32>,
    /// Classes.
    pub labels: Vec<u16>,
}

/// How many classes there are.
pub const CLASSES: usize = 10;

impl Digits {
    /// Reads `PART-images-idx3-ubyte` and `PART-labels-idx1-ubyte`.
    pub fn read(folder: &Path, part: &str) -> Result<Digits, DataError> {
        let path = folder.join(format!("{part}-labels-idx1-ubyte"));
        let labels = Idx::read(&path, 1)?;
        if let Some(i) = labels.bytes.iter().position(|&l| usize::from(l) >= CLASSES) {
            return Err(bad(
                &path,
                "label",
                format!("{} at {i}", labels.bytes[i]),
                format!("less than {CLASSES}"),
            ));
        }
        let path = folder.join(format!("{part}-images-idx3-ubyte"));
        let images = Idx::read(&path, 3)?;
        if images.sizes[0] != labels.bytes.len() {
            return Err(bad(
                &path,
                "images",
                images.sizes[0],
                format!("{} labels", labels.bytes.len()),
            ));
        }
        Ok(Digits {
            h: images.sizes[1],
            w: images.sizes[2],
            pixels: images.bytes.iter().map(|&b| f32::from(b) / 255.0).collect(),
            labels: labels.bytes.iter().map(|&l| l.into()).collect(),
        })
    }

    /// How many images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Pixels of image `i`.
    pub fn image(&self, i: usize) -> &[f32] {
        let n = self.h * self.w;
        &self.pixels[i * n..(i + 1) * n]
    }

    /// Words of image `i`, format [`PIXEL_F`].
    pub fn words(&self, i: usize) -> Vec<i16> {
        self.image(i)
            .iter()
            .map(|&p| quantise(p, PIXEL_F).unwrap_or(0))
            .collect()
    }

    /// The images of these indices.
    pub fn pick(&self, indices: &[usize]) -> Digits {
        Digits {
            h: self.h,
            w: self.w,
            pixels: indices
                .iter()
                .flat_map(|&i| self.image(i).iter().copied())
                .collect(),
            labels: indices.iter().map(|&i| self.labels[i]).collect(),
        }
    }

    /// Writes PNG files to `folder`: in a subfolder for each class, or side by side without a word of their classes.
    pub fn save(&self, folder: &Path, classes: bool) -> Result<(), DataError> {
        for i in 0..self.len() {
            let place = if classes {
                folder.join(self.labels[i].to_string())
            } else {
                folder.to_path_buf()
            };
            let path = place.join(format!("{i:05}.png"));
            let failed = |e: &dyn std::fmt::Display| bad(&path, "writing", e, "a folder with room");
            std::fs::create_dir_all(&place).map_err(|e| failed(&e))?;
            let byte = |p: &f32| (p * 255.0).round().clamp(0.0, 255.0) as u8;
            let bytes: Vec<u8> = self.image(i).iter().map(byte).collect();
            let (w, h) = (self.w as u32, self.h as u32);
            image::save_buffer(&path, &bytes, w, h, image::ExtendedColorType::L8)
                .map_err(|e| failed(&e))?;
        }
        Ok(())
    }

    /// The `side` × `side` pixels in the middle of every image, or what it has of them.
    pub fn middle(&self, side: usize) -> Digits {
        let (h, w) = (side.min(self.h), side.min(self.w));
        let (top, left) = ((self.h - h) / 2, (self.w - w) / 2);
        let rows = |i: usize| {
            let row = move |y: usize| &self.image(i)[(top + y) * self.w + left..][..w];
            (0..h).flat_map(row).copied()
        };
        Digits {
            h,
            w,
            pixels: (0..self.len()).flat_map(rows).collect(),
            labels: self.labels.clone(),
        }
    }

    /// Every image at another size, `side` × `side`: a pixel is the mean over its area.
    pub fn resampled(&self, side: usize) -> Digits {
        let shares = |from: usize| -> Vec<Vec<(usize, f64)>> {
            let step = from as f64 / side as f64;
            let share = |i: usize, at: usize| {
                let (a, b) = (i as f64 * step, (i + 1) as f64 * step);
                (b.min(at as f64 + 1.0) - a.max(at as f64)) / step
            };
            let of = |i: usize| {
                let parts = (0..from).map(|at| (at, share(i, at)));
                parts.filter(|&(_, part)| part > 0.0).collect()
            };
            (0..side).map(of).collect()
        };
        let (rows, columns) = (shares(self.h), shares(self.w));
        let mut out = Digits {
            h: side,
            w: side,
            pixels: Vec::with_capacity(self.len() * side * side),
            labels: self.labels.clone(),
        };
        for i in 0..self.len() {
            let image = self.image(i);
            for row in &rows {
                let across = |y: usize, column: &[(usize, f64)]| -> f64 {
                    let values = column.iter().map(|&(x, part)| (y * self.w + x, part));
                    values.map(|(at, part)| part * f64::from(image[at])).sum()
                };
                let mean = |column: &Vec<(usize, f64)>| -> f64 {
                    let values = row.iter().map(|&(y, part)| part * across(y, column));
                    values.sum()
                };
                out.pixels.extend(columns.iter().map(|c| mean(c) as f32));
            }
        }
        out
    }

    /// Random affine maps: `copies` of every image, turned by up to 10°, scaled and sheared by up to 10 %, moved by up to 12 % of the width.
    pub fn augmented(&self, copies: usize, seed: u64) -> Digits {
        let mut random = Random::new(seed);
        let mut out = Digits {
            pixels: Vec::with_capacity(self.pixels.len() * copies),
            labels: Vec::new(),
            ..*self
        };
        for i in (0..copies).flat_map(|_| 0..self.len()) {
            let (map, by) = affine((10.0, 0.1, 0.12), (self.h, self.w), &mut random);
            let values = self.mapped(i, map, by);
            out.pixels.extend(values.into_iter().map(|v| v as f32));
            out.labels.push(self.labels[i]);
        }
        out
    }

    /// Image `i` with each pixel taken, bilinear, from where `map` sends its (y, x) from the centre, moved by `by`; 0 outside.
    fn mapped(&self, i: usize, map: [[f64; 2]; 2], by: (f64, f64)) -> Vec<f64> {
        let image = self.image(i);
        mapped((self.h, self.w), |at| f64::from(image[at]), 0.0, map, by)
    }

    /// The shifted domain: every image turned by `degrees`, Gaussian noise of deviation `noise` drawn once, clipped to [0, 1].
    pub fn shifted(&self, degrees: f64, noise: f64, seed: u64) -> Digits {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let mut random = Random::new(seed);
        let mut out = self.clone();
        for i in 0..self.len() {
            let turned = self.mapped(i, [[cos, sin], [-sin, cos]], (0.0, 0.0));
            let n = turned.len();
            for (pixel, value) in out.pixels[i * n..].iter_mut().zip(turned) {
                *pixel = (value + noise * random.normal()).clamp(0.0, 1.0) as f32;
            }
        }
        out
    }
}

/// Which training samples are the clean ones, class by class: the first `labels` of each list.
pub fn clean(folder: &Path, seed: u32, labels: usize) -> Result<Vec<Vec<usize>>, DataError> {
    let (path, lists) = lists(folder, seed)?;
    lists
        .into_iter()
        .map(|list| match list.get(..labels) {
            Some(first) => Ok(first.to_vec()),
            None => Err(bad(
                &path,
                "clean labels a class",
                labels,
                format!("at most {}", list.len()),
            )),
        })
        .collect()
}

/// Everything among `total` samples that is in none of the seed's clean lists, ascending.
pub fn stream(folder: &Path, seed: u32, total: usize) -> Result<Vec<usize>, DataError> {
    let (path, lists) = lists(folder, seed)?;
    let mut taken = vec![false; total];
    for i in lists.into_iter().flatten() {
        match taken.get_mut(i) {
            Some(t) => *t = true,
            None => {
                let expected = format!("less than {total}");
                return Err(bad(&path, "index of a clean sample", i, expected));
            }
        }
    }
    Ok((0..total).filter(|&i| !taken[i]).collect())
}

fn lists(folder: &Path, seed: u32) -> Result<(PathBuf, Vec<Vec<usize>>), DataError> {
    let path = folder.join("splits.json");
    let text =
        std::fs::read_to_string(&path).map_err(|e| bad(&path, "reading", e, "a readable file"))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| bad(&path, "JSON", e, "a complete file"))?;
    let seeds = &json["seeds"];
    let Some(classes) = seeds[seed.to_string()]["clean"].as_array() else {
        let known: Vec<&String> = seeds
            .as_object()
            .map(|o| o.keys().collect())
            .unwrap_or_default();
        return Err(bad(&path, "seed", seed, format!("one of {known:?}")));
    };
    let index = |v: &serde_json::Value| v.as_u64().map(|v| v as usize);
    let lists: Option<Vec<Vec<usize>>> = classes
        .iter()
        .map(|c| c.as_array().and_then(|c| c.iter().map(index).collect()))
        .collect();
    match lists {
        Some(lists) => Ok((path, lists)),
        None => Err(bad(
            &path,
            "lists of clean samples",
            "other values",
            "indices",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_and_foreign_files_are_refused() {
        let good = [0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9];
        let path = Path::new("x");
        assert_eq!(Idx::parse(path, &good, 1).unwrap().bytes, [7, 8, 9]);
        for n in 0..good.len() {
            assert!(Idx::parse(path, &good[..n], 1).is_err(), "{n}");
        }
        assert!(Idx::parse(path, &good, 3).is_err());
        let huge = [
            0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        ];
        assert!(Idx::parse(path, &huge, 3).is_err());
    }

    #[test]
    fn a_quarter_turn_is_exact() {
        let d = Digits {
            h: 2,
            w: 2,
            pixels: vec![0.1, 0.2, 0.3, 0.4],
            labels: vec![0],
        };
        let t = d.shifted(90.0, 0.0, 1);
        // Counter-clockwise: the right column becomes the top row.
        for (a, b) in t.pixels.iter().zip([0.2f32, 0.4, 0.1, 0.3]) {
            assert!((a - b).abs() < 1e-6, "{:?}", t.pixels);
        }
        let many = d.augmented(3, 1);
        assert_eq!((many.len(), many.pixels.len()), (3, 12));
        assert_ne!(many.image(0), many.image(1));
        let noisy = d.shifted(0.0, 0.2, 1);
        assert_ne!(noisy.pixels, d.pixels);
        assert_eq!(noisy, d.shifted(0.0, 0.2, 1));
        assert_ne!(noisy, d.shifted(0.0, 0.2, 2));
    }

    #[test]
    fn other_sizes_keep_the_mean() {
        let d = Digits {
            h: 3,
            w: 3,
            pixels: (0..9).map(|i| i as f32 / 16.0).collect(),
            labels: vec![0],
        };
        assert_eq!(d.middle(1).pixels, [0.25]);
        assert_eq!(d.middle(9), d);
        assert_eq!(d.resampled(3), d);
        assert_eq!(d.resampled(1).pixels, [0.25]);
        // Of the first pixel: one whole, two halves and a quarter, of 2.25 in all.
        let two = d.resampled(2);
        let first = (0.0 + 0.5 * (1.0 + 3.0) + 0.25 * 4.0) / 2.25 / 16.0;
        assert!((two.pixels[0] - first).abs() < 1e-6, "{:?}", two.pixels);
        let mean = two.pixels.iter().sum::<f32>() / 4.0;
        assert!((mean - 0.25).abs() < 1e-6, "{:?}", two.pixels);
    }

    #[test]
    fn the_files_of_the_demo_are_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let train = Digits::read(&folder, "train").unwrap();
        let test = Digits::read(&folder, "test").unwrap();
        assert_eq!(
            (train.len(), test.len(), train.h, train.w),
            (8200, 2000, 14, 14)
        );
        let lists = clean(&folder, 1, 20).unwrap();
        for (c, list) in lists.iter().enumerate() {
            assert!(list.iter().all(|&i| usize::from(train.labels[i]) == c));
        }
        assert_eq!(stream(&folder, 1, train.len()).unwrap().len(), 8000);
        let e = clean(&folder, 77, 20).unwrap_err().to_string();
        assert!(e.contains("77") && e.contains("splits.json"), "{e}");
        assert!(clean(&folder, 1, 21).is_err());
    }
}
