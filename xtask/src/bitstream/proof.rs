//! `--prove`: a board's bitstream, turned back into Verilog, does a training step through its UART pins as the model does.
//!
//! ```text
//! NAME.v ─────────────────────────────────────────────────┬─► tests/examples/bitstream_proof, each in turn
//! bitstream ─ iceunpack ─► back.txt ─ icebox_vlog ─► back.v ┘
//! ```
//! The Verilog comes first: if it fails, the bitstream is not to blame.
use super::boards::{Board, Family};
use super::tool;
use crate::{run, tools};
use std::path::Path;
use std::process::Command;

/// Whether a board can be proven: icebox knows iCE40 alone, and the simulation the pins of `cu`.
pub fn possible(board: &Board) -> Result<(), String> {
    match board.name {
        "cu" => Ok(()),
        name => Err(format!(
            "--prove: expected --board cu, found `{name}`, whose bitstream nothing turns back into Verilog here"
        )),
    }
}

/// Proves what is in `folder`.
pub fn run(board: &Board, folder: &Path, bitstream: &Path) -> Result<(), String> {
    let Family::Ice40 { package, .. } = board.family else {
        return possible(board);
    };
    println!("xtask: {}: bitstream back into Verilog", board.name);
    let mut unpack = tool::named("iceunpack")?;
    unpack.current_dir(folder);
    unpack.arg(bitstream.file_name().unwrap_or_default());
    unpack.arg("back.txt");
    tool::complete(unpack, &folder.join("back.txt"))?;
    let back = folder.join("back.v");
    let icebox = tools::on_path("icebox_vlog").ok_or(
        "icebox_vlog is not on PATH; install IceStorm (apt-get install fpga-icestorm), then run this again",
    )?;
    let mut icebox = Command::new(icebox);
    icebox
        .current_dir(folder)
        .args(["-s", "-n", board.top, "-p", "constraints", "-d", package])
        .arg("back.txt");
    std::fs::write(&back, tools::output(&mut icebox)?)
        .map_err(|e| format!("cannot write {}: {e}", back.display()))?;
    tools::verilator()?;
    for file in [folder.join(format!("{}.v", board.name)), back] {
        println!("xtask: {}: simulating {}", board.name, file.display());
        let mut simulate = run::cargo();
        simulate.args(["run", "--release", "--quiet", "--package", "tandem-tests"]);
        simulate.args(["--features", "link", "--example", "bitstream_proof", "--"]);
        simulate.arg(file);
        run::step(simulate)?;
    }
    Ok(())
}
