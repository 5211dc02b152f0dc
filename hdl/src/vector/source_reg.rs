//! The source operand of a requantise lane: an accumulator, or a 16-bit word with its sign extended.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `acc` | s48 | accumulator |
//! | `word` | s16 | word of pad V |
//! | `from_word` | 1 | take the word |
//! | `sum` | s48 | the accumulator if it was taken, otherwise 0; held while `enable` is low |
//! | `wide` | s48 | the word if it was taken, otherwise 0; held while `enable` is low |
//!
//! The value is the OR of both: registers that clear themselves cost no gate, and [`GatedSum`](super::GatedSum) joins them for nothing. Latency 1. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;

/// Register with a choice of two sources.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct SourceReg {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take at this edge.
    pub enable: Signal<In, Bit>,
    /// Take the word, not the accumulator.
    pub from_word: Signal<In, Bit>,
    /// Accumulator, s48.
    pub acc: Signal<In, Bits<48>>,
    /// Word, s16.
    pub word: Signal<In, Bits<16>>,
    /// The accumulator or 0, s48.
    pub sum: Signal<Out, Bits<48>>,
    /// The word or 0, s48.
    pub wide: Signal<Out, Bits<48>>,
}

impl Logic for SourceReg {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            (self.sum.next, self.wide.next) = if self.from_word.val() {
                (Bits::default(), raw(signed(self.word.val())))
            } else {
                (self.acc.val(), Bits::default())
            };
        }
    }
    fn connect(&mut self) {
        self.sum.connect();
        self.wide.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell source_reg\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 sum <= from_word ? 48'd0 : acc;\n\
             \x20 wide <= from_word ? {{32{word[15]}}, word} : 48'd0;\n\
             end\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        Parity::new("source_reg")
            .cycles(500)
            .check(
                &mut SourceReg::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(70);
                    u.from_word.next = rng.chance(50);
                    u.acc.next = rng.corner();
                    u.word.next = rng.corner();
                },
            )
            .unwrap();
    }
}
