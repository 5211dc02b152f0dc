//! AXI4 of 64 bits to AXI4 of 128: for LiteDRAM's controller, whose port is as wide as a burst of the memory. Its own converter from 64
//! bits takes twelve cycles a beat and stops on writes; these two take one.
//!
//! | file | is |
//! |---|---|
//! | `read` | the read channels |
//! | `write` | the write channels; answers need no change |
//!
//! Bursts are INCR, of whole 64-bit beats, and start anywhere; each becomes one burst, which touches the same bytes when it writes and
//! may read 8 bytes more at either end. Bursts stay in order. The slave must not reorder, LiteDRAM's does not.
pub mod read;
pub mod write;

pub use read::WideRead;
pub use write::WideWrite;

#[cfg(test)]
mod tests;
