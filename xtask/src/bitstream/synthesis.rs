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

fn script(board: &Board, sources: &[String]) -> String {
    let files = sources.join(" ");
    let (top, name) = (board.top, board.name);
    let mapping = match board.family {
        // `booth` and `-abc9`: 10 % fewer cells for an array without multipliers. `$scopeinfo` is refused by older nextpnr.
        Family::Ice40 { .. } => format!(
            "hierarchy -check -top {top}\nproc\nflatten\nbooth\nsynth_ice40 -abc9 -device hx -top {top}\ndelete t:$scopeinfo\n"
        ),
        Family::Ecp5 { .. } => format!("synth_ecp5 -abc9 -top {top}\ndelete t:$scopeinfo\n"),
        Family::Xilinx7 { .. } => format!("synth_xilinx -family xc7 -flatten -top {top}\n"),
    };
    let define = match board.family {
        Family::Ecp5 { .. } => "-DTANDEM_ECP5 ",
        _ => "",
    };
    format!(
        "read_verilog {define}{files}\n{mapping}check -assert\nwrite_json {name}.json\ntee -o synthesis.stat stat\n"
    )
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
