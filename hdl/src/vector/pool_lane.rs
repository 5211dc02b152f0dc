//! One lane of the 2×2 maximum: the greater of a word and of what its window has so far, and the place of its first occurrence. Combinational;
//! whoever keeps the words keeps these as well.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `pool` | 1 | low: the word goes through |
//! | `slot` | u2 | its place in raster order; 0 begins a window |
//! | `word` | s16 | the word |
//! | `greatest`, `place` | s16, u2 in 16 | of the window so far |
//! | `best`, `index` | s16, u2 in 16 | the same with the word |
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Running maximum of a window.
#[derive(LogicBlock, Default)]
pub struct PoolLane {
    /// There are windows.
    pub pool: Signal<In, Bit>,
    /// Place of the word.
    pub slot: Signal<In, Bits<2>>,
    /// The word, s16.
    pub word: Signal<In, Bits<16>>,
    /// Greatest word so far, s16.
    pub greatest: Signal<In, Bits<16>>,
    /// Its place.
    pub place: Signal<In, Bits<16>>,
    /// Greatest word, s16.
    pub best: Signal<Out, Bits<16>>,
    /// Place of its first occurrence.
    pub index: Signal<Out, Bits<16>>,
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
        // With the sign bit flipped, an unsigned comparison orders signed words.
        self.high.next = self.word.val() ^ 0x8000;
        self.low.next = self.greatest.val() ^ 0x8000;
        self.greater.next = self.high.val() > self.low.val();
        self.best.next = self.word.val();
        self.index.next = bit_cast::<16, 2>(self.slot.val());
        if self.pool.val() & !self.greater.val() & (self.slot.val() != 0) {
            self.best.next = self.greatest.val();
            self.index.next = self.place.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::{raw, signed};
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn windows_follow_the_golden_function_and_words_without_one_go_through() {
        let mut window = [0i16; 4];
        let mut slot = 0usize;
        let mut ended = [0; 2];
        Parity::new("pool_lane")
            .cycles(2000)
            .check_combinational(&mut PoolLane::default(), |u, rng, cycle| {
                let found = (signed(u.best.val()) as i16, u.index.val().to_u64() as u8);
                if cycle > 0 && !u.pool.val() {
                    assert_eq!(found.0, window[slot]);
                    ended[0] += 1;
                } else if cycle > 0 && slot == 3 {
                    assert_eq!(found, PoolLane::golden(window));
                    ended[1] += 1;
                }
                u.greatest.next = u.best.val();
                u.place.next = u.index.val();
                slot = (slot + 1) % 4;
                // Few values, so that ties come often.
                window[slot] = [0, 1, -1, 32767, -32767][rng.below(5) as usize];
                u.word.next = raw(window[slot].into());
                u.slot.next = Bits::from(slot as u64);
                if slot == 0 {
                    u.pool.next = rng.chance(80);
                }
            })
            .unwrap();
        assert!(ended.iter().all(|&n| n > 100), "{ended:?}");
    }
}
