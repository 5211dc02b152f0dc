//! Networks from files and names, and to files: the one place that knows the kinds of files.

use crate::error::{wrong, CliError};
use std::path::Path;
use tandem::checkpoint::write_whole;
use tandem::model::{named, names, Model};
use tandem::network::Shape;

const KINDS: &str = "a .safetensors file";

fn kind(path: &Path) -> &str {
    path.extension().and_then(|e| e.to_str()).unwrap_or("")
}

/// Whether a file of this name can be written.
pub fn check_out(option: &str, path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if kind(path) != "safetensors" {
        let remedy = "end its name with one of these";
        return Err(wrong(option, "kind of file", path.display(), KINDS, remedy));
    }
    match folder.filter(|f| !f.is_dir()) {
        Some(f) => {
            let remedy = "make the folder, or give another";
            Err(wrong(
                option,
                "folder",
                f.display(),
                "a folder that is there",
                remedy,
            ))
        }
        None => Ok(()),
    }
}

/// Reads a file of weights; `network` is the name of its network, for one that does not say.
pub fn read(
    option: &str,
    path: &Path,
    network: Option<&str>,
    shape: Option<Shape>,
    classes: Option<usize>,
) -> Result<Model, CliError> {
    if kind(path) != "safetensors" {
        let remedy = "give a file of one of these kinds";
        return Err(wrong(option, "kind of file", path.display(), KINDS, remedy));
    }
    let bytes = std::fs::read(path).map_err(|e| {
        let place = format!("{option} {}", path.display());
        wrong(place, "reading", e, "a file of weights", "check the path")
    })?;
    let hint = match network {
        Some(_) => String::new(),
        None => format!(" ({option}-network names it: {})", names().join(", ")),
    };
    let place = format!("{option} {}", path.display());
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
    if kind(path).is_empty() && !path.exists() {
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
    let bytes = model.to_safetensors()?;
    write_whole(path, &bytes).map_err(|e| {
        let place = format!("{option} {}", path.display());
        wrong(
            place,
            "writing",
            e,
            "a file that can be written",
            "give another path",
        )
    })
}
