//! A run whose machine loses power: whatever of its last writes did not reach the disk, it ends as if nothing had happened.

#[path = "support/job.rs"]
mod job;

use job::{engine, material, plan, settings};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tandem::adapt::record::{Line, Outcome};
use tandem::adapt::{Job, Run, RunFolder, Task};
use tandem::parameters::Parameters;
use tandem_isa::Config;
use tandem_sim::model::Model as Device;

fn config() -> &'static Config {
    Config::named("tiny").unwrap()
}

/// Runs on until `steps` have been done or to the end; a checkpoint after each.
fn go_on(run: &mut Run<Device>, steps: usize) -> bool {
    let left = Cell::new(steps);
    let stop = || left.replace(left.get().saturating_sub(1)) == 0;
    run.run(&mut |_| {}, &stop).unwrap()
}

/// What must be the same: outcome without its clock, weights, and events without clocks, checkpoints and resumes.
fn end(run: &mut Run<Device>) -> (Outcome, Option<Parameters>, Vec<String>) {
    let outcome = Outcome {
        seconds: 0.0,
        ..run.job().outcome()
    };
    let weights = run.job().result().unwrap().and_then(|m| m.parameters);
    let events = fs::read_to_string(run.folder().path().join("events.jsonl")).unwrap();
    let events = events.lines().map(|l| {
        let line: Line = serde_json::from_str(l).unwrap();
        format!("{:?}", line.event)
    });
    let learned = |e: &String| {
        ["HeldOut", "Confusion", "Selected", "Trained"]
            .iter()
            .any(|k| e.starts_with(k))
    };
    (outcome, weights, events.filter(learned).collect())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What does not reach the disk, and how the folder looks then.
type Loss<'a> = (&'a str, &'a dyn Fn(&Path));

#[test]
fn whatever_was_not_on_the_disk_the_end_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (plan, material) = (plan(Task::Adapt), material(dir.path()));
    let settings = settings(&plan, &material);
    let often = Duration::ZERO;
    let begin = |place: &Path| {
        let job = Job::new(engine(config(), &plan, &material), &plan, &material).unwrap();
        let folder = RunFolder::create(place, &settings, &material).unwrap();
        Run::new(job, folder, often, &mut |_| {}).unwrap()
    };
    let resume = |place: &Path| {
        let engine = engine(config(), &plan, &material);
        let every = Duration::from_secs(1000);
        Run::resume(engine, &plan, &material, place, every, &mut |_| {})
    };
    let undisturbed = dir.path().join("undisturbed");
    let mut run = begin(&undisturbed);
    assert!(go_on(&mut run, usize::MAX));
    let expected = end(&mut run);

    // In labelling, and in training.
    for steps in [3, 15] {
        let place = dir.path().join(format!("stopped-{steps}"));
        let mut run = begin(&place);
        assert!(!go_on(&mut run, steps), "{steps}: ended before the loss");
        drop(run);
        let newest = ["checkpoint-0", "checkpoint-1"].map(|name| {
            (
                fs::metadata(place.join(name)).unwrap().modified().unwrap(),
                name,
            )
        });
        let newest = newest.into_iter().max().unwrap().1;
        let losses: [Loss; 5] = [
            ("nothing", &|_| {}),
            ("the newest checkpoint, its name there", &|p| {
                fs::write(p.join(newest), b"").unwrap();
            }),
            ("the newest checkpoint but for zeros", &|p| {
                let length = fs::metadata(p.join(newest)).unwrap().len();
                fs::write(p.join(newest), vec![0; length as usize]).unwrap();
            }),
            ("the renaming of the newest checkpoint", &|p| {
                fs::rename(p.join(newest), p.join(format!("{newest}.part"))).unwrap();
            }),
            (
                "the events after the checkpoint, zeros in their place",
                &|p| {
                    let mut text = fs::read(p.join("events.jsonl")).unwrap();
                    text.extend([0; 300]);
                    fs::write(p.join("events.jsonl"), text).unwrap();
                },
            ),
        ];
        for (what, lose) in losses {
            let lost = dir.path().join("lost");
            copy(&place, &lost);
            lose(&lost);
            let mut run = resume(&lost).unwrap();
            assert!(go_on(&mut run, usize::MAX));
            assert!(end(&mut run) == expected, "{steps} steps, lost: {what}");
            drop(run);
            fs::remove_dir_all(&lost).unwrap();
        }
    }

    // And by one program at a time.
    let place = dir.path().join("twice");
    let held = begin(&place);
    let refused = resume(&place)
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default();
    assert!(refused.contains("another program at work"), "{refused}");
    drop(held);
    assert!(resume(&place).is_ok());
}
