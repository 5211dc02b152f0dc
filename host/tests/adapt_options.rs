//! Ways of learning that a plan may ask for: each changes what it should, refuses what cannot be, and survives a stop.

#[path = "support/job.rs"]
mod job;
#[path = "support/stops.rs"]
mod stops;

use job::{engine, material, plan};
use stops::{every_stop, to_the_end, End};
use tandem::adapt::record::{Event, KeptSample};
use tandem::adapt::{AdaptPlan, Job, Material, Phase, SoftTargets, Task, TuneLayers};
use tandem::fold::InputFormat;
use tandem::label::Selection;
use tandem::lr::LrSchedule;
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem_isa::Config;

/// The plan without a baseline, which takes half of the time.
fn short() -> AdaptPlan {
    AdaptPlan {
        baseline: false,
        ..plan(Task::Adapt)
    }
}

/// The same for the whole stream, best first: something is turned away everywhere.
fn ranked() -> AdaptPlan {
    AdaptPlan {
        key: tandem::adapt::Key::Confidence,
        spacing: 0,
        ..short()
    }
}

fn run(plan: &AdaptPlan) -> End {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let config = Config::named("tiny").unwrap();
    to_the_end(&mut Job::new(engine(config, plan, &material), plan, &material).unwrap())
}

fn kept(plan: &AdaptPlan, config: &str) -> Vec<KeptSample> {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let config = Config::named(config).unwrap();
    let plan = AdaptPlan {
        task: Task::Label,
        ..plan.clone()
    };
    let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    while job.advance(&mut |_| {}).unwrap() {}
    let kept = job.kept().expect("labelling is complete");
    kept.into_iter().map(|(sample, _)| sample).collect()
}

/// What a plan is refused with.
fn refusal(plan: &AdaptPlan, change: impl Fn(&mut Material)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut material = material(dir.path());
    change(&mut material);
    let e = material.check(plan).expect_err("it is refused");
    e.to_string()
}

#[test]
fn schedules_lead_to_other_weights() {
    let of = |schedule| {
        run(&AdaptPlan {
            schedule,
            ..short()
        })
    };
    let step = |times, factor| LrSchedule::Step { times, factor };
    let constant = of(LrSchedule::Constant);
    let cosine = run(&short());
    assert!(constant.2 != cosine.2);
    assert!(of(step(2, 0.1)).2 != constant.2);
    // One that does not fall is a constant one.
    assert!(of(step(2, 1.0)).2 == constant.2);
    assert!(of(LrSchedule::Cosine).2 == cosine.2);
    let stepped = AdaptPlan {
        schedule: step(2, 0.1),
        ..short()
    };
    every_stop("tiny", stepped, 9);
}

#[test]
fn a_masked_class_keeps_nothing_and_a_quota_the_best() {
    for config in ["tiny", "cu"] {
        let all = kept(&ranked(), config);
        let of = |class: &str, kept: &[KeptSample]| -> Vec<u32> {
            let kept = kept.iter().filter(|k| k.name == class);
            kept.map(|k| k.arrival).collect()
        };
        let full = (0..10)
            .map(|c| c.to_string())
            .find(|c| of(c, &all).len() == 4);
        let full = full.expect("a class with K samples");
        let other = all.iter().map(|k| &k.name).find(|&n| *n != full);
        let other = other.expect("another class").clone();
        let masked = AdaptPlan {
            mask: vec![other.clone()],
            quotas: [(full.clone(), 2)].into(),
            ..ranked()
        };
        let left = kept(&masked, config);
        assert!(!of(&other, &all).is_empty() && of(&other, &left).is_empty());
        assert_eq!(of(&full, &left), of(&full, &all)[..2], "{config}");
        for class in (0..10).map(|c| c.to_string()) {
            if class != full && class != other {
                assert_eq!(of(&class, &left), of(&class, &all), "{config}");
            }
        }
        // What a K of two keeps.
        let small = AdaptPlan { k: 2, ..ranked() };
        assert_eq!(of(&full, &left), of(&full, &kept(&small, config)));
    }
}

