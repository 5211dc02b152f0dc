//! Leaf cells: the few modules whose Verilog is written by hand, each beside its Rust twin, and the two stream
//! buffers built on them. Everything else in the engine is a kernel made of these.
//!
//! | cell | what | latency |
//! |---|---|---|
//! | [`Dff`] | data register, no reset | 1 |
//! | [`DffEn`] | data register, no reset, enable | 1 |
//! | [`Reg`] | state register, synchronous reset | 1 |
//! | [`RegEn`] | register with reset and enable | 1 |
//! | [`Ram`] | block RAM, one write and one read port | 1 |
//! | [`LutRam`] | small RAM read in the same cycle | 0 |
//! | [`MulSigned`] | 16×16→32 signed multiply, registered in and out | 2 |
//! | [`ChooseAdd`] | 48-bit adder that chooses its second operand | 0 |
//! | [`Fifo`] | stream buffer, 2^AW entries | 1 |
//! | [`RamFifo`] | the same in block RAM | 1 |
//! | [`FifoPointers`] | where both read and write | 1 |
//! | [`Skid`] | stream buffer that cuts the ready path, 2 entries | 1 |
mod choose_add;
mod dff;
mod dff_en;
pub(crate) mod ecp5;
mod fifo;
mod fifo_pointers;
mod lut_ram;
mod mul_signed;
pub(crate) mod mux_chain;
mod ram;
mod ram_fifo;
mod reg;
mod reg_en;
mod skid;

pub use choose_add::ChooseAdd;
pub use dff::Dff;
pub use dff_en::DffEn;
pub use fifo::Fifo;
pub use fifo_pointers::FifoPointers;
pub use lut_ram::LutRam;
pub use mul_signed::MulSigned;
pub use ram::Ram;
pub use ram_fifo::RamFifo;
pub use reg::Reg;
pub use reg_en::RegEn;
pub use skid::Skid;

#[cfg(test)]
mod tests;
