//! Set-up of a DDR3 memory behind the controller that LiteDRAM generates for an ECP5, without a processor.
//!
//! | file | is |
//! |---|---|
//! | `registers` | the controller's registers and the memory's modes, and whether a generated controller has them |
//! | `program` | the accesses of each part of the set-up |
//! | `rom` | the program as logic |
//! | `script` | goes through a part on the control port |
//! | `search` | which part comes next: read levelling |
//! | `set_up` | the two joined |
//!
//! Tested against a PHY and a memory of our own (`stub.cpp`): every bit slip, every run of delays, both lanes.
pub mod program;
pub mod registers;
pub mod rom;
pub mod script;
pub mod search;
pub mod set_up;

pub use program::{ClockError, Program};
pub use registers::{check, MapError};
pub use rom::Rom;
pub use script::Script;
pub use search::Search;
pub use set_up::SetUp;

#[cfg(test)]
mod campaign_tests;
#[cfg(test)]
mod tests;
