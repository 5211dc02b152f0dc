//! Between 64-bit beats and words of L lanes: two leaf cells. A beat holds four lanes, the lowest in its low bits; beat
//! b of a word holds lanes 4b to 4b+3.
//!
//! [`BeatToWord`]: with `enable`, beat `index` of the word takes `beat` at the clock edge; the others hold. Latency 1,
//! no reset: a valid bit outside guards the word. [`WordToBeat`]: `beat` is beat `index` of `word`, in the same cycle.
//! An index past the word writes nothing and reads 0. L is a multiple of 4, at most 32.
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Collects beats into a word.
#[derive(Clone, Debug, LogicBlock)]
pub struct BeatToWord<const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take the beat at this edge.
    pub enable: Signal<In, Bit>,
    /// Which beat of the word it is.
    pub index: Signal<In, Bits<3>>,
    /// Four lanes.
    pub beat: Signal<In, Bits<64>>,
    /// The lanes collected.
    pub word: [Signal<Out, Bits<16>>; L],
}

impl<const L: usize> Default for BeatToWord<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            enable: Default::default(),
            index: Default::default(),
            beat: Default::default(),
            word: from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for BeatToWord<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let first = 4 * self.index.val().to_u64() as usize;
            for (i, lane) in self.word.iter_mut().skip(first).take(4).enumerate() {
                lane.next = self.beat.val().get_bits::<16>(16 * i);
            }
        }
    }
    fn connect(&mut self) {
        self.word.iter_mut().for_each(|lane| lane.connect());
    }
    fn hdl(&self) -> Verilog {
        let mut text =
            format!("// cell beat_to_word{L}\nalways @(posedge clock) if (enable) begin\n");
        for lane in 0..L {
            let (beat, low) = (lane / 4, lane % 4 * 16);
            text += &format!(
                "  if (index == 3'd{beat}) word${lane} <= beat[{}:{low}];\n",
                low + 15
            );
        }
        Verilog::Custom(text + "end\n")
    }
}

/// Takes one beat out of a word.
#[derive(Clone, Debug, LogicBlock)]
pub struct WordToBeat<const L: usize> {
    /// The lanes.
    pub word: [Signal<In, Bits<16>>; L],
    /// Which beat of the word is wanted.
    pub index: Signal<In, Bits<3>>,
    /// Its four lanes.
    pub beat: Signal<Out, Bits<64>>,
}

impl<const L: usize> Default for WordToBeat<L> {
    fn default() -> Self {
        Self {
            word: from_fn(|_| Default::default()),
            index: Default::default(),
            beat: Default::default(),
        }
    }
}

impl<const L: usize> Logic for WordToBeat<L> {
    fn update(&mut self) {
        let first = 4 * self.index.val().to_u64() as usize;
        let lanes = self.word.iter().skip(first).take(4).enumerate();
        let beat = lanes.fold(0, |beat, (i, lane)| beat | lane.val().to_u64() << (16 * i));
        self.beat.next = beat.into();
    }
    fn connect(&mut self) {
        self.beat.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut text = format!("// cell word_to_beat{L}\nalways @(*) begin\n  beat = 64'h0;\n");
        for lane in 0..L {
            let (beat, low) = (lane / 4, lane % 4 * 16);
            text += &format!(
                "  if (index == 3'd{beat}) beat[{}:{low}] = word${lane};\n",
                low + 15
            );
        }
        Verilog::Custom(text + "end\n")
    }
}

/// Golden function: the beats of a word.
pub fn beats(word: &[u16]) -> Vec<u64> {
    let beat = |lanes: &[u16]| lanes.iter().rev().fold(0, |b, &l| b << 16 | u64::from(l));
    word.chunks(4).map(beat).collect()
}
