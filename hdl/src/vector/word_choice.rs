//! The word that goes to pad O: of Requant, of Unpool, or of Update. Combinational.
//!
//! | `update` | `momentum` | `index` | `unpool` | `word` |
//! |---|---|---|---|---|
//! | 1 | 0 | | | `weights` |
//! | 1 | 1 | | | `momenta` |
//! | 0 | | 1 | | `indices` |
//! | 0 | | 0 | 1 | `unpooled` |
//! | 0 | | 0 | 0 | `finished` |
//!
//! Two look-up tables a bit, and one more for those that indices have.
use crate::leaf::mux_chain::{chain, Pair};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Choice of a word of `L` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct WordChoice<const L: usize> {
    /// Update has it.
    pub update: Signal<In, Bit>,
    /// Its momenta.
    pub momentum: Signal<In, Bit>,
    /// Requant's indices.
    pub index: Signal<In, Bit>,
    /// Unpool has it.
    pub unpool: Signal<In, Bit>,
    /// Requant's words.
    pub finished: [Signal<In, Bits<16>>; L],
    /// Requant's indices of maxima.
    pub indices: [Signal<In, Bits<16>>; L],
    /// Unpool's words.
    pub unpooled: [Signal<In, Bits<16>>; L],
    /// Update's weights.
    pub weights: [Signal<In, Bits<16>>; L],
    /// Update's momenta.
    pub momenta: [Signal<In, Bits<16>>; L],
    /// The word.
    pub word: [Signal<Out, Bits<16>>; L],
}

impl<const L: usize> Default for WordChoice<L> {
    fn default() -> Self {
        Self {
            update: Default::default(),
            momentum: Default::default(),
            index: Default::default(),
            unpool: Default::default(),
            finished: from_fn(|_| Default::default()),
            indices: from_fn(|_| Default::default()),
            unpooled: from_fn(|_| Default::default()),
            weights: from_fn(|_| Default::default()),
            momenta: from_fn(|_| Default::default()),
            word: from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for WordChoice<L> {
    fn update(&mut self) {
        let of = match (
            self.update.val(),
            self.momentum.val(),
            self.index.val(),
            self.unpool.val(),
        ) {
            (true, false, ..) => &self.weights,
            (true, true, ..) => &self.momenta,
            (_, _, true, _) => &self.indices,
            (.., true) => &self.unpooled,
            _ => &self.finished,
        };
        for (word, of) in self.word.iter_mut().zip(of) {
            word.next = of.val();
        }
    }
    fn connect(&mut self) {
        for word in &mut self.word {
            word.connect();
        }
    }
    fn hdl(&self) -> Verilog {
        let mut text = format!(
            "// cell word_choice{L}\n\
             wire others;\nassign others = ~update & ~index;\n\
             wire numbers;\nassign numbers = ~update & index;\n\
             wire second;\nassign second = update ? momentum : (unpool & ~index);\n"
        );
        let mut output = String::from("always @(*) begin\n");
        for i in 0..L {
            let pair = |chosen: &str, first: &str, second: &str| Pair {
                chosen: chosen.into(),
                words: (format!("{first}${i}"), Some(format!("{second}${i}"))),
            };
            let pairs = [
                pair("others", "finished", "unpooled"),
                pair("update", "weights", "momenta"),
            ];
            let word = chain(&mut text, &format!("lane_{i}"), 16, "second", &pairs);
            output += &format!("  word${i} = {word} | ({{16{{numbers}}}} & indices${i});\n");
        }
        Verilog::Custom(text + &output + "end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees_whatever_is_asked_for() {
        agrees(Parity::new("word_choice"));
    }

    #[test]
    fn in_tables_of_the_ecp5_too() {
        let models = crate::board::ecp5::DEFINED_WITH_MODELS;
        agrees(Parity::new("word_choice_ecp5").after(models));
    }

    fn agrees(parity: Parity) {
        let mut seen = [0; 16];
        parity
            .cycles(1000)
            .all_move_but(&[])
            .check_combinational(&mut WordChoice::<2>::default(), |u, rng, _| {
                let of = rng.below(16);
                seen[of as usize] += 1;
                u.update.next = of & 1 == 1;
                u.momentum.next = of & 2 == 2;
                u.index.next = of & 4 == 4;
                u.unpool.next = of & 8 == 8;
                for i in 0..2 {
                    u.finished[i].next = rng.bits();
                    u.indices[i].next = rng.bits();
                    u.unpooled[i].next = rng.bits();
                    u.weights[i].next = rng.bits();
                    u.momenta[i].next = rng.bits();
                }
            })
            .unwrap();
        assert!(seen.iter().all(|&n| n > 20), "{seen:?}");
    }
}
