//! The driver and library of the Tandem engine: devices, networks compiled to commands, training and selection.
//!
//! | module | holds |
//! |---|---|
//! | [`device`] | the trait every backend implements |
//! | [`driver`] | opening, windows, running programs, sites |
//! | [`fault`] | errors of the driver and of the engine |
//! | [`counters`] | cycles and events |
#![warn(missing_docs)]

pub mod counters;
pub mod device;
pub mod driver;
pub mod fault;

pub use counters::Counters;
pub use device::{Device, DeviceError};
pub use driver::{Engine, Site, Window};
pub use fault::{Context, DriverError, Fault};
