//! The commands of the first pages of the book and of README's "Your own images" do what they are there for.

mod support;

use std::fs;
use std::path::Path;
use support::{done, folders};

/// Commands of the `sh` blocks of a text, continued lines joined.
fn commands(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut all = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            all.push(line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    all
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A folder as a checkout is, and what the commands said in it.
fn follow(folder: &Path, text: &str) -> Vec<(String, String)> {
    fs::create_dir_all(folder.join("data")).expect("a folder");
    let teacher = "teacher-shifted-1.safetensors";
    fs::copy(
        support::data().join(teacher),
        folder.join("data").join(teacher),
    )
    .expect("a teacher");
    let mut said = Vec::new();
    for command in commands(text) {
        match command.strip_prefix("tandem ") {
            Some(line) => said.push((command.clone(), done(folder, line))),
            // What that does is done by the same functions.
            None if command == "cargo run --release -p tandem --example folders -- digits" => {
                folders(&folder.join("digits"), 20, 2000, 1000);
            }
            None => assert_eq!(command, "cargo install --path cli"),
        }
    }
    said
}

fn verbs(said: &[(String, String)]) -> Vec<&str> {
    said.iter()
        .filter_map(|(c, _)| c.split(' ').nth(1))
        .collect()
}

#[test]
fn the_page_does_what_it_says() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let text = page("docs/adapt.md");
    let said = follow(dir.path(), &text);
    assert_eq!(
        verbs(&said),
        ["adapt", "label", "adapt", "report", "eval", "infer", "train"]
    );
    // The figures on the page are those of the command above them, and of the resumed run.
    let shown = text
        .split("```text\n")
        .nth(1)
        .and_then(|t| t.split("```").next());
    let shown = shown.expect("what it prints");
    for (command, out) in said.iter().filter(|(c, _)| c.contains(" adapt ")) {
        assert!(out.starts_with(shown), "{command} printed\n{out}");
    }
}

#[test]
fn the_first_steps_lead_on() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    // One after the other, as they are read: the second page uses the first one's images.
    let text = page("docs/first-steps.md") + &page("docs/seeing.md");
    let said = follow(dir.path(), &text);
    assert_eq!(
        verbs(&said),
        ["info", "adapt", "report", "infer", "train", "report"]
    );
    for name in ["first.run/report.html", "seen.html"] {
        let text = fs::read_to_string(dir.path().join(name)).expect("a page");
        assert!(text.ends_with("</html>\n"), "{name}");
    }
    let trace = fs::read(dir.path().join("seen.json")).expect("a trace");
    let trace: serde_json::Value = serde_json::from_slice(&trace).expect("JSON");
    let slices = trace["traceEvents"].as_array().expect("a list");
    assert!(slices.iter().any(|s| s["name"] == "conv2 dW"));
}

#[test]
fn the_front_page_has_the_command() {
    let text = page("README.md");
    let section = text
        .split("## Your own images")
        .nth(1)
        .and_then(|t| t.split("\n## ").next());
    let found = commands(section.expect("the section"));
    // It is that of the page without the shorter training.
    let shorter = " --images 6400 --tune-images 640";
    let expected = commands(&page("docs/adapt.md"));
    let adapt = |all: &[String]| all.iter().find(|c| c.contains("adapt --teacher")).cloned();
    let expected = adapt(&expected).expect("the command").replace(shorter, "");
    assert_eq!(adapt(&found), Some(expected));
}
