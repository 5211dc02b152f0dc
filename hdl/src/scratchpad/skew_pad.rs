//! Scratchpad B: words read plainly, or LANES×LANES blocks by rows and by columns. For pads read by words only use
//! [`LanePad`](super::LanePad).
//!
//! With `wskew`, lane l of the word at address p is kept in bank (l + p) mod L, so that a row or a column of a block stands in
//! L different banks. Ports: write {`we`, `waddr`, `wskew`, `wdata`}; read {`raddr`, `mode`, `index`} → `rdata` **two** cycles later:
//!
//! | `mode` | `rdata` lane c |
//! |---|---|
//! | 0 | lane c of the word at `raddr` (written without `wskew`) |
//! | 1 | lane c of word `index` of the block at `raddr` |
//! | 2 | lane `index` of word c of the block at `raddr` |
//!
//! With `blank` in the cycle after the one of `raddr`, all lanes are 0 instead.
//! `raddr` is a multiple of L in modes 1 and 2 (lower bits are ignored). One read and one write a cycle; a read of a word
//! written in the same cycle is undefined (the old word in simulation): tokens order the units. Contents survive reset and are undefined at power-up. 2^AW words, L = 2^LB.
use super::Rotate;
use crate::leaf::{Dff, Ram, Reg};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Scratchpad of `2^AW` words of `L = 2^LB` lanes with skewed banks.
#[derive(Clone, Debug, LogicBlock)]
pub struct SkewPad<const AW: usize, const LB: usize, const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Write at this edge.
    pub we: Signal<In, Bit>,
    /// Rotate the word's lanes by its address.
    pub wskew: Signal<In, Bit>,
    /// Word to write.
    pub waddr: Signal<In, Bits<AW>>,
    /// Its lanes.
    pub wdata: [Signal<In, Bits<16>>; L],
    /// Word or block to read.
    pub raddr: Signal<In, Bits<AW>>,
    /// 0 word, 1 row of the block, 2 column of it.
    pub mode: Signal<In, Bits<2>>,
    /// Which row or column.
    pub index: Signal<In, Bits<LB>>,
    /// The lanes asked for in the cycle before are to be 0.
    pub blank: Signal<In, Bit>,
    /// Lanes read, two cycles later.
    pub rdata: [Signal<Out, Bits<16>>; L],
    bank: [Ram<Bits<16>, AW>; L],
    write_rotate: Rotate<LB, L>,
    read_rotate: Rotate<LB, L>,
    amount: Dff<Bits<LB>>,
    read: [Reg<Bits<16>>; L],
    number: [Constant<Bits<LB>>; L],
    low_bits: Constant<Bits<AW>>,
    block: Signal<Local, Bits<AW>>,
    row: Signal<Local, Bits<AW>>,
    word: Signal<Local, Bits<LB>>,
    column: Signal<Local, Bits<AW>>,
    by_row: Signal<Local, Bit>,
    by_column: Signal<Local, Bit>,
}

impl<const AW: usize, const LB: usize, const L: usize> Default for SkewPad<AW, LB, L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            we: Default::default(),
            wskew: Default::default(),
            waddr: Default::default(),
            wdata: from_fn(|_| Default::default()),
            raddr: Default::default(),
            mode: Default::default(),
            index: Default::default(),
            blank: Default::default(),
            rdata: from_fn(|_| Default::default()),
            bank: from_fn(|_| Ram::apart(1 << AW)),
            write_rotate: Rotate::right(),
            read_rotate: Rotate::left(),
            amount: Default::default(),
            read: from_fn(|_| Default::default()),
            number: from_fn(|i| Constant::new((i as u64).into())),
            low_bits: Constant::new((L as u64 - 1).into()),
            block: Default::default(),
            row: Default::default(),
            word: Default::default(),
            column: Default::default(),
            by_row: Default::default(),
            by_column: Default::default(),
        }
    }
}

impl<const AW: usize, const LB: usize, const L: usize> Logic for SkewPad<AW, LB, L> {
    #[hdl_gen]
    fn update(&mut self) {
        self.by_row.next = self.mode.val() == 1;
        self.by_column.next = self.mode.val() == 2;
        self.amount.clock.next = self.clock.val();
        self.amount.d.next = 0.into();
        if self.by_row.val() | self.by_column.val() {
            self.amount.d.next = self.index.val();
        }
        self.write_rotate.amount.next = 0.into();
        if self.wskew.val() {
            self.write_rotate.amount.next = self.waddr.val().get_bits::<LB>(0);
        }
        self.read_rotate.amount.next = self.amount.q.val();
        self.block.next = self.raddr.val() & !self.low_bits.val();
        self.row.next = bit_cast::<AW, LB>(self.index.val());
        for i in 0..L {
            // Column `index` of block word c stands in bank (index + c) mod L.
            self.word.next = self.number[i].val() - self.index.val();
            self.column.next = bit_cast::<AW, LB>(self.word.val());
            self.bank[i].clock.next = self.clock.val();
            self.bank[i].read_enable.next = true;
            self.bank[i].read_address.next = self.raddr.val();
            if self.by_row.val() {
                self.bank[i].read_address.next = self.block.val() | self.row.val();
            }
            if self.by_column.val() {
                self.bank[i].read_address.next = self.block.val() | self.column.val();
            }
            self.bank[i].write_enable.next = self.we.val();
            self.bank[i].write_address.next = self.waddr.val();
            self.write_rotate.x[i].next = self.wdata[i].val();
            self.bank[i].write_data.next = self.write_rotate.y[i].val();
            self.read_rotate.x[i].next = self.bank[i].read_data.val();
            self.read[i].clock.next = self.clock.val();
            self.read[i].reset.next = self.blank.val();
            self.read[i].d.next = self.read_rotate.y[i].val();
            self.rdata[i].next = self.read[i].q.val();
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
