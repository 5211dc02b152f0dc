//! Two AXI4 masters on one port of a memory controller: the engine, and now and then the link. The link gets the port when the engine has no burst
//! under way, for one burst, then the engine is let in again. Not for two busy masters: whoever waits, waits for all of the other's bursts.
//!
//! Ports: `m_*` the engine's channels, `l_*` the link's, `s_*` the memory's; of each the address channels without what passes beside
//! (`id`, size, kind), write data, answers' handshake, and of read data the handshake and `last`: the data themselves go to both. 64-bit data.
//! An address once offered to the memory is not withdrawn. The memory takes write data behind their address only, and answers in order.
//!
//! No path from a master's channel to the memory's takes a cycle. The link waits for the engine's bursts and two cycles more. At most 63 bursts of
//! a kind under way. Reset state: the engine has the port, nothing under way.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Switch between two masters.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // AXI4's names.
pub struct PortSwitch {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub m_awaddr: Signal<In, Bits<32>>,
    pub m_awlen: Signal<In, Bits<8>>,
    pub m_awvalid: Signal<In, Bit>,
    pub m_awready: Signal<Out, Bit>,
    pub m_wdata: Signal<In, Bits<64>>,
    pub m_wstrb: Signal<In, Bits<8>>,
    pub m_wlast: Signal<In, Bit>,
    pub m_wvalid: Signal<In, Bit>,
    pub m_wready: Signal<Out, Bit>,
    pub m_bvalid: Signal<Out, Bit>,
    pub m_bready: Signal<In, Bit>,
    pub m_araddr: Signal<In, Bits<32>>,
    pub m_arlen: Signal<In, Bits<8>>,
    pub m_arvalid: Signal<In, Bit>,
    pub m_arready: Signal<Out, Bit>,
    pub m_rvalid: Signal<Out, Bit>,
    pub m_rready: Signal<In, Bit>,
    pub l_awaddr: Signal<In, Bits<32>>,
    pub l_awlen: Signal<In, Bits<8>>,
    pub l_awvalid: Signal<In, Bit>,
    pub l_awready: Signal<Out, Bit>,
    pub l_wdata: Signal<In, Bits<64>>,
    pub l_wstrb: Signal<In, Bits<8>>,
    pub l_wlast: Signal<In, Bit>,
    pub l_wvalid: Signal<In, Bit>,
    pub l_wready: Signal<Out, Bit>,
    pub l_bvalid: Signal<Out, Bit>,
    pub l_bready: Signal<In, Bit>,
    pub l_araddr: Signal<In, Bits<32>>,
    pub l_arlen: Signal<In, Bits<8>>,
    pub l_arvalid: Signal<In, Bit>,
    pub l_arready: Signal<Out, Bit>,
    pub l_rvalid: Signal<Out, Bit>,
    pub l_rready: Signal<In, Bit>,
    pub s_awaddr: Signal<Out, Bits<32>>,
    pub s_awlen: Signal<Out, Bits<8>>,
    pub s_awvalid: Signal<Out, Bit>,
    pub s_awready: Signal<In, Bit>,
    pub s_wdata: Signal<Out, Bits<64>>,
    pub s_wstrb: Signal<Out, Bits<8>>,
    pub s_wlast: Signal<Out, Bit>,
    pub s_wvalid: Signal<Out, Bit>,
    pub s_wready: Signal<In, Bit>,
    pub s_bvalid: Signal<In, Bit>,
    pub s_bready: Signal<Out, Bit>,
    pub s_araddr: Signal<Out, Bits<32>>,
    pub s_arlen: Signal<Out, Bits<8>>,
    pub s_arvalid: Signal<Out, Bit>,
    pub s_arready: Signal<In, Bit>,
    pub s_rlast: Signal<In, Bit>,
    pub s_rvalid: Signal<In, Bit>,
    pub s_rready: Signal<Out, Bit>,
    link: Reg<Bit>,
    closing: Reg<Bit>,
    served: Reg<Bit>,
    aw_offered: Reg<Bit>,
    ar_offered: Reg<Bit>,
    writes: Reg<Bits<6>>,
    reads: Reg<Bits<6>>,
    open: Signal<Local, Bit>,
    quiet: Signal<Local, Bit>,
    wanted: Signal<Local, Bit>,
    aw_taken: Signal<Local, Bit>,
    ar_taken: Signal<Local, Bit>,
    b_taken: Signal<Local, Bit>,
    r_taken: Signal<Local, Bit>,
}

