//! Who has which words of a scratchpad: ring allocation (so that a load runs ahead of what still reads the words before)
//! and a memory of what is already there (so that weights are loaded once).

use super::footprint::{footprint, Space};
use super::Fill;
use tandem_isa::command::{pad, Load};
use tandem_isa::Config;

/// Words a load writes.
pub fn load_words(c: &Load) -> usize {
    let rows = c.rows as usize + c.top as usize + c.bottom as usize;
    let cols = c.width as usize + c.left as usize + c.right as usize;
    c.n as usize * c.m as usize * rows * cols
}

struct Resident {
    base: usize,
    words: usize,
    fills: Vec<Fill>,
    /// DDR bytes it came from.
    memory: Vec<(u64, u64)>,
}

struct Ring {
    depth: usize,
    align: usize,
    head: usize,
    residents: Vec<Resident>,
}

impl Ring {
    fn allocate(&mut self, words: usize) -> usize {
        let words = words.next_multiple_of(self.align);
        if self.head + words > self.depth {
            self.head = 0;
        }
        let base = self.head;
        self.head += words;
        self.residents
            .retain(|r| r.base + r.words <= base || base + words <= r.base);
        base
    }
}

/// Rings of every pad: A, B, V, Z (loaded), O, G (written by units), and the two accumulator banks.
pub struct Pads {
    loaded: [Ring; 4],
    written: [Ring; 2],
    bank: usize,
    acc_bank: usize,
}

impl Pads {
    pub(crate) fn new(config: &Config) -> Pads {
        let ring = |depth, align| Ring {
            depth,
            align,
            head: 0,
            residents: Vec::new(),
        };
        Pads {
            loaded: [
                ring(config.a_depth, 1),
                ring(config.b_depth, config.lanes),
                ring(config.v_depth, 1),
                ring(config.z_depth, 1),
            ],
            written: [ring(config.o_depth, 1), ring(config.g_depth, 1)],
            bank: 0,
            acc_bank: config.acc_bank(),
        }
    }

    pub(crate) fn find(&self, pad: u8, fills: &[Fill]) -> Option<u16> {
        let ring = &self.loaded[pad as usize];
        ring.residents
            .iter()
            .find(|r| r.fills == fills)
            .map(|r| r.base as u16)
    }

    pub(crate) fn allocate(&mut self, pad: u8, words: usize) -> u16 {
        self.loaded[pad as usize].allocate(words) as u16
    }

    pub(crate) fn remember(
        &mut self,
        pad: u8,
        base: u16,
        words: usize,
        fills: &[Fill],
        config: &Config,
    ) {
        let memory = fills
            .iter()
            .filter(|f| f.image.is_none())
            .flat_map(|f| footprint(config, &f.load.into()))
            .filter(|u| u.space == Space::Memory)
            .map(|u| (u.lo, u.hi))
            .collect();
        self.loaded[pad as usize].residents.push(Resident {
            base: base as usize,
            words,
            fills: fills.to_vec(),
            memory,
        });
    }

    /// Words of pad O or G for results.
    pub fn results(&mut self, pad: u8, words: usize) -> u16 {
        debug_assert!(pad == pad::O || pad == pad::G);
        self.written[pad as usize].allocate(words) as u16
    }

    /// First word of the other accumulator bank.
    pub fn next_bank(&mut self) -> usize {
        self.bank ^= 1;
        self.bank * self.acc_bank
    }

    pub(crate) fn forget_memory(&mut self, lo: u64, hi: u64) {
        for ring in &mut self.loaded {
            ring.residents
                .retain(|r| r.memory.iter().all(|&(a, b)| b <= lo || hi <= a));
        }
    }

    pub(crate) fn clear_pad(&mut self, pad: u8) {
        let ring = &mut self.loaded[pad as usize];
        ring.residents.clear();
        ring.head = 0;
    }

    pub(crate) fn clear(&mut self) {
        for ring in &mut self.loaded {
            ring.residents.clear();
        }
    }
}
