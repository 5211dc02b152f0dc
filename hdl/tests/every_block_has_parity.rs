//! Every block of the sources has a parity test of its own. The tests of `src` note what they have shown; this one, which
//! cargo runs after them, finds the blocks in the sources and looks whether each is there.
use std::fs;
use std::path::{Path, PathBuf};
use tandem_hdl::parity::shown_dir;

/// Blocks that are shown otherwise, and how.
const OTHERWISE: [(&str, &str); 1] = [(
    "engine.Engine",
    "joins the others; as RTL it runs all suites of tests/ against the model, its Rust simulation would take days",
)];

/// Rust files below `dir` that hold no tests only.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let tests = name == "tests" || name.ends_with("_tests") || name == "traps";
        if path.is_dir() && !tests {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !tests {
            found.push(path);
        }
    }
}

/// Name of the struct that `line` declares.
fn declared(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ").unwrap_or(line);
    let rest = rest.strip_prefix("struct ")?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|name| !name.is_empty())
}

/// Blocks a file declares: structs that derive `LogicBlock`, and those a macro of the crate makes (`pub struct Name: …`).
fn blocks(text: &str) -> Vec<String> {
    // What follows are tests, with blocks of their own.
    let text = text.split("\nmod tests {").next().unwrap_or(text);
    let mut derived = false;
    let mut found = vec![];
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[derive(") {
            derived = line.contains("LogicBlock");
        }
        let Some(name) = declared(line) else {
            continue;
        };
        if derived || line.contains(&format!("{name}: ")) {
            found.push(name.to_string());
        }
        derived = false;
    }
    found
}

#[test]
fn every_block_has_a_parity_test_of_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    sources(&root, &mut files);
    let shown = shown_dir();
    let (mut all, mut missing) = (vec![], vec![]);
    for file in files {
        let inside = file.strip_prefix(&root).unwrap().with_extension("");
        let parts = inside.iter().map(|p| p.to_string_lossy());
        let module = parts.collect::<Vec<_>>().join(".");
        for block in blocks(&fs::read_to_string(&file).unwrap()) {
            let block = format!("{module}.{block}");
            let otherwise = OTHERWISE.iter().any(|(name, _)| *name == block);
            if !otherwise && !shown.join(&block).is_file() {
                missing.push(block.clone());
            }
            all.push(block);
        }
    }
    assert!(
        all.len() > 100,
        "only {} blocks found in {root:?}",
        all.len()
    );
    for (name, _) in OTHERWISE {
        assert!(all.iter().any(|b| b == name), "{name} is no block any more");
    }
    assert!(
        missing.is_empty(),
        "{} of {} blocks have no parity test that passed: {}. Write one as CONTRIBUTING.md shows, then run all of \
         `cargo test --release -p tandem-hdl`: tests note what they have shown in {}",
        missing.len(),
        all.len(),
        missing.join(", "),
        shown.display()
    );
}

#[test]
fn blocks_are_found_in_a_file() {
    let text = "#[derive(Clone, LogicBlock)]\n#[allow(missing_docs)]\npub struct A<const L: usize> {\n}\n\
                #[derive(Clone)]\npub struct B {\n}\nread_mux! {\n    /// Doc.\n    pub struct C: 16 {\n    }\n}\n\
                mod tests {\n    #[derive(LogicBlock)]\n    struct D {\n    }\n}\n";
    assert_eq!(blocks(text), ["A", "C"]);
}
