//! The main job, end to end: a teacher labels a stream, the selector keeps the best of every class, a student is trained on
//! them and fine-tuned on the few clean labels; beside it the supervised baseline. Everything runs on the given device.
//!
//! This only strings the library's parts together; build other flows from [`crate::session`], [`crate::train`] and [`crate::label`].

mod outcome;
mod settings;

use crate::batches::Batches;
use crate::data::{DataError, Digits, CLASSES, PIXEL_F};
use crate::device::Device;
use crate::driver::Engine;
use crate::error::{CompileError, Error};
use crate::fault::Context;
use crate::fold::InputFormat;
use crate::label::Selection;
use crate::network::{Network, Shape};
use crate::parameters::{Digest, Parameters};
use crate::session::{NetId, Sample, Session};
use crate::train::Descent;
pub use outcome::Outcome;
pub use settings::{student, teacher, Plan};

/// What it is done on.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// Labelled samples, from before.
    pub clean: Digits,
    /// The stream; its labels are not used for training.
    pub stream: Digits,
    /// Held-out images.
    pub held_out: Digits,
    /// The teacher's weights.
    pub teacher: Parameters,
    /// More samples for a second baseline, if any (augmented clean samples).
    pub augmented: Option<Digits>,
}

/// Where the run is, for progress bars: name of the part, images done, images there are.
pub type Progress<'a> = &'a mut dyn FnMut(&str, usize, usize);

/// Anything that can go wrong in a study.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The library or the device.
    #[error(transparent)]
    Run(#[from] Error),
    /// A data file.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<CompileError> for StudyError {
    fn from(e: CompileError) -> Self {
        StudyError::Run(e.into())
    }
}

/// The halves of a study. They share nothing but material and plan, so each may run on an engine of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the student is compared with: the supervised baselines, and the teacher's own accuracy.
    Baselines,
    /// Labelling, selection, the student's training and fine-tuning.
    Student,
}

struct Study<'p, D> {
    session: Session<D>,
    plan: Plan,
    progress: Progress<'p>,
    macs: [u64; 3],
    first_extra: usize,
}

/// Multiply-accumulates of one image: forward, dX, dW.
pub fn macs(network: &Network) -> [u64; 3] {
    let of = |skip: usize| network.stages().iter().skip(skip).map(|s| s.macs()).sum();
    [of(0), of(1), of(0)]
}

fn selection(plan: &Plan) -> Selection {
    Selection {
        classes: CLASSES,
        rules: plan.rules,
        top: plan.top,
        disabled: Vec::new(),
    }
}

/// Bytes of device memory a study needs.
pub fn memory_bytes(config: &tandem_isa::Config, plan: &Plan, material: &Material) -> usize {
    let words = material.clean.h * (material.clean.w + 2);
    let extra = material.clean.len() + material.augmented.as_ref().map_or(0, Digits::len);
    let slots = usize::from(plan.rules.k) * CLASSES + plan.infer_batch * 2 + extra;
    // Samples, and room for both networks with all that lies between their layers.
    (slots + 40 * plan.infer_batch.max(plan.batch)) * words * config.word_bytes() + (24 << 20)
}

/// Runs the study on an engine.
pub fn run<D: Device>(
    mut engine: Engine<D>,
    plan: &Plan,
    material: &Material,
    progress: Progress,
) -> Result<Outcome, StudyError> {
    let mut half = |part| {
        let engine = Engine::open(engine.device_mut()).map_err(Error::from)?;
        run_part(engine, part, plan, material, &mut *progress)
    };
    let baselines = half(Part::Baselines)?;
    Ok(Outcome::joined(baselines, half(Part::Student)?))
}

