//! Builds the book in `docs/`.
use crate::{run, tools};
use std::path::{Component, Path, PathBuf};

/// Where files that are no pages of the book are read.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Builds it into `target/book`; links to files outside of it lead to the repository.
pub fn build() -> Result<(), String> {
    let program = tools::mdbook()?;
    let out = tools::target().join("book");
    let mut command = std::process::Command::new(program);
    command
        .arg("build")
        .arg(tools::root().join("docs"))
        .arg("--dest-dir")
        .arg(&out);
    run::step_of("mdbook", &mut command)?;
    let mut dead = Vec::new();
    for page in pages(&out)? {
        let failed = |e| format!("{}: {e}", page.display());
        let text = std::fs::read_to_string(&page).map_err(failed)?;
        let place = page.strip_prefix(&out).unwrap_or(&page);
        let (linked, missing) = outward(&text, place, &|file| {
            if out.join(file).exists() {
                Target::Book
            } else if tools::root().join("docs").join(file).exists() {
                Target::Repository
            } else {
                Target::Nowhere
            }
        });
        dead.extend(missing);
        std::fs::write(&page, linked).map_err(failed)?;
    }
    if !dead.is_empty() {
        return Err(format!("links that lead nowhere:\n{}", dead.join("\n")));
    }
    println!("book in {}", out.join("index.html").display());
    Ok(())
}

/// HTML files below a folder.
fn pages(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut all = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            all.extend(pages(&path)?);
        } else if path.extension().is_some_and(|e| e == "html") {
            all.push(path);
        }
    }
    Ok(all)
}

/// Where a relative link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Book,
    Repository,
    Nowhere,
}

/// The page at `place` with its links to files of the repository made absolute, and those that lead nowhere. `find` is asked about
/// paths relative to the book, and to `docs/`.
fn outward(text: &str, place: &Path, find: &dyn Fn(&Path) -> Target) -> (String, Vec<String>) {
    const LINK: &str = "href=\"";
    let (mut out, mut dead) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(LINK) {
        let (before, after) = rest.split_at(at + LINK.len());
        out += before;
        let (link, after) = after.split_at(after.find('"').unwrap_or(after.len()));
        rest = after;
        let (file, anchor) = link.split_at(link.find(['#', '?']).unwrap_or(link.len()));
        if file.is_empty() || file.contains(':') || file.starts_with('/') {
            out += link;
            continue;
        }
        let folder = place.parent().unwrap_or(Path::new(""));
        let target = joined(folder, file);
        // Links to pages were given the ending of a page of the book, also where there is none.
        let source = match file.strip_suffix(".html") {
            Some(page) => joined(folder, &format!("{page}.md")),
            None => target.clone(),
        };
        let mut found = [target, source].map(|path| (find(&path), path)).into_iter();
        let found = found.find(|(t, _)| *t != Target::Nowhere);
        match found {
            Some((Target::Repository, path)) => {
                let path = joined(Path::new("docs"), &path.to_string_lossy());
                out += &format!("{REPOSITORY}{}{anchor}", path.display());
            }
            Some(_) => out += link,
            None => {
                dead.push(format!("{}: {link}", place.display()));
                out += link;
            }
        }
    }
    (out + rest, dead)
}

/// `folder/file` without its `..` as far as they can be taken away.
fn joined(folder: &Path, file: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for part in folder.join(file).components() {
        match part {
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_book_lead_to_the_repository() {
        let find = |path: &Path| match path.to_str().unwrap() {
            "engine.html" => Target::Book,
            "../data/README.md" | "../hdl/src/lib.rs" => Target::Repository,
            _ => Target::Nowhere,
        };
        let page = "<a href=\"../engine.html#top\">a</a> <a href=\"../../data/README.html#f\">b</a> \
            <a href=\"../../hdl/src/lib.rs\">c</a> <a href=\"https://x.org/y\">d</a> <a href=\"#e\">e</a> <a href=\"none.html\">f</a>";
        let (linked, dead) = outward(page, Path::new("boards/cu.html"), &find);
        assert!(linked.contains("href=\"../engine.html#top\""), "{linked}");
        assert!(
            linked.contains(&format!("href=\"{REPOSITORY}data/README.md#f\"")),
            "{linked}"
        );
        assert!(
            linked.contains(&format!("href=\"{REPOSITORY}hdl/src/lib.rs\"")),
            "{linked}"
        );
        assert!(linked.contains("https://x.org/y") && linked.contains("\"#e\""));
        assert_eq!(dead, ["boards/cu.html: none.html"]);
    }
}
