//! The selector of the model: per-class heaps, slot reference counts, freed slots and counters.

use super::loss::Score;
use std::collections::VecDeque;
use tandem_isa::selection::{offer, ClassState, Entry, KeyMode, Outcome, Rules, EVENT};
use tandem_isa::{register, Config};

/// The selector.
#[derive(Clone, Debug)]
pub struct Selector {
    classes: usize,
    entries: Vec<Entry>,
    states: Vec<ClassState>,
    enabled: Vec<bool>,
    references: Vec<u16>,
    slot_mask: usize,
    pub(super) freed: VecDeque<u16>,
    shift: u32,
    rules: Rules,
    arrival: u32,
    started: bool,
    index: u32,
    hash_mode: u32,
    seen: u32,
    kept: u32,
    replaced: u32,
    rejected: u32,
}

impl Selector {
    /// An empty selector.
    pub fn new(config: &Config) -> Self {
        Self {
            classes: 1 << config.class_bits,
            entries: vec![Entry::default(); 1 << config.entry_bits],
            states: vec![ClassState::default(); 1 << config.class_bits],
            enabled: vec![true; 1 << config.class_bits],
            references: vec![0; 1 << config.slot_bits],
            slot_mask: (1 << config.slot_bits) - 1,
            freed: VecDeque::new(),
            shift: 0,
            rules: Rules {
                k: 1,
                ..Rules::default()
            },
            arrival: 0,
            started: false,
            index: 0,
            hash_mode: 0,
            seen: 0,
            kept: 0,
            replaced: 0,
            rejected: 0,
        }
    }

    fn clear(&mut self) {
        self.states.fill(ClassState::default());
        self.enabled.fill(true);
        self.references.fill(0);
        self.freed.clear();
        self.arrival = 0;
        self.started = false;
        self.seen = 0;
        self.kept = 0;
        self.replaced = 0;
        self.rejected = 0;
    }

    /// Entries of one class in the entry memory.
    fn heap(&self, class: usize) -> std::ops::Range<usize> {
        let first = (class << self.shift).min(self.entries.len());
        first..((class + 1) << self.shift).min(self.entries.len())
    }

    fn release(&mut self, slot: u16, current: u16) {
        let references = &mut self.references[slot as usize & self.slot_mask];
        *references = references.wrapping_sub(1);
        if *references == 0 && slot != current {
            self.freed.push_back(slot);
        }
    }

    /// Takes one score.
    pub fn push(&mut self, score: Score) {
        if score.first {
            self.arrival = if self.started {
                self.arrival.wrapping_add(1)
            } else {
                0
            };
            self.started = true;
        }
        self.seen = self.seen.wrapping_add(1);
        let class = score.class as usize;
        let outcome = if class < self.classes && self.enabled[class] {
            let heap = self.heap(class);
            offer(
                &self.rules,
                &mut self.states[class],
                &mut self.entries[heap],
                score.confidence,
                self.arrival,
                score.slot,
            )
        } else {
            Outcome::Rejected
        };
        match outcome {
            Outcome::Rejected => self.rejected = self.rejected.wrapping_add(1),
            Outcome::Kept => {
                self.kept = self.kept.wrapping_add(1);
                self.references[score.slot as usize & self.slot_mask] += 1;
            }
            Outcome::Replaced { slot } => {
                self.replaced = self.replaced.wrapping_add(1);
                self.references[score.slot as usize & self.slot_mask] += 1;
                self.release(slot, score.slot);
            }
        }
        if score.last && self.references[score.slot as usize & self.slot_mask] == 0 {
            self.freed.push_back(score.slot);
        }
    }

    fn entry(&self) -> (usize, Entry) {
        let class = (self.index >> 16) as usize & (self.classes - 1);
        let at = (class << self.shift) + (self.index & 0xffff) as usize;
        (
            self.states[class].count as usize,
            self.entries.get(at).copied().unwrap_or_default(),
        )
    }

    /// Reads one of the selector's registers.
    pub fn read(&mut self, offset: u32) -> u32 {
        match offset {
            register::SEL_STATUS => (self.freed.len().min(0xffff) as u32) << 16,
            register::SEL_K => self.rules.k as u32,
            register::SEL_SHIFT => self.shift,
            register::SEL_MODE => self.hash_mode,
            register::SEL_THRESHOLD => self.rules.threshold as u32,
            register::SEL_MIN_CONFIDENCE => self.rules.min_confidence as u32,
            register::SEL_SPACING => self.rules.spacing,
            register::SEL_HASH_KEY => self.rules.hash_key,
            register::SEL_REFRESH => self.rules.refresh,
            register::SEL_FREED => self.freed.pop_front().map_or(0, |s| 1 << 31 | s as u32),
            register::SEL_INDEX => self.index,
            register::SEL_COUNT => self.entry().0 as u32,
            register::SEL_ENTRY_KEY => self.entry().1.key,
            register::SEL_ENTRY_ARRIVAL => self.entry().1.arrival,
            register::SEL_ENTRY_SLOT => self.entry().1.slot as u32,
            register::SEL_SEEN => self.seen,
            register::SEL_KEPT => self.kept,
            register::SEL_REPLACED => self.replaced,
            register::SEL_REJECTED => self.rejected,
            _ => 0,
        }
    }

    /// Writes one of the selector's registers.
    pub fn write(&mut self, offset: u32, value: u32) {
        match offset {
            register::SEL_CLEAR if value & 1 != 0 => self.clear(),
            register::SEL_K => self.rules.k = value as u16,
            register::SEL_SHIFT => self.shift = value & 15,
            register::SEL_MODE => {
                self.hash_mode = value & 3;
                self.rules.mode = KeyMode::from_bits(value as u8);
            }
            register::SEL_THRESHOLD => self.rules.threshold = value as u16,
            register::SEL_MIN_CONFIDENCE => self.rules.min_confidence = value as u16,
            register::SEL_SPACING => self.rules.spacing = value,
            register::SEL_HASH_KEY => self.rules.hash_key = value,
            register::SEL_REFRESH => self.rules.refresh = value,
            register::SEL_EVENT => self.push(Score {
                class: (value >> 16) as u16,
                confidence: EVENT,
                slot: value as u16,
                first: true,
                last: true,
            }),
            register::SEL_CLASS_ENABLE => {
                if let Some(e) = self.enabled.get_mut(value as usize & 0xffff) {
                    *e = value >> 16 & 1 != 0;
                }
            }
            register::SEL_INDEX => self.index = value,
            _ => {}
        }
    }
}
