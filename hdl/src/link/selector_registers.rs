//! Registers of the per-class selector: its rules, freed slots, results and counters.
//!
//! Ports: the register bus (`read_data` combinational), and the selector's configuration, freed-slot stream, read port and counters.
//! Reading SEL_FREED takes a slot. Reset state: the reset values of the contract.
use super::select::{SelectorPop, SelectorRead, SelectorWrite};
use crate::leaf::RegEn;
use rust_hdl::prelude::*;
use tandem_isa::register;

/// Registers of the selector.
#[derive(LogicBlock)]
pub struct SelectorRegisters {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A register is written in this cycle.
    pub write: Signal<In, Bit>,
    /// Its byte offset.
    pub write_address: Signal<In, Bits<16>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<32>>,
    /// A register is read in this cycle.
    pub read: Signal<In, Bit>,
    /// Its byte offset.
    pub read_address: Signal<In, Bits<16>>,
    /// Its value; 0 for offsets of other blocks.
    pub read_data: Signal<Out, Bits<32>>,
    /// Selector: K.
    pub sel_k: Signal<Out, Bits<16>>,
    /// Selector: log2 of a class's stride.
    pub sel_shift: Signal<Out, Bits<4>>,
    /// Selector: key mode.
    pub sel_mode: Signal<Out, Bits<2>>,
    /// Selector: threshold.
    pub sel_threshold: Signal<Out, Bits<16>>,
    /// Selector: least confidence.
    pub sel_min_confidence: Signal<Out, Bits<16>>,
    /// Selector: spacing.
    pub sel_spacing: Signal<Out, Bits<32>>,
    /// Selector: hash key.
    pub sel_hash_key: Signal<Out, Bits<32>>,
    /// Selector: samples of an epoch.
    pub sel_refresh: Signal<Out, Bits<32>>,
    /// Selector: an event comes.
    pub sel_event_write: Signal<Out, Bit>,
    /// Selector: its class.
    pub sel_event_class: Signal<Out, Bits<16>>,
    /// Selector: slot of its sample.
    pub sel_event_slot: Signal<Out, Bits<16>>,
    /// Selector: class mask write.
    pub sel_mask_write: Signal<Out, Bit>,
    /// Selector: class of it.
    pub sel_mask_class: Signal<Out, Bits<16>>,
    /// Selector: enable of it.
    pub sel_mask_enable: Signal<Out, Bit>,
    /// Selector: clear.
    pub sel_clear: Signal<Out, Bit>,
    /// Selector: busy.
    pub sel_busy: Signal<In, Bit>,
    /// Selector: a freed slot is there.
    pub sel_freed_valid: Signal<In, Bit>,
    /// Selector: it is taken.
    pub sel_freed_ready: Signal<Out, Bit>,
    /// Selector: how many wait.
    pub sel_freed_count: Signal<In, Bits<16>>,
    /// Selector: its number.
    pub sel_freed_slot: Signal<In, Bits<16>>,
    /// Selector: class read.
    pub sel_read_class: Signal<Out, Bits<16>>,
    /// Selector: entry read.
    pub sel_read_index: Signal<Out, Bits<16>>,
    /// Selector: entries of the class.
    pub sel_read_count: Signal<In, Bits<16>>,
    /// Selector: key of the entry.
    pub sel_read_key: Signal<In, Bits<32>>,
    /// Selector: arrival of the entry.
    pub sel_read_arrival: Signal<In, Bits<32>>,
    /// Selector: slot of the entry.
    pub sel_read_slot: Signal<In, Bits<16>>,
    /// Selector: scores seen.
    pub sel_seen: Signal<In, Bits<32>>,
    /// Selector: scores kept.
    pub sel_kept: Signal<In, Bits<32>>,
    /// Selector: scores that replaced.
    pub sel_replaced: Signal<In, Bits<32>>,
    /// Selector: scores rejected.
    pub sel_rejected: Signal<In, Bits<32>>,
    selector_read: SelectorRead,
    selector_write: SelectorWrite,
    selector_pop: SelectorPop,
    k: RegEn<Bits<32>>,
    shift: RegEn<Bits<32>>,
    mode: RegEn<Bits<32>>,
    threshold: RegEn<Bits<32>>,
    min_confidence: RegEn<Bits<32>>,
    spacing: RegEn<Bits<32>>,
    hash_key: RegEn<Bits<32>>,
    refresh: RegEn<Bits<32>>,
    entry: RegEn<Bits<32>>,
    there: Constant<Bits<32>>,
    wdata: Signal<Local, Bits<32>>,
    freed: Signal<Local, Bits<32>>,
    sel_status: Signal<Local, Bits<32>>,
}

