//! The selector's arithmetic: the key of a score, the order of kept entries, and the heap that keeps the best of a class.
//!
//! Model, hardware tests and host share these functions, so that the kept set, its order in memory and every counter agree.
//! The hardware in `hdl/src/select/` is proved equal to [`offer`]. Do not use this to sort: a list comes out in heap order
//! (index 0 is the worst kept entry, the rest is in no useful order).
//!
//! The registers are `SEL_*` in [`register`](crate::register). What they leave open: rules are static while the selector is
//! busy; `SEL_K` counts up to 2^`SEL_SHIFT` entries, a larger value is cut to that; a class whose share lies outside the
//! entry memory keeps nothing; spacings 0 and 1 do not restrict; `seen` = `kept` + `replaced` + `rejected`, mod 2^32.
//!
//! A key has three parts, the higher the more it counts: bit 31, the label came with the sample ([`EVENT`]); with a refresh, bits 30:16,
//! the sample's epoch, that is `arrival` / `refresh`, at most [`LAST_EPOCH`]; what the mode ranks by, in 16 bits with a refresh, in 31 without.
//! [`KeyMode::Arrival`] has no epochs, being in their order anyway. Arrival numbers are meant to stay below 2^31.
use crate::numerics::hash32;
use core::cmp::Ordering;

/// Confidence of an event: a label that came with the sample, by which it ranks above all that a teacher has labelled. The confidences of a
/// teacher are Q0.15 and below 2^15; the selector takes any from 2^15 on for an event.
pub const EVENT: u16 = 0xffff;

/// The last epoch; what comes later belongs to it.
pub const LAST_EPOCH: u32 = 0x7fff;

/// What ranks a score against the others of its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyMode {
    /// The teacher's confidence: the best-ranked are kept.
    #[default]
    Confidence = 0,
    /// The arrival number: the most recent are kept.
    Arrival = 1,
    /// A hash of the arrival number: an exact uniform reservoir.
    Hash = 2,
    /// The hash, among scores whose confidence reaches the threshold: random out of the good.
    HashAbove = 3,
}

impl KeyMode {
    /// The mode of a two-bit register field; higher bits are ignored, as the hardware does.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Confidence,
            1 => Self::Arrival,
            2 => Self::Hash,
            _ => Self::HashAbove,
        }
    }
}

/// The rules of a selection; see the register table in the module's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Entries kept in each class.
    pub k: u16,
    /// What ranks a score.
    pub mode: KeyMode,
    /// Lowest confidence for [`KeyMode::HashAbove`], Q0.15.
    pub threshold: u16,
    /// Lowest confidence for every mode, Q0.15.
    pub min_confidence: u16,
    /// Samples between two accepted ones of a class; events do not wait.
    pub spacing: u32,
    /// Samples of an epoch: any of a later epoch ranks above all of an earlier one, so that old samples leave. 0: one epoch for all. Set
    /// while no sample has come.
    pub refresh: u32,
    /// Seed of the hash.
    pub hash_key: u32,
}

/// A kept score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Rank within the class, larger is better.
    pub key: u32,
    /// Number of the sample since the last clear, from 0.
    pub arrival: u32,
    /// Where the sample lies.
    pub slot: u16,
}

/// What became of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not taken.
    Rejected,
    /// Taken into a free place.
    Kept,
    /// Taken in place of an entry that held this slot.
    Replaced {
        /// The slot of the evicted entry.
        slot: u16,
    },
}

/// State of one class beside its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassState {
    /// Entries kept.
    pub count: u16,
    /// Arrival of the score accepted last, meaningful when `count` > 0.
    pub last_arrival: u32,
}

/// Whether a confidence says that the label came with the sample.
pub const fn is_event(confidence: u16) -> bool {
    confidence >> 15 != 0
}

/// Epoch of a sample, or `None` without a refresh.
pub const fn epoch(rules: &Rules, arrival: u32) -> Option<u32> {
    match arrival.checked_div(rules.refresh) {
        Some(epoch) if epoch > LAST_EPOCH => Some(LAST_EPOCH),
        epoch => epoch,
    }
}

