//! The scratchpads and accumulators of the model: words of `lanes` values, addresses wrapping at their depth.
//!
//! Pad B keeps lanes where the engine's banks do, so that a block loaded without SKEW reads back as wrong as on the engine.

/// One scratchpad.
#[derive(Clone, Debug)]
pub struct Pad {
    lanes: usize,
    mask: usize,
    data: Vec<i16>,
    has_min: bool,
}

impl Pad {
    /// `depth` words of `lanes` zeros (powers of two both).
    pub fn new(depth: usize, lanes: usize) -> Self {
        Self {
            lanes,
            mask: depth - 1,
            data: vec![0; depth * lanes],
            has_min: false,
        }
    }

    /// True once a −32768 was ever written: sums of two products may then need more than 32 bits.
    pub fn has_min(&self) -> bool {
        self.has_min
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

    /// Writes the word at `address` from little-endian bytes, lane l to bank (l + `rotate`) mod lanes.
    pub fn write_bytes(&mut self, address: usize, bytes: &[u8], rotate: usize) {
        let lanes = self.lanes;
        let mut min = false;
        let word = self.word_mut(address);
        for (l, b) in bytes.chunks_exact(2).enumerate() {
            let v = i16::from_le_bytes([b[0], b[1]]);
            min |= v == i16::MIN;
            word[(l + rotate) & (lanes - 1)] = v;
        }
        self.has_min |= min;
    }

    /// Writes zeros at `address`.
    pub fn zero(&mut self, address: usize) {
        self.word_mut(address).fill(0);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skewed_block_reads_by_rows_and_by_columns() {
        let mut p = Pad::new(16, 4);
        for r in 0..4 {
            let bytes: Vec<u8> = (0..4i16).flat_map(|c| (10 * r + c).to_le_bytes()).collect();
            p.write_bytes(8 + r as usize, &bytes, 8 + r as usize);
        }
        let mut out = [0; 4];
        p.block_row(8, 2, &mut out);
        assert_eq!(out, [20, 21, 22, 23]);
        p.block_column(8, 3, &mut out);
        assert_eq!(out, [3, 13, 23, 33]);
    }
}