impl Logic for PortSwitch {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, link, closing, served, aw_offered, ar_offered, writes, reads);
        self.link.reset.next = self.reset.val();
        self.closing.reset.next = self.reset.val();
        self.served.reset.next = self.reset.val();
        self.aw_offered.reset.next = self.reset.val();
        self.ar_offered.reset.next = self.reset.val();
        self.writes.reset.next = self.reset.val();
        self.reads.reset.next = self.reset.val();

        // Addresses: the engine's until the port closes, but one that was offered stays; one of the link's.
        self.open.next = !self.closing.q.val();
        if self.link.q.val() {
            self.open.next = !self.served.q.val();
        }
        self.s_awaddr.next = self.m_awaddr.val();
        self.s_awlen.next = self.m_awlen.val();
        self.s_awvalid.next = self.m_awvalid.val()
            & (self.open.val() | self.aw_offered.q.val())
            & !self.writes.q.val().all();
        self.s_araddr.next = self.m_araddr.val();
        self.s_arlen.next = self.m_arlen.val();
        self.s_arvalid.next = self.m_arvalid.val()
            & (self.open.val() | self.ar_offered.q.val())
            & !self.reads.q.val().all();
        self.s_wdata.next = self.m_wdata.val();
        self.s_wstrb.next = self.m_wstrb.val();
        self.s_wlast.next = self.m_wlast.val();
        self.s_wvalid.next = self.m_wvalid.val();
        self.s_bready.next = self.m_bready.val();
        self.s_rready.next = self.m_rready.val();
        if self.link.q.val() {
            self.s_awaddr.next = self.l_awaddr.val();
            self.s_awlen.next = self.l_awlen.val();
            self.s_awvalid.next = self.l_awvalid.val() & self.open.val();
            self.s_araddr.next = self.l_araddr.val();
            self.s_arlen.next = self.l_arlen.val();
            // Not both: a burst of a kind at a time.
            self.s_arvalid.next = self.l_arvalid.val() & !self.l_awvalid.val() & self.open.val();
            self.s_wdata.next = self.l_wdata.val();
            self.s_wstrb.next = self.l_wstrb.val();
            self.s_wlast.next = self.l_wlast.val();
            self.s_wvalid.next = self.l_wvalid.val();
            self.s_bready.next = self.l_bready.val();
            self.s_rready.next = self.l_rready.val();
        }
        self.aw_taken.next = self.s_awvalid.val() & self.s_awready.val();
        self.ar_taken.next = self.s_arvalid.val() & self.s_arready.val();
        self.m_awready.next = self.aw_taken.val() & !self.link.q.val();
        self.l_awready.next = self.aw_taken.val() & self.link.q.val();
        self.m_arready.next = self.ar_taken.val() & !self.link.q.val();
        self.l_arready.next = self.ar_taken.val() & self.link.q.val();
        self.m_wready.next = self.s_wready.val() & !self.link.q.val();
        self.l_wready.next = self.s_wready.val() & self.link.q.val();
        self.m_bvalid.next = self.s_bvalid.val() & !self.link.q.val();
        self.l_bvalid.next = self.s_bvalid.val() & self.link.q.val();
        self.m_rvalid.next = self.s_rvalid.val() & !self.link.q.val();
        self.l_rvalid.next = self.s_rvalid.val() & self.link.q.val();

        // Bursts under way.
        self.b_taken.next = self.s_bvalid.val() & self.s_bready.val();
        self.r_taken.next = self.s_rvalid.val() & self.s_rready.val() & self.s_rlast.val();
        self.aw_offered.d.next = self.s_awvalid.val() & !self.s_awready.val();
        self.ar_offered.d.next = self.s_arvalid.val() & !self.s_arready.val();
        if self.aw_taken.val() & !self.b_taken.val() {
            self.writes.d.next = self.writes.q.val() + 1;
        }
        if self.b_taken.val() & !self.aw_taken.val() {
            self.writes.d.next = self.writes.q.val() - 1;
        }
        if self.ar_taken.val() & !self.r_taken.val() {
            self.reads.d.next = self.reads.q.val() + 1;
        }
        if self.r_taken.val() & !self.ar_taken.val() {
            self.reads.d.next = self.reads.q.val() - 1;
        }
        self.quiet.next = !self.writes.q.val().any()
            & !self.reads.q.val().any()
            & !self.aw_offered.q.val()
            & !self.ar_offered.q.val();

        // Whose port it is.
        self.wanted.next = self.l_awvalid.val() | self.l_arvalid.val();
        if self.link.q.val() {
            if self.aw_taken.val() | self.ar_taken.val() {
                self.served.d.next = true;
            }
            if (self.served.q.val() | !self.wanted.val()) & self.quiet.val() {
                self.link.d.next = false;
                self.closing.d.next = false;
                self.served.d.next = false;
            }
        } else {
            self.closing.d.next = self.wanted.val();
            if self.closing.q.val() & self.wanted.val() & self.quiet.val() {
                self.link.d.next = true;
            }
        }
    }
}

#[cfg(test)]
#[path = "port_switch_tests.rs"]
mod tests;