/// Key of a score, or `None` when its confidence is too low for the rules.
pub const fn key(rules: &Rules, confidence: u16, arrival: u32) -> Option<u32> {
    if confidence < rules.min_confidence {
        return None;
    }
    // What the mode ranks by, in 31 bits and in 16.
    let (long, short) = match rules.mode {
        KeyMode::Confidence => (confidence as u32, confidence as u32),
        KeyMode::HashAbove if confidence < rules.threshold => return None,
        KeyMode::Hash | KeyMode::HashAbove => {
            let hash = hash32(arrival, rules.hash_key);
            (hash >> 1, hash >> 16)
        }
        KeyMode::Arrival => (arrival & 0x7fff_ffff, 0),
    };
    let rank = match (epoch(rules, arrival), rules.mode) {
        (None, _) | (_, KeyMode::Arrival) => long,
        (Some(epoch), _) => epoch << 16 | short,
    };
    Some((is_event(confidence) as u32) << 31 | rank)
}

/// Order of two entries: `Greater` is better. A larger key is better, and of equal keys the earlier arrival.
pub fn order(a: &Entry, b: &Entry) -> Ordering {
    a.key.cmp(&b.key).then(b.arrival.cmp(&a.arrival))
}

/// True when `a` ranks below `b`.
pub fn worse(a: &Entry, b: &Entry) -> bool {
    order(a, b) == Ordering::Less
}

/// Decides on one score of an enabled class and updates its state and entries exactly as the hardware does.
///
/// `heap` is the class's share of the entry memory; at most `min(rules.k, heap.len())` entries are kept, or
/// as many as there were if `k` was lowered since.
pub fn offer(
    rules: &Rules,
    state: &mut ClassState,
    heap: &mut [Entry],
    confidence: u16,
    arrival: u32,
    slot: u16,
) -> Outcome {
    let size = heap.len();
    let room = size.min(rules.k as usize);
    let count = state.count as usize;
    let Some(key) = key(rules, confidence, arrival) else {
        return Outcome::Rejected;
    };
    let near = count > 0 && arrival.wrapping_sub(state.last_arrival) < rules.spacing;
    if room == 0 || (near && !is_event(confidence)) {
        return Outcome::Rejected;
    }
    let new = Entry { key, arrival, slot };
    let outcome = if count < room {
        sift_up(&mut heap[..=count], new);
        state.count += 1;
        Outcome::Kept
    } else {
        let worst = heap[0];
        if !worse(&worst, &new) {
            return Outcome::Rejected;
        }
        sift_down(&mut heap[..count.min(size)], new);
        Outcome::Replaced { slot: worst.slot }
    };
    state.last_arrival = arrival;
    outcome
}

