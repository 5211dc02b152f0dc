//! The engine as emitted Verilog, compiled by Verilator, with a simulated memory behind its bus.
//!
//! For proof and for cycle counts; for everything else [`model`](crate::model) gives the same bits far faster.
//!
//! The memory moves 8 bytes a cycle in all, with latency, row misses and refresh ([`Timing`]), random stalls of every
//! channel ([`Stalls`]) and planned misfortunes ([`Fault`]). AXI rules are checked in every cycle.
mod core;
mod device;
mod ffi;
mod settings;
pub mod speed;

pub use self::core::{RtlCore, RtlError};
pub use device::RtlDevice;
pub use ffi::Counts;
pub use settings::{Fault, Misfortune, Response, Stalls, Timing, Waves, Window};
