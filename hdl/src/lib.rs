//! The Tandem engine described in rust-hdl: one module a file, one cell one Verilog module.
pub mod array;
pub mod board;
pub mod compact;
pub mod configured;
pub mod control;
pub mod emit;
pub mod engine;
pub mod leaf;
pub mod link;
pub mod loss;
pub mod memory;
pub mod parity;
pub mod scratchpad;
pub mod select;
pub mod vector;
pub mod verilate;
