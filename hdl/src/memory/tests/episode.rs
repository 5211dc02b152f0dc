//! Episodes of the campaign: a random load, store and fetches, one fault at most, and what must come of them.
use super::axi::Profile;
use super::bench::Bench;
use super::campaign::{Campaign, Fault, Phase, READS, WRITES};
use super::cells::random_area;
use super::throughput::bits_of;
use crate::memory::burst::bursts;
use crate::memory::golden::{padded, Area};
use crate::memory::lanes::beats;
use crate::memory::window::{allowed, Granted};
use crate::parity::Rng;
use tandem_isa::command::{Load, Store};
use tandem_isa::ErrorCode;

/// What pad word `at` of pad `pad` holds.
pub(super) fn pad_word(lanes: u32, pad: u64, at: u64) -> Vec<u16> {
    let mut rng = Rng::new(pad << 32 | at);
    (0..lanes).map(|_| rng.word() as u16).collect()
}

/// A random box whose lowest byte is in the window and all others too, or with `leave` perhaps not.
fn place(window: Granted, leave: bool, lanes: u32, rng: &mut Rng) -> Area {
    loop {
        let mut area = random_area(rng, lanes);
        area.address = 0;
        let highest = area.words(lanes).into_iter().max().unwrap_or(0) + lanes * 2;
        let Some(room) = (window.1 - window.0).checked_sub(highest) else {
            continue;
        };
        area.address = window.0 + 8 * rng.below(u64::from(room / 8) + 1) as u32;
        if leave {
            let step = 8 * rng.below(64) as u32;
            let low = rng.chance(50);
            area.address = if low {
                window.0 - step
            } else {
                window.1 - step
            };
        }
        return area;
    }
}

impl Campaign {
    fn first_refused(&self, all: Vec<(u32, u32)>, write: bool) -> Option<u32> {
        let bad = |&(at, n): &(u32, u32)| !allowed(&self.memory.windows, at, n, write);
        all.into_iter().find(bad).map(|(at, _)| at)
    }

    /// Chooses an episode and sets the commands.
    pub(super) fn begin<const L: usize>(&mut self, bench: &mut Bench<L>, rng: &mut Rng) {
        let settled = self.memory.is_idle();
        if settled {
            self.compare(true);
            self.late = false;
        }
        self.episode += 1;
        self.fault = match self.episode % 11 {
            0 if settled => Fault::BusRead,
            1 if settled => Fault::BusWrite,
            2 => Fault::LoadWindow,
            3 => Fault::StoreWindow,
            4 => Fault::FetchWindow,
            5 => Fault::Kill(rng.below(200)),
            6 => Fault::Silence(rng.below(150)),
            _ => Fault::None,
        };
        let percent = [100, 100, 80, 50, 30];
        let least = rng.below(20);
        self.memory.failed_at = None;
        self.memory.profile = Profile {
            ready: std::array::from_fn(|_| percent[rng.below(5) as usize]),
            latency: (least, least + rng.below(20)),
            bad_read: (self.fault == Fault::BusRead).then(|| rng.below(60)),
            bad_write: (self.fault == Fault::BusWrite).then(|| rng.below(6)),
            silent: false,
        };
        self.expected = None;
        self.load_open = rng.chance(80) || self.fault == Fault::LoadWindow;
        self.store_open = rng.chance(80) || self.fault == Fault::StoreWindow;

        let area = place(READS, self.fault == Fault::LoadWindow, self.lanes, rng);
        let mut side = || rng.below(3) as u8;
        let load = Load {
            flags: side() & Load::SKEW,
            pad: side(),
            top: side(),
            bottom: side(),
            left: side(),
            right: side(),
            base: rng.below(1 << 15) as u16,
            address: area.address,
            n: area.n as u16,
            m: area.m as u16,
            rows: area.rows as u16,
            width: area.width as u16,
            n_stride: area.n_stride,
            m_stride: area.m_stride,
            row_stride: area.row_stride,
            ..Default::default()
        };
        bench.load_command.next = bits_of(load.into());
        self.pad_writes.clear();
        if self.load_open {
            if let Some(at) = self.first_refused(area.bursts(self.lanes), false) {
                self.expected = Some((ErrorCode::ReadWindow, at));
            }
            let sides = [load.top, load.bottom, load.left, load.right].map(u32::from);
            let words = padded(&area, (sides[0], sides[1], sides[2], sides[3]), self.lanes);
            let skew = load.flags & Load::SKEW != 0;
            for (i, from) in words.into_iter().enumerate() {
                let beats = (0..self.lanes / 4)
                    .map(|beat| from.map_or(0, |at| self.memory.word(at + 8 * beat)))
                    .collect();
                let at = u64::from(load.base) + i as u64;
                self.pad_writes
                    .push_back((u64::from(load.pad), at & 0xffff, skew, beats));
            }
        }

        let area = place(WRITES, self.fault == Fault::StoreWindow, self.lanes, rng);
        let store = Store {
            pad: rng.below(2) as u8,
            base: rng.below(1 << 15) as u16,
            address: area.address,
            n: area.n as u16,
            m: area.m as u16,
            rows: area.rows as u16,
            width: area.width as u16,
            n_stride: area.n_stride,
            m_stride: area.m_stride,
            row_stride: area.row_stride,
            ..Default::default()
        };
        bench.store_command.next = bits_of(store.into());
        self.store_words.clear();
        if self.store_open {
            if let Some(at) = self.first_refused(area.bursts(self.lanes), true) {
                self.expected = Some((ErrorCode::WriteWindow, at));
            }
            for (i, at) in area.words(self.lanes).into_iter().enumerate() {
                let word = pad_word(
                    self.lanes,
                    u64::from(store.pad),
                    (u64::from(store.base) + i as u64) & 0xffff,
                );
                self.store_words.push((at, beats(&word)));
            }
        }

        self.fetches.clear();
        self.fetched.clear();
        for i in 0..rng.below(4) {
            let count = 1 + rng.below(24) as u32;
            let mut at = READS.0 + 8 * rng.below(0x700) as u32;
            if self.fault == Fault::FetchWindow && i == 0 {
                at = READS.1 - 8 * rng.below(20) as u32;
            }
            self.fetches.push_back((at, count));
            if let Some(at) = self.first_refused(bursts(at, count), false) {
                self.expected = Some((ErrorCode::FetchWindow, at));
            }
            for beat in 0..count {
                self.fetched
                    .push_back((self.memory.word(at + 8 * beat), beat + 1 == count));
            }
        }
        bench.load_start.next = self.load_open;
        bench.store_start.next = self.store_open;
        self.phase = Phase::Run;
        self.age = 0;
    }
}
