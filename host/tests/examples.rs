//! The examples are programs that end well and say what they are there for. `cargo test` builds them, unless it is told to build this
//! test alone: then `cargo build --release -p tandem --examples` does.

use std::path::PathBuf;
use std::process::Command;

/// What an example prints.
fn said(name: &str) -> String {
    // Beside the folder this test stands in.
    let test = std::env::current_exe().expect("a path");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("a folder");
    let path: PathBuf = folder.join("examples").join(name);
    let out = Command::new(&path)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}; see the head of this file", path.display()));
    let (text, error) = (
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    );
    assert!(
        out.status.success(),
        "{name}: {}\n{text}{error}",
        out.status
    );
    text.into_owned()
}

/// The number before a word.
fn number(text: &str, before: &str) -> f64 {
    let end = text
        .find(before)
        .unwrap_or_else(|| panic!("no `{before}` in\n{text}"));
    let word = text[..end].split_whitespace().last().expect("a number");
    word.parse().unwrap_or_else(|e| panic!("{word}: {e}"))
}

#[test]
fn train_learns() {
    let text = said("train");
    // Far above the tenth that guessing gives.
    assert!(
        number(&text, " of 200 training images right") > 150.0,
        "{text}"
    );
    assert!(number(&text, " cycles predicted") > 0.0);
}

#[test]
fn label_keeps() {
    let text = said("label");
    assert_eq!(text.matches(": kept 5, of them ").count(), 10, "{text}");
    assert!(text.contains("300 labelled"), "{text}");
}

#[test]
fn adapt_goes_through_all_phases() {
    let text = said("adapt");
    for phase in [
        "supervised",
        "teacher",
        "labelling",
        "student",
        "fine-tuning",
    ] {
        assert!(text.lines().any(|l| l == phase), "{phase}:\n{text}");
    }
    assert_eq!(text.matches("hold-out").count(), 4, "{text}");
    assert!(text.contains("digest: Some("), "{text}");
}

#[test]
fn a_device_of_ones_own_learns() {
    let text = said("custom_device");
    assert!(text.contains("2 of 2 right"), "{text}");
    assert!(!text.contains("waits: 0 "), "{text}");
}
