//! What a phase takes: time, cycles, use of the multipliers.

use super::record::Usage;
use crate::counters::Counters;
use crate::device::Device;
use crate::error::Error;
use crate::session::Session;
use std::time::Instant;

/// Measures from one reading to the next.
pub(super) struct Meter {
    pub(super) usage: Usage,
    since: Instant,
    counters: Counters,
    predicted: [u64; 2],
}

impl Meter {
    /// Begins, or goes on from what was measured before.
    pub(super) fn new<D: Device>(session: &mut Session<D>, usage: Usage) -> Result<Meter, Error> {
        Ok(Meter {
            usage,
            since: Instant::now(),
            counters: session.engine().counters()?,
            predicted: session.predicted(),
        })
    }

    /// Seconds since the last reading.
    pub(super) fn pending(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }

    /// Counts images that went through a network of so many multiply-accumulates an image.
    pub(super) fn work(&mut self, images: usize, macs: [u64; 3]) {
        self.usage.images += images as u64;
        for (sum, each) in self.usage.macs.iter_mut().zip(macs) {
            *sum += each * images as u64;
        }
    }

    /// Reads clocks and counters.
    pub(super) fn read<D: Device>(&mut self, session: &mut Session<D>) -> Result<&Usage, Error> {
        let (counters, predicted) = (session.engine().counters()?, session.predicted());
        self.usage.counted.add(&counters.minus(&self.counters));
        for (i, sum) in self.usage.predicted.iter_mut().enumerate() {
            *sum += predicted[i] - self.predicted[i];
        }
        let now = Instant::now();
        self.usage.seconds += (now - self.since).as_secs_f64();
        (self.since, self.counters, self.predicted) = (now, counters, predicted);
        let counted = self.usage.counted.teacher + self.usage.counted.student;
        let cycles = if counted > 0 {
            counted
        } else {
            self.usage.predicted.iter().sum()
        };
        let cells = session.engine().config().cells() as u64;
        let macs: u64 = self.usage.macs.iter().sum();
        self.usage.utilisation = macs as f64 / (cells * cycles).max(1) as f64;
        Ok(&self.usage)
    }
}
