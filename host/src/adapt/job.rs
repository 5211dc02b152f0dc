//! A job that advances in small steps: it can be watched, stopped after any of them, and gone on with from a [`Checkpoint`].
//!
//! Between two steps no program runs on the device. Every step depends on seed, plan and material alone, so a job that was
//! stopped ends with the same words as one that was not.

use super::error::{unfit, AdaptError};
use super::material::Material;
use super::meter::Meter;
use super::plan::{macs, AdaptPlan, Phase, Task};
use super::record::{Event, KeptSample, Line, Outcome, Usage};
use super::state::{self, KeptEntry, State};
use crate::batches::{Batches, Random};
use crate::checkpoint::{Checkpoint, CheckpointError, Tag};
use crate::device::Device;
use crate::driver::Engine;
use crate::fault::Context;
use crate::label::{Labeller, Selection};
use crate::model::Model;
use crate::network::Network;
use crate::parameters::{Digest, Parameters};
use crate::session::{NetId, Sample, Session};
use crate::train::{Descent, Ranking};
use std::collections::BTreeMap;

/// What is told of a run while it happens.
pub type Observer<'a> = &'a mut dyn FnMut(&Line);

/// Batches of the stream the teacher's exponents learn from.
const CALIBRATION: usize = 2;
/// Reports of a training phase.
const REPORTS: usize = 100;

/// A job on a device.
pub struct Job<'m, D> {
    pub(super) session: Session<D>,
    pub(super) plan: AdaptPlan,
    pub(super) material: &'m Material,
    pub(super) phases: Vec<Phase>,
    pub(super) state: State,
    pub(super) meter: Meter,
    teacher: Option<NetId>,
    student: Option<NetId>,
    /// Labelled images on the device.
    clean: Vec<Sample>,
    /// First slot of a batch to look at.
    pub(super) scratch: usize,
    batches: Option<Batches>,
    labeller: Option<Labeller>,
    rankings: Vec<Ranking>,
    /// Words of the kept samples by slot, after labelling.
    samples: BTreeMap<usize, Vec<i16>>,
    /// Words of the hold-out's images, as far as they are held.
    pub(super) held: Vec<Option<Vec<i16>>>,
}

