//! Two real domains, both ways: digits of 8×8, and MNIST reduced to 8×8. Files and the reduction are described in data/README.md.

use crate::demo::weights;
use crate::error::CliError;
use std::path::Path;
use tandem::data::{clean, stream, Digits};
use tandem::network::Shape;
use tandem::study::Material;

/// The domain that the student must learn; the other one gives the clean samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// MNIST, learned from digits.
    Mnist,
    /// Digits, learned from MNIST.
    Digits,
}

/// Clean samples a class.
const LABELS: usize = 20;
/// In so many pixels of 14 each way lies MNIST's box of 20×20.
const BOX: usize = 10;
/// Pixels of an image, each way.
const SIDE: usize = 8;

/// The material of a seed.
pub fn material(folder: &Path, seed: u32, target: Target) -> Result<Material, CliError> {
    let pair = folder.join("pair");
    let digits = |part: &str| Digits::read(&pair, part);
    let mnist = |part: &str| Digits::read(folder, part).map(|d| d.middle(BOX).resampled(SIDE));
    let (source, clean, stream, held_out) = match target {
        Target::Mnist => {
            let (from, to) = (digits("train")?, mnist("train")?);
            let clean = from.pick(&clean(&pair, seed, LABELS)?.concat());
            let stream = to.pick(&stream(folder, seed, to.len())?);
            ("digits", clean, stream, mnist("test")?)
        }
        Target::Digits => {
            let (from, to) = (mnist("train")?, digits("train")?);
            let clean = from.pick(&clean(folder, seed, LABELS)?.concat());
            ("mnist", clean, to, digits("test")?)
        }
    };
    let shape = Shape {
        c: 1,
        h: SIDE,
        w: SIDE,
    };
    let teacher = weights(
        &pair.join(format!("teacher-{source}-{seed}.safetensors")),
        shape,
    )?;
    Ok(Material {
        clean,
        stream,
        held_out,
        teacher,
        augmented: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::trial::Domain;
    use tandem::parameters::Digest;

    #[test]
    fn every_seed_has_whole_material_both_ways() {
        let folder = crate::demo::folder(None).unwrap();
        for seed in 1..=5 {
            for (target, stream) in [(Target::Mnist, 8000), (Target::Digits, 1297)] {
                let m = material(&folder, seed, target).unwrap();
                for part in [&m.clean, &m.stream, &m.held_out] {
                    assert_eq!((part.h, part.w), (SIDE, SIDE));
                    assert!(part.pixels.iter().all(|p| (0.0..=1.0).contains(p)));
                }
                let held_out = Domain::Pair(target).held_out();
                assert_eq!((m.stream.len(), m.held_out.len()), (stream, held_out));
                for class in 0..10 {
                    let of = m.clean.labels.iter().filter(|&&l| l == class);
                    assert_eq!(of.count(), LABELS, "seed {seed}, {target:?}");
                }
            }
        }
        assert!(material(&folder, 77, Target::Mnist).is_err());
    }

    /// The fourth row of MNIST's first image, as data/pair.py reduces it for the teachers.
    #[test]
    fn teachers_saw_mnist_reduced_alike() {
        let folder = crate::demo::folder(None).unwrap();
        let train = Digits::read(&folder, "train").unwrap();
        let first = train.pick(&[0]).middle(BOX).resampled(SIDE);
        let expected = [0.0, 0.0013, 0.0417, 0.5889, 0.3037, 0.0508, 0.0, 0.0];
        for (found, expected) in first.pixels[3 * SIDE..].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{:?}", first.pixels);
        }
    }

    /// Digest of the digits, as data/pair.py took them from the package.
    #[test]
    fn the_digits_are_those_of_the_package() {
        let folder = crate::demo::folder(None).unwrap().join("pair");
        let mut digest = Digest::default();
        for part in ["train", "test"] {
            for what in ["images-idx3", "labels-idx1"] {
                digest.bytes(&std::fs::read(folder.join(format!("{part}-{what}-ubyte"))).unwrap());
            }
        }
        assert_eq!(digest.0, 0xad48_061d_42fd_044e, "{digest}");
    }
}
