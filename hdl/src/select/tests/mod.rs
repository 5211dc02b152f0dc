//! The selector against the model, against a sort, and against its own Verilog.
mod bench;
mod cells;

mod streams;
