//! Issue stage: checks one waiting burst against the windows and puts it on an address channel (AR or AW). Both engines
//! of the master have one; nothing else drives an address channel.
//!
//! | port | meaning |
//! |---|---|
//! | `burst_*` | {valid, ready, address, beats, last}, `burst_tag`, `burst_turn`: any bits that travel along |
//! | `window_*`, `write` | as [`Window`] |
//! | `room` | the engine can keep track of one more burst |
//! | `halt` | issue nothing |
//! | `issued` | pulse: the burst at `address`, `beats`, `tag`, `turn`, `last` enters the channel at this edge |
//! | `refused` | the burst at `address` is in no window; nothing is issued until `reset` or `halt` |
//! | `ax*`, `ready` | the channel: valid and payload stay until taken |
//!
//! Latency 2, one burst a cycle. `hard_reset` clears all; `reset` all but a burst already on the channel, which AXI does
//! not let go.
use super::window::Window;
use crate::leaf::{Dff, Reg, Skid};
use rust_hdl::prelude::*;

/// A burst and what travels along.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(crate) struct Waiting {
    address: Bits<32>,
    beats: Bits<7>,
    tag: Bit,
    turn: Bits<2>,
    last: Bit,
}

/// Issue stage.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Issue {
    pub clock: Signal<In, Clock>,
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub halt: Signal<In, Bit>,
    pub room: Signal<In, Bit>,
    pub write: Signal<In, Bit>,
    pub epoch: Signal<In, Bits<4>>,
    pub window_base: [Signal<In, Bits<32>>; 4],
    pub window_end: [Signal<In, Bits<32>>; 4],
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    pub burst_valid: Signal<In, Bit>,
    pub burst_ready: Signal<Out, Bit>,
    pub burst_address: Signal<In, Bits<32>>,
    pub burst_beats: Signal<In, Bits<7>>,
    pub burst_tag: Signal<In, Bit>,
    pub burst_turn: Signal<In, Bits<2>>,
    pub burst_last: Signal<In, Bit>,
    pub issued: Signal<Out, Bit>,
    pub refused: Signal<Out, Bit>,
    pub address: Signal<Out, Bits<32>>,
    pub beats: Signal<Out, Bits<7>>,
    pub tag: Signal<Out, Bit>,
    pub turn: Signal<Out, Bits<2>>,
    pub last: Signal<Out, Bit>,
    pub axid: Signal<Out, Bits<4>>,
    pub axaddr: Signal<Out, Bits<32>>,
    pub axlen: Signal<Out, Bits<8>>,
    pub axvalid: Signal<Out, Bit>,
    pub ready: Signal<In, Bit>,
    window: Window,
    waiting: Skid<Waiting>,
    ax_valid: Reg<Bit>,
    ax_id: Dff<Bits<4>>,
    ax_address: Dff<Bits<32>>,
    ax_length: Dff<Bits<8>>,
    clear: Signal<Local, Bit>,
    free: Signal<Local, Bit>,
    issues: Signal<Local, Bit>,
    burst: Signal<Local, Waiting>,
    waits: Signal<Local, Bit>,
    length: Signal<Local, Bits<8>>,
}

impl Logic for Issue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, ax_valid, ax_id, ax_address, ax_length);
        clock!(self, clock, waiting);
        self.clear.next = self.reset.val() | self.hard_reset.val();
        self.waiting.reset.next = self.clear.val();
        self.ax_valid.reset.next = self.hard_reset.val();

        // Room for a second burst: whether the first is allowed and leaves takes long to know, and whoever offers one must not wait for it.
        self.waiting.in_valid.next = self.burst_valid.val();
        self.waiting.in_data.next.address = self.burst_address.val();
        self.waiting.in_data.next.beats = self.burst_beats.val();
        self.waiting.in_data.next.tag = self.burst_tag.val();
        self.waiting.in_data.next.turn = self.burst_turn.val();
        self.waiting.in_data.next.last = self.burst_last.val();
        self.burst_ready.next = self.waiting.in_ready.val();
        self.waits.next = self.waiting.out_valid.val();
        self.burst.next = self.waiting.out_data.val();

        self.window.address.next = self.burst.val().address;
        self.window.beats.next = self.burst.val().beats;
        self.window.write.next = self.write.val();
        for i in 0..4 {
            self.window.window_base[i].next = self.window_base[i].val();
            self.window.window_end[i].next = self.window_end[i].val();
            self.window.window_permissions[i].next = self.window_permissions[i].val();
        }
        self.free.next = !self.ax_valid.q.val() | self.ready.val();
        self.issues.next = self.waits.val()
            & self.window.allowed.val()
            & self.free.val()
            & self.room.val()
            & !self.halt.val()
            & !self.clear.val();
        self.waiting.out_ready.next = self.issues.val();

        self.length.next = bit_cast::<8, 7>(self.window.beats.val());
        if self.ready.val() {
            self.ax_valid.d.next = false;
        }
        if self.issues.val() {
            self.ax_valid.d.next = true;
            self.ax_id.d.next = self.epoch.val();
            self.ax_address.d.next = self.window.address.val();
            self.ax_length.d.next = self.length.val() - 1;
        }

        self.issued.next = self.issues.val();
        self.refused.next = self.waits.val() & !self.window.allowed.val() & !self.halt.val();
        self.address.next = self.burst.val().address;
        self.beats.next = self.burst.val().beats;
        self.tag.next = self.burst.val().tag;
        self.turn.next = self.burst.val().turn;
        self.last.next = self.burst.val().last;
        self.axid.next = self.ax_id.q.val();
        self.axaddr.next = self.ax_address.q.val();
        self.axlen.next = self.ax_length.q.val();
        self.axvalid.next = self.ax_valid.q.val();
    }
}
