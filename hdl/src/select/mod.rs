//! Selector: of a stream of scores (class, confidence, sample slot), the best K of every class.
//!
//! ```text
//! scores ─► ScoreQueue, key ──► ClassTable ─► Admit ──► rejected: one cycle
//!                              (worst, count)   │ accepted
//!                                    ▲          ▼
//!                                    └───── HeapWalk ◄─► HeapBanks        Slots ─► freed slots
//! ```
//! | cell | what |
//! |---|---|
//! | [`Selector`] | the unit: ports, pipeline, counters |
//! | [`ScoreQueue`] | queue and arrival number |
//! | [`ScoreKey`] | key and rank of a score |
//! | [`Admit`] | reject, append or replace |
//! | [`ClassTable`] | count, last arrival, worst entry and mask of every class |
//! | [`Heap`] | the heaps, made of the next three |
//! | [`HeapWalk`] | inserts into a heap |
//! | [`HeapBanks`] | entry memory |
//! | [`ReadPort`] | results |
//! | [`Share`] | a class's share of the entry memory |
//! | [`Slots`] | use counts of sample slots |
//! | [`FreeList`] | queue of free slots |
//! | [`Tally`] | counters |
//! | [`SelectUnit`] | lets the scores of Select commands through |
//!
//! `Selector` with its defaults (64 classes, 8192 entries, 8192 slots) is 2.2 k LUT4, 1.1 k flip-flops and 55 block RAMs of
//! an ECP5 (yosys 0.70, `synth_ecp5`): `examples/selector_cost.rs` counts them.
mod admit;
mod class_table;
pub mod figures;
mod free_list;
mod heap;
mod heap_banks;
mod heap_walk;
mod read_port;
mod score_key;
mod score_queue;
mod selector;
mod share;
mod slots;
mod tally;
mod unit;

pub use admit::Admit;
pub use class_table::ClassTable;
pub use free_list::FreeList;
pub use heap::Heap;
pub use heap_banks::HeapBanks;
pub use heap_walk::{HeapWalk, WalkState};
pub use read_port::ReadPort;
pub use score_key::ScoreKey;
pub use score_queue::ScoreQueue;
pub use selector::Selector;
pub use share::Share;
pub use slots::Slots;
pub use tally::Tally;
pub use unit::SelectUnit;

#[cfg(test)]
mod tests;
