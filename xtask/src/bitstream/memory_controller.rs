//! LiteDRAM, generated where it is needed and never kept in the repository.
use super::tool;
use crate::tools::{self, PythonTool};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the set-up was written for; from setuptools 81 on a module that LiteX needs is gone.
const PACKAGES: &str =
    "litedram==2024.12 litex==2024.12 migen==0.10.0 liteiclink==2025.4 setuptools<81";

/// Generates the controller of `constraints/SETTINGS` below `folder`; its own folder.
pub fn generate(settings: &str, folder: &Path) -> Result<PathBuf, String> {
    let settings = tools::root().join("constraints").join(settings);
    let to = folder.join("litedram");
    let mut program = Command::new(tools::python_tool(PythonTool {
        name: "litedram_gen",
        packages: PACKAGES,
        invocation: "-m litedram.gen".into(),
        trial: None,
    })?);
    program
        .current_dir(folder)
        .arg(&settings)
        .args(["--output-dir", "litedram"])
        .args(["--no-compile-software", "--no-compile-gateware"]);
    tool::complete(program, &to)?;
    Ok(to)
}
