//! Figures of an engine at work, in its own cycles: the same on every machine that simulates it.

mod sharing;

pub use sharing::{sharing, Load, Sharing};
