//! Prints what the selector of the 8×16 configuration (64 classes, 8192 entries, 8192 slots) costs: cycles of a rejected score, and
//! LUTs, flip-flops and block RAMs of an ECP5 as Yosys maps it, in all and an entry.
//!
//! `cargo run --release -p tandem-hdl --example selector_cost`
use rust_hdl::prelude::*;
use std::process::Command;
use tandem_hdl::emit::verilog;
use tandem_hdl::select::{figures::cycles_per_rejected, Selector};
use tandem_hdl::verilate::{count, find_yosys, run, target_dir};
use tandem_isa::config::E8X16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cycles = cycles_per_rejected(1000).ok_or("a score was not rejected")?;
    println!("cycles per rejected score  {cycles:.3}");

    let mut selector = Selector::<6, 12, 13>::default();
    let sizes = (E8X16.class_bits, E8X16.entry_bits, E8X16.slot_bits);
    if sizes != (6, 13, 13) {
        return Err(format!("{} has other sizes now: {sizes:?}", E8X16.name).into());
    }
    selector.connect_all();
    let text = verilog(&selector, "selector")?;
    let dir = target_dir().join("yosys").join("selector_cost");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("design.v"), text)?;
    let mut command = Command::new(find_yosys()?);
    command.current_dir(&dir).args(["-q", "-p"]).arg(
        "read_verilog design.v; synth_ecp5 -top selector; tee -q -o stat.txt stat -top selector",
    );
    run(command)?;
    let stat = std::fs::read_to_string(dir.join("stat.txt"))?;
    let count = |kind: &str| count(&stat, |word| word == kind);
    let entries = 1u64 << E8X16.entry_bits;
    // A carry cell stands in the places of two LUTs.
    let luts = count("LUT4") + 2 * count("CCU2C");
    if luts == 0 {
        return Err(format!("no LUT4 in what Yosys counted:\n{stat}").into());
    }
    println!("LUTs (carry cells as two)  {luts}");
    println!("flip-flops                 {}", count("TRELLIS_FF"));
    println!("block RAMs                 {}", count("DP16KD"));
    println!("LUT RAMs                   {}", count("TRELLIS_DPR16X4"));
    println!(
        "LUTs per entry             {:.2}",
        luts as f64 / entries as f64
    );
    Ok(())
}
