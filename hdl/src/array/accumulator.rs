//! One lane of accumulator memory: two banks of 48-bit words that the array adds into and the vector unit reads. Several sums of
//! one word must be at least three cycles apart (the sequencer's passes are longer); for a plain memory use
//! [`Ram`](crate::leaf::Ram).
//!
//! Ports: request {`valid`, `overwrite`, `bank`, `address`}, its sum (s48) in the **next** cycle: `data`, or `drained` where `keep` is high. The word is written at the end of
//! the third cycle, counted from the request's; it can be read in the fourth. The request leaves one cycle later through the `next_` ports
//! for the lane on the right, as the columns of the array finish one cycle after another.
//! Reading: {`read`, `read_bank`, `read_address`} → `read_data` one cycle later, for one cycle. The caller keeps reads away
//! from a bank that has a request in the same cycle.
//! One request and one read a cycle. Reset drops requests under way; words keep their values. 2·2^BW words.
use crate::leaf::{ChooseAdd, Dff, DffEn, Ram, Reg};
use rust_hdl::prelude::*;

/// Accumulators of one column.
#[derive(Clone, Debug, LogicBlock)]
pub struct Accumulator<const BW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A sum arrives in the next cycle.
    pub valid: Signal<In, Bit>,
    /// It replaces the word instead of being added.
    pub overwrite: Signal<In, Bit>,
    /// Its bank.
    pub bank: Signal<In, Bit>,
    /// Its word.
    pub address: Signal<In, Bits<BW>>,
    /// The sum is `drained`, not `data`.
    pub keep: Signal<In, Bit>,
    /// The sum, one cycle after its request.
    pub data: Signal<In, Bits<48>>,
    /// The other sum, one cycle after its request.
    pub drained: Signal<In, Bits<48>>,
    /// The request, one cycle later.
    pub next_valid: Signal<Out, Bit>,
    /// See `next_valid`.
    pub next_overwrite: Signal<Out, Bit>,
    /// See `next_valid`.
    pub next_bank: Signal<Out, Bit>,
    /// See `next_valid`.
    pub next_address: Signal<Out, Bits<BW>>,
    /// Read a word.
    pub read: Signal<In, Bit>,
    /// Its bank.
    pub read_bank: Signal<In, Bit>,
    /// Its address.
    pub read_address: Signal<In, Bits<BW>>,
    /// The word, one cycle later.
    pub read_data: Signal<Out, Bits<48>>,
    bank0: Ram<Bits<48>, BW>,
    bank1: Ram<Bits<48>, BW>,
    add: Reg<Bit>,
    add_overwrite: DffEn<Bit>,
    add_bank: DffEn<Bit>,
    add_address: DffEn<Bits<BW>>,
    write: Reg<Bit>,
    write_bank: DffEn<Bit>,
    write_address: DffEn<Bits<BW>>,
    write_data: DffEn<Bits<48>>,
    read_from: Dff<Bit>,
    base: Signal<Local, Bits<48>>,
    adder: ChooseAdd,
    use0: Signal<Local, Bit>,
    use1: Signal<Local, Bit>,
}

impl<const BW: usize> Default for Accumulator<BW> {
    fn default() -> Self {
        // A word is read again, or by the vector unit, only after it was written.
        Self {
            clock: Default::default(),
            reset: Default::default(),
            valid: Default::default(),
            overwrite: Default::default(),
            bank: Default::default(),
            address: Default::default(),
            keep: Default::default(),
            data: Default::default(),
            drained: Default::default(),
            next_valid: Default::default(),
            next_overwrite: Default::default(),
            next_bank: Default::default(),
            next_address: Default::default(),
            read: Default::default(),
            read_bank: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            bank0: Ram::apart(1 << BW),
            bank1: Ram::apart(1 << BW),
            add: Default::default(),
            add_overwrite: Default::default(),
            add_bank: Default::default(),
            add_address: Default::default(),
            write: Default::default(),
            write_bank: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read_from: Default::default(),
            base: Default::default(),
            adder: Default::default(),
            use0: Default::default(),
            use1: Default::default(),
        }
    }
}

impl<const BW: usize> Logic for Accumulator<BW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, add, write, read_from);
        clock!(self, clock, add_overwrite, add_bank, add_address);
        clock!(self, clock, write_bank, write_address, write_data);
        self.add.reset.next = self.reset.val();
        self.write.reset.next = self.reset.val();
        self.bank0.clock.next = self.clock.val();
        self.bank1.clock.next = self.clock.val();

        // Request: read the old word.
        self.use0.next = self.valid.val() & !self.bank.val();
        self.use1.next = self.valid.val() & self.bank.val();
        self.bank0.read_enable.next = self.use0.val() | (self.read.val() & !self.read_bank.val());
        self.bank1.read_enable.next = self.use1.val() | (self.read.val() & self.read_bank.val());
        self.bank0.read_address.next = self.read_address.val();
        self.bank1.read_address.next = self.read_address.val();
        if self.use0.val() {
            self.bank0.read_address.next = self.address.val();
        }
        if self.use1.val() {
            self.bank1.read_address.next = self.address.val();
        }
        self.add.d.next = self.valid.val();
        self.add_overwrite.enable.next = self.valid.val();
        self.add_bank.enable.next = self.valid.val();
        self.add_address.enable.next = self.valid.val();
        self.add_overwrite.d.next = self.overwrite.val();
        self.add_bank.d.next = self.bank.val();
        self.add_address.d.next = self.address.val();

        // Add.
        self.base.next = self.bank0.read_data.val();
        if self.add_bank.q.val() {
            self.base.next = self.bank1.read_data.val();
        }
        if self.add_overwrite.q.val() {
            self.base.next = 0.into();
        }
        self.adder.a.next = self.base.val();
        self.adder.choice.next = self.keep.val();
        self.adder.one.next = self.drained.val();
        self.adder.other.next = self.data.val();
        self.write.d.next = self.add.q.val();
        self.write_bank.enable.next = self.add.q.val();
        self.write_address.enable.next = self.add.q.val();
        self.write_data.enable.next = self.add.q.val();
        self.write_bank.d.next = self.add_bank.q.val();
        self.write_address.d.next = self.add_address.q.val();
        self.write_data.d.next = self.adder.sum.val();
        self.next_valid.next = self.add.q.val();
        self.next_overwrite.next = self.add_overwrite.q.val();
        self.next_bank.next = self.add_bank.q.val();
        self.next_address.next = self.add_address.q.val();

        // Write.
        self.bank0.write_enable.next = self.write.q.val() & !self.write_bank.q.val();
        self.bank1.write_enable.next = self.write.q.val() & self.write_bank.q.val();
        self.bank0.write_address.next = self.write_address.q.val();
        self.bank1.write_address.next = self.write_address.q.val();
        self.bank0.write_data.next = self.write_data.q.val();
        self.bank1.write_data.next = self.write_data.q.val();

        self.read_from.d.next = self.read_bank.val();
        self.read_data.next = self.bank0.read_data.val();
        if self.read_from.q.val() {
            self.read_data.next = self.bank1.read_data.val();
        }
    }
}

#[cfg(test)]
#[path = "accumulator_tests.rs"]
mod tests;