/// Runs one half of the study on an engine.
pub fn run_part<D: Device>(
    engine: Engine<D>,
    part: Part,
    plan: &Plan,
    material: &Material,
    progress: Progress,
) -> Result<Outcome, StudyError> {
    let shape = Shape {
        c: 1,
        h: material.clean.h,
        w: material.clean.w,
    };
    let (teacher, student) = (teacher(shape)?, student(shape)?);
    let lanes = engine.config().lanes;
    let format = InputFormat::shared(&[&teacher, &student], lanes, PIXEL_F).ok_or_else(|| {
        CompileError::Input {
            what: "image shape",
            found: "different shapes".into(),
            expected: "one shape".into(),
            remedy: "build both networks for the same images",
        }
    })?;
    let kept_slots = usize::from(plan.rules.k) * CLASSES + plan.infer_batch;
    let extra = material.clean.len()
        + material.augmented.as_ref().map_or(0, Digits::len)
        + plan.infer_batch;
    let mut session = Session::new(engine, format, kept_slots + extra)?;
    // Refuses at once what would not fit after minutes.
    session.select(&selection(plan), kept_slots)?;
    let t = session.install(&teacher, Context::Teacher, plan.infer_batch, false)?;
    let s = session.install(
        &student,
        Context::Student,
        plan.batch.max(plan.infer_batch),
        true,
    )?;
    session.engine().clear_counters().map_err(Error::from)?;
    let mut study = Study {
        session,
        plan: plan.clone(),
        progress,
        macs: [0; 3],
        first_extra: kept_slots,
    };
    let mut out = match part {
        Part::Baselines => study.baselines(t, s, material)?,
        Part::Student => study.student(t, s, material)?,
    };
    out.macs = study.macs;
    out.predicted = study.session.predicted();
    out.counters = study.session.engine().counters().map_err(Error::from)?;
    Ok(out)
}

