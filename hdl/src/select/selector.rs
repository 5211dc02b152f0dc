//! Top-K-per-class selector: keeps, of every class, the K scores of largest key (ties: the earlier arrival), exactly as a
//! sort of the whole stream would. Do not use it to order: lists come out in heap order.
//!
//! Generics: `C` class bits, `R` row bits (2^(R+1) entries in all), `S` slot bits, each ≤ 16. The defaults are those of the
//! 8x16 configuration; 1000 classes of 64 take `Selector<10, 15, 16>`.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `score_valid/ready` | 1 | stream handshake |
//! | `score_class/confidence/slot` | 16 | the score; confidence is Q0.15; slots are below 2^S |
//! | `score_first/last` | 1 | bounds of a sample's scores; `first` counts the arrival number up, from 0 |
//! | `event_write`, `event_class`, `event_slot` | 1, 16, 16 | pulse: the next sample, of one score, an event; not while `busy` |
//! | `k` … `refresh` | | rules, see `tandem_isa::selection`; static while `busy` |
//! | `mask_write`, `mask_class`, `mask_enable` | 1, 16, 1 | enables or disables a class; not while `busy` |
//! | `clear` | 1 | pulse: the same as a reset |
//! | `freed_valid/ready/slot` | 1, 1, 16 | slots that no list holds any more, each once |
//! | `freed_count` | 16 | how many of them wait; there is room for all slots |
//! | `read_class`, `read_index` | 16 | entry to read; hold them; not while `busy` |
//! | `read_count`, `read_key`, `read_arrival`, `read_slot` | 16, 32, 32, 16 | one cycle later: the class's count and that entry |
//! | `seen`, `kept`, `replaced`, `rejected` | 32 | counts of scores |
//! | `busy` | 1 | scores or an emptying under way |
//!
//! Throughput: a rejected score takes 1 cycle, an accepted one 9 to 9 + 4·floor(log2 K); the queue of 16 takes scores
//! meanwhile. Latency 5. Classes without a share of the entry memory, or ≥ 2^C, are rejected; K is cut to the share.
//! Reset state: empty, all classes enabled, after max(2^C, 2^S) cycles of `busy` (scores may be given meanwhile).
use super::{Admit, ClassTable, Heap, ScoreQueue, Share, Slots, Tally};
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Top-K-per-class selector of `2^C` classes, `2^(R+1)` entries and `2^S` slots.
#[allow(missing_docs)] // the table above describes the ports
#[derive(LogicBlock, Default)]
pub struct Selector<const C: usize = 6, const R: usize = 12, const S: usize = 13> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub score_valid: Signal<In, Bit>,
    pub score_ready: Signal<Out, Bit>,
    pub score_class: Signal<In, Bits<16>>,
    pub score_confidence: Signal<In, Bits<16>>,
    pub score_slot: Signal<In, Bits<16>>,
    pub score_first: Signal<In, Bit>,
    pub score_last: Signal<In, Bit>,
    pub k: Signal<In, Bits<16>>,
    pub heap_shift: Signal<In, Bits<4>>,
    pub key_mode: Signal<In, Bits<2>>,
    pub threshold: Signal<In, Bits<16>>,
    pub min_confidence: Signal<In, Bits<16>>,
    pub spacing: Signal<In, Bits<32>>,
    pub hash_key: Signal<In, Bits<32>>,
    pub refresh: Signal<In, Bits<32>>,
    pub event_write: Signal<In, Bit>,
    pub event_class: Signal<In, Bits<16>>,
    pub event_slot: Signal<In, Bits<16>>,
    pub mask_write: Signal<In, Bit>,
    pub mask_class: Signal<In, Bits<16>>,
    pub mask_enable: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub freed_valid: Signal<Out, Bit>,
    pub freed_ready: Signal<In, Bit>,
    pub freed_slot: Signal<Out, Bits<16>>,
    pub freed_count: Signal<Out, Bits<16>>,
    pub read_class: Signal<In, Bits<16>>,
    pub read_index: Signal<In, Bits<16>>,
    pub read_count: Signal<Out, Bits<16>>,
    pub read_key: Signal<Out, Bits<32>>,
    pub read_arrival: Signal<Out, Bits<32>>,
    pub read_slot: Signal<Out, Bits<16>>,
    pub seen: Signal<Out, Bits<32>>,
    pub kept: Signal<Out, Bits<32>>,
    pub replaced: Signal<Out, Bits<32>>,
    pub rejected: Signal<Out, Bits<32>>,
    pub busy: Signal<Out, Bit>,
    queue: ScoreQueue,
    classes: ClassTable<C>,
    admit: Admit,
    heap: Heap<R>,
    share: Share<R>,
    slots: Slots<S>,
    tally: Tally,
    // The score decided on, and its class's word as it was read for it.
    valid: Reg<Bit>,
    class_id: Dff<Bits<16>>,
    rank: Dff<Bits<64>>,
    slot: Dff<Bits<16>>,
    eligible: Dff<Bit>,
    first: Dff<Bit>,
    last: Dff<Bit>,
    count: Dff<Bits<16>>,
    last_arrival: Dff<Bits<32>>,
    worst: Dff<Bits<64>>,
    worst_slot: Dff<Bits<16>>,
    room: Dff<Bits<16>>,
    // It is being inserted; the table's word is being read again.
    walking: Reg<Bit>,
    rereading: Reg<Bit>,
    working: Signal<Local, Bit>,
    leave: Signal<Local, Bit>,
    enter: Signal<Local, Bit>,
    restart: Signal<Local, Bit>,
    emptying: Signal<Local, Bit>,
    decide: Signal<Local, Bit>,
    accept: Signal<Local, Bit>,
    older: Signal<Local, Bits<32>>,
    size: Signal<Local, Bits<16>>,
}

