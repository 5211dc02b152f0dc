//! What the networks take: shape and normalisation, and how planes become words.

use super::Planes;
use crate::augment::Scale;
use crate::error::CompileError;
use crate::network::Shape;
use image::imageops::{resize, FilterType};
use image::{ImageBuffer, Luma};
use std::io::Cursor;
use tandem_isa::numerics::quantise;

/// How images become samples: resized to a shape, then (value − mean) / std, a channel each.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageInput {
    shape: Shape,
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl ImageInput {
    /// For networks of input `shape`. `mean` and `std` have a value for every channel, or one for all of them; values of images are
    /// in 0 … 1 before. Mean 0 and deviation 1 leave them there.
    pub fn new(shape: Shape, mean: &[f32], std: &[f32]) -> Result<ImageInput, CompileError> {
        let refuse = |what, found: String, expected: String, remedy| CompileError::Input {
            what,
            found,
            expected,
            remedy,
        };
        if shape.c != 1 && shape.c != 3 {
            return Err(refuse(
                "input channels of the network",
                shape.c.to_string(),
                "1 (grey) or 3 (red, green, blue)".into(),
                "use a network that takes images",
            ));
        }
        let each = |what, values: &[f32], least: f32| match values {
            [v] if v.is_finite() && *v >= least && *v <= 1e3 => Ok(vec![*v; shape.c]),
            v if v.len() == shape.c
                && v.iter().all(|v| v.is_finite() && *v >= least && *v <= 1e3) =>
            {
                Ok(v.to_vec())
            }
            v => Err(refuse(
                what,
                format!("{v:?}"),
                format!("one value, or {}, from {least} to 1000", shape.c),
                "give those the teacher was trained with, for pixels from 0 to 1",
            )),
        };
        Ok(ImageInput {
            shape,
            mean: each("mean of the images", mean, 0.0)?,
            std: each("deviation of the images", std, 1e-3)?,
        })
    }

    /// Channels, rows, columns.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Subtracted, a channel each.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Divided by, a channel each.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Format of the words: the finest that holds every value from 0 to 1 after normalisation; real = q·2^−f.
    pub fn f(&self) -> i32 {
        let ends = self.mean.iter().zip(&self.std);
        let largest = ends
            .map(|(m, s)| (m / s).abs().max(((1.0 - m) / s).abs()))
            .fold(0.0, f32::max);
        15 - largest.max(f32::MIN_POSITIVE).log2().ceil().max(-15.0) as i32
    }

    /// What the words of a sample mean.
    pub fn scale(&self) -> Scale {
        let f = self.f();
        let channels = self.mean.iter().zip(&self.std);
        Scale {
            outside: channels
                .map(|(m, s)| quantise(-m / s, f).unwrap_or(0))
                .collect(),
            unit: self
                .std
                .iter()
                .map(|&s| 2f64.powi(f) / f64::from(s))
                .collect(),
        }
    }

    /// Words (C, H, W) of planes of any size with as many channels.
    pub(super) fn words(&self, planes: &Planes) -> Vec<i16> {
        let f = self.f();
        let values = self.resized(planes);
        let n = self.shape.h * self.shape.w;
        values
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let c = i / n;
                // A value that is no number was refused when it was read.
                quantise((v - self.mean[c]) / self.std[c], f).unwrap_or(0)
            })
            .collect()
    }

    /// Triangle filter: bilinear where it enlarges, a weighted mean where it reduces.
    fn resized(&self, planes: &Planes) -> Vec<f32> {
        let (h, w) = (self.shape.h, self.shape.w);
        if (planes.h, planes.w) == (h, w) {
            return planes.values.clone();
        }
        let mut out = Vec::with_capacity(self.shape.len());
        for plane in planes.values.chunks_exact(planes.h * planes.w) {
            let (from_w, from_h) = (planes.w as u32, planes.h as u32);
            let buffer: Option<ImageBuffer<Luma<f32>, _>> =
                ImageBuffer::from_raw(from_w, from_h, plane.to_vec());
            if let Some(buffer) = buffer {
                out.extend(resize(&buffer, w as u32, h as u32, FilterType::Triangle).into_raw());
            }
        }
        out
    }

    /// A PNG picture of a sample's words.
    pub fn picture(&self, words: &[i16]) -> Option<Vec<u8>> {
        let scale = (2f32).powi(-self.f());
        let n = self.shape.h * self.shape.w;
        let value = |c: usize, i: usize| {
            let q = words.get(c * n + i).copied().unwrap_or(0);
            let v = f32::from(q) * scale * self.std[c] + self.mean[c];
            (v * 255.0).round().clamp(0.0, 255.0) as u8
        };
        let channels = self.shape.c;
        let bytes: Vec<u8> = (0..n)
            .flat_map(|i| (0..channels).map(move |c| (c, i)))
            .map(|(c, i)| value(c, i))
            .collect();
        let kind = if channels == 1 {
            image::ExtendedColorType::L8
        } else {
            image::ExtendedColorType::Rgb8
        };
        let (w, h) = (self.shape.w as u32, self.shape.h as u32);
        let mut png = Cursor::new(Vec::new());
        let format = image::ImageFormat::Png;
        image::write_buffer_with_format(&mut png, &bytes, w, h, kind, format).ok()?;
        Some(png.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: Shape = Shape { c: 1, h: 2, w: 2 };

    #[test]
    fn the_format_holds_the_ends() {
        let of = |mean: f32, std: f32| ImageInput::new(GREY, &[mean], &[std]).unwrap();
        assert_eq!(of(0.0, 1.0).f(), 15);
        assert_eq!(of(0.5, 0.5).f(), 15);
        assert_eq!(of(0.1307, 0.3081).f(), 13);
        for (mean, std) in [(0.0, 1.0), (0.485, 0.229), (0.3, 0.001), (0.0, 1000.0)] {
            let input = of(mean, std);
            let planes = Planes {
                c: 1,
                h: 2,
                w: 2,
                values: vec![0.0, 1.0, 0.25, 0.5],
            };
            for (q, v) in input.words(&planes).iter().zip(&planes.values) {
                let back = f32::from(*q) * 2f32.powi(-input.f()) * std + mean;
                assert!((back - v).abs() < 1e-3, "{mean} {std}: {v} as {back}");
            }
        }
    }

    #[test]
    fn normalisation_is_checked() {
        let rgb = Shape { c: 3, ..GREY };
        assert!(ImageInput::new(rgb, &[0.0], &[1.0]).is_ok());
        assert!(ImageInput::new(rgb, &[0.1, 0.2, 0.3], &[1.0]).is_ok());
        for (mean, std) in [
            (vec![0.1, 0.2], vec![1.0]),
            (vec![0.0], vec![0.0]),
            (vec![f32::NAN], vec![1.0]),
            (vec![], vec![1.0]),
        ] {
            let e = ImageInput::new(rgb, &mean, &std).unwrap_err().to_string();
            assert!(e.contains("one value, or 3"), "{e}");
        }
        let e = ImageInput::new(Shape { c: 2, ..GREY }, &[0.0], &[1.0]).unwrap_err();
        assert!(e.to_string().contains("1 (grey) or 3"), "{e}");
    }

    #[test]
    fn a_plane_is_halved_by_a_triangle() {
        let input = ImageInput::new(GREY, &[0.0], &[1.0]).unwrap();
        let planes = Planes {
            c: 1,
            h: 4,
            w: 4,
            values: [0.0, 0.0, 1.0, 1.0].repeat(4),
        };
        let words = input.words(&planes);
        // Columns at -0.5, 0.5, 1.5, 2.5 of the half width from the centre weigh 1, 3, 3, 1 and, cut at the edge, 3, 3, 1.
        assert_eq!(words[0], words[2]);
        let left = f64::from(words[0]) / 32768.0;
        assert!((left - 1.0 / 7.0).abs() < 1e-3, "{left}");
        assert!((f64::from(words[1]) / 32768.0 - 6.0 / 7.0).abs() < 1e-3);
    }

    #[test]
    fn a_picture_is_the_image_again() {
        let input = ImageInput::new(Shape { c: 3, h: 1, w: 2 }, &[0.5], &[0.25]).unwrap();
        let values = [0u8, 255, 10, 20, 200, 99].map(|v| f32::from(v) / 255.0);
        let planes = Planes {
            c: 3,
            h: 1,
            w: 2,
            values: values.to_vec(),
        };
        let png = input.picture(&input.words(&planes)).unwrap();
        let image = image::load_from_memory(&png).unwrap().into_rgb8();
        assert_eq!(image.into_raw(), [0, 10, 200, 255, 20, 99]);
    }
}
