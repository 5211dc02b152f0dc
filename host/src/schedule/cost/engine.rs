//! The engine as the cost model sees it: units side by side, ordered by their queues and tokens, and the memory between them.
//!
//! An event simulation with commands and bursts as its smallest parts. Formulas of the units are those their hardware files state.

use super::bursts::Bursts;
use super::memory::{Burst, Memory, Owner, Served, Timing};
use super::{work, QUEUE};
use std::collections::VecDeque;
use tandem_isa::command::Command;
use tandem_isa::{Config, Unit};

const UNITS: usize = Unit::COUNT;
/// Commands in flight in a unit.
const IN_FLIGHT: usize = 4;
/// Commands that wait behind the one whose words load writes, or for whose answers store waits.
const BEHIND: usize = 2;
/// Commands fetched ahead at most, and at least before more are asked for.
const AHEAD: usize = 8;
const LOW: usize = 4;
/// Beats of a command.
const COMMAND_BEATS: u64 = 8;
/// Bursts outstanding of either direction.
const OUTSTANDING: usize = 16;
/// Beats written that the memory holds.
const WRITE_BUFFER: u64 = 256;
/// Where the program stands, for rows of the memory.
const PROGRAM: u64 = 1 << 40;

/// A unit's queue and what it has in flight.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<usize>,
    /// When the unit can take its next command.
    free_at: u64,
    /// The command at its head has been started and is not taken yet.
    at_work: bool,
    /// Commands in flight, oldest first, and when each is done (unknown while memory is at it).
    flight: VecDeque<(usize, Option<u64>)>,
}

/// A load in flight.
struct Loading {
    command: usize,
    /// Bursts not delivered.
    left: usize,
    /// Cycles in which the pad takes zeros and the bus has to wait.
    zeros: u64,
    /// All words, for a load that reads nothing.
    words: u64,
}

/// The simulation.
struct Engine<'a> {
    config: &'a Config,
    commands: &'a [Command],
    memory: Memory,
    queues: [Queue; UNITS],
    tokens: [u32; UNITS * UNITS],
    /// Tokens given: when they count, and which.
    given: VecDeque<(u64, usize)>,
    fetched: VecDeque<u64>,
    asked: usize,
    filling: bool,
    issued: usize,
    issue_at: u64,
    /// Bursts the load unit has still to ask for, and from when.
    load_front: Option<(Bursts, u64)>,
    loading: VecDeque<Loading>,
    writer_free: u64,
    reads_open: usize,
    read_free: u64,
    /// Bursts the store unit has still to send, and from when.
    store_front: Option<(Bursts, u64)>,
    send_free: u64,
    writes_open: VecDeque<u64>,
    written: u64,
    sent: u64,
    end: u64,
    /// When each command was taken by its unit, and when it was done.
    times: Vec<(u64, u64)>,
}

/// Cycles the commands take, and of each when its unit took it and when it was done.
pub(super) fn cycles(
    config: &Config,
    commands: &[Command],
    timing: Timing,
) -> (u64, Vec<(u64, u64)>) {
    let mut e = Engine {
        config,
        commands,
        memory: Memory::new(timing),
        queues: Default::default(),
        tokens: [0; UNITS * UNITS],
        given: VecDeque::new(),
        fetched: VecDeque::new(),
        asked: 0,
        filling: true,
        issued: 0,
        issue_at: 0,
        load_front: None,
        loading: VecDeque::new(),
        writer_free: 0,
        reads_open: 0,
        read_free: 0,
        store_front: None,
        send_free: 0,
        writes_open: VecDeque::new(),
        written: 0,
        sent: 0,
        end: 0,
        times: vec![(0, 0); commands.len()],
    };
    e.run();
    (e.end, e.times)
}

