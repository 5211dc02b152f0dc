//! W sender: sends the beats that issued bursts promised, in their order. Part of the write engine; data of the client
//! go out only for bursts already issued, so that a burst that was refused has none.
//!
//! | port | meaning |
//! |---|---|
//! | `promise`, `beats`, `room` | an issued burst of that many beats; only while `room` |
//! | `data_*` | {valid, ready, data} of the client |
//! | `halt` | take no data: the beats go out with `wstrb` = 0 |
//! | `w*` | the W channel: valid and payload stay until taken |
//! | `idle` | no promised beat is unsent |
//! | `orphaned` | beats promised before `reset` are still being sent, with `wstrb` = 0; promise nothing |
//!
//! Latency from data to W 1, a beat a cycle, 16 promises. `hard_reset` clears all; `reset` makes what is promised
//! orphaned, as AXI demands every beat of an issued burst.
use crate::leaf::{Fifo, Reg, Skid};
use rust_hdl::prelude::*;

/// A beat of W.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(crate) struct WriteBeat {
    data: Bits<64>,
    keep: Bit,
    last: Bit,
}

/// W sender.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Sender {
    pub clock: Signal<In, Clock>,
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub halt: Signal<In, Bit>,
    pub promise: Signal<In, Bit>,
    pub beats: Signal<In, Bits<7>>,
    pub room: Signal<Out, Bit>,
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    pub wdata: Signal<Out, Bits<64>>,
    pub wstrb: Signal<Out, Bits<8>>,
    pub wlast: Signal<Out, Bit>,
    pub wvalid: Signal<Out, Bit>,
    pub wready: Signal<In, Bit>,
    pub idle: Signal<Out, Bit>,
    pub orphaned: Signal<Out, Bit>,
    promised: Fifo<Bits<7>, 4>,
    skid: Skid<WriteBeat>,
    sent: Reg<Bits<7>>,
    orphans: Reg<Bit>,
    drains: Signal<Local, Bit>,
    next_sent: Signal<Local, Bits<7>>,
    ends: Signal<Local, Bit>,
    offers: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    all: Constant<Bits<8>>,
}

default_block! { Sender {
    all = Constant::new(0xff.into());
    clock hard_reset reset halt promise beats room data_valid data_ready data
    wdata wstrb wlast wvalid wready idle orphaned
    promised skid sent orphans drains next_sent ends offers moves
} }

impl Logic for Sender {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sent, orphans);
        clock!(self, clock, promised, skid);
        self.promised.reset.next = self.hard_reset.val();
        self.skid.reset.next = self.hard_reset.val();
        self.sent.reset.next = self.hard_reset.val();
        self.orphans.reset.next = self.hard_reset.val();

        self.promised.in_valid.next = self.promise.val();
        self.promised.in_data.next = self.beats.val();
        self.room.next = self.promised.in_ready.val();

        self.orphans.d.next =
            (self.orphans.q.val() | self.reset.val()) & self.promised.out_valid.val();
        self.drains.next = self.halt.val() | self.orphans.q.val() | self.reset.val();
        self.next_sent.next = self.sent.q.val() + 1;
        self.ends.next = self.next_sent.val() == self.promised.out_data.val();
        self.offers.next =
            self.promised.out_valid.val() & (self.data_valid.val() | self.drains.val());
        self.moves.next = self.offers.val() & self.skid.in_ready.val();
        if self.moves.val() {
            self.sent.d.next = self.next_sent.val();
            if self.ends.val() {
                self.sent.d.next = 0.into();
            }
        }
        self.promised.out_ready.next = self.moves.val() & self.ends.val();
        self.data_ready.next =
            self.promised.out_valid.val() & self.skid.in_ready.val() & !self.drains.val();

        self.skid.in_valid.next = self.offers.val();
        self.skid.in_data.next.data = self.data.val();
        self.skid.in_data.next.keep = !self.drains.val();
        self.skid.in_data.next.last = self.ends.val();
        self.skid.out_ready.next = self.wready.val();
        self.wvalid.next = self.skid.out_valid.val();
        self.wdata.next = self.skid.out_data.val().data;
        self.wlast.next = self.skid.out_data.val().last;
        self.wstrb.next = 0.into();
        if self.skid.out_data.val().keep {
            self.wstrb.next = self.all.val();
        }
        self.idle.next = !self.promised.out_valid.val() & !self.skid.out_valid.val();
        self.orphaned.next = self.orphans.q.val();
    }
}
