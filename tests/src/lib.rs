//! System suites, each written once and run on every device.
//!
//! What stands here is shared by the suites: a generator of numbers that is the same everywhere, random layers, and what has to hold
//! when a suite is through with the RTL.

#[cfg(feature = "link")]
pub mod compact;
pub mod configs;
pub mod layers;
pub mod networks;
pub mod random;
#[cfg(feature = "rtl")]
pub mod rtl;
#[cfg(target_os = "linux")]
pub mod served;
pub mod sharing;
pub mod small;
pub mod training;
#[cfg(feature = "link")]
pub mod uart;