impl<D: Device> Study<'_, D> {
    /// The first slot that holds nothing of the material.
    fn scratch(&self, m: &Material) -> usize {
        self.first_extra + m.clean.len() + m.augmented.as_ref().map_or(0, Digits::len)
    }

    /// The teacher's weights and exponents.
    fn prepare(&mut self, t: NetId, m: &Material) -> Result<(), Error> {
        self.session.set_parameters(t, &m.teacher)?;
        let first: Vec<usize> = (0..m.stream.len().min(self.plan.infer_batch)).collect();
        let some = self.write(0, &m.stream.pick(&first))?;
        self.session.calibrate(t, &some)
    }

    fn baselines(&mut self, t: NetId, s: NetId, m: &Material) -> Result<Outcome, StudyError> {
        let plan = self.plan.clone();
        let clean = self.write(self.first_extra, &m.clean)?;
        let scratch = self.scratch(m);
        let mut out = Outcome::default();
        let mut digest = Digest::default();
        let all = plan.images + plan.tune_images;
        self.restart(s, plan.seed)?;
        self.fit(
            s,
            "supervised",
            Batches::plain(&clean, plan.seed.into()),
            all,
            plan.lr,
        )?;
        out.supervised =
            self.accuracy(s, scratch, &m.held_out, "supervised, held out", &mut digest)?;
        if let Some(augmented) = &m.augmented {
            let samples = self.write(self.first_extra + m.clean.len(), augmented)?;
            self.restart(s, plan.seed)?;
            self.fit(
                s,
                "supervised, augmented",
                Batches::plain(&samples, plan.seed.into()),
                all,
                plan.lr,
            )?;
            out.supervised_augmented =
                Some(self.accuracy(s, scratch, &m.held_out, "augmented, held out", &mut digest)?);
        }
        self.prepare(t, m)?;
        out.teacher = self.accuracy(t, scratch, &m.held_out, "teacher, held out", &mut digest)?;
        out.digest = digest;
        Ok(out)
    }

    fn student(&mut self, t: NetId, s: NetId, m: &Material) -> Result<Outcome, StudyError> {
        let plan = self.plan.clone();
        let clean = self.write(self.first_extra, &m.clean)?;
        let scratch = self.scratch(m);
        let mut out = Outcome::default();
        let mut digest = Digest::default();
        self.prepare(t, m)?;
        let (kept, right) = self.select(t, m)?;
        out.labels_right = right;
        out.selector = self.session.selection_counts()?;
        // The student learns from what was kept, then from the clean samples.
        self.restart(s, plan.seed)?;
        self.fit(
            s,
            "student, kept set",
            Batches::balanced(&kept, plan.seed.into()),
            plan.images,
            plan.lr,
        )?;
        out.pretrained =
            self.accuracy(s, scratch, &m.held_out, "student, held out", &mut digest)?;
        self.session.reset_momentum(s)?;
        self.fit(
            s,
            "student, fine-tuning",
            Batches::plain(&clean, plan.seed.into()),
            plan.tune_images,
            plan.tune_lr,
        )?;
        out.finetuned =
            self.accuracy(s, scratch, &m.held_out, "fine-tuned, held out", &mut digest)?;
        for words in self.session.words(s)? {
            digest.words(&words);
        }
        let c = out.selector;
        for count in [c.seen, c.kept, c.replaced, c.rejected] {
            digest.bytes(&count.to_le_bytes());
        }
        out.digest = digest;
        Ok(out)
    }

    /// New weights from the seed.
    fn restart(&mut self, net: NetId, seed: u32) -> Result<(), Error> {
        let parameters = Parameters::random(self.session.network(net), seed);
        self.session.restart(net, &parameters, seed)
    }

    /// Writes labelled images to slots from `first`.
    fn write(&mut self, first: usize, digits: &Digits) -> Result<Vec<Sample>, Error> {
        (0..digits.len())
            .map(|i| {
                let slot = first + i;
                self.session.write_sample(slot, &digits.words(i))?;
                Ok(Sample {
                    slot,
                    label: digits.labels[i],
                })
            })
            .collect()
    }

    fn fit(
        &mut self,
        net: NetId,
        what: &str,
        mut batches: Batches,
        images: usize,
        lr: f64,
    ) -> Result<(), Error> {
        let n = self.plan.batch;
        let descent = Descent {
            lr,
            momentum: 0.9,
            weight_decay: self.plan.weight_decay,
            steps: images / n,
            cosine: true,
        };
        let each = macs(self.session.network(net));
        for i in 0..descent.steps {
            let batch = batches.next(n);
            self.session.step(net, &batch, &descent, i)?;
            for (sum, each) in self.macs.iter_mut().zip(each) {
                *sum += each * n as u64;
            }
            (self.progress)(what, (i + 1) * n, descent.steps * n);
        }
        Ok(())
    }

    /// Percent of `digits` whose best class is the label.
    fn accuracy(
        &mut self,
        net: NetId,
        scratch: usize,
        digits: &Digits,
        what: &str,
        digest: &mut Digest,
    ) -> Result<f64, Error> {
        let n = self.plan.infer_batch;
        let each = macs(self.session.network(net))[0];
        let mut correct = 0;
        for first in (0..digits.len()).step_by(n) {
            let part: Vec<usize> = (first..(first + n).min(digits.len())).collect();
            let samples = self.write(scratch, &digits.pick(&part))?;
            correct += self.session.correct(net, &samples)?;
            self.macs[0] += each * part.len() as u64;
            (self.progress)(what, first + part.len(), digits.len());
        }
        digest.bytes(&(correct as u64).to_le_bytes());
        Ok(100.0 * correct as f64 / digits.len().max(1) as f64)
    }

    /// Labels the stream; returns the kept samples with the labels they were given, and how many of these are right (percent).
    fn select(&mut self, net: NetId, m: &Material) -> Result<(Vec<Vec<Sample>>, f64), Error> {
        let mut labeller = self
            .session
            .select(&selection(&self.plan), self.first_extra)?;
        let n = self.plan.infer_batch;
        let each = macs(self.session.network(net))[0];
        for first in (0..m.stream.len()).step_by(n) {
            let end = (first + n).min(m.stream.len());
            let images: Vec<Vec<i16>> = (first..end).map(|i| m.stream.words(i)).collect();
            self.session
                .label(net, &mut labeller, images.iter().map(Vec::as_slice))?;
            self.macs[0] += each * (end - first) as u64;
            (self.progress)("labelling", end, m.stream.len());
        }
        let (mut right, mut total) = (0usize, 0usize);
        let mut lists = Vec::new();
        for (class, kept) in self.session.kept(&labeller)?.into_iter().enumerate() {
            let label = class as u16;
            total += kept.len();
            right += kept
                .iter()
                .filter(|k| m.stream.labels.get(k.arrival as usize) == Some(&label))
                .count();
            lists.push(
                kept.iter()
                    .map(|k| Sample {
                        slot: k.slot,
                        label,
                    })
                    .collect(),
            );
        }
        Ok((lists, 100.0 * right as f64 / total.max(1) as f64))
    }
}
