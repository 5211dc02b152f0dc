//! A board behind a UART: registers and memory over two wires, every command exactly once. The frames are in `docs/link.md`.
//!
//! ```no_run
//! # #[cfg(feature = "serial")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use tandem::uart::{Board, SerialPort, Settings, Uart};
//! let board = Board { config: tandem_isa::config::TINY, memory: 32 << 20, clock: 48_000_000 };
//! let port = SerialPort::open("/dev/ttyUSB1", 12_000_000)?;
//! let mut engine = tandem::Engine::open(Uart::open(port, Settings::new(12_000_000), board)?)?;
//! # Ok(()) }
//! # #[cfg(not(feature = "serial"))]
//! # fn main() {}
//! ```
//!
//! | file | is |
//! |---|---|
//! | `transport` | what is needed of a line |
//! | `link` | requests and answers, numbers, repetition |
//! | `device` | the [`Device`](crate::Device) |
//! | `serial` | real ports, with the feature `serial` |

mod device;
mod link;
#[cfg(feature = "serial")]
mod serial;
mod transport;

pub use device::{Board, Uart};
pub use link::{Job, Link, LinkError, Settings, Traffic};
#[cfg(feature = "serial")]
pub use serial::SerialPort;
pub use transport::{Transport, TransportError};
