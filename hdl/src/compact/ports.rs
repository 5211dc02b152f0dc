//! Ports of the processor in the engine: what its IN and OUT instructions reach. All but STATUS wait while the stream or the multiplier
//! is at work.

/// Ports of the processor that it writes.
pub mod output {
    /// Memory address in lanes; reads it.
    pub const ADDRESS: u16 = 0;
    /// Lane at that address, which goes on by one.
    pub const STORE: u16 = 1;
    /// First walk: address, step, step at the end of a row.
    pub const FIRST: u16 = 2;
    /// Second walk, likewise.
    pub const SECOND: u16 = 5;
    /// Third walk: address in a pad.
    pub const THIRD: u16 = 8;
    /// Steps of a row less one.
    pub const X: u16 = 9;
    /// Rows less one.
    pub const Y: u16 = 10;
    /// Mode: starts the stream.
    pub const GO: u16 = 11;
    /// Bias of the finisher, low half.
    pub const BIAS_LOW: u16 = 12;
    /// High half.
    pub const BIAS_HIGH: u16 = 13;
    /// Shift of the finisher.
    pub const SHIFT: u16 = 14;
    /// Empties OR mask and counters of the finisher.
    pub const CLEAR: u16 = 15;
    /// Multiplicand, signed.
    pub const MULTIPLICAND: u16 = 16;
    /// Multiplier, unsigned: multiplies.
    pub const MULTIPLIER: u16 = 17;
    /// Low half of a word to hash.
    pub const HASH_LOW: u16 = 18;
    /// High half: hashes.
    pub const HASH_HIGH: u16 = 19;
    /// Low half of the answer to the host.
    pub const ANSWER_LOW: u16 = 20;
    /// High half: answers.
    pub const ANSWER: u16 = 21;
}

/// Ports of the processor that it reads.
pub mod input {
    /// Lane of the memory at the address, which goes on by one.
    pub const LANE: u16 = 0;
    /// Bit 15: the host waits for a register. The only port that never waits.
    pub const STATUS: u16 = 31;
    /// OR mask, low half.
    pub const MASK_LOW: u16 = 2;
    /// High half.
    pub const MASK_HIGH: u16 = 3;
    /// Values clipped.
    pub const CLIPPED: u16 = 4;
    /// Values underflowed.
    pub const UNDERFLOW: u16 = 5;
    /// Product, low half.
    pub const PRODUCT_LOW: u16 = 6;
    /// High half.
    pub const PRODUCT_HIGH: u16 = 7;
    /// Random word.
    pub const RANDOM: u16 = 8;
    /// The host's register: offset in bits 14:0, bit 15 it writes.
    pub const REQUEST: u16 = 9;
    /// What it writes, low half.
    pub const DATA_LOW: u16 = 10;
    /// High half.
    pub const DATA_HIGH: u16 = 11;
}
