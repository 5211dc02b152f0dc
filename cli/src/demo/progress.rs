//! Progress on standard error: bars with the time left on a terminal, a line for each finished part elsewhere.

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
            seed,
        }
    }
}

impl Bar<'_> {
    /// Where the run is.
    pub fn show(&mut self, part: &str, done: usize, all: usize) {
        if self.bars.multi.is_hidden() {
            if done == all {
                let (seconds, seed) = (self.bars.start.elapsed().as_secs(), self.seed);
                eprintln!("{seconds:5} s  seed {seed}, {part}: {all} images");
            }
            return;
        }
        if self.part != part {
            self.part = part.into();
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