impl Default for SelectorRegisters {
    fn default() -> Self {
        let reset_of = |offset: u32| {
            let value = register::at(offset).map_or(0, |r| r.reset);
            RegEn::new(Bits::from(value as u64))
        };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            sel_k: Default::default(),
            sel_shift: Default::default(),
            sel_mode: Default::default(),
            sel_threshold: Default::default(),
            sel_min_confidence: Default::default(),
            sel_spacing: Default::default(),
            sel_hash_key: Default::default(),
            sel_refresh: Default::default(),
            sel_event_write: Default::default(),
            sel_event_class: Default::default(),
            sel_event_slot: Default::default(),
            sel_mask_write: Default::default(),
            sel_mask_class: Default::default(),
            sel_mask_enable: Default::default(),
            sel_clear: Default::default(),
            sel_busy: Default::default(),
            sel_freed_valid: Default::default(),
            sel_freed_ready: Default::default(),
            sel_freed_count: Default::default(),
            sel_freed_slot: Default::default(),
            sel_read_class: Default::default(),
            sel_read_index: Default::default(),
            sel_read_count: Default::default(),
            sel_read_key: Default::default(),
            sel_read_arrival: Default::default(),
            sel_read_slot: Default::default(),
            sel_seen: Default::default(),
            sel_kept: Default::default(),
            sel_replaced: Default::default(),
            sel_rejected: Default::default(),
            selector_read: Default::default(),
            selector_write: Default::default(),
            selector_pop: Default::default(),
            k: reset_of(register::SEL_K),
            shift: reset_of(register::SEL_SHIFT),
            mode: reset_of(register::SEL_MODE),
            threshold: reset_of(register::SEL_THRESHOLD),
            min_confidence: reset_of(register::SEL_MIN_CONFIDENCE),
            spacing: reset_of(register::SEL_SPACING),
            hash_key: reset_of(register::SEL_HASH_KEY),
            refresh: reset_of(register::SEL_REFRESH),
            entry: reset_of(register::SEL_INDEX),
            there: Constant::new(Bits::from(1u64 << 31)),
            wdata: Default::default(),
            freed: Default::default(),
            sel_status: Default::default(),
        }
    }
}

