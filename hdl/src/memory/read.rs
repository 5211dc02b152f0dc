//! AXI4 read engine: two clients, fetch and load, share the read channels. It checks every burst against the windows
//! before it is issued. Part of [`Master`](super::master::Master), which joins it with the write engine and keeps errors.
//!
//! ```text
//! fetch request ─► splitter ─┐ round-robin            ┌─► AR
//! load  request ─► splitter ─┴─► one burst ─► window ─┴─► tracker (16) ─► routes R to its client
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `fetch_*`, `load_*` | request {valid, ready, address, beats, of load also turn} as [`Burst`]; data stream {valid, ready}, with `data`, `last` (of the request) and `error` shared by both |
//! | `window_*` | as [`Window`](super::window::Window) |
//! | `epoch` | ID of new bursts; answers with another ID are taken and dropped |
//! | `halt` | issue nothing, drop all data (high from an error or kill until reset) |
//! | `fault`, `fault_code`, `fault_address`, `fault_turn` | pulse: bad response or window violation, the burst's address and its request's turn; never while `halt` |
//! | `quiet` | nothing issued is unanswered |
//! | `read_beat` | a beat of this epoch arrives |
//!
//! Latency from a request to `arvalid` 3 cycles, R to client 0; a burst and a beat every cycle; 16 bursts outstanding.
//! `hard_reset` clears all; `reset` all but a burst waiting on AR, as AXI demands. Bursts are issued round-robin, fetch first.
use super::burst::Burst;
use super::issue::Issue;
use crate::leaf::{Fifo, Reg};
use rust_hdl::prelude::*;
use tandem_isa::ErrorCode;

/// What must be known of an outstanding burst.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(crate) struct ReadTrack {
    address: Bits<32>,
    load: Bit,
    turn: Bits<2>,
    last: Bit,
}

/// AXI4 read engine.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct ReadEngine {
    pub clock: Signal<In, Clock>,
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub halt: Signal<In, Bit>,
    pub epoch: Signal<In, Bits<4>>,
    pub window_base: [Signal<In, Bits<32>>; 4],
    pub window_end: [Signal<In, Bits<32>>; 4],
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    pub fetch_request_valid: Signal<In, Bit>,
    pub fetch_request_ready: Signal<Out, Bit>,
    pub fetch_request_address: Signal<In, Bits<32>>,
    pub fetch_request_beats: Signal<In, Bits<24>>,
    pub fetch_valid: Signal<Out, Bit>,
    pub fetch_ready: Signal<In, Bit>,
    pub load_request_valid: Signal<In, Bit>,
    pub load_request_ready: Signal<Out, Bit>,
    pub load_request_address: Signal<In, Bits<32>>,
    pub load_request_beats: Signal<In, Bits<24>>,
    pub load_request_turn: Signal<In, Bits<2>>,
    pub load_valid: Signal<Out, Bit>,
    pub load_ready: Signal<In, Bit>,
    pub data: Signal<Out, Bits<64>>,
    pub last: Signal<Out, Bit>,
    pub error: Signal<Out, Bit>,
    pub fault: Signal<Out, Bit>,
    pub fault_code: Signal<Out, Bits<8>>,
    pub fault_address: Signal<Out, Bits<32>>,
    pub fault_turn: Signal<Out, Bits<2>>,
    pub quiet: Signal<Out, Bit>,
    pub read_beat: Signal<Out, Bit>,
    pub arid: Signal<Out, Bits<4>>,
    pub araddr: Signal<Out, Bits<32>>,
    pub arlen: Signal<Out, Bits<8>>,
    pub arvalid: Signal<Out, Bit>,
    pub arready: Signal<In, Bit>,
    pub rid: Signal<In, Bits<4>>,
    pub rdata: Signal<In, Bits<64>>,
    pub rresp: Signal<In, Bits<2>>,
    pub rlast: Signal<In, Bit>,
    pub rvalid: Signal<In, Bit>,
    pub rready: Signal<Out, Bit>,
    fetch: Burst,
    load: Burst,
    issue: Issue,
    track: Fifo<ReadTrack, 4>,
    after_fetch: Reg<Bit>,
    clear: Signal<Local, Bit>,
    pick_load: Signal<Local, Bit>,
    offered: Signal<Local, Bit>,
    takes: Signal<Local, Bit>,
    same: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    to_load: Signal<Local, Bit>,
    client_ready: Signal<Local, Bit>,
    ready: Signal<Local, Bit>,
    beat: Signal<Local, Bit>,
    bad: Signal<Local, Bit>,
    code_response: Constant<Bits<8>>,
    code_load: Constant<Bits<8>>,
    code_fetch: Constant<Bits<8>>,
}

default_block! { ReadEngine {
    code_response = Constant::new((ErrorCode::ReadResponse as u64).into()),
    code_load = Constant::new((ErrorCode::ReadWindow as u64).into()),
    code_fetch = Constant::new((ErrorCode::FetchWindow as u64).into());
    clock hard_reset reset halt epoch window_base window_end window_permissions
    fetch_request_valid fetch_request_ready fetch_request_address fetch_request_beats fetch_valid fetch_ready
    load_request_valid load_request_ready load_request_address load_request_beats load_request_turn load_valid load_ready
    data last error fault fault_code fault_address fault_turn quiet read_beat
    arid araddr arlen arvalid arready rid rdata rresp rlast rvalid rready
    fetch load issue track after_fetch clear pick_load offered takes same mine to_load client_ready ready beat bad
} }

