//! Burst splitter: turns a request for any number of beats into AXI bursts. The engines behind it check and issue them;
//! use it wherever a request may be longer than a burst.
//!
//! A burst ends at the request's end or at the next 512-byte boundary, whichever comes first: so it has at most 64 beats
//! and cannot cross a 4 KiB page, and every burst but a request's first starts aligned.
//!
//! | port | meaning |
//! |---|---|
//! | `request_*` | {valid, ready, address, beats, turn}: byte address, a multiple of 8; beats of 8 bytes, at least 1; `turn`: any bit that travels along |
//! | `burst_*` | {valid, ready, address, beats 1–64, last, turn}: `last` marks the request's last burst |
//!
//! Valid/ready: valid never waits for ready; once high it stays, payload too, until taken. Latency 1, one burst a cycle,
//! also across requests (`request_ready` follows `burst_ready` within the cycle). Reset state: idle.
//! A request of 0 beats is taken and makes no burst. Addresses go on at 0 after the last byte of the 32-bit space.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Most beats of a burst.
pub const MAX_BEATS: u32 = 64;

/// Burst splitter.
#[derive(LogicBlock, Default)]
pub struct Burst {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A request is there.
    pub request_valid: Signal<In, Bit>,
    /// The request is taken at this edge.
    pub request_ready: Signal<Out, Bit>,
    /// Byte address, a multiple of 8.
    pub request_address: Signal<In, Bits<32>>,
    /// Beats.
    pub request_beats: Signal<In, Bits<24>>,
    /// Travels along.
    pub request_turn: Signal<In, Bits<2>>,
    /// A burst is there.
    pub burst_valid: Signal<Out, Bit>,
    /// The burst is taken at this edge.
    pub burst_ready: Signal<In, Bit>,
    /// Its byte address.
    pub burst_address: Signal<Out, Bits<32>>,
    /// Its beats, 1 to 64.
    pub burst_beats: Signal<Out, Bits<7>>,
    /// It is the last of its request.
    pub burst_last: Signal<Out, Bit>,
    /// The request's.
    pub burst_turn: Signal<Out, Bits<2>>,
    turn: Dff<Bits<2>>,
    address: Dff<Bits<32>>,
    left: Reg<Bits<24>>,
    active: Signal<Local, Bit>,
    offset: Signal<Local, Bits<7>>,
    room: Signal<Local, Bits<7>>,
    room_wide: Signal<Local, Bits<24>>,
    fits: Signal<Local, Bit>,
    size: Signal<Local, Bits<7>>,
    size_wide: Signal<Local, Bits<24>>,
    words: Signal<Local, Bits<32>>,
    bytes: Signal<Local, Bits<32>>,
    moves: Signal<Local, Bit>,
    free: Signal<Local, Bit>,
}

impl Logic for Burst {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, address, left, turn);
        self.left.reset.next = self.reset.val();

        self.active.next = self.left.q.val().any();
        self.offset.next = bit_cast::<7, 6>(self.address.q.val().get_bits::<6>(3));
        self.room.next = bits::<7>(64) - self.offset.val();
        self.room_wide.next = bit_cast::<24, 7>(self.room.val());
        self.fits.next = !(self.room_wide.val() < self.left.q.val());
        self.size.next = self.room.val();
        if self.fits.val() {
            self.size.next = bit_cast::<7, 24>(self.left.q.val());
        }
        self.size_wide.next = bit_cast::<24, 7>(self.size.val());
        self.words.next = bit_cast::<32, 7>(self.size.val());
        self.bytes.next = self.words.val() << 3;

        self.moves.next = self.active.val() & self.burst_ready.val();
        self.free.next = !self.active.val() | (self.moves.val() & self.fits.val());
        if self.moves.val() {
            self.address.d.next = self.address.q.val() + self.bytes.val();
            self.left.d.next = self.left.q.val() - self.size_wide.val();
        }
        if self.free.val() & self.request_valid.val() {
            self.address.d.next = self.request_address.val();
            self.left.d.next = self.request_beats.val();
            self.turn.d.next = self.request_turn.val();
        }

        self.request_ready.next = self.free.val();
        self.burst_valid.next = self.active.val();
        self.burst_address.next = self.address.q.val();
        self.burst_beats.next = self.size.val();
        self.burst_last.next = self.fits.val();
        self.burst_turn.next = self.turn.q.val();
    }
}

/// Golden function: the bursts (address, beats) of a request.
pub fn bursts(address: u32, beats: u32) -> Vec<(u32, u32)> {
    let (mut address, mut left) = (address, beats);
    let mut all = Vec::new();
    while left > 0 {
        let size = left.min(MAX_BEATS - (address >> 3) % MAX_BEATS);
        all.push((address, size));
        address = address.wrapping_add(size * 8);
        left -= size;
    }
    all
}
