//! The vector unit of the model: Requant, Unpool and Update, a word of lanes at a time.
//!
//! The loops over lanes have no branches that depend on data, so that a compiler turns them into vector instructions; they are
//! compiled again for CPUs with wider ones, and the best is chosen when the program runs.

mod requant;
#[cfg(test)]
mod tests;
mod unpool;
mod update;

pub use requant::requant;
pub use unpool::unpool;
pub use update::update;

/// The place `offset` words from `base`: addresses are 16 bits wide and wrap.
fn at(base: u16, offset: isize) -> usize {
    (base as isize + offset) as usize & 0xffff
}

/// Calls `$function::<L>(…)` with L the lanes of `$config`.
macro_rules! for_lanes {
    ($config:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $config.lanes {
            4 => $function::<4>($($argument),*),
            8 => $function::<8>($($argument),*),
            16 => $function::<16>($($argument),*),
            _ => $function::<32>($($argument),*),
        }
    };
}
use for_lanes;
