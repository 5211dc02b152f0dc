//! AXI4 write engine: one client. It checks every burst against the windows before it is issued. Part of
//! [`Master`](super::master::Master), which joins it with the read engine and keeps errors.
//!
//! ```text
//! request ─► splitter ─► one burst ─► window ─┬─► AW
//! data ───────────────────────────────────────┼─► sender (16) ─► W
//!                                             └─► tracker (16) ◄─ B
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `request_*` | {valid, ready, address, beats} as [`Burst`] |
//! | `data_*` | {valid, ready, data}: taken only for bursts already issued |
//! | `finished` | pulse: every response of the oldest unfinished request is in, all of them good |
//! | `window_*` | as [`Window`](super::window::Window) |
//! | `epoch` | ID of new bursts; responses with another ID are dropped |
//! | `halt` | issue nothing, take no data, fill promised beats with `wstrb` = 0 (high from an error or kill until reset) |
//! | `fault`, `fault_code`, `fault_address` | pulse: bad response or window violation, and the burst's address; never while `halt` |
//! | `quiet` | nothing issued is unanswered, no promised beat is unsent |
//! | `write_beat` | a beat moves on W |
//!
//! Latency from a request to `awvalid` 3 cycles, data to W 1; a burst and a beat every cycle; 16 bursts outstanding.
//! W may run ahead of AW, as AXI allows. `hard_reset` clears all. `reset` keeps what AXI demands: a waiting AW, and
//! promised beats, which go out with `wstrb` = 0 before anything new is issued.
use super::burst::Burst;
use super::issue::Issue;
use super::sender::Sender;
use crate::leaf::Fifo;
use rust_hdl::prelude::*;
use tandem_isa::ErrorCode;

/// What must be known of a burst until its response.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(crate) struct WriteTrack {
    address: Bits<32>,
    turn: Bits<2>,
    last: Bit,
}

/// AXI4 write engine.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct WriteEngine {
    pub clock: Signal<In, Clock>,
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub halt: Signal<In, Bit>,
    pub epoch: Signal<In, Bits<4>>,
    pub window_base: [Signal<In, Bits<32>>; 4],
    pub window_end: [Signal<In, Bits<32>>; 4],
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    pub request_valid: Signal<In, Bit>,
    pub request_ready: Signal<Out, Bit>,
    pub request_address: Signal<In, Bits<32>>,
    pub request_beats: Signal<In, Bits<24>>,
    pub request_turn: Signal<In, Bits<2>>,
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    pub finished: Signal<Out, Bit>,
    pub fault: Signal<Out, Bit>,
    pub fault_code: Signal<Out, Bits<8>>,
    pub fault_address: Signal<Out, Bits<32>>,
    pub fault_turn: Signal<Out, Bits<2>>,
    pub quiet: Signal<Out, Bit>,
    pub write_beat: Signal<Out, Bit>,
    pub awid: Signal<Out, Bits<4>>,
    pub awaddr: Signal<Out, Bits<32>>,
    pub awlen: Signal<Out, Bits<8>>,
    pub awvalid: Signal<Out, Bit>,
    pub awready: Signal<In, Bit>,
    pub wdata: Signal<Out, Bits<64>>,
    pub wstrb: Signal<Out, Bits<8>>,
    pub wlast: Signal<Out, Bit>,
    pub wvalid: Signal<Out, Bit>,
    pub wready: Signal<In, Bit>,
    pub bid: Signal<In, Bits<4>>,
    pub bresp: Signal<In, Bits<2>>,
    pub bvalid: Signal<In, Bit>,
    pub bready: Signal<Out, Bit>,
    splitter: Burst,
    issue: Issue,
    sender: Sender,
    track: Fifo<WriteTrack, 4>,
    clear: Signal<Local, Bit>,
    same: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    wrong: Signal<Local, Bit>,
    bad: Signal<Local, Bit>,
    code_response: Constant<Bits<8>>,
    code_window: Constant<Bits<8>>,
}

default_block! { WriteEngine {
    code_response = Constant::new((ErrorCode::WriteResponse as u64).into()),
    code_window = Constant::new((ErrorCode::WriteWindow as u64).into());
    clock hard_reset reset halt epoch window_base window_end window_permissions
    request_valid request_ready request_address request_beats request_turn data_valid data_ready data finished
    fault fault_code fault_address fault_turn quiet write_beat awid awaddr awlen awvalid awready
    wdata wstrb wlast wvalid wready bid bresp bvalid bready
    splitter issue sender track clear same mine wrong bad
} }

