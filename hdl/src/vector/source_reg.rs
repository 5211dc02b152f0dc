//! The source operand of a requantise lane: an accumulator, or a 16-bit word with its sign extended.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `acc` | s48 | accumulator |
//! | `word` | s16 | word of pad V |
//! | `from_word` | 1 | take the word |
//! | `value` | s48 | what was taken, held while `enable` is low |
//!
//! Latency 1. No reset: a valid bit elsewhere guards it.
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
    /// What was taken, s48.
    pub value: Signal<Out, Bits<48>>,
}

impl Logic for SourceReg {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self.value.next = if self.from_word.val() {
                raw(signed(self.word.val()))
            } else {
                self.acc.val()
            };
        }
    }
    fn connect(&mut self) {
        self.value.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell source_reg\n\
             always @(posedge clock) if (enable) value <= from_word ? {{32{word[15]}}, word} : acc;\n"
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
