//! Jobs that are left after their steps and gone on with: they must end as if nothing had happened.
#![allow(dead_code)]

use super::job::{engine, material};
use tandem::adapt::record::{Event, Outcome};
use tandem::adapt::{AdaptPlan, Job, Material};
use tandem::checkpoint::Checkpoint;
use tandem::parameters::Parameters;
use tandem_isa::Config;
use tandem_sim::model::Model as Device;

/// What must be the same: the outcome without its clock, the kept samples, the final weights, and what was told at the end.
pub type End = (Outcome, String, Option<Parameters>, Vec<String>);

pub fn to_the_end(job: &mut Job<Device>) -> End {
    let mut told = Vec::new();
    while job
        .advance(&mut |line| match &line.event {
            Event::HeldOut { .. } | Event::Confusion { .. } | Event::Selected { .. } => {
                told.push(format!("{:?}", line.event));
            }
            Event::Trained {
                phase, step, loss, ..
            } => told.push(format!("{} {step} {loss}", phase.name())),
            _ => {}
        })
        .unwrap()
    {}
    let outcome = Outcome {
        seconds: 0.0,
        ..job.outcome()
    };
    let kept = format!("{:?}", job.kept());
    let result = job.result().unwrap().and_then(|m| m.parameters);
    (outcome, kept, result, told)
}

pub fn every_stop(config: &str, plan: AdaptPlan, stride: usize) -> End {
    let dir = tempfile::tempdir().unwrap();
    every_stop_of(config, plan, stride, &material(dir.path()))
}

pub fn every_stop_of(config: &str, plan: AdaptPlan, stride: usize, material: &Material) -> End {
    let config = Config::named(config).unwrap();
    let start = || Job::new(engine(config, &plan, material), &plan, material).unwrap();
    let end = to_the_end(&mut start());
    let mut steps = 1;
    let mut job = start();
    while job.advance(&mut |_| {}).unwrap() {
        steps += 1;
    }
    for stop in (0..=steps).step_by(stride) {
        let mut job = start();
        for _ in 0..stop {
            job.advance(&mut |_| {}).unwrap();
        }
        let saved = Checkpoint {
            number: 1,
            sections: job.sections().unwrap(),
        };
        drop(job);
        let saved = Checkpoint::decode("memory", &saved.encode()).unwrap();
        let engine = engine(config, &plan, material);
        let mut job = Job::resume(engine, &plan, material, &saved).unwrap();
        // What it would save now is what was saved, but for clocks.
        let again = job.sections().unwrap();
        for (old, new) in saved.sections.iter().zip(&again).skip(1) {
            let tag = String::from_utf8_lossy(&old.0);
            assert!(old == new, "{} after {stop}: other {tag}", config.name);
        }
        let (outcome, kept, result, told) = to_the_end(&mut job);
        let place = format!("{} after {stop} of {steps} steps", config.name);
        assert_eq!((outcome, kept), (end.0.clone(), end.1.clone()), "{place}");
        assert!(result == end.2, "{place}: other weights");
        assert!(end.3.ends_with(&told), "{place}: {told:?}");
    }
    end
}
