//! The host's side of the engine: an AXI4-Lite port and the register file behind it, generated from `tandem_isa::register`.
//!
//! | file | is |
//! |---|---|
//! | `axi_lite` | the port: one register access at a time |
//! | `select` | the leaves that turn offsets of the contract into read multiplexers and write strobes |
//! | `context` | program, state and window registers of one context |
//! | `owner_windows` | the windows of the context that has the engine |
//! | `counter` | a 64-bit counter read in two halves |
//! | `counter_bank` | many such counters around one adder |
//! | `counters` | the counter block |
//! | `global_registers` | identification, interrupts, loss counters, sites |
//! | `selector_registers` | the selector |
//! | [`uart`] | the link over two wires that boards without a bus to the host use, and its adapters to AXI |
//!
//! The engine's top joins them: every block answers 0 for offsets that are not its own, so their values are ORed.

pub mod axi_lite;
pub mod context;
pub mod counter;
pub mod counter_bank;
pub mod counters;
pub mod global_registers;
pub mod owner_windows;
pub mod select;
pub mod selector_registers;
pub mod uart;

pub use axi_lite::AxiLite;
pub use context::ContextRegisters;
pub use counter::Counter64;
pub use counter_bank::CounterBank;
pub use counters::Counters;
pub use global_registers::GlobalRegisters;
pub use owner_windows::OwnerWindows;
pub use selector_registers::SelectorRegisters;

#[cfg(test)]
mod tests;
