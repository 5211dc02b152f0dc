//! Leaf: one lane of a word, by number. Combinational.
//!
//! Ports: `word` (L lanes of 16 bits), `lane` (its number; bits above log2 L are ignored), `value`.
use rust_hdl::prelude::*;

/// One lane of a word.
#[derive(Clone, Debug, LogicBlock)]
pub struct LanePick<const L: usize> {
    /// Lanes.
    pub word: [Signal<In, Bits<16>>; L],
    /// Which one.
    pub lane: Signal<In, Bits<16>>,
    /// It.
    pub value: Signal<Out, Bits<16>>,
}

impl<const L: usize> Default for LanePick<L> {
    fn default() -> Self {
        Self {
            word: std::array::from_fn(|_| Default::default()),
            lane: Default::default(),
            value: Default::default(),
        }
    }
}

impl<const L: usize> Logic for LanePick<L> {
    fn update(&mut self) {
        self.value.next = self.word[self.lane.val().to_u64() as usize % L].val();
    }
    fn connect(&mut self) {
        self.value.connect();
    }
    fn hdl(&self) -> Verilog {
        let bits = L.trailing_zeros();
        let mut text = format!(
            "// cell lane_pick{L}\nalways @(*) case (lane[{}:0])\n",
            bits - 1
        );
        for l in 1..L {
            text += &format!("  {bits}'d{l}: value = word${l};\n");
        }
        Verilog::Custom(text + "  default: value = word$0;\nendcase\n")
    }
}
