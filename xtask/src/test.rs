//! Everything that proves the project, cheapest first.
use crate::{bitstream, onnx, run, tools};
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
    for (name, arguments) in STEPS {
        println!("xtask: {name} ({} s)", start.elapsed().as_secs());
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
    // The small part alone is placed and routed: the others take an hour.
    bitstream::run(&["--all", "--check"].map(String::from))?;
    bitstream::run(&["--board", "cu"].map(String::from))?;
    println!("xtask: all of it in {} s", start.elapsed().as_secs());
    Ok(())
}

/// The simulated RTL, the suites on it, the small design its bus is tested with, and serial ports.
const FEATURES: &str = "tandem-cli/rtl,tandem-tests/rtl,tandem-sim/fixture,tandem/serial";

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
