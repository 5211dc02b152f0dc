//! The vector unit: Requant, Unpool and Update commands, one at a time, and the site table.
//!
//! ```text
//! acc ──► RequantUnit ─┐
//! V ──┬──────┘         ├─► O        SiteTable ◄─► registers, loss unit
//!     ├─► UnpoolUnit ──┤                ▲
//!     └─► UpdateUnit ──┘                └─ formats, shifts, OR mask, counters
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `start` … `error_value` | unit protocol; the only error is BadAlign with the shift, before anything is written |
//! | `acc_*` | accumulators: the grant in the same cycle, data one cycle after a granted read |
//! | `v_*`, `o_*` | read port of pad V (data in the next cycle), write port of pad O |
//! | `site_*`, `lookup_*` | registers and loss unit, see [`SiteTable`] |
//!
//! Rates: see [`RequantUnit`], [`UnpoolUnit`], [`UpdateUnit`]. Reset state: idle; the sites keep their contents. `L` lanes,
//! `U` update lanes, `R` = `L/G` requantise lanes; `E` is 1 with elastic updates, else 0.
use super::{RequantUnit, SiteTable, UnpoolUnit, UpdateUnit, WordChoice};
use crate::control::decode::{HeaderFields, RequantFields, UpdateFields};
use rust_hdl::prelude::*;
use std::array::from_fn;
use tandem_isa::command::{Unpool, Update, NO_SITE};
use tandem_isa::ErrorCode;

/// The vector unit.
#[derive(LogicBlock)]
pub struct VectorUnit<
    const L: usize,
    const U: usize,
    const E: usize,
    const R: usize,
    const G: usize,
> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Pulse: run `command`.
    pub start: Signal<In, Bit>,
    /// The command, stable until done.
    pub command: Signal<In, Bits<512>>,
    /// Running.
    pub busy: Signal<Out, Bit>,
    /// Pulse: finished.
    pub done: Signal<Out, Bit>,
    /// An accumulator read was refused.
    pub stalled: Signal<Out, Bit>,
    /// Pulse: the command cannot be done.
    pub error: Signal<Out, Bit>,
    /// Why.
    pub error_code: Signal<Out, Bits<8>>,
    /// The value at fault.
    pub error_value: Signal<Out, Bits<32>>,
    /// Read an accumulator word.
    pub acc_read: Signal<Out, Bit>,
    /// Its address.
    pub acc_addr: Signal<Out, Bits<16>>,
    /// It is being read.
    pub acc_grant: Signal<In, Bit>,
    /// Its lanes, s48, one cycle later.
    pub acc_data: [Signal<In, Bits<48>>; L],
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// Its lanes, s16, one cycle later.
    pub v_data: [Signal<In, Bits<16>>; L],
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// Its lanes.
    pub o_data: [Signal<Out, Bits<16>>; L],
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
    header: HeaderFields,
    fields: RequantFields,
    update_fields: UpdateFields,
    sites: SiteTable,
    requant: RequantUnit<L, R, G>,
    unpool: UnpoolUnit<L>,
    stepper: UpdateUnit<L, U, E>,
    choice: WordChoice<L>,
    unpool_code: Constant<Bits<8>>,
    update_code: Constant<Bits<8>>,
    bad_align: Constant<Bits<8>>,
    no_site: Constant<Bits<8>>,
    is_unpool: Signal<Local, Bit>,
    is_update: Signal<Local, Bit>,
}

impl<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize> Default
    for VectorUnit<L, U, E, R, G>
{
    fn default() -> Self {
        let code = |n: u8| Constant::new(Bits::from(u64::from(n)));
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            stalled: Default::default(),
            error: Default::default(),
            error_code: Default::default(),
            error_value: Default::default(),
            acc_read: Default::default(),
            acc_addr: Default::default(),
            acc_grant: Default::default(),
            v_addr: Default::default(),
            o_we: Default::default(),
            o_addr: Default::default(),
            site_index: Default::default(),
            site_write: Default::default(),
            site_write_data: Default::default(),
            site_clear_clipped: Default::default(),
            site_clear_underflow: Default::default(),
            site_state: Default::default(),
            site_clipped: Default::default(),
            site_underflow: Default::default(),
            site_mask: Default::default(),
            lookup_site: Default::default(),
            lookup_f: Default::default(),
            header: Default::default(),
            fields: Default::default(),
            update_fields: Default::default(),
            sites: Default::default(),
            requant: Default::default(),
            unpool: Default::default(),
            stepper: Default::default(),
            choice: Default::default(),
            is_unpool: Default::default(),
            is_update: Default::default(),
            acc_data: from_fn(|_| Default::default()),
            v_data: from_fn(|_| Default::default()),
            o_data: from_fn(|_| Default::default()),
            unpool_code: code(Unpool::OPCODE),
            update_code: code(Update::OPCODE),
            bad_align: code(ErrorCode::BadAlign as u8),
            no_site: code(NO_SITE),
        }
    }
}