impl<const C: usize, const R: usize, const S: usize> Logic for Selector<C, R, S> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, walking, rereading, valid, class_id, rank, slot, eligible, first, last
        );
        dff_setup!(self, clock, count, last_arrival, worst, worst_slot, room);
        clock!(self, clock, queue, classes, heap, slots, tally);
        self.restart.next = self.reset.val() | self.clear.val();
        self.walking.reset.next = self.restart.val();
        self.rereading.reset.next = self.restart.val();
        self.valid.reset.next = self.restart.val();
        self.queue.reset.next = self.restart.val();
        self.heap.reset.next = self.restart.val();
        self.tally.reset.next = self.restart.val();
        self.classes.reset.next = self.restart.val();
        self.slots.reset.next = self.restart.val();
        self.emptying.next = self.classes.busy.val() | self.slots.busy.val();
        self.working.next = self.queue.busy.val() | self.valid.q.val();
        self.busy.next = self.emptying.val() | self.working.val();

        self.queue.score_valid.next = self.score_valid.val() | self.event_write.val();
        self.score_ready.next = self.queue.score_ready.val() & !self.event_write.val();
        self.queue.score_class.next = self.score_class.val();
        self.queue.score_confidence.next = self.score_confidence.val();
        self.queue.score_slot.next = self.score_slot.val();
        self.queue.score_first.next = self.score_first.val();
        self.queue.score_last.next = self.score_last.val();
        if self.event_write.val() {
            self.queue.score_class.next = self.event_class.val();
            self.queue.score_confidence.next = 65535.into();
            self.queue.score_slot.next = self.event_slot.val();
            self.queue.score_first.next = true;
            self.queue.score_last.next = true;
        }
        self.queue.key_mode.next = self.key_mode.val();
        self.queue.threshold.next = self.threshold.val();
        self.queue.min_confidence.next = self.min_confidence.val();
        self.queue.hash_key.next = self.hash_key.val();
        self.queue.refresh.next = self.refresh.val();
        self.queue.hold.next = self.emptying.val();

        // The decision.
        self.older.next = bit_cast::<32, 64>(self.rank.q.val());
        self.admit.eligible.next = self.eligible.q.val();
        self.admit.rank.next = self.rank.q.val();
        self.admit.arrival.next = !self.older.val();
        self.admit.worst.next = self.worst.q.val();
        self.admit.count.next = self.count.q.val();
        self.admit.room.next = self.room.q.val();
        self.admit.last_arrival.next = self.last_arrival.q.val();
        self.admit.spacing.next = self.spacing.val();
        self.decide.next = self.valid.q.val() & !self.walking.q.val();
        self.accept.next = self.decide.val() & (self.admit.append.val() | self.admit.replace.val());
        self.leave.next = self.decide.val() & !self.accept.val();

        // A score comes here with the table's word of its class.
        self.share.heap_shift.next = self.heap_shift.val();
        self.share.k.next = self.k.val();
        self.share.class_id.next = self.queue.class_id.val();
        self.room.d.next = self.share.room.val();
        self.enter.next = self.queue.valid.val()
            & !self.rereading.q.val()
            & (self.leave.val() | !self.valid.q.val());
        if self.enter.val() {
            self.class_id.d.next = self.queue.class_id.val();
            self.rank.d.next = self.queue.rank.val();
            self.slot.d.next = self.queue.slot.val();
            self.eligible.d.next =
                self.queue.eligible.val() & self.share.fits.val() & self.classes.enabled.val();
            self.first.d.next = self.queue.first.val();
            self.last.d.next = self.queue.last.val();
            self.count.d.next = self.classes.count.val();
            self.last_arrival.d.next = self.classes.last_arrival.val();
            self.worst.d.next = self.classes.worst.val();
            self.worst_slot.d.next = self.classes.worst_slot.val();
        }
        self.queue.advance.next = self.enter.val() | !self.queue.valid.val();

        // An accepted score leaves when its class's word is written. The next one waits until its own, which may be the same, has been read once more.
        self.rereading.d.next = self.heap.done.val();
        if self.accept.val() {
            self.walking.d.next = true;
        }
        if self.heap.done.val() {
            self.walking.d.next = false;
        }
        if self.leave.val() | self.heap.done.val() {
            self.valid.d.next = false;
        }
        if self.enter.val() {
            self.valid.d.next = true;
        }

        self.size.next = self.count.q.val();
        if self.admit.append.val() {
            self.size.next = self.count.q.val() + 1;
        }
        self.heap.start.next = self.accept.val();
        self.heap.rise.next = self.admit.append.val();
        self.heap.size.next = self.size.val();
        self.heap.rank.next = self.rank.q.val();
        self.heap.slot.next = self.slot.q.val();
        self.heap.worst.next = self.worst.q.val();
        self.heap.worst_slot.next = self.worst_slot.q.val();
        self.heap.shift.next = self.share.shift.val();
        self.classes.write.next = self.heap.done.val();
        self.classes.write_class.next = self.class_id.q.val();
        self.classes.write_count.next = self.size.val();
        self.classes.write_arrival.next = !self.older.val();
        self.classes.write_worst.next = self.heap.root_rank.val();
        self.classes.write_worst_slot.next = self.heap.root_slot.val();
        self.classes.mask_write.next = self.mask_write.val();
        self.classes.mask_class.next = self.mask_class.val();
        self.classes.mask_enable.next = self.mask_enable.val();

        // With no score in here, the tables show results.
        self.classes.read_class.next = self.queue.look.val();
        self.heap.class_id.next = self.class_id.q.val();
        self.heap.reading.next = !self.working.val();
        self.heap.read_worst.next = self.classes.worst.val();
        self.heap.read_worst_slot.next = self.classes.worst_slot.val();
        if !self.working.val() {
            self.classes.read_class.next = self.read_class.val();
            self.heap.class_id.next = self.read_class.val();
        }
        self.heap.read_index.next = self.read_index.val();
        self.read_count.next = self.classes.count.val();
        self.read_key.next = self.heap.read_key.val();
        self.read_arrival.next = self.heap.read_arrival.val();
        self.read_slot.next = self.heap.read_slot.val();

        self.slots.score.next = self.decide.val();
        self.slots.slot.next = self.slot.q.val();
        self.slots.first.next = self.first.q.val();
        self.slots.last.next = self.last.q.val();
        self.slots.accepted.next = self.accept.val();
        self.slots.evict.next = self.admit.replace.val();
        self.slots.evict_slot.next = self.worst_slot.q.val();
        self.slots.freed_ready.next = self.freed_ready.val();
        self.freed_valid.next = self.slots.freed_valid.val();
        self.freed_slot.next = self.slots.freed_slot.val();
        self.freed_count.next = self.slots.freed_count.val();

        self.tally.score.next = self.decide.val();
        self.tally.append.next = self.admit.append.val();
        self.tally.replace.next = self.admit.replace.val();
        self.seen.next = self.tally.seen.val();
        self.kept.next = self.tally.kept.val();
        self.replaced.next = self.tally.replaced.val();
        self.rejected.next = self.tally.rejected.val();
    }
}
