//! Store unit: copies dense words of a scratchpad to a box in DDR. What a store command means stands in
//! `tandem_isa::command::Store`.
//!
//! ```text
//! command ─► rows ─► requests
//! raddr ─► pad ─► rdata ─► word to beat ─► data
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `start`, `command`, `taken`, `busy`, `done`, `stalled` | unit protocol, four commands in flight; `taken`: every beat is out; `done`: every response is in; `stalled`: no beat moves. No error of its own: the master reports what memory does |
//! | `pad`, `raddr` → `rdata` | read port of the pads, one cycle later; a word not taken is asked for again |
//! | `request_*` | {valid, ready, address, beats, turn} to the master's write client; `turn`: number of the command mod 4 |
//! | `data_*` | {valid, ready, data} to it: it takes as many beats as were requested |
//! | `finished` | pulse from it: a request is complete |
//!
//! A command's beats go out while responses of the two before it are still missing. Throughput: a beat a cycle. First request 2
//! cycles after `start`; `done` 2 cycles after the last `finished`. A store whose requests ended in an error waits for `reset`. Reset state: idle. L is 4, 8, 16 or 32 lanes.
use super::lanes::WordToBeat;
use super::rows::Rows;
use crate::control::decode::StoreFields;
use crate::leaf::{Dff, Fifo, Reg};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// What the unit is at.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub(crate) enum StoreState {
    Idle,
    Prime,
    Run,
}

/// Store unit.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Store<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub command: Signal<In, Bits<512>>,
    pub taken: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    pub done: Signal<Out, Bit>,
    pub stalled: Signal<Out, Bit>,
    pub pad: Signal<Out, Bit>,
    pub raddr: Signal<Out, Bits<16>>,
    pub rdata: [Signal<In, Bits<16>>; L],
    pub request_valid: Signal<Out, Bit>,
    pub request_ready: Signal<In, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_beats: Signal<Out, Bits<24>>,
    pub request_turn: Signal<Out, Bits<2>>,
    pub data_valid: Signal<Out, Bit>,
    pub data_ready: Signal<In, Bit>,
    pub data: Signal<Out, Bits<64>>,
    pub finished: Signal<In, Bit>,
    fields: StoreFields,
    rows: Rows<L>,
    lanes: WordToBeat<L>,
    state: Reg<StoreState>,
    at: Dff<Bits<16>>,
    index: Reg<Bits<3>>,
    owed: Reg<Bits<24>>,
    open: Reg<Bits<8>>,
    gone_open: Reg<Bits<8>>,
    answered: Reg<Bits<8>>,
    gone: Fifo<Bits<8>, 1>,
    turn: Reg<Bits<2>>,
    leaves: Signal<Local, Bit>,
    now_open: Signal<Local, Bits<8>>,
    now_gone: Signal<Local, Bits<8>>,
    now_answered: Signal<Local, Bits<8>>,
    of_gone: Signal<Local, Bit>,
    runs: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    advances: Signal<Local, Bit>,
    next_at: Signal<Local, Bits<16>>,
    asked: Signal<Local, Bit>,
    last: Constant<Bits<3>>,
}

default_block! { Store<L>, [const L: usize] {
    rdata = from_fn(|_| Default::default()),
    last = Constant::new((L as u64 / 4 - 1).into());
    clock reset start command taken busy done stalled pad raddr request_valid request_ready request_address request_beats
    request_turn data_valid data_ready data finished fields rows lanes state at index
    owed open gone_open answered gone turn leaves now_open now_gone now_answered of_gone
    runs moves ends advances next_at asked
} }

