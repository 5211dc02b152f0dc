//! nextpnr and the packers: from a netlist to a bitstream, one run a seed.
use super::boards::{Board, Family};
use super::report::Routed;
use super::tool;
use std::path::{Path, PathBuf};

/// Places and routes `NAME.json` in `folder` with a seed.
pub fn run(board: &Board, folder: &Path, seed: u32) -> Result<Routed, String> {
    let (name, constraints) = (board.name, "constraints");
    let log = format!("route-{seed}.log");
    let report = format!("route-{seed}.json");
    let mut nextpnr = match board.family {
        Family::Ice40 { device, package } => {
            let mut command = tool::named("nextpnr-ice40")?;
            command.args([&format!("--{device}"), "--package", package]);
            command.args(["--pcf", constraints, "--asc", &routed_file(seed)]);
            command
        }
        Family::Ecp5 {
            device,
            package,
            speed,
        } => {
            let mut command = tool::named("nextpnr-ecp5")?;
            command.args([&format!("--{device}"), "--package", package]);
            command.args(["--speed", speed, "--lpf", constraints]);
            command.args(["--textcfg", &routed_file(seed), "--lpf-allow-unconstrained"]);
            // Of a part this full the refinement one cell at a time takes four times as long as what comes before it, and router1 does not end
            // within the hour.
            command.args(["--parallel-refine", "--router", "router2"]);
            // Nor does every flip-flop find a place within the placer's own number of attempts.
            command.args(["--placer-heap-cell-placement-timeout", "0"]);
            command
        }
        Family::Xilinx7 { .. } => return Err("nothing places and routes this part here".into()),
    };
    // A miss is judged by us, over all seeds.
    nextpnr
        .current_dir(folder)
        .args(["--json", &format!("{name}.json"), "--report", &report])
        .args(["--seed", &seed.to_string(), "--timing-allow-fail"])
        .args(["--freq", &board.target_mhz.to_string()])
        .args(["--quiet", "--log", &log]);
    tool::complete(nextpnr, &folder.join(&log))?;
    let file = folder.join(report);
    let text = std::fs::read_to_string(&file)
        .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    Routed::of_nextpnr(&text)
}

/// Packs what a seed gave into the board's bitstream.
pub fn pack(board: &Board, folder: &Path, seed: u32) -> Result<PathBuf, String> {
    let from = routed_file(seed);
    let file = packed_file(board);
    let mut packer = tool::named(match board.family {
        Family::Ice40 { .. } => "icepack",
        _ => "ecppack",
    })?;
    packer.current_dir(folder);
    match board.family {
        Family::Ice40 { .. } => packer.args([&from, &file]),
        _ => packer.args(["--compress", "--input", &from, "--bit", &file]),
    };
    tool::complete(packer, &folder.join(&file))?;
    Ok(folder.join(file))
}

/// Name of a board's bitstream.
pub fn packed_file(board: &Board) -> String {
    match board.family {
        Family::Ice40 { .. } => format!("tandem-{}.bin", board.name),
        _ => format!("tandem-{}.bit", board.name),
    }
}

fn routed_file(seed: u32) -> String {
    format!("routed-{seed}.txt")
}
