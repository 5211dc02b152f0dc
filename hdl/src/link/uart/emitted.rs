//! The Verilog of a link alone, for boards that put it together in Verilog and for the simulation that drives it. Not hardware.
use super::{Baud, FrameLink, UartLink};
use crate::emit::{whole, EmitError};

/// A [`UartLink`] as module `top`.
pub fn pins<const SLOTS: usize, const GAP: usize>(
    top: &str,
    baud: Baud,
) -> Result<String, EmitError> {
    whole(&mut UartLink::<SLOTS, GAP>::new(baud), top)
}

/// A [`FrameLink`] as module `top`.
pub fn bytes<const SLOTS: usize, const GAP: usize>(top: &str) -> Result<String, EmitError> {
    whole(&mut FrameLink::<SLOTS, GAP>::default(), top)
}
