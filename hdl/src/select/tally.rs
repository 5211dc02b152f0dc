//! Counters of the selector: scores seen, kept, replaced and rejected.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `score` | 1 | pulse: one decided score |
//! | `append`, `replace` | 1 | what became of it; neither: rejected |
//! | `seen`, `kept`, `replaced`, `rejected` | 32 | counts, mod 2^32 |
//!
//! Latency 1, one score a cycle. Reset state: all 0.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Counters of scores by outcome.
#[derive(LogicBlock, Default)]
pub struct Tally {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// One decided score.
    pub score: Signal<In, Bit>,
    /// It was taken into a free place.
    pub append: Signal<In, Bit>,
    /// It was taken in place of another.
    pub replace: Signal<In, Bit>,
    /// Scores decided on.
    pub seen: Signal<Out, Bits<32>>,
    /// Scores taken into a free place.
    pub kept: Signal<Out, Bits<32>>,
    /// Scores taken in place of another.
    pub replaced: Signal<Out, Bits<32>>,
    /// Scores not taken.
    pub rejected: Signal<Out, Bits<32>>,
    all: Reg<Bits<32>>,
    appends: Reg<Bits<32>>,
    replaces: Reg<Bits<32>>,
    rejects: Reg<Bits<32>>,
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, all, appends, replaces, rejects);
        self.all.reset.next = self.reset.val();
        self.appends.reset.next = self.reset.val();
        self.replaces.reset.next = self.reset.val();
        self.rejects.reset.next = self.reset.val();
        if self.score.val() {
            self.all.d.next = self.all.q.val() + 1;
            if self.append.val() {
                self.appends.d.next = self.appends.q.val() + 1;
            } else if self.replace.val() {
                self.replaces.d.next = self.replaces.q.val() + 1;
            } else {
                self.rejects.d.next = self.rejects.q.val() + 1;
            }
        }
        self.seen.next = self.all.q.val();
        self.kept.next = self.appends.q.val();
        self.replaced.next = self.replaces.q.val();
        self.rejected.next = self.rejects.q.val();
    }
}