impl Logic for WriteEngine {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, splitter, issue, sender, track);
        self.clear.next = self.reset.val() | self.hard_reset.val();
        self.splitter.reset.next = self.clear.val();
        self.track.reset.next = self.clear.val();

        self.splitter.request_valid.next = self.request_valid.val();
        self.splitter.request_address.next = self.request_address.val();
        self.splitter.request_beats.next = self.request_beats.val();
        self.splitter.request_turn.next = self.request_turn.val();
        self.request_ready.next = self.splitter.request_ready.val();

        // Issue a burst, promise its beats, remember it.
        self.issue.hard_reset.next = self.hard_reset.val();
        self.issue.reset.next = self.reset.val();
        self.issue.halt.next = self.halt.val();
        self.issue.write.next = true;
        self.issue.epoch.next = self.epoch.val();
        for i in 0..4 {
            self.issue.window_base[i].next = self.window_base[i].val();
            self.issue.window_end[i].next = self.window_end[i].val();
            self.issue.window_permissions[i].next = self.window_permissions[i].val();
        }
        self.issue.burst_valid.next = self.splitter.burst_valid.val();
        self.issue.burst_address.next = self.splitter.burst_address.val();
        self.issue.burst_beats.next = self.splitter.burst_beats.val();
        self.issue.burst_tag.next = false;
        self.issue.burst_turn.next = self.splitter.burst_turn.val();
        self.issue.burst_last.next = self.splitter.burst_last.val();
        self.splitter.burst_ready.next = self.issue.burst_ready.val();
        self.issue.ready.next = self.awready.val();
        self.issue.room.next =
            self.track.in_ready.val() & self.sender.room.val() & !self.sender.orphaned.val();
        self.track.in_valid.next = self.issue.issued.val();
        self.track.in_data.next.address = self.issue.address.val();
        self.track.in_data.next.turn = self.issue.turn.val();
        self.track.in_data.next.last = self.issue.last.val();

        self.sender.hard_reset.next = self.hard_reset.val();
        self.sender.reset.next = self.reset.val();
        self.sender.halt.next = self.halt.val();
        self.sender.promise.next = self.issue.issued.val();
        self.sender.beats.next = self.issue.beats.val();
        self.sender.data_valid.next = self.data_valid.val();
        self.sender.data.next = self.data.val();
        self.data_ready.next = self.sender.data_ready.val();
        self.sender.wready.next = self.wready.val();
        self.wvalid.next = self.sender.wvalid.val();
        self.wdata.next = self.sender.wdata.val();
        self.wstrb.next = self.sender.wstrb.val();
        self.wlast.next = self.sender.wlast.val();
        self.write_beat.next = self.sender.wvalid.val() & self.wready.val();

        // Responses come in the order of the bursts.
        self.same.next = self.bid.val() == self.epoch.val();
        self.mine.next = self.bvalid.val() & self.same.val() & self.track.out_valid.val();
        self.wrong.next = self.mine.val() & self.bresp.val().get_bit(1);
        self.bad.next = self.wrong.val() & !self.halt.val();
        self.track.out_ready.next = self.mine.val();
        self.bready.next = true;
        self.finished.next =
            self.mine.val() & self.track.out_data.val().last & !self.wrong.val() & !self.halt.val();

        self.fault.next = self.bad.val() | self.issue.refused.val();
        self.fault_code.next = self.code_window.val();
        self.fault_address.next = self.issue.address.val();
        self.fault_turn.next = self.issue.turn.val();
        if self.bad.val() {
            self.fault_code.next = self.code_response.val();
            self.fault_address.next = self.track.out_data.val().address;
            self.fault_turn.next = self.track.out_data.val().turn;
        }
        self.quiet.next =
            !self.issue.axvalid.val() & self.sender.idle.val() & !self.track.out_valid.val();
        self.awid.next = self.issue.axid.val();
        self.awaddr.next = self.issue.axaddr.val();
        self.awlen.next = self.issue.axlen.val();
        self.awvalid.next = self.issue.axvalid.val();
    }
}
