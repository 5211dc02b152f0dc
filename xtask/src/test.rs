//! Everything that proves the project, cheapest first.
use crate::run::FEATURES;
use crate::{bitstream, onnx, run, tools};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Runs all of it; stops at the first step that fails.
pub fn all() -> Result<(), String> {
    tools::verilator()?;
    let yosys = tools::yosys()?;
    // Notes of an earlier run must not stand for a test that is gone.
    let shown = tools::target().join("verilated/shown");
    if shown.is_dir() {
        std::fs::remove_dir_all(&shown)
            .map_err(|e| format!("cannot empty {}: {e}", shown.display()))?;
    }
    let start = Instant::now();
    let mut boards = None;
    for (name, arguments) in STEPS {
        println!("xtask: {name} ({} s)", start.elapsed().as_secs());
        if *name == BESIDE_BOARDS {
            boards = Some(Beside::start()?);
        }
        let mut command = run::cargo();
        // Parity tests then have every module read by Yosys as well.
        command.args(*arguments).env("TANDEM_YOSYS", &yosys);
        if *name == "documentation" {
            command.env("RUSTDOCFLAGS", "-D warnings");
        }
        run::step(command)?;
    }
    println!("xtask: onnxruntime ({} s)", start.elapsed().as_secs());
    onnx::compared()?;
    // The tests have built `tandem`, with the RTL; building it for itself would compile all of it again, with other features.
    let vectors = tools::root().join("tests/vectors/sample.jsonl");
    for device in ["model", "rtl"] {
        println!(
            "xtask: conformance of {device} ({} s)",
            start.elapsed().as_secs()
        );
        let vectors = vectors.display().to_string();
        let arguments = ["--device", device, "--vectors", &vectors].map(String::from);
        if run::execute("conformance", &arguments)? != 0 {
            return Err(format!("the device {device} differs from {vectors}"));
        }
    }
    println!("xtask: boards ({} s)", start.elapsed().as_secs());
    if let Some(boards) = boards {
        boards.finish()?;
    }
    println!("xtask: all of it in {} s", start.elapsed().as_secs());
    Ok(())
}

/// The step beside which the boards are built: Yosys and nextpnr use one core, and are done before it.
const BESIDE_BOARDS: &str = "tests";

/// Bitstreams in a process of its own; what it says is kept for the end.
struct Beside {
    child: Child,
    said: PathBuf,
}

impl Beside {
    fn start() -> Result<Self, String> {
        let said = tools::target().join("boards.log");
        let log = File::create(&said).map_err(|e| format!("{}: {e}", said.display()))?;
        let failed = |e| format!("cannot start the boards: {e}");
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.arg(BOARDS).stdin(Stdio::null());
        command.stderr(log.try_clone().map_err(failed)?).stdout(log);
        let child = command.spawn().map_err(failed)?;
        Ok(Self { child, said })
    }

    fn finish(mut self) -> Result<(), String> {
        let status = self.child.wait();
        print!(
            "{}",
            std::fs::read_to_string(&self.said).unwrap_or_default()
        );
        match status {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("the boards failed: {other:?}")),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Of no use once a test has failed; it may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Argument of this program for what [`Beside`] runs.
pub const BOARDS: &str = "test-boards";

/// Every board elaborated, the small one placed and routed: the others take an hour.
pub fn boards() -> Result<(), String> {
    bitstream::run(&["--all", "--check"].map(String::from))?;
    bitstream::run(&["--board", "cu"].map(String::from))
}

/// One profile for all of them, so that dependencies are compiled once.
const STEPS: &[(&str, &[&str])] = &[
    ("format", &["fmt", "--all", "--check"]),
    (
        "lint",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--release",
            "--features",
            FEATURES,
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "documentation",
        &[
            "doc",
            "--workspace",
            "--no-deps",
            "--release",
            "--features",
            FEATURES,
        ],
    ),
    (
        "tests",
        &["test", "--workspace", "--release", "--features", FEATURES],
    ),
];
