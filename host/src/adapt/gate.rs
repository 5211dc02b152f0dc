//! The gate: a student that is not ahead of what runs so far on the hold-out is refused, and the weights that ran are what the job ends with.

use super::error::AdaptError;
use super::job::Job;
use super::plan::{AdaptPlan, Phase, Task};
use super::state;
use crate::checkpoint::Checkpoint;
use crate::device::Device;
use serde::{Deserialize, Serialize};

/// How far a student must be ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// There is none.
    #[default]
    Off,
    /// By more than a standard deviation of a difference that is chance alone.
    Deviation,
    /// By so many points of accuracy, or more; less than 0: it may be so much worse.
    Points(f64),
}

impl Gate {
    /// Images a student must have right beyond the `running` that what runs has, of `images`.
    pub fn margin(self, running: f64, images: f64) -> f64 {
        match self {
            Gate::Off => -images,
            Gate::Deviation => (2.0 * running * (1.0 - running / images.max(1.0))).sqrt(),
            Gate::Points(points) => points / 100.0 * images,
        }
    }

    /// Whether a student with `student` right images of `images` may replace what has `running`.
    pub fn passes(self, student: f64, running: f64, images: f64) -> bool {
        let ahead = student - running;
        let margin = self.margin(running, images);
        match self {
            Gate::Off => true,
            Gate::Deviation => ahead > margin,
            Gate::Points(_) => ahead >= margin,
        }
    }
}

/// What the gate said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The phase that looked at what ran: the student as it was given, or the supervised baseline.
    pub running: Phase,
    /// Its accuracy, percent.
    pub accuracy: f64,
    /// The student's.
    pub student: f64,
    /// Points it had to be ahead by.
    pub needed: f64,
    /// Images both were judged by.
    pub images: usize,
    /// Whether it replaces what ran.
    pub passed: bool,
}

impl Verdict {
    /// Of accuracies in percent on so many images.
    pub fn new(
        gate: Gate,
        (running, accuracy): (Phase, f64),
        student: f64,
        images: usize,
    ) -> Verdict {
        let n = images as f64;
        let right = |percent: f64| (percent / 100.0 * n).round();
        let needed = 100.0 * gate.margin(right(accuracy), n) / n.max(1.0);
        Verdict {
            running,
            accuracy,
            student,
            needed,
            images,
            passed: gate.passes(right(student), right(accuracy), n),
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        let ran = match self.running {
            Phase::Before => "the student as it was given",
            _ => "the supervised student",
        };
        let (ahead, needed) = (self.student - self.accuracy, self.needed);
        let (accuracy, student, images) = (self.accuracy, self.student, self.images);
        let figures = format!(
            "{student:.1} % beside the {accuracy:.1} % of {ran} on {images} held-out images, {ahead:+.1} points where {needed:+.1} were asked for"
        );
        match self.passed {
            true => format!("passed: {figures}"),
            false => format!("refused: {figures}; the weights are those of {ran}"),
        }
    }
}

impl AdaptPlan {
    /// The phase that looks at what runs, if there is a gate: of a student that was given with weights before anything is trained, else
    /// the supervised baseline.
    pub(super) fn running(&self, held_out: bool, given: bool) -> Option<Phase> {
        if self.task != Task::Adapt || self.gate == Gate::Off || !held_out {
            return None;
        }
        match (given, self.baseline) {
            (true, _) => Some(Phase::Before),
            (false, true) => Some(Phase::Supervised),
            (false, false) => None,
        }
    }
}

impl<D: Device> Job<'_, D> {
    /// The phase that looks at what runs.
    fn running(&self) -> Option<Phase> {
        let given = self.material.student_is_given();
        self.plan.running(!self.held.is_empty(), given)
    }

    /// Holds the weights of what runs, at the end of the phase that looked at it.
    pub(super) fn hold(&mut self, phase: Phase) -> Result<(), AdaptError> {
        if self.running() == Some(phase) {
            let net = self.judged(phase)?;
            self.before = Some(self.session.state(net)?);
        }
        Ok(())
    }

    /// Refuses the student or lets it pass, after the last phase.
    pub(super) fn judge(&mut self) -> Result<Option<Verdict>, AdaptError> {
        let Some(running) = self.running() else {
            return Ok(None);
        };
        let o = &self.state.outcome;
        let accuracy = match running {
            Phase::Before => o.before,
            _ => o.supervised,
        };
        let (Some(accuracy), Some(student)) = (accuracy, o.fine_tuned.or(o.student)) else {
            return Ok(None);
        };
        let images = self.held.len();
        let verdict = Verdict::new(self.plan.gate, (running, accuracy), student, images);
        if let (false, Some(before)) = (verdict.passed, &self.before) {
            let net = self.judged(Phase::Student)?;
            self.session.restore(net, before)?;
        }
        self.state.outcome.gate = Some(verdict.clone());
        Ok(Some(verdict))
    }

    /// Whether the job ended with the student as it was given.
    pub(super) fn ended_as_given(&self) -> bool {
        let verdict = self.state.outcome.gate.as_ref();
        verdict.is_some_and(|v| !v.passed && v.running == Phase::Before)
    }

    /// Takes what runs out of a checkpoint, if the job has looked at it.
    pub(super) fn load_running(
        &mut self,
        checkpoint: &Checkpoint,
        phase: usize,
    ) -> Result<(), AdaptError> {
        let running = self.running();
        let at = self.phases.iter().position(|p| Some(*p) == running);
        if at.is_some_and(|at| at < phase) {
            let bytes = checkpoint.section(state::RUNNING)?;
            self.before = Some(state::network_from(bytes)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_is_more_than_chance() {
        let passes = |student| Gate::Deviation.passes(student, 100.0, 200.0);
        assert!(!passes(100.0) && !passes(110.0) && passes(111.0));
        assert!(!Gate::Deviation.passes(200.0, 200.0, 200.0));
    }

    #[test]
    fn points_are_of_accuracy_and_may_be_less_than_none() {
        let at = |points: f64, student| Gate::Points(points).passes(student, 100.0, 200.0);
        assert!(at(0.0, 100.0) && !at(0.0, 99.0));
        assert!(at(2.0, 104.0) && !at(2.0, 103.0));
        assert!(at(-2.0, 96.0) && !at(-2.0, 95.0));
        assert!(Gate::Off.passes(0.0, 200.0, 200.0));
    }

    #[test]
    fn a_verdict_says_what_was_asked_for_and_what_is_left() {
        let of = |student| Verdict::new(Gate::Deviation, (Phase::Before, 50.0), student, 200);
        let (worse, better) = (of(49.5), of(60.0));
        assert!(!worse.passed && better.passed);
        assert_eq!(
            worse.text(),
            "refused: 49.5 % beside the 50.0 % of the student as it was given on 200 held-out images, -0.5 points where +5.0 were asked for; \
             the weights are those of the student as it was given"
        );
        assert!(better.text().starts_with("passed: 60.0 %"));
    }

    #[test]
    fn what_runs_is_what_was_given_or_the_baseline() {
        let plan = AdaptPlan::new(Task::Adapt, 1);
        assert_eq!(plan.running(true, true), Some(Phase::Before));
        assert_eq!(plan.running(true, false), Some(Phase::Supervised));
        assert_eq!(plan.running(false, true), None);
        let off = AdaptPlan {
            gate: Gate::Off,
            ..plan.clone()
        };
        assert_eq!(off.running(true, true), None);
        let alone = AdaptPlan {
            baseline: false,
            ..plan
        };
        assert_eq!(alone.running(true, false), None);
        assert_eq!(alone.running(true, true), Some(Phase::Before));
    }
}
