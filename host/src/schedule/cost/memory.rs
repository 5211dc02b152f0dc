//! The memory as the cost model sees it: one server of bursts for reads and writes, with open rows, turnarounds and refresh.
//!
//! The simulated RTL takes its [`Timing`] from here. It follows the modelled DDR behind the simulated RTL burst by burst, not beat by beat.

use std::collections::VecDeque;

/// Timing of a memory behind the bus, in engine cycles. It moves 8 bytes a cycle, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the acceptance of a read to its first beat, and from the last beat written to its response.
    pub latency: u32,
    /// Lost when a burst opens another row of its bank (8 banks of 2 KiB rows).
    pub row_miss: u32,
    /// Lost between reading and writing.
    pub turnaround: u32,
    /// Cycles between refreshes; 0 for none.
    pub refresh_interval: u32,
    /// Lost at each refresh.
    pub refresh_cycles: u32,
}

impl Default for Timing {
    /// A DDR3 chip and its controller seen from a 100 MHz engine.
    fn default() -> Self {
        Self {
            latency: 20,
            row_miss: 6,
            turnaround: 4,
            refresh_interval: 780,
            refresh_cycles: 20,
        }
    }
}

impl Timing {
    /// A memory without any delay but one cycle: what a stall test compares with.
    pub const IDEAL: Self = Self {
        latency: 1,
        row_miss: 0,
        turnaround: 0,
        refresh_interval: 0,
        refresh_cycles: 0,
    };
}

/// Who a burst is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The command of that number is being fetched.
    Fetch(usize),
    /// A load.
    Load,
    /// A store; whether it is the last burst of its command.
    Store(bool),
}

/// A burst on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Burst {
    pub(super) owner: Owner,
    pub(super) address: u64,
    pub(super) beats: u64,
    /// When it can be served at the earliest: a read's acceptance, a write's last beat.
    pub(super) at: u64,
}

/// A burst that has been served: when its last beat has moved at the memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) burst: Burst,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// Bursts in a row of one direction before the other gets its turn.
const STREAK: u32 = 8;

/// The server.
pub(super) struct Memory {
    timing: Timing,
    pub(super) reads: VecDeque<Burst>,
    pub(super) writes: VecDeque<Burst>,
    rows: [u64; 8],
    free_at: u64,
    refresh_at: u64,
    writing: bool,
    streak: u32,
}

impl Memory {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            timing,
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            rows: [u64::MAX; 8],
            free_at: 0,
            refresh_at: u64::from(timing.refresh_interval),
            writing: false,
            streak: 0,
        }
    }

    /// When it could next serve a burst.
    pub(super) fn next(&self) -> Option<u64> {
        let front = |q: &VecDeque<Burst>| q.front().map(|b| b.at);
        let at = match (front(&self.reads), front(&self.writes)) {
            (Some(r), Some(w)) => r.min(w),
            (r, w) => r.or(w)?,
        };
        Some(at.max(self.free_at))
    }

    /// Serves a burst if one is due.
    pub(super) fn serve(&mut self, now: u64) -> Option<Served> {
        if now < self.free_at {
            return None;
        }
        let due = |q: &VecDeque<Burst>| q.front().is_some_and(|b| b.at <= now);
        let (read, write) = (due(&self.reads), due(&self.writes));
        let prefer = if self.writing {
            self.streak < STREAK
        } else {
            self.streak >= STREAK
        };
        let writing = write && (!read || prefer);
        let burst = if writing {
            self.writes.pop_front()?
        } else if read {
            self.reads.pop_front()?
        } else {
            return None;
        };
        self.streak = if writing == self.writing {
            self.streak + 1
        } else {
            0
        };
        let t = &self.timing;
        let mut start = now;
        if t.refresh_interval != 0 && start >= self.refresh_at {
            // Refreshes go on while nothing is asked for.
            let interval = u64::from(t.refresh_interval);
            let missed = (start - self.refresh_at) / interval;
            let last = self.refresh_at + missed * interval;
            start = start.max(last + u64::from(t.refresh_cycles));
            self.refresh_at = last + interval;
            self.rows = [u64::MAX; 8];
        }
        if writing != self.writing {
            start += u64::from(t.turnaround);
        }
        self.writing = writing;
        let bank = (burst.address >> 11 & 7) as usize;
        if self.rows[bank] != burst.address >> 14 {
            self.rows[bank] = burst.address >> 14;
            start += u64::from(t.row_miss);
        }
        let mut end = start + burst.beats;
        if t.refresh_interval != 0 && end >= self.refresh_at {
            end += u64::from(t.refresh_cycles);
            self.refresh_at += u64::from(t.refresh_interval);
            self.rows = [u64::MAX; 8];
        }
        self.free_at = end;
        Some(Served { burst, start, end })
    }

    pub(super) fn latency(&self) -> u64 {
        self.timing.latency.into()
    }
}
