//! Bursts and words at random against a plain memory. Accesses under way never overlap, unless both read, so that every answer
//! is known when it is asked for.
use crate::parity::Rng;
use std::collections::VecDeque;

/// Bytes of each of the regions.
pub const REGION: u32 = 4096;
/// Where accesses go: the first rows, the border of two banks, the last rows.
pub const REGIONS: [u32; 3] = [0, (8 << 20) - REGION / 2, (32 << 20) - REGION];

/// A burst.
#[derive(Clone, Debug)]
pub struct Burst {
    pub id: u8,
    pub address: u32,
    /// Data and strobes, or the data expected.
    pub beats: VecDeque<(u64, u8)>,
    /// As the address phase says it.
    pub length: u8,
    pub asked: bool,
    pub error: bool,
    span: (u32, u32),
}

/// A word.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    pub write: bool,
    pub address: u32,
    /// To write, or expected.
    pub data: u32,
    pub error: bool,
}

/// The plain memory and what is under way.
#[derive(Default)]
pub struct Traffic {
    memory: std::collections::BTreeMap<u32, u8>,
    pub read: Option<Burst>,
    pub write: Option<Burst>,
    pub word: Option<Word>,
    pub done: [usize; 3],
}

fn overlap(a: (u32, u32), b: (u32, u32)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

impl Traffic {
    fn byte(&self, address: u32) -> u8 {
        self.memory.get(&address).copied().unwrap_or(0)
    }

    fn beat(&self, address: u32) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|i| self.byte(address + i as u32)))
    }

    /// Whether nothing under way stands against a read or a write of `span`.
    fn free(&self, span: (u32, u32), write: bool) -> bool {
        let reads = self.read.as_ref().filter(|_| write).map(|b| b.span);
        let writes = self.write.as_ref().map(|b| b.span);
        let word = self
            .word
            .filter(|w| write || w.write)
            .map(|w| (w.address, w.address + 4));
        ![reads, writes, word]
            .into_iter()
            .flatten()
            .any(|other| overlap(span, other))
    }

    fn span(rng: &mut Rng, unit: u32, most: u64) -> (u32, u32) {
        let region = REGIONS[rng.below(3) as usize];
        // Half of them near its beginning, where they meet.
        let reach = if rng.chance(50) { 256 } else { REGION };
        let room = reach / unit;
        let begin = rng.below(u64::from(room)) as u32;
        let begin = if rng.chance(40) { begin & !7 } else { begin };
        let units = 1 + rng.below(most.min(u64::from(REGION / unit - begin))) as u32;
        (region + begin * unit, region + (begin + units) * unit)
    }

    fn burst(&mut self, rng: &mut Rng, span: (u32, u32), error: bool, write: Option<u64>) -> Burst {
        let mut beats = VecDeque::new();
        for address in (span.0..span.1).step_by(8) {
            let mut beat = (self.beat(address), 0);
            if let Some(kind) = write {
                let strobes = match kind {
                    0 => rng.word() as u8,
                    1 => [0xff, 0, 0xff, 0x0f][rng.below(4) as usize],
                    2 => 0,
                    _ => 0xff,
                };
                beat = (rng.word(), strobes);
                for i in (0..8).filter(|i| strobes >> i & 1 == 1 && !error) {
                    self.memory
                        .insert(address + i, beat.0.to_le_bytes()[i as usize]);
                }
            }
            beats.push_back(beat);
        }
        // Above the memory: the same place if the upper bits were dropped.
        let above = (rng.below(127) as u32 + 1) << 25;
        Burst {
            id: rng.below(16) as u8,
            address: if error { span.0 + above } else { span.0 },
            length: (beats.len() - 1) as u8,
            beats,
            asked: false,
            error,
            span,
        }
    }

    /// Begins accesses where none is under way.
    pub fn begin(&mut self, rng: &mut Rng) {
        let most = if rng.chance(10) { 256 } else { 20 };
        if self.read.is_none() && rng.chance(20) {
            let span = Self::span(rng, 8, most);
            if self.free(span, false) {
                let error = rng.chance(5);
                self.read = Some(self.burst(rng, span, error, None));
            }
        }
        if self.write.is_none() && rng.chance(20) {
            let span = Self::span(rng, 8, most);
            if self.free(span, true) {
                let (error, kind) = (rng.chance(5), rng.below(7));
                self.write = Some(self.burst(rng, span, error, Some(kind)));
            }
        }
        if self.word.is_none() && rng.chance(3) {
            let span = Self::span(rng, 4, 1);
            let (write, error) = (rng.chance(50), rng.chance(5));
            if self.free(span, write) {
                let mut data = self.beat(span.0 & !7) >> (span.0 % 8 * 8);
                if write {
                    data = rng.word();
                    for i in (0..4).filter(|_| !error) {
                        self.memory
                            .insert(span.0 + i, data.to_le_bytes()[i as usize]);
                    }
                }
                let above = if error { 1 << (25 + rng.below(7)) } else { 0 };
                self.word = Some(Word {
                    write,
                    address: span.0 + above,
                    data: data as u32,
                    error,
                });
            }
        }
    }

    /// Begins to read the `n`th 2 KB of the regions.
    pub fn read_back(&mut self, rng: &mut Rng, n: u32) {
        let begin = REGIONS[n as usize / 2] + n % 2 * 2048;
        self.read = Some(self.burst(rng, (begin, begin + 2048), false, None));
    }

    /// Begins a burst of 256 beats, of a read or a write.
    pub fn long(&mut self, rng: &mut Rng, address: u32, write: bool) {
        let burst = self.burst(rng, (address, address + 2048), false, write.then_some(9));
        *if write {
            &mut self.write
        } else {
            &mut self.read
        } = Some(burst);
    }

    /// All bytes ever written.
    pub fn bytes(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        self.memory.iter().map(|(address, byte)| (*address, *byte))
    }

    /// Nothing is under way.
    pub fn idle(&self) -> bool {
        self.read.is_none() && self.write.is_none() && self.word.is_none()
    }
}