impl<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize> Logic
    for VectorUnit<L, U, E, R, G>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, sites, requant, unpool, stepper);
        self.header.command.next = self.command.val();
        self.fields.command.next = self.command.val();
        self.update_fields.command.next = self.command.val();
        self.is_unpool.next = self.header.opcode.val() == self.unpool_code.val();
        self.is_update.next = self.header.opcode.val() == self.update_code.val();

        self.requant.reset.next = self.reset.val();
        self.unpool.reset.next = self.reset.val();
        self.stepper.reset.next = self.reset.val();
        self.requant.command.next = self.command.val();
        self.unpool.command.next = self.command.val();
        self.stepper.command.next = self.command.val();
        self.requant.start.next = self.start.val() & !self.is_unpool.val() & !self.is_update.val();
        self.unpool.start.next = self.start.val() & self.is_unpool.val();
        self.stepper.start.next = self.start.val() & self.is_update.val();
        self.busy.next = self.requant.busy.val() | self.unpool.busy.val() | self.stepper.busy.val();
        self.done.next = self.requant.done.val() | self.unpool.done.val() | self.stepper.done.val();
        self.stalled.next = self.requant.stalled.val();
        self.error.next = self.requant.error.val();
        self.error_code.next = self.bad_align.val();
        self.error_value.next = bit_cast::<32, 12>(self.sites.skip_left.val());
        if self.fields.bias.val() & self.sites.bias_far.val() {
            self.error_value.next = bit_cast::<32, 12>(self.sites.bias_left.val());
        }

        // Memories: one command runs at a time.
        self.acc_read.next = self.requant.acc_read.val();
        self.acc_addr.next = self.requant.acc_addr.val();
        self.requant.acc_grant.next = self.acc_grant.val();
        self.choice.update.next = self.is_update.val();
        self.choice.momentum.next = self.stepper.o_momentum.val();
        self.choice.index.next = self.requant.o_index.val();
        self.choice.unpool.next = self.is_unpool.val();
        self.v_addr.next = self.requant.v_addr.val();
        self.o_we.next = self.requant.o_we.val();
        self.o_addr.next = self.requant.o_addr.val();
        for i in 0..L {
            self.requant.acc_data[i].next = self.acc_data[i].val();
            self.requant.v_data[i].next = self.v_data[i].val();
            self.unpool.v_data[i].next = self.v_data[i].val();
            self.stepper.v_data[i].next = self.v_data[i].val();
            self.choice.finished[i].next = self.requant.o_data[i].val();
            self.choice.indices[i].next = self.requant.o_indices[i].val();
            self.choice.unpooled[i].next = self.unpool.o_data[i].val();
            self.choice.weights[i].next = self.stepper.o_data[i].val();
            self.choice.momenta[i].next = self.stepper.o_momenta[i].val();
            self.o_data[i].next = self.choice.word[i].val();
        }
        if self.is_unpool.val() {
            self.v_addr.next = self.unpool.v_addr.val();
            self.o_we.next = self.unpool.o_we.val();
            self.o_addr.next = self.unpool.o_addr.val();
        }
        if self.is_update.val() {
            self.v_addr.next = self.stepper.v_addr.val();
            self.o_we.next = self.stepper.o_we.val();
            self.o_addr.next = self.stepper.o_addr.val();
        }

        // Sites.
        self.sites.reset.next = self.reset.val();
        self.sites.start.next = self.start.val() & !self.is_unpool.val();
        self.sites.site.next = self.fields.site.val();
        self.sites.site_a.next = self.fields.site_a.val();
        self.sites.site_b.next = self.fields.site_b.val();
        self.sites.skip_site.next = self.fields.skip_site.val();
        self.sites.f.next = self.fields.f.val();
        self.sites.skip_f.next = self.fields.skip_f.val();
        if self.is_update.val() {
            self.sites.site_a.next = self.update_fields.site_d.val();
            self.sites.site_b.next = self.no_site.val();
            self.sites.f.next = self.update_fields.f.val();
        }
        self.requant.looked_up.next = self.sites.looked_up.val();
        self.requant.bias_far.next = self.sites.bias_far.val();
        self.requant.skip_far.next = self.sites.skip_far.val();
        self.requant.bias_shift.next = self.sites.bias_shift.val();
        self.requant.skip_shift.next = self.sites.skip_shift.val();
        self.requant.s.next = self.sites.s.val();
        self.stepper.looked_up.next = self.sites.looked_up.val();
        self.stepper.f_d.next = self.sites.f_acc.val();
        self.sites.name_f.next = self.requant.name_f.val();
        self.sites.settle.next = self.requant.settle.val();
        self.sites.commit.next = self.requant.commit.val();
        self.requant.committed.next = self.sites.committed.val();
        self.sites.complete.next = self.fields.last.val();
        self.sites.freeze.next = self.fields.freeze.val();
        self.sites.add_mask.next = self.requant.mask.val();
        self.sites.add_clipped.next = self.requant.clipped.val();
        self.sites.add_underflow.next = self.requant.underflow.val();
        self.sites.site_index.next = self.site_index.val();
        self.sites.site_write.next = self.site_write.val();
        self.sites.site_write_data.next = self.site_write_data.val();
        self.sites.site_clear_clipped.next = self.site_clear_clipped.val();
        self.sites.site_clear_underflow.next = self.site_clear_underflow.val();
        self.site_state.next = self.sites.site_state.val();
        self.site_clipped.next = self.sites.site_clipped.val();
        self.site_underflow.next = self.sites.site_underflow.val();
        self.site_mask.next = self.sites.site_mask.val();
        self.sites.lookup_site.next = self.lookup_site.val();
        self.lookup_f.next = self.sites.lookup_f.val();
    }
}

#[cfg(test)]
#[path = "unit_tests.rs"]
mod tests;
