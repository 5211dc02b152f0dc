//! Turns the steps of a [`PixelLoop`](super::PixelLoop) into addresses, by adding strides: no multiplier.
//!
//! The address of pixel (n, y, x) is `base + n*s_n + y*s_y + x*s_x`, mod 2^16. `pixels`: the loop goes by windows and the
//! strides are those of pixels; otherwise they are those of the loop's own steps. `dense`: `s_n` is not used, images follow
//! each other row after row (only with `pixels`).
//!
//! | port | meaning |
//! |---|---|
//! | `start` | stand on `base` |
//! | `advance`, `steps` | as the loop gives them |
//! | `address` | of the present pixel |
//!
//! One address a cycle, valid from the cycle after `start`. No reset: `start` sets everything. Strides stay put meanwhile.
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Address generator of one operand.
#[derive(LogicBlock, Default)]
pub struct AddressWalk {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Stand on `base`.
    pub start: Signal<In, Bit>,
    /// To the next pixel.
    pub advance: Signal<In, Bit>,
    /// Steps are windows, strides are pixels.
    pub pixels: Signal<In, Bit>,
    /// Images follow each other without `s_n`.
    pub dense: Signal<In, Bit>,
    /// First address.
    pub base: Signal<In, Bits<16>>,
    /// Stride of images, s16.
    pub s_n: Signal<In, Bits<16>>,
    /// Stride of rows, s16.
    pub s_y: Signal<In, Bits<16>>,
    /// Stride of pixels, s16.
    pub s_x: Signal<In, Bits<16>>,
    /// From the loop.
    pub steps: Signal<In, Bits<6>>,
    /// Address of the present pixel.
    pub address: Signal<Out, Bits<16>>,
    image: Dff<Bits<16>>,
    row: Dff<Bits<16>>,
    corner: Dff<Bits<16>>,
    by_x: Signal<Local, Bits<16>>,
    by_y: Signal<Local, Bits<16>>,
    add_x: Signal<Local, Bits<16>>,
    add_y: Signal<Local, Bits<16>>,
    to_image: Signal<Local, Bit>,
    to_row: Signal<Local, Bit>,
    from: Signal<Local, Bits<16>>,
    by: Signal<Local, Bits<16>>,
    moved: Signal<Local, Bits<16>>,
    inner: Signal<Local, Bits<16>>,
}

impl Logic for AddressWalk {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, image, row, corner);
        self.by_x.next = self.s_x.val();
        self.by_y.next = self.s_y.val();
        if self.pixels.val() {
            self.by_x.next = self.s_x.val() << 1;
            if self.steps.val().get_bit(2) {
                self.by_y.next = self.s_y.val() << 1;
            }
        }
        // One adder: the outermost loop that moves gives the start of those inside it.
        self.to_image.next = self.steps.val().get_bit(5);
        self.to_row.next = self.steps.val().get_bit(4) | (self.to_image.val() & self.dense.val());
        self.from.next = self.corner.q.val();
        self.by.next = self.by_x.val();
        if self.to_row.val() {
            self.from.next = self.row.q.val();
            self.by.next = self.by_y.val();
        } else if self.to_image.val() {
            self.from.next = self.image.q.val();
            self.by.next = self.s_n.val();
        }
        self.moved.next = self.from.val() + self.by.val();

        if self.advance.val() {
            if self.steps.val().get_bits::<3>(3).any() {
                self.corner.d.next = self.moved.val();
            }
            if self.steps.val().get_bits::<2>(4).any() {
                self.row.d.next = self.moved.val();
            }
            if self.to_image.val() {
                self.image.d.next = self.moved.val();
            }
        }
        if self.start.val() {
            self.image.d.next = self.base.val();
            self.row.d.next = self.base.val();
            self.corner.d.next = self.base.val();
        }

        self.add_x.next = 0.into();
        self.add_y.next = 0.into();
        if self.pixels.val() & self.steps.val().get_bit(0) {
            self.add_x.next = self.s_x.val();
        }
        if self.pixels.val() & self.steps.val().get_bit(1) {
            self.add_y.next = self.s_y.val();
        }
        self.inner.next = self.add_x.val() + self.add_y.val();
        self.address.next = self.corner.q.val() + self.inner.val();
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
