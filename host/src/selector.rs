//! The selector on the host, for engines without one: the rules of `isa::selection`, sample by sample in the order of the stream,
//! as the engine's selector would. Classes past the selection's take nothing.

use crate::label::{Counts, Kept, Selection};
use crate::train::Ranking;
use tandem_isa::selection::{offer, ClassState, Entry, Outcome, Rules};

/// Kept entries of every class, and who holds which slot.
#[derive(Clone, Debug)]
pub(crate) struct HostSelector {
    rules: Rules,
    top: usize,
    heaps: Vec<Vec<Entry>>,
    states: Vec<ClassState>,
    enabled: Vec<bool>,
    /// Lists that hold a slot.
    references: Vec<u16>,
    arrival: u32,
    counts: Counts,
}

impl HostSelector {
    /// An empty one with slots `0 .. slots`.
    pub(crate) fn new(selection: &Selection, slots: usize) -> HostSelector {
        let n = selection.classes;
        HostSelector {
            rules: selection.rules,
            top: selection.top.into(),
            heaps: vec![vec![Entry::default(); selection.rules.k.into()]; n],
            states: vec![ClassState::default(); n],
            enabled: (0..n).map(|c| !selection.disabled.contains(&c)).collect(),
            references: vec![0; slots],
            arrival: 0,
            counts: Counts::default(),
        }
    }

    /// Takes the next sample, which lies in `slot`; returns the slots that nothing holds any more.
    pub(crate) fn push(&mut self, slot: usize, ranking: &Ranking) -> Vec<usize> {
        let mut freed = Vec::new();
        let scores = ranking.class.iter().zip(ranking.p).take(self.top);
        for (&class, p) in scores.filter(|(&class, _)| class >= 0) {
            self.counts.seen = self.counts.seen.wrapping_add(1);
            match self.offer(class as usize, p as u16, slot) {
                Outcome::Rejected => self.counts.rejected += 1,
                Outcome::Kept => {
                    self.counts.kept += 1;
                    self.references[slot] += 1;
                }
                Outcome::Replaced { slot: old } => {
                    self.counts.replaced += 1;
                    self.references[slot] += 1;
                    let old = usize::from(old);
                    self.references[old] -= 1;
                    if self.references[old] == 0 && old != slot {
                        freed.push(old);
                    }
                }
            }
        }
        if self.references[slot] == 0 {
            freed.push(slot);
        }
        self.arrival = self.arrival.wrapping_add(1);
        freed
    }

    fn offer(&mut self, class: usize, confidence: u16, slot: usize) -> Outcome {
        if !self.enabled.get(class).copied().unwrap_or(false) {
            return Outcome::Rejected;
        }
        let (state, heap) = (&mut self.states[class], &mut self.heaps[class]);
        let (rules, arrival) = (&self.rules, self.arrival);
        offer(rules, state, heap, confidence, arrival, slot as u16)
    }

    /// Every class's kept samples, in heap order.
    pub(crate) fn kept(&self) -> Vec<Vec<Kept>> {
        let lists = self.heaps.iter().zip(&self.states);
        lists
            .map(|(heap, state)| {
                let kept = |e: &Entry| Kept {
                    slot: e.slot.into(),
                    key: e.key,
                    arrival: e.arrival,
                };
                heap[..state.count.into()].iter().map(kept).collect()
            })
            .collect()
    }

    /// What it counted.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }
}
