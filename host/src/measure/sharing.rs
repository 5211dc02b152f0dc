//! Time sharing: requests of a teacher arrive at random while the demo's student trains in the background.
//!
//! Cycles are those of TOTAL_CYCLES, so the device must count them: simulated RTL or a board, not the model.

use crate::batches::Random;
use crate::data::{CLASSES, PIXEL_F};
use crate::device::{Device, DeviceError};
use crate::driver::Engine;
use crate::error::{CompileError, Error};
use crate::fault::{Context, DriverError};
use crate::fold::InputFormat;
use crate::lower::{Job, Options, SiteSet};
use crate::network::{Layer, Network, Shape};
use crate::parameters::Parameters;
use crate::session::{NetId, Sample, Session};
use crate::study;
use crate::train::Descent;
use tandem_isa::register as reg;

/// What arrives, and what is done meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Requests of the teacher.
    pub requests: usize,
    /// Images of a request. Its work must be longer than the time between yield points, about half of which it waits: a shorter one
    /// would not be answered as often as it comes.
    pub images: usize,
    /// Part of the cycles the teacher's work takes, on average.
    pub busy: f64,
    /// Images of a training step of the student.
    pub batch: usize,
    /// Cycles after which the student's program has a yield point as soon as it can.
    pub yield_after: u64,
    /// Seed of the gaps between requests, which are uniform between 0 and twice their mean.
    pub seed: u64,
}

