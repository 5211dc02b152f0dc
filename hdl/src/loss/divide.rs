//! Serial divider: floor(2^31 / divisor), one quotient bit a cycle. Not for a division a cycle: the loss unit needs one a sample.
//!
//! Ports: `start` (pulse, takes `divisor`, at least 32768), `ready` (the quotient is there; low from the cycle after start for 32 cycles),
//! `quotient` (u17, up to 65536). Reset state: ready.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// floor(2^31 / divisor).
#[derive(LogicBlock, Default)]
pub struct Divider {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// Sum to divide by.
    pub divisor: Signal<In, Bits<27>>,
    /// `quotient` is valid.
    pub ready: Signal<Out, Bit>,
    /// Result.
    pub quotient: Signal<Out, Bits<17>>,
    left: Reg<Bits<6>>,
    by: Dff<Bits<28>>,
    rest: Dff<Bits<28>>,
    result: Dff<Bits<32>>,
    shifted: Signal<Local, Bits<28>>,
    fits: Signal<Local, Bit>,
    wide_divisor: Signal<Local, Bits<28>>,
}

impl Logic for Divider {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left, by, rest, result);
        self.left.reset.next = self.reset.val();
        self.wide_divisor.next = bit_cast::<28, 27>(self.divisor.val());
        // The numerator is a one followed by 31 zeros: the one stands in `rest` at the start.
        self.shifted.next = self.rest.q.val();
        self.fits.next = !(self.shifted.val() < self.by.q.val());
        self.ready.next = self.left.q.val() == 0;
        if self.left.q.val() != 0 {
            self.left.d.next = self.left.q.val() - 1;
            self.result.d.next = self.result.q.val() << 1;
            self.rest.d.next = self.shifted.val() << 1;
            if self.fits.val() {
                self.result.d.next = (self.result.q.val() << 1) | 1;
                self.rest.d.next = (self.shifted.val() - self.by.q.val()) << 1;
            }
        }
        if self.start.val() {
            self.left.d.next = 32.into();
            self.by.d.next = self.wide_divisor.val();
            self.rest.d.next = 1.into();
            self.result.d.next = 0.into();
        }
        self.quotient.next = self.result.q.val().get_bits::<17>(0);
    }
}
