//! The board Alchitry Cu as a [`Design`]: its Verilog, or its bitstream turned back into Verilog by icebox_vlog. Both get models of
//! the primitives that stand in them (`ice40.v`); nothing within the design is changed.

use super::{Design, Simulated, Top};
use tandem::uart::{Board, Settings, Uart};
use tandem::DeviceError;
use tandem_hdl::board::cu::{BAUD, CLOCK, TOP};
pub use tandem_hdl::compact::firmware::MEMORY_BYTES;
use tandem_hdl::verilate::VerilateError;
use tandem_isa::config::CU;

const PRIMITIVES: &str = include_str!("ice40.v");

/// Why there is no board.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The text is not of this board.
    #[error("no `module {TOP}` with its ports in the Verilog; name the file of `icebox_vlog -n {TOP}`, or cu.v")]
    NoTop,
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] VerilateError),
    /// The board does not answer.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// The whole board with top module `tandem_cu`.
pub fn design(verilog: &str) -> Result<Design, BoardError> {
    let mut verilog = plain_ports(verilog)?;
    verilog.push_str(PRIMITIVES);
    Ok(Design {
        verilog,
        top: Top::Board,
    })
}

/// icebox_vlog declares ports in the header and their nets again in the body, which Verilator refuses: only names stay in the
/// header, and the directions follow it as declarations of their own.
fn plain_ports(verilog: &str) -> Result<String, BoardError> {
    let start = verilog
        .find(&format!("module {TOP}"))
        .ok_or(BoardError::NoTop)?;
    let (before, module) = verilog.split_at(start);
    let (head, body) = module.split_once(");").ok_or(BoardError::NoTop)?;
    let (_, ports) = head.split_once('(').ok_or(BoardError::NoTop)?;
    if !ports.contains("input ") {
        return Ok(verilog.into());
    }
    let ports: Vec<&str> = ports.split(", ").collect();
    let names: Option<Vec<&str>> = ports
        .iter()
        .map(|port| port.split_once(' ').map(|(_, name)| name))
        .collect();
    let names = names.ok_or(BoardError::NoTop)?.join(", ");
    let directions: String = ports.iter().map(|port| format!("{port};\n")).collect();
    Ok(format!(
        "{before}module {TOP}({names});\n{directions}{body}"
    ))
}

/// The line to a board that has come out of reset.
pub fn line(design: &Design) -> Result<Simulated, BoardError> {
    let bits = BAUD as f64 / CLOCK as f64;
    Ok(Simulated::start(design, CLOCK as f64, bits, 0, 1)?)
}

/// The board at work, behind its UART pins: 12 Mbaud at an engine of 50 MHz, out of reset and greeted.
pub fn start(design: &Design) -> Result<Uart<Simulated>, BoardError> {
    let line = line(design)?;
    let settings = Settings {
        // A simulation has no USB, and nothing gets lost on its line.
        latency: std::time::Duration::ZERO,
        attempts: 2,
        ..Settings::new(BAUD as u32)
    };
    let board = Board {
        config: CU,
        memory: MEMORY_BYTES as u64,
        clock: CLOCK,
    };
    Ok(Uart::open(line, settings, board)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ports_of_a_bitstream_are_rewritten() {
        let back =
            "\nmodule tandem_cu (output \\lamps[7] , input button);\n\nwire button;\nendmodule\n";
        let plain = "\nmodule tandem_cu(\\lamps[7] , button);\noutput \\lamps[7] ;\ninput button;\n\n\nwire button;\nendmodule\n";
        assert_eq!(plain_ports(back).unwrap(), plain);
        assert_eq!(plain_ports(plain).unwrap(), plain);
        assert!(plain_ports("module top (input a);").is_err());
    }
}
