//! What a job works on, and whether it goes together.

use super::error::{unfit, AdaptError};
use super::plan::{AdaptPlan, Task};
use crate::error::CompileError;
use crate::fold::InputFormat;
use crate::images::{ImageInput, ImageSet};
use crate::model::Model;
use crate::network::Network;
use crate::plan::{Allocator, NetworkPlan};
use tandem_isa::Config;

/// Room for programs, which are compiled during the run.
const PROGRAMS: u64 = 64 << 20;

/// What a network is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It labels.
    Teacher,
    /// It learns.
    Student,
    /// The teacher while it learns.
    Copy,
}

impl Role {
    /// Whether it is trained.
    pub(super) fn learns(self) -> bool {
        self != Role::Teacher
    }
}

/// Networks and images of a job. Which are needed is the task's: adapt needs all but the hold-out, train the student and the
/// labelled images, label the teacher and the stream.
#[derive(Clone, Debug)]
pub struct Material {
    /// How images become samples.
    pub input: ImageInput,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Labelled images.
    pub labelled: Option<ImageSet>,
    /// The stream.
    pub unlabelled: Option<ImageSet>,
    /// Labelled images the networks are judged by.
    pub holdout: Option<ImageSet>,
    /// The teacher, with weights.
    pub teacher: Option<Model>,
    /// The student; without weights it begins with those of the seed.
    pub student: Option<Model>,
}

impl Material {
    /// Whether the student comes with weights.
    pub fn student_is_given(&self) -> bool {
        let student = self.student.as_ref();
        student.is_some_and(|m| m.parameters.is_some())
    }

    /// Checks that everything the plan needs is there and goes together.
    pub fn check(&self, plan: &AdaptPlan) -> Result<(), AdaptError> {
        plan.validate()?;
        let (labels, trains) = (plan.task != Task::Train, plan.task != Task::Label);
        let needs = |is: bool, has: bool, what| {
            if !is || has {
                return Ok(());
            }
            Err(unfit(what, "none", "one", "give it: the task needs it"))
        };
        needs(labels, self.teacher.is_some(), "teacher")?;
        needs(labels, self.unlabelled.is_some(), "unlabelled images")?;
        needs(trains, self.student.is_some(), "student")?;
        needs(trains, self.labelled.is_some(), "labelled images")?;
        if self.classes.len() < 2 {
            let remedy = "give images of two classes at least";
            return Err(unfit("classes", self.classes.len(), "2 or more", remedy));
        }
        if let (Some(student), true) = (&self.student, plan.task == Task::Adapt) {
            plan.tune_layers.frozen(&student.network)?;
        }
        if labels {
            self.check_classes(plan)?;
            self.events(plan)?;
            plan.soft.check(self.classes.len())?;
        }
        let models = [("teacher", &self.teacher), ("student", &self.student)];
        for (what, model) in models {
            let Some(model) = model else { continue };
            self.check_network(what, model)?;
        }
        match &self.teacher {
            Some(t) if labels && t.parameters.is_none() => {
                let remedy = "give a file of weights";
                Err(unfit(
                    "teacher",
                    "a network without weights",
                    "one that was trained",
                    remedy,
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_network(&self, what: &'static str, model: &Model) -> Result<(), AdaptError> {
        let (input, output) = (model.network.input(), model.network.output());
        if input != self.input.shape() {
            let found = format!("{what}: images of {input}");
            let expected = format!("images of {}", self.input.shape());
            let remedy = "use a teacher and a student that take the same images";
            return Err(unfit("input of a network", found, expected, remedy));
        }
        if output.len() != self.classes.len() {
            let found = format!("{what}: {}", output.len());
            let names = if self.classes.len() <= 20 {
                format!(" ({})", self.classes.join(", "))
            } else {
                String::new()
            };
            let expected = format!("{}, one a class{names}", self.classes.len());
            let remedy = "use a network with as many outputs as there are classes, in the order of their names";
            return Err(unfit("outputs of a network", found, expected, remedy));
        }
        match &model.classes {
            Some(names) if *names != self.classes => {
                let found = format!("{what}: {}", names.join(", "));
                let remedy = "use the same classes in the same order";
                Err(unfit(
                    "classes of a network",
                    found,
                    self.classes.join(", "),
                    remedy,
                ))
            }
            _ => Ok(()),
        }
    }

    /// The networks the plan needs; with each the largest batch.
    pub(super) fn networks(&self, plan: &AdaptPlan) -> Vec<(Role, &Network, usize)> {
        let mut all = Vec::new();
        if let (Some(t), true) = (&self.teacher, plan.task != Task::Train) {
            all.push((Role::Teacher, &t.network, plan.infer_batch));
        }
        if let (Some(s), true) = (&self.student, plan.task != Task::Label) {
            all.push((Role::Student, &s.network, plan.batch.max(plan.infer_batch)));
        }
        if let (Some(t), true) = (&self.teacher, plan.tunes_teacher()) {
            all.push((Role::Copy, &t.network, plan.batch.max(plan.infer_batch)));
        }
        all
    }

    /// How samples stand in memory.
    pub(super) fn format(&self, plan: &AdaptPlan, lanes: usize) -> Result<InputFormat, AdaptError> {
        let networks: Vec<&Network> = self.networks(plan).into_iter().map(|n| n.1).collect();
        InputFormat::shared(&networks, lanes, self.input.f()).ok_or_else(|| {
            let remedy = "use a teacher and a student that take the same images";
            unfit(
                "input of the networks",
                "different shapes",
                "one shape",
                remedy,
            )
        })
    }

    /// Sample slots: those of the selector, those of the labelled images, and a batch to look at.
    pub(super) fn slots(&self, plan: &AdaptPlan) -> [usize; 3] {
        let kept = match (&self.unlabelled, plan.task != Task::Train) {
            (Some(stream), true) => {
                let most = usize::from(plan.k) * self.classes.len();
                most.min(stream.len()) + plan.infer_batch
            }
            _ => 0,
        };
        let clean = match (&self.labelled, plan.task != Task::Label) {
            (Some(set), true) => set.len(),
            _ => 0,
        };
        [kept, clean, plan.infer_batch]
    }

    /// Bytes of memory a device needs for the job.
    pub fn memory_bytes(&self, plan: &AdaptPlan, config: &Config) -> Result<u64, AdaptError> {
        self.check(plan)?;
        let format = self.format(plan, config.lanes)?;
        let mut memory = Allocator::new(1 << 32);
        let sample = (format.lanes(config.lanes) * 2).next_multiple_of(64) as u64;
        let slots: usize = self.slots(plan).iter().sum();
        memory.take(sample * slots as u64, "sample slots")?;
        let mut site = 0;
        for (role, network, batch) in self.networks(plan) {
            let training = role.learns();
            let of = |e: CompileError| AdaptError::from(e);
            let placed =
                NetworkPlan::new(config, network, format, batch, training, site, &mut memory)
                    .map_err(of)?;
            site = placed.site_range.1;
        }
        Ok((memory.used() + PROGRAMS).next_multiple_of(1 << 20))
    }
}
