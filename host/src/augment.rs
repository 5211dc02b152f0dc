//! Random changes of images as they are drawn for training, on the host: affine maps and noise.

use crate::batches::Random;
use crate::network::Shape;
use serde::{Deserialize, Serialize};

/// How much of each; all 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// Largest angle, degrees, either way.
    pub degrees: f64,
    /// Largest change of the scale, and largest shear: shares of 1.
    pub scale: f64,
    /// Largest move, a share of height and width.
    pub shift: f64,
    /// Deviation of Gaussian noise, for pixels from 0 to 1.
    pub noise: f64,
}

/// What the words of an image mean, a channel each.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Words of a pixel of value 0: what is seen outside.
    pub outside: Vec<i16>,
    /// Words a pixel's value of 1 is more than one of 0.
    pub unit: Vec<f64>,
}

impl Augmentation {
    /// Whether images stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Augmentation::default()
    }

    /// The image changed, in the same words (channel, row, column).
    pub fn apply(
        &self,
        words: &[i16],
        shape: Shape,
        scale: &Scale,
        random: &mut Random,
    ) -> Vec<i16> {
        let (map, by) = affine(
            (self.degrees, self.scale, self.shift),
            (shape.h, shape.w),
            random,
        );
        let planes = words.chunks(shape.h * shape.w);
        let scales = scale.outside.iter().zip(&scale.unit);
        let mut out = Vec::with_capacity(words.len());
        for (plane, (&outside, unit)) in planes.zip(scales) {
            let value = |i: usize| plane.get(i).map_or(0.0, |&w| f64::from(w));
            let mapped = mapped((shape.h, shape.w), value, outside.into(), map, by);
            out.extend(mapped.into_iter().map(|v| {
                let noise = match self.noise > 0.0 {
                    true => self.noise * unit * random.normal(),
                    false => 0.0,
                };
                // A float as i16 saturates.
                (v + noise).round() as i16
            }));
        }
        out
    }
}

/// A matrix, and by what it moves: rows first.
pub(crate) type Affine = ([[f64; 2]; 2], (f64, f64));

/// A random map: angle in degrees, scale and shear, and share of the size it moves by, each at most so large.
pub(crate) fn affine(
    (degrees, scale, shift): (f64, f64, f64),
    (h, w): (usize, usize),
    random: &mut Random,
) -> Affine {
    let mut within = |limit: f64| limit * (random.below(2001) as f64 / 1000.0 - 1.0);
    let (sin, cos) = within(degrees).to_radians().sin_cos();
    let (size, shear) = (1.0 + within(scale), within(scale));
    let by = (within(shift * h as f64), within(shift * w as f64));
    (
        [[cos, sin + shear], [-sin, cos]].map(|r| r.map(|v| v * size)),
        by,
    )
}

/// A plane with each pixel taken, bilinear, from where `map` sends its (row, column) from the centre, moved by `by`.
pub(crate) fn mapped(
    (h, w): (usize, usize),
    value: impl Fn(usize) -> f64,
    outside: f64,
    map: [[f64; 2]; 2],
    by: (f64, f64),
) -> Vec<f64> {
    let (cy, cx) = ((h as f64 - 1.0) / 2.0, (w as f64 - 1.0) / 2.0);
    let at = |y: f64, x: f64| {
        let inside = y >= 0.0 && x >= 0.0 && y < h as f64 && x < w as f64;
        if inside {
            value(y as usize * w + x as usize)
        } else {
            outside
        }
    };
    let pixel = |y: usize, x: usize| {
        let (dy, dx) = (y as f64 - cy, x as f64 - cx);
        let sy = cy + by.0 + map[0][0] * dy + map[0][1] * dx;
        let sx = cx + by.1 + map[1][0] * dy + map[1][1] * dx;
        let (y0, x0) = (sy.floor(), sx.floor());
        let (fy, fx) = (sy - y0, sx - x0);
        let top = at(y0, x0) * (1.0 - fx) + at(y0, x0 + 1.0) * fx;
        let low = at(y0 + 1.0, x0) * (1.0 - fx) + at(y0 + 1.0, x0 + 1.0) * fx;
        top * (1.0 - fy) + low * fy
    };
    let places = (0..h).flat_map(|y| (0..w).map(move |x| (y, x)));
    places.map(|(y, x)| pixel(y, x)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { c: 2, h: 5, w: 5 };

    fn scale() -> Scale {
        Scale {
            outside: vec![-100, 7],
            unit: vec![1000.0, 1000.0],
        }
    }

    fn image() -> Vec<i16> {
        (0..50).map(|i| 40 * i - 900).collect()
    }

    #[test]
    fn none_changes_nothing_and_each_of_them_something() {
        let none = Augmentation::default();
        let of =
            |a: &Augmentation, seed| a.apply(&image(), SHAPE, &scale(), &mut Random::new(seed));
        assert!(none.is_none());
        assert_eq!(of(&none, 1), image());
        for change in [
            (|a: &mut Augmentation| a.degrees = 10.0) as fn(&mut Augmentation),
            |a| a.scale = 0.1,
            |a| a.shift = 0.1,
            |a| a.noise = 0.1,
        ] {
            let mut some = none;
            change(&mut some);
            assert!(!some.is_none());
            assert_ne!(of(&some, 1), image(), "{some:?}");
            assert_eq!(of(&some, 1), of(&some, 1));
            assert_ne!(of(&some, 1), of(&some, 2), "{some:?}");
        }
    }

    #[test]
    fn outside_is_a_pixel_of_value_0_and_noise_is_in_its_unit() {
        let map = [[1.0, 0.0], [0.0, 1.0]];
        let moved = mapped((2, 2), |i| i as f64 + 1.0, -5.0, map, (1.0, 0.0));
        assert_eq!(moved, [3.0, 4.0, -5.0, -5.0]);
        let noisy = Augmentation {
            noise: 0.1,
            ..Augmentation::default()
        };
        let flat = vec![0; 2 * 5 * 5];
        let mut random = Random::new(3);
        let mut all = Vec::new();
        for _ in 0..40 {
            all.extend(noisy.apply(&flat, SHAPE, &scale(), &mut random));
        }
        let square: f64 = all.iter().map(|&w| f64::from(w).powi(2)).sum();
        let deviation = (square / all.len() as f64).sqrt();
        assert!((deviation - 100.0).abs() < 5.0, "seed 3: {deviation}");
    }
}
