//! The teacher's own fine-tuning: a copy of it learns from the labelled images, and the teacher labels with the copy's weights.
//!
//! The engine may not write weights in the teacher's context, so the copy is a network of the student's. The file of the teacher is
//! never written; its words on the device are the job's own.

use super::error::AdaptError;
use super::job::Job;
use super::plan::Phase;
use super::state;
use crate::checkpoint::Checkpoint;
use crate::device::Device;

impl<D: Device> Job<'_, D> {
    /// The copy begins as the teacher.
    pub(super) fn begin_teacher(&mut self) -> Result<(), AdaptError> {
        let copy = self.judged(Phase::TeacherTuning)?;
        let teacher = self.material.teacher.as_ref();
        let parameters = teacher.and_then(|m| m.parameters.clone());
        let parameters = parameters.unwrap_or_default();
        Ok(self.session.restart(copy, &parameters, self.plan.seed)?)
    }

    /// The teacher goes on with what the copy has learnt.
    pub(super) fn end_teacher(&mut self) -> Result<(), AdaptError> {
        let copy = self.judged(Phase::TeacherTuning)?;
        let teacher = self.judged(Phase::Teacher)?;
        self.session.copy_weights(copy, teacher)?;
        self.calibrate(teacher)
    }

    /// The copy in a checkpoint, while it learns.
    pub(super) fn save_copy(&mut self) -> Result<Option<Vec<u8>>, AdaptError> {
        if self.state.phase(&self.phases) != Some(Phase::TeacherTuning) || !self.state.begun {
            return Ok(None);
        }
        let copy = self.judged(Phase::TeacherTuning)?;
        Ok(Some(state::network_bytes(&self.session.state(copy)?)))
    }

    /// Takes it out again.
    pub(super) fn load_copy(&mut self, checkpoint: &Checkpoint) -> Result<(), AdaptError> {
        let copy = self.judged(Phase::TeacherTuning)?;
        let state = state::network_from(checkpoint.section(state::COPY)?)?;
        Ok(self.session.restore(copy, &state)?)
    }
}
