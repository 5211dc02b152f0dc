//! What the kernel tells of UIO, u-dma-buf and PCI devices, in files of one value each.

use super::failed;
use crate::device::DeviceError;
use std::path::Path;

/// A map of a UIO device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Its name, if it has one.
    pub name: String,
    /// Physical address.
    pub address: u64,
    /// Bytes.
    pub bytes: u64,
    /// Where the memory begins in its first page.
    pub offset: u64,
}

/// A u-dma-buf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Physical address.
    pub address: u64,
    /// Bytes.
    pub bytes: u64,
    /// The hardware keeps caches in step.
    pub coherent: bool,
}

/// Map `number` of the device whose folder in /sys/class/uio is given; `None` if it has no such map.
pub fn map(device: &Path, number: usize) -> Result<Option<Map>, DeviceError> {
    let folder = device.join(format!("maps/map{number}"));
    if !folder.is_dir() {
        return Ok(None);
    }
    Ok(Some(Map {
        name: text(&folder.join("name")).unwrap_or_default(),
        address: value(&folder.join("addr"))?,
        bytes: value(&folder.join("size"))?,
        offset: value(&folder.join("offset"))?,
    }))
}

/// The buffer whose folder in /sys/class/u-dma-buf is given.
pub fn buffer(folder: &Path) -> Result<Buffer, DeviceError> {
    Ok(Buffer {
        address: value(&folder.join("phys_addr"))?,
        bytes: value(&folder.join("size"))?,
        coherent: value(&folder.join("dma_coherent")).is_ok_and(|v| v == 1),
    })
}

fn text(path: &Path) -> Result<String, DeviceError> {
    // Values are short; a file that is not one of these is not read whole.
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| {
        std::io::Read::read_to_end(&mut std::io::Read::take(file, 256), &mut bytes)
    });
    read.map_err(|error| {
        failed(
            path.display(),
            "reading",
            error,
            "look whether the device is there and its driver loaded: dmesg tells",
        )
    })?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_string())
}

/// A number, decimal or hexadecimal.
fn value(path: &Path) -> Result<u64, DeviceError> {
    let text = text(path)?;
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| {
        failed(
            path.display(),
            "reading",
            format_args!("found `{text}`, expected a number"),
            "give the folder that has /sys/class in it",
        )
    })
}
