//! Prints what the update unit of the 8×16 configuration costs on an ECP5 as Yosys maps it, without elastic updates and with them:
//! LUTs, flip-flops, multipliers.
//!
//! `cargo run --release -p tandem-hdl --example update_cost`
use rust_hdl::prelude::*;
use std::process::Command;
use tandem_hdl::emit::verilog;
use tandem_hdl::vector::UpdateUnit;
use tandem_hdl::verilate::{count, find_yosys, run, target_dir};
use tandem_isa::config::E8X16;

fn cost(name: &str, block: impl Block) -> Result<(), Box<dyn std::error::Error>> {
    let text = verilog(&block, "update")?;
    let dir = target_dir().join("yosys").join("update_cost").join(name);
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("design.v"), text)?;
    let mut command = Command::new(find_yosys()?);
    command.current_dir(&dir).args(["-q", "-p"]).arg(
        "read_verilog -DTANDEM_ECP5 design.v; synth_ecp5 -abc9 -nowidelut -top update; tee -q -o stat.txt stat -top update",
    );
    run(command)?;
    let stat = std::fs::read_to_string(dir.join("stat.txt"))?;
    let count = |kind: &str| count(&stat, |word| word == kind);
    // A carry cell stands in the places of two LUTs.
    let luts = count("LUT4") + 2 * count("CCU2C");
    if luts == 0 {
        return Err(format!("no LUT4 in what Yosys counted:\n{stat}").into());
    }
    println!(
        "{name:<8} {luts:>6} LUTs (carry cells as two) {:>6} flip-flops {:>4} multipliers",
        count("TRELLIS_FF"),
        count("MULT18X18D")
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if (E8X16.lanes, E8X16.update_lanes) != (16, 4) {
        return Err(format!("{} has other sizes now", E8X16.name).into());
    }
    let mut plain = UpdateUnit::<16, 4, 0>::default();
    plain.connect_all();
    cost("plain", plain)?;
    let mut elastic = UpdateUnit::<16, 4, 1>::default();
    elastic.connect_all();
    cost("elastic", elastic)
}
