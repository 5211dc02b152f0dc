//! A line that damages, loses, adds and repeats what goes over it, both ways; it never changes the order of bytes.

use crate::random::Rng;
use std::time::Duration;
use tandem::uart::{Transport, TransportError};

/// What was done to a line's traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Requests that went out damaged, in part, or not at all.
    pub requests: u64,
    /// Whole requests that went out once more than sent, the last ones or one before.
    pub repeated: u64,
    /// Noise beside requests.
    pub noise: u64,
    /// Events within answers: bits flipped, bytes lost, added, repeated.
    pub answers: u64,
}

/// A bad line over a good one.
pub struct Noisy<T> {
    line: T,
    rng: Rng,
    /// Requests in a hundred that something happens to; 0 is a good line.
    pub percent: usize,
    /// Nothing goes out any more.
    pub dead: bool,
    /// What has happened.
    pub damage: Damage,
    older: Vec<u8>,
    last: Vec<u8>,
    heard: Vec<u8>,
}

impl<T: Transport> Noisy<T> {
    /// A line that is bad in a way that `seed` decides.
    pub fn new(line: T, percent: usize, seed: u64) -> Self {
        Self {
            line,
            rng: Rng(seed),
            percent,
            dead: false,
            damage: Damage::default(),
            older: vec![],
            last: vec![],
            heard: vec![],
        }
    }

    /// The good line.
    pub fn line_mut(&mut self) -> &mut T {
        &mut self.line
    }

    /// Bytes without any meaning, among them beginnings of frames.
    fn garbage(&mut self, most: usize) -> Vec<u8> {
        let count = 1 + self.rng.below(most);
        let byte = |rng: &mut Rng| match rng.below(6) {
            0 => 0xa5,
            1 => rng.below(5) as u8,
            _ => rng.word() as u8,
        };
        (0..count).map(|_| byte(&mut self.rng)).collect()
    }

    fn spoil(&mut self, frame: &mut Vec<u8>) {
        let at = self.rng.below(frame.len());
        let some = 1 + self.rng.below(4);
        let end = (at + some).min(frame.len());
        let whole = frame.clone();
        match self.rng.below(12) {
            0 => frame[at] ^= 1 << self.rng.below(8),
            1 => (0..some * 2).for_each(|_| {
                let at = self.rng.below(frame.len());
                frame[at] ^= 1 << self.rng.below(8);
            }),
            // A burst of up to 32 bits.
            2 => (at..end).for_each(|at| frame[at] = self.rng.word() as u8),
            3 => drop(frame.drain(at..end)),
            4 => drop(frame.splice(at..at, self.garbage(4))),
            5 => drop(frame.splice(at..at, whole[at..end].to_vec())),
            6 => frame.truncate(at),
            7 => frame.clear(),
            8 => *frame = self.garbage(300),
            9 => {
                self.damage.repeated += 1;
                frame.extend(whole);
                return;
            }
            10 => {
                // One that was sent before, before or after this one.
                self.damage.repeated += 1;
                let old = if self.rng.below(2) == 0 {
                    &self.older
                } else {
                    &self.last
                };
                let mut both = [&old[..], &whole].concat();
                if self.rng.below(2) == 0 {
                    both = [&whole, &old[..]].concat();
                }
                *frame = both;
                return;
            }
            _ => {
                self.damage.noise += 1;
                let mut both = self.garbage(20);
                both.extend(&whole);
                *frame = both;
                return;
            }
        }
        self.damage.requests += u64::from(*frame != whole);
    }

    fn distort(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut came = vec![];
        for &byte in bytes {
            self.heard.push(byte);
            // Half of the longest answers get through a line that is bad to 40 percent.
            if self.rng.below(13_200) >= self.percent {
                came.push(byte);
                continue;
            }
            self.damage.answers += 1;
            match self.rng.below(5) {
                0 => came.push(byte ^ (1 << self.rng.below(8))),
                1 => {}
                2 => came.extend([byte, self.rng.word() as u8]),
                3 => came.extend([byte, byte]),
                _ => {
                    // Whole answers once more.
                    let from = self.heard.len().saturating_sub(1 + self.rng.below(100));
                    came.push(byte);
                    came.extend(&self.heard[from..]);
                }
            }
        }
        let excess = self.heard.len().saturating_sub(200);
        self.heard.drain(..excess);
        came
    }
}

impl<T: Transport> Transport for Noisy<T> {
    fn name(&self) -> String {
        format!("noisy {}", self.line.name())
    }

    fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), TransportError> {
        let mut frame = bytes.to_vec();
        if self.dead {
            return Ok(());
        }
        if self.rng.below(100) < self.percent {
            self.spoil(&mut frame);
        }
        self.older = std::mem::replace(&mut self.last, bytes.to_vec());
        self.line.write(&frame, limit)
    }

    fn read(&mut self, into: &mut [u8], limit: Duration) -> Result<usize, TransportError> {
        let until = self.line.now() + limit;
        loop {
            // Few enough that there is room for what is added.
            let room = into.len() / 2;
            let left = until.saturating_sub(self.line.now());
            let count = self.line.read(&mut into[..room], left)?;
            let came = self.distort(&into[..count]);
            let some = came.len().min(into.len());
            into[..some].copy_from_slice(&came[..some]);
            // Bytes that are lost are silence to the reader.
            if some > 0 || count == 0 {
                return Ok(some);
            }
        }
    }

    fn now(&self) -> Duration {
        self.line.now()
    }

    fn pause(&mut self, time: Duration) {
        self.line.pause(time);
    }
}
