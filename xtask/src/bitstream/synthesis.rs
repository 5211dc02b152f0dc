//! Yosys for each family: from the board's Verilog to a netlist and its counts.
use super::boards::{Board, Family};
use super::report::Counts;
use super::tool;
use std::path::Path;

/// Synthesises `sources` (file names in `folder`) into `NAME.json`; what the netlist counts.
pub fn run(board: &Board, folder: &Path, sources: &[String]) -> Result<Counts, String> {
    let script = script(board, sources);
    let file = folder.join("synthesis.ys");
    std::fs::write(&file, script).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
    let mut yosys = tool::yosys()?;
    yosys
        .current_dir(folder)
        .args(["-q", "-l", "synthesis.log", "synthesis.ys"]);
    tool::complete(yosys, &folder.join("synthesis.log"))?;
    let stat = folder.join("synthesis.stat");
    let text = std::fs::read_to_string(&stat)
        .map_err(|e| format!("cannot read {}: {e}", stat.display()))?;
    Counts::of_yosys(&text)
}

/// Synthesises module `top` of `source` for the board's part into `netlist`, Verilog of the part's cells with every net by itself.
pub fn netlist(
    board: &Board,
    folder: &Path,
    source: &str,
    top: &str,
    netlist: &str,
) -> Result<(), String> {
    let file = folder.join("netlist.ys");
    let text = format!(
        "{}{}splitnets\nwrite_verilog -noattr {netlist}\ntee -o netlist.stat stat\n",
        read(board, &[source.into()]),
        mapping(board, top)
    );
    std::fs::write(&file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
    let mut yosys = tool::yosys()?;
    yosys
        .current_dir(folder)
        .args(["-q", "-l", "netlist.log", "netlist.ys"]);
    tool::complete(yosys, &folder.join("netlist.log"))
}

/// Reads the sources and elaborates them: every module found, no loop, nothing driven twice. No netlist.
pub fn check(board: &Board, folder: &Path, sources: &[String]) -> Result<(), String> {
    let file = folder.join("check.ys");
    let text = format!(
        "{}hierarchy -check -top {}\nproc\ncheck -assert\n",
        read(board, sources),
        board.top
    );
    std::fs::write(&file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
    let mut yosys = tool::yosys()?;
    yosys
        .current_dir(folder)
        .args(["-q", "-l", "check.log", "check.ys"]);
    tool::complete(yosys, &folder.join("check.log"))
}

fn read(board: &Board, sources: &[String]) -> String {
    let (define, primitives) = match board.family {
        Family::Ecp5 { .. } => (
            "-DTANDEM_ECP5 ",
            "read_verilog -lib +/ecp5/cells_sim.v +/ecp5/cells_bb.v\n",
        ),
        Family::Ice40 { .. } => ("", "read_verilog -lib +/ice40/cells_sim.v\n"),
        Family::Xilinx7 { .. } => ("", ""),
    };
    format!("{primitives}read_verilog {define}{}\n", sources.join(" "))
}

fn script(board: &Board, sources: &[String]) -> String {
    format!(
        "{}{}check -assert\nwrite_json {}.json\ntee -o synthesis.stat stat\n",
        read(board, sources),
        mapping(board, board.top),
        board.name
    )
}

/// From what was read to the family's cells.
fn mapping(board: &Board, top: &str) -> String {
    match board.family {
        // `booth` and `-abc9`: 10 % fewer cells for an array without multipliers. `$scopeinfo` is refused by older nextpnr.
        Family::Ice40 { .. } => format!(
            "hierarchy -check -top {top}\nproc\nflatten\nbooth\nsynth_ice40 -abc9 -device hx -top {top}\ndelete t:$scopeinfo\n"
        ),
        // Trees of wide multiplexers cost more LUTs than they save: 2528 against 1056 for a rotator of 16 lanes.
        Family::Ecp5 { .. } => format!("synth_ecp5 -abc9 -nowidelut -top {top}\ndelete t:$scopeinfo\n"),
        // An IP has no pins.
        Family::Xilinx7 { .. } => format!("synth_xilinx -family xc7 -flatten -abc9 -nowidelut -noiopad -noclkbuf -top {top}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitstream::boards::ALL;

    #[test]
    fn every_board_is_synthesised_for_its_family_and_written() {
        for board in ALL {
            let text = script(board, &["a.v".into(), "b.v".into()]);
            assert!(text.contains("a.v b.v") && text.contains(board.top));
            assert!(text.contains(&format!("write_json {}.json", board.name)));
            let ecp5 = matches!(board.family, Family::Ecp5 { .. });
            assert_eq!(text.contains("-DTANDEM_ECP5"), ecp5, "{}", board.name);
        }
    }
}
