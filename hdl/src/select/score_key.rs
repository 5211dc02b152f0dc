//! Rank of a score: its key in the chosen mode, then the earlier arrival, as one number that is larger when better.
//! Combinational; the arrival number is counted by [`Selector`](super::Selector). The arithmetic is that of
//! `tandem_isa::selection::key`.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `confidence` | 16 | Q0.15; from 2^15 on an event |
//! | `arrival` | 32 | number of the sample |
//! | `aged`, `epoch` | 1, 15 | there are epochs; that of the sample |
//! | `key_mode` | 2 | 0 confidence, 1 arrival, 2 hash, 3 hash of those at or above `threshold` |
//! | `threshold`, `min_confidence` | 16 | Q0.15, inclusive |
//! | `hash_key` | 32 | seed of the hash |
//! | `rank` | 64 | key in the upper half, inverted arrival in the lower |
//! | `eligible` | 1 | the confidence reaches the bounds that apply |
//!
//! Latency 0, no state.
use rust_hdl::prelude::*;

/// Rank of a score and whether its confidence suffices.
#[derive(LogicBlock, Default)]
pub struct ScoreKey {
    /// Confidence, Q0.15.
    pub confidence: Signal<In, Bits<16>>,
    /// Number of the sample.
    pub arrival: Signal<In, Bits<32>>,
    /// Samples are of epochs.
    pub aged: Signal<In, Bit>,
    /// Epoch of the sample.
    pub epoch: Signal<In, Bits<15>>,
    /// 0 confidence, 1 arrival, 2 hash, 3 hash of those at or above `threshold`.
    pub key_mode: Signal<In, Bits<2>>,
    /// Lowest confidence in mode 3.
    pub threshold: Signal<In, Bits<16>>,
    /// Lowest confidence in every mode.
    pub min_confidence: Signal<In, Bits<16>>,
    /// Seed of the hash.
    pub hash_key: Signal<In, Bits<32>>,
    /// Larger is better.
    pub rank: Signal<Out, Bits<64>>,
    /// The confidence reaches the bounds that apply.
    pub eligible: Signal<Out, Bit>,
    seed: Signal<Local, Bits<32>>,
    a_left: Signal<Local, Bits<32>>,
    a: Signal<Local, Bits<32>>,
    b_right: Signal<Local, Bits<32>>,
    b: Signal<Local, Bits<32>>,
    c_left: Signal<Local, Bits<32>>,
    c: Signal<Local, Bits<32>>,
    d_left: Signal<Local, Bits<32>>,
    d: Signal<Local, Bits<32>>,
    e_right: Signal<Local, Bits<32>>,
    e: Signal<Local, Bits<32>>,
    f_left: Signal<Local, Bits<32>>,
    hash: Signal<Local, Bits<32>>,
    long: Signal<Local, Bits<32>>,
    short: Signal<Local, Bits<32>>,
    in_epoch: Signal<Local, Bits<32>>,
    labelled: Signal<Local, Bits<32>>,
    key: Signal<Local, Bits<32>>,
    key_wide: Signal<Local, Bits<64>>,
    key_high: Signal<Local, Bits<64>>,
    older: Signal<Local, Bits<32>>,
    older_wide: Signal<Local, Bits<64>>,
    confident: Signal<Local, Bit>,
    good: Signal<Local, Bit>,
}

impl Logic for ScoreKey {
    #[hdl_gen]
    fn update(&mut self) {
        // Two rounds of xorshift 13, 17, 5, one operation a signal.
        self.seed.next = self.arrival.val() ^ self.hash_key.val();
        self.a_left.next = self.seed.val() << 13;
        self.a.next = self.seed.val() ^ self.a_left.val();
        self.b_right.next = self.a.val() >> 17;
        self.b.next = self.a.val() ^ self.b_right.val();
        self.c_left.next = self.b.val() << 5;
        self.c.next = self.b.val() ^ self.c_left.val();
        self.d_left.next = self.c.val() << 13;
        self.d.next = self.c.val() ^ self.d_left.val();
        self.e_right.next = self.d.val() >> 17;
        self.e.next = self.d.val() ^ self.e_right.val();
        self.f_left.next = self.e.val() << 5;
        self.hash.next = self.e.val() ^ self.f_left.val();

        // What the mode ranks by, in 31 bits and in 16.
        self.long.next = self.hash.val() >> 1;
        self.short.next = self.hash.val() >> 16;
        if self.key_mode.val() == 0 {
            self.long.next = bit_cast::<32, 16>(self.confidence.val());
            self.short.next = bit_cast::<32, 16>(self.confidence.val());
        }
        if self.key_mode.val() == 1 {
            self.long.next = self.arrival.val() & 2147483647;
        }
        self.in_epoch.next =
            (bit_cast::<32, 15>(self.epoch.val()) << 16) | (self.short.val() & 65535);
        self.labelled.next = (bit_cast::<32, 16>(self.confidence.val()) >> 15) << 31;
        self.key.next = self.long.val() | self.labelled.val();
        if self.aged.val() & (self.key_mode.val() != 1) {
            self.key.next = self.in_epoch.val() | self.labelled.val();
        }
        self.key_wide.next = bit_cast::<64, 32>(self.key.val());
        self.key_high.next = self.key_wide.val() << 32;
        self.older.next = !self.arrival.val();
        self.older_wide.next = bit_cast::<64, 32>(self.older.val());
        self.rank.next = self.key_high.val() | self.older_wide.val();

        self.confident.next = !(self.confidence.val() < self.min_confidence.val());
        self.good.next = !(self.confidence.val() < self.threshold.val());
        self.eligible.next = self.confident.val();
        if self.key_mode.val() == 3 {
            self.eligible.next = self.confident.val() & self.good.val();
        }
    }
}
