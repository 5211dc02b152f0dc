//! The compact array: 4×4 cells in four [`Column`]s, and the operands of their rows. Sums over passes and pixels are made by
//! [`Sums`](super::Sums) behind it.
//!
//! `word` is a word of the memory, in the cycle it was read. `weights` takes it as row `row` of the weights (with `transpose` as column
//! `row`), each lane rounded to 8 bits (`round`: `requant(w, 8)` in ±127) or its low 8 bits. `operands` takes its low bytes as the operands
//! of the four rows. `pile` takes it as row `row` of a 4×4 block of operands; `shift` then brings column after column of that block to the
//! rows, and behind the last one ones, in rows that were taken since `clear`, for sums of columns. `sum` (s18, a lane a column)
//! belongs to the operands of two cycles before. No reset.
use super::Column;
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Array of 4×4 cells.
#[derive(LogicBlock, Default)]
pub struct Array {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Lanes of the word read.
    pub word: [Signal<In, Bits<16>>; 4],
    /// Take weights.
    pub weights: Signal<In, Bit>,
    /// Round them.
    pub round: Signal<In, Bit>,
    /// As a column.
    pub transpose: Signal<In, Bit>,
    /// Row (column) of weights, row of operands.
    pub row: Signal<In, Bits<2>>,
    /// Take operands of all rows.
    pub operands: Signal<In, Bit>,
    /// Take operands of one row, four steps of them.
    pub pile: Signal<In, Bit>,
    /// Next step.
    pub shift: Signal<In, Bit>,
    /// All operands 0.
    pub clear: Signal<In, Bit>,
    /// Sums of the columns, s18.
    pub sum: [Signal<Out, Bits<18>>; 4],
    column: [Column; 4],
    x: [Dff<Bits<8>>; 4],
    x1: [Dff<Bits<8>>; 4],
    x2: [Dff<Bits<8>>; 4],
    x3: [Dff<Bits<8>>; 4],
    there: [Dff<Bit>; 4],
    narrow: [Signal<Local, Bits<8>>; 4],
    lane: Signal<Local, Bits<16>>,
    upper: Signal<Local, Bits<8>>,
    half: Signal<Local, Bits<1>>,
    rounded: Signal<Local, Bits<8>>,
    one_row: Signal<Local, Bits<4>>,
    take: Signal<Local, Bits<4>>,
    one: Signal<Local, Bits<4>>,
}

impl Logic for Array {
    #[hdl_gen]
    fn update(&mut self) {
        self.one.next = 1.into();
        self.one_row.next = self.one.val() << self.row.val();
        self.take.next = self.one_row.val();
        if self.transpose.val() {
            self.take.next = 15.into();
        }
        for i in 0..4 {
            // floor((w + 128) / 256) is -128 to 128, of which the ends go to ±127.
            self.lane.next = self.word[i].val();
            self.upper.next = self.lane.val().get_bits::<8>(8);
            self.half.next = self.lane.val().get_bits::<1>(7);
            self.rounded.next = self.upper.val() + bit_cast::<8, 1>(self.half.val());
            self.narrow[i].next = self.lane.val().get_bits::<8>(0);
            if self.round.val() {
                self.narrow[i].next = self.rounded.val();
                if self.rounded.val() == 128 {
                    self.narrow[i].next = 127.into();
                    if self.lane.val().get_bit(15) {
                        self.narrow[i].next = 129.into();
                    }
                }
            }
        }
        for i in 0..4 {
            self.column[i].clock.next = self.clock.val();
            self.column[i].transpose.next = self.transpose.val();
            self.column[i].take.next = 0.into();
            if self.weights.val() & (!self.transpose.val() | self.one_row.val().get_bit(i)) {
                self.column[i].take.next = self.take.val();
            }
            self.column[i].own.next = self.narrow[i].val();
            self.sum[i].next = self.column[i].sum.val();
            for r in 0..4 {
                self.column[i].lane[r].next = self.narrow[r].val();
                self.column[i].x[r].next = self.x[r].q.val();
            }
        }
        for i in 0..4 {
            self.x[i].clock.next = self.clock.val();
            self.x1[i].clock.next = self.clock.val();
            self.x2[i].clock.next = self.clock.val();
            self.x3[i].clock.next = self.clock.val();
            self.there[i].clock.next = self.clock.val();
            self.x[i].d.next = self.x[i].q.val();
            self.x1[i].d.next = self.x1[i].q.val();
            self.x2[i].d.next = self.x2[i].q.val();
            self.x3[i].d.next = self.x3[i].q.val();
            self.there[i].d.next = self.there[i].q.val();
            if self.shift.val() {
                self.x[i].d.next = self.x1[i].q.val();
                self.x1[i].d.next = self.x2[i].q.val();
                self.x2[i].d.next = self.x3[i].q.val();
                self.x3[i].d.next = 0.into();
                if self.there[i].q.val() {
                    self.x3[i].d.next = 1.into();
                }
            }
            if self.pile.val() & self.one_row.val().get_bit(i) {
                self.x[i].d.next = self.word[0].val().get_bits::<8>(0);
                self.x1[i].d.next = self.word[1].val().get_bits::<8>(0);
                self.x2[i].d.next = self.word[2].val().get_bits::<8>(0);
                self.x3[i].d.next = self.word[3].val().get_bits::<8>(0);
                self.there[i].d.next = true;
            }
            if self.operands.val() {
                self.x[i].d.next = self.word[i].val().get_bits::<8>(0);
            }
            if self.clear.val() {
                self.x[i].d.next = 0.into();
                self.x1[i].d.next = 0.into();
                self.x2[i].d.next = 0.into();
                self.x3[i].d.next = 0.into();
                self.there[i].d.next = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        Parity::new("compact_array")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut Array::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.word.iter_mut().for_each(|w| w.next = rng.corner());
                    u.weights.next = rng.chance(10);
                    u.round.next = rng.chance(50);
                    u.transpose.next = rng.chance(50);
                    u.row.next = rng.below(4).into();
                    u.operands.next = rng.chance(20);
                    u.pile.next = rng.chance(30);
                    u.shift.next = rng.chance(40);
                    u.clear.next = rng.chance(3);
                },
            )
            .unwrap();
    }
}
