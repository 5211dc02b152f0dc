//! The Tandem engine described in rust-hdl: one module a file, one cell one Verilog module.
// Kernels say `!(a < b)`: that is a carry chain and nothing else; for `a >= b` synthesis compares for equality besides.
#![allow(clippy::nonminimal_bool)]

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
