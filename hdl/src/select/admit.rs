//! Decision on one score: rejected, appended to a class that has room, or put in place of its worst entry.
//! Combinational; who acts on it is [`HeapWalk`](super::HeapWalk).
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `eligible` | 1 | the score may be taken at all: confidence, class in range and enabled |
//! | `rank`, `arrival` | 64, 32 | of the score |
//! | `worst` | 64 | rank of the class's worst entry |
//! | `count`, `room` | 16 | entries the class has, and may have |
//! | `last_arrival`, `spacing` | 32 | of the class's last accepted score; least distance from it |
//! | `append`, `replace` | 1 | what to do; neither: reject |
//!
//! The highest bit of a rank says that it is an event's, which may come at any distance.
//!
//! Latency 0, no state. Never both outputs at once.
use rust_hdl::prelude::*;

/// Decision on one score.
#[derive(LogicBlock, Default)]
pub struct Admit {
    /// The score may be taken at all.
    pub eligible: Signal<In, Bit>,
    /// Rank of the score.
    pub rank: Signal<In, Bits<64>>,
    /// Number of the score's sample.
    pub arrival: Signal<In, Bits<32>>,
    /// Rank of the class's worst entry.
    pub worst: Signal<In, Bits<64>>,
    /// Entries the class has.
    pub count: Signal<In, Bits<16>>,
    /// Entries a class may have.
    pub room: Signal<In, Bits<16>>,
    /// Arrival of the score the class accepted last.
    pub last_arrival: Signal<In, Bits<32>>,
    /// Least distance from it.
    pub spacing: Signal<In, Bits<32>>,
    /// Take the score into a free place.
    pub append: Signal<Out, Bit>,
    /// Take the score in place of the worst.
    pub replace: Signal<Out, Bit>,
    distance: Signal<Local, Bits<32>>,
    empty: Signal<Local, Bit>,
    none: Signal<Local, Bit>,
    far: Signal<Local, Bit>,
    labelled: Signal<Local, Bit>,
    full: Signal<Local, Bit>,
    better: Signal<Local, Bit>,
    open: Signal<Local, Bit>,
}

impl Logic for Admit {
    #[hdl_gen]
    fn update(&mut self) {
        self.distance.next = self.arrival.val() - self.last_arrival.val();
        self.empty.next = self.count.val() == 0;
        self.none.next = self.room.val() == 0;
        self.labelled.next = self.rank.val().get_bit(63);
        self.far.next = !(self.distance.val() < self.spacing.val()) | self.labelled.val();
        self.full.next = !(self.count.val() < self.room.val());
        self.better.next = self.worst.val() < self.rank.val();
        self.open.next =
            self.eligible.val() & !self.none.val() & (self.empty.val() | self.far.val());
        self.append.next = self.open.val() & !self.full.val();
        self.replace.next = self.open.val() & self.full.val() & self.better.val();
    }
}
