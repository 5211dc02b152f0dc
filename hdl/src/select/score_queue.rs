//! Front of the selector: queues scores, counts arrivals, works out each score's rank and holds the score that is being
//! decided on.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `score_*` | | the selector's score stream |
//! | `key_mode` … `hash_key` | | rules, see [`ScoreKey`] |
//! | `refresh` | 32 | samples of an epoch, 0: no epochs |
//! | `hold` | 1 | nothing is taken from the queue |
//! | `valid`, `class_id`, `rank`, `slot`, `eligible`, `first`, `last` | 1, 16, 64, 16, 1, 1, 1 | the score to decide on |
//! | `advance` | 1 | at this edge the score gives way to the next, if there is one |
//! | `look` | 16 | class of the score to decide on in the next cycle |
//! | `busy` | 1 | a score is in here |
//!
//! The queue holds 16 scores, a ranked one waits behind the output. Latency 3, one score a cycle.
//! Reset state: empty, the next sample has arrival number 0.
use super::ScoreKey;
use crate::leaf::{Dff, Fifo, Reg};
use rust_hdl::prelude::*;

/// One score as it waits in the queue; confidence is Q0.15.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
struct Score {
    class_id: Bits<16>,
    confidence: Bits<16>,
    slot: Bits<16>,
    first: Bit,
    last: Bit,
}

/// Queue and ranking of scores.
#[derive(LogicBlock, Default)]
pub struct ScoreQueue {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A score is there.
    pub score_valid: Signal<In, Bit>,
    /// It is taken at this edge.
    pub score_ready: Signal<Out, Bit>,
    /// Its class.
    pub score_class: Signal<In, Bits<16>>,
    /// Its confidence, Q0.15.
    pub score_confidence: Signal<In, Bits<16>>,
    /// Slot of its sample.
    pub score_slot: Signal<In, Bits<16>>,
    /// First score of the sample.
    pub score_first: Signal<In, Bit>,
    /// Last score of the sample.
    pub score_last: Signal<In, Bit>,
    /// 0 confidence, 1 arrival, 2 hash, 3 hash above the threshold.
    pub key_mode: Signal<In, Bits<2>>,
    /// Lowest confidence in mode 3.
    pub threshold: Signal<In, Bits<16>>,
    /// Lowest confidence in every mode.
    pub min_confidence: Signal<In, Bits<16>>,
    /// Seed of the hash.
    pub hash_key: Signal<In, Bits<32>>,
    /// Samples of an epoch; 0: no epochs.
    pub refresh: Signal<In, Bits<32>>,
    /// Take nothing from the queue.
    pub hold: Signal<In, Bit>,
    /// There is a score to decide on.
    pub valid: Signal<Out, Bit>,
    /// Its class.
    pub class_id: Signal<Out, Bits<16>>,
    /// Its rank.
    pub rank: Signal<Out, Bits<64>>,
    /// Slot of its sample.
    pub slot: Signal<Out, Bits<16>>,
    /// Its confidence suffices.
    pub eligible: Signal<Out, Bit>,
    /// First score of the sample.
    pub first: Signal<Out, Bit>,
    /// Last score of the sample.
    pub last: Signal<Out, Bit>,
    /// The score gives way to the next.
    pub advance: Signal<In, Bit>,
    /// Class of the score to decide on in the next cycle.
    pub look: Signal<Out, Bits<16>>,
    /// A score is in here.
    pub busy: Signal<Out, Bit>,
    fifo: Fifo<Score, 4>,
    ranker: ScoreKey,
    samples: Reg<Bits<32>>,
    // Samples of the present epoch that are through; its number.
    in_epoch: Reg<Bits<32>>,
    epoch: Reg<Bits<15>>,
    // Ranked, and then decided on.
    r_valid: Reg<Bit>,
    r_score: Dff<Score>,
    r_rank: Dff<Bits<64>>,
    r_eligible: Dff<Bit>,
    d_valid: Reg<Bit>,
    d_score: Dff<Score>,
    d_rank: Dff<Bits<64>>,
    d_eligible: Dff<Bit>,
    now: Signal<Local, Bits<32>>,
    counted: Signal<Local, Bits<32>>,
    free: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    pending: Signal<Local, Bit>,
}

