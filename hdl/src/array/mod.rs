//! The compute unit: ROWS×COLS multiply-accumulate cells with both dataflows, their accumulators and their sequencer.
mod cell;
mod delay;
mod grid;

pub use cell::Cell;
pub use delay::{Delay, Line};
pub use grid::Grid;
