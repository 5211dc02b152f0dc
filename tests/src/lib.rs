//! System suites, each written once and run on every device.
//!
//! What stands here is shared by the suites: a generator of numbers that is the same everywhere, and random layers.

pub mod random;