/// Places `new` in a heap whose last place is free, moving better parents down.
fn sift_up(heap: &mut [Entry], new: Entry) {
    let mut hole = heap.len() - 1;
    while hole > 0 {
        let parent = (hole - 1) / 2;
        if !worse(&new, &heap[parent]) {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = new;
}

/// Replaces the root by `new`, moving the worse child up at each level.
fn sift_down(heap: &mut [Entry], new: Entry) {
    let mut hole = 0;
    loop {
        let left = 2 * hole + 1;
        if left >= heap.len() {
            break;
        }
        let right = left + 1;
        let child = if right < heap.len() && worse(&heap[right], &heap[left]) {
            right
        } else {
            left
        };
        if !worse(&heap[child], &new) {
            break;
        }
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = new;
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn earlier_arrival_wins_a_tie() {
        let early = Entry {
            key: 5,
            arrival: 1,
            slot: 0,
        };
        let late = Entry {
            key: 5,
            arrival: 2,
            slot: 0,
        };
        assert_eq!(order(&early, &late), Ordering::Greater);
        assert!(worse(&late, &early) && !worse(&early, &early));
    }

    #[test]
    fn confidence_bounds_are_inclusive() {
        let rules = Rules {
            mode: KeyMode::HashAbove,
            threshold: 9,
            min_confidence: 4,
            ..Rules::default()
        };
        assert_eq!(key(&rules, 8, 3), None);
        assert_eq!(key(&rules, 9, 3), Some(hash32(3, 0) >> 1));
        let rules = Rules {
            mode: KeyMode::Confidence,
            ..rules
        };
        assert_eq!(key(&rules, 3, 3), None);
        assert_eq!(key(&rules, 4, 3), Some(4));
    }

    #[test]
    fn spacing_counts_from_the_last_accepted() {
        let rules = Rules {
            k: 4,
            spacing: 3,
            ..Rules::default()
        };
        let mut state = ClassState::default();
        let mut heap = [Entry::default(); 4];
        let taken: Vec<u32> = (0..10)
            .filter(|&n| {
                offer(&rules, &mut state, &mut heap, 100 + n as u16, n, 0) != Outcome::Rejected
            })
            .collect();
        assert_eq!(taken, [0, 3, 6, 9]);
    }

    #[test]
    fn events_rank_above_all_and_newer_epochs_above_older_ones() {
        for mode in 0..4 {
            let rules = Rules {
                mode: KeyMode::from_bits(mode),
                threshold: 1,
                refresh: 10,
                hash_key: 5,
                ..Rules::default()
            };
            let of = |confidence, arrival| key(&rules, confidence, arrival).unwrap();
            for arrival in 0..200 {
                assert!(of(EVENT, 0) > of(0x7fff, arrival));
                assert!(of(1, arrival + 10) > of(0x7fff, arrival), "{arrival}");
            }
            // No epoch is past the last: a wrap would put the newest below the oldest.
            let late = 10 * LAST_EPOCH + 9;
            assert!(of(9, late + 1) >> 16 == of(9, late) >> 16 || mode == 1);
        }
    }

    #[test]
    fn events_do_not_wait() {
        let rules = Rules {
            k: 4,
            spacing: 100,
            ..Rules::default()
        };
        let mut state = ClassState::default();
        let mut heap = [Entry::default(); 4];
        let mut taken =
            |confidence, n| offer(&rules, &mut state, &mut heap, confidence, n, 0) == Outcome::Kept;
        assert!(taken(5, 0) && !taken(0x7fff, 1) && taken(EVENT, 2) && taken(0x8000, 3));
    }

    #[test]
    fn keeps_what_a_sort_keeps() {
        let mut word = 1u32;
        for case in 0..200 {
            let k = case % 9;
            let rules = Rules {
                k,
                mode: KeyMode::from_bits(case as u8),
                threshold: 3,
                hash_key: 77,
                refresh: [0, 1, 7, 25, 100][usize::from(case) % 5],
                ..Rules::default()
            };
            let mut state = ClassState::default();
            let mut heap = [Entry::default(); 8];
            let mut all = Vec::new();
            let mut held = Vec::new();
            for arrival in 0..60 {
                word = hash32(word, 0x1234_5678);
                let confidence = if word % 31 == 0 {
                    EVENT
                } else {
                    (word % 7) as u16
                };
                let slot = arrival as u16;
                match offer(&rules, &mut state, &mut heap, confidence, arrival, slot) {
                    Outcome::Rejected => {}
                    Outcome::Kept => held.push(slot),
                    Outcome::Replaced { slot: out } => {
                        held.retain(|&s| s != out);
                        held.push(slot);
                    }
                }
                if let Some(key) = key(&rules, confidence, arrival) {
                    all.push(Entry { key, arrival, slot });
                }
            }
            all.sort_by(|a, b| order(b, a));
            all.truncate(k as usize);
            let mut kept = heap[..state.count as usize].to_vec();
            kept.sort_by(|a, b| order(b, a));
            assert_eq!(kept, all, "case {case}");
            held.sort_unstable();
            let mut slots: Vec<u16> = all.iter().map(|e| e.slot).collect();
            slots.sort_unstable();
            assert_eq!(held, slots, "case {case}");
        }
    }
}
