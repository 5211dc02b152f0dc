//! Accumulator memory of the compact engine with the adders in front of it: 128 words of four 32-bit sums, kept as halves, in half the
//! block RAMs that whole ones would take (their smallest depth is 256). A sum takes two cycles. Not for two users at a time.
//!
//! Halves are at address 2·word and, the high one, 2·word + 1. The halves at `read_address` stand at `word` in the next cycle if `read`
//! was high, and hold. In every cycle one half of `partial` (s18), with `add` plus `word`, goes to a register: the low half, or with
//! `high` the high one with the low one's carry. `write` stores that register at `write_address`. Sums wrap at 32 bits. Contents survive
//! reset and are undefined at power-up.
use crate::leaf::{Dff, Ram};
use rust_hdl::prelude::*;

/// Four lanes of accumulators.
#[derive(LogicBlock, Default)]
pub struct Sums {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Halves to read.
    pub read_address: Signal<In, Bits<8>>,
    /// Read at this edge.
    pub read: Signal<In, Bit>,
    /// The halves read.
    pub word: [Signal<Out, Bits<16>>; 4],
    /// Sums to store or to add, s18.
    pub partial: [Signal<In, Bits<18>>; 4],
    /// Add to the word read.
    pub add: Signal<In, Bit>,
    /// High halves are added.
    pub high: Signal<In, Bit>,
    /// Halves to write.
    pub write_address: Signal<In, Bits<8>>,
    /// Write what was added in the cycle before.
    pub write: Signal<In, Bit>,
    memory: [Ram<Bits<16>, 8>; 4],
    sum: [Dff<Bits<16>>; 4],
    carry: [Dff<Bit>; 4],
    held: Signal<Local, Bits<16>>,
    whole: Signal<Local, Bits<18>>,
    half: Signal<Local, Bits<16>>,
    carry_in: Signal<Local, Bits<17>>,
    added: Signal<Local, Bits<17>>,
    none: Signal<Local, Bits<16>>,
    ones: Signal<Local, Bits<16>>,
}

impl Logic for Sums {
    #[hdl_gen]
    fn update(&mut self) {
        self.none.next = 0.into();
        self.ones.next = !self.none.val() << 2;
        for i in 0..4 {
            self.memory[i].clock.next = self.clock.val();
            self.sum[i].clock.next = self.clock.val();
            self.carry[i].clock.next = self.clock.val();
            self.memory[i].read_address.next = self.read_address.val();
            self.memory[i].read_enable.next = self.read.val();
            self.word[i].next = self.memory[i].read_data.val();
            self.held.next = 0.into();
            if self.add.val() {
                self.held.next = self.memory[i].read_data.val();
            }
            self.whole.next = self.partial[i].val();
            self.half.next = self.whole.val().get_bits::<16>(0);
            self.carry_in.next = 0.into();
            if self.high.val() {
                self.half.next = bit_cast::<16, 2>(self.whole.val().get_bits::<2>(16));
                if self.whole.val().get_bit(17) {
                    self.half.next =
                        bit_cast::<16, 2>(self.whole.val().get_bits::<2>(16)) | self.ones.val();
                }
                if self.carry[i].q.val() {
                    self.carry_in.next = 1.into();
                }
            }
            self.added.next = bit_cast::<17, 16>(self.held.val())
                + bit_cast::<17, 16>(self.half.val())
                + self.carry_in.val();
            self.sum[i].d.next = self.added.val().get_bits::<16>(0);
            self.carry[i].d.next = self.added.val().get_bit(16);
            self.memory[i].write_address.next = self.write_address.val();
            self.memory[i].write_enable.next = self.write.val();
            self.memory[i].write_data.next = self.sum[i].q.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        Parity::new("compact_sums")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut Sums::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.read_address.next = rng.below(4).into();
                    u.read.next = rng.chance(80);
                    u.partial.iter_mut().for_each(|p| p.next = rng.corner());
                    u.add.next = rng.chance(70);
                    u.high.next = rng.chance(50);
                    u.write_address.next = rng.below(4).into();
                    u.write.next = rng.chance(70);
                },
            )
            .unwrap();
    }
}
