//! Prints the Verilog of the ECPIX-5's top without engine and controller; with a number, that of its memory's set-up alone, for a clock
//! of so many Hz.
//!
//! `cargo run --release -p tandem-hdl --example ecpix5 -- 1000000`
use tandem_hdl::board::{ddr::SetUp, ecpix5};
use tandem_hdl::emit::whole;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args().nth(1) {
        None => print!("{}", ecpix5::verilog()?),
        Some(clock) => {
            let mut set_up = SetUp::new(clock.parse()?)?;
            print!("{}", whole(&mut set_up, "tandem_ddr_set_up")?);
        }
    }
    Ok(())
}