impl Logic for ScoreQueue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, samples, in_epoch, epoch, r_valid, r_score, r_rank, r_eligible);
        dff_setup!(self, clock, d_valid, d_score, d_rank, d_eligible);
        clock!(self, clock, fifo);
        self.samples.reset.next = self.reset.val();
        self.in_epoch.reset.next = self.reset.val();
        self.epoch.reset.next = self.reset.val();
        self.r_valid.reset.next = self.reset.val();
        self.d_valid.reset.next = self.reset.val();
        self.fifo.reset.next = self.reset.val();

        self.fifo.in_valid.next = self.score_valid.val();
        self.fifo.in_data.next.class_id = self.score_class.val();
        self.fifo.in_data.next.confidence = self.score_confidence.val();
        self.fifo.in_data.next.slot = self.score_slot.val();
        self.fifo.in_data.next.first = self.score_first.val();
        self.fifo.in_data.next.last = self.score_last.val();
        self.score_ready.next = self.fifo.in_ready.val();

        self.free.next = self.advance.val() | !self.r_valid.q.val();
        self.take.next = self.free.val() & self.fifo.out_valid.val() & !self.hold.val();
        self.fifo.out_ready.next = self.free.val() & !self.hold.val();

        self.now.next = self.samples.q.val() - 1;
        if self.fifo.out_data.val().first {
            self.now.next = self.samples.q.val();
            if self.take.val() {
                self.samples.d.next = self.samples.q.val() + 1;
            }
        }
        self.ranker.confidence.next = self.fifo.out_data.val().confidence;
        self.ranker.arrival.next = self.now.val();
        self.ranker.key_mode.next = self.key_mode.val();
        self.ranker.threshold.next = self.threshold.val();
        self.ranker.min_confidence.next = self.min_confidence.val();
        self.ranker.hash_key.next = self.hash_key.val();
        self.ranker.aged.next = self.refresh.val() != 0;
        self.ranker.epoch.next = self.epoch.q.val();
        self.counted.next = self.in_epoch.q.val() + 1;
        if self.take.val() & self.fifo.out_data.val().last {
            self.in_epoch.d.next = self.counted.val();
            if self.counted.val() == self.refresh.val() {
                self.in_epoch.d.next = 0.into();
                // The last epoch has no end.
                if self.epoch.q.val() != 32767 {
                    self.epoch.d.next = self.epoch.q.val() + 1;
                }
            }
        }

        if self.free.val() {
            self.r_valid.d.next = self.take.val();
            self.r_score.d.next = self.fifo.out_data.val();
            self.r_rank.d.next = self.ranker.rank.val();
            self.r_eligible.d.next = self.ranker.eligible.val();
        }
        self.look.next = self.d_score.q.val().class_id;
        if self.advance.val() {
            self.look.next = self.r_score.q.val().class_id;
            self.d_valid.d.next = self.r_valid.q.val();
            self.d_score.d.next = self.r_score.q.val();
            self.d_rank.d.next = self.r_rank.q.val();
            self.d_eligible.d.next = self.r_eligible.q.val();
        }
        self.valid.next = self.d_valid.q.val();
        self.class_id.next = self.d_score.q.val().class_id;
        self.rank.next = self.d_rank.q.val();
        self.slot.next = self.d_score.q.val().slot;
        self.eligible.next = self.d_eligible.q.val();
        self.first.next = self.d_score.q.val().first;
        self.last.next = self.d_score.q.val().last;
        self.pending.next = self.fifo.out_valid.val() | self.r_valid.q.val();
        self.busy.next = self.pending.val() | self.d_valid.q.val();
    }
}