impl Default for Load {
    fn default() -> Load {
        Load {
            requests: 200,
            images: 16,
            busy: 0.5,
            batch: 32,
            yield_after: 50_000,
            seed: 1,
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sharing {
    /// Added latency that 99 of 100 requests stay within: cycles from doorbell to answer, less those on an idle engine.
    pub p99_added: u64,
    /// The greatest added latency.
    pub max_added: u64,
    /// The compiler's bound: most cycles between yield points of the student's program.
    pub bound: u64,
    /// The student's speed over its speed alone times the part of the cycles the teacher left.
    pub student_fraction: f64,
    /// Cycles of a switch.
    pub switch_cycles: f64,
    /// Switches.
    pub switches: u32,
    /// Cycles of a request on an idle engine.
    pub request: u64,
    /// Cycles of a training step on an idle engine.
    pub step: u64,
    /// Training steps beside the requests.
    pub steps: u64,
    /// Part of the cycles the teacher took.
    pub teacher_share: f64,
}

/// Cycles without an event after which the engine is given up.
const LIMIT: u64 = 100_000_000;
/// Sample slots.
const SLOTS: usize = 64;
/// Requests and steps that run alone, for comparison.
const ALONE: usize = 4;

/// Measures time sharing on an engine; everything on it is replaced.
pub fn sharing<D: Device>(engine: Engine<D>, load: &Load) -> Result<Sharing, Error> {
    let mut pair = Pair::new(engine, load)?;
    let mut out = Sharing::default();
    (out.request, out.step) = pair.alone()?;
    let first = SiteSet::default();
    let job = Job::Train { first };
    out.bound = pair.session.program(pair.student, job, load.batch)?.bound;

    let mut random = Random::new(load.seed);
    let mean = out.request as f64 / load.busy;
    let mut at = 0;
    let arrivals: Vec<u64> = (0..load.requests)
        .map(|_| {
            at += random.below(2 * mean as usize) as u64;
            at
        })
        .collect();
    pair.session.engine.clear_counters()?;
    let mut added = pair.serve(&arrivals, out.request)?;
    let end = pair.now()?;
    out.steps = pair.steps as u64 - ALONE as u64 - 1;

    let c = pair.session.engine.counters()?;
    out.switches = c.switches;
    out.switch_cycles = f64::from(c.switch_cycles) / f64::from(c.switches.max(1));
    out.teacher_share = c.teacher as f64 / end as f64;
    out.student_fraction = (out.steps * out.step) as f64 / (end - c.teacher) as f64;
    added.sort_unstable();
    let rank = (added.len() * 99).div_ceil(100).saturating_sub(1);
    out.p99_added = added.get(rank).copied().unwrap_or(0);
    out.max_added = added.last().copied().unwrap_or(0);
    Ok(out)
}

/// The teacher's network: small, so that many requests are soon simulated.
fn teacher(shape: Shape) -> Result<Network, CompileError> {
    Network::new(
        shape,
        &[
            Layer::conv(16, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::conv(16, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::FullyConnected { out: CLASSES },
        ],
    )
}

/// Both networks on one engine.
struct Pair<D> {
    session: Session<D>,
    teacher: NetId,
    student: NetId,
    load: Load,
    steps: usize,
}

impl<D: Device> Pair<D> {
    fn new(engine: Engine<D>, load: &Load) -> Result<Pair<D>, Error> {
        let shape = Shape { c: 1, h: 14, w: 14 };
        let (t, s) = (teacher(shape)?, study::student(shape)?);
        let lanes = engine.config().lanes;
        let format = InputFormat::shared(&[&t, &s], lanes, PIXEL_F).ok_or(CompileError::Input {
            what: "samples for teacher and student",
            found: format!("no common format with {lanes} lanes"),
            expected: "first layers that fold alike".into(),
            remedy: "use a configuration with more lanes",
        })?;
        let mut session = Session::new(engine, format, SLOTS)?;
        let teacher = session.install(&t, Context::Teacher, load.images, false)?;
        let student = session.install(&s, Context::Student, load.batch, true)?;
        session.set_parameters(teacher, &Parameters::random(&t, 1))?;
        session.set_parameters(student, &Parameters::random(&s, 2))?;
        let options = Options {
            yield_after: Some(load.yield_after),
            ..Default::default()
        };
        session.set_options(student, options);
        let mut random = Random::new(load.seed);
        for slot in 0..SLOTS {
            let image: Vec<i16> = (0..shape.len())
                .map(|_| random.below(1 << 14) as i16)
                .collect();
            session.write_sample(slot, &image)?;
        }
        let mut pair = Pair {
            session,
            teacher,
            student,
            load: *load,
            steps: 0,
        };
        let before = pair.now()?;
        let asked = pair.asked(0);
        pair.session.calibrate(teacher, &asked)?;
        // Exponents are learnt in the first step, which repeats operations.
        pair.begin_step()?;
        pair.end_step()?;
        if pair.now()? == before {
            return Err(CompileError::Input {
                what: "cycles of the device",
                found: "none pass".into(),
                expected: "a device that counts its cycles".into(),
                remedy: "measure on the RTL or a board, not on the model",
            }
            .into());
        }
        Ok(pair)
    }

    fn now(&mut self) -> Result<u64, Error> {
        Ok(self.session.engine.register64(reg::TOTAL_CYCLES)?)
    }

    fn asked(&self, request: usize) -> Vec<Sample> {
        let slot = |i| (request * self.load.images + i) % SLOTS;
        let of = |i| Sample {
            slot: slot(i),
            label: 0,
        };
        (0..self.load.images).map(of).collect()
    }

    /// Rings for a request; gives the cycle.
    fn ring(&mut self, request: usize) -> Result<u64, Error> {
        let asked = self.asked(request);
        self.session.start_rank(self.teacher, &asked, 1)?;
        self.now()
    }

    fn answer(&mut self) -> Result<(), Error> {
        self.session
            .finish_rank(self.teacher, self.load.images, 1)?;
        Ok(())
    }

    fn begin_step(&mut self) -> Result<(), Error> {
        let descent = Descent {
            lr: 0.05,
            momentum: 0.9,
            weight_decay: 1e-4,
            steps: 1000,
            cosine: true,
        };
        let batch: Vec<Sample> = (0..self.load.batch)
            .map(|i| Sample {
                slot: (self.steps * 13 + i) % SLOTS,
                label: (i % CLASSES) as u16,
            })
            .collect();
        self.session
            .start_step(self.student, &batch, &descent, self.steps)
    }

    fn end_step(&mut self) -> Result<(), Error> {
        self.steps += 1;
        self.session.finish_step(self.student, self.load.batch)
    }

    /// Cycles of a request and of a step on an idle engine: the shortest request, the mean step.
    fn alone(&mut self) -> Result<(u64, u64), Error> {
        let mut request = u64::MAX;
        for i in 0..ALONE {
            let rung = self.ring(i)?;
            self.wait(Context::Teacher.bits(), LIMIT)?;
            request = request.min(self.now()? - rung);
            self.answer()?;
        }
        let from = self.now()?;
        for _ in 0..ALONE {
            self.begin_step()?;
            self.wait(Context::Student.bits(), LIMIT)?;
            self.end_step()?;
        }
        Ok((request, (self.now()? - from) / ALONE as u64))
    }

    /// Waits for one of these interrupts; 0 if none came in time.
    fn wait(&mut self, bits: u32, limit: u64) -> Result<u32, Error> {
        match self.session.engine.device_mut().wait(bits, limit) {
            Err(DeviceError::TimedOut { .. }) if limit < LIMIT => Ok(0),
            found => Ok(found.map_err(DriverError::from)? & bits),
        }
    }

    /// Rings for each request at its cycle, or as soon as the one before is answered, and trains beside it until the last is answered
    /// and the step under way is done. Gives the added latencies.
    fn serve(&mut self, arrivals: &[u64], idle: u64) -> Result<Vec<u64>, Error> {
        let (teacher, student) = (Context::Teacher.bits(), Context::Student.bits());
        let mut added = Vec::with_capacity(arrivals.len());
        let (mut next, mut rung) = (0, None);
        self.begin_step()?;
        loop {
            let now = self.now()?;
            let mut limit = LIMIT;
            if let (None, Some(&at)) = (rung, arrivals.get(next)) {
                if at <= now {
                    rung = Some(self.ring(next)?);
                    next += 1;
                } else {
                    limit = at - now;
                }
            }
            let bits = if rung.is_some() {
                teacher | student
            } else {
                student
            };
            let found = self.wait(bits, limit)?;
            if let (Some(at), true) = (rung, found & teacher != 0) {
                added.push((self.now()? - at).saturating_sub(idle));
                self.answer()?;
                rung = None;
            }
            if found & student != 0 {
                self.end_step()?;
                if added.len() == arrivals.len() {
                    return Ok(added);
                }
                self.begin_step()?;
            }
        }
    }
}
