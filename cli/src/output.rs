//! Result files that are there whole or not at all, and lines for whoever still reads them.

use crate::error::{wrong, CliError};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Prints a line; a reader that has gone (`| head`) needs no more of them.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A file that is written under another name and gets its own when it is complete.
pub struct Output {
    path: PathBuf,
    part: PathBuf,
    option: &'static str,
}

fn failed(path: &Path, option: &str, e: std::io::Error) -> CliError {
    wrong(
        path.display(),
        "writing",
        e,
        "a file in a folder that can be written",
        format_args!("give another path to {option}"),
    )
}

impl Output {
    /// The file of `--json`.
    pub fn new(path: &Path) -> Result<Output, CliError> {
        Output::for_option(path, "--json")
    }

    /// Makes sure that it can be written, before anything long begins.
    pub fn for_option(path: &Path, option: &'static str) -> Result<Output, CliError> {
        if path.is_dir() {
            return Err(failed(
                path,
                option,
                std::io::ErrorKind::IsADirectory.into(),
            ));
        }
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        std::fs::write(&part, "").map_err(|e| failed(path, option, e))?;
        let path = path.to_path_buf();
        Ok(Output { path, part, option })
    }

    /// Writes all of it.
    pub fn finish(self, text: &str) -> Result<(), CliError> {
        self.finish_with(|file| file.write_all(text.as_bytes()))
    }

    /// Writes all of it by `write`.
    pub fn finish_with(
        self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), CliError> {
        let whole = || {
            let mut file = BufWriter::new(File::create(&self.part)?);
            write(&mut file)?;
            file.flush()
        };
        whole()
            .and_then(|()| std::fs::rename(&self.part, &self.path))
            .map_err(|e| failed(&self.path, self.option, e))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After `finish` it is no longer there.
        let _ = std::fs::remove_file(&self.part);
    }
}
