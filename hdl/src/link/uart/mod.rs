//! The UART link: a board's registers and memory over two wires, every command exactly once. Frames and rules are in
//! `docs/link.md`, their constants in `tandem_isa::link`. Boards with a bus of their own to the host need none of it.
//!
//! | file | is |
//! |---|---|
//! | `baud` | bit times out of clock cycles, checked |
//! | `bit_receiver`, `bit_transmitter` | bits of a line to bytes and back |
//! | `byte_crc` | CRC-32, a bit a cycle |
//! | `frame_receiver` | bytes to requests in a ring, none of a damaged frame |
//! | `commands` | requests executed once, and answered again |
//! | `frame_transmitter` | answers to bytes |
//! | `frame_link` | the above joined, bytes in and out |
//! | `link` | with the pins |
//! | `emitted` | the Verilog of the two above |
//! | `port_split` | the master port parted into registers and memory |
//! | `axi_lite_master`, `axi_master` | registers to AXI4-Lite, memory to AXI4 |

pub mod axi_lite_master;
pub mod axi_master;
pub mod baud;
pub mod bit_receiver;
pub mod bit_transmitter;
pub mod byte_crc;
pub mod commands;
pub mod emitted;
pub mod frame_link;
pub mod frame_receiver;
pub mod frame_transmitter;
pub mod link;
pub mod port_split;

pub use axi_lite_master::AxiLiteMaster;
pub use axi_master::AxiMaster;
pub use baud::{Baud, BaudError};
pub use bit_receiver::BitReceiver;
pub use bit_transmitter::BitTransmitter;
pub use byte_crc::ByteCrc;
pub use commands::Commands;
pub use frame_link::FrameLink;
pub use frame_receiver::FrameReceiver;
pub use frame_transmitter::FrameTransmitter;
pub use link::UartLink;
pub use port_split::PortSplit;

use tandem_isa::link::GAP_MILLISECONDS;

/// The GAP of a link with a clock of `clock` Hz: a frame is given up after 2^(GAP−1) cycles of silence, which are
/// `GAP_MILLISECONDS` to twice as many.
pub const fn gap_bits(clock: u64) -> usize {
    let cycles = clock / 1000 * GAP_MILLISECONDS as u64;
    let mut bits = 1;
    while (1 << (bits - 1)) < cycles {
        bits += 1;
    }
    bits
}

#[cfg(test)]
mod axi_tests;
#[cfg(test)]
mod tests;