impl Engine<'_> {
    fn run(&mut self) {
        let mut now = 5;
        loop {
            self.advance(now);
            // A program that blocks has no next event: the verifier says so.
            match self.next(now) {
                Some(next) => now = next,
                None => return,
            }
        }
    }

    /// Everything that happens at `now`.
    fn advance(&mut self, now: u64) {
        loop {
            let mut moved = self.fetch(now);
            moved |= self.finish(now);
            moved |= self.issue(now);
            for unit in Unit::ALL {
                moved |= self.start(now, unit);
            }
            moved |= self.ask(now);
            moved |= self.send(now);
            while let Some(served) = self.memory.serve(now) {
                self.served(served);
                moved = true;
            }
            if !moved {
                return;
            }
        }
    }

    /// The next time at which something can happen.
    fn next(&self, now: u64) -> Option<u64> {
        let mut next: Option<u64> = None;
        let mut at = |t: u64| {
            if t > now {
                next = Some(next.map_or(t, |n| n.min(t)));
            }
        };
        self.memory.next().into_iter().for_each(&mut at);
        self.fetched.front().copied().into_iter().for_each(&mut at);
        at(self.issue_at);
        for q in &self.queues {
            at(q.free_at);
            q.flight.iter().filter_map(|f| f.1).for_each(&mut at);
        }
        self.given.iter().for_each(|g| at(g.0));
        if let Some((_, from)) = &self.load_front {
            at(*from);
        }
        if let Some((_, from)) = &self.store_front {
            at(*from);
        }
        self.writes_open.iter().copied().for_each(&mut at);
        at(self.send_free);
        next
    }

    fn fetch(&mut self, now: u64) -> bool {
        let mut moved = false;
        let held = self.asked - self.issued;
        self.filling = held <= LOW || (self.filling && held < AHEAD);
        while self.filling
            && self.asked < self.commands.len()
            && self.asked < self.issued + AHEAD
            && self.reads_open < OUTSTANDING
        {
            self.memory.reads.push_back(Burst {
                owner: Owner::Fetch(self.asked),
                address: PROGRAM + 64 * self.asked as u64,
                beats: COMMAND_BEATS,
                at: now + 3,
            });
            self.reads_open += 1;
            self.asked += 1;
            moved = true;
        }
        moved
    }

    /// The next fetched command goes to its unit's queue.
    fn issue(&mut self, now: u64) -> bool {
        let Some(&at) = self.fetched.front() else {
            return false;
        };
        if at > now || self.issue_at > now {
            return false;
        }
        // A yield that does not switch waits for nothing.
        if let Some(unit) = self.commands[self.issued].format().unit {
            let q = &mut self.queues[unit as usize];
            if q.waiting.len() >= QUEUE {
                return false;
            }
            q.waiting.push_back(self.issued);
        }
        self.fetched.pop_front();
        self.issued += 1;
        self.issue_at = now + 1;
        true
    }

    fn start(&mut self, now: u64, unit: Unit) -> bool {
        let u = unit as usize;
        let q = &self.queues[u];
        let Some(&i) = q.waiting.front() else {
            return false;
        };
        let behind = match unit {
            Unit::Load => 1 + BEHIND,
            Unit::Store => BEHIND,
            _ => IN_FLIGHT,
        };
        // What follows is taken only when there is room behind; until then it is at work.
        if q.at_work || q.free_at > now || q.flight.len() > behind.min(IN_FLIGHT - 1) {
            return false;
        }
        let c = &self.commands[i];
        let from = |p: usize| p * UNITS + u;
        let waits = |p: &usize| c.wait() >> p & 1 == 1;
        if (0..UNITS).filter(waits).any(|p| self.tokens[from(p)] == 0) {
            return false;
        }
        for p in (0..UNITS).filter(waits) {
            self.tokens[from(p)] -= 1;
        }
        self.times[i].0 = now;
        let q = &mut self.queues[u];
        match c {
            Command::Load(load) => {
                let boxed = Bursts::of_load(self.config, load);
                let (zeros, words) = work::zeros(load);
                let bursts = if load.rows == 0 {
                    0
                } else {
                    boxed.bursts.len()
                };
                self.loading.push_back(Loading {
                    command: i,
                    left: bursts,
                    zeros,
                    words,
                });
                q.flight.push_back((i, None));
                q.at_work = true;
                self.load_front = Some((boxed, now + 3));
                if bursts == 0 {
                    self.load_front = None;
                    self.load_taken(now + 3);
                    if self.loading.len() == 1 {
                        self.load_done(now + 4);
                    }
                }
            }
            Command::Store(store) => {
                q.flight.push_back((i, None));
                q.at_work = true;
                self.store_front = Some((Bursts::of_store(self.config, store), now + 4));
            }
            _ => {
                let (taken, done) = work::cycles(self.config, c);
                q.waiting.pop_front();
                q.free_at = now + taken + 1;
                let last = q.flight.back().and_then(|f| f.1).unwrap_or(0);
                q.flight.push_back((i, Some(last.max(now + done))));
            }
        }
        true
    }

    /// Commands that are done give their tokens.
    fn finish(&mut self, now: u64) -> bool {
        let mut moved = false;
        for u in 0..UNITS {
            while let Some(&(i, Some(done))) = self.queues[u].flight.front() {
                if done > now {
                    break;
                }
                self.queues[u].flight.pop_front();
                self.end = self.end.max(done + 1);
                self.times[i].1 = done + 1;
                for q in (0..UNITS).filter(|q| self.commands[i].signal() >> q & 1 == 1) {
                    self.given.push_back((done + 1, u * UNITS + q));
                }
                moved = true;
            }
        }
        let tokens = &mut self.tokens;
        self.given.retain(|&(at, pair)| {
            if at <= now {
                tokens[pair] += 1;
                moved = true;
            }
            at > now
        });
        moved
    }

    /// The load unit asks for bursts.
    fn ask(&mut self, now: u64) -> bool {
        let Some((boxed, from)) = &mut self.load_front else {
            return false;
        };
        if *from > now || self.reads_open >= OUTSTANDING {
            return false;
        }
        if let Some((address, beats)) = boxed.bursts.pop_front() {
            self.memory.reads.push_back(Burst {
                owner: Owner::Load,
                address,
                beats,
                at: now + 2,
            });
            self.reads_open += 1;
            *from = now + 1;
        }
        if boxed.bursts.is_empty() {
            self.load_front = None;
            self.load_taken(now + 2);
        }
        true
    }

    fn load_taken(&mut self, at: u64) {
        let q = &mut self.queues[Unit::Load as usize];
        q.waiting.pop_front();
        q.at_work = false;
        q.free_at = at;
    }

    /// The oldest load has all its words.
    fn load_done(&mut self, at: u64) {
        let Some(load) = self.loading.pop_front() else {
            return;
        };
        let mut at = at.max(self.writer_free);
        if load.words > 0 && load.zeros == load.words {
            at += load.words;
        }
        let done = at + 2;
        self.writer_free = done + 3;
        let flight = &mut self.queues[Unit::Load as usize].flight;
        if let Some(f) = flight.iter_mut().find(|f| f.0 == load.command) {
            f.1 = Some(done);
        }
        // One behind it that reads nothing follows at once.
        if self.loading.front().is_some_and(|l| l.left == 0) {
            self.load_done(done + 2);
        }
    }

    /// The store unit sends a burst.
    fn send(&mut self, now: u64) -> bool {
        while self.writes_open.front().is_some_and(|&at| at <= now) {
            self.writes_open.pop_front();
        }
        let Some((boxed, from)) = &mut self.store_front else {
            return false;
        };
        if *from > now || self.send_free > now || self.writes_open.len() >= OUTSTANDING {
            return false;
        }
        let Some(&(address, beats)) = boxed.bursts.front() else {
            return false;
        };
        if self.sent - self.written + beats > WRITE_BUFFER {
            return false;
        }
        boxed.bursts.pop_front();
        let last = boxed.bursts.is_empty();
        self.sent += beats;
        let whole = now + beats;
        self.memory.writes.push_back(Burst {
            owner: Owner::Store(last),
            address,
            beats,
            at: whole + 2,
        });
        // Answered some time later: until then it is outstanding.
        self.writes_open.push_back(u64::MAX);
        *from = now + 1;
        self.send_free = whole;
        if last {
            self.store_front = None;
            let q = &mut self.queues[Unit::Store as usize];
            q.waiting.pop_front();
            q.at_work = false;
            q.free_at = whole + 2;
        }
        true
    }

    fn served(&mut self, s: Served) {
        let latency = self.memory.latency();
        match s.burst.owner {
            Owner::Fetch(_) => {
                self.reads_open -= 1;
                let first = (s.start + latency).max(self.read_free);
                let last = (first + s.burst.beats).max(s.end + latency);
                self.read_free = last;
                self.fetched.push_back(last + 2);
            }
            Owner::Load => {
                self.reads_open -= 1;
                let Some(load) = self.loading.iter_mut().find(|l| l.left > 0) else {
                    return;
                };
                let first = (s.start + latency).max(self.read_free);
                let zeros = load.zeros.div_ceil(load.left as u64);
                load.zeros -= zeros;
                let last = (first + s.burst.beats + zeros).max(s.end + latency);
                self.read_free = last;
                load.left -= 1;
                if load.left == 0 {
                    self.load_done(last + 1);
                }
            }
            Owner::Store(last) => {
                self.written += s.burst.beats;
                let answer = s.end + latency + 1;
                if let Some(open) = self.writes_open.iter_mut().find(|o| **o == u64::MAX) {
                    *open = answer;
                }
                if last {
                    let flight = &mut self.queues[Unit::Store as usize].flight;
                    if let Some(f) = flight.iter_mut().find(|f| f.1.is_none()) {
                        f.1 = Some(answer + 2);
                    }
                }
            }
        }
    }
}
