//! Where each sum goes: turns the sequencer's issues into requests of the first accumulator lane. Addresses of operands are the
//! sequencer's.
//!
//! Ports: `take` in the cycle before a command's first issue; its fields from the next cycle on, 2R cycles at least; `issue`, `first`, `last` of each
//! pixel as it is issued, `sums` with the last of a command that wants its column sums. Requests
//! {`valid`, `overwrite`, `address`}: weight-stationary one a pixel, R+4 cycles after its issue, to `acc_base` + pixel, adding from the second
//! pass on; output-stationary R a pass, one a cycle from 7 cycles after its last issue on, to
//! `acc_base` + pass·C + group·R + row, and one more with `sums`, to the next word. `accumulate`: none overwrites.
//! Commands may follow one another while requests of the one before are to come, if `keep` stays. Lasts of output-stationary passes are R cycles
//! or more apart, R+1 after `sums`. R 4 or more. Reset: no requests.
use super::Line;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Addresses of the sums of an R×C array.
#[derive(Clone, Debug, LogicBlock)]
pub struct SumAddress<const R: usize, const C: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A command's passes begin.
    pub take: Signal<In, Bit>,
    /// Output-stationary.
    pub keep: Signal<In, Bit>,
    /// Add to what is there.
    pub accumulate: Signal<In, Bit>,
    /// Row groups.
    pub groups: Signal<In, Bits<8>>,
    /// First word.
    pub acc_base: Signal<In, Bits<16>>,
    /// A pixel is issued.
    pub issue: Signal<In, Bit>,
    /// It is the first of its pass.
    pub first: Signal<In, Bit>,
    /// It is the last of its pass.
    pub last: Signal<In, Bit>,
    /// And column sums follow.
    pub sums: Signal<In, Bit>,
    /// A sum arrives in the next cycle.
    pub valid: Signal<Out, Bit>,
    /// It replaces the word.
    pub overwrite: Signal<Out, Bit>,
    /// Its word.
    pub address: Signal<Out, Bits<16>>,
    pixel: Line,
    pixel_first: Line,
    pass_end: Line,
    sums_end: Line,
    taken: Line,
    taken_kept: Line,
    adding: Dff<Bit>,
    out_valid: Reg<Bit>,
    out_overwrite: Dff<Bit>,
    out_address: Dff<Bits<16>>,
    following: Dff<Bits<16>>,
    later: Dff<Bit>,
    begun: Dff<Bit>,
    groups_left: Dff<Bits<8>>,
    rows_left: Reg<Bits<8>>,
    taps: Dff<Bits<16>>,
    tile: Dff<Bits<16>>,
    rows: Constant<Bits<16>>,
    columns: Constant<Bits<16>>,
    other_rows: Constant<Bits<8>>,
    is_later: Signal<Local, Bit>,
    now: Signal<Local, Bits<16>>,
    put: Signal<Local, Bit>,
    restart: Signal<Local, Bit>,
    fresh_row: Signal<Local, Bit>,
    next_taps: Signal<Local, Bits<16>>,
}

impl<const R: usize, const C: usize> Default for SumAddress<R, C> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            take: Default::default(),
            keep: Default::default(),
            accumulate: Default::default(),
            groups: Default::default(),
            acc_base: Default::default(),
            issue: Default::default(),
            first: Default::default(),
            last: Default::default(),
            sums: Default::default(),
            valid: Default::default(),
            overwrite: Default::default(),
            address: Default::default(),
            // One cycle less than the documented delays: requests come from registers.
            pixel: Line::new(R + 3),
            pixel_first: Line::new(R + 3),
            pass_end: Line::new(6),
            sums_end: Line::new(6),
            taken: Line::new(R + 3),
            taken_kept: Line::new(6),
            adding: Default::default(),
            out_valid: Default::default(),
            out_overwrite: Default::default(),
            out_address: Default::default(),
            following: Default::default(),
            later: Default::default(),
            begun: Default::default(),
            groups_left: Default::default(),
            rows_left: Default::default(),
            taps: Default::default(),
            tile: Default::default(),
            rows: Constant::new((R as u64).into()),
            columns: Constant::new((C as u64).into()),
            other_rows: Constant::new((R as u64 - 1).into()),
            is_later: Default::default(),
            now: Default::default(),
            put: Default::default(),
            restart: Default::default(),
            fresh_row: Default::default(),
            next_taps: Default::default(),
        }
    }
}

