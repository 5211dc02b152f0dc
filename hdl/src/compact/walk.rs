//! Addresses of a row of words after another: a step within the row, another one at its end. For nested loops of any depth see
//! `array/pass_loop.rs` of the large engine.
//!
//! `value` is taken as address, step or row step by its strobe; `advance` adds the step, with `row_end` the row step. With `pad`
//! the address is one of a scratchpad: its upper bits read 1, its low six bits wrap, and bits 7:6 (the pad's number) stay. Steps are
//! s8 and count modulo 2^8, which is the depth of accumulators; no step but 1 is used outside of those and pads.
//! Reset state: undefined.
use crate::leaf::{Dff, DffEn};
use rust_hdl::prelude::*;

/// Address generator of `2^AW` words.
#[derive(LogicBlock, Default)]
pub struct Walk<const AW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Address or step.
    pub value: Signal<In, Bits<16>>,
    /// `value` is the address.
    pub set_address: Signal<In, Bit>,
    /// `value` is the step.
    pub set_step: Signal<In, Bit>,
    /// `value` is the step at the end of a row.
    pub set_row_step: Signal<In, Bit>,
    /// Go on.
    pub advance: Signal<In, Bit>,
    /// A row ends here.
    pub row_end: Signal<In, Bit>,
    /// Within a scratchpad.
    pub pad: Signal<In, Bit>,
    /// The address.
    pub address: Signal<Out, Bits<AW>>,
    /// The step that `advance` would add.
    pub next_step: Signal<Out, Bits<8>>,
    place: Dff<Bits<AW>>,
    step: DffEn<Bits<8>>,
    row_step: DffEn<Bits<8>>,
    added: Signal<Local, Bits<8>>,
    low: Signal<Local, Bits<AW>>,
    moved: Signal<Local, Bits<AW>>,
    none: Signal<Local, Bits<AW>>,
    all: Signal<Local, Bits<AW>>,
    pad_ones: Signal<Local, Bits<AW>>,
    upper: Signal<Local, Bits<AW>>,
}

impl<const AW: usize> Logic for Walk<AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, place);
        self.step.clock.next = self.clock.val();
        self.row_step.clock.next = self.clock.val();
        self.step.enable.next = self.set_step.val();
        self.step.d.next = self.value.val().get_bits::<8>(0);
        self.row_step.enable.next = self.set_row_step.val();
        self.row_step.d.next = self.value.val().get_bits::<8>(0);
        self.none.next = 0.into();
        self.all.next = !self.none.val();
        self.pad_ones.next = self.all.val() << 8;
        self.upper.next = self.all.val() << 6;
        self.added.next = self.step.q.val();
        if self.row_end.val() {
            self.added.next = self.row_step.q.val();
        }
        self.next_step.next = self.added.val();
        self.low.next = bit_cast::<AW, 8>(self.added.val());
        self.moved.next = self.place.q.val() + self.low.val();
        if self.advance.val() {
            self.place.d.next = self.moved.val();
            if self.pad.val() {
                self.place.d.next = (self.place.q.val() & self.upper.val())
                    | bit_cast::<AW, 6>(self.moved.val().get_bits::<6>(0));
            }
        }
        if self.set_address.val() {
            self.place.d.next = self.value.val().get_bits::<AW>(0);
        }
        self.address.next = self.place.q.val();
        if self.pad.val() {
            self.address.next = self.place.q.val() | self.pad_ones.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        Parity::new("walk")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut Walk::<10>::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.value.next = rng.corner();
                    u.set_address.next = rng.chance(5);
                    u.set_step.next = rng.chance(5);
                    u.set_row_step.next = rng.chance(5);
                    u.advance.next = rng.chance(70);
                    u.row_end.next = rng.chance(20);
                    u.pad.next = rng.chance(50);
                },
            )
            .unwrap();
    }

    #[test]
    fn a_pad_wraps_and_memory_does_not() {
        let mut address = vec![];
        for pad in [false, true] {
            Parity::new("walk_wrap")
                .cycles(8)
                .check(
                    &mut Walk::<10>::default(),
                    |u| &mut u.clock,
                    |u, _, cycle| {
                        u.pad.next = pad;
                        u.value.next = if cycle == 0 { 126u64 } else { 1 }.into();
                        u.set_address.next = cycle == 0;
                        u.set_step.next = cycle == 1;
                        u.set_row_step.next = false;
                        u.row_end.next = false;
                        u.advance.next = cycle > 1;
                        if cycle > 2 {
                            address.push(u.address.val().to_u64());
                        }
                    },
                )
                .unwrap();
        }
        assert_eq!(address[..3], [127, 128, 129]);
        assert_eq!(address[5..8], [768 + 127, 768 + 64, 768 + 65]);
    }
}