impl Logic for SelectorRegisters {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, selector_read, selector_write, selector_pop);
        clock!(self, clock, k, shift, mode, threshold);
        clock!(
            self,
            clock,
            min_confidence,
            spacing,
            hash_key,
            refresh,
            entry
        );
        self.k.reset.next = self.reset.val();
        self.shift.reset.next = self.reset.val();
        self.mode.reset.next = self.reset.val();
        self.threshold.reset.next = self.reset.val();
        self.min_confidence.reset.next = self.reset.val();
        self.spacing.reset.next = self.reset.val();
        self.hash_key.reset.next = self.reset.val();
        self.refresh.reset.next = self.reset.val();
        self.entry.reset.next = self.reset.val();
        self.wdata.next = self.write_data.val();
        self.selector_write.address.next = self.write_address.val();
        self.selector_write.strobe.next = self.write.val();
        self.selector_pop.address.next = self.read_address.val();
        self.selector_pop.strobe.next = self.read.val();
        self.k.enable.next = self.selector_write.k.val();
        self.k.d.next = self.wdata.val() & 65535;
        self.shift.enable.next = self.selector_write.shift.val();
        self.shift.d.next = self.wdata.val() & 15;
        self.mode.enable.next = self.selector_write.mode.val();
        self.mode.d.next = self.wdata.val() & 3;
        self.threshold.enable.next = self.selector_write.threshold.val();
        self.threshold.d.next = self.wdata.val() & 65535;
        self.min_confidence.enable.next = self.selector_write.min_confidence.val();
        self.min_confidence.d.next = self.wdata.val() & 65535;
        self.spacing.enable.next = self.selector_write.spacing.val();
        self.spacing.d.next = self.wdata.val();
        self.hash_key.enable.next = self.selector_write.hash_key.val();
        self.hash_key.d.next = self.wdata.val();
        self.refresh.enable.next = self.selector_write.refresh.val();
        self.refresh.d.next = self.wdata.val();
        self.entry.enable.next = self.selector_write.index.val();
        self.entry.d.next = self.wdata.val();
        self.sel_k.next = self.k.q.val().get_bits::<16>(0);
        self.sel_shift.next = self.shift.q.val().get_bits::<4>(0);
        self.sel_mode.next = self.mode.q.val().get_bits::<2>(0);
        self.sel_threshold.next = self.threshold.q.val().get_bits::<16>(0);
        self.sel_min_confidence.next = self.min_confidence.q.val().get_bits::<16>(0);
        self.sel_spacing.next = self.spacing.q.val();
        self.sel_hash_key.next = self.hash_key.q.val();
        self.sel_refresh.next = self.refresh.q.val();
        self.sel_event_write.next = self.selector_write.labelled.val();
        self.sel_event_class.next = self.wdata.val().get_bits::<16>(16);
        self.sel_event_slot.next = self.wdata.val().get_bits::<16>(0);
        self.sel_mask_write.next = self.selector_write.class_enable.val();
        self.sel_mask_class.next = self.wdata.val().get_bits::<16>(0);
        self.sel_mask_enable.next = self.wdata.val().get_bit(16);
        self.sel_clear.next = self.selector_write.clear.val() & self.wdata.val().get_bit(0);
        self.sel_freed_ready.next = self.selector_pop.freed.val();
        self.sel_read_class.next = self.entry.q.val().get_bits::<16>(16);
        self.sel_read_index.next = self.entry.q.val().get_bits::<16>(0);
        self.freed.next = bit_cast::<32, 16>(self.sel_freed_slot.val());
        if self.sel_freed_valid.val() {
            self.freed.next = bit_cast::<32, 16>(self.sel_freed_slot.val()) | self.there.val();
        }
        if !self.sel_freed_valid.val() {
            self.freed.next = 0.into();
        }
        self.sel_status.next = bit_cast::<32, 16>(self.sel_freed_count.val()) << 16;
        if self.sel_busy.val() {
            self.sel_status.next = (bit_cast::<32, 16>(self.sel_freed_count.val()) << 16) | 1;
        }
        self.selector_read.address.next = self.read_address.val();
        self.selector_read.status.next = self.sel_status.val();
        self.selector_read.k.next = self.k.q.val();
        self.selector_read.shift.next = self.shift.q.val();
        self.selector_read.mode.next = self.mode.q.val();
        self.selector_read.threshold.next = self.threshold.q.val();
        self.selector_read.min_confidence.next = self.min_confidence.q.val();
        self.selector_read.spacing.next = self.spacing.q.val();
        self.selector_read.hash_key.next = self.hash_key.q.val();
        self.selector_read.refresh.next = self.refresh.q.val();
        self.selector_read.freed.next = self.freed.val();
        self.selector_read.index.next = self.entry.q.val();
        self.selector_read.count.next = bit_cast::<32, 16>(self.sel_read_count.val());
        self.selector_read.entry_key.next = self.sel_read_key.val();
        self.selector_read.entry_arrival.next = self.sel_read_arrival.val();
        self.selector_read.entry_slot.next = bit_cast::<32, 16>(self.sel_read_slot.val());
        self.selector_read.seen.next = self.sel_seen.val();
        self.selector_read.kept.next = self.sel_kept.val();
        self.selector_read.replaced.next = self.sel_replaced.val();
        self.selector_read.rejected.next = self.sel_rejected.val();
        self.read_data.next = self.selector_read.data.val();
    }
}
