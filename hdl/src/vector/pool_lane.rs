//! One lane of the 2×2 maximum: the greatest word of a window and the place of its first occurrence.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `take` | 1 | a word of the window is there |
//! | `slot` | u2 | its place in raster order; 0 begins a window |
//! | `word` | s16 | the word |
//! | `hold` | 1 | keep the index for the cycle after next, while the next window already begins |
//! | `best` | s16 | greatest word so far, after the cycle of `take` |
//! | `index` | u2 | its place, one cycle after `hold` |
//!
//! Latency 1, one word a cycle. No reset: a window begins with slot 0.
use crate::leaf::Dff;
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Running maximum of a window.
#[derive(LogicBlock, Default)]
pub struct PoolLane {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take the word.
    pub take: Signal<In, Bit>,
    /// Its place.
    pub slot: Signal<In, Bits<2>>,
    /// The word, s16.
    pub word: Signal<In, Bits<16>>,
    /// Keep the index.
    pub hold: Signal<In, Bit>,
    /// Greatest word, s16.
    pub best: Signal<Out, Bits<16>>,
    /// Place of its first occurrence.
    pub index: Signal<Out, Bits<16>>,
    greatest: Dff<Bits<16>>,
    place: Dff<Bits<2>>,
    held: Dff<Bits<2>>,
    high: Signal<Local, Bits<16>>,
    low: Signal<Local, Bits<16>>,
    greater: Signal<Local, Bit>,
}

impl PoolLane {
    /// Maximum and index of a window.
    pub fn golden(window: [i16; 4]) -> (i16, u8) {
        numerics::max4(window)
    }
}

impl Logic for PoolLane {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, greatest, place, held);
        // With the sign bit flipped, an unsigned comparison orders signed words.
        self.high.next = self.word.val() ^ 0x8000;
        self.low.next = self.greatest.q.val() ^ 0x8000;
        self.greater.next = self.high.val() > self.low.val();
        if self.take.val() & (self.greater.val() | (self.slot.val() == 0)) {
            self.greatest.d.next = self.word.val();
            self.place.d.next = self.slot.val();
        }
        if self.hold.val() {
            self.held.d.next = self.place.q.val();
        }
        self.best.next = self.greatest.q.val();
        self.index.next = bit_cast::<16, 2>(self.held.q.val());
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::signed;
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn windows_follow_the_golden_function() {
        let mut window = [0i16; 4];
        let mut expected = (0, 0);
        let (mut slot, mut after) = (0usize, 9);
        Parity::new("pool_lane")
            .cycles(2000)
            .check(
                &mut PoolLane::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    after += 1;
                    if after == 1 {
                        assert_eq!(signed(u.best.val()), i64::from(expected.0));
                    }
                    if after == 2 {
                        assert_eq!(u.index.val().to_u64(), u64::from(expected.1));
                    }
                    u.hold.next = after == 1;
                    u.take.next = rng.chance(70);
                    u.slot.next = Bits::from(slot as u64);
                    // Few values, so that ties come often.
                    let word = [0, 1, -1, 32767, -32767][rng.below(5) as usize];
                    u.word.next = super::super::word::raw(word);
                    if u.take.next {
                        window[slot] = word as i16;
                        slot = (slot + 1) % 4;
                        if slot == 0 {
                            expected = PoolLane::golden(window);
                            after = 0;
                        }
                    }
                },
            )
            .unwrap();
    }
}
