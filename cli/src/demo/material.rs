//! The digits of a seed: clean samples, stream, held-out images, teacher. Files and the shifted domain are described in data/README.md.

use crate::error::{wrong, CliError};
use std::path::{Path, PathBuf};
use tandem::data::{clean, stream, Digits};
use tandem::network::Shape;
use tandem::parameters::Parameters;
use tandem::study::{teacher, Material};

/// Of the short demo: samples of the stream, held-out images.
const SHORT: (usize, usize) = (2000, 1000);
/// Augmented samples made of each clean one.
const COPIES: usize = 32;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Stream and held-out images from the domain of the clean ones.
    pub same_domain: bool,
    /// The whole stream and all held-out images.
    pub full: bool,
    /// Augmented clean samples, too.
    pub augmented: bool,
}

/// Where the data is: as said, in the workspace, or where this was built.
pub fn folder(given: Option<&Path>) -> Result<PathBuf, CliError> {
    if let Some(folder) = given {
        if folder.is_dir() {
            return Ok(folder.into());
        }
        let remedy = "give the folder that has splits.json";
        let found = folder.display();
        return Err(wrong(
            "--data",
            "folder",
            found,
            "a folder that is there",
            remedy,
        ));
    }
    let here = Path::new("data");
    Ok(if here.join("splits.json").is_file() {
        here.into()
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
    })
}

/// A teacher's weights, for images of this shape.
pub fn weights(path: &Path, shape: Shape) -> Result<Parameters, CliError> {
    let bytes = std::fs::read(path).map_err(|e| {
        let remedy = "choose a seed that has a teacher, or make one as data/README.md says";
        wrong(path.display(), "reading", e, "a teacher's weights", remedy)
    })?;
    Parameters::from_safetensors(&teacher(shape)?, &bytes).map_err(|e| {
        let remedy = "fetch the file again or make it as data/README.md says";
        wrong(path.display(), "weights", e, "those of the teacher", remedy)
    })
}

/// The material of a seed.
pub fn material(folder: &Path, seed: u32, scope: Scope) -> Result<Material, CliError> {
    if scope.same_domain {
        return before_the_shift(folder, seed, scope);
    }
    shifted(folder, seed, scope, |d, seed| d.shifted(20.0, 0.2, seed))
}

/// The same with stream and held-out images shifted by `shift`, which draws from a seed of its own for each.
pub fn shifted(
    folder: &Path,
    seed: u32,
    scope: Scope,
    shift: impl Fn(&Digits, u64) -> Digits,
) -> Result<Material, CliError> {
    let mut material = before_the_shift(folder, seed, scope)?;
    let first = 2 * u64::from(seed);
    material.stream = shift(&material.stream, first);
    material.held_out = shift(&material.held_out, first + 1);
    Ok(material)
}

/// Stream and held-out images from the domain of the clean ones.
fn before_the_shift(folder: &Path, seed: u32, scope: Scope) -> Result<Material, CliError> {
    let train = Digits::read(folder, "train")?;
    let test = Digits::read(folder, "test")?;
    let (row, labels) = if scope.same_domain {
        ("same", 10)
    } else {
        ("shifted", 20)
    };
    let clean = train.pick(&clean(folder, seed, labels)?.concat());
    let mut stream = stream(folder, seed, train.len())?;
    let mut held_out: Vec<usize> = (0..test.len()).collect();
    if !scope.full {
        stream.truncate(SHORT.0);
        held_out.truncate(SHORT.1);
    }
    let shape = Shape {
        c: 1,
        h: train.h,
        w: train.w,
    };
    let teacher = weights(
        &folder.join(format!("teacher-{row}-{seed}.safetensors")),
        shape,
    )?;
    Ok(Material {
        augmented: scope
            .augmented
            .then(|| clean.augmented(COPIES, seed.into())),
        clean,
        stream: train.pick(&stream),
        held_out: test.pick(&held_out),
        teacher,
    })
}
