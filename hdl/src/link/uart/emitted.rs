//! The Verilog of a link alone, for boards that put it together in Verilog and for the simulation that drives it. Not hardware.
use super::{Baud, FrameLink, UartLink};
use crate::emit::{verilog, EmitError};
use rust_hdl::prelude::*;

/// Inputs that only the outside drives.
macro_rules! from_outside {
    ($link:ident: $($port:ident)*) => {
        $link.connect_all();
        $($link.$port.connect();)*
    };
}

/// A [`UartLink`] as module `top`.
pub fn pins<const SLOTS: usize, const GAP: usize>(
    top: &str,
    baud: Baud,
) -> Result<String, EmitError> {
    let mut link = UartLink::<SLOTS, GAP>::new(baud);
    from_outside!(link: clock reset receive request_ready response_data response_error);
    verilog(&link, top)
}

/// A [`FrameLink`] as module `top`.
pub fn bytes<const SLOTS: usize, const GAP: usize>(top: &str) -> Result<String, EmitError> {
    let mut link = FrameLink::<SLOTS, GAP>::default();
    from_outside!(link: clock reset in_valid in_data in_error out_ready request_ready response_data
        response_error);
    verilog(&link, top)
}
