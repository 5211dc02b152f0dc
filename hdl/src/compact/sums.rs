//! Accumulator memory of the compact engine with the adders in front of it: 256 words of four 32-bit sums, one read and one write a cycle.
//! Not for two users at a time: there are no banks.
//!
//! The word at `read_address` stands at `word` in the next cycle if `read` was high, and holds. In every cycle `partial` (s18), with
//! `add` plus `word`, goes to a register; `write` stores that register at `write_address`. So a word is read, added to in the next
//! cycle, and written in the one after that. Sums wrap at 32 bits. Contents survive reset and are undefined at power-up.
use crate::leaf::{Dff, Ram};
use rust_hdl::prelude::*;

/// Four lanes of accumulators.
#[derive(LogicBlock, Default)]
pub struct Sums {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<8>>,
    /// Read at this edge.
    pub read: Signal<In, Bit>,
    /// The word read.
    pub word: [Signal<Out, Bits<32>>; 4],
    /// Sums to store or to add, s18.
    pub partial: [Signal<In, Bits<18>>; 4],
    /// Add to the word read.
    pub add: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<8>>,
    /// Write what was added in the cycle before.
    pub write: Signal<In, Bit>,
    memory: [Ram<Bits<32>, 8>; 4],
    sum: [Dff<Bits<32>>; 4],
    held: Signal<Local, Bits<32>>,
    low: Signal<Local, Bits<18>>,
    wide: Signal<Local, Bits<32>>,
    none: Signal<Local, Bits<32>>,
    ones: Signal<Local, Bits<32>>,
}

impl Logic for Sums {
    #[hdl_gen]
    fn update(&mut self) {
        self.none.next = 0.into();
        self.ones.next = !self.none.val() << 18;
        for i in 0..4 {
            self.memory[i].clock.next = self.clock.val();
            self.sum[i].clock.next = self.clock.val();
            self.memory[i].read_address.next = self.read_address.val();
            self.memory[i].read_enable.next = self.read.val();
            self.word[i].next = self.memory[i].read_data.val();
            self.held.next = 0.into();
            if self.add.val() {
                self.held.next = self.memory[i].read_data.val();
            }
            self.low.next = self.partial[i].val();
            self.wide.next = bit_cast::<32, 18>(self.low.val());
            if self.low.val().get_bit(17) {
                self.wide.next = bit_cast::<32, 18>(self.low.val()) | self.ones.val();
            }
            self.sum[i].d.next = self.held.val() + self.wide.val();
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
                    u.write_address.next = rng.below(4).into();
                    u.write.next = rng.chance(70);
                },
            )
            .unwrap();
    }
}
