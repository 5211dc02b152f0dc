//! The memory of a mapped engine.

use super::failed;
use crate::device::{check_range, DeviceError};
use std::path::PathBuf;
use tandem_mapping::Mapping;

/// Memory that engine and host share.
pub struct Memory {
    mapping: Mapping,
    /// Where it begins in the mapping.
    start: usize,
    bytes: u64,
    upkeep: Option<Upkeep>,
}

/// What keeps the processor's cache in step with a u-dma-buf whose hardware does not: its folder in /sys/class/u-dma-buf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upkeep {
    folder: PathBuf,
}

impl Upkeep {
    /// Of the buffer that is described in that folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Hands bytes over, to the processor (`sync_for_cpu`, direction 2) or to the engine (`sync_for_device`, direction 1).
    fn hand_over(
        &self,
        to: &'static str,
        direction: u8,
        from: usize,
        bytes: usize,
    ) -> Result<(), DeviceError> {
        let settings = [
            ("sync_offset", from.to_string()),
            ("sync_size", bytes.to_string()),
            ("sync_direction", direction.to_string()),
            (to, "1".to_string()),
        ];
        for (name, value) in settings {
            let path = self.folder.join(name);
            std::fs::write(&path, value).map_err(|error| {
                failed(
                    path.display(),
                    "handing memory over",
                    error,
                    "let this user write it, or give the buffer the property dma-coherent and a coherent port",
                )
            })?;
        }
        Ok(())
    }
}

impl Memory {
    /// The memory in `mapping` from byte `start` on.
    pub fn new(mapping: Mapping, start: usize, upkeep: Option<Upkeep>) -> Self {
        let bytes = mapping.bytes().saturating_sub(start) as u64;
        Self {
            mapping,
            start,
            bytes,
            upkeep,
        }
    }

    /// Bytes of it.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Copies from it; `at` counts from its first byte.
    pub fn read(&self, at: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let range = check_range("read", at, into.len(), self.bytes)?;
        let from = self.start + range.start;
        if let Some(upkeep) = &self.upkeep {
            upkeep.hand_over("sync_for_cpu", 2, from, into.len())?;
        }
        let read = self.mapping.read(from, into);
        read.ok_or_else(|| self.outside("read", at, range.len()))
    }

    /// Copies to it.
    pub fn write(&self, at: u64, from: &[u8]) -> Result<(), DeviceError> {
        let range = check_range("write", at, from.len(), self.bytes)?;
        let to = self.start + range.start;
        let written = self.mapping.write(to, from);
        written.ok_or_else(|| self.outside("write", at, from.len()))?;
        match &self.upkeep {
            Some(upkeep) => upkeep.hand_over("sync_for_device", 1, to, from.len()),
            None => Ok(()),
        }
    }

    fn outside(&self, operation: &'static str, address: u64, bytes: usize) -> DeviceError {
        let length = bytes as u64;
        DeviceError::Memory {
            operation,
            address,
            length,
            end: address.saturating_add(length),
            size: self.bytes,
        }
    }
}
