//! A job can be left after any of its steps and gone on with from its checkpoint: on engines with and without loss unit and selector.

#[path = "support/job.rs"]
mod job;
#[path = "support/stops.rs"]
mod stops;

use job::{engine, material, plan};
use stops::{every_stop, every_stop_of};
use tandem::adapt::record::Event;
use tandem::adapt::{AdaptPlan, Gate, Job, Phase, Task};
use tandem::augment::Augmentation;
use tandem::checkpoint::Checkpoint;
use tandem::parameters::Parameters;
use tandem_isa::Config;
use tandem_sim::model::Model as Device;

#[test]
fn a_job_goes_on_from_any_step() {
    // All of them take a minute: every fifth meets every phase.
    every_stop("tiny", plan(Task::Adapt), 5);
}

#[test]
fn a_job_goes_on_without_loss_unit_and_selector() {
    every_stop("cu", plan(Task::Adapt), 13);
}

#[test]
fn training_and_labelling_go_on() {
    every_stop("tiny", plan(Task::Train), 7);
    every_stop("tiny", plan(Task::Label), 3);
}

/// Images are changed in the same way after a stop, those of the user and the kept ones, and the student becomes another.
#[test]
fn augmented_jobs_go_on() {
    let changed = AdaptPlan {
        augment: Augmentation {
            degrees: 10.0,
            scale: 0.1,
            shift: 0.1,
            noise: 0.02,
        },
        baseline: false,
        ..plan(Task::Adapt)
    };
    let plain = AdaptPlan {
        baseline: false,
        ..plan(Task::Adapt)
    };
    let end = every_stop("tiny", changed, 7);
    let other = every_stop("tiny", plain, 1000);
    assert_eq!(end.1, other.1, "the kept samples");
    assert!(end.2 != other.2, "the same weights");
}

/// A resumed job must not draw other batches: a plan that is not the one it was begun with is found out.
#[test]
fn another_plan_or_state_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::named("tiny").unwrap();
    let (plan, material) = (plan(Task::Train), material(dir.path()));
    let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    for _ in 0..4 {
        job.advance(&mut |_| {}).unwrap();
    }
    let good = Checkpoint {
        number: 1,
        sections: job.sections().unwrap(),
    };
    let says = |plan: &AdaptPlan, checkpoint: &Checkpoint, words: &str| {
        let engine = engine(config, plan, &material);
        match Job::resume(engine, plan, &material, checkpoint) {
            Ok(_) => panic!("not refused: {words}"),
            Err(e) => assert!(e.to_string().contains(words), "{e}"),
        }
    };
    let other = AdaptPlan {
        seed: 8,
        ..plan.clone()
    };
    says(&other, &good, "state of the batches");
    let shorter = AdaptPlan {
        images: 4,
        ..plan.clone()
    };
    says(&shorter, &good, "position");
    for i in 0..good.sections.len() {
        let mut bad = good.clone();
        bad.sections.remove(i);
        let engine = engine(config, &plan, &material);
        let tag = good.sections[i].0;
        // Rankings are only wanted while labelling.
        let wanted = &tag != b"RANK";
        let resumed = Job::resume(engine, &plan, &material, &bad);
        assert_eq!(resumed.is_err(), wanted, "{tag:?}");
    }
}

/// Weights of the job's student, before or after a gate.
fn weights(job: &mut Job<Device>) -> Parameters {
    job.result().unwrap().unwrap().parameters.unwrap()
}

/// A refused student leaves the supervised baseline, word for word, also after a stop; one that passes does not. The teacher is as it was.
#[test]
fn the_gate_refuses_and_puts_back_what_ran() {
    let with = |points| AdaptPlan {
        gate: Gate::Points(points),
        ..plan(Task::Adapt)
    };
    let dir = tempfile::tempdir().unwrap();
    let config = Config::named("tiny").unwrap();
    let material = material(dir.path());
    let run = |points| {
        let plan = with(points);
        let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
        let teacher = |job: &mut Job<Device>| {
            let sections = job.sections().unwrap();
            sections.into_iter().find(|(tag, _)| tag == b"NETT")
        };
        let before = teacher(&mut job);
        while job.position().0 == Some(Phase::Supervised) {
            job.advance(&mut |_| {}).unwrap();
        }
        let baseline = weights(&mut job);
        let mut said = None;
        while job
            .advance(&mut |line| {
                if let Event::Gate { verdict } = &line.event {
                    said = Some(verdict.clone());
                }
            })
            .unwrap()
        {}
        assert_eq!(teacher(&mut job), before, "the teacher was written");
        let verdict = said.expect("a verdict");
        assert_eq!(job.outcome().gate.as_ref(), Some(&verdict));
        assert_eq!(verdict.running, Phase::Supervised);
        (verdict.passed, baseline, weights(&mut job))
    };
    let (passed, baseline, end) = run(100.0);
    assert!(!passed && end == baseline, "what ran is not what is left");
    let (passed, baseline, end) = run(-100.0);
    assert!(passed && end != baseline, "the student is not what is left");
    let end_of_stopped = every_stop("tiny", with(100.0), 29);
    assert!(end_of_stopped.2.as_ref() == Some(&baseline));
    assert!(end_of_stopped.0.gate.is_some_and(|v| !v.passed));
}

/// A student that was given with weights is what runs: refused, those are what is written, as they were given, not as the device rounds them.
#[test]
fn a_refused_student_leaves_the_weights_that_were_given() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::named("tiny").unwrap();
    let mut material = material(dir.path());
    let network = job::network(4);
    let given = Parameters::random(&network, 3);
    material.student = Some(tandem::model::Model {
        parameters: Some(given.clone()),
        ..tandem::model::Model::untrained(network)
    });
    let plan = AdaptPlan {
        gate: Gate::Points(100.0),
        baseline: false,
        ..plan(Task::Adapt)
    };
    let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    assert_eq!(job.phases()[0], Phase::Before);
    while job.advance(&mut |_| {}).unwrap() {}
    let outcome = job.outcome();
    let verdict = outcome.gate.clone().expect("a verdict");
    assert!(!verdict.passed && verdict.running == Phase::Before);
    assert_eq!(outcome.before, Some(verdict.accuracy));
    assert!(weights(&mut job) == given);
    let end = every_stop_of("tiny", plan, 23, &material);
    assert!(end.2 == Some(given));
}
