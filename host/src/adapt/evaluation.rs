//! Looks at the hold-out: accuracy, loss and confusion of a network, a batch at a time.

use super::error::AdaptError;
use super::job::{Job, Observer};
use super::layers::macs;
use super::plan::Phase;
use super::record::Event;
use super::state::Evaluation;
use crate::device::Device;
use crate::session::{NetId, Sample};

/// Most words of the hold-out that are held rather than decoded again.
const HELD_WORDS: usize = 64 << 20;

impl<D: Device> Job<'_, D> {
    /// Begins a look, unless there is nothing to look at or it was done.
    pub(super) fn look(&mut self) {
        if self.held.is_empty() || self.state.evaluated == Some(self.state.done) {
            return;
        }
        let classes = self.material.classes.len();
        self.state.evaluation = Some(Evaluation {
            matrix: vec![vec![0; classes]; classes],
            ..Evaluation::default()
        });
    }

    /// The next batch of the look; what it comes to after the last.
    pub(super) fn evaluate(
        &mut self,
        net: NetId,
        phase: Phase,
        observe: Observer,
    ) -> Result<(), AdaptError> {
        let (Some(mut look), Some(set)) = (self.state.evaluation.take(), &self.material.holdout)
        else {
            return Ok(());
        };
        let end = (look.next + self.plan.infer_batch).min(set.len());
        let mut samples = Vec::new();
        for i in look.next..end {
            let slot = self.scratch + samples.len();
            let hold = (i + 1) * self.material.input.shape().len() <= HELD_WORDS;
            match self.held.get_mut(i) {
                Some(held @ None) if hold => *held = Some(set.load(i, &self.material.input)?),
                _ => {}
            }
            match self.held.get(i) {
                Some(Some(words)) => self.session.write_sample(slot, words)?,
                _ => self
                    .session
                    .write_sample(slot, &set.load(i, &self.material.input)?)?,
            }
            samples.push(Sample {
                slot,
                label: set.label(i).unwrap_or(0),
            });
        }
        let rankings = self.session.rank(net, &samples, 1)?;
        look.loss += self.session.last_loss(net, &samples)?;
        self.meter
            .work(samples.len(), macs(self.session.network(net), None));
        for (sample, ranking) in samples.iter().zip(&rankings) {
            let row = look.matrix.get_mut(usize::from(sample.label));
            if let Some(cell) = row.and_then(|r| r.get_mut(ranking.class[0].max(0) as usize)) {
                *cell += 1;
            }
        }
        look.next = end;
        let all = set.len();
        let progress = Event::Progress {
            phase,
            held_out: true,
            done: end,
            all,
        };
        self.tell(observe, progress);
        if end < all {
            self.state.evaluation = Some(look);
            return Ok(());
        }
        self.state.evaluated = Some(self.state.done);
        let correct: u32 = look.matrix.iter().enumerate().map(|(i, row)| row[i]).sum();
        let accuracy = 100.0 * f64::from(correct) / all as f64;
        let event = Event::HeldOut {
            phase,
            step: self.state.done,
            accuracy,
            loss: look.loss / all as f64,
            images: all,
        };
        self.tell(observe, event);
        if self.state.done == self.all(phase) {
            let outcome = &mut self.state.outcome;
            match phase {
                Phase::Before => outcome.before = Some(accuracy),
                Phase::Supervised => outcome.supervised = Some(accuracy),
                Phase::Teacher => outcome.teacher = Some(accuracy),
                Phase::TeacherTuning => outcome.teacher_tuned = Some(accuracy),
                Phase::Student => outcome.student = Some(accuracy),
                Phase::FineTuning => outcome.fine_tuned = Some(accuracy),
                Phase::Labelling => {}
            }
            let matrix = look.matrix;
            self.tell(observe, Event::Confusion { phase, matrix });
        }
        Ok(())
    }
}
