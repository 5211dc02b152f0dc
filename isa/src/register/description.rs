//! What is to be said of a register and of its fields.

use super::{CONTEXTS, CONTEXT_BASE, CONTEXT_SIZE, WINDOWS, WINDOW_BASE, WINDOW_SIZE};

/// What a host may do with a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads only; writes are ignored.
    ReadOnly,
    /// Reads back what was written.
    ReadWrite,
    /// Write acts, reads 0.
    WriteOnly,
    /// Bits written as 1 are cleared.
    WriteOneToClear,
    /// Reading takes an element away.
    ReadPops,
}

/// One register.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Name.
    pub name: &'static str,
    /// Byte offset.
    pub offset: u32,
    /// Access.
    pub access: Access,
    /// Value after reset (identification registers: 0 here, their value comes from the configuration).
    pub reset: u32,
    /// Meaning, fields, unit.
    pub doc: &'static str,
    /// Its fields; empty if it is one number of 32 bits.
    pub fields: &'static [Field],
}

impl Register {
    /// How often it is there, and the bytes from one to the next: more than once those of windows.
    pub fn repeats(&self) -> (u32, u32) {
        let block = self.offset.checked_sub(CONTEXT_BASE);
        let block = block.filter(|&at| at < CONTEXTS * CONTEXT_SIZE);
        match block.map(|at| at % CONTEXT_SIZE) {
            Some(at) if (WINDOW_BASE..WINDOW_BASE + WINDOW_SIZE).contains(&at) => {
                (WINDOWS, WINDOW_SIZE)
            }
            _ => (1, 0),
        }
    }
}

/// A field of a register.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name.
    pub name: &'static str,
    /// Lowest bit.
    pub low: u32,
    /// Bits.
    pub bits: u32,
    /// Two's complement.
    pub signed: bool,
    /// Meaning.
    pub doc: &'static str,
    /// Names of its values, if they have any.
    pub values: &'static [(u32, &'static str)],
}

impl Field {
    /// Its value within a register's.
    pub fn of(&self, register: u32) -> i64 {
        let value = i64::from(register >> self.low) & ((1 << self.bits) - 1);
        if self.signed && value >> (self.bits - 1) != 0 {
            return value - (1 << self.bits);
        }
        value
    }

    /// The name of a value, if it has one.
    pub fn name_of(&self, value: i64) -> Option<&'static str> {
        let named = self.values.iter().find(|named| i64::from(named.0) == value);
        named.map(|named| named.1)
    }
}
