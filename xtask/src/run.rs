//! Builds `tandem` for the device that is asked for and runs it.
use crate::tools;
use std::process::Command;

/// Runs `tandem VERB ARGS`; only the device `rtl`, which is the usual one, needs Verilator and the RTL.
pub fn tandem(verb: &str, args: &[String]) -> Result<(), String> {
    if verb.starts_with('-') {
        return Err(format!(
            "expected a verb, found `{verb}`; run `cargo xtask help`"
        ));
    }
    let mut build = cargo();
    build.args(["build", "--release", "--package", "tandem-cli"]);
    let device = device(args).unwrap_or(match verb {
        "experiments" => "model",
        _ => "rtl",
    });
    if device == "rtl" {
        tools::verilator()?;
        let waves = args
            .iter()
            .any(|a| a == "--wave" || a.starts_with("--wave="));
        build.args(["--features", if waves { "rtl,trace" } else { "rtl" }]);
    }
    step(build)?;
    match execute(verb, args)? {
        0 => Ok(()),
        // Its own message has been printed: only the code goes on.
        code => std::process::exit(code),
    }
}

/// Runs the built `tandem VERB ARGS`; its exit code.
pub fn execute(verb: &str, args: &[String]) -> Result<i32, String> {
    let program = tools::target().join("release/tandem");
    let status = Command::new(&program)
        .arg(verb)
        .args(args)
        .status()
        .map_err(|e| format!("cannot start {}: {e}", program.display()))?;
    status
        .code()
        .ok_or_else(|| format!("tandem {verb} ended with {status}"))
}

/// The simulated RTL, the suites on it, the small design its bus is tested with, and serial ports: the features everything is tested with.
pub const FEATURES: &str = "tandem-cli/rtl,tandem-tests/rtl,tandem-sim/fixture,tandem/serial";

/// Builds an example of `tandem-hdl`, which prints hardware, and gives its program to run. As a part of the whole workspace: a package
/// alone has dependencies with fewer features, and all of them, the hardware too, would be compiled once more beside those of the tests.
pub fn hardware_example(name: &str) -> Result<Command, String> {
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "--workspace"]);
    build.args(["--features", FEATURES, "--example", name]);
    step(build)?;
    let mut command = Command::new(tools::target().join("release/examples").join(name));
    command.current_dir(tools::root());
    Ok(command)
}

/// Writes the files that are generated from `tandem-isa`.
pub fn generate() -> Result<(), String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "tandem-isa"]);
    command.args(["--example", "generate"]);
    step(command)
}

/// The value of `--device`.
fn device(args: &[String]) -> Option<&str> {
    let at = args
        .iter()
        .position(|a| a == "--device" || a.starts_with("--device="))?;
    match args[at].split_once('=') {
        Some((_, value)) => Some(value),
        None => args.get(at + 1).map(String::as_str),
    }
}

/// Cargo, in the workspace.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(tools::root());
    if std::env::var_os("CARGO_TARGET_DIR").is_some() {
        command.env("CARGO_TARGET_DIR", tools::target());
    }
    command
}

/// Runs a step of Cargo to its end.
pub fn step(mut command: Command) -> Result<(), String> {
    step_of("cargo", &mut command)
}

/// Runs a step of the program called `name` to its end.
pub fn step_of(name: &str, command: &mut Command) -> Result<(), String> {
    let line: Vec<_> = command
        .get_args()
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let line = line.join(" ");
    let status = command
        .status()
        .map_err(|e| format!("cannot start {name} {line}: {e}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("`{name} {line}` failed ({status})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_is_found_in_both_forms() {
        let args = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        assert_eq!(device(&args("--seed 1 --device model")), Some("model"));
        assert_eq!(device(&args("--device=rtl --full")), Some("rtl"));
        assert_eq!(device(&args("--full")), None);
        assert_eq!(device(&args("--device")), None);
    }
}
