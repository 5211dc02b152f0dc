//! Scratchpad read by whole words: pads A, V, O, Z and G. For pad B, whose blocks are read by rows and by columns, use
//! [`SkewPad`](super::SkewPad).
//!
//! Ports: write {`we`, `waddr`, `wdata`}, read {`raddr`} → `rdata` one cycle later, both every cycle. A read and a write of
//! one address in the same cycle give the old word. Contents survive reset and are undefined at power-up. 2^AW words.
use crate::leaf::Ram;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Scratchpad of `2^AW` words of `L` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct LanePad<const AW: usize, const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Write at this edge.
    pub we: Signal<In, Bit>,
    /// Word to write.
    pub waddr: Signal<In, Bits<AW>>,
    /// Its lanes.
    pub wdata: [Signal<In, Bits<16>>; L],
    /// Word to read.
    pub raddr: Signal<In, Bits<AW>>,
    /// Its lanes, one cycle later.
    pub rdata: [Signal<Out, Bits<16>>; L],
    bank: [Ram<Bits<16>, AW>; L],
}

impl<const AW: usize, const L: usize> Default for LanePad<AW, L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            we: Default::default(),
            waddr: Default::default(),
            wdata: from_fn(|_| Default::default()),
            raddr: Default::default(),
            rdata: from_fn(|_| Default::default()),
            bank: from_fn(|_| Default::default()),
        }
    }
}

impl<const AW: usize, const L: usize> Logic for LanePad<AW, L> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..L {
            self.bank[i].clock.next = self.clock.val();
            self.bank[i].write_enable.next = self.we.val();
            self.bank[i].write_address.next = self.waddr.val();
            self.bank[i].write_data.next = self.wdata[i].val();
            self.bank[i].read_enable.next = true;
            self.bank[i].read_address.next = self.raddr.val();
            self.rdata[i].next = self.bank[i].read_data.val();
        }
    }
}