impl<'m, D: Device> Job<'m, D> {
    /// Sets a job up on an engine.
    pub fn new(
        engine: Engine<D>,
        plan: &AdaptPlan,
        material: &'m Material,
    ) -> Result<Job<'m, D>, AdaptError> {
        let mut job = Job::placed(engine, plan, material)?;
        if let (Some(net), Some(model)) = (job.teacher, &material.teacher) {
            let parameters = model.parameters.clone().unwrap_or_default();
            job.session.set_parameters(net, &parameters)?;
            job.calibrate(net)?;
        }
        Ok(job)
    }

    /// Goes on with a job from what [`Job::sections`] gave; plan, material and configuration must be those it was started with.
    pub fn resume(
        engine: Engine<D>,
        plan: &AdaptPlan,
        material: &'m Material,
        checkpoint: &Checkpoint,
    ) -> Result<Job<'m, D>, AdaptError> {
        let mut job = Job::placed(engine, plan, material)?;
        job.load(checkpoint)?;
        Ok(job)
    }

    /// Networks and labelled images on the device.
    fn placed(
        engine: Engine<D>,
        plan: &AdaptPlan,
        material: &'m Material,
    ) -> Result<Job<'m, D>, AdaptError> {
        material.check(plan)?;
        let format = material.format(plan, engine.config().lanes)?;
        let [kept, clean, scratch] = material.slots(plan);
        let mut session = Session::new(engine, format, kept + clean + scratch)?;
        if kept > 0 {
            // Refuses at once what would not fit after minutes.
            session.select(&selection(plan, material), kept)?;
        }
        let (mut teacher, mut student) = (None, None);
        for (network, batch, training) in material.networks(plan) {
            let context = if training {
                Context::Student
            } else {
                Context::Teacher
            };
            let id = session.install(network, context, batch, training)?;
            *(if training { &mut student } else { &mut teacher }) = Some(id);
        }
        let held_out = material.holdout.as_ref().map_or(0, |h| h.len());
        let meter = Meter::new(&mut session, Usage::default())?;
        let mut job = Job {
            session,
            plan: plan.clone(),
            material,
            phases: plan.phases(held_out > 0),
            state: State::default(),
            meter,
            teacher,
            student,
            clean: Vec::new(),
            scratch: kept + clean,
            batches: None,
            labeller: None,
            rankings: Vec::new(),
            samples: BTreeMap::new(),
            held: vec![None; held_out],
        };
        if let (Some(set), true) = (&material.labelled, clean > 0) {
            for i in 0..set.len() {
                let sample = Sample {
                    slot: kept + i,
                    label: set.label(i).unwrap_or(0),
                };
                job.session
                    .write_sample(sample.slot, &set.load(i, &material.input)?)?;
                job.clean.push(sample);
            }
        }
        Ok(job)
    }

    /// The teacher's exponents learn from images all over the stream.
    fn calibrate(&mut self, net: NetId) -> Result<(), AdaptError> {
        let Some(stream) = &self.material.unlabelled else {
            return Ok(());
        };
        let n = self.plan.infer_batch;
        let count = (CALIBRATION * n).min(stream.len());
        let chosen: Vec<usize> = (0..count).map(|i| i * stream.len() / count).collect();
        for part in chosen.chunks(n) {
            let mut samples = Vec::new();
            for (i, &image) in part.iter().enumerate() {
                let slot = self.scratch + i;
                let words = stream.load(image, &self.material.input)?;
                self.session.write_sample(slot, &words)?;
                samples.push(Sample { slot, label: 0 });
            }
            self.session.calibrate(net, &samples)?;
        }
        Ok(())
    }

    /// The phases there are.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The phase the job is in, and steps or images of it that are done; none at the end.
    pub fn position(&self) -> (Option<Phase>, usize) {
        (self.state.phase(&self.phases), self.state.done)
    }

    /// Seconds of work so far.
    pub fn seconds(&self) -> f64 {
        self.state.seconds + self.meter.usage.seconds + self.meter.pending()
    }

    /// What came of the phases that are complete.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            seconds: self.seconds(),
            ..self.state.outcome.clone()
        }
    }

    pub(super) fn tell(&self, observe: Observer, event: Event) {
        let at = self.seconds();
        observe(&Line { at, event });
    }

    /// Does the next piece of work: a training step, a batch to label or to look at, or the turn from one phase to the next. Returns
    /// whether there is more.
    pub fn advance(&mut self, observe: Observer) -> Result<bool, AdaptError> {
        let Some(phase) = self.state.phase(&self.phases) else {
            return Ok(false);
        };
        if !self.state.begun {
            self.begin(phase, observe)?;
        } else if self.state.evaluation.is_some() {
            let net = self.judged(phase)?;
            self.evaluate(net, phase, observe)?;
        } else if self.state.done < self.all(phase) {
            match phase {
                Phase::Labelling => self.label(observe)?,
                _ => self.train(phase, observe)?,
            }
        } else {
            self.end(phase, observe)?;
        }
        Ok(self.state.phase < self.phases.len())
    }

    /// Steps or images of a phase.
    pub(super) fn all(&self, phase: Phase) -> usize {
        match (phase, &self.material.unlabelled) {
            (Phase::Labelling, Some(stream)) => stream.len(),
            _ => self.plan.steps(phase),
        }
    }

    /// The network a phase trains or asks.
    fn judged(&self, phase: Phase) -> Result<NetId, AdaptError> {
        let net = match phase {
            Phase::Teacher | Phase::Labelling => self.teacher,
            _ => self.student,
        };
        net.ok_or_else(|| unfit("network", "none", "the phase's", "give it"))
    }

    fn begin(&mut self, phase: Phase, observe: Observer) -> Result<(), AdaptError> {
        let all = self.all(phase);
        self.tell(observe, Event::Phase { phase, all });
        self.state.begun = true;
        self.state.done = 0;
        self.state.evaluated = None;
        match phase {
            Phase::Teacher => self.look(),
            Phase::Labelling => {
                let slots = self.material.slots(&self.plan)[0];
                let selection = selection(&self.plan, self.material);
                self.labeller = Some(self.session.select(&selection, slots)?);
                self.rankings.clear();
            }
            Phase::Supervised | Phase::Student => {
                let net = self.judged(phase)?;
                self.restart(net)?;
                self.batches = Some(self.deal(phase));
            }
            Phase::FineTuning => {
                let net = self.judged(phase)?;
                self.session.reset_momentum(net)?;
                self.batches = Some(self.deal(phase));
            }
        }
        Ok(())
    }

    /// The student as it begins.
    fn restart(&mut self, net: NetId) -> Result<(), AdaptError> {
        let parameters = match self
            .material
            .student
            .as_ref()
            .and_then(|m| m.parameters.as_ref())
        {
            Some(parameters) => parameters.clone(),
            None => Parameters::random(self.session.network(net), self.plan.seed),
        };
        self.session.set_parameters(net, &parameters)?;
        // Neighbouring seeds must not give neighbouring keys.
        let key = Random::new(self.plan.seed.into()).next_u64() as u32;
        self.session.seed_updates(net, key);
        Ok(())
    }

    /// The batches of a training phase, from its first on.
    fn deal(&self, phase: Phase) -> Batches {
        let seed = self.plan.seed.into();
        match (phase, &self.state.kept) {
            (Phase::Student, Some(kept)) => {
                let of = |(class, list): (usize, &Vec<KeptEntry>)| {
                    let sample = |k: &KeptEntry| Sample {
                        slot: k.slot,
                        label: class as u16,
                    };
                    list.iter().map(sample).collect()
                };
                let lists: Vec<Vec<Sample>> = kept.iter().enumerate().map(of).collect();
                Batches::balanced(&lists, seed)
            }
            _ => Batches::plain(&self.clean, seed),
        }
    }

    fn descent(&self, phase: Phase) -> Descent {
        Descent {
            lr: if phase == Phase::FineTuning {
                self.plan.tune_lr
            } else {
                self.plan.lr
            },
            momentum: self.plan.momentum,
            weight_decay: self.plan.weight_decay,
            steps: self.plan.steps(phase),
            cosine: true,
        }
    }

    fn train(&mut self, phase: Phase, observe: Observer) -> Result<(), AdaptError> {
        let net = self.judged(phase)?;
        let (descent, n) = (self.descent(phase), self.plan.batch);
        if self.batches.is_none() {
            self.batches = Some(self.deal(phase));
        }
        let batch = self.batches.as_mut().map(|b| b.next(n)).unwrap_or_default();
        let i = self.state.done;
        self.session.step(net, &batch, &descent, i)?;
        self.meter
            .work(batch.len(), macs(self.session.network(net), true));
        self.state.done += 1;
        let (step, steps) = (self.state.done, descent.steps);
        let progress = Event::Progress {
            phase,
            held_out: false,
            done: step * n,
            all: steps * n,
        };
        self.tell(observe, progress);
        if step % steps.div_ceil(REPORTS) == 0 || step == steps {
            let loss = self.session.last_loss(net, &batch)? / batch.len().max(1) as f64;
            let utilisation = self.meter.read(&mut self.session)?.utilisation;
            let lr = descent.rate(i);
            let event = Event::Trained {
                phase,
                step,
                steps,
                lr,
                loss,
                utilisation,
            };
            self.tell(observe, event);
        }
        let every = self.plan.evaluate_every;
        if step == steps || (every > 0 && step % every == 0) {
            self.look();
        }
        Ok(())
    }

    fn label(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let net = self.judged(Phase::Labelling)?;
        let (Some(stream), Some(labeller)) = (&self.material.unlabelled, &mut self.labeller) else {
            return Err(unfit("stream", "none", "images", "give unlabelled images"));
        };
        let all = stream.len();
        let end = (self.state.done + self.plan.infer_batch).min(all);
        let images = (self.state.done..end)
            .map(|i| stream.load(i, &self.material.input))
            .collect::<Result<Vec<_>, _>>()?;
        let images = images.iter().map(Vec::as_slice);
        self.rankings
            .extend(self.session.label(net, labeller, images)?);
        self.meter.work(
            end - self.state.done,
            macs(self.session.network(net), false),
        );
        // Some twenty times, and at the end.
        let tell = end == all || end * 20 / all != self.state.done * 20 / all;
        self.state.done = end;
        let progress = Event::Progress {
            phase: Phase::Labelling,
            held_out: false,
            done: end,
            all,
        };
        if tell {
            let per_class = match &self.labeller {
                Some(labeller) => self.session.kept_counts(labeller)?,
                None => Vec::new(),
            };
            let utilisation = self.meter.read(&mut self.session)?.utilisation;
            let event = Event::Kept {
                done: end,
                all,
                per_class,
                utilisation,
            };
            self.tell(observe, event);
        }
        self.tell(observe, progress);
        Ok(())
    }

    /// Takes the lists out of the selector and holds the kept images, so that nothing hangs on the stream any more.
    fn take_kept(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let (Some(stream), Some(labeller)) = (&self.material.unlabelled, &self.labeller) else {
            return Ok(());
        };
        let mut lists = Vec::new();
        for (class, kept) in self.session.kept(labeller)?.into_iter().enumerate() {
            let mut list = Vec::new();
            for k in kept {
                let ranking = self
                    .rankings
                    .get(k.arrival as usize)
                    .copied()
                    .unwrap_or_default();
                let place = ranking.class.iter().position(|&c| c == class as i16);
                if !self.samples.contains_key(&k.slot) {
                    let words = stream.load(k.arrival as usize, &self.material.input)?;
                    self.samples.insert(k.slot, words);
                }
                list.push(KeptEntry {
                    slot: k.slot,
                    arrival: k.arrival,
                    key: k.key,
                    confidence: place.map_or(0, |p| ranking.p[p]),
                });
            }
            lists.push(list);
        }
        let counts = self.session.selection_counts()?;
        let kept = lists.iter().map(Vec::len).sum();
        if kept == 0 && self.plan.task == Task::Adapt {
            let found = format!("none of {} scores", counts.seen);
            let remedy = "lower the smallest confidence, or give more images";
            return Err(unfit("kept samples", found, "one at least", remedy));
        }
        self.state.outcome.kept = kept;
        self.state.kept = Some(lists);
        self.rankings = Vec::new();
        let event = Event::Selected {
            seen: counts.seen,
            kept: counts.kept,
            replaced: counts.replaced,
            rejected: counts.rejected,
        };
        self.tell(observe, event);
        Ok(())
    }

    fn end(&mut self, phase: Phase, observe: Observer) -> Result<(), AdaptError> {
        if phase == Phase::Labelling {
            self.take_kept(observe)?;
        }
        let usage = self.meter.read(&mut self.session)?.clone();
        self.state.seconds += usage.seconds;
        self.meter = Meter::new(&mut self.session, Usage::default())?;
        self.tell(observe, Event::PhaseDone { phase, usage });
        self.batches = None;
        self.state.phase += 1;
        self.state.begun = false;
        self.state.done = 0;
        if self.state.phase == self.phases.len() {
            if let Some(net) = self.student {
                let mut digest = Digest::default();
                for words in self.session.words(net)? {
                    digest.words(&words);
                }
                self.state.outcome.digest = Some(digest.to_string());
            }
            let outcome = self.outcome();
            self.tell(observe, Event::Done { outcome });
        }
        Ok(())
    }

    /// The student's weights, as they are.
    pub fn result(&mut self) -> Result<Option<Model>, AdaptError> {
        let Some(net) = self.student else {
            return Ok(None);
        };
        let network: Network = self.session.network(net).clone();
        let input = &self.material.input;
        Ok(Some(Model {
            parameters: Some(self.session.parameters(net)?),
            exponents: Some(self.session.output_exponents(net)?),
            network,
            classes: Some(self.material.classes.clone()),
            normalisation: Some((input.mean().to_vec(), input.std().to_vec())),
        }))
    }

    /// The kept samples, class by class and best first, with their words; none before labelling is complete.
    pub fn kept(&self) -> Option<Vec<(KeptSample, &[i16])>> {
        let (lists, stream) = (
            self.state.kept.as_ref()?,
            self.material.unlabelled.as_ref()?,
        );
        let mut all = Vec::new();
        for (class, list) in lists.iter().enumerate() {
            let mut list = list.clone();
            list.sort_by_key(|k| (std::cmp::Reverse(k.key), k.arrival));
            for k in list {
                let sample = KeptSample {
                    class,
                    name: self
                        .material
                        .classes
                        .get(class)
                        .cloned()
                        .unwrap_or_default(),
                    arrival: k.arrival,
                    age: (stream.len() as u32).saturating_sub(k.arrival + 1),
                    confidence: f64::from(k.confidence) / 32768.0,
                    key: k.key,
                    image: stream.name(k.arrival as usize),
                    thumbnail: None,
                };
                let words = self.samples.get(&k.slot).map_or(&[][..], Vec::as_slice);
                all.push((sample, words));
            }
        }
        Some(all)
    }

    /// All of its state, for a checkpoint. No program may be running: between two calls of [`Job::advance`] none is.
    pub fn sections(&mut self) -> Result<Vec<(Tag, Vec<u8>)>, AdaptError> {
        self.state.usage = self.meter.read(&mut self.session)?.clone();
        self.state.batches = self.batches.as_ref().map(Batches::state);
        let head = serde_json::to_vec(&self.state)
            .map_err(|e| CheckpointError::content("checkpoint", "state", e, "JSON"))?;
        let mut sections = vec![(state::HEAD, head)];
        for (tag, net) in [
            (state::TEACHER, self.teacher),
            (state::STUDENT, self.student),
        ] {
            if let Some(net) = net {
                let state = self.session.state(net)?;
                sections.push((tag, state::network_bytes(&state)));
            }
        }
        let top = self.plan.top.into();
        sections.push((state::RANKINGS, state::rankings_bytes(&self.rankings, top)));
        sections.push((state::KEPT, state::samples_bytes(&self.samples)));
        Ok(sections)
    }

    fn load(&mut self, checkpoint: &Checkpoint) -> Result<(), AdaptError> {
        let content = |what, found: String, expected: &str| {
            CheckpointError::content("checkpoint", what, found, expected)
        };
        let head = checkpoint.section(state::HEAD)?;
        let s: State = serde_json::from_slice(head)
            .map_err(|e| content("state", e.to_string(), "that of this program"))?;
        let phase = s.phase(&self.phases);
        let all = phase.map_or(0, |p| self.all(p));
        if s.phase > self.phases.len() || s.done > all {
            let found = format!("phase {}, {} done", s.phase, s.done);
            return Err(content("position", found, "one within the run").into());
        }
        for (tag, net) in [
            (state::TEACHER, self.teacher),
            (state::STUDENT, self.student),
        ] {
            if let Some(net) = net {
                let state = state::network_from(checkpoint.section(tag)?)?;
                self.session.restore(net, &state)?;
            }
        }
        self.samples = state::samples_from(checkpoint.section(state::KEPT)?)?;
        for (&slot, words) in &self.samples {
            self.session.write_sample(slot, words)?;
        }
        if phase == Some(Phase::Labelling) && s.begun {
            self.resume_labelling(checkpoint.section(state::RANKINGS)?, s.done)?;
        }
        self.state = s;
        if let (Some(expected), Some(phase)) = (self.state.batches, phase) {
            // The generator goes where it was; that it draws the same is checked.
            let mut batches = self.deal(phase);
            for _ in 0..self.state.done {
                batches.next(self.plan.batch);
            }
            if batches.state() != expected {
                let found = format!("{:016x}", batches.state());
                let expected = format!("{expected:016x}");
                return Err(content("state of the batches", found, &expected).into());
            }
            self.batches = Some(batches);
        }
        self.meter = Meter::new(&mut self.session, self.state.usage.clone())?;
        Ok(())
    }

    fn resume_labelling(&mut self, rankings: &[u8], done: usize) -> Result<(), AdaptError> {
        let Some(stream) = &self.material.unlabelled else {
            return Ok(());
        };
        self.rankings = state::rankings_from(rankings, self.plan.top.into(), done)?;
        let slots = self.material.slots(&self.plan)[0];
        let selection = selection(&self.plan, self.material);
        let (labeller, held) = self
            .session
            .resume_selection(&selection, slots, &self.rankings)?;
        for (arrival, slot) in held {
            let words = stream.load(arrival as usize, &self.material.input)?;
            self.session.write_sample(slot, &words)?;
        }
        self.labeller = Some(labeller);
        Ok(())
    }
}

fn selection(plan: &AdaptPlan, material: &Material) -> Selection {
    Selection {
        classes: material.classes.len(),
        rules: plan.rules(),
        top: plan.top,
        disabled: Vec::new(),
    }
}
