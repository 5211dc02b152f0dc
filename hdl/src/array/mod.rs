//! The compute unit: ROWS×COLS multiply-accumulate cells with both dataflows, their accumulators and their sequencer.
mod accumulator;
mod cell;
mod column_sum;
mod compute;
mod delay;
mod drain;
#[cfg(test)]
mod golden;
mod grid;
mod pass_loop;
mod pixel_loop;
mod row_feed;
mod sequencer;
mod sum_address;

pub use accumulator::Accumulator;
pub use cell::Cell;
pub use column_sum::ColumnSum;
pub use compute::Compute;
pub use delay::{Delay, Line};
pub use drain::Drain;
pub use grid::Grid;
pub use pass_loop::PassLoop;
pub use pixel_loop::PixelLoop;
pub use row_feed::RowFeed;
pub use sequencer::Sequencer;
pub use sum_address::SumAddress;

#[cfg(test)]
mod tests;
