//! A memory behind AXI4 that stalls, waits, fails and checks: every rule the master must keep is asserted here.
use crate::memory::window::{allowed, Granted};
use crate::parity::Rng;
use std::collections::VecDeque;

/// An address beat: ID, address, length field, size, burst type.
pub type Ax = (u8, u32, u8, u8, u8);

/// What the master shows in a cycle; a channel is `None` while its valid is low.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FromMaster {
    pub aw: Option<Ax>,
    /// Data, strobes, last.
    pub w: Option<(u64, u8, bool)>,
    pub ar: Option<Ax>,
    pub bready: bool,
    pub rready: bool,
}

/// What the memory shows in a cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FromMemory {
    pub awready: bool,
    pub wready: bool,
    pub arready: bool,
    /// ID, response.
    pub b: Option<(u8, u8)>,
    /// ID, data, response, last.
    pub r: Option<(u8, u64, u8, bool)>,
}

/// How it behaves.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Percentage of cycles in which each of AW, W, AR is ready, R and B are offered.
    pub ready: [u64; 5],
    /// Least and most cycles from a request to its first answer.
    pub latency: (u64, u64),
    /// Fail the response of this read beat / write burst, counted from now.
    pub bad_read: Option<u64>,
    pub bad_write: Option<u64>,
    /// Answer nothing (the requests are kept).
    pub silent: bool,
}

struct Answer {
    ax: Ax,
    beats_done: u32,
    due: u64,
}

/// The memory.
pub struct Memory {
    pub bytes: Vec<u8>,
    pub windows: [Granted; 4],
    pub profile: Profile,
    /// Address of the burst that was answered with an error.
    pub failed_at: Option<u32>,
    pub beats_read: u64,
    pub beats_written: u64,
    pub bursts: u64,
    now: u64,
    reads: VecDeque<Answer>,
    writes: VecDeque<Answer>,
    data: VecDeque<(u64, u8, bool)>,
    responses: VecDeque<(Ax, u64)>,
    shown: FromMemory,
    before: FromMaster,
}

impl Memory {
    pub fn new(size: usize, profile: Profile, rng: &mut Rng) -> Self {
        Self {
            bytes: (0..size).map(|_| rng.word() as u8).collect(),
            windows: [(0, 0, 0); 4],
            profile,
            failed_at: None,
            beats_read: 0,
            beats_written: 0,
            bursts: 0,
            now: 0,
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            data: VecDeque::new(),
            responses: VecDeque::new(),
            shown: FromMemory::default(),
            before: FromMaster::default(),
        }
    }

    pub fn word(&self, at: u32) -> u64 {
        let at = at as usize;
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap())
    }

    /// Nothing is owed.
    pub fn is_idle(&self) -> bool {
        let waits = self.before.aw.is_some() || self.before.w.is_some() || self.before.ar.is_some();
        let owes = self.reads.is_empty() && self.writes.is_empty() && self.responses.is_empty();
        owes && self.data.is_empty() && !waits
    }

    /// What the master offers that was not taken yet.
    pub fn waiting(&self) -> &FromMaster {
        &self.before
    }

    /// What it shows in the coming cycle. Offers once made stay.
    pub fn show(&mut self, rng: &mut Rng) -> FromMemory {
        let [aw, w, ar, r, b] = self.profile.ready.map(|percent| rng.chance(percent));
        self.shown.awready = aw;
        self.shown.wready = w;
        self.shown.arready = ar;
        let talks = !self.profile.silent;
        if let (None, true, Some(read)) = (&self.shown.r, r && talks, self.reads.front()) {
            if read.due <= self.now {
                let (id, at, length, ..) = read.ax;
                let bad = self.profile.bad_read == Some(0);
                if bad && self.failed_at.is_none() {
                    self.failed_at = Some(at);
                }
                let last = read.beats_done == u32::from(length);
                let data = self.word(at + 8 * read.beats_done);
                self.shown.r = Some((id, data, if bad { 2 + rng.below(2) as u8 } else { 0 }, last));
                self.profile.bad_read = self.profile.bad_read.and_then(|n| n.checked_sub(1));
            }
        }
        if let (None, true, Some(&((id, at, ..), due))) =
            (&self.shown.b, b && talks, self.responses.front())
        {
            if due <= self.now {
                let bad = self.profile.bad_write == Some(0);
                if bad && self.failed_at.is_none() {
                    self.failed_at = Some(at);
                }
                self.shown.b = Some((id, if bad { 2 + rng.below(2) as u8 } else { 0 }));
                self.profile.bad_write = self.profile.bad_write.and_then(|n| n.checked_sub(1));
            }
        }
        self.shown.clone()
    }

    fn check(&self, ax: Ax, write: bool) {
        let (_, at, length, size, burst) = ax;
        let beats = u32::from(length) + 1;
        assert!(size == 3 && burst == 1 && at % 8 == 0, "{ax:x?}");
        assert!(
            beats <= 64 && at % 4096 + beats * 8 <= 4096,
            "burst too long: {ax:x?}"
        );
        assert!(
            allowed(&self.windows, at, beats, write),
            "outside the windows: {ax:x?}"
        );
    }

    /// What the master shows in that cycle, at its end.
    pub fn take(&mut self, master: &FromMaster, rng: &mut Rng) {
        self.now += 1;
        // Valid and payload stay until taken: `before` keeps what was offered and not taken.
        if self.before.aw.is_some() {
            assert_eq!(self.before.aw, master.aw, "AW changed while waiting");
        }
        if self.before.w.is_some() {
            assert_eq!(self.before.w, master.w, "W changed while waiting");
        }
        if self.before.ar.is_some() {
            assert_eq!(self.before.ar, master.ar, "AR changed while waiting");
        }
        self.before = master.clone();
        let (least, most) = self.profile.latency;
        let due = self.now + least + rng.below(most - least + 1);
        if let (Some(ax), true) = (master.ar, self.shown.arready) {
            self.check(ax, false);
            self.bursts += 1;
            self.before.ar = None;
            self.reads.push_back(Answer {
                ax,
                beats_done: 0,
                due,
            });
        }
        if let (Some(ax), true) = (master.aw, self.shown.awready) {
            self.check(ax, true);
            self.bursts += 1;
            self.before.aw = None;
            self.writes.push_back(Answer {
                ax,
                beats_done: 0,
                due,
            });
        }
        if let (Some(beat), true) = (master.w, self.shown.wready) {
            self.before.w = None;
            self.beats_written += 1;
            self.data.push_back(beat);
        }
        if self.shown.r.is_some() && master.rready {
            self.shown.r = None;
            self.beats_read += 1;
            let read = self.reads.front_mut().unwrap();
            read.beats_done += 1;
            if read.beats_done > u32::from(read.ax.2) {
                self.reads.pop_front();
            }
        }
        if self.shown.b.is_some() && master.bready {
            self.shown.b = None;
            self.responses.pop_front();
        }
        while let (Some(write), false) = (self.writes.front_mut(), self.data.is_empty()) {
            let (data, strobes, last) = self.data.pop_front().unwrap();
            let (_, at, length, ..) = write.ax;
            let at = (at + 8 * write.beats_done) as usize;
            for (i, byte) in data.to_le_bytes().into_iter().enumerate() {
                if strobes >> i & 1 == 1 {
                    self.bytes[at + i] = byte;
                }
            }
            assert_eq!(
                last,
                write.beats_done == u32::from(length),
                "wlast is wrong"
            );
            write.beats_done += 1;
            if last {
                let ax = write.ax;
                self.writes.pop_front();
                self.responses.push_back((ax, due));
            }
        }
    }
}
