//! Which blocks have been shown to agree with their Verilog, as files in the target folder: an empty one a block. The test
//! `every_block_has_parity` looks there for every block of the sources.
use crate::verilate::{target_dir, VerilateError};
use std::fs;
use std::path::PathBuf;

/// Folder of the files.
pub fn shown_dir() -> PathBuf {
    target_dir().join("verilated").join("shown")
}

/// Notes that `B` agrees. Its file is named by the path of the type without its parameters: `memory.issue.Issue`.
pub(super) fn note<B>() -> Result<(), VerilateError> {
    let path = std::any::type_name::<B>();
    let path = path.split('<').next().unwrap_or(path);
    let inside = path.split_once("::").map_or(path, |(_, rest)| rest);
    let dir = shown_dir();
    let file = dir.join(inside.replace("::", "."));
    fs::create_dir_all(&dir).map_err(VerilateError::file("create", &dir))?;
    fs::write(&file, "").map_err(VerilateError::file("write", &file))
}
