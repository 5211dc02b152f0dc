//! Window check: whether a burst lies whole inside one granted window that permits its direction. Purely combinational;
//! who issues bursts registers around it. It checks bursts, not requests: a request is refused at its first bad burst.
//!
//! | port | meaning |
//! |---|---|
//! | `address`, `beats` | first byte and beats (of 8 bytes) of the burst |
//! | `write` | it writes |
//! | `window_base[w]`, `window_end[w]` | first byte, first byte after; an end not above its base grants nothing |
//! | `window_permissions[w]` | bit 0 read, bit 1 write |
//! | `allowed` | some window holds all of it |
//!
//! Ends are compared with 33 bits, so a burst that runs over the top of the address space is never inside a window.
//! Windows are not joined: a burst across two adjacent ones is refused.
use rust_hdl::prelude::*;

/// Window check.
#[derive(LogicBlock, Default)]
pub struct Window {
    /// First byte of the burst.
    pub address: Signal<In, Bits<32>>,
    /// Beats of the burst.
    pub beats: Signal<In, Bits<7>>,
    /// The burst writes.
    pub write: Signal<In, Bit>,
    /// First byte of each window.
    pub window_base: [Signal<In, Bits<32>>; 4],
    /// First byte after each window.
    pub window_end: [Signal<In, Bits<32>>; 4],
    /// Bit 0 read, bit 1 write.
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    /// The burst may be issued.
    pub allowed: Signal<Out, Bit>,
    first: Signal<Local, Bits<33>>,
    words: Signal<Local, Bits<33>>,
    bytes: Signal<Local, Bits<33>>,
    past: Signal<Local, Bits<33>>,
    end: [Signal<Local, Bits<33>>; 4],
    starts: [Signal<Local, Bit>; 4],
    ends: [Signal<Local, Bit>; 4],
    reads: [Signal<Local, Bit>; 4],
    writes: [Signal<Local, Bit>; 4],
    holds: [Signal<Local, Bit>; 4],
}

impl Logic for Window {
    #[hdl_gen]
    fn update(&mut self) {
        self.first.next = bit_cast::<33, 32>(self.address.val());
        self.words.next = bit_cast::<33, 7>(self.beats.val());
        self.bytes.next = self.words.val() << 3;
        self.past.next = self.first.val() + self.bytes.val();
        // Not in the loop: the generator evaluates a cast without the loop variable.
        self.end[0].next = bit_cast::<33, 32>(self.window_end[0].val());
        self.end[1].next = bit_cast::<33, 32>(self.window_end[1].val());
        self.end[2].next = bit_cast::<33, 32>(self.window_end[2].val());
        self.end[3].next = bit_cast::<33, 32>(self.window_end[3].val());
        // `<` alone: see the crate.
        for i in 0..4 {
            self.starts[i].next = !(self.address.val() < self.window_base[i].val());
            self.ends[i].next = !(self.end[i].val() < self.past.val());
            self.reads[i].next = self.window_permissions[i].val().get_bit(0) & !self.write.val();
            self.writes[i].next = self.window_permissions[i].val().get_bit(1) & self.write.val();
            self.holds[i].next = self.starts[i].val()
                & self.ends[i].val()
                & (self.reads[i].val() | self.writes[i].val());
        }
        self.allowed.next =
            self.holds[0].val() | self.holds[1].val() | self.holds[2].val() | self.holds[3].val();
    }
}

/// A granted range: first byte, first byte after, permissions (bit 0 read, bit 1 write).
pub type Granted = (u32, u32, u8);

/// Golden function: whether a burst may be issued.
pub fn allowed(windows: &[Granted; 4], address: u32, beats: u32, write: bool) -> bool {
    let past = u64::from(address) + 8 * u64::from(beats);
    windows.iter().any(|&(base, end, permissions)| {
        base <= address && past <= u64::from(end) && permissions >> u8::from(write) & 1 == 1
    })
}
