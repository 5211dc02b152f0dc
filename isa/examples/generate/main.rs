//! Writes every file that is generated from this package; `cargo xtask generate` runs it.
//!
//! Not for files that have another source: those are written where they live.

mod pages;

use std::process::ExitCode;

fn main() -> ExitCode {
    for (path, text) in pages::files() {
        let file = pages::root().join(path);
        let text = match pages::whole(path, text) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("generate: {error}");
                return ExitCode::FAILURE;
            }
        };
        if let Err(error) = std::fs::write(&file, text) {
            eprintln!("generate: cannot write {}: {error}", file.display());
            return ExitCode::FAILURE;
        }
        println!("{path}");
    }
    ExitCode::SUCCESS
}
