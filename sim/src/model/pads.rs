//! The scratchpads and accumulators of the model: words of `lanes` values, addresses wrapping at their depth.
//!
//! Pad B keeps lanes where the engine's banks do, so that a block loaded without SKEW reads back as wrong as on the engine.

use std::ops::Range;

/// One scratchpad.
#[derive(Clone, Debug)]
pub struct Pad {
    lanes: usize,
    mask: usize,
    data: Vec<i16>,
}

impl Pad {
    /// `depth` words of `lanes` zeros (powers of two both); a pad that the engine does not have (depth 0) has one that is never used.
    pub fn new(depth: usize, lanes: usize) -> Self {
        let depth = depth.max(1);
        Self {
            lanes,
            mask: depth - 1,
            data: vec![0; depth * lanes],
        }
    }

    /// A pad of what `f` makes of every value.
    pub fn map(&self, f: impl Fn(i16) -> i16) -> Self {
        Self {
            data: self.data.iter().map(|&v| f(v)).collect(),
            ..*self
        }
    }

    /// The word at `address` (mod depth).
    #[inline]
    pub fn word(&self, address: usize) -> &[i16] {
        let at = (address & self.mask) * self.lanes;
        &self.data[at..at + self.lanes]
    }

    /// The word at `address` (mod depth), writable.
    #[inline]
    pub fn word_mut(&mut self, address: usize) -> &mut [i16] {
        let at = (address & self.mask) * self.lanes;
        &mut self.data[at..at + self.lanes]
    }

    /// The word at `address` (mod depth) of a pad with L lanes.
    #[inline]
    pub fn lanes<const L: usize>(&self, address: usize) -> &[i16; L] {
        debug_assert_eq!(L, self.lanes);
        self.word(address).try_into().unwrap_or(&[0; L])
    }

    /// Sets the word at `address` (mod depth) of a pad with L lanes.
    #[inline]
    pub fn set_lanes<const L: usize>(&mut self, address: usize, lanes: &[i16; L]) {
        debug_assert_eq!(L, self.lanes);
        if let Ok(word) = <&mut [i16; L]>::try_from(self.word_mut(address)) {
            *word = *lanes;
        }
    }

    /// Places of `count` words from `address` on: a run to the end of the pad, then one from its start, and so on.
    fn runs(&self, address: usize, count: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (depth, lanes) = (self.mask + 1, self.lanes);
        let (mut at, mut left) = (address & self.mask, count);
        std::iter::from_fn(move || {
            let run = at..at + left.min(depth - at);
            (at, left) = (0, left - run.len());
            (!run.is_empty()).then_some(run.start * lanes..run.end * lanes)
        })
    }

    /// Writes words from `address` on, from little-endian bytes.
    pub fn write(&mut self, address: usize, bytes: &[u8]) {
        let mut from = bytes;
        for run in self.runs(address, bytes.len() / (2 * self.lanes)) {
            let (now, later) = from.split_at(2 * run.len());
            for (lane, b) in self.data[run].iter_mut().zip(now.chunks_exact(2)) {
                *lane = i16::from_le_bytes([b[0], b[1]]);
            }
            from = later;
        }
    }

    /// Writes words from `address` on, from little-endian bytes, lane l of the word at p to bank (l + p) mod lanes.
    pub fn write_skewed(&mut self, address: usize, bytes: &[u8]) {
        for (i, bytes) in bytes.chunks_exact(2 * self.lanes).enumerate() {
            let at = address + i;
            self.write(at, bytes);
            let bank = at & (self.lanes - 1);
            self.word_mut(at).rotate_right(bank);
        }
    }

    /// Writes `count` words of zeros from `address` on.
    pub fn zero(&mut self, address: usize, count: usize) {
        for run in self.runs(address, count) {
            self.data[run].fill(0);
        }
    }

    /// Words from `address` on, as little-endian bytes.
    pub fn read(&self, address: usize, bytes: &mut [u8]) {
        let mut to = bytes;
        for run in self.runs(address, to.len() / (2 * self.lanes)) {
            let (now, later) = to.split_at_mut(2 * run.len());
            for (b, lane) in now.chunks_exact_mut(2).zip(&self.data[run]) {
                b.copy_from_slice(&lane.to_le_bytes());
            }
            to = later;
        }
    }

    /// Row `index` of the skewed block at `base`: lane c in place c.
    pub fn block_row(&self, base: usize, index: usize, out: &mut [i16]) {
        let at = base + index;
        let word = self.word(at);
        for (c, o) in out.iter_mut().enumerate() {
            *o = word[(c + at) & (self.lanes - 1)];
        }
    }

    /// Column `index` of the skewed block at `base`: lane `index` of block word c in place c.
    pub fn block_column(&self, base: usize, index: usize, out: &mut [i16]) {
        for (c, o) in out.iter_mut().enumerate() {
            *o = self.word(base + c)[(index + base + c) & (self.lanes - 1)];
        }
    }
}

/// Accumulator memory: sums kept modulo 2^64, read modulo 2^48.
#[derive(Clone, Debug)]
pub struct Accumulators {
    lanes: usize,
    mask: usize,
    data: Vec<i64>,
}

impl Accumulators {
    /// `depth` words (a power of two) of `lanes` zeros.
    pub fn new(depth: usize, lanes: usize) -> Self {
        Self {
            lanes,
            mask: depth - 1,
            data: vec![0; depth * lanes],
        }
    }

    /// The word at `address` (mod depth): sums modulo 2^64.
    #[inline]
    pub fn word(&self, address: usize) -> &[i64] {
        let at = (address & self.mask) * self.lanes;
        &self.data[at..at + self.lanes]
    }

    /// The word at `address` (mod depth), writable.
    #[inline]
    pub fn word_mut(&mut self, address: usize) -> &mut [i64] {
        let at = (address & self.mask) * self.lanes;
        &mut self.data[at..at + self.lanes]
    }

    /// The word at `address` (mod depth) with L lanes: sums modulo 2^64.
    #[inline]
    pub fn lanes<const L: usize>(&self, address: usize) -> &[i64; L] {
        debug_assert_eq!(L, self.lanes);
        self.word(address).try_into().unwrap_or(&[0; L])
    }

    /// Sets the word at `address` (mod depth) with L lanes, or adds to it.
    #[inline]
    pub fn put<const L: usize>(&mut self, address: usize, sums: &[i64; L], add: bool) {
        debug_assert_eq!(L, self.lanes);
        if let Ok(word) = <&mut [i64; L]>::try_from(self.word_mut(address)) {
            for (o, s) in word.iter_mut().zip(sums) {
                *o = if add { o.wrapping_add(*s) } else { *s };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skewed_block_reads_by_rows_and_by_columns() {
        let mut p = Pad::new(16, 4);
        for r in 0..4 {
            let bytes: Vec<u8> = (0..4i16).flat_map(|c| (10 * r + c).to_le_bytes()).collect();
            p.write_skewed(8 + r as usize, &bytes);
        }
        let mut out = [0; 4];
        p.block_row(8, 2, &mut out);
        assert_eq!(out, [20, 21, 22, 23]);
        p.block_column(8, 3, &mut out);
        assert_eq!(out, [3, 13, 23, 33]);
    }
}
