//! Random numbers for the model's tests, the same on every machine.

use super::pads::Accumulators;

/// A small generator.
pub struct Random(pub u64);

impl Random {
    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    /// A word of any value, or often one at the ends of the range.
    pub fn word(&mut self) -> i16 {
        match self.below(8) {
            0 => [i16::MIN, -32767, -1, 0, 1, 32767][self.below(6) as usize],
            _ => self.below(65536) as u16 as i16,
        }
    }

    /// Fills accumulators with sums of all magnitudes, past 48 bits too.
    pub fn fill_sums(&mut self, acc: &mut Accumulators, depth: usize) {
        for w in 0..depth {
            for sum in acc.word_mut(w) {
                let bits = (self.below(1 << 31) << 33 | self.below(1 << 31) << 2) as i64;
                *sum = bits >> self.below(64);
            }
        }
    }
}