impl<const R: usize, const C: usize> Logic for SumAddress<R, C> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            adding,
            out_valid,
            out_overwrite,
            out_address,
            following,
            later,
            begun,
            groups_left,
            rows_left,
            taps,
            tile
        );
        clock!(
            self,
            clock,
            pixel,
            pixel_first,
            pass_end,
            sums_end,
            taken,
            taken_kept
        );
        self.pixel.reset.next = self.reset.val();
        self.pixel_first.reset.next = self.reset.val();
        self.pass_end.reset.next = self.reset.val();
        self.sums_end.reset.next = self.reset.val();
        self.taken.reset.next = self.reset.val();
        self.taken_kept.reset.next = self.reset.val();
        self.out_valid.reset.next = self.reset.val();
        self.rows_left.reset.next = self.reset.val();
        self.pixel.d.next = self.issue.val();
        self.pixel_first.d.next = self.first.val();
        self.pass_end.d.next = self.last.val();
        self.sums_end.d.next = self.sums.val();
        // A command's fields count when its requests begin.
        self.taken.d.next = self.take.val();
        self.taken_kept.d.next = self.take.val();
        self.restart.next = self.taken.q.val();
        if self.keep.val() {
            self.restart.next = self.taken_kept.q.val();
        }

        self.put.next = false;
        self.fresh_row.next = true;
        self.now.next = self.following.q.val();
        self.is_later.next = false;
        self.next_taps.next = self.taps.q.val() + self.columns.val();
        if self.keep.val() {
            if self.pass_end.q.val() {
                self.put.next = true;
                self.now.next = self.tile.q.val();
                self.rows_left.d.next = self.other_rows.val();
                if self.sums_end.q.val() {
                    self.rows_left.d.next = self.other_rows.val() + 1;
                }
                self.groups_left.d.next = self.groups_left.q.val() - 1;
                self.tile.d.next = self.tile.q.val() + self.rows.val();
                if self.groups_left.q.val() == 1 {
                    self.groups_left.d.next = self.groups.val();
                    self.taps.d.next = self.next_taps.val();
                    self.tile.d.next = self.next_taps.val();
                }
            } else if self.rows_left.q.val() != 0 {
                self.put.next = true;
                self.fresh_row.next = false;
                self.rows_left.d.next = self.rows_left.q.val() - 1;
            }
        } else if self.pixel.q.val() {
            self.put.next = true;
            self.is_later.next = self.later.q.val();
            if self.pixel_first.q.val() {
                self.now.next = self.acc_base.val();
                self.is_later.next = self.begun.q.val();
                self.later.d.next = self.begun.q.val();
                self.begun.d.next = true;
            }
        }
        self.out_valid.d.next = self.put.val();
        if self.put.val() {
            self.out_address.d.next = self.now.val();
            // Rows that follow belong to the same command as the first, whichever has begun since.
            if self.fresh_row.val() {
                self.out_overwrite.d.next = !self.adding.q.val() & !self.is_later.val();
            }
            self.following.d.next = self.now.val() + 1;
        }
        if self.restart.val() {
            self.adding.d.next = self.accumulate.val();
            self.begun.d.next = false;
            self.groups_left.d.next = self.groups.val();
            self.taps.d.next = self.acc_base.val();
            self.tile.d.next = self.acc_base.val();
        }
        self.valid.next = self.out_valid.q.val();
        self.overwrite.next = self.out_overwrite.q.val();
        self.address.next = self.out_address.q.val();
    }
}
