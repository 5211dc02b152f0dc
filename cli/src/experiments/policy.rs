//! What is kept of a stream: the selector's four keys by class, and what they are compared with.

use tandem::batches::Random;
use tandem::label::{offline, Selection};
use tandem::session::Sample;
use tandem::train::Ranking;
use tandem_isa::selection::{KeyMode, Rules};

/// A policy; all but the last three are run by the hardware's selector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    /// Of every class the most confident.
    Ranked,
    /// Of every class the most recent.
    Recent,
    /// Of every class a reservoir.
    Random,
    /// Of every class a reservoir of those at least this confident: no order of confidences is kept.
    Above(f64),
    /// Of every class K drawn out of this many most confident.
    OutOf(usize),
    /// The most confident whatever their class.
    RankedOfAll,
    /// A reservoir of all.
    RandomOfAll,
    /// The most recent of all: first in, first out.
    RecentOfAll,
}

/// How much of a stream is kept.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Classes.
    pub classes: usize,
    /// Samples of each.
    pub k: usize,
    /// Classes a sample may enter.
    pub top: u8,
    /// Samples of an epoch; 0: one epoch.
    pub refresh: u32,
}

impl Policy {
    /// In words.
    pub fn name(self) -> String {
        match self {
            Policy::Ranked => "balanced, ranked".into(),
            Policy::Recent => "balanced, most recent".into(),
            Policy::Random => "balanced, random".into(),
            Policy::Above(p) => format!("balanced, random above {p}"),
            Policy::OutOf(n) => format!("balanced, random out of the best {n}"),
            Policy::RankedOfAll => "unbalanced, ranked".into(),
            Policy::RandomOfAll => "reservoir over all".into(),
            Policy::RecentOfAll => "first in, first out".into(),
        }
    }

    /// The kept samples, a list a class, of a stream that lies in slots from `first`, with the labels the teacher gave them.
    pub fn keep(
        self,
        rankings: &[Ranking],
        first: usize,
        room: Room,
        seed: u64,
    ) -> Vec<Vec<Sample>> {
        let Room {
            classes, k, top, ..
        } = room;
        let (mode, threshold) = match self {
            Policy::Ranked | Policy::OutOf(_) | Policy::RankedOfAll => (KeyMode::Confidence, 0.0),
            Policy::Recent | Policy::RecentOfAll => (KeyMode::Arrival, 0.0),
            Policy::Random | Policy::RandomOfAll => (KeyMode::Hash, 0.0),
            Policy::Above(p) => (KeyMode::HashAbove, p),
        };
        let balanced = !matches!(
            self,
            Policy::RankedOfAll | Policy::RandomOfAll | Policy::RecentOfAll
        );
        let places = match self {
            Policy::OutOf(n) => n.max(k),
            _ if balanced => k,
            _ => k * classes,
        };
        let selection = Selection {
            classes: if balanced { classes } else { 1 },
            rules: Rules {
                k: places.min(usize::from(u16::MAX)) as u16,
                mode,
                threshold: (threshold * 32768.0) as u16,
                hash_key: Random::new(seed).next_u64() as u32,
                refresh: room.refresh,
                ..Rules::default()
            },
            top: if balanced { top } else { 1 },
            disabled: Vec::new(),
        };
        let mut lists = vec![Vec::new(); classes];
        if balanced {
            for (class, kept) in offline(&selection, rankings).into_iter().enumerate() {
                lists[class] = kept.iter().map(|k| (k.slot, class)).collect();
            }
        } else {
            // One list for all: every sample is a candidate of class 0.
            let of_all = |r: &Ranking| Ranking {
                class: [0, -1, -1, -1],
                ..*r
            };
            let all: Vec<Ranking> = rankings.iter().map(of_all).collect();
            for kept in offline(&selection, &all).into_iter().flatten() {
                let class = rankings[kept.slot].class[0] as usize;
                lists[class].push((kept.slot, class));
            }
        }
        if let Policy::OutOf(_) = self {
            let mut random = Random::new(seed);
            for list in &mut lists {
                random.shuffle(list);
                list.truncate(k);
            }
        }
        let sample = |(slot, class): (usize, usize)| Sample {
            slot: first + slot,
            label: class as u16,
        };
        lists
            .into_iter()
            .map(|l| l.into_iter().map(sample).collect())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rankings() -> Vec<Ranking> {
        let of = |i: i16| Ranking {
            class: [i % 2, (i + 1) % 2, -1, -1],
            p: [20_000 + 100 * i, 5_000, 0, 0],
        };
        (0..40).map(of).collect()
    }

    #[test]
    fn every_policy_keeps_what_it_says() {
        let all = rankings();
        let slots = |p: Policy, class: usize| {
            let room = Room {
                classes: 2,
                k: 4,
                top: 1,
                refresh: 0,
            };
            let mut kept: Vec<usize> = p.keep(&all, 100, room, 3)[class]
                .iter()
                .map(|s| s.slot - 100)
                .collect();
            kept.sort_unstable();
            kept
        };
        assert_eq!(slots(Policy::Ranked, 0), [32, 34, 36, 38]);
        assert_eq!(slots(Policy::Recent, 1), [33, 35, 37, 39]);
        assert_eq!(slots(Policy::RankedOfAll, 1), [33, 35, 37, 39]);
        assert_eq!(slots(Policy::RecentOfAll, 0), [32, 34, 36, 38]);
        let above = slots(Policy::Above(0.7), 0);
        assert!(
            above.len() == 4 && above.iter().all(|&i| i >= 30),
            "{above:?}"
        );
        let out_of = slots(Policy::OutOf(10), 0);
        assert!(
            out_of.len() == 4 && out_of.iter().all(|&i| i >= 20),
            "{out_of:?}"
        );
        assert_ne!(slots(Policy::Random, 0), slots(Policy::Ranked, 0));
        let room = Room {
            classes: 2,
            k: 4,
            top: 1,
            refresh: 10,
        };
        let newest = Policy::Random.keep(&all, 0, room, 3);
        assert!(newest[0].iter().all(|s| s.slot >= 30), "{newest:?}");
        let both: usize = (0..2).map(|c| slots(Policy::RandomOfAll, c).len()).sum();
        assert_eq!(both, 8);
    }
}
