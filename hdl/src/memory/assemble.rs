//! Word assembler: a stream of beats in, a stream of words of L lanes out. It holds one word and takes the next word's
//! first beat in the cycle in which that word leaves, so a taker that is ready at once gets a beat every cycle.
//!
//! Valid/ready on both sides; `word_valid` never waits for `word_ready`, word and valid stay until taken.
//! `data_ready` follows `word_ready` within the cycle. Latency 1 after a word's last beat. Reset state: empty.
use super::lanes::BeatToWord;
use crate::leaf::Reg;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Word assembler.
#[derive(LogicBlock)]
pub struct Assemble<const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A beat is there.
    pub data_valid: Signal<In, Bit>,
    /// The beat is taken at this edge.
    pub data_ready: Signal<Out, Bit>,
    /// The beat.
    pub data: Signal<In, Bits<64>>,
    /// A whole word is there.
    pub word_valid: Signal<Out, Bit>,
    /// The word is taken at this edge.
    pub word_ready: Signal<In, Bit>,
    /// The word.
    pub word: [Signal<Out, Bits<16>>; L],
    lanes: BeatToWord<L>,
    index: Reg<Bits<3>>,
    full: Reg<Bit>,
    ready: Signal<Local, Bit>,
    beat: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    last: Constant<Bits<3>>,
}

default_block! { Assemble<L>, [const L: usize] {
    word = from_fn(|_| Default::default()),
    last = Constant::new((L as u64 / 4 - 1).into());
    clock reset data_valid data_ready data word_valid word_ready lanes index full ready beat ends
} }

impl<const L: usize> Logic for Assemble<L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, index, full);
        clock!(self, clock, lanes);
        self.index.reset.next = self.reset.val();
        self.full.reset.next = self.reset.val();

        self.ready.next = !self.full.q.val() | self.word_ready.val();
        self.beat.next = self.data_valid.val() & self.ready.val();
        self.ends.next = self.index.q.val() == self.last.val();
        if self.word_ready.val() {
            self.full.d.next = false;
        }
        if self.beat.val() {
            self.index.d.next = self.index.q.val() + 1;
            if self.ends.val() {
                self.index.d.next = 0.into();
                self.full.d.next = true;
            }
        }
        self.lanes.enable.next = self.beat.val();
        self.lanes.index.next = self.index.q.val();
        self.lanes.beat.next = self.data.val();
        self.data_ready.next = self.ready.val();
        self.word_valid.next = self.full.q.val();
        for i in 0..L {
            self.word[i].next = self.lanes.word[i].val();
        }
    }
}
