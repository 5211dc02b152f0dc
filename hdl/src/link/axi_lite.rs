//! AXI4-Lite slave: turns the five channels into one register access at a time. Not for bursts or for speed: an access
//! takes five cycles.
//!
//! Ports: the AXI4-Lite channels (32-bit data, 16-bit address). Towards the registers: a cycle after an address was taken `write` (one cycle, with
//! `write_address` and `write_data`, which stay for another); `read_address` a cycle after one was taken, and in the cycle after that `read`
//! (one cycle; `read_data` is taken in it, so it may come from registers that the address has chosen).
//! A write is answered in the cycle after `write`: whoever sees the answer finds it done, although the register takes it a cycle after its strobe.
//! A write with a partial strobe is answered SLVERR and does nothing. Reset state: no answer pending.
use crate::leaf::{Dff, DffEn, Reg};
use rust_hdl::prelude::*;

/// AXI4-Lite slave.
#[derive(LogicBlock, Default)]
pub struct AxiLite {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Write address channel.
    pub awaddr: Signal<In, Bits<16>>,
    /// Write address channel.
    pub awvalid: Signal<In, Bit>,
    /// Write address channel.
    pub awready: Signal<Out, Bit>,
    /// Write data channel.
    pub wdata: Signal<In, Bits<32>>,
    /// Write data channel.
    pub wstrb: Signal<In, Bits<4>>,
    /// Write data channel.
    pub wvalid: Signal<In, Bit>,
    /// Write data channel.
    pub wready: Signal<Out, Bit>,
    /// Write response channel.
    pub bresp: Signal<Out, Bits<2>>,
    /// Write response channel.
    pub bvalid: Signal<Out, Bit>,
    /// Write response channel.
    pub bready: Signal<In, Bit>,
    /// Read address channel.
    pub araddr: Signal<In, Bits<16>>,
    /// Read address channel.
    pub arvalid: Signal<In, Bit>,
    /// Read address channel.
    pub arready: Signal<Out, Bit>,
    /// Read data channel.
    pub rdata: Signal<Out, Bits<32>>,
    /// Read data channel.
    pub rresp: Signal<Out, Bits<2>>,
    /// Read data channel.
    pub rvalid: Signal<Out, Bit>,
    /// Read data channel.
    pub rready: Signal<In, Bit>,
    /// A register is written in this cycle.
    pub write: Signal<Out, Bit>,
    /// Its byte offset.
    pub write_address: Signal<Out, Bits<16>>,
    /// Its new value.
    pub write_data: Signal<Out, Bits<32>>,
    /// A register is read in this cycle.
    pub read: Signal<Out, Bit>,
    /// Its byte offset.
    pub read_address: Signal<Out, Bits<16>>,
    /// Its value.
    pub read_data: Signal<In, Bits<32>>,
    answer_pending: Reg<Bit>,
    answer_bad: Reg<Bit>,
    write_waiting: Reg<Bit>,
    write_pending: Reg<Bit>,
    write_at: DffEn<Bits<16>>,
    write_word: DffEn<Bits<32>>,
    read_waiting: Reg<Bit>,
    read_pending: Reg<Bit>,
    read_at: DffEn<Bits<16>>,
    data_pending: Reg<Bit>,
    data: Dff<Bits<32>>,
    writing: Signal<Local, Bit>,
    accept_write: Signal<Local, Bit>,
    accept_read: Signal<Local, Bit>,
    reading: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
}

impl Logic for AxiLite {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            answer_pending,
            answer_bad,
            write_waiting,
            write_pending,
            read_waiting,
            read_pending,
            data_pending,
            data
        );
        clock!(self, clock, write_at, write_word, read_at);
        self.write_waiting.reset.next = self.reset.val();
        self.write_pending.reset.next = self.reset.val();
        self.answer_pending.reset.next = self.reset.val();
        self.answer_bad.reset.next = self.reset.val();
        self.read_waiting.reset.next = self.reset.val();
        self.read_pending.reset.next = self.reset.val();
        self.data_pending.reset.next = self.reset.val();

        self.writing.next = self.write_waiting.q.val() | self.answer_pending.q.val();
        self.accept_write.next = self.awvalid.val() & self.wvalid.val() & !self.writing.val();
        self.reading.next =
            self.read_waiting.q.val() | self.read_pending.q.val() | self.data_pending.q.val();
        self.accept_read.next = self.arvalid.val() & !self.reading.val();
        self.whole.next = self.wstrb.val() == 15;
        self.awready.next = self.accept_write.val();
        self.wready.next = self.accept_write.val();
        self.arready.next = self.accept_read.val();

        if self.answer_pending.q.val() & self.bready.val() {
            self.answer_pending.d.next = false;
        }
        self.write_waiting.d.next = self.accept_write.val();
        if self.accept_write.val() {
            self.answer_bad.d.next = !self.whole.val();
        }
        if self.write_waiting.q.val() {
            self.answer_pending.d.next = true;
        }
        if self.data_pending.q.val() & self.rready.val() {
            self.data_pending.d.next = false;
        }
        self.read_waiting.d.next = self.accept_read.val();
        self.read_pending.d.next = self.read_waiting.q.val();
        self.read_at.enable.next = self.accept_read.val();
        self.read_at.d.next = self.araddr.val();
        self.write_pending.d.next = self.accept_write.val() & self.whole.val();
        self.write_at.enable.next = self.accept_write.val();
        self.write_at.d.next = self.awaddr.val();
        self.write_word.enable.next = self.accept_write.val();
        self.write_word.d.next = self.wdata.val();
        if self.read_pending.q.val() {
            self.data_pending.d.next = true;
            self.data.d.next = self.read_data.val();
        }

        self.bvalid.next = self.answer_pending.q.val();
        self.bresp.next = 0.into();
        if self.answer_bad.q.val() {
            self.bresp.next = 2.into();
        }
        self.rvalid.next = self.data_pending.q.val();
        self.rresp.next = 0.into();
        self.rdata.next = self.data.q.val();

        self.write.next = self.write_pending.q.val();
        self.write_address.next = self.write_at.q.val();
        self.write_data.next = self.write_word.q.val();
        self.read.next = self.read_pending.q.val();
        self.read_address.next = self.read_at.q.val();
    }
}
