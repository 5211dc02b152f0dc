//! A small deterministic random source for stimulus.
use rust_hdl::prelude::*;

/// SplitMix64: every seed gives a good stream, and the same one everywhere.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (0 if that is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    /// True in `percent` of cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// `N` random bits.
    pub fn bits<const N: usize>(&mut self) -> Bits<N> {
        let mut value = Bits::<N>::default();
        let mut word = 0;
        for i in 0..N {
            if i % 64 == 0 {
                word = self.word();
            }
            value = value.replace_bit(i, (word >> (i % 64)) & 1 == 1);
        }
        value
    }

    /// `N` bits where corners come often: all zeros, all ones, the most and least negative, small numbers.
    pub fn corner<const N: usize>(&mut self) -> Bits<N> {
        let sign = Bits::<N>::default().replace_bit(N - 1, true);
        match self.below(8) {
            0 => Bits::default(),
            1 => !Bits::<N>::default(),
            2 => sign,
            3 => !sign,
            4 => Bits::<N>::default().replace_bit(0, true),
            _ => self.bits(),
        }
    }
}
