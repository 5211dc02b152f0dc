//! Load unit: copies a box of words from DDR to a scratchpad and writes zeros around each plane. What a load command
//! means stands in `tandem_isa::command::Load`.
//!
//! ```text
//! command ─► rows ─► requests (run ahead)         ┌► we, pad, waddr, wskew
//!         └► pad writer ──────────────────────────┤
//! data ────► word assembler ─► lanes, or zeros ───┴► wdata
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `start`, `command`, `taken`, `busy`, `done`, `stalled` | unit protocol, four commands in flight; `stalled`: waiting for data. No error of its own: the master reports what memory does |
//! | `we`, `pad`, `waddr`, `wskew`, `wdata` | write port of the pads; the pad takes the word at the end of the cycle |
//! | `request_*` | {valid, ready, address, beats, turn} to the master's load client; `turn`: number of the command mod 4 |
//! | `data_*` | {valid, ready, data} from it |
//!
//! The requests of a command go out while the words of the one before it are still coming (`taken`: they are out, and the command stands in the
//! writer's queue of two), so that the bus never waits for a command to end.
//!
//! Throughput: a beat a cycle, a zero word a cycle; while zeros are written one word of data may wait. First request 2
//! cycles after `start`; `done` the cycle after the last write. A load that lost its data to an error waits for `reset`.
//! Reset state: idle. L is 4, 8, 16 or 32 lanes.
use super::assemble::Assemble;
use super::pad_writer::PadWriter;
use super::rows::Rows;
use crate::control::decode::LoadFields;
use crate::leaf::{Fifo, Reg, RegEn};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Load unit.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Load<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub command: Signal<In, Bits<512>>,
    pub taken: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    pub done: Signal<Out, Bit>,
    pub stalled: Signal<Out, Bit>,
    pub we: Signal<Out, Bit>,
    pub pad: Signal<Out, Bits<2>>,
    pub waddr: Signal<Out, Bits<16>>,
    pub wskew: Signal<Out, Bit>,
    pub wdata: [Signal<Out, Bits<16>>; L],
    pub request_valid: Signal<Out, Bit>,
    pub request_ready: Signal<In, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_beats: Signal<Out, Bits<24>>,
    pub request_turn: Signal<Out, Bits<2>>,
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    fields: LoadFields,
    kept: RegEn<Bits<512>>,
    written: LoadFields,
    asking: Reg<Bit>,
    unwritten: Reg<Bit>,
    queued: Fifo<Bits<512>, 1>,
    begins: Reg<Bit>,
    turn: Reg<Bits<2>>,
    hands_over: Signal<Local, Bit>,
    leaves: Signal<Local, Bit>,
    rows: Rows<L>,
    assemble: Assemble<L>,
    writer: PadWriter,
}

default_block! { Load<L>, [const L: usize] {
    wdata = from_fn(|_| Default::default());
    clock reset start command taken busy done stalled we pad waddr wskew
    request_valid request_ready request_address request_beats request_turn data_valid data_ready data
    fields kept written asking unwritten queued begins turn hands_over leaves rows assemble writer
} }

impl<const L: usize> Logic for Load<L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, asking, unwritten, begins, turn);
        clock!(self, clock, rows, assemble, writer, kept, queued);
        self.kept.reset.next = self.reset.val();
        self.queued.reset.next = self.reset.val();
        self.asking.reset.next = self.reset.val();
        self.unwritten.reset.next = self.reset.val();
        self.begins.reset.next = self.reset.val();
        self.turn.reset.next = self.reset.val();
        self.rows.reset.next = self.reset.val();
        self.assemble.reset.next = self.reset.val();
        self.writer.reset.next = self.reset.val();
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

        // The command goes on to the writer's queue, and leaves when all is asked for, too.
        self.queued.in_valid.next = self.unwritten.q.val();
        self.queued.in_data.next = self.command.val();
        if self.queued.in_ready.val() {
            self.unwritten.d.next = false;
        }
        self.hands_over.next = self.queued.out_valid.val()
            & (!self.writer.busy.val() | self.writer.done.val())
            & !self.begins.q.val();
        self.leaves.next = self.asking.q.val() & !self.unwritten.q.val() & !self.rows.active.val();
        self.begins.d.next = self.hands_over.val();
        self.queued.out_ready.next = self.hands_over.val();
        if self.leaves.val() {
            self.asking.d.next = false;
            self.turn.d.next = self.turn.q.val() + 1;
        }
        if self.start.val() {
            self.asking.d.next = true;
            self.unwritten.d.next = true;
        }
        self.kept.enable.next = self.hands_over.val();
        self.kept.d.next = self.queued.out_data.val();
        self.written.command.next = self.kept.q.val();
        self.taken.next = self.leaves.val();

        self.assemble.data_valid.next = self.data_valid.val();
        self.assemble.data.next = self.data.val();
        self.assemble.word_ready.next = self.writer.word_ready.val();
        self.data_ready.next = self.assemble.data_ready.val();

        self.writer.start.next = self.begins.q.val();
        self.writer.top.next = self.written.top.val();
        self.writer.bottom.next = self.written.bottom.val();
        self.writer.left.next = self.written.left.val();
        self.writer.right.next = self.written.right.val();
        self.writer.base.next = self.written.base.val();
        self.writer.n.next = self.written.n.val();
        self.writer.m.next = self.written.m.val();
        self.writer.rows.next = self.written.rows.val();
        self.writer.width.next = self.written.width.val();
        self.writer.word_valid.next = self.assemble.word_valid.val();

        self.we.next = self.writer.we.val();
        self.waddr.next = self.writer.waddr.val();
        self.pad.next = self.written.pad.val().get_bits::<2>(0);
        self.wskew.next = self.written.skew.val();
        for i in 0..L {
            self.wdata[i].next = self.assemble.word[i].val();
        }
        if self.writer.zero.val() {
            for i in 0..L {
                self.wdata[i].next = 0.into();
            }
        }
        self.busy.next = self.asking.q.val()
            | self.queued.out_valid.val()
            | self.begins.q.val()
            | self.writer.busy.val();
        self.done.next = self.writer.done.val();
        self.stalled.next = self.busy.val() & !self.writer.we.val() & !self.writer.done.val();
    }
}
