//! Every relative link of the pages leads to a file that is there.

use std::path::Path;

/// Folders with pages.
const FOLDERS: &[&str] = &["", "docs", "docs/decisions", "data"];

#[test]
fn relative_links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut files, mut links) = (Vec::new(), 0);
    for folder in FOLDERS {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "md") {
                files.push(path);
            }
        }
    }
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#', ' ']).next().unwrap_or("");
            if target.is_empty() || target.contains("://") || target.contains('[') {
                continue;
            }
            links += 1;
            assert!(
                file.parent().unwrap().join(target).exists(),
                "{}: link to {target}, which is not there; correct the link",
                file.display()
            );
        }
    }
    assert!(
        files.len() >= 10 && links >= 20,
        "{} files, {links} links",
        files.len()
    );
}
