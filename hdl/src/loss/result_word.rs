//! Leaf: the ranking as words of the G scratchpad: class1, p1 … class4, p4, places that are not taken as −1 and 0. Combinational.
//!
//! Ports: ranking in; `part` the word (0, and 1 when L is 4); `word` the lanes, past the eighth value 0.
use super::ranking::PLACES;
use rust_hdl::prelude::*;

/// The ranking as scratchpad words.
#[derive(Clone, Debug, LogicBlock)]
pub struct ResultWord<const L: usize> {
    /// Class at each place.
    pub best_class: [Signal<In, Bits<16>>; PLACES],
    /// Probability at each place.
    pub best_p: [Signal<In, Bits<16>>; PLACES],
    /// The place is written.
    pub taken: [Signal<In, Bit>; PLACES],
    /// Which word of the result.
    pub part: Signal<In, Bit>,
    /// Its lanes.
    pub word: [Signal<Out, Bits<16>>; L],
}

impl<const L: usize> Default for ResultWord<L> {
    fn default() -> Self {
        Self {
            best_class: Default::default(),
            best_p: Default::default(),
            taken: Default::default(),
            part: Default::default(),
            word: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for ResultWord<L> {
    fn update(&mut self) {
        for l in 0..L {
            let value = l + if self.part.val() { L } else { 0 };
            let place = value / 2;
            self.word[l].next = if place >= PLACES {
                0.into()
            } else if value % 2 == 0 {
                if self.taken[place].val() {
                    self.best_class[place].val()
                } else {
                    0xffff.into()
                }
            } else if self.taken[place].val() {
                self.best_p[place].val()
            } else {
                0.into()
            };
        }
    }
    fn connect(&mut self) {
        for word in &mut self.word {
            word.connect();
        }
    }
    fn hdl(&self) -> Verilog {
        let value = |v: usize| {
            let place = v / 2;
            if place >= PLACES {
                "16'h0".to_string()
            } else if v % 2 == 0 {
                format!("(taken${place} ? best_class${place} : 16'hffff)")
            } else {
                format!("(taken${place} ? best_p${place} : 16'h0)")
            }
        };
        let mut text = format!("// cell result_word{L}\nalways @(*) begin\n");
        for l in 0..L {
            text += &format!("  word${l} = part ? {} : {};\n", value(l + L), value(l));
        }
        Verilog::Custom(text + "end\n")
    }
}
