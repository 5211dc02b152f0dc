//! System suites, each written once and run on every device.
//!
//! What stands here is shared by the suites: a generator of numbers that is the same everywhere, random layers, and what has to hold
//! when a suite is through with the RTL.

#[cfg(feature = "link")]
pub mod compact;
pub mod configs;
pub mod networks;
#[cfg(feature = "link")]
pub mod process;
pub mod random;
#[cfg(feature = "rtl")]
pub mod rtl;
pub mod sharing;
pub mod small;
#[cfg(feature = "link")]
pub mod uart;
pub mod whole;
