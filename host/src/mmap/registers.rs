//! The registers of a mapped engine: each access is one load or one store.

use super::failed;
use crate::device::DeviceError;
use tandem_isa::register::SPACE;
use tandem_mapping::Mapping;

/// How the registers of an [`Mmap`](super::Mmap) are reached. Offsets have been checked.
pub trait Registers {
    /// Reads one.
    fn load(&mut self, offset: u32) -> Result<u32, DeviceError>;

    /// Writes one.
    fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError>;
}

impl<R: Registers + ?Sized> Registers for Box<R> {
    fn load(&mut self, offset: u32) -> Result<u32, DeviceError> {
        (**self).load(offset)
    }
    fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        (**self).store(offset, value)
    }
}

/// Registers that hardware has mapped.
pub struct Direct {
    mapping: Mapping,
    /// Where they begin in the mapping.
    start: usize,
}

impl Direct {
    /// The registers in `mapping` from byte `start` on; refuses one that does not hold all of them.
    pub fn new(mapping: Mapping, start: usize, name: &str) -> Result<Self, DeviceError> {
        let end = start.saturating_add(SPACE as usize);
        if start % 4 != 0 || end > mapping.bytes() {
            return Err(failed(
                name,
                "mapping registers",
                format!("registers from {start:#x} to {end:#x}, {:#x} bytes are mapped", mapping.bytes()),
                format!("give the engine a register window of {SPACE:#x} bytes in device tree or block design"),
            ));
        }
        Ok(Self { mapping, start })
    }
}

fn outside(offset: u32) -> DeviceError {
    DeviceError::Register {
        offset,
        what: "outside the mapped registers",
        space: SPACE,
    }
}

impl Registers for Direct {
    #[inline]
    fn load(&mut self, offset: u32) -> Result<u32, DeviceError> {
        let at = self.start + offset as usize;
        self.mapping.load(at).ok_or_else(|| outside(offset))
    }

    #[inline]
    fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        let at = self.start + offset as usize;
        self.mapping.store(at, value).ok_or_else(|| outside(offset))
    }
}
