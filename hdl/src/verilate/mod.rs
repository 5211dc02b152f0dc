//! Finds Verilator and Yosys and runs them. Used by the parity harness and by the build of the simulated device; not a general
//! wrapper: it knows only what these two need.
mod error;
mod find;
mod harness;
mod yosys;

pub use error::VerilateError;
pub use find::{target_dir, Verilator};
pub use harness::Harness;
pub use yosys::{count, find as find_yosys, validate};

use std::path::Path;
use std::process::{Command, Stdio};

impl Verilator {
    /// Turns Verilog into C++ in `out_dir` with class `prefix`, with `extra` options after the common ones. Warnings
    /// other than lint and style are errors unless `extra` has `-Wno-fatal`.
    pub fn verilate(
        &self,
        sources: &[&Path],
        top: &str,
        prefix: &str,
        out_dir: &Path,
        extra: &[&str],
    ) -> Result<(), VerilateError> {
        let mut command = Command::new(&self.bin);
        command
            .env("VERILATOR_ROOT", &self.root)
            .args(["--cc", "--x-assign", "fast", "--x-initial", "fast"])
            .args(["--noassert", "--no-timing", "-Wno-lint"])
            .args(["-Wno-style", "--top-module", top, "--prefix", prefix])
            .arg("--Mdir")
            .arg(out_dir)
            .args(extra)
            .args(sources);
        run(command)
    }

    /// Flags every C++ compilation of verilated code needs.
    pub fn cxx_flags(&self) -> Vec<String> {
        let include = self.root.join("include");
        let mut flags: Vec<String> = ["-std=c++17", "-DVM_COVERAGE=0", "-DVM_SC=0"]
            .map(String::from)
            .into();
        flags.push("-DVL_TIME_CONTEXT".into());
        flags.push(format!("-I{}", include.display()));
        flags.push(format!("-I{}", include.join("vltstd").display()));
        flags
    }
}

/// Runs a tool to its end; what it printed is in the error.
pub fn run(mut command: Command) -> Result<(), VerilateError> {
    let line = format!("{command:?}");
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| VerilateError::Start {
            command: line.clone(),
            reason: e.to_string(),
        })?;
    if done.status.success() {
        return Ok(());
    }
    let text = [&done.stdout[..], &done.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let tail: Vec<&str> = text.lines().collect();
    Err(VerilateError::Failed {
        command: line,
        status: done.status.to_string(),
        text: tail[tail.len().saturating_sub(30)..].join("\n"),
    })
}

/// A 128-bit FNV-1a hash in hex: names cache entries, is no protection against malice.
pub fn hash(parts: &[&str]) -> String {
    let mut h: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut feed = |byte: u8| {
        h ^= u128::from(byte);
        h = h.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    };
    for part in parts {
        part.bytes().for_each(&mut feed);
        feed(0);
    }
    format!("{h:032x}")
}

/// The C++ compiler: `CXX` if set, otherwise `c++`.
pub fn cxx() -> String {
    std::env::var("CXX").unwrap_or_else(|_| "c++".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_tells_parts_apart() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["a"]).len(), 32);
    }

    #[test]
    fn a_failing_tool_reports_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo woe >&2; exit 3"]);
        let text = run(command).unwrap_err().to_string();
        assert!(text.contains("woe") && text.contains('3'), "{text}");
    }
}
