//! Read channels of a 64-bit AXI4 master on a 128-bit slave. For writes see [`WideWrite`](super::WideWrite).
//!
//! Ports: `ar*`, `r*` to the master; `wide_*` to the slave, whose `size` is 4 and `burst` INCR, and whose last is not looked at. Address
//! and data pass in the cycle in which they come; a beat a cycle. At most 16 bursts are under way; the next waits. Reset state:
//! none; data of bursts from before reset must not come afterwards.
use crate::leaf::{Fifo, Reg};
use rust_hdl::prelude::*;

/// Reads.
#[derive(LogicBlock)]
#[allow(missing_docs)] // Ports have the names of the AXI specification.
pub struct WideRead {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub araddr: Signal<In, Bits<32>>,
    pub arlen: Signal<In, Bits<8>>,
    pub arvalid: Signal<In, Bit>,
    pub arready: Signal<Out, Bit>,
    pub rdata: Signal<Out, Bits<64>>,
    pub rlast: Signal<Out, Bit>,
    pub rvalid: Signal<Out, Bit>,
    pub rready: Signal<In, Bit>,
    pub wide_araddr: Signal<Out, Bits<32>>,
    pub wide_arlen: Signal<Out, Bits<8>>,
    pub wide_arvalid: Signal<Out, Bit>,
    pub wide_arready: Signal<In, Bit>,
    pub wide_rdata: Signal<In, Bits<128>>,
    pub wide_rvalid: Signal<In, Bit>,
    pub wide_rready: Signal<Out, Bit>,
    bursts: Fifo<Bits<9>, 4>,
    beat: Reg<Bits<8>>,
    odd: Signal<Local, Bit>,
    length: Signal<Local, Bits<9>>,
    odd_wide: Signal<Local, Bits<9>>,
    pairs: Signal<Local, Bits<9>>,
    burst: Signal<Local, Bits<9>>,
    last: Signal<Local, Bit>,
    upper: Signal<Local, Bit>,
    valid: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    align: Constant<Bits<32>>,
}

impl Default for WideRead {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            araddr: Default::default(),
            arlen: Default::default(),
            arvalid: Default::default(),
            arready: Default::default(),
            rdata: Default::default(),
            rlast: Default::default(),
            rvalid: Default::default(),
            rready: Default::default(),
            wide_araddr: Default::default(),
            wide_arlen: Default::default(),
            wide_arvalid: Default::default(),
            wide_arready: Default::default(),
            wide_rdata: Default::default(),
            wide_rvalid: Default::default(),
            wide_rready: Default::default(),
            bursts: Default::default(),
            beat: Default::default(),
            odd: Default::default(),
            length: Default::default(),
            odd_wide: Default::default(),
            pairs: Default::default(),
            burst: Default::default(),
            last: Default::default(),
            upper: Default::default(),
            valid: Default::default(),
            take: Default::default(),
            align: Constant::new(0xffff_fff0u64.into()),
        }
    }
}

impl Logic for WideRead {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, beat);
        clock!(self, clock, bursts);
        self.beat.reset.next = self.reset.val();
        self.bursts.reset.next = self.reset.val();

        // Pairs of beats from the one that holds the first to the one that holds the last.
        self.odd.next = self.araddr.val().get_bit(3);
        self.length.next = bit_cast::<9, 8>(self.arlen.val());
        self.odd_wide.next = 0.into();
        if self.odd.val() {
            self.odd_wide.next = 1.into();
        }
        self.pairs.next = self.length.val() + self.odd_wide.val();
        self.wide_arlen.next = self.pairs.val().get_bits::<8>(1);
        self.wide_araddr.next = self.araddr.val() & self.align.val();
        self.wide_arvalid.next = self.arvalid.val() & self.bursts.in_ready.val();
        self.arready.next = self.wide_arready.val() & self.bursts.in_ready.val();
        self.bursts.in_valid.next = self.arvalid.val() & self.wide_arready.val();
        self.bursts.in_data.next = (self.length.val() << 1) | self.odd_wide.val();

        self.burst.next = self.bursts.out_data.val();
        self.last.next = self.beat.q.val() == self.burst.val().get_bits::<8>(1);
        self.upper.next = self.beat.q.val().get_bit(0) ^ self.burst.val().get_bit(0);
        self.valid.next = self.wide_rvalid.val() & self.bursts.out_valid.val();
        self.take.next = self.valid.val() & self.rready.val();
        self.rvalid.next = self.valid.val();
        self.rlast.next = self.last.val();
        self.rdata.next = self.wide_rdata.val().get_bits::<64>(0);
        if self.upper.val() {
            self.rdata.next = self.wide_rdata.val().get_bits::<64>(64);
        }
        self.wide_rready.next = self.take.val() & (self.upper.val() | self.last.val());
        self.bursts.out_ready.next = self.take.val() & self.last.val();
        if self.take.val() {
            self.beat.d.next = self.beat.q.val() + 1;
            if self.last.val() {
                self.beat.d.next = 0.into();
            }
        }
    }
}
