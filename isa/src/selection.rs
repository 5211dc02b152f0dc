//! The selector's arithmetic: the key of a score, the order of kept entries, and the heap that keeps the best of a class.
//!
//! Model, hardware tests and host share these functions, so that the kept set, its order in memory and every counter agree.
//! The hardware in `hdl/src/select/` is proved equal to [`offer`]. Do not use this to sort: a list comes out in heap order
//! (index 0 is the worst kept entry, the rest is in no useful order).
//!
//! The registers are `SEL_*` in [`register`](crate::register). What they leave open: rules are static while the selector is
//! busy; `SEL_K` counts up to 2^`SEL_SHIFT` entries, a larger value is cut to that; a class whose share lies outside the
//! entry memory keeps nothing; spacings 0 and 1 do not restrict; `seen` = `kept` + `replaced` + `rejected`, mod 2^32.
use crate::numerics::hash32;
use core::cmp::Ordering;

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
    /// Samples between two accepted ones of a class.
    pub spacing: u32,
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

/// Key of a score, or `None` when its confidence is too low for the rules.
pub const fn key(rules: &Rules, confidence: u16, arrival: u32) -> Option<u32> {
    if confidence < rules.min_confidence {
        return None;
    }
    match rules.mode {
        KeyMode::Confidence => Some(confidence as u32),
        KeyMode::Arrival => Some(arrival),
        KeyMode::Hash => Some(hash32(arrival, rules.hash_key)),
        KeyMode::HashAbove if confidence < rules.threshold => None,
        KeyMode::HashAbove => Some(hash32(arrival, rules.hash_key)),
    }
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
    if room == 0 || (count > 0 && arrival.wrapping_sub(state.last_arrival) < rules.spacing) {
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
        assert_eq!(key(&rules, 9, 3), Some(hash32(3, 0)));
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
    fn keeps_what_a_sort_keeps() {
        let mut word = 1u32;
        for case in 0..200 {
            let k = case % 9;
            let rules = Rules {
                k,
                mode: KeyMode::from_bits(case as u8),
                threshold: 3,
                hash_key: 77,
                ..Rules::default()
            };
            let mut state = ClassState::default();
            let mut heap = [Entry::default(); 8];
            let mut all = Vec::new();
            let mut held = Vec::new();
            for arrival in 0..60 {
                word = hash32(word, 0x1234_5678);
                let confidence = (word % 7) as u16;
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
