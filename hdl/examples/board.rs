//! Writes all the Verilog of a board, engine included, into a file. Boards whose memory controller is generated take its folder too.
//!
//! `cargo run --release -p tandem-hdl --example board -- axi axi.v`
use std::path::Path;
use tandem_hdl::board::{ddr, ecpix5};
use tandem_hdl::configured::verilog_of;
use tandem_isa::config::E8X16;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "expected: axi FILE, or ecpix5 FILE LITEDRAM_FOLDER";

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (file, text) = match args[..] {
        ["axi", file] => (file, verilog_of(&E8X16)?),
        ["ecpix5", file, controller] => (
            file,
            verilog_of(&E8X16)? + &ecpix5::verilog()? + &controller_of(Path::new(controller))?,
        ),
        _ => return Err(format!("{USAGE}; found `{}`", args.join(" ")).into()),
    };
    std::fs::write(file, text).map_err(|e| format!("cannot write {file}: {e}"))?;
    Ok(())
}

/// The generated controller, if it is the one that the set-up was written for.
fn controller_of(folder: &Path) -> Result<String, Failure> {
    let read = |name: &str| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).map_err(|e| format!("cannot read {}: {e}", file.display()))
    };
    ddr::check(
        &read("csr.csv")?,
        &read("software/include/generated/sdram_phy.h")?,
    )?;
    Ok(ecpix5::with_pins(&read("gateware/litedram_core.v")?)?)
}
