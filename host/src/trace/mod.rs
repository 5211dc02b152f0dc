//! What ran on the engine: every program that was started, and its commands in their units by the cost model.
//!
//! [`Session::record`] begins a [`Trace`]; [`chrome`] writes it for Perfetto and other readers of trace events. A [`Profile`] is one
//! program by layer: where the array worked and what it waited for. Cycles are predicted, on every device alike: no device counts
//! them command by command. What a device counted stands in [`crate::counters`], and how far the two are apart in the bench.

pub mod chrome;
mod profile;

pub use profile::{Layer, Profile, Strip, STRIPS};

use crate::device::Device;
use crate::error::Error;
use crate::fault::Context;
use crate::lower::{compile, Job, SiteSet};
use crate::network::Stage;
use crate::schedule::cost::{self, Timeline};
use crate::schedule::Part;
use crate::schedule::Program;
use crate::session::{Installed, Loaded, NetId, Session};
use tandem_isa::{Command, Config};

/// A program that ran, as often as it did.
#[derive(Clone, Debug)]
pub struct Traced {
    /// Whose it is.
    pub context: Context,
    /// What it does.
    pub job: Job,
    /// Images of its batch.
    pub images: usize,
    /// Its commands; addresses of images and rates are those of the compiler.
    pub commands: Vec<Command>,
    /// When they are at work.
    pub timeline: Timeline,
    /// Stages of its network, as their names.
    pub stages: Vec<String>,
    net: NetId,
}

impl Traced {
    /// What it is called.
    pub fn name(&self) -> String {
        let what = match self.job {
            Job::Train { .. } => "training step",
            Job::Distil { .. } => "training step on soft targets",
            Job::Forward { .. } => "forward",
            Job::Backward { .. } => "backward",
            Job::Infer { score: true, .. } => "labelling",
            Job::Infer { freeze: true, .. } => "inference",
            Job::Infer { .. } => "calibration",
        };
        format!("{what}, {} images", self.images)
    }

    /// What a command works on: a layer and what is done with it.
    pub fn label(&self, command: usize) -> String {
        let Some(c) = self.commands.get(command) else {
            return String::new();
        };
        let (stage, part) = Part::of_tag(c.tag());
        match stage.and_then(|s| self.stages.get(s)) {
            Some(stage) => format!("{stage} {}", part.name()),
            None => part.name().into(),
        }
    }
}

/// What ran, from [`Session::record`] on.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The programs.
    pub programs: Vec<Traced>,
    /// Which of them ran, one after the other.
    pub runs: Vec<usize>,
}

impl Trace {
    /// Notes a program that is started.
    pub(crate) fn started(
        &mut self,
        config: &Config,
        net: NetId,
        installed: &Installed,
        job: Job,
        images: usize,
        loaded: &Loaded,
    ) {
        let commands = &loaded.program.commands;
        let same =
            |p: &Traced| (p.net, p.job, p.images) == (net, job, images) && p.commands == *commands;
        let index = self.programs.iter().rposition(same).unwrap_or_else(|| {
            self.programs.push(Traced {
                context: installed.context,
                job,
                images,
                commands: commands.clone(),
                timeline: cost::timeline(config, commands),
                stages: installed.stages().map(|s| s.name.clone()).collect(),
                net,
            });
            self.programs.len() - 1
        });
        self.runs.push(index);
    }

    /// Cycles of all that ran, by context.
    pub fn cycles(&self) -> [u64; 2] {
        let mut sums = [0; 2];
        for p in self.runs.iter().filter_map(|&i| self.programs.get(i)) {
            sums[p.context as usize] += p.timeline.cycles;
        }
        sums
    }
}

impl Installed {
    fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.plan.stages.iter().map(|s| &s.stage)
    }
}

impl<D: Device> Session<D> {
    /// Notes what is started from here on.
    pub fn record(&mut self) {
        self.trace = Some(Trace::default());
    }

    /// What was started since [`Session::record`]; none without it.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// The program of a batch, compiled as it would run once every exponent is known; nothing is loaded.
    fn compiled(&self, net: NetId, job: Job, images: usize) -> Result<Program, Error> {
        let i = &self.networks[net.0];
        let config = self.engine.config();
        Ok(compile(
            config, &i.plan, &i.formats, job, images, &i.options,
        )?)
    }

    /// The programs of a training step by layer: one, or two where the host computes the loss.
    pub fn profile_step(&self, net: NetId, images: usize) -> Result<Vec<Profile>, Error> {
        let first = SiteSet::default();
        let jobs = if self.engine.config().has_loss {
            vec![(Job::Train { first }, "training step")]
        } else {
            vec![
                (Job::Forward { first }, "training step, forward"),
                (Job::Backward { first }, "training step, backward"),
            ]
        };
        let of = |(job, name)| self.profile(net, job, images, name);
        jobs.into_iter().map(of).collect()
    }

    /// The program of an inference batch by layer; `score`: its rankings go to the selector.
    pub fn profile_inference(
        &self,
        net: NetId,
        images: usize,
        top: u8,
        score: bool,
    ) -> Result<Profile, Error> {
        let job = Job::Infer {
            first: SiteSet::default(),
            freeze: true,
            top,
            score: score && self.engine.config().has_loss,
        };
        let name = if score { "labelling" } else { "inference" };
        self.profile(net, job, images, name)
    }

    fn profile(&self, net: NetId, job: Job, images: usize, name: &str) -> Result<Profile, Error> {
        let program = self.compiled(net, job, images)?;
        let i = &self.networks[net.0];
        let stages: Vec<&Stage> = i.stages().collect();
        let macs: Vec<u64> = i.network.stages().iter().map(Stage::macs).collect();
        Ok(Profile::new(
            self.engine.config(),
            (name, i.context, images),
            (&stages, &macs),
            &program.commands,
        ))
    }
}
