//! A test bench that drives a selector through a list of streams, each begun by `clear`, and checks what it kept.
use crate::parity::Rng;
use crate::select::Selector;
use rust_hdl::prelude::*;
use std::collections::BTreeSet;
use tandem_isa::selection::{key, offer, order, ClassState, Entry, KeyMode, Outcome, Rules, EVENT};

/// One stream: its rules and what disturbs it.
#[derive(Clone, Debug)]
pub struct Stream {
    pub rules: Rules,
    pub heap_shift: u16,
    /// Scores of each sample: class and confidence.
    pub samples: Vec<Vec<(u16, u16)>>,
    pub disabled: Vec<u16>,
    /// Slots beyond those the lists can hold.
    pub spare_slots: u16,
    /// Percent of cycles in which a score is offered, and a freed slot taken.
    pub offer_percent: u64,
    pub free_percent: u64,
    /// Ends the stream by `clear` when so many samples were begun, wherever the rest stands.
    pub cut_at: usize,
}

impl Stream {
    /// A random stream over `classes` classes with at most `max_k` entries each and up to 4 scores a sample.
    pub fn random(rng: &mut Rng, mode: KeyMode, classes: u16, shift: u16, length: u64) -> Self {
        let levels = [3, 6, 40, 32768][rng.below(4) as usize];
        let most = 1 + rng.below(4);
        let samples = (0..length / most)
            .map(|_| {
                let mut scores: Vec<(u16, u16)> = vec![];
                for _ in 0..1 + rng.below(most) {
                    // Small class numbers come more often, so that some lists fill and some do not.
                    let bound = 1 + rng.below(u64::from(classes));
                    let class = rng.below(bound) as u16;
                    if scores.iter().all(|s| s.0 != class) {
                        scores.push((class, rng.below(levels) as u16));
                    }
                }
                scores
            })
            .collect();
        let bound = |rng: &mut Rng| {
            if rng.chance(30) {
                rng.below(levels) as u16 / 2
            } else {
                0
            }
        };
        Self {
            rules: Rules {
                k: 1 + rng.below(1 << shift) as u16,
                mode,
                threshold: rng.below(levels) as u16,
                min_confidence: bound(rng),
                spacing: 0,
                hash_key: rng.word() as u32,
                refresh: 0,
            },
            heap_shift: shift,
            samples,
            disabled: vec![],
            spare_slots: 1 + rng.below(20) as u16,
            offer_percent: [100, 100, 60, 20][rng.below(4) as usize],
            free_percent: [100, 100, 50, 10][rng.below(4) as usize],
            cut_at: usize::MAX,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Begin,
    Empty,
    Mask(usize),
    Scores,
    Settle,
    Read(u16, u16),
    Done,
}

/// Drives a selector; call [`step`](Bench::step) before each cycle.
pub struct Bench {
    streams: Vec<Stream>,
    classes: u16,
    rng: Rng,
    phase: Phase,
    at: usize,
    free: Vec<u16>,
    held: BTreeSet<u16>,
    slots: u16,
    next: (usize, usize),
    offered: bool,
    /// An event was offered in the cycle before: `score_ready` was low for it.
    event_before: bool,
    slot_of: Vec<u16>,
    freed_log: Vec<u16>,
    lists: Vec<Vec<Entry>>,
    /// Cycles until done.
    pub cycles: usize,
}

impl Bench {
    pub fn new(streams: Vec<Stream>, classes: u16, seed: u64) -> Self {
        Self {
            streams,
            classes,
            rng: Rng::new(seed),
            phase: Phase::Begin,
            at: 0,
            free: vec![],
            held: BTreeSet::new(),
            slots: 0,
            next: (0, 0),
            offered: false,
            event_before: false,
            slot_of: vec![],
            freed_log: vec![],
            lists: vec![],
            cycles: 0,
        }
    }

    pub fn done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Sets the inputs of the next cycle. Handshakes are known here, since ready and valid outputs are registered.
    pub fn step<const C: usize, const R: usize, const S: usize>(
        &mut self,
        u: &mut Selector<C, R, S>,
    ) {
        self.cycles += usize::from(!self.done());
        u.reset.next = self.cycles <= 2;
        u.clear.next = false;
        u.mask_write.next = false;
        u.event_write.next = false;
        u.score_valid.next = false;
        u.freed_ready.next = true;
        if self.cycles <= 2 {
            return;
        }
        match self.phase {
            Phase::Begin => self.begin(u),
            Phase::Empty => {
                if !u.busy.val() {
                    assert_eq!(u.seen.val().to_u32(), 0);
                    self.phase = Phase::Mask(0);
                }
            }
            Phase::Mask(n) => match self.streams[self.at].disabled.get(n) {
                Some(&class) => {
                    u.mask_write.next = true;
                    u.mask_class.next = class.to_bits();
                    u.mask_enable.next = false;
                    self.phase = Phase::Mask(n + 1);
                }
                None => self.phase = Phase::Scores,
            },
            Phase::Scores => self.scores(u),
            Phase::Settle => {
                self.freed(u, 100);
                if !u.busy.val() && u.freed_count.val() == 0 {
                    self.phase = Phase::Read(0, 0);
                    u.read_class.next = 0.into();
                    u.read_index.next = 0.into();
                    self.lists = vec![vec![]];
                }
            }
            Phase::Read(class, index) => self.read(u, class, index),
            Phase::Done => {}
        }
    }

    fn begin<const C: usize, const R: usize, const S: usize>(&mut self, u: &mut Selector<C, R, S>) {
        let Some(s) = self.streams.get(self.at) else {
            self.phase = Phase::Done;
            return;
        };
        u.k.next = s.rules.k.to_bits();
        u.heap_shift.next = s.heap_shift.to_bits();
        u.key_mode.next = (s.rules.mode as u8).to_bits();
        u.threshold.next = s.rules.threshold.to_bits();
        u.min_confidence.next = s.rules.min_confidence.to_bits();
        u.spacing.next = s.rules.spacing.to_bits();
        u.hash_key.next = s.rules.hash_key.to_bits();
        u.refresh.next = s.rules.refresh.to_bits();
        // The first stream starts on the reset alone.
        u.clear.next = self.at > 0;
        self.offered = false;
        let share = u32::from(s.rules.k).min(1 << s.heap_shift);
        let most = (u32::from(self.classes) * share).min(2 << R);
        self.slots = most as u16 + s.spare_slots;
        assert!(usize::from(self.slots) <= 1 << S);
        self.free = (0..self.slots).collect();
        self.held.clear();
        self.next = (0, 0);
        self.slot_of.clear();
        self.freed_log.clear();
        self.phase = Phase::Empty;
    }

    fn freed<const C: usize, const R: usize, const S: usize>(
        &mut self,
        u: &mut Selector<C, R, S>,
        percent: u64,
    ) {
        u.freed_ready.next = self.rng.chance(percent);
        if u.freed_ready.next && u.freed_valid.val() {
            let slot = u.freed_slot.val().to_u16();
            assert!(
                self.held.remove(&slot),
                "slot {slot} freed twice or never given"
            );
            self.free.push(slot);
            self.freed_log.push(slot);
        }
    }

    fn scores<const C: usize, const R: usize, const S: usize>(
        &mut self,
        u: &mut Selector<C, R, S>,
    ) {
        let s = &self.streams[self.at];
        let free_percent = s.free_percent;
        let (sample, index) = self.next;
        if sample == s.cut_at {
            self.at += 1;
            return self.begin(u);
        }
        let Some(scores) = s.samples.get(sample) else {
            self.phase = Phase::Settle;
            return self.freed(u, free_percent);
        };
        if !self.offered && self.rng.chance(s.offer_percent) {
            if index == 0 && !self.free.is_empty() {
                let slot = self
                    .free
                    .swap_remove(self.rng.below(self.free.len() as u64) as usize);
                self.held.insert(slot);
                self.slot_of.push(slot);
            }
            self.offered = self.slot_of.len() > sample;
        }
        let (class, confidence) = scores[index];
        if std::mem::take(&mut self.event_before) {
            return self.freed(u, free_percent);
        }
        if let ([(class, EVENT)], true) = (&scores[..], self.offered) {
            // By the port of events, as soon as the selector is idle.
            if !u.busy.val() {
                u.event_write.next = true;
                u.event_class.next = class.to_bits();
                u.event_slot.next = self.slot_of[sample].to_bits();
                self.offered = false;
                self.event_before = true;
                self.next = (sample + 1, 0);
            }
            return self.freed(u, free_percent);
        }
        u.score_valid.next = self.offered;
        u.score_class.next = class.to_bits();
        u.score_confidence.next = confidence.to_bits();
        u.score_slot.next = self.slot_of.get(sample).copied().unwrap_or(0).to_bits();
        u.score_first.next = index == 0;
        u.score_last.next = index + 1 == scores.len();
        if self.offered && u.score_ready.val() {
            self.offered = false;
            self.next = if index + 1 == scores.len() {
                (sample + 1, 0)
            } else {
                (sample, index + 1)
            };
        }
        self.freed(u, free_percent);
    }

    fn read<const C: usize, const R: usize, const S: usize>(
        &mut self,
        u: &mut Selector<C, R, S>,
        class: u16,
        index: u16,
    ) {
        let mut to = (class, index + 1);
        if index < u.read_count.val().to_u16() {
            self.lists[class as usize].push(Entry {
                key: u.read_key.val().to_u32(),
                arrival: u.read_arrival.val().to_u32(),
                slot: u.read_slot.val().to_u16(),
            });
        } else {
            to = (class + 1, 0);
            self.lists.push(vec![]);
        }
        if to.0 < self.classes {
            u.read_class.next = to.0.to_bits();
            u.read_index.next = to.1.to_bits();
            self.phase = Phase::Read(to.0, to.1);
        } else {
            let counts = [
                u.seen.val(),
                u.kept.val(),
                u.replaced.val(),
                u.rejected.val(),
            ];
            self.check::<R>(counts.map(|c| c.to_u32()));
            self.at += 1;
            self.phase = Phase::Begin;
        }
    }

    /// Compares with the model, entry by entry, and with a sort of the whole stream.
    fn check<const R: usize>(&self, counts: [u32; 4]) {
        let s = &self.streams[self.at];
        let what = format!("stream {}: {:?}", self.at, s.rules);
        let mut states = vec![ClassState::default(); self.classes as usize];
        let room = usize::from(s.rules.k).min(1 << s.heap_shift).min(2 << R);
        let heap = |class| {
            if (class << s.heap_shift) < 2 << R {
                room
            } else {
                0
            }
        };
        let mut heaps: Vec<_> = (0..self.classes as usize)
            .map(|class| vec![Entry::default(); heap(class)])
            .collect();
        let mut all = vec![vec![]; self.classes as usize];
        let mut expected = [0; 4];
        let mut uses = vec![0; self.slots as usize];
        let mut freed = vec![];
        for (arrival, scores) in s.samples.iter().enumerate() {
            let (arrival, slot) = (arrival as u32, self.slot_of[arrival]);
            for &(class, confidence) in scores {
                let at = class as usize;
                expected[0] += 1;
                let outcome = if at >= states.len() || s.disabled.contains(&class) {
                    Outcome::Rejected
                } else {
                    all[at].extend(key(&s.rules, confidence, arrival).map(|key| Entry {
                        key,
                        arrival,
                        slot,
                    }));
                    offer(
                        &s.rules,
                        &mut states[at],
                        &mut heaps[at],
                        confidence,
                        arrival,
                        slot,
                    )
                };
                match outcome {
                    Outcome::Kept => {
                        expected[1] += 1;
                        uses[slot as usize] += 1;
                    }
                    Outcome::Replaced { slot: out } => {
                        expected[2] += 1;
                        uses[slot as usize] += 1;
                        uses[out as usize] -= 1;
                        if uses[out as usize] == 0 && out != slot {
                            freed.push(out);
                        }
                    }
                    Outcome::Rejected => expected[3] += 1,
                }
            }
            if uses[slot as usize] == 0 {
                freed.push(slot);
            }
        }
        assert_eq!(counts, expected, "{what}: seen, kept, replaced, rejected");
        assert_eq!(self.freed_log, freed, "{what}: freed slots in order");
        let mut in_lists = BTreeSet::new();
        for (class, list) in self.lists.iter().take(self.classes as usize).enumerate() {
            assert_eq!(
                list,
                &heaps[class][..states[class].count as usize],
                "{what}, class {class}"
            );
            in_lists.extend(list.iter().map(|e| e.slot));
            if s.rules.spacing == 0 {
                let mut kept = list.clone();
                kept.sort_by(|a, b| order(b, a));
                all[class].sort_by(|a, b| order(b, a));
                all[class].truncate(heaps[class].len());
                assert_eq!(kept, all[class], "{what}, class {class} against the sort");
            }
        }
        assert_eq!(
            in_lists, self.held,
            "{what}: slots in lists and slots not free"
        );
        assert_eq!(
            self.free.len() + self.held.len(),
            self.slots as usize,
            "{what}: slots"
        );
    }
}