impl<const L: usize> Logic for Store<L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, at, index, owed, open, gone_open, answered, turn);
        clock!(self, clock, rows, gone);
        self.rows.reset.next = self.reset.val();
        self.state.reset.next = self.reset.val();
        self.index.reset.next = self.reset.val();
        self.owed.reset.next = self.reset.val();
        self.open.reset.next = self.reset.val();
        self.gone_open.reset.next = self.reset.val();
        self.answered.reset.next = self.reset.val();
        self.gone.reset.next = self.reset.val();
        self.turn.reset.next = self.reset.val();
        self.fields.command.next = self.command.val();

        self.rows.start.next = self.start.val();
        self.rows.address.next = self.fields.address.val();
        self.rows.n.next = self.fields.n.val();
        self.rows.m.next = self.fields.m.val();
        self.rows.rows.next = self.fields.rows.val();
        self.rows.width.next = self.fields.width.val();
        self.rows.n_stride.next = self.fields.n_stride.val();
        self.rows.m_stride.next = self.fields.m_stride.val();
        self.rows.row_stride.next = self.fields.row_stride.val();
        self.rows.request_ready.next = self.request_ready.val();
        self.request_valid.next = self.rows.request_valid.val();
        self.request_address.next = self.rows.request_address.val();
        self.request_beats.next = self.rows.request_beats.val();
        self.request_turn.next = self.turn.q.val();

        // Requests not answered: of the command at hand, and of those that have gone, to which answers belong first. The master
        // holds fewer than 40.
        self.asked.next = self.rows.request_valid.val() & self.request_ready.val();
        self.of_gone.next = self.finished.val() & self.gone_open.q.val().any();
        self.now_open.next = self.open.q.val();
        if self.asked.val() & (!self.finished.val() | self.of_gone.val()) {
            self.now_open.next = self.open.q.val() + 1;
        }
        if self.finished.val() & !self.of_gone.val() & !self.asked.val() {
            self.now_open.next = self.open.q.val() - 1;
        }
        self.open.d.next = self.now_open.val();
        self.now_gone.next = self.gone_open.q.val();
        self.now_answered.next = self.answered.q.val();
        if self.of_gone.val() {
            self.now_gone.next = self.gone_open.q.val() - 1;
            self.now_answered.next = self.answered.q.val() + 1;
        }
        self.gone_open.d.next = self.now_gone.val();
        self.answered.d.next = self.now_answered.val();

        // The pad's read register holds the word at hand: it is asked for again until its last beat moves.
        self.runs.next = self.state.q.val() == StoreState::Run;
        self.moves.next = self.runs.val() & self.data_ready.val();
        self.ends.next = self.index.q.val() == self.last.val();
        self.advances.next = self.moves.val() & self.ends.val();
        if self.moves.val() {
            self.index.d.next = self.index.q.val() + 1;
            self.owed.d.next = self.owed.q.val() - 1;
        }
        if self.asked.val() {
            self.owed.d.next = self.owed.q.val() + self.rows.request_beats.val();
            if self.moves.val() {
                self.owed.d.next = self.owed.q.val() + self.rows.request_beats.val() - 1;
            }
        }
        if self.advances.val() {
            self.index.d.next = 0.into();
        }
        self.next_at.next = self.at.q.val();
        if self.advances.val() {
            self.next_at.next = self.at.q.val() + 1;
        }
        self.at.d.next = self.next_at.val();
        // The command leaves when every beat is out, and is done when its requests are answered.
        self.leaves.next = self.runs.val()
            & !self.rows.active.val()
            & !self.owed.q.val().any()
            & self.gone.in_ready.val();
        self.taken.next = self.leaves.val();
        self.gone.in_valid.next = self.leaves.val();
        self.gone.in_data.next = self.now_open.val();
        self.done.next =
            self.gone.out_valid.val() & !(self.answered.q.val() < self.gone.out_data.val());
        self.gone.out_ready.next = self.done.val();
        if self.done.val() {
            self.answered.d.next = self.now_answered.val() - self.gone.out_data.val();
        }
        if self.leaves.val() {
            self.open.d.next = 0.into();
            self.gone_open.d.next = self.now_gone.val() + self.now_open.val();
            self.turn.d.next = self.turn.q.val() + 1;
        }

        match self.state.q.val() {
            StoreState::Idle => {
                if self.start.val() {
                    self.state.d.next = StoreState::Prime;
                    self.at.d.next = self.fields.base.val();
                    self.index.d.next = 0.into();
                }
            }
            StoreState::Prime => {
                self.state.d.next = StoreState::Run;
            }
            _ => {
                if self.leaves.val() {
                    self.state.d.next = StoreState::Idle;
                }
            }
        }

        self.lanes.index.next = self.index.q.val();
        for i in 0..L {
            self.lanes.word[i].next = self.rdata[i].val();
        }
        self.data.next = self.lanes.beat.val();
        self.data_valid.next = self.runs.val();
        self.raddr.next = self.next_at.val();
        self.pad.next = self.fields.pad.val().get_bit(0);
        self.busy.next = (self.state.q.val() != StoreState::Idle) | self.gone.out_valid.val();
        self.stalled.next = self.busy.val() & !self.moves.val() & !self.done.val();
    }
}
