//! The random words of stochastic rounding: two rounds of `isa::numerics::hash32`, a round a cycle. For a hash a cycle see the vector unit
//! of the large engine.
//!
//! `set_low` and `set_high` take the halves of index XOR key, the high one last; `random` is `hash16` of it three cycles later.
//! Reset state: undefined.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Hash of a word.
#[derive(LogicBlock, Default)]
pub struct Scrambler {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Half a word.
    pub value: Signal<In, Bits<16>>,
    /// `value` is the low half.
    pub set_low: Signal<In, Bit>,
    /// `value` is the high half: begin.
    pub set_high: Signal<In, Bit>,
    /// Upper half of the hash.
    pub random: Signal<Out, Bits<16>>,
    low: Dff<Bits<16>>,
    high: Dff<Bits<16>>,
    first: Reg<Bit>,
    second: Reg<Bit>,
    h: Signal<Local, Bits<32>>,
    one: Signal<Local, Bits<32>>,
    two: Signal<Local, Bits<32>>,
    three: Signal<Local, Bits<32>>,
}

impl Logic for Scrambler {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, low, high, first, second);
        self.first.reset.next = self.reset.val();
        self.second.reset.next = self.reset.val();
        self.first.d.next = self.set_high.val();
        self.second.d.next = self.first.q.val();
        self.h.next =
            (bit_cast::<32, 16>(self.high.q.val()) << 16) | bit_cast::<32, 16>(self.low.q.val());
        self.one.next = self.h.val() ^ (self.h.val() << 13);
        self.two.next = self.one.val() ^ (self.one.val() >> 17);
        self.three.next = self.two.val() ^ (self.two.val() << 5);
        if self.first.q.val() | self.second.q.val() {
            self.low.d.next = self.three.val().get_bits::<16>(0);
            self.high.d.next = self.three.val().get_bits::<16>(16);
        }
        if self.set_low.val() {
            self.low.d.next = self.value.val();
        }
        if self.set_high.val() {
            self.high.d.next = self.value.val();
        }
        self.random.next = self.high.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;
    use tandem_isa::numerics::hash16;

    #[test]
    fn parity_and_hashes() {
        let (mut low, mut high) = (0, 0);
        Parity::new("scrambler")
            .cycles(4000)
            .all_move_but(&[])
            .check(
                &mut Scrambler::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2;
                    let value = rng.corner::<16>();
                    u.value.next = value;
                    u.set_low.next = cycle % 8 == 2;
                    u.set_high.next = cycle % 8 == 3;
                    match cycle % 8 {
                        2 => low = value.to_u64() as u32,
                        3 => high = value.to_u64() as u32,
                        6 if cycle > 8 => {
                            let expected = hash16(high << 16 | low, 0);
                            assert_eq!(u.random.val().to_u64(), u64::from(expected));
                        }
                        _ => {}
                    }
                },
            )
            .unwrap();
    }
}
