//! Streams that change: images that come with a label, and old samples that leave.

#[path = "support/job.rs"]
mod job;
#[path = "support/stops.rs"]
mod stops;

use job::{engine, material, plan};
use stops::{every_stop_of, to_the_end};
use tandem::adapt::record::KeptSample;
use tandem::adapt::{AdaptPlan, Events, Job, Key, Material, SoftTargets, Task};
use tandem_isa::config::TINY;
use tandem_isa::Config;
use tandem_tests::configs::TINY_HOST_LOSS;

/// The job without a baseline and without spacing.
fn short() -> AdaptPlan {
    AdaptPlan {
        baseline: false,
        spacing: 0,
        top: 1,
        ..plan(Task::Adapt)
    }
}

fn kept(plan: &AdaptPlan, config: &'static Config, material: &Material) -> Vec<KeptSample> {
    let plan = AdaptPlan {
        task: Task::Label,
        ..plan.clone()
    };
    let mut job = Job::new(engine(config, &plan, material), &plan, material).unwrap();
    while job.advance(&mut |_| {}).unwrap() {}
    let kept = job.kept().expect("labelling is complete");
    kept.into_iter().map(|(sample, _)| sample).collect()
}

/// Images of the stream and the classes they came with: the first of all, neighbours, the last of a batch of 12, the last of all.
const EVENTS: [(usize, &str); 6] = [
    (0, "3"),
    (17, "5"),
    (18, "3"),
    (23, "3"),
    (40, "5"),
    (69, "3"),
];

fn events(material: &Material) -> Events {
    let stream = material.unlabelled.as_ref().unwrap();
    let of = |(i, class): (usize, &str)| (stream.name(i), class.to_string());
    EVENTS.map(of).into()
}

#[test]
fn events_rank_above_all_in_every_key() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    for key in Key::ALL {
        let without = AdaptPlan { key, ..short() };
        let plan = AdaptPlan {
            events: events(&material),
            ..without.clone()
        };
        let found = kept(&plan, &TINY, &material);
        assert_eq!(found, kept(&plan, &TINY_HOST_LOSS, &material), "{key:?}");
        for class in ["3", "5"] {
            let list: Vec<_> = found.iter().filter(|k| k.name == class).collect();
            let wanted = EVENTS.iter().filter(|e| e.1 == class);
            let mut wanted: Vec<u32> = wanted.map(|e| e.0 as u32).collect();
            let (first, rest) = list.split_at(wanted.len());
            let mut arrivals: Vec<u32> = first.iter().map(|k| k.arrival).collect();
            arrivals.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(arrivals, wanted, "{key:?}, class {class}");
            assert!(first.iter().all(|k| k.labelled && k.confidence == 1.0));
            assert!(rest.iter().all(|k| !k.labelled && k.confidence < 1.0));
        }
        // No event is kept for another class, whatever the teacher would have said.
        let events = found.iter().filter(|k| k.labelled).count();
        assert_eq!(events, EVENTS.len());
        // Of the other classes the same is kept, but for what came with a label.
        let is_event = |k: &KeptSample| EVENTS.iter().any(|e| e.0 == k.arrival as usize);
        let before = kept(&without, &TINY, &material);
        for class in ["0", "1", "2", "4", "6", "7", "8", "9"] {
            let of = |all: &[KeptSample]| -> Vec<KeptSample> {
                let all = all.iter().filter(|k| k.name == class);
                all.cloned().collect()
            };
            if !of(&before).iter().any(is_event) {
                assert_eq!(of(&found), of(&before), "{key:?}, class {class}");
            }
        }
    }
}

#[test]
fn old_samples_leave_for_newer_ones() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let refresh = 20;
    for key in Key::ALL {
        let without = AdaptPlan { key, ..short() };
        let plan = AdaptPlan {
            refresh,
            ..without.clone()
        };
        let found = kept(&plan, &TINY, &material);
        assert_eq!(found, kept(&plan, &TINY_HOST_LOSS, &material), "{key:?}");
        let before = kept(&without, &TINY, &material);
        if key == Key::Recent {
            assert_eq!(found, before);
            continue;
        }
        // Newer epochs first; and of the last, all there would be of that part of the stream alone.
        for pair in found.windows(2).filter(|p| p[0].class == p[1].class) {
            assert!(pair[0].arrival / refresh >= pair[1].arrival / refresh);
        }
        let age = |all: &[KeptSample]| all.iter().map(|k| u64::from(k.age)).sum::<u64>();
        assert!(age(&found) < age(&before), "{key:?}");
        assert_eq!(found.len(), before.len());
    }
}

#[test]
fn events_and_epochs_survive_a_stop() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    // With soft targets: an event has none, and must not find that of the sample it was taken in place of.
    let plan = AdaptPlan {
        events: events(&material),
        refresh: 15,
        soft: SoftTargets {
            share: 0.5,
            ..SoftTargets::default()
        },
        ..short()
    };
    let tiny = every_stop_of("tiny", plan.clone(), 5, &material);
    let without = AdaptPlan {
        events: Events::new(),
        ..plan
    };
    let mut job = Job::new(engine(&TINY, &without, &material), &without, &material).unwrap();
    assert!(to_the_end(&mut job).2 != tiny.2);
}

/// A slot that held a sample with a target is given to an event: the event's target is its label.
#[test]
fn an_event_learns_by_its_label_alone() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    // Late events of one class: the slots are those of samples that were let go.
    let stream = material.unlabelled.as_ref().unwrap();
    let late = (50..70).map(|i| (stream.name(i), "3".to_string()));
    let plan = AdaptPlan {
        events: late.collect(),
        k: 2,
        soft: SoftTargets {
            share: 1.0,
            ..SoftTargets::default()
        },
        ..short()
    };
    let mut job = Job::new(engine(&TINY, &plan, &material), &plan, &material).unwrap();
    while job.kept().is_none() {
        job.advance(&mut |_| {}).unwrap();
    }
    let sections = job.sections().unwrap();
    let soft = &sections.iter().find(|s| s.0 == *b"SOFT").unwrap().1;
    // Number in the stream, count of words, words.
    let mut arrivals = Vec::new();
    let mut at = 0;
    while at < soft.len() {
        let number = |at: usize| u32::from_le_bytes(soft[at..at + 4].try_into().unwrap());
        arrivals.push(number(at));
        at += 8 + 2 * number(at + 4) as usize;
    }
    let kept = job.kept().unwrap();
    let mut taught: Vec<u32> = kept
        .iter()
        .filter(|k| !k.0.labelled)
        .map(|k| k.0.arrival)
        .collect();
    taught.sort_unstable();
    arrivals.sort_unstable();
    assert_eq!(arrivals, taught);
    assert_eq!(kept.iter().filter(|k| k.0.labelled).count(), 2);
}

#[test]
fn events_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let refusal = |image: &str, class: &str| {
        let plan = AdaptPlan {
            events: [(image.to_string(), class.to_string())].into(),
            ..short()
        };
        material
            .check(&plan)
            .expect_err("it is refused")
            .to_string()
    };
    let name = material.unlabelled.as_ref().unwrap().name(3);
    let e = refusal(&name, "eleven");
    assert!(
        e.starts_with("class of an event: found eleven, expected 0, 1, "),
        "{e}"
    );
    let e = refusal("nowhere.png", "3");
    assert!(
        e.starts_with("image of an event: found nowhere.png, expected one of "),
        "{e}"
    );
    assert!(
        e.ends_with(
            "name images as kept.jsonl does: a path below the stream's folder, or FILE[INDEX]"
        ),
        "{e}"
    );
}
