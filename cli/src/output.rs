//! Result files that are there whole or not at all, and lines for whoever still reads them.

use crate::error::{wrong, CliError};
use std::path::{Path, PathBuf};

/// Prints a line; a reader that has gone (`| head`) needs no more of them.
pub fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A file that is written under another name and gets its own when it is complete.
pub struct Output {
    path: PathBuf,
    part: PathBuf,
}

fn failed(path: &Path, e: std::io::Error) -> CliError {
    wrong(
        path.display(),
        "writing",
        e,
        "a file in a folder that can be written",
        "give another path to --json",
    )
}

impl Output {
    /// Makes sure that it can be written, before anything long begins.
    pub fn new(path: &Path) -> Result<Output, CliError> {
        if path.is_dir() {
            return Err(failed(path, std::io::ErrorKind::IsADirectory.into()));
        }
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        std::fs::write(&part, "").map_err(|e| failed(path, e))?;
        let path = path.to_path_buf();
        Ok(Output { path, part })
    }

    /// Writes all of it.
    pub fn finish(self, text: &str) -> Result<(), CliError> {
        std::fs::write(&self.part, text)
            .and_then(|()| std::fs::rename(&self.part, &self.path))
            .map_err(|e| failed(&self.path, e))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After `finish` it is no longer there.
        let _ = std::fs::remove_file(&self.part);
    }
}
