//! How the learning rate goes on from step to step of a training. Each step's rate is a field of its update commands.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A schedule of the learning rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LrSchedule {
    /// It stays.
    Constant,
    /// It falls `times` times, after equal numbers of steps, to a `factor` of what it was.
    Step {
        /// How often.
        times: u32,
        /// What is left of it each time.
        factor: f64,
    },
    /// It rises in so many equal steps, then falls to 0 by a half cosine.
    Warmup {
        /// Steps until it is what it begins with otherwise.
        steps: usize,
    },
    /// It falls to 0 by a half cosine.
    #[default]
    Cosine,
}

impl LrSchedule {
    /// The rate of step `i`, from 0, of `steps`, that begins with `lr`.
    pub fn rate(self, lr: f64, i: usize, steps: usize) -> f64 {
        if steps == 0 {
            return lr;
        }
        let i = i.min(steps);
        match self {
            LrSchedule::Constant => lr,
            LrSchedule::Step { times, factor } => {
                let parts = times as usize + 1;
                let falls = (i * parts / steps).min(times as usize);
                lr * factor.powi(falls as i32)
            }
            LrSchedule::Warmup { steps: rise } if i < rise => {
                lr * (i + 1) as f64 / (rise + 1) as f64
            }
            LrSchedule::Warmup { steps: rise } => {
                LrSchedule::Cosine.rate(lr, i - rise, steps.saturating_sub(rise))
            }
            LrSchedule::Cosine => lr * 0.5 * (1.0 + (PI * (i as f64 / steps as f64)).cos()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(schedule: LrSchedule, steps: usize) -> Vec<f64> {
        (0..steps).map(|i| schedule.rate(0.5, i, steps)).collect()
    }

    #[test]
    fn each_goes_its_way() {
        assert_eq!(rates(LrSchedule::Constant, 3), [0.5; 3]);
        let (times, factor) = (2, 0.1);
        let step = rates(LrSchedule::Step { times, factor }, 7);
        let expected = [0, 0, 0, 1, 1, 2, 2].map(|falls| 0.5 * factor.powi(falls));
        assert_eq!(step, expected);
        let warm = rates(LrSchedule::Warmup { steps: 4 }, 8);
        assert_eq!(warm[..5], [0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(warm[4..], rates(LrSchedule::Cosine, 4));
        let cosine = rates(LrSchedule::Cosine, 4);
        assert_eq!(cosine[0], 0.5);
        assert!((cosine[2] - 0.25).abs() < 1e-12, "{cosine:?}");
        assert!(cosine.windows(2).all(|w| w[0] > w[1]), "{cosine:?}");
        assert_eq!(LrSchedule::Cosine.rate(0.5, 9, 4), 0.0);
    }

    #[test]
    fn no_step_at_all_has_the_rate_it_begins_with() {
        for schedule in [
            LrSchedule::Constant,
            LrSchedule::Step {
                times: 3,
                factor: 0.5,
            },
            LrSchedule::Cosine,
            LrSchedule::Warmup { steps: 0 },
        ] {
            assert_eq!(schedule.rate(0.5, 0, 0), 0.5, "{schedule:?}");
        }
    }
}
