//! How fast the simulated RTL runs, beside what its array alone would run at: both built by the same build with the same
//! compiler and flags, and timed in turn. Time is that of the processor: both run on one thread, so on an idle machine it is
//! the wall clock's, and on a busy one it leaves the others' work out.
use super::{ffi, RtlDevice, RtlError};
use cpu_time::ThreadTime;
use std::time::Duration;
use tandem::fold::InputFormat;
use tandem::network::{Extent, Kind, Network, Shape, Stage};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::single::{Operand, Single};
use tandem::study::student;
use tandem::train::Descent;
use tandem::{Context, Engine, Site};
use tandem_isa::config::E8X16;

/// Samples a training step.
const BATCH: usize = 32;
/// Samples of the layer.
const LAYER_BATCH: usize = 4;
/// Cycles the bare array runs for at a time.
const BARE_CYCLES: u64 = 200_000;

/// Speed of simulation in thousands of cycles a second of processor time, the fastest of each that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Speed {
    /// The 8×16 engine behind its memory in training steps of the demo's student.
    pub step_khz: f64,
    /// The same in the three products of a 3×3 layer, 16×16×32→32.
    pub layer_khz: f64,
    /// The same over a step and a layer together.
    pub rtl_khz: f64,
    /// The cells of its array alone, every operand changing in every cycle.
    pub bare_khz: f64,
}

impl Speed {
    /// The engine's speed as a part of the array's.
    pub fn ratio(&self) -> f64 {
        self.rtl_khz / self.bare_khz
    }
}

/// Why no speed could be measured.
#[derive(Debug, thiserror::Error)]
pub enum SpeedError {
    /// The simulated RTL.
    #[error(transparent)]
    Rtl(#[from] RtlError),
    /// The driver.
    #[error(transparent)]
    Driver(#[from] tandem::DriverError),
    /// The host library.
    #[error(transparent)]
    Host(#[from] tandem::Error),
    /// The student does not compile.
    #[error(transparent)]
    Compile(#[from] tandem::CompileError),
    /// No format of samples suits the student.
    #[error("speed measurement: no folded sample of 14 columns and {lanes} lanes suits the student; expected one; choose a configuration with more lanes")]
    Format {
        /// Lanes of the configuration.
        lanes: usize,
    },
}

/// Measures engine and array in turn, `rounds` times.
pub fn measure(rounds: usize) -> Result<Speed, SpeedError> {
    let mut work = Work::new()?;
    let (mut step, mut layer, mut bare) = (Best::default(), Best::default(), Best::default());
    for round in 0..rounds.max(1) {
        step.see(work.step(round + 1)?);
        bare.see(array(BARE_CYCLES));
        layer.see(work.layer()?);
        bare.see(array(BARE_CYCLES));
    }
    Ok(Speed {
        step_khz: step.khz(),
        layer_khz: layer.khz(),
        rtl_khz: (step.cycles + layer.cycles) as f64 / (step.millis() + layer.millis()),
        bare_khz: bare.khz(),
    })
}

/// The fastest run of one kind.
#[derive(Default)]
struct Best {
    cycles: u64,
    time: Duration,
}

impl Best {
    fn see(&mut self, (cycles, time): (u64, Duration)) {
        let better =
            cycles as f64 * self.time.as_secs_f64() > self.cycles as f64 * time.as_secs_f64();
        if self.cycles == 0 || better {
            *self = Self { cycles, time };
        }
    }

    fn millis(&self) -> f64 {
        self.time.as_secs_f64() * 1e3
    }

    fn khz(&self) -> f64 {
        self.cycles as f64 / self.millis()
    }
}

/// Runs the bare array.
fn array(cycles: u64) -> (u64, Duration) {
    let start = ThreadTime::now();
    std::hint::black_box(ffi::bare_array(cycles));
    (cycles, start.elapsed())
}

/// What the engine is kept busy with.
struct Work {
    session: Session<RtlDevice>,
    student: NetId,
    samples: Vec<Sample>,
    layer: Engine<RtlDevice>,
    stage: Stage,
    words: Vec<i16>,
}

impl Work {
    fn new() -> Result<Self, SpeedError> {
        let network: Network = student(Shape { c: 1, h: 14, w: 14 })?;
        let format = InputFormat::shared(&[&network], E8X16.lanes, 14)
            .ok_or(SpeedError::Format { lanes: E8X16.lanes })?;
        let engine = Engine::open(RtlDevice::open(&E8X16, 16 << 20, None)?)?;
        let mut session = Session::new(engine, format, BATCH)?;
        let id = session.install(&network, Context::Student, BATCH, true)?;
        session.set_parameters(id, &Parameters::random(&network, 1))?;
        let mut samples = Vec::new();
        for slot in 0..BATCH {
            let image: Vec<i16> = (0..196)
                .map(|i| ((i * 83 + slot * 977) % 16384) as i16)
                .collect();
            session.write_sample(slot, &image)?;
            let label = (slot % 10) as u16;
            samples.push(Sample { slot, label });
        }
        let extent = Extent {
            input: 16,
            kernel: 3,
            stride: 1,
            pad: 1,
        };
        let stage = Stage {
            name: "layer".into(),
            ci: 32,
            co: 32,
            y: extent,
            x: extent,
            relu: true,
            pool: false,
            kind: Kind::Conv,
            source: None,
            skip: None,
        };
        let mut state = 1u32;
        let words = (0..LAYER_BATCH * stage.input().len())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 16) % 6000) as i16 - 3000
            })
            .collect();
        let layer = Engine::open(RtlDevice::open(&E8X16, 16 << 20, None)?)?;
        let mut work = Self {
            session,
            student: id,
            samples,
            layer,
            stage,
            words,
        };
        // The first step compiles the programs and finds the formats: it is not measured.
        work.step(0)?;
        Ok(work)
    }

