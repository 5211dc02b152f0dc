//! Puts one accepted score into the min-heap of its class, a level in four cycles. Appended scores rise from the last node,
//! replacing ones sink from the root. The order of moves is that of `tandem_isa::selection::offer`, so the entry memory
//! is equal to the model's, entry by entry. For reading and storage see [`Heap`](super::Heap).
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `start` | 1 | pulse, while `idle`: begin with the inputs below, which are taken at this edge |
//! | `rise` | 1 | append at node `size`; otherwise replace the root |
//! | `size` | 16 | entries of the class after the operation, 1 ..= 32768 |
//! | `rank`, `slot` | 64, 16 | the score |
//! | `old_root_rank`, `old_root_slot` | 64, 16 | the root before |
//! | `read_row`, `even_*`, `odd_*`, `write_*` | | to [`HeapBanks`](super::HeapBanks) |
//! | `root_rank`, `root_slot` | 64, 16 | the root afterwards, valid with `done` |
//! | `done` | 1 | one cycle, the last of the operation |
//!
//! A level is a read, the choice of the worse child, its comparison with the score, and the move: each is a cycle, as two
//! comparisons of 64 bits after a block RAM would be the longest path of the engine.
//!
//! Latency 6 + 4·floor(log2 `size`) cycles at most from `start` to `done`, 6 at least. Reset state: idle.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Where the walk stands.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum WalkState {
    /// Nothing to do.
    Idle,
    /// The first row is being read.
    Fetch,
    /// The row of the hole is there, and kept.
    Load,
    /// The worse child is chosen.
    Choose,
    /// The entry is compared with the score.
    Compare,
    /// The better of the two goes into the hole.
    Level,
    /// The root is final.
    Finish,
}

/// The heap's insert machine.
#[derive(LogicBlock, Default)]
pub struct HeapWalk {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// Append; otherwise replace the root.
    pub rise: Signal<In, Bit>,
    /// Entries after the operation.
    pub size: Signal<In, Bits<16>>,
    /// Rank of the score.
    pub rank: Signal<In, Bits<64>>,
    /// Slot of the score.
    pub slot: Signal<In, Bits<16>>,
    /// Rank of the root before.
    pub old_root_rank: Signal<In, Bits<64>>,
    /// Slot of the root before.
    pub old_root_slot: Signal<In, Bits<16>>,
    /// Row to read.
    pub read_row: Signal<Out, Bits<16>>,
    /// Rank of the row's even node.
    pub even_rank: Signal<In, Bits<64>>,
    /// Slot of the row's even node.
    pub even_slot: Signal<In, Bits<16>>,
    /// Rank of the row's odd node.
    pub odd_rank: Signal<In, Bits<64>>,
    /// Slot of the row's odd node.
    pub odd_slot: Signal<In, Bits<16>>,
    /// Write an entry.
    pub write: Signal<Out, Bit>,
    /// Its node.
    pub write_node: Signal<Out, Bits<16>>,
    /// Its rank.
    pub write_rank: Signal<Out, Bits<64>>,
    /// Its slot.
    pub write_slot: Signal<Out, Bits<16>>,
    /// Rank of the root afterwards.
    pub root_rank: Signal<Out, Bits<64>>,
    /// Slot of the root afterwards.
    pub root_slot: Signal<Out, Bits<16>>,
    /// The last cycle of the operation.
    pub done: Signal<Out, Bit>,
    state: Reg<WalkState>,
    rising: Dff<Bit>,
    nodes: Dff<Bits<17>>,
    hole: Dff<Bits<16>>,
    carry_rank: Dff<Bits<64>>,
    carry_slot: Dff<Bits<16>>,
    top_rank: Dff<Bits<64>>,
    top_slot: Dff<Bits<16>>,
    row_even: Dff<Bits<64>>,
    row_odd: Dff<Bits<64>>,
    entry_rank: Dff<Bits<64>>,
    entry_slot: Dff<Bits<16>>,
    entry_node: Dff<Bits<16>>,
    exists: Dff<Bit>,
    step: Dff<Bit>,
    hole_wide: Signal<Local, Bits<17>>,
    left: Signal<Local, Bits<17>>,
    right: Signal<Local, Bits<17>>,
    parent: Signal<Local, Bits<16>>,
    odd: Signal<Local, Bit>,
    other: Signal<Local, Bits<16>>,
    other_rank: Signal<Local, Bits<64>>,
    other_slot: Signal<Local, Bits<16>>,
    there: Signal<Local, Bit>,
    less: Signal<Local, Bits<64>>,
    more: Signal<Local, Bits<64>>,
    next_hole: Signal<Local, Bits<16>>,
}

