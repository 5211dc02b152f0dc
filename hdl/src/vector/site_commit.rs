//! The end of a command at its site: OR mask and counters are added to what the site holds, and at the end of the tensor
//! the exponent is brought up to date (`tandem_isa::numerics::Exponent::finish`) unless it is frozen.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `start` | 1 | pulse; the memory's read port stays on the site and the inputs stay put from the cycle before to `done` |
//! | `end`, `freeze` | 1 | the tensor is complete; leave the exponent alone |
//! | `f_acc` | s12 | format of the accumulators |
//! | `state`, `mask`, `clipped`, `underflow` | | what the site holds |
//! | `add_mask`, `add_clipped`, `add_underflow` | | what the command found |
//! | `write_*`, `new_*` | | to [`SiteMemory`](super::SiteMemory) |
//! | `done` | 1 | pulse, 3 cycles after `start`: everything is written at this edge |
//!
//! Reset state: idle.
use super::Bitlen;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Merges a command's findings into its site.
#[derive(LogicBlock, Default)]
pub struct SiteCommit {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// The tensor is complete.
    pub complete: Signal<In, Bit>,
    /// Leave the exponent alone.
    pub freeze: Signal<In, Bit>,
    /// Format of the accumulators, s12.
    pub f_acc: Signal<In, Bits<12>>,
    /// State of the site.
    pub state: Signal<In, Bits<24>>,
    /// OR mask of the site.
    pub mask: Signal<In, Bits<48>>,
    /// Clipped values of the site.
    pub clipped: Signal<In, Bits<32>>,
    /// Underflows of the site.
    pub underflow: Signal<In, Bits<32>>,
    /// OR mask of the command.
    pub add_mask: Signal<In, Bits<48>>,
    /// Clipped values of the command.
    pub add_clipped: Signal<In, Bits<32>>,
    /// Underflows of the command.
    pub add_underflow: Signal<In, Bits<32>>,
    /// Write mask and counters.
    pub write_totals: Signal<Out, Bit>,
    /// New mask.
    pub new_mask: Signal<Out, Bits<48>>,
    /// New clipped values.
    pub new_clipped: Signal<Out, Bits<32>>,
    /// New underflows.
    pub new_underflow: Signal<Out, Bits<32>>,
    /// Write the state.
    pub write_state: Signal<Out, Bit>,
    /// New state.
    pub new_state: Signal<Out, Bits<24>>,
    /// Everything is written.
    pub done: Signal<Out, Bit>,
    merge: Reg<Bit>,
    measure: Reg<Bit>,
    decide: Reg<Bit>,
    held: Dff<Bits<48>>,
    any: Dff<Bit>,
    seen: Signal<Local, Bits<12>>,
    length: Bitlen,
    merged: Signal<Local, Bits<48>>,
    length_wide: Signal<Local, Bits<12>>,
    e_new: Signal<Local, Bits<8>>,
    e_old: Signal<Local, Bits<8>>,
    high_new: Signal<Local, Bits<8>>,
    high_old: Signal<Local, Bits<8>>,
    count: Signal<Local, Bits<4>>,
    e: Signal<Local, Bits<8>>,
    cnt: Signal<Local, Bits<4>>,
    e_word: Signal<Local, Bits<24>>,
    cnt_word: Signal<Local, Bits<24>>,
    cnt_high: Signal<Local, Bits<24>>,
    kept: Signal<Local, Bits<24>>,
}

impl Logic for SiteCommit {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, merge, measure, decide, held, any);
        clock!(self, clock, length);
        self.merge.reset.next = self.reset.val();
        self.measure.reset.next = self.reset.val();
        self.decide.reset.next = self.reset.val();
        self.merge.d.next = self.start.val();
        self.measure.d.next = self.merge.q.val();
        self.decide.d.next = self.measure.q.val();

        self.merged.next = self.mask.val() | self.add_mask.val();
        self.held.d.next = self.merged.val();
        self.length.mask.next = self.held.q.val();
        self.length.enable.next = self.measure.q.val();
        self.length_wide.next = bit_cast::<12, 6>(self.length.length.val());
        self.write_totals.next = self.merge.q.val();
        self.new_mask.next = self.merged.val();
        if self.complete.val() {
            self.new_mask.next = 0.into();
        }
        self.new_clipped.next = self.clipped.val() + self.add_clipped.val();
        self.new_underflow.next = self.underflow.val() + self.add_underflow.val();
        self.any.d.next = self.held.q.val().any();

        self.seen.next = self.length_wide.val() - self.f_acc.val();

        // The magnitude seen, limited to what the state can hold.
        self.e_new.next = bit_cast::<8, 12>(self.seen.val());
        if self.seen.val().get_bit(11) {
            if self.seen.val() < 0xf80 {
                self.e_new.next = 0x80.into();
            }
        } else if self.seen.val() > 0x7f {
            self.e_new.next = 0x7f.into();
        }
        self.e_old.next = bit_cast::<8, 24>(self.state.val());
        self.count.next = self.state.val().get_bits::<4>(8);
        // With the sign bit flipped, an unsigned comparison orders signed values.
        self.high_new.next = self.e_new.val() ^ 0x80;
        self.high_old.next = self.e_old.val() ^ 0x80;
        self.e.next = self.e_old.val();
        self.cnt.next = 0.into();
        if !self.state.val().get_bit(12) | (self.high_new.val() > self.high_old.val()) {
            self.e.next = self.e_new.val();
        } else if self.high_new.val() < self.high_old.val() {
            self.cnt.next = self.count.val() + 1;
            if self.count.val() == 15 {
                self.e.next = self.e_old.val() - 1;
            }
        }
        self.e_word.next = bit_cast::<24, 8>(self.e.val());
        self.cnt_word.next = bit_cast::<24, 4>(self.cnt.val());
        self.cnt_high.next = self.cnt_word.val() << 8;
        self.kept.next = self.state.val() & 0xff0000;
        self.new_state.next = self.kept.val() | self.cnt_high.val() | self.e_word.val() | 0x1000;
        self.write_state.next =
            self.decide.q.val() & self.complete.val() & !self.freeze.val() & self.any.q.val();
        self.done.next = self.decide.q.val();
    }
}