    /// One training step: cycles and time.
    fn step(&mut self, number: usize) -> Result<(u64, Duration), SpeedError> {
        let descent = Descent {
            lr: 0.05,
            momentum: 0.9,
            weight_decay: 1e-4,
            steps: number + 1,
            cosine: true,
        };
        let cycles = |s: &mut Session<RtlDevice>| s.engine().device_mut().core().cycles();
        let before = cycles(&mut self.session);
        let start = ThreadTime::now();
        self.session
            .step(self.student, &self.samples, &descent, number)?;
        let time = start.elapsed();
        Ok((cycles(&mut self.session) - before, time))
    }

    /// The three products of the layer: cycles and time.
    fn layer(&mut self) -> Result<(u64, Duration), SpeedError> {
        let weights = self.stage.parameters() - self.stage.co;
        let x = Operand {
            q: &self.words,
            f: 12,
        };
        let g = Operand {
            q: &self.words,
            f: 17,
        };
        let w = Operand {
            q: &self.words[..weights],
            f: 13,
        };
        let bias = &self.words[..self.stage.co];
        let site = Site {
            e: 4,
            valid: true,
            ..Site::default()
        };
        let before = self.layer.device_mut().core().cycles();
        let start = ThreadTime::now();
        let mut single = Single::new(&mut self.layer, &self.stage, LAYER_BATCH);
        single.forward(x, w, bias, site)?;
        single.dx(g, w, None, site)?;
        single.dw(x, g, [site, site])?;
        let time = start.elapsed();
        Ok((self.layer.device_mut().core().cycles() - before, time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_array_runs_and_its_sums_follow_the_cycles() {
        // Weights arrive at the end of the first pass of 256 cycles: sums are 0 before.
        let sums: Vec<u64> = [0, 400, 1000, 1000].map(ffi::bare_array).into();
        assert_eq!(sums[0], 0);
        assert_eq!(sums[2], sums[3]);
        assert!(sums[1] != 0 && sums[1] != sums[2], "{sums:?}");
    }
}
