//! Synthetic shifts other than the study's: what comes between the camera of the clean samples and that of the stream.

use tandem::batches::Random;
use tandem::data::Digits;

/// A shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Turned by 20°, nothing else.
    Turned,
    /// Gaussian noise of deviation 0.3.
    Noisy,
    /// A third of the contrast on a grey of a tenth, and noise of 0.05.
    Dim,
    /// The ink on a slope of grey, up to a half, of any direction, drawn for each image.
    Background,
}

impl Shift {
    /// All of them.
    pub const ALL: [Shift; 4] = [Shift::Turned, Shift::Noisy, Shift::Dim, Shift::Background];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Shift::Turned => "turned",
            Shift::Noisy => "noisy",
            Shift::Dim => "dim",
            Shift::Background => "on a slope of grey",
        }
    }

    /// The images shifted; what is drawn comes from `seed`.
    pub fn of(self, digits: &Digits, seed: u64) -> Digits {
        let mut random = Random::new(seed);
        match self {
            Shift::Turned => digits.shifted(20.0, 0.0, seed),
            Shift::Noisy => digits.shifted(0.0, 0.3, seed),
            Shift::Dim => changed(digits, |image| {
                for p in image {
                    *p = 0.1 + *p / 3.0 + 0.05 * random.normal() as f32;
                }
            }),
            Shift::Background => changed(digits, |image| {
                let mut slope = || random.below(2001) as f32 / 1000.0 - 1.0;
                let (down, right) = (slope(), slope());
                for (i, p) in image.iter_mut().enumerate() {
                    let (y, x) = ((i / digits.w) as f32, (i % digits.w) as f32);
                    let at =
                        down * (y / digits.h as f32 - 0.5) + right * (x / digits.w as f32 - 0.5);
                    *p = p.max(0.25 + 0.25 * at);
                }
            }),
        }
    }
}

/// The first `m` images turned ever further, evenly from 0 to `degrees`; the rest as far as the last.
pub fn drifting(digits: &Digits, m: usize, degrees: f64) -> Digits {
    let mut out = digits.clone();
    let n = digits.h * digits.w;
    let last = m.min(digits.len()).saturating_sub(1).max(1);
    for (i, image) in out.pixels.chunks_mut(n).enumerate() {
        let angle = degrees * i.min(last) as f64 / last as f64;
        image.copy_from_slice(&digits.pick(&[i]).shifted(angle, 0.0, 0).pixels);
    }
    out
}

/// Every image as `of` makes it, clipped to [0, 1].
fn changed(digits: &Digits, of: impl FnMut(&mut [f32])) -> Digits {
    let mut out = digits.clone();
    out.pixels.chunks_mut(digits.h * digits.w).for_each(of);
    out.pixels.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_begins_upright_and_ends_as_far_as_said() {
        let digits = Digits {
            h: 4,
            w: 4,
            pixels: (0..64).map(|i| (i % 7) as f32 / 6.0).collect(),
            labels: vec![1, 2, 3, 4],
        };
        let out = drifting(&digits, 3, 30.0);
        let image = |d: &Digits, i: usize| d.pixels[16 * i..16 * (i + 1)].to_vec();
        assert_eq!(image(&out, 0), image(&digits, 0));
        for (i, angle) in [(1, 15.0), (2, 30.0), (3, 30.0)] {
            assert_eq!(image(&out, i), image(&digits.shifted(angle, 0.0, 0), i));
        }
    }

    #[test]
    fn shifts_change_images_the_same_way_for_a_seed() {
        let digits = Digits {
            h: 4,
            w: 4,
            pixels: (0..48).map(|i| (i % 7) as f32 / 6.0).collect(),
            labels: vec![1, 2, 3],
        };
        for shift in Shift::ALL {
            let once = shift.of(&digits, 3);
            assert_eq!(once, shift.of(&digits, 3), "{shift:?}");
            assert_ne!(once.pixels, digits.pixels, "{shift:?}");
            assert_eq!(once.labels, digits.labels);
            assert!(once.pixels.iter().all(|p| (0.0..=1.0).contains(p)));
        }
        // A slope of its own for each image, and no ink is lost.
        let sloped = Shift::Background.of(&digits, 3);
        let pairs = || sloped.pixels.iter().zip(&digits.pixels);
        assert!(pairs().all(|(s, p)| s >= p));
        let paper: Vec<f32> = pairs()
            .filter(|(_, p)| **p == 0.0)
            .map(|(s, _)| *s)
            .collect();
        assert!(paper.windows(2).any(|w| w[0] != w[1]), "{paper:?}");
    }
}
