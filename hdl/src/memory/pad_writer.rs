//! Pad writer: the order of a padded box. For every word of a load it says whether it comes from DDR or is zero, and
//! where it goes. It has no data path: the load unit puts lanes and zeros together.
//!
//! | port | meaning |
//! |---|---|
//! | `start` | pulse: begin the box described by the fields, which stay until done |
//! | `top` … `width` | as in the load command |
//! | `word_valid`, `word_ready` | stream of the words from DDR, taken in order |
//! | `we`, `waddr`, `zero` | write a word at `waddr`: zeros, or the word at hand |
//! | `busy`, `done` | as the units have them |
//!
//! One word a cycle; the first two cycles after `start` later. `done` is the cycle after the last write. Reset state:
//! idle. `waddr` wraps at 2^16. A box of no rows at all is done at once.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// What the writer is at.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub(crate) enum PadState {
    Idle,
    Prime,
    Run,
    Finish,
}

/// Pad writer.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct PadWriter {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub top: Signal<In, Bits<8>>,
    pub bottom: Signal<In, Bits<8>>,
    pub left: Signal<In, Bits<8>>,
    pub right: Signal<In, Bits<8>>,
    pub base: Signal<In, Bits<16>>,
    pub n: Signal<In, Bits<16>>,
    pub m: Signal<In, Bits<16>>,
    pub rows: Signal<In, Bits<16>>,
    pub width: Signal<In, Bits<16>>,
    pub word_valid: Signal<In, Bit>,
    pub word_ready: Signal<Out, Bit>,
    pub we: Signal<Out, Bit>,
    pub waddr: Signal<Out, Bits<16>>,
    pub zero: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    pub done: Signal<Out, Bit>,
    state: Reg<PadState>,
    at: Dff<Bits<16>>,
    col: Dff<Bits<17>>,
    row: Dff<Bits<17>>,
    m_left: Dff<Bits<16>>,
    n_left: Dff<Bits<16>>,
    box_right: Dff<Bits<17>>,
    box_bottom: Dff<Bits<17>>,
    cols_all: Dff<Bits<17>>,
    rows_all: Dff<Bits<17>>,
    wide_left: Signal<Local, Bits<17>>,
    wide_right: Signal<Local, Bits<17>>,
    wide_top: Signal<Local, Bits<17>>,
    wide_bottom: Signal<Local, Bits<17>>,
    wide_width: Signal<Local, Bits<17>>,
    wide_rows: Signal<Local, Bits<17>>,
    after_left: Signal<Local, Bit>,
    before_right: Signal<Local, Bit>,
    after_top: Signal<Local, Bit>,
    before_bottom: Signal<Local, Bit>,
    in_box: Signal<Local, Bit>,
    runs: Signal<Local, Bit>,
    steps: Signal<Local, Bit>,
    next_col: Signal<Local, Bits<17>>,
    next_row: Signal<Local, Bits<17>>,
    last_col: Signal<Local, Bit>,
    last_row: Signal<Local, Bit>,
    total: Signal<Local, Bits<17>>,
}

impl Logic for PadWriter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, at, col, row, m_left, n_left);
        dff_setup!(self, clock, box_right, box_bottom, cols_all, rows_all);
        self.state.reset.next = self.reset.val();

        self.wide_left.next = bit_cast::<17, 8>(self.left.val());
        self.wide_right.next = bit_cast::<17, 8>(self.right.val());
        self.wide_top.next = bit_cast::<17, 8>(self.top.val());
        self.wide_bottom.next = bit_cast::<17, 8>(self.bottom.val());
        self.wide_width.next = bit_cast::<17, 16>(self.width.val());
        self.wide_rows.next = bit_cast::<17, 16>(self.rows.val());
        self.total.next = self.box_bottom.q.val() + self.wide_bottom.val();

        self.after_left.next = !(self.col.q.val() < self.wide_left.val());
        self.before_right.next = self.col.q.val() < self.box_right.q.val();
        self.after_top.next = !(self.row.q.val() < self.wide_top.val());
        self.before_bottom.next = self.row.q.val() < self.box_bottom.q.val();
        self.in_box.next = self.after_left.val()
            & self.before_right.val()
            & self.after_top.val()
            & self.before_bottom.val();
        self.runs.next = self.state.q.val() == PadState::Run;
        self.steps.next = self.runs.val() & (self.word_valid.val() | !self.in_box.val());
        self.next_col.next = self.col.q.val() + 1;
        self.next_row.next = self.row.q.val() + 1;
        self.last_col.next = self.next_col.val() == self.cols_all.q.val();
        self.last_row.next = self.next_row.val() == self.rows_all.q.val();
        self.done.next = false;

        match self.state.q.val() {
            PadState::Idle => {
                if self.start.val() {
                    self.state.d.next = PadState::Prime;
                    self.at.d.next = self.base.val();
                    self.col.d.next = 0.into();
                    self.row.d.next = 0.into();
                    self.m_left.d.next = self.m.val();
                    self.n_left.d.next = self.n.val();
                    self.box_right.d.next = self.wide_left.val() + self.wide_width.val();
                    self.box_bottom.d.next = self.wide_top.val() + self.wide_rows.val();
                }
            }
            PadState::Prime => {
                self.cols_all.d.next = self.box_right.q.val() + self.wide_right.val();
                self.rows_all.d.next = self.total.val();
                self.state.d.next = PadState::Finish;
                if self.total.val().any() {
                    self.state.d.next = PadState::Run;
                }
            }
            PadState::Run => {
                if self.steps.val() {
                    self.at.d.next = self.at.q.val() + 1;
                    self.col.d.next = self.next_col.val();
                    if self.last_col.val() {
                        self.col.d.next = 0.into();
                        self.row.d.next = self.next_row.val();
                    }
                    if self.last_col.val() & self.last_row.val() {
                        self.row.d.next = 0.into();
                        self.m_left.d.next = self.m_left.q.val() - 1;
                        if self.m_left.q.val() == 1 {
                            self.m_left.d.next = self.m.val();
                            self.n_left.d.next = self.n_left.q.val() - 1;
                            if self.n_left.q.val() == 1 {
                                self.state.d.next = PadState::Finish;
                            }
                        }
                    }
                }
            }
            _ => {
                self.done.next = true;
                self.state.d.next = PadState::Idle;
            }
        }

        self.word_ready.next = self.runs.val() & self.in_box.val();
        self.we.next = self.steps.val();
        self.waddr.next = self.at.q.val();
        self.zero.next = !self.in_box.val();
        self.busy.next = self.state.q.val() != PadState::Idle;
    }
}
