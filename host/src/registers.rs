//! The registers of a device, read and decoded by name.
//!
//! Not for programs, which read what they need by [`Engine::register`](crate::Engine::register): this is for people.

use crate::device::{Device, DeviceError};
use tandem_isa::register::{self, Access, Field, Register};

/// A register and what it held.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The register.
    pub register: &'static Register,
    /// Its name; of those that are there more than once with its number, as `T_WINDOW2_BASE`.
    pub name: String,
    /// Byte offset.
    pub offset: u32,
    /// What it held; `None` if reading it does something, or gives nothing.
    pub value: Option<u32>,
}

/// A field of a reading.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The field.
    pub field: &'static Field,
    /// Its value.
    pub value: i64,
    /// The name of the value, if it has one.
    pub name: Option<&'static str>,
}

impl Reading {
    /// Its fields; none if it is one number.
    pub fn fields(&self) -> Vec<Part> {
        let fields = self.value.map_or(&[][..], |_| self.register.fields);
        let part = |field: &'static Field| {
            let value = field.of(self.value.unwrap_or_default());
            let name = field.name_of(value);
            Part { field, value, name }
        };
        fields.iter().map(part).collect()
    }
}

/// Reads every register that can be read without changing anything, in order of offsets; the others are there without a value.
pub fn read_all(device: &mut (impl Device + ?Sized)) -> Result<Vec<Reading>, DeviceError> {
    let mut all = Vec::new();
    for r in register::ALL {
        let (times, distance) = r.repeats();
        for i in 0..times {
            let offset = r.offset + i * distance;
            let silent = matches!(r.access, Access::WriteOnly | Access::ReadPops);
            let name = match times {
                1 => r.name.to_string(),
                _ => r.name.replace("WINDOW", &format!("WINDOW{i}")),
            };
            let value = match silent {
                true => None,
                false => Some(device.read_register(offset)?),
            };
            all.push(Reading {
                register: r,
                name,
                offset,
                value,
            });
        }
    }
    all.sort_by_key(|reading| reading.offset);
    Ok(all)
}
