//! MNIST as it is, 28×28: the images whose means of 2×2 pixels are those of `data/`, in the same order, so that splits and seeds are the same.
//!
//! The files do not fit the repository; `cargo xtask experiments whole` installs them.

use crate::error::{wrong, CliError};
use std::path::Path;
use tandem::data::{clean, stream, Digits};
use tandem::parameters::Parameters;
use tandem::study::Material;

/// Pixels of an image, each way, and of those in `data/`.
const SIDES: (usize, usize) = (28, 14);
/// Clean samples a class, without a shift and with one.
const LABELS: (usize, usize) = (10, 20);

/// The images of `data/`, whole: `mnist` holds MNIST's own files.
fn images(data: &Path, mnist: &Path) -> Result<[Digits; 2], CliError> {
    let read = |part: &str| {
        Digits::read(mnist, part).map_err(|e| {
            let remedy = "run `cargo xtask experiments whole`, which installs them, or say where they are with --mnist";
            wrong("--mnist", "MNIST", e, "its four IDX files", remedy)
        })
    };
    let small = [Digits::read(data, "train")?, Digits::read(data, "test")?];
    let train: Vec<usize> = (0..small[0].len()).collect();
    // Spread evenly, as data/README.md says.
    let test: Vec<usize> = (0..small[1].len()).map(|i| 3 + 4 * (i * 5 / 4)).collect();
    let pick = |of: Digits, which: &[usize]| {
        let there = which.iter().all(|&i| i < of.len());
        there.then(|| of.pick(which))
    };
    let whole = [pick(read("train")?, &train), pick(read("t10k")?, &test)];
    match whole {
        [Some(a), Some(b)] if same(&a, &small[0]) && same(&b, &small[1]) => Ok([a, b]),
        _ => {
            let (found, expected) = ("others", "those that data/ was made of");
            let remedy = "remove the folder and run `cargo xtask experiments whole`";
            Err(wrong(mnist.display(), "images", found, expected, remedy))
        }
    }
}

/// Whether small images are the means of whole ones, to the rounding of a byte.
fn same(whole: &Digits, small: &Digits) -> bool {
    if (whole.h, whole.w, &whole.labels) != (SIDES.0, SIDES.0, &small.labels) {
        return false;
    }
    let means = whole.resampled(SIDES.1);
    let near = |(a, b): (&f32, &f32)| (a - b).abs() * 255.0 < 0.51;
    means.pixels.len() == small.pixels.len() && means.pixels.iter().zip(&small.pixels).all(near)
}

/// The material of a seed, with a shift or in the same domain; without a teacher, which its rows teach.
pub fn material(data: &Path, mnist: &Path, seed: u32, shifted: bool) -> Result<Material, CliError> {
    let [train, test] = images(data, mnist)?;
    let labels = if shifted { LABELS.1 } else { LABELS.0 };
    let picked = stream(data, seed, train.len())?;
    let shift = |d: Digits, seed: u64| match shifted {
        true => d.shifted(20.0, 0.2, seed),
        false => d,
    };
    let first = 2 * u64::from(seed);
    Ok(Material {
        clean: train.pick(&clean(data, seed, labels)?.concat()),
        stream: shift(train.pick(&picked), first),
        held_out: shift(test, first + 1),
        teacher: Parameters::default(),
        augmented: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(side: usize, pixel: impl Fn(usize) -> f32) -> Digits {
        Digits {
            h: side,
            w: side,
            pixels: (0..2 * side * side).map(pixel).collect(),
            labels: vec![3, 4],
        }
    }

    #[test]
    fn whole_images_are_known_by_their_means() {
        let whole = digits(28, |i| (i * 37 % 256) as f32 / 255.0);
        let byte = |p: &f32| (p * 255.0 + 0.5).floor() / 255.0;
        let means = whole.resampled(14);
        let small = |change: usize| {
            let pixels = means.pixels.iter().map(byte).enumerate();
            let one = |(i, p): (usize, f32)| if i == change { p + 2.0 / 255.0 } else { p };
            Digits {
                pixels: pixels.map(one).collect(),
                ..means.clone()
            }
        };
        assert!(same(&whole, &small(usize::MAX)));
        assert!(!same(&whole, &small(77)));
        let other = Digits {
            labels: vec![3, 5],
            ..small(usize::MAX)
        };
        assert!(!same(&whole, &other));
        assert!(!same(&small(usize::MAX), &small(usize::MAX)));
    }

    #[test]
    fn without_the_files_it_says_how_to_get_them() {
        let data = crate::demo::folder(None).unwrap();
        let e = material(&data, Path::new("nowhere"), 1, true).unwrap_err();
        assert!(
            e.to_string().contains("cargo xtask experiments whole"),
            "{e}"
        );
    }
}
