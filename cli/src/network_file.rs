//! Networks from files and names, and to files: the one place that knows the kinds of files.

use crate::error::{wrong, CliError};
use std::path::Path;
use tandem::checkpoint::write_whole;
use tandem::model::{named, names, Model};
use tandem::network::Shape;
use tandem::onnx::{export, import, Imported, Metadata};

const KINDS: &str = "a .safetensors or .onnx file";

/// A kind of file.
#[derive(Clone, Copy)]
enum Kind {
    Safetensors,
    Onnx,
}

fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()? {
        "safetensors" => Some(Kind::Safetensors),
        "onnx" => Some(Kind::Onnx),
        _ => None,
    }
}

/// Whether a file of this name can be written.
pub fn check_out(option: &str, path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if kind(path).is_none() {
        let (found, remedy) = (path.display(), "end its name with one of these");
        return Err(wrong(option, "kind of file", found, KINDS, remedy));
    }
    match folder.filter(|f| !f.is_dir()) {
        Some(f) => {
            let remedy = "make the folder, or give another";
            let expected = "a folder that is there";
            Err(wrong(option, "folder", f.display(), expected, remedy))
        }
        None => Ok(()),
    }
}

/// Reads a file of weights; `network` is the name of its network, for one that does not say. What is not as in the file is said on
/// standard error.
pub fn read(
    option: &str,
    path: &Path,
    network: Option<&str>,
    shape: Option<Shape>,
    classes: Option<usize>,
) -> Result<Model, CliError> {
    let Some(kind) = kind(path) else {
        let (found, remedy) = (path.display(), "give a file of one of these kinds");
        return Err(wrong(option, "kind of file", found, KINDS, remedy));
    };
    let place = format!("{option} {}", path.display());
    let bytes = std::fs::read(path)
        .map_err(|e| wrong(&place, "reading", e, "a file of weights", "check the path"))?;
    match kind {
        Kind::Safetensors => {
            let hint = match network {
                Some(_) => String::new(),
                None => format!(" ({option}-network names it: {})", names().join(", ")),
            };
            let model = || {
                let network = network.map(|n| named(n, shape, classes)).transpose()?;
                Model::from_safetensors(&bytes, network)
            };
            model().map_err(|error| CliError::Network {
                place,
                error: Box::new(error),
                hint,
            })
        }
        Kind::Onnx => {
            let failed = |error| CliError::Onnx {
                place: place.clone(),
                error: Box::new(error),
            };
            let read = import(&bytes).map_err(failed)?;
            for note in &read.notes {
                eprintln!("tandem: {place}: {note}");
            }
            Ok(from_onnx(read))
        }
    }
}

fn from_onnx(read: Imported) -> Model {
    let Metadata {
        classes,
        mean,
        deviation,
    } = read.metadata;
    let channels = read.network.input().c;
    let all = |values: Vec<f32>, usual| {
        if values.is_empty() {
            vec![usual; channels]
        } else {
            values
        }
    };
    let said = !mean.is_empty() || !deviation.is_empty();
    Model {
        parameters: Some(read.parameters),
        classes: (!classes.is_empty()).then_some(classes),
        normalisation: said.then(|| (all(mean, 0.0), all(deviation, 1.0))),
        ..Model::untrained(read.network)
    }
}

/// A name of a network, or a file as [`read`] takes it.
pub fn name_or_file(
    option: &str,
    given: &str,
    network: Option<&str>,
    shape: Option<Shape>,
    classes: Option<usize>,
) -> Result<Model, CliError> {
    if names().contains(&given) {
        return Ok(Model::untrained(named(given, shape, classes)?));
    }
    let path = Path::new(given);
    if kind(path).is_none() && !path.exists() {
        let expected = format!("{}, or {KINDS}", names().join(", "));
        return Err(wrong(
            option,
            "network",
            given,
            expected,
            "choose one of these",
        ));
    }
    read(option, path, network, shape, classes)
}

/// Writes a model; the file is there whole or not at all.
pub fn write(option: &str, path: &Path, model: &Model) -> Result<(), CliError> {
    let place = format!("{option} {}", path.display());
    let bytes = match (kind(path), &model.parameters) {
        (Some(Kind::Onnx), Some(parameters)) => {
            let (mean, deviation) = model.normalisation.clone().unwrap_or_default();
            let metadata = Metadata {
                classes: model.classes.clone().unwrap_or_default(),
                mean,
                deviation,
            };
            export(&model.network, parameters, &metadata).map_err(|error| CliError::Onnx {
                place: place.clone(),
                error: Box::new(error),
            })?
        }
        _ => model.to_safetensors()?,
    };
    write_whole(path, &bytes).map_err(|e| {
        let expected = "a file that can be written";
        wrong(place, "writing", e, expected, "give another path")
    })
}
