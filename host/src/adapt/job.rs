//! A job that advances in small steps: it can be watched, stopped after any of them, and gone on with from a [`Checkpoint`].
//!
//! Between two steps no program runs on the device. Every step depends on seed, plan and material alone, so a job that was
//! stopped ends with the same words as one that was not.

use super::classes::selection;
use super::error::{unfit, AdaptError};
use super::layers::macs;
use super::material::{Material, Role};
use super::meter::Meter;
use super::plan::{AdaptPlan, Phase};
use super::record::{Event, Line, Outcome, Usage};
use super::soft::Targets;
use super::state::{self, KeptEntry, State};
use crate::batches::{Batches, Random};
use crate::checkpoint::{Checkpoint, CheckpointError, Tag};
use crate::device::Device;
use crate::driver::Engine;
use crate::fault::Context;
use crate::label::Labeller;
use crate::model::Model;
use crate::network::frozen::Frozen;
use crate::network::Network;
use crate::parameters::{Digest, Parameters};
use crate::session::{NetId, Sample, Session};
use crate::state::NetworkState;
use crate::trace::{Profile, Trace};
use crate::train::{Descent, Ranking};
use std::collections::BTreeMap;

/// What is told of a run while it happens.
pub type Observer<'a> = &'a mut dyn FnMut(&Line);

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
    /// The teacher while it learns.
    copy: Option<NetId>,
    /// Labelled images on the device.
    clean: Vec<Sample>,
    /// First slot of a batch to look at.
    pub(super) scratch: usize,
    batches: Option<Batches>,
    pub(super) labeller: Option<Labeller>,
    pub(super) rankings: Vec<Ranking>,
    /// Classes of the stream's events, by the numbers of their images.
    pub(super) events: BTreeMap<usize, u16>,
    /// Words of the kept samples by slot, after labelling.
    pub(super) samples: BTreeMap<usize, Vec<i16>>,
    /// Soft targets of the kept samples, if the plan has them.
    pub(super) targets: Targets,
    /// Words of the labelled images by slot, if the slots are written anew for every batch.
    unchanged: BTreeMap<usize, Vec<i16>>,
    /// What ran before, once it was looked at, if there is a gate.
    pub(super) before: Option<NetworkState>,
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
        let (mut teacher, mut student, mut copy) = (None, None, None);
        for (role, network, batch) in material.networks(plan) {
            let context = match role.learns() {
                true => Context::Student,
                false => Context::Teacher,
            };
            let id = session.install(network, context, batch, role.learns())?;
            let place = match role {
                Role::Teacher => &mut teacher,
                Role::Student => &mut student,
                Role::Copy => &mut copy,
            };
            *place = Some(id);
        }
        let held_out = material.holdout.as_ref().map_or(0, |h| h.len());
        let meter = Meter::new(&mut session, Usage::default())?;
        let mut job = Job {
            session,
            plan: plan.clone(),
            material,
            phases: plan.phases(held_out > 0, material.student_is_given()),
            state: State::default(),
            meter,
            teacher,
            student,
            copy,
            clean: Vec::new(),
            scratch: kept + clean,
            batches: None,
            labeller: None,
            rankings: Vec::new(),
            events: material.events(plan)?,
            samples: BTreeMap::new(),
            targets: Targets::new(),
            unchanged: BTreeMap::new(),
            before: None,
            held: vec![None; held_out],
        };
        if let (Some(set), true) = (&material.labelled, clean > 0) {
            for i in 0..set.len() {
                let sample = Sample {
                    slot: kept + i,
                    label: set.label(i).unwrap_or(0),
                };
                let words = set.load(i, &material.input)?;
                job.session.write_sample(sample.slot, &words)?;
                job.clean.push(sample);
                if !plan.augment.is_none() {
                    job.unchanged.insert(sample.slot, words);
                }
            }
        }
        Ok(job)
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
    pub(super) fn judged(&self, phase: Phase) -> Result<NetId, AdaptError> {
        let net = match phase {
            Phase::Teacher | Phase::Labelling => self.teacher,
            Phase::TeacherTuning => self.copy,
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
            Phase::Before => {
                let net = self.judged(phase)?;
                self.restart(net)?;
                let given = self.material.student.as_ref();
                match given.and_then(|m| m.exponents.as_ref()) {
                    Some(exponents) => self.session.set_output_exponents(net, exponents)?,
                    None => self.calibrate(net)?,
                }
                self.look();
            }
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
            Phase::TeacherTuning => {
                self.begin_teacher()?;
                self.batches = Some(self.deal(phase));
            }
            Phase::FineTuning => {
                let net = self.judged(phase)?;
                self.session.reset_momentum(net)?;
                self.freeze(phase)?;
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
        Ok(self.session.restart(net, &parameters, self.plan.seed)?)
    }

    /// Layers that keep their weights in a phase.
    fn frozen(&self, phase: Phase) -> Result<Frozen, AdaptError> {
        match (phase, self.student) {
            (Phase::FineTuning, Some(net)) => {
                Ok(self.plan.tune_layers.frozen(self.session.network(net))?)
            }
            _ => Ok(Frozen::default()),
        }
    }

    /// Has the student learn in the layers that a phase changes.
    fn freeze(&mut self, phase: Phase) -> Result<(), AdaptError> {
        let frozen = self.frozen(phase)?;
        if let Some(net) = self.student {
            self.session.freeze(net, frozen);
        }
        Ok(())
    }

    /// The batches of a training phase, from its first on.
    fn deal(&self, phase: Phase) -> Batches {
        let seed = u64::from(self.plan.seed);
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
                let kept = Batches::balanced(&lists, seed);
                kept.mixed(Batches::plain(&self.clean, seed + 1), self.plan.mix)
            }
            _ => Batches::plain(&self.clean, seed),
        }
    }

    /// Settings of step `i`, with its learning rate.
    fn descent(&self, phase: Phase, i: usize) -> Descent {
        let (plan, steps) = (&self.plan, self.plan.steps(phase));
        let lr = match phase {
            Phase::FineTuning => plan.tune_lr,
            Phase::TeacherTuning => plan.teacher_lr,
            _ => plan.lr,
        };
        Descent {
            lr: plan.schedule.rate(lr, i, steps),
            momentum: plan.momentum,
            weight_decay: plan.weight_decay,
            steps,
            cosine: false,
        }
    }

    /// Writes the samples of a batch as the plan's augmentation changes them: in the same way for the same step, so that a resumed run is the same.
    fn vary(&mut self, batch: &[Sample], phase: Phase) -> Result<(), AdaptError> {
        let augment = self.plan.augment;
        if augment.is_none() {
            return Ok(());
        }
        let step = (phase as u64) << 48 | self.state.done as u64;
        let mut random = Random::new(Random::new(self.plan.seed.into()).next_u64() ^ step);
        let (shape, scale) = (self.material.input.shape(), self.material.input.scale());
        for sample in batch {
            let known = self.samples.get(&sample.slot);
            if let Some(words) = known.or_else(|| self.unchanged.get(&sample.slot)) {
                let words = augment.apply(words, shape, &scale, &mut random);
                self.session.write_sample(sample.slot, &words)?;
            }
        }
        Ok(())
    }

    fn train(&mut self, phase: Phase, observe: Observer) -> Result<(), AdaptError> {
        let net = self.judged(phase)?;
        let (i, n) = (self.state.done, self.plan.batch);
        let descent = self.descent(phase, i);
        if self.batches.is_none() {
            self.batches = Some(self.deal(phase));
        }
        let batch = self.batches.as_mut().map(|b| b.next(n)).unwrap_or_default();
        self.vary(&batch, phase)?;
        self.learn(net, phase, &batch, &descent)?;
        let frozen = self.frozen(phase)?;
        let macs = macs(self.session.network(net), Some(frozen));
        self.meter.work(batch.len(), macs);
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
            let lr = descent.lr;
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

    fn end(&mut self, phase: Phase, observe: Observer) -> Result<(), AdaptError> {
        if phase == Phase::Labelling {
            self.take_kept(observe)?;
        }
        if phase == Phase::TeacherTuning {
            self.end_teacher()?;
        }
        self.hold(phase)?;
        if let Some(net) = self.student {
            self.session.freeze(net, Frozen::default());
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
            if let Some(verdict) = self.judge()? {
                self.tell(observe, Event::Gate { verdict });
            }
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

    /// Notes what is started on the engine from here on.
    pub fn record(&mut self) {
        self.session.record();
    }

    /// What was started since [`Job::record`].
    pub fn trace(&self) -> Option<&Trace> {
        self.session.trace()
    }

    /// What the job runs over and over, by layer: the teacher's batch and the student's step.
    pub fn programs(&self) -> Result<Vec<Profile>, AdaptError> {
        let mut all = Vec::new();
        if let Some(net) = self.teacher {
            let (n, top) = (self.plan.infer_batch, self.plan.top);
            all.push(self.session.profile_inference(net, n, top, true)?);
        }
        if let Some(net) = self.student {
            all.extend(self.session.profile_step(net, self.plan.batch)?);
        }
        Ok(all)
    }

    /// The student's weights, as they are; after a gate that refused it, what ran before.
    pub fn result(&mut self) -> Result<Option<Model>, AdaptError> {
        let Some(net) = self.student else {
            return Ok(None);
        };
        let network: Network = self.session.network(net).clone();
        let input = &self.material.input;
        // Weights that were given are rounded on the device: what was refused leaves them as they were in their file.
        let given = match &self.material.student {
            Some(model) if self.ended_as_given() => model.clone(),
            _ => Model::untrained(network.clone()),
        };
        Ok(Some(Model {
            parameters: match given.parameters {
                Some(parameters) => Some(parameters),
                None => Some(self.session.parameters(net)?),
            },
            exponents: match given.exponents {
                Some(exponents) => Some(exponents),
                None => Some(self.session.output_exponents(net)?),
            },
            network,
            classes: Some(self.material.classes.clone()),
            normalisation: Some((input.mean().to_vec(), input.std().to_vec())),
        }))
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
        if let Some(before) = &self.before {
            sections.push((state::RUNNING, state::network_bytes(before)));
        }
        if let Some(copy) = self.save_copy()? {
            sections.push((state::COPY, copy));
        }
        let top = self.plan.top.into();
        sections.push((state::RANKINGS, state::rankings_bytes(&self.rankings, top)));
        if self.plan.soft.are_used() {
            sections.push((state::TARGETS, self.target_bytes()));
        }
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
        self.load_running(checkpoint, s.phase)?;
        self.samples = state::samples_from(checkpoint.section(state::KEPT)?)?;
        for (&slot, words) in &self.samples {
            self.session.write_sample(slot, words)?;
        }
        if phase == Some(Phase::Labelling) && s.begun {
            let held = self.resume_labelling(checkpoint.section(state::RANKINGS)?, s.done)?;
            self.load_targets(checkpoint, held)?;
        }
        if let Some(kept) = &s.kept {
            let held = kept.iter().flatten().map(|k| (k.arrival, k.slot));
            let held: BTreeMap<u32, usize> = held.collect();
            self.load_targets(checkpoint, held)?;
        }
        if let (Some(phase), true) = (phase, s.begun) {
            self.freeze(phase)?;
            if phase == Phase::TeacherTuning {
                self.load_copy(checkpoint)?;
            }
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
}
