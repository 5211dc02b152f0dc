//! An engine in this machine's address space: behind UIO, behind a PCIe BAR, or served from shared memory by `tandem serve`.
//!
//! ```no_run
//! use tandem::mmap::{Mmap, Options, Places};
//! // Registers are map 0 of /dev/uio0, memory is its map 1.
//! let device = Mmap::open("/dev/uio0", &Options::default(), &Places::default())?;
//! let mut engine = tandem::Engine::open(device)?;
//! # Ok::<(), tandem::DriverError>(())
//! ```
//!
//! How each is set up, and who may open it: `docs/devices.md`.
//!
//! | file | is |
//! |---|---|
//! | `device` | the [`Device`](crate::Device) |
//! | `open` | from a path to its parts |
//! | `registers` | registers: mapped, one load or store each |
//! | `memory` | memory: mapped, with the cache's upkeep where there is need |
//! | `interrupt` | the interrupt of UIO |
//! | `shared` | registers and interrupt of a served device; the layout of its file |
//! | `sysfs` | what the kernel tells of UIO, u-dma-buf and PCI |

mod device;
mod interrupt;
mod memory;
mod open;
mod registers;
pub mod shared;
mod sysfs;

pub use device::{Mmap, Parts};
pub use interrupt::{Interrupt, Uio};
pub use memory::{Memory, Upkeep};
pub use open::{Options, Places};
pub use registers::{Direct, Registers};

use crate::device::DeviceError;

/// A [`DeviceError::Link`].
fn failed(
    device: impl ToString,
    operation: impl ToString,
    reason: impl ToString,
    remedy: impl ToString,
) -> DeviceError {
    DeviceError::Link {
        device: device.to_string(),
        operation: operation.to_string(),
        reason: reason.to_string(),
        remedy: remedy.to_string(),
    }
}
