//! The compact engine, for FPGAs of a few thousand look-up tables: it runs the commands of the large engine with the same results,
//! one by one, with firmware for control and hardware for the inner loops. Where there is room use [`crate::engine`], which is
//! faster by orders of magnitude.
mod array;
pub mod assembler;
mod code;
mod column;
mod engine;
mod finish;
pub mod firmware;
#[cfg(test)]
mod machine;
mod multiplier;
pub mod ports;
mod preset_ram;
mod processor;
mod scrambler;
mod stream;
mod sums;
mod walk;

pub use array::Array;
pub use code::{Code, CODE_WORDS};
pub use column::Column;
pub use engine::CompactEngine;
pub use finish::Finish;
pub use multiplier::Multiplier;
pub use preset_ram::PresetRam;
pub use processor::Processor;
pub use scrambler::Scrambler;
pub use stream::Stream;
pub use sums::Sums;
pub use walk::Walk;