impl Logic for HeapWalk {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, rising, nodes, hole, carry_rank, carry_slot, top_rank, top_slot
        );
        dff_setup!(
            self, clock, row_even, row_odd, entry_rank, entry_slot, entry_node, exists, step
        );
        self.state.reset.next = self.reset.val();

        // The entry to compare with: rising, the parent; sinking, the worse of the children that exist.
        self.hole_wide.next = bit_cast::<17, 16>(self.hole.q.val());
        self.left.next = self.hole_wide.val() << 1;
        self.right.next = self.left.val() + 1;
        self.parent.next = self.hole.q.val() >> 1;
        self.row_even.d.next = self.even_rank.val();
        self.row_odd.d.next = self.odd_rank.val();
        if self.rising.q.val() {
            self.other.next = self.parent.val();
            self.odd.next = self.parent.val().get_bit(0);
            self.there.next = self.parent.val() != 0;
        } else {
            self.odd.next = !(self.nodes.q.val() < self.right.val())
                & (self.row_odd.q.val() < self.row_even.q.val());
            self.other.next = bit_cast::<16, 17>(self.left.val());
            if self.odd.val() {
                self.other.next = bit_cast::<16, 17>(self.right.val());
            }
            self.there.next = !(self.nodes.q.val() < self.left.val());
        }
        self.other_rank.next = self.row_even.q.val();
        self.other_slot.next = self.even_slot.val();
        if self.odd.val() {
            self.other_rank.next = self.row_odd.q.val();
            self.other_slot.next = self.odd_slot.val();
        }
        // Node 1 is not in the banks.
        if self.rising.q.val() & (self.parent.val() == 1) {
            self.other_rank.next = self.top_rank.q.val();
            self.other_slot.next = self.top_slot.q.val();
        }
        if self.state.q.val() == WalkState::Choose {
            self.entry_rank.d.next = self.other_rank.val();
            self.entry_slot.d.next = self.other_slot.val();
            self.entry_node.d.next = self.other.val();
            self.exists.d.next = self.there.val();
        }
        self.less.next = self.entry_rank.q.val();
        self.more.next = self.carry_rank.q.val();
        if self.rising.q.val() {
            self.less.next = self.carry_rank.q.val();
            self.more.next = self.entry_rank.q.val();
        }
        self.step.d.next = self.exists.q.val() & (self.less.val() < self.more.val());

        // What goes into the hole.
        self.write_node.next = self.hole.q.val();
        self.write_rank.next = self.carry_rank.q.val();
        self.write_slot.next = self.carry_slot.q.val();
        self.next_hole.next = self.hole.q.val();
        if self.step.q.val() {
            self.write_rank.next = self.entry_rank.q.val();
            self.write_slot.next = self.entry_slot.q.val();
        }
        self.write.next = false;
        self.done.next = false;
        match self.state.q.val() {
            WalkState::Idle => {
                if self.start.val() {
                    self.state.d.next = WalkState::Fetch;
                    self.rising.d.next = self.rise.val();
                    self.nodes.d.next = bit_cast::<17, 16>(self.size.val());
                    self.carry_rank.d.next = self.rank.val();
                    self.carry_slot.d.next = self.slot.val();
                    self.top_rank.d.next = self.old_root_rank.val();
                    self.top_slot.d.next = self.old_root_slot.val();
                    self.next_hole.next = 1.into();
                    if self.rise.val() {
                        self.next_hole.next = self.size.val();
                    }
                }
            }
            WalkState::Fetch => {
                self.state.d.next = WalkState::Load;
            }
            WalkState::Load => {
                self.state.d.next = WalkState::Choose;
            }
            WalkState::Choose => {
                self.state.d.next = WalkState::Compare;
            }
            WalkState::Compare => {
                self.state.d.next = WalkState::Level;
            }
            WalkState::Level => {
                if self.hole.q.val() == 1 {
                    self.top_rank.d.next = self.write_rank.val();
                    self.top_slot.d.next = self.write_slot.val();
                } else {
                    self.write.next = true;
                }
                if self.step.q.val() {
                    self.next_hole.next = self.entry_node.q.val();
                    self.state.d.next = WalkState::Load;
                } else {
                    self.state.d.next = WalkState::Finish;
                }
            }
            _ => {
                self.done.next = true;
                self.state.d.next = WalkState::Idle;
            }
        }
        self.hole.d.next = self.next_hole.val();
        self.root_rank.next = self.top_rank.q.val();
        self.root_slot.next = self.top_slot.q.val();

        // Sinking reads the hole's children, rising its parent.
        self.read_row.next = self.next_hole.val();
        if self.rising.q.val() {
            self.read_row.next = self.next_hole.val() >> 2;
        }
    }
}
