//! The Alchitry Cu: iCE40 HX8K, all memory in block RAM, host by UART on the board's FT2232H. [`verilog`] is the whole design; pins
//! are in `constraints/cu/cu.pcf`.
//!
//! One clock domain: 50 MHz from the board's 100 MHz through a PLL. Reset is asserted by the button or a lost lock and released
//! with the clock. The UART's input is synchronised by the link's receiver.
use crate::compact::assembler::AssemblerError;
use crate::compact::{firmware, CompactEngine};
use crate::emit::{whole, EmitError};
use crate::link::uart::{emitted, gap_bits, Baud, BaudError};
use tandem_isa::config::CU;

/// Name of the top module.
pub const TOP: &str = "tandem_cu";

/// Clock of the engine, Hz.
pub const CLOCK: u64 = 50_000_000;

/// Bits a second of the link: the most that the board's FT2232H can do.
pub const BAUD: u64 = 12_000_000;

/// Requests on their way at once, log2: their answers take a block RAM.
const SLOTS: usize = 1;

/// Stack of the thread that builds the engine.
const STACK: usize = 64 << 20;

/// Why there is no Verilog.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// A block does not emit.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The link's rate cannot be made.
    #[error(transparent)]
    Baud(#[from] BaudError),
    /// The firmware does not assemble.
    #[error(transparent)]
    Firmware(#[from] AssemblerError),
    /// The thread that emits could not be started, or died.
    #[error("board cu: the emitting thread failed ({0}); expected {STACK} bytes of memory for its stack")]
    Thread(String),
}

/// The compact engine of configuration `cu` as module `top`.
pub fn engine(top: &str) -> Result<String, BoardError> {
    let top = top.to_string();
    let emit_it = move || -> Result<String, BoardError> {
        let program = firmware::program()?;
        let mut engine = CompactEngine::<10>::new(&program, &firmware::data(&CU));
        Ok(whole(&mut engine, &top)?)
    };
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(emit_it)
        .map_err(|e| BoardError::Thread(e.to_string()))?
        .join()
        .map_err(|_| BoardError::Thread("panicked".into()))?
}

/// The whole design, top module [`TOP`].
pub fn verilog() -> Result<String, BoardError> {
    let baud = Baud::new(CLOCK, BAUD)?;
    let mut text = emitted::pins::<SLOTS, { gap_bits(CLOCK) }>("tandem_uart_link", baud)?;
    text += &engine("tandem_compact_engine")?;
    Ok(text + include_str!("top.v"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_design_is_there() {
        let text = verilog().unwrap();
        for module in [TOP, "tandem_uart_link", "tandem_compact_engine"] {
            assert_eq!(
                text.matches(&format!("module {module}(")).count(),
                1,
                "{module}"
            );
        }
    }
}
