//! The requantise sites: what they hold ([`SiteMemory`]), what a command starts with ([`SiteLookup`]) and what it leaves
//! behind ([`SiteCommit`]).
//!
//! | port | meaning |
//! |---|---|
//! | `start` … `named` | see [`SiteLookup`]: `looked_up` comes 7 cycles after `start` |
//! | `name_f` | pulse after `looked_up`: the site's F becomes the format of the result |
//! | `settle` | high from the cycle before `commit` until `committed` |
//! | `commit`, `complete`, `freeze`, `add_*` | see [`SiteCommit`]: `committed` comes 3 cycles after `commit` |
//! | `site_*`, `lookup_*` | see [`SiteMemory`] |
//!
//! One command at a time. Reset ends what is under way; the sites keep their contents.
use super::{SiteCommit, SiteLookup, SiteMemory};
use rust_hdl::prelude::*;

/// 256 requantise sites.
#[derive(LogicBlock, Default)]
pub struct SiteTable {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin a lookup.
    pub start: Signal<In, Bit>,
    /// Site of the result.
    pub site: Signal<In, Bits<8>>,
    /// Site of the first operand.
    pub site_a: Signal<In, Bits<8>>,
    /// Site of the second operand.
    pub site_b: Signal<In, Bits<8>>,
    /// Site of the skip operand.
    pub skip_site: Signal<In, Bits<8>>,
    /// Constant part of f_acc, s8.
    pub f: Signal<In, Bits<8>>,
    /// Constant part of f_skip, s8.
    pub skip_f: Signal<In, Bits<8>>,
    /// The lookup is done.
    pub looked_up: Signal<Out, Bit>,
    /// Format of the accumulators, s12.
    pub f_acc: Signal<Out, Bits<12>>,
    /// Left shift of the bias, s12.
    pub bias_left: Signal<Out, Bits<12>>,
    /// Left shift of the skip operand, s12.
    pub skip_left: Signal<Out, Bits<12>>,
    /// Left shift of the bias, limited, s6.
    pub bias_shift: Signal<Out, Bits<6>>,
    /// Left shift of the skip operand, limited, s6.
    pub skip_shift: Signal<Out, Bits<6>>,
    /// The bias cannot be aligned.
    pub bias_far: Signal<Out, Bit>,
    /// The skip operand cannot be aligned.
    pub skip_far: Signal<Out, Bit>,
    /// Right shift of the result.
    pub s: Signal<Out, Bits<6>>,
    /// Set the site's F.
    pub name_f: Signal<In, Bit>,
    /// Read the site for the commit.
    pub settle: Signal<In, Bit>,
    /// Begin the commit.
    pub commit: Signal<In, Bit>,
    /// The tensor is complete.
    pub complete: Signal<In, Bit>,
    /// Leave the exponent alone.
    pub freeze: Signal<In, Bit>,
    /// OR mask of the command.
    pub add_mask: Signal<In, Bits<48>>,
    /// Clipped values of the command.
    pub add_clipped: Signal<In, Bits<32>>,
    /// Underflows of the command.
    pub add_underflow: Signal<In, Bits<32>>,
    /// The commit is done.
    pub committed: Signal<Out, Bit>,
    /// Site the registers show.
    pub site_index: Signal<In, Bits<8>>,
    /// Set its state.
    pub site_write: Signal<In, Bit>,
    /// State to set, as SITE_STATE.
    pub site_write_data: Signal<In, Bits<32>>,
    /// Clear its clipped values.
    pub site_clear_clipped: Signal<In, Bit>,
    /// Clear its underflows.
    pub site_clear_underflow: Signal<In, Bit>,
    /// SITE_STATE.
    pub site_state: Signal<Out, Bits<32>>,
    /// SITE_CLIPPED.
    pub site_clipped: Signal<Out, Bits<32>>,
    /// SITE_UNDERFLOW.
    pub site_underflow: Signal<Out, Bits<32>>,
    /// SITE_MASK and SITE_MASK_HI.
    pub site_mask: Signal<Out, Bits<48>>,
    /// Site the loss unit asks for.
    pub lookup_site: Signal<In, Bits<8>>,
    /// Its F, s8.
    pub lookup_f: Signal<Out, Bits<8>>,
    memory: SiteMemory,
    finder: SiteLookup,
    merger: SiteCommit,
}

impl Logic for SiteTable {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, memory, finder, merger);
        self.finder.reset.next = self.reset.val();
        self.finder.start.next = self.start.val();
        self.finder.site.next = self.site.val();
        self.finder.site_a.next = self.site_a.val();
        self.finder.site_b.next = self.site_b.val();
        self.finder.skip_site.next = self.skip_site.val();
        self.finder.f.next = self.f.val();
        self.finder.skip_f.next = self.skip_f.val();
        self.finder.state.next = self.memory.state.val();
        self.looked_up.next = self.finder.done.val();
        self.f_acc.next = self.finder.f_acc.val();
        self.bias_left.next = self.finder.bias_left.val();
        self.skip_left.next = self.finder.skip_left.val();
        self.bias_shift.next = self.finder.bias_shift.val();
        self.skip_shift.next = self.finder.skip_shift.val();
        self.bias_far.next = self.finder.bias_far.val();
        self.skip_far.next = self.finder.skip_far.val();
        self.s.next = self.finder.s.val();

        self.merger.reset.next = self.reset.val();
        self.merger.start.next = self.commit.val();
        self.merger.complete.next = self.complete.val();
        self.merger.freeze.next = self.freeze.val();
        self.merger.f_acc.next = self.finder.f_acc.val();
        self.merger.state.next = self.memory.state.val();
        self.merger.mask.next = self.memory.mask.val();
        self.merger.clipped.next = self.memory.clipped.val();
        self.merger.underflow.next = self.memory.underflow.val();
        self.merger.add_mask.next = self.add_mask.val();
        self.merger.add_clipped.next = self.add_clipped.val();
        self.merger.add_underflow.next = self.add_underflow.val();
        self.committed.next = self.merger.done.val();

        self.memory.read_site.next = self.finder.read_site.val();
        if self.settle.val() {
            self.memory.read_site.next = self.site.val();
        }
        self.memory.write_site.next = self.site.val();
        self.memory.write_state.next = self.merger.write_state.val() | self.name_f.val();
        self.memory.new_state.next = self.merger.new_state.val();
        if self.name_f.val() {
            self.memory.new_state.next = self.finder.named.val();
        }
        self.memory.write_totals.next = self.merger.write_totals.val();
        self.memory.new_mask.next = self.merger.new_mask.val();
        self.memory.new_clipped.next = self.merger.new_clipped.val();
        self.memory.new_underflow.next = self.merger.new_underflow.val();

        self.memory.site_index.next = self.site_index.val();
        self.memory.site_write.next = self.site_write.val();
        self.memory.site_write_data.next = self.site_write_data.val();
        self.memory.site_clear_clipped.next = self.site_clear_clipped.val();
        self.memory.site_clear_underflow.next = self.site_clear_underflow.val();
        self.site_state.next = self.memory.site_state.val();
        self.site_clipped.next = self.memory.site_clipped.val();
        self.site_underflow.next = self.memory.site_underflow.val();
        self.site_mask.next = self.memory.site_mask.val();
        self.memory.lookup_site.next = self.lookup_site.val();
        self.lookup_f.next = self.memory.lookup_f.val();
    }
}

#[cfg(test)]
#[path = "site_table_tests.rs"]
mod tests;
