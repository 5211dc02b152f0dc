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
//! | `start`, `command`, `busy`, `done`, `stalled` | unit protocol; `stalled`: waiting for data. No error of its own: the master reports what memory does |
//! | `we`, `pad`, `waddr`, `wskew`, `wdata` | write port of the pads; the pad takes the word at the end of the cycle |
//! | `request_*` | {valid, ready, address, beats} to the master's load client |
//! | `data_*` | {valid, ready, data} from it |
//!
//! Throughput: a beat a cycle, a zero word a cycle; while zeros are written one word of data may wait. First request 2
//! cycles after `start`; `done` the cycle after the last write. A load that lost its data to an error waits for `reset`.
//! Reset state: idle. L is 4, 8, 16 or 32 lanes.
use super::assemble::Assemble;
use super::pad_writer::PadWriter;
use super::rows::Rows;
use crate::control::decode::LoadFields;
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
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    fields: LoadFields,
    rows: Rows<L>,
    assemble: Assemble<L>,
    writer: PadWriter,
}

default_block! { Load<L>, [const L: usize] {
    wdata = from_fn(|_| Default::default());
    clock reset start command busy done stalled we pad waddr wskew
    request_valid request_ready request_address request_beats data_valid data_ready data
    fields rows assemble writer
} }

impl<const L: usize> Logic for Load<L> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, rows, assemble, writer);
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

        self.assemble.data_valid.next = self.data_valid.val();
        self.assemble.data.next = self.data.val();
        self.assemble.word_ready.next = self.writer.word_ready.val();
        self.data_ready.next = self.assemble.data_ready.val();

        self.writer.start.next = self.start.val();
        self.writer.top.next = self.fields.top.val();
        self.writer.bottom.next = self.fields.bottom.val();
        self.writer.left.next = self.fields.left.val();
        self.writer.right.next = self.fields.right.val();
        self.writer.base.next = self.fields.base.val();
        self.writer.n.next = self.fields.n.val();
        self.writer.m.next = self.fields.m.val();
        self.writer.rows.next = self.fields.rows.val();
        self.writer.width.next = self.fields.width.val();
        self.writer.word_valid.next = self.assemble.word_valid.val();

        self.we.next = self.writer.we.val();
        self.waddr.next = self.writer.waddr.val();
        self.pad.next = self.fields.pad.val().get_bits::<2>(0);
        self.wskew.next = self.fields.skew.val();
        for i in 0..L {
            self.wdata[i].next = self.assemble.word[i].val();
        }
        if self.writer.zero.val() {
            for i in 0..L {
                self.wdata[i].next = 0.into();
            }
        }
        self.busy.next = self.writer.busy.val();
        self.done.next = self.writer.done.val();
        self.stalled.next =
            self.writer.busy.val() & !self.writer.we.val() & !self.writer.done.val();
    }
}