impl Logic for ReadEngine {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, after_fetch);
        clock!(self, clock, fetch, load, issue, track);
        self.clear.next = self.reset.val() | self.hard_reset.val();
        self.after_fetch.reset.next = self.clear.val();
        self.fetch.reset.next = self.clear.val();
        self.load.reset.next = self.clear.val();
        self.track.reset.next = self.clear.val();
        self.fetch.request_valid.next = self.fetch_request_valid.val();
        self.fetch.request_address.next = self.fetch_request_address.val();
        self.fetch.request_beats.next = self.fetch_request_beats.val();
        self.fetch_request_ready.next = self.fetch.request_ready.val();
        self.load.request_valid.next = self.load_request_valid.val();
        self.load.request_address.next = self.load_request_address.val();
        self.load.request_beats.next = self.load_request_beats.val();
        self.load.request_turn.next = self.load_request_turn.val();
        self.fetch.request_turn.next = 0.into();
        self.load_request_ready.next = self.load.request_ready.val();
        // Choose a burst, issue it, remember whose it is.
        self.pick_load.next = self.load.burst_valid.val()
            & (self.after_fetch.q.val() | !self.fetch.burst_valid.val());
        self.offered.next = self.load.burst_valid.val() | self.fetch.burst_valid.val();
        self.issue.hard_reset.next = self.hard_reset.val();
        self.issue.reset.next = self.reset.val();
        self.issue.halt.next = self.halt.val();
        self.issue.write.next = false;
        self.issue.epoch.next = self.epoch.val();
        for i in 0..4 {
            self.issue.window_base[i].next = self.window_base[i].val();
            self.issue.window_end[i].next = self.window_end[i].val();
            self.issue.window_permissions[i].next = self.window_permissions[i].val();
        }
        self.issue.burst_valid.next = self.offered.val();
        self.issue.burst_tag.next = self.pick_load.val();
        self.issue.burst_turn.next = self.load.burst_turn.val();
        self.issue.burst_address.next = self.fetch.burst_address.val();
        self.issue.burst_beats.next = self.fetch.burst_beats.val();
        self.issue.burst_last.next = self.fetch.burst_last.val();
        if self.pick_load.val() {
            self.issue.burst_address.next = self.load.burst_address.val();
            self.issue.burst_beats.next = self.load.burst_beats.val();
            self.issue.burst_last.next = self.load.burst_last.val();
        }
        self.takes.next = self.offered.val() & self.issue.burst_ready.val();
        self.fetch.burst_ready.next = self.takes.val() & !self.pick_load.val();
        self.load.burst_ready.next = self.takes.val() & self.pick_load.val();
        if self.takes.val() {
            self.after_fetch.d.next = !self.pick_load.val();
        }
        self.issue.ready.next = self.arready.val();
        self.issue.room.next = self.track.in_ready.val();
        self.track.in_valid.next = self.issue.issued.val();
        self.track.in_data.next.address = self.issue.address.val();
        self.track.in_data.next.load = self.issue.tag.val();
        self.track.in_data.next.turn = self.issue.turn.val();
        self.track.in_data.next.last = self.issue.last.val();
        // Route answers. What no outstanding burst of this epoch asked for is taken and dropped.
        self.same.next = self.rid.val() == self.epoch.val();
        self.mine.next = self.rvalid.val() & self.same.val() & self.track.out_valid.val();
        self.to_load.next = self.track.out_data.val().load;
        self.client_ready.next = self.fetch_ready.val();
        if self.to_load.val() {
            self.client_ready.next = self.load_ready.val();
        }
        self.ready.next = !self.mine.val() | self.client_ready.val() | self.halt.val();
        self.beat.next = self.mine.val() & self.ready.val();
        self.track.out_ready.next = self.beat.val() & self.rlast.val();
        self.bad.next = self.beat.val() & self.rresp.val().get_bit(1) & !self.halt.val();
        self.fetch_valid.next = self.mine.val() & !self.to_load.val() & !self.halt.val();
        self.load_valid.next = self.mine.val() & self.to_load.val() & !self.halt.val();
        self.data.next = self.rdata.val();
        self.last.next = self.rlast.val() & self.track.out_data.val().last;
        self.error.next = self.rresp.val().get_bit(1);
        self.rready.next = self.ready.val();
        self.read_beat.next = self.beat.val();
        self.fault.next = self.bad.val() | self.issue.refused.val();
        self.fault_code.next = self.code_fetch.val();
        self.fault_address.next = self.issue.address.val();
        self.fault_turn.next = self.issue.turn.val();
        if self.issue.tag.val() {
            self.fault_code.next = self.code_load.val();
        }
        if self.bad.val() {
            self.fault_code.next = self.code_response.val();
            self.fault_address.next = self.track.out_data.val().address;
            self.fault_turn.next = self.track.out_data.val().turn;
        }
        self.quiet.next = !self.issue.axvalid.val() & !self.track.out_valid.val();
        self.arid.next = self.issue.axid.val();
        self.araddr.next = self.issue.axaddr.val();
        self.arlen.next = self.issue.axlen.val();
        self.arvalid.next = self.issue.axvalid.val();
    }
}
