//! Folders of images, and the program as a process.

#![allow(dead_code)] // Each test file takes what it needs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tandem::data::{clean, stream, Digits};

/// The data folder.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

/// `labelled`, `unlabelled` and `holdout` below `folder`: PNG files of digits.
pub fn folders(folder: &Path, per_class: usize, unlabelled: usize, holdout: usize) {
    let train = Digits::read(&data(), "train").expect("digits");
    let test = Digits::read(&data(), "test").expect("digits");
    let labelled = clean(&data(), 1, per_class).expect("splits").concat();
    let mut images = stream(&data(), 1, train.len()).expect("splits");
    images.truncate(unlabelled);
    let judges: Vec<usize> = (0..holdout).collect();
    let moved = |d: Digits, seed| d.shifted(20.0, 0.2, seed);
    let save = |d: Digits, name: &str, classes| d.save(&folder.join(name), classes).expect("files");
    save(train.pick(&labelled), "labelled", true);
    save(moved(train.pick(&images), 2), "unlabelled", false);
    save(moved(test.pick(&judges), 3), "holdout", true);
}

/// The program in `folder`, on the model.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command.current_dir(folder);
    command
}

/// Arguments from one line; `TEACHER` is the demo's.
pub fn words(line: &str) -> Vec<String> {
    let teacher = data().join("teacher-shifted-1.safetensors");
    line.split_whitespace()
        .map(|w| w.replace("TEACHER", &teacher.display().to_string()))
        .collect()
}

/// Runs a line of arguments.
pub fn run(folder: &Path, line: &str) -> Output {
    program(folder)
        .args(words(line))
        .output()
        .expect("the program starts")
}

/// Runs it and expects it to succeed; its standard output.
pub fn done(folder: &Path, line: &str) -> String {
    let out = run(folder, line);
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{line}: {error}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// What it says when it refuses, which it must, by exit code 2; the folder's path is left out.
pub fn refused(folder: &Path, line: &str) -> String {
    let out = run(folder, line);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{line}: {text}");
    assert!(!text.contains("panicked"), "{text}");
    let real = folder.canonicalize().expect("a folder");
    text.replace(&format!("{}/", real.display()), "")
        .replace(&format!("{}/", folder.display()), "")
}

/// Lines of JSON.
pub fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}")))
        .collect()
}
