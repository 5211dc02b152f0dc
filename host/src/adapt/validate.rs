//! Which settings of a plan can be.

use super::gate::Gate;
use super::plan::{AdaptPlan, Task};
use crate::lr::LrSchedule;

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: found {found}, expected {expected}; {remedy}")]
pub struct PlanError {
    /// The setting, as its field is named.
    pub setting: &'static str,
    /// Found.
    pub found: String,
    /// Expected.
    pub expected: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Refuses what is not in `from` to `to`; of reals also what is no number.
fn within<T: PartialOrd + std::fmt::Display>(
    setting: &'static str,
    value: T,
    from: T,
    to: T,
    remedy: &'static str,
) -> Result<(), PlanError> {
    if (&from..=&to).contains(&&value) {
        return Ok(());
    }
    Err(PlanError {
        setting,
        found: value.to_string(),
        expected: format!("{from} to {to}"),
        remedy,
    })
}

impl AdaptPlan {
    /// Checks every setting.
    pub fn validate(&self) -> Result<(), PlanError> {
        within("batch", self.batch, 1, 4095, "use a smaller batch")?;
        within(
            "infer_batch",
            self.infer_batch,
            1,
            4095,
            "use a smaller batch",
        )?;
        if self.task != Task::Label {
            let most = 1 << 40;
            let remedy = "train on one batch at least";
            within("images", self.images, self.batch, most, remedy)?;
            if self.tune_images != 0 {
                let remedy = "fine-tune on one batch at least, or on none";
                within("tune_images", self.tune_images, self.batch, most, remedy)?;
            }
            if self.teacher_images != 0 {
                let (remedy, least) = ("fine-tune on one batch at least, or on none", self.batch);
                within("teacher_images", self.teacher_images, least, most, remedy)?;
                let remedy = "0.003 is where to start";
                within("teacher_lr", self.teacher_lr, 1e-6, 4.0, remedy)?;
            }
            within("lr", self.lr, 1e-6, 4.0, "0.05 is where to start")?;
            let remedy = "0.003 is where to start";
            within("tune_lr", self.tune_lr, 1e-6, 4.0, remedy)?;
            if let LrSchedule::Step { times, factor } = self.schedule {
                let remedy = "2 and 0.1 are where to start";
                within("schedule.times", times, 1, 100, remedy)?;
                within("schedule.factor", factor, 0.001, 1.0, remedy)?;
            }
            if let LrSchedule::Warmup { steps } = self.schedule {
                let remedy = "a twentieth of the steps is where to start";
                within("schedule.steps", steps, 1, 1_000_000, remedy)?;
            }
            within("momentum", self.momentum, 0.0, 0.999, "0.9 is usual")?;
            let remedy = "0.0001 is usual";
            within("weight_decay", self.weight_decay, 0.0, 0.1, remedy)?;
            let remedy = "0 is none, 0.25 is where to start";
            within("mix", self.mix, 0.0, 1.0, remedy)?;
            let remedy = "0 is none, 0.5 is where to start";
            within("soft.share", self.soft.share, 0.0, 1.0, remedy)?;
            let remedy = "2 is where to start";
            within(
                "soft.temperature",
                self.soft.temperature,
                0.1,
                100.0,
                remedy,
            )?;
            let (a, remedy) = (&self.augment, "10, 0.1, 0.12 and 0 are where to start");
            within("augment.degrees", a.degrees, 0.0, 180.0, remedy)?;
            within("augment.scale", a.scale, 0.0, 0.9, remedy)?;
            within("augment.shift", a.shift, 0.0, 1.0, remedy)?;
            within("augment.noise", a.noise, 0.0, 10.0, remedy)?;
            if let Gate::Points(points) = self.gate {
                let remedy = "0 refuses what is worse";
                within("gate", points, -100.0, 100.0, remedy)?;
            }
        }
        if self.task != Task::Train {
            within("k", self.k, 1, 65535, "keep one sample at least")?;
            within("top", self.top, 1, 4, "use P from 1 to 4")?;
            let remedy = "give a probability";
            within("threshold", self.threshold, 0.0, 1.0, remedy)?;
            within("min_confidence", self.min_confidence, 0.0, 1.0, remedy)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(times: u32, factor: f64) -> LrSchedule {
        LrSchedule::Step { times, factor }
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let good = AdaptPlan::new(Task::Adapt, 1);
        assert_eq!(good.validate(), Ok(()));
        let with = |change: fn(&mut AdaptPlan)| {
            let mut plan = good.clone();
            change(&mut plan);
            plan.validate().map_err(|e| e.to_string()).unwrap_err()
        };
        assert_eq!(
            with(|p| p.top = 5),
            "top: found 5, expected 1 to 4; use P from 1 to 4"
        );
        for (text, change) in [
            ("batch", (|p| p.batch = 0) as fn(&mut AdaptPlan)),
            ("infer_batch", |p| p.infer_batch = 5000),
            ("images", |p| p.images = 3),
            ("tune_images", |p| p.tune_images = 3),
            ("teacher_images", |p| p.teacher_images = 3),
            ("teacher_lr", |p| {
                (p.teacher_images, p.teacher_lr) = (64, 0.0)
            }),
            ("lr", |p| p.lr = f64::NAN),
            ("tune_lr", |p| p.tune_lr = 0.0),
            ("schedule.times", |p| p.schedule = step(0, 0.1)),
            ("schedule.factor", |p| p.schedule = step(2, 0.0)),
            ("momentum", |p| p.momentum = 1.0),
            ("weight_decay", |p| p.weight_decay = -1.0),
            ("k", |p| p.k = 0),
            ("threshold", |p| p.threshold = 1.5),
            ("min_confidence", |p| p.min_confidence = -0.1),
            ("mix", |p| p.mix = 1.1),
            ("soft.share", |p| p.soft.share = 1.1),
            ("soft.temperature", |p| p.soft.temperature = 0.0),
            ("augment.degrees", |p| p.augment.degrees = 181.0),
            ("augment.scale", |p| p.augment.scale = 1.0),
            ("augment.shift", |p| p.augment.shift = -0.1),
            ("augment.noise", |p| p.augment.noise = f64::NAN),
            ("gate", |p| p.gate = Gate::Points(101.0)),
        ] {
            let said = with(change);
            assert!(said.starts_with(text), "{said}");
        }
    }
}
