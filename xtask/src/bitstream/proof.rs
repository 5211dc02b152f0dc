//! `--prove`: what the tools make of the Verilog does a training step as the model does.
//!
//! ```text
//! cu:            NAME.v ─────────────────────────────────────────────────┬─► tests/examples/bitstream_proof, each in turn
//!                bitstream ─ iceunpack ─► back.txt ─ icebox_vlog ─► back.v ┘
//! ecpix5, ulx3s: engine `tiny` ─ synthesis ─► netlist.v + models of cells ─► tests/examples/netlist_proof
//! ```
//! Of `cu` the Verilog comes first: if it fails, the bitstream is not to blame. Nothing turns the ECP5's bitstream back, so there it is the
//! netlist, of a small engine by the board's own synthesis.
use super::boards::{Board, Family};
use super::synthesis;
use super::tool;
use crate::{run, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The engine whose netlist is simulated.
const SMALL: &str = "tiny";

/// Its top module.
const ENGINE: &str = "tandem_engine";

/// Models of the ECP5's cells, in `hdl/src/board`.
const ECP5_MODELS: [&str; 4] = [
    "ecp5_models.v",
    "ecp5_carry.v",
    "ecp5_lut.v",
    "ecp5_netlist.v",
];

/// Whether a board can be proven: cells of the iCE40 and the ECP5 have models.
pub fn possible(board: &Board) -> Result<(), String> {
    match board.family {
        Family::Ice40 { .. } | Family::Ecp5 { .. } => Ok(()),
        Family::Xilinx7 { .. } => Err(format!(
            "--prove: expected a board with an iCE40 or an ECP5, found `{}`, for whose cells there are no models here",
            board.name
        )),
    }
}

/// Whether the bitstream itself is proven: icebox knows the iCE40 alone.
pub fn of_bitstream(board: &Board) -> bool {
    matches!(board.family, Family::Ice40 { .. })
}

/// Proves the synthesis for a board's part.
pub fn run_netlist(board: &Board, folder: &Path) -> Result<(), String> {
    let folder = folder.join("netlist");
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("cannot create {}: {e}", folder.display()))?;
    let write = |name: &str, text: Vec<u8>| {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))
    };
    let read = |file: PathBuf| {
        std::fs::read(&file).map_err(|e| format!("cannot read {}: {e}", file.display()))
    };
    println!("xtask: {}: Verilog of engine `{SMALL}`", board.name);
    let mut emit = run::hardware_example("emit")?;
    emit.arg(SMALL);
    write("engine.v", tools::output(&mut emit)?)?;
    println!("xtask: {}: synthesis", board.name);
    synthesis::netlist(board, &folder, "engine.v", ENGINE, "netlist.v")?;
    let mut text = b"`define TANDEM_NETLIST\n".to_vec();
    for file in ECP5_MODELS {
        text.extend(read(tools::root().join("hdl/src/board").join(file))?);
    }
    text.extend(read(folder.join("netlist.v"))?);
    write("proof.v", text)?;
    tools::verilator()?;
    println!("xtask: {}: simulating the netlist", board.name);
    let mut simulate = run::cargo();
    simulate.args(["run", "--release", "--quiet", "--package", "tandem-tests"]);
    simulate.args(["--features", "engine", "--example", "netlist_proof"]);
    simulate.env("TANDEM_NETLIST", folder.join("proof.v"));
    run::step(simulate)
}

/// Proves the bitstream in `folder`.
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