#[test]
fn mask_and_quotas_survive_a_stop() {
    let plan = AdaptPlan {
        mask: vec!["3".into()],
        quotas: [("1".into(), 1), ("7".into(), 2)].into(),
        ..short()
    };
    let end = every_stop("tiny", plan, 7);
    assert!(end.2 != run(&short()).2);
}

#[test]
fn masks_and_quotas_that_cannot_be_are_refused() {
    let with = |change: fn(&mut AdaptPlan)| {
        let mut plan = short();
        change(&mut plan);
        refusal(&plan, |_| {})
    };
    let names = (0..10)
        .map(|c| c.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    assert_eq!(
        with(|p| p.mask = vec!["ten".into()]),
        format!("class of the mask: found ten, expected {names}; name classes as their folders are named")
    );
    assert_eq!(
        with(|p| p.mask = (0..10).map(|c| c.to_string()).collect()),
        "mask of classes: found all, expected one less; leave one class out of the mask"
    );
    assert!(with(|p| p.quotas = [("ten".into(), 1)].into()).starts_with("class of a quota: "));
    for quota in [0, 5] {
        let plan = AdaptPlan {
            quotas: [("3".into(), quota)].into(),
            ..short()
        };
        assert_eq!(
            refusal(&plan, |_| {}),
            format!("quota: found {quota} for class 3, expected 1 to K, which is 4; use the mask for none, and a larger K for more")
        );
    }
}

/// Fine-tuning of the last layer leaves the others as the kept set made them, and takes fewer cycles.
#[test]
fn the_last_layer_alone_is_tuned() {
    let with = |tune_layers, tune_images| {
        let plan = AdaptPlan {
            tune_layers,
            tune_images,
            ..short()
        };
        let dir = tempfile::tempdir().unwrap();
        let material = material(dir.path());
        let config = Config::named("tiny").unwrap();
        let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
        let mut tuning = None;
        while job
            .advance(&mut |line| {
                if let Event::PhaseDone { phase, usage } = &line.event {
                    if *phase == Phase::FineTuning {
                        tuning = Some((usage.predicted[1], usage.macs));
                    }
                }
            })
            .unwrap()
        {}
        let steps = job.programs().unwrap()[1].cycles;
        let parameters = job.result().unwrap().unwrap().parameters.unwrap();
        (parameters, tuning, steps)
    };
    let untuned = with(TuneLayers::All, 0);
    let all = with(TuneLayers::All, 12);
    let last = with(TuneLayers::Last(1), 12);
    let of = |p: &Parameters| p.0.clone();
    let (conv, fc) = (0, 1);
    assert!(of(&last.0)[conv] == of(&untuned.0)[conv]);
    assert!(of(&last.0)[fc] != of(&untuned.0)[fc]);
    assert!(of(&all.0)[conv] != of(&untuned.0)[conv]);
    let (all_cost, last_cost) = (all.1.unwrap(), last.1.unwrap());
    assert!(last_cost.0 < all_cost.0, "{last_cost:?} {all_cost:?}");
    // No dX at all, and dW of the last layer alone: 7·7·4·10 products an image, looks at the hold-out besides.
    assert_eq!(last_cost.1[1..], [0, 12 * 7 * 7 * 4 * 10]);
    // What a step is by layer is told of a whole one.
    assert_eq!(last.2, all.2);
    let named = AdaptPlan {
        tune_layers: TuneLayers::Named(vec!["fc1".into()]),
        ..short()
    };
    assert!(run(&named).2.as_ref() == Some(&last.0));
    // Most of it is fine-tuning, so that stops fall into it.
    let tuning = AdaptPlan {
        images: 4,
        tune_images: 40,
        evaluate_every: 0,
        ..named
    };
    every_stop("tiny", tuning, 3);
    let plan = AdaptPlan {
        tune_layers: TuneLayers::Last(3),
        ..short()
    };
    assert_eq!(
        refusal(&plan, |_| {}),
        "layers to fine-tune: found 3, expected 1 to 2; choose layers of the student that have weights"
    );
}

/// Soft targets change the training on the kept set and nothing before it, on engines with and without a loss unit; with no share they are none.
#[test]
fn the_student_learns_from_what_the_teacher_thinks() {
    let with = |share, temperature| AdaptPlan {
        soft: SoftTargets {
            share,
            temperature,
            classes: 0,
        },
        mix: 0.25,
        ..short()
    };
    let hard = run(&with(0.0, 2.0));
    let soft = run(&with(1.0, 2.0));
    assert_eq!(hard.1, soft.1, "the kept samples");
    let others = [soft, run(&with(0.5, 2.0)), run(&with(1.0, 4.0))];
    let mut ends: Vec<_> = others.iter().map(|e| e.0.digest.clone()).collect();
    ends.push(hard.0.digest.clone());
    ends.sort();
    ends.dedup();
    assert_eq!(ends.len(), 4);
    assert!(run(&with(0.0, 5.0)).2 == hard.2);
    let tiny = every_stop("tiny", with(0.5, 2.0), 7);
    assert_eq!(tiny.0.digest, others[1].0.digest);
    every_stop("cu", with(1.0, 4.0), 29);
}

/// Targets of a few classes are kept packed; of all classes they are nearly, but not quite, what is kept whole; of one it is the label.
#[test]
fn a_few_classes_are_kept_packed() {
    let with = |classes| AdaptPlan {
        soft: SoftTargets {
            share: 1.0,
            temperature: 1.0,
            classes,
        },
        ..short()
    };
    let whole = run(&with(0));
    let ends = [1, 2, 3, 10].map(|p| run(&with(p)));
    let mut digests: Vec<_> = ends.iter().map(|e| e.0.digest.clone()).collect();
    digests.push(whole.0.digest.clone());
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 5);
    let stopped = every_stop("tiny", with(2), 7);
    assert_eq!(stopped.0.digest, ends[1].0.digest);
    // A checkpoint has so many words of a sample.
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let config = Config::named("tiny").unwrap();
    let bytes = [0, 2].map(|classes| {
        let plan = with(classes);
        let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
        while job.position().0 != Some(Phase::Student) {
            job.advance(&mut |_| {}).unwrap();
        }
        let sections = job.sections().unwrap();
        let soft = sections.into_iter().find(|(tag, _)| tag == b"SOFT");
        soft.expect("targets").1.len()
    });
    let samples = bytes[0] / (8 + 2 * 10);
    assert!(
        samples > 0 && bytes == [samples * 28, samples * 12],
        "{bytes:?}"
    );
    assert_eq!(
        refusal(&with(11), |_| {}),
        "classes of a soft target: found 11 of 10, expected at most 10, of at most 256; keep the probabilities of all classes, with 0"
    );
}

