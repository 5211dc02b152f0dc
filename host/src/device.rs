//! What a device is: registers, memory, and an interrupt to wait for. Simulators and boards implement [`Device`]; everything
//! else talks to it through [`crate::driver::Engine`].
//!
//! Not for programs: a `Device` neither checks nor interprets what is written. Use the driver, which decodes faults.

use std::time::Duration;
use tandem_isa::Config;

/// What can go wrong below the engine's own error registers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// A register offset that is not one.
    #[error("register {offset:#x}: {what}, expected a multiple of 4 below {space:#x}; use the offsets of tandem_isa::register")]
    Register {
        /// Offset asked for.
        offset: u32,
        /// What is wrong with it.
        what: &'static str,
        /// Bytes of the register space.
        space: u32,
    },
    /// Memory outside the device.
    #[error("memory {operation} of {length} bytes at {address:#x}: ends at {end:#x}, the device has {size:#x} bytes; \
             use a device with more memory or a smaller batch")]
    Memory {
        /// `read` or `write`.
        operation: &'static str,
        /// First byte.
        address: u64,
        /// Bytes.
        length: u64,
        /// One past the last byte.
        end: u64,
        /// Bytes the device has.
        size: u64,
    },
    /// No interrupt came in time.
    #[error("waiting for interrupt bits {mask:#x}: none after {cycles} cycles (IRQ_STATUS {found:#x}); \
             look at STATUS and the unit counters, or allow more cycles")]
    TimedOut {
        /// Bits waited for.
        mask: u32,
        /// Cycles waited.
        cycles: u64,
        /// IRQ_STATUS at the end.
        found: u32,
    },
    /// The link to the device failed.
    #[error("{device}: {operation} failed: {reason}; {remedy}")]
    Link {
        /// Device name.
        device: String,
        /// What was being done.
        operation: String,
        /// What happened.
        reason: String,
        /// What to do.
        remedy: String,
    },
}

/// An engine with its memory: simulated, or on a board.
///
/// Object safe. Registers are at the byte offsets of [`tandem_isa::register`]; memory addresses are those of commands and windows.
pub trait Device {
    /// The sizes it was built with.
    fn config(&self) -> &Config;

    /// Reads a register.
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError>;

    /// Writes a register.
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError>;

    /// The address by which the engine knows the first byte of its memory: 0, unless it shares the host's.
    fn memory_base(&self) -> u64 {
        0
    }

    /// Bytes of memory, from [`Device::memory_base`] on.
    fn memory_size(&self) -> u64;

    /// Copies memory to `into`.
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError>;

    /// Copies `from` to memory.
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError>;

    /// Blocks until a bit of `irq_mask` is set in IRQ_STATUS and returns IRQ_STATUS; clears nothing. A simulated device runs
    /// its clock meanwhile. After `limit_cycles` engine cycles without one it returns [`DeviceError::TimedOut`].
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError>;
}

macro_rules! forward {
    ($($head:tt)*) => {
        $($head)* {
            fn config(&self) -> &Config {
                (**self).config()
            }
            fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
                (**self).read_register(offset)
            }
            fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
                (**self).write_register(offset, value)
            }
            fn memory_base(&self) -> u64 {
                (**self).memory_base()
            }
            fn memory_size(&self) -> u64 {
                (**self).memory_size()
            }
            fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
                (**self).read_memory(address, into)
            }
            fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
                (**self).write_memory(address, from)
            }
            fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
                (**self).wait(irq_mask, limit_cycles)
            }
        }
    };
}
forward!(impl<D: Device + ?Sized> Device for Box<D>);
forward!(impl<D: Device + ?Sized> Device for &mut D);

/// Checks a memory access against the device's size; for implementors.
pub fn check_range(
    operation: &'static str,
    address: u64,
    length: usize,
    size: u64,
) -> Result<std::ops::Range<usize>, DeviceError> {
    let length = length as u64;
    let end = address.saturating_add(length);
    if end > size {
        return Err(DeviceError::Memory {
            operation,
            address,
            length,
            end,
            size,
        });
    }
    Ok(address as usize..end as usize)
}

/// The time of so many cycles of a clock; for implementors that wait in time. Ten years stand for what no time can hold.
pub fn time_of(cycles: u64, clock: u64) -> Duration {
    Duration::from_secs_f64((cycles as f64 / clock.max(1) as f64).min(3e8))
}

/// Checks a register offset; for implementors.
pub fn check_register(offset: u32) -> Result<(), DeviceError> {
    let space = tandem_isa::register::SPACE;
    let what = if offset % 4 != 0 {
        "not aligned"
    } else if offset >= space {
        "outside the register space"
    } else {
        return Ok(());
    };
    Err(DeviceError::Register {
        offset,
        what,
        space,
    })
}
