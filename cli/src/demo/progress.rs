//! Progress on standard error: bars with the time left on a terminal, a line for each finished part elsewhere, and each quarter of a slow one.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::time::Instant;

/// All bars of a run.
pub struct Bars {
    multi: MultiProgress,
    start: Instant,
}

/// The bar of one thread.
pub struct Bar<'a> {
    bars: &'a Bars,
    bar: ProgressBar,
    part: String,
    begun: Instant,
    /// Quarters of the part that are done.
    quarter: usize,
    seed: u32,
}

impl Bars {
    /// None yet.
    pub fn new() -> Bars {
        Bars {
            multi: MultiProgress::new(),
            start: Instant::now(),
        }
    }

    /// One more, for a run of `seed`.
    pub fn bar(&self, seed: u32) -> Bar<'_> {
        let bar = self.multi.add(ProgressBar::new(0));
        let template = "{msg:<36} [{bar:30}] {pos}/{len}, {eta} left";
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar {
            bars: self,
            bar,
            part: String::new(),
            begun: Instant::now(),
            quarter: 0,
            seed,
        }
    }
}

impl Bar<'_> {
    /// Where the run is.
    pub fn show(&mut self, part: &str, done: usize, all: usize) {
        let new = self.part != part;
        if new {
            self.part = part.into();
            self.begun = Instant::now();
            self.quarter = 0;
        }
        if self.bars.multi.is_hidden() {
            let quarter = 4 * done / all.max(1);
            let slow = self.begun.elapsed().as_secs() >= 10;
            if quarter > self.quarter && (slow || done == all) {
                self.quarter = quarter;
                let (seconds, seed) = (self.bars.start.elapsed().as_secs(), self.seed);
                let rate = self.begun.elapsed().as_secs_f64() / done.max(1) as f64;
                let left = rate * all.saturating_sub(done) as f64;
                eprintln!(
                    "{seconds:5} s  seed {seed}, {part}: {done} of {all} images, {left:.0} s left"
                );
            }
            return;
        }
        if new {
            self.bar.reset();
            self.bar.set_length(all as u64);
            self.bar.set_message(format!("seed {}, {part}", self.seed));
        }
        self.bar.set_position(done as u64);
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