/// The targets are those of a network that is asked again.
#[test]
fn targets_are_what_the_teacher_thinks_of_the_kept_images() {
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let teacher = material.teacher.clone().unwrap();
    let plan = short();
    let config = Config::named("tiny").unwrap();
    let network = &teacher.network;
    let format = InputFormat::shared(&[network], config.lanes, material.input.f()).unwrap();
    let mut session = Session::new(engine(config, &plan, &material), format, 64).unwrap();
    let context = tandem::Context::Teacher;
    let net = session.install(network, context, 12, false).unwrap();
    let parameters = teacher.parameters.as_ref().unwrap();
    session.set_parameters(net, parameters).unwrap();
    let stream = material.unlabelled.as_ref().unwrap();
    let load = |i: usize| stream.load(i, &material.input).unwrap();
    let images: Vec<Vec<i16>> = (0..40).map(load).collect();
    for (slot, image) in images[..12].iter().enumerate() {
        session.write_sample(slot, image).unwrap();
    }
    let sample = |slot| Sample { slot, label: 0 };
    let first: Vec<Sample> = (0..12).map(sample).collect();
    session.calibrate(net, &first).unwrap();
    let selection = Selection {
        classes: 10,
        rules: plan.rules(),
        top: 1,
        disabled: Vec::new(),
    };
    let mut labeller = session.select(&selection, 60).unwrap();
    let images = images.iter().map(Vec::as_slice);
    let (rankings, thoughts) = session
        .label_softly(net, &mut labeller, images.clone(), 3.0)
        .unwrap();
    assert_eq!((rankings.len(), thoughts.len()), (40, 40));
    for (image, thought) in images.zip(&thoughts) {
        session.write_sample(63, image).unwrap();
        let again = session.soft_targets(net, &[sample(63)], 3.0).unwrap();
        assert_eq!(again, std::slice::from_ref(&thought.p));
    }
    assert!(thoughts.windows(2).any(|t| t[0].p != t[1].p));
}

