//! The book: its pages are there, its links lead somewhere, and the errors it explains are those of the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Targets of the links of a page, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        // Of a line in backquotes every second part is code.
        let plain: Vec<&str> = line.split('`').step_by(2).collect();
        if code {
            continue;
        }
        let plain = plain.join("");
        for part in plain.split("](").skip(1) {
            if let Some(end) = part.find(')') {
                all.push(part[..end].to_string());
            }
        }
    }
    all
}

/// Anchors of a page, as GitHub and mdBook make them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|l| l.starts_with('#'));
    let of = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(of).collect()
}

/// Markdown files below a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(pages(&path));
        } else if path.extension().is_some_and(|e| e == "md") {
            all.push(path);
        }
    }
    all.sort();
    all
}

#[test]
fn the_book_has_every_page_and_every_page_is_there() {
    let docs = root().join("docs");
    let summary = read(&docs.join("SUMMARY.md"));
    let named: BTreeSet<PathBuf> = links(&summary).iter().map(|l| docs.join(l)).collect();
    for page in &named {
        assert!(page.is_file(), "SUMMARY.md names {}", page.display());
    }
    let found: BTreeSet<PathBuf> = pages(&docs).into_iter().collect();
    let missing: Vec<&PathBuf> = found.difference(&named).collect();
    assert_eq!(
        missing,
        [&docs.join("SUMMARY.md")],
        "pages that are not in SUMMARY.md"
    );
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut files = pages(&root().join("docs"));
    files.extend(
        [
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "data/README.md",
        ]
        .map(|f| root().join(f)),
    );
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in &files {
        let text = read(file);
        let folder = file.parent().expect("a folder");
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (path, anchor) = link
                .split_once('#')
                .map_or((&*link, None), |(p, a)| (p, Some(a)));
            let target = if path.is_empty() {
                file.clone()
            } else {
                folder.join(path)
            };
            let leads = match anchor {
                _ if !target.exists() => false,
                Some(anchor) if target.is_file() => anchors(&read(&target)).contains(anchor),
                _ => true,
            };
            if !leads {
                wrong.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(count > 100, "{count} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rust files below a folder, as one text with the breaks of long string literals taken out.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = read(&path);
            for (i, part) in text.split("\\\n").enumerate() {
                into.push_str(if i == 0 { part } else { part.trim_start() });
            }
        }
    }
}

#[test]
fn the_errors_that_are_explained_are_the_programs() {
    let mut text = String::new();
    for folder in ["host/src", "cli/src", "isa/src"] {
        sources(&root().join(folder), &mut text);
    }
    let page = read(&root().join("docs/errors.md"));
    let rows = page
        .lines()
        .filter_map(|l| l.strip_prefix("| `")?.split_once('`'));
    let mut count = 0;
    for (said, _) in rows {
        // What clap says is not ours.
        if said == "cannot be used multiple times" {
            continue;
        }
        // `expected` is put before what the source has.
        let said = said.strip_prefix("expected ").unwrap_or(said);
        assert!(text.contains(said), "no error says `{said}`");
        count += 1;
    }
    assert!(count >= 15, "{count} errors");
}