/// The teacher learns first: what it labels becomes something else, what was given as the teacher does not.
#[test]
fn a_teacher_is_tuned_before_it_labels() {
    let plan = AdaptPlan {
        teacher_images: 160,
        teacher_lr: 0.05,
        ..short()
    };
    let dir = tempfile::tempdir().unwrap();
    let material = material(dir.path());
    let given = material.teacher.clone();
    let config = Config::named("tiny").unwrap();
    let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    let phases = [
        Phase::Teacher,
        Phase::TeacherTuning,
        Phase::Labelling,
        Phase::Student,
        Phase::FineTuning,
    ];
    assert_eq!(job.phases(), phases);
    let (_, kept, weights, told) = to_the_end(&mut job);
    let outcome = job.outcome();
    assert!(outcome.teacher_tuned.is_some() && outcome.teacher.is_some());
    let of_phase = |t: &String| t.strip_prefix("teacher-tuning ").map(String::from);
    let losses = told.iter().filter_map(of_phase);
    let losses = losses.filter_map(|t| t.split(' ').nth(1)?.parse().ok());
    let losses: Vec<f64> = losses.collect();
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (begin, end) = (mean(&losses[..5]), mean(&losses[losses.len() - 5..]));
    assert!(end < 0.8 * begin, "{losses:?}");
    assert!(material.teacher.as_ref().unwrap().parameters == given.unwrap().parameters);
    let plain = run(&short());
    assert!(kept != plain.1 && weights != plain.2);
    let plan = AdaptPlan {
        teacher_images: 24,
        ..plan
    };
    every_stop("tiny", plan.clone(), 5);
    // An engine whose exponent sites do not suffice for three networks says so at once.
    let e = material.memory_bytes(&plan, Config::named("cu").unwrap());
    let e = e.unwrap_err().to_string();
    assert!(e.contains("exponent sites, of all networks"), "{e}");
}

/// The copy's words are the teacher's then: it says of every image what the copy says.
#[test]
fn weights_are_copied_word_for_word() {
    let config = Config::named("tiny").unwrap();
    let network = job::network(6);
    let format = InputFormat::shared(&[&network], config.lanes, 13).unwrap();
    let device = tandem_sim::model::Model::new(config, 4 << 20);
    let mut session = Session::new(tandem::Engine::open(device).unwrap(), format, 4).unwrap();
    let mut install = |network, context, training| {
        let id = session.install(network, context, 4, training);
        id.unwrap()
    };
    let to = install(&network, tandem::Context::Teacher, false);
    let from = install(&network, tandem::Context::Student, true);
    let other = install(&job::network(5), tandem::Context::Student, true);
    for (net, seed) in [(to, 1), (from, 2)] {
        let parameters = Parameters::random(&network, seed);
        session.set_parameters(net, &parameters).unwrap();
    }
    assert!(session.words(from).unwrap() != session.words(to).unwrap());
    session.copy_weights(from, to).unwrap();
    assert!(session.words(from).unwrap() == session.words(to).unwrap());
    assert!(session.parameters(from).unwrap() == session.parameters(to).unwrap());
    let e = session.copy_weights(other, to).unwrap_err().to_string();
    assert!(
        e.contains("copy between networks of the same layers"),
        "{e}"
    );
}
