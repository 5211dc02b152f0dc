//! The experiments: what is asked, and the rows that answer it.

use super::pair::Target;
use super::policy::Policy;
use super::shift::Shift;
use super::stream::Stream;
use super::trial::{Augment, Domain, Student, Trial, BITS_8};
use tandem::distil::Distillation;

/// An experiment.
pub struct Experiment {
    /// Its name, and that of its page.
    pub name: &'static str,
    /// Heading of the page.
    pub title: &'static str,
    /// What is asked, and of which figure or table of the sources.
    pub question: &'static str,
    /// Rows.
    pub trials: Vec<Trial>,
    /// For a curve: the name of its axis, and where each row lies on it; rows of one curve follow each other.
    pub axis: Option<(&'static str, Vec<f64>)>,
}

const DOMAINS: [Domain; 2] = [Domain::Shifted, Domain::Same];
/// A pair of real ones, both ways.
const PAIR: [Domain; 2] = [Domain::Pair(Target::Mnist), Domain::Pair(Target::Digits)];

/// Rows for both domains.
fn both(rows: impl Fn(Trial) -> Vec<Trial>) -> Vec<Trial> {
    of_each(DOMAINS, rows)
}

/// Rows for each of two domains.
fn of_each(domains: [Domain; 2], rows: impl Fn(Trial) -> Vec<Trial>) -> Vec<Trial> {
    let of = |domain: Domain| {
        let mut all = rows(Trial::new(domain));
        for t in &mut all {
            t.name = format!("{}: {}", domain.name(), t.name);
        }
        all
    };
    domains.into_iter().flat_map(of).collect()
}

fn named(name: impl ToString, trial: Trial) -> Trial {
    Trial {
        name: name.to_string(),
        ..trial
    }
}

/// One row for each value of a sweep, in both domains, with the axis.
fn sweep<T: Copy>(
    axis: &'static str,
    values: &[T],
    place: impl Fn(T) -> f64,
    set: impl Fn(Trial, T) -> Trial,
) -> (Vec<Trial>, Option<(&'static str, Vec<f64>)>) {
    let rows = both(|t| {
        let row = |&v: &T| named(format!("{axis} {}", place(v)), set(t.clone(), v));
        values.iter().map(row).collect()
    });
    let at: Vec<f64> = values.iter().map(|&v| place(v)).collect();
    let places = DOMAINS.iter().flat_map(|_| at.clone()).collect();
    (rows, Some((axis, places)))
}

/// Policies at a small K, in both domains.
fn policies(k: usize) -> Vec<Trial> {
    let policies = [
        Policy::Ranked,
        Policy::Recent,
        Policy::Random,
        Policy::Above(0.5),
        Policy::Above(0.8),
        Policy::OutOf(500),
        Policy::RankedOfAll,
    ];
    both(|t| {
        let row = |&policy: &Policy| {
            named(
                policy.name(),
                Trial {
                    policy,
                    k,
                    ..t.clone()
                },
            )
        };
        let refreshed = |policy: Policy| {
            let name = format!("{}, refresh 2000", policy.name());
            let trial = Trial {
                policy,
                k,
                refresh: 2000,
                ..t.clone()
            };
            named(name, trial)
        };
        let mut rows: Vec<Trial> = policies.iter().map(row).collect();
        rows.extend([Policy::Ranked, Policy::Above(0.5)].map(refreshed));
        rows
    })
}

/// Selections that keep no order of confidences beside the ranked one, as K falls: a curve for each, in both domains.
fn small() -> (Vec<Trial>, Option<(&'static str, Vec<f64>)>) {
    const KEPT: [usize; 4] = [16, 32, 64, 125];
    let policies = [Policy::Ranked, Policy::Recent, Policy::Above(0.5)];
    let rows = both(|t| {
        let row = |policy: Policy, k: usize| {
            let trial = Trial {
                policy,
                k,
                ..t.clone()
            };
            named(format!("{}, K {k}", policy.name()), trial)
        };
        let curve = |&policy: &Policy| KEPT.map(|k| row(policy, k));
        policies.iter().flat_map(curve).collect()
    });
    let places = (0..rows.len()).map(|i| KEPT[i % KEPT.len()] as f64);
    let places = places.collect();
    (rows, Some(("K", places)))
}

/// Other shifts than the study's, with the settings of its two rows.
fn shifts() -> Vec<Trial> {
    let rows = |shift: Shift| {
        [Policy::Ranked, Policy::Above(0.5)].map(|policy| {
            let trial = Trial {
                policy,
                ..Trial::new(Domain::Other(shift))
            };
            named(format!("{}: {}", shift.name(), policy.name()), trial)
        })
    };
    Shift::ALL.into_iter().flat_map(rows).collect()
}

/// Policies on a stream of the same domain.
fn streams() -> Vec<Trial> {
    let policies = [
        Policy::Ranked,
        Policy::Recent,
        Policy::Random,
        Policy::Above(0.5),
        Policy::RandomOfAll,
        Policy::RecentOfAll,
    ];
    let streams = [Stream::UnbalancedRuns, Stream::Runs, Stream::Unbalanced];
    let mut rows = Vec::new();
    for stream in streams {
        for policy in policies {
            let trial = Trial {
                stream,
                policy,
                k: 100,
                ..Trial::new(Domain::Same)
            };
            rows.push(named(
                format!("{}: {}", stream.name(), policy.name()),
                trial,
            ));
        }
    }
    rows
}

/// What a refresh brings where the stream changes, and costs where it does not.
fn drift() -> Vec<Trial> {
    let mut rows = Vec::new();
    for domain in [Domain::Drifting, Domain::Same] {
        let mut row = |policy: Policy, refresh: u32, events: f64| {
            let mut name = format!("{}: {}", domain.name(), policy.name());
            if refresh > 0 {
                name += &format!(", refresh {refresh}");
            }
            if events > 0.0 {
                name += &format!(", {} % events", 100.0 * events);
            }
            let trial = Trial {
                policy,
                refresh,
                events,
                k: 100,
                ..Trial::new(domain)
            };
            rows.push(named(name, trial));
        };
        let refreshes: &[u32] = match domain {
            Domain::Drifting => &[0, 4000, 2000, 1000],
            _ => &[0, 2000],
        };
        for policy in [Policy::Ranked, Policy::Above(0.5)] {
            for &refresh in refreshes {
                row(policy, refresh, 0.0);
            }
        }
        row(Policy::Recent, 0, 0.0);
        if domain == Domain::Drifting {
            row(Policy::Above(0.5), 0, 0.02);
            row(Policy::Above(0.5), 2000, 0.02);
        }
    }
    rows
}

/// All of them.
pub fn all() -> Vec<Experiment> {
    let (m, m_axis) = sweep(
        "M",
        &[1000, 2000, 4000, 8000],
        |v| v as f64,
        |t, m| Trial {
            m,
            k: t.k * m / 8000,
            ..t
        },
    );
    let (length, length_axis) = sweep(
        "images",
        &[1600, 3200, 6400, 12_000, 24_000],
        |v| v as f64,
        |t, images| Trial { images, ..t },
    );
    let (k, k_axis) = sweep(
        "K",
        &[32, 64, 125, 250, 500, 800],
        |v| v as f64,
        |t, k| Trial {
            k,
            policy: Policy::Ranked,
            ..t
        },
    );
    let (small, small_axis) = small();
    let (top, top_axis) = sweep("P", &[1u8, 2, 3, 4], f64::from, |t, top| Trial {
        top,
        k: 800,
        policy: Policy::Ranked,
        ..t
    });
    vec![
        Experiment {
            name: "students",
            title: "Student against supervised, before and after fine-tuning",
            question: "What does the method gain, for students of several sizes, and does fixed point lose any of it? (Table 2 of Yalniz et al.; the confirmed rows of the float study.)",
            trials: both(|t| {
                let row = |(a, b): (usize, usize)| Trial {
                    student: Student::Plain(a, b),
                    float: true,
                    ..named(format!("{a}–{b} channels"), t.clone())
                };
                [(4, 8), (8, 16), (16, 32)].map(row).into()
            }),
            axis: None,
        },
        Experiment {
            name: "teacher",
            title: "Capacity of the teacher",
            question: "How much better does one student of 8–16 channels become with a larger teacher? (Table 3.) Teachers of three sizes are taught alike by the clean samples: 24 000 affinely changed images at a rate of 0.05; the study's was trained longer, by Adam in float32.",
            trials: both(|t| {
                let row = |(a, b): (usize, usize)| Trial {
                    taught: Some(Student::Plain(a, b)),
                    ..named(format!("teacher of {a}–{b} channels"), t.clone())
                };
                let mut rows: Vec<Trial> = [(4, 8), (8, 16), (16, 32)].map(row).into();
                rows.push(named("the study's teacher", t));
                rows
            }),
            axis: None,
        },
        Experiment {
            name: "augment",
            title: "Images changed as they are drawn",
            question: "What do random affine maps (10°, 10 %, 12 %), and noise of deviation 0.1 with them, bring the student, and what is left of its gain over a supervised network that gets them, too?",
            trials: both(|t| {
                let row = |name: &str, augment: Augment, baseline_augment: Augment| Trial {
                    augment,
                    baseline_augment,
                    ..named(name, t.clone())
                };
                let both = |a: Augment| row(a.name(), a, a);
                vec![
                    both(Augment::None),
                    row("supervised alone affine", Augment::None, Augment::Affine),
                    both(Augment::Affine),
                    both(Augment::Noisy),
                ]
            }),
            axis: None,
        },
        Experiment {
            name: "warm",
            title: "Warm start",
            question: "Does a student that begins with the supervised network's weights, not with random ones, become better, or as good sooner?",
            trials: both(|t| {
                let row = |name: &str, images: usize, warm: bool, lr: f64| Trial {
                    images,
                    warm,
                    lr,
                    baseline_lr: Some(t.lr),
                    ..named(format!("{name}, {images} images"), t.clone())
                };
                let of = |images: usize| {
                    [
                        row("random weights", images, false, t.lr),
                        row("supervised weights", images, true, t.lr),
                        row("supervised weights, a fifth of the rate", images, true, t.lr / 5.0),
                    ]
                };
                [of(12_000), of(3200)].concat()
            }),
            axis: None,
        },
        Experiment {
            name: "unlabelled",
            title: "Size of the stream",
            question: "How does the gain grow with the samples the teacher sees, K in proportion? (Figure 3.)",
            trials: m,
            axis: m_axis,
        },
        Experiment {
            name: "length",
            title: "Length of the training",
            question: "How many images must the student be trained on? (Figure 4.)",
            trials: length,
            axis: length_axis,
        },
        Experiment {
            name: "kept",
            title: "Samples kept of a class",
            question: "What does K cost and bring, ranked by confidence? (Figure 5.)",
            trials: k,
            axis: k_axis,
        },
        Experiment {
            name: "classes",
            title: "Classes a sample may enter",
            question: "Does a sample that is listed under its P best classes help? (P of Yalniz et al.)",
            trials: top,
            axis: top_axis,
        },
        Experiment {
            name: "policies",
            title: "What to keep, with little memory",
            question: "Which selection is best at K = 100? (Table 5, and the search for one that needs no sort.)",
            trials: policies(100),
            axis: None,
        },
        Experiment {
            name: "small",
            title: "Selections without a sort, with ever less memory",
            question: "How far are selections that keep no order of confidences from balanced and ranked, as K falls?",
            trials: small,
            axis: small_axis,
        },
        Experiment {
            name: "shifts",
            title: "Other shifts",
            question: "Does the method gain where images are turned, noisy, dim, or on a background, with teachers that have seen none of it?",
            trials: shifts(),
            axis: None,
        },
        Experiment {
            name: "streams",
            title: "Streams as a camera sees them",
            question: "Which selection survives runs of one class and unbalanced classes, at K = 100?",
            trials: streams(),
            axis: None,
        },
        Experiment {
            name: "drift",
            title: "A stream that changes",
            question: "The stream turns from upright to 30° while it comes, and the student is to work as it is at the end. What does a refresh bring, after which any newer sample ranks above all older ones, at K = 100; and what does it cost where the stream stays as it is?",
            trials: drift(),
            axis: None,
        },
        Experiment {
            name: "events",
            title: "Images that come with a label",
            question: "What does it bring that a share of the stream comes with its label, as after a failed recognition and the swipe of a card, and ranks above all that the teacher labels?",
            trials: both(|t| {
                let row = |events: f64| Trial {
                    events,
                    ..named(format!("{} % events", 100.0 * events), t.clone())
                };
                [0.0, 0.02, 0.05].map(row).into()
            }),
            axis: None,
        },
        Experiment {
            name: "self-training",
            title: "Self-training",
            question: "What does a student of the teacher's own architecture reach? (Table 4.)",
            trials: both(|t| {
                vec![named(
                    "student like the teacher",
                    Trial {
                        student: Student::Teacher,
                        lr: 0.02,
                        images: 6400,
                        ..t
                    },
                )]
            }),
            axis: None,
        },
        Experiment {
            name: "last-layer",
            title: "All layers or the last",
            question: "What does fine-tuning of the last layer alone save and lose? (Table 8.)",
            trials: both(|t| {
                let last = Trial {
                    last_only: true,
                    ..t.clone()
                };
                vec![named("all layers", t), named("last layer only", last)]
            }),
            axis: None,
        },
        Experiment {
            name: "soft",
            title: "Soft or hard labels",
            question: "Do the teacher's probabilities at a temperature T teach more than its best class (Hinton et al.), and are those of its P best classes enough? P: kept packed, a word of 16 bits a class; without, all ten.",
            trials: both(|t| {
                let row = |(temperature, share): (f64, f64)| Trial {
                    soft: Some(Distillation { temperature, share }),
                    ..named(format!("T {temperature}, share {share}"), t.clone())
                };
                let few = |(temperature, share, soft_classes): (f64, f64, usize)| {
                    let row = row((temperature, share));
                    let name = format!("{}, P {soft_classes}", row.name);
                    named(name, Trial { soft_classes, ..row })
                };
                let mut rows = vec![named("hard labels", t.clone())];
                rows.extend([(1.0, 1.0), (2.0, 1.0), (4.0, 1.0), (2.0, 0.5)].map(row));
                rows.extend([(2.0, 1.0, 2), (2.0, 1.0, 3), (2.0, 0.5, 2), (2.0, 0.5, 3)].map(few));
                rows
            }),
            axis: None,
        },
        Experiment {
            name: "mixing",
            title: "Clean samples mixed in",
            question: "Does a share of clean samples in the training on the kept set make fine-tuning superfluous?",
            trials: both(|t| {
                let row = |mix: f64| Trial {
                    mix,
                    ..named(format!("{:.0} % clean", 100.0 * mix), t.clone())
                };
                [0.0, 0.125, 0.25, 0.5].map(row).into()
            }),
            axis: None,
        },
        Experiment {
            name: "guard",
            title: "A gate against bad teachers and streams",
            question: "What does a gate of 200 labelled images save when nine of ten labels are wrong, which is no better than chance, or one class comes alone; and does it let a good student pass? The student replaces the supervised network if it is better there by more than a standard deviation of the difference; both are then measured on the 1800 other images.",
            trials: both(|t| {
                let t = Trial { gate: true, ..t };
                let wrong = Trial {
                    wrong: 0.9,
                    ..t.clone()
                };
                let one = Trial {
                    stream: Stream::OneClass,
                    ..t.clone()
                };
                vec![
                    named("a good stream", t),
                    named("nine of ten labels wrong", wrong),
                    named("one class alone", one),
                ]
            }),
            axis: None,
        },
        Experiment {
            name: "whole",
            title: "MNIST whole",
            question: "What does the method gain on images of 28×28, MNIST as it is, beside the 14×14 that the other pages have, and does fixed point lose any of it? Teachers of 16–32 channels are taught alike at both sizes, by the clean samples, 24 000 affinely changed images at a rate of 0.05. The shift is the same angle and the same noise a pixel.",
            trials: of_each(DOMAINS, |t| {
                let shifted = t.domain == Domain::Shifted;
                let sizes = [("14×14", t.domain), ("28×28", Domain::Whole { shifted })];
                let row = |(name, domain): (&str, Domain)| Trial {
                    taught: Some(Student::Plain(16, 32)),
                    float: true,
                    ..named(name, Trial::new(domain))
                };
                sizes.map(row).into()
            }),
            axis: None,
        },
        Experiment {
            name: "digits",
            title: "Two real domains, both ways",
            question: "What does the method gain between two real sets of digits, at 8×8? 20 clean samples a class and a teacher trained on them alone come from one; stream and held-out images from the other: 8000 and 2000 of MNIST with K = 500, 1297 and 500 digits with K = 80.",
            trials: of_each(PAIR, |t| {
                let t = Trial { float: true, ..t };
                let row = |policy: Policy| Trial {
                    policy,
                    ..named(policy.name(), t.clone())
                };
                let gentle = Trial {
                    tune_lr: t.tune_lr / 10.0,
                    ..named("balanced, ranked, tuned at a tenth of the rate", t.clone())
                };
                let mut rows = vec![row(Policy::Ranked), gentle];
                rows.extend([Policy::Above(0.5), Policy::Random].map(row));
                rows
            }),
            axis: None,
        },
        Experiment {
            name: "bits",
            title: "16 bit, 8 bit, float",
            question: "What do operands of 8 bits lose?",
            trials: both(|t| {
                let eight = Trial {
                    config: &BITS_8,
                    ..named("8 bits", t.clone())
                };
                let sixteen = Trial {
                    float: true,
                    ..named("16 bits", t)
                };
                vec![sixteen, eight]
            }),
            axis: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_row_can_be_built() {
        let all = all();
        let mut names: Vec<&str> = all.iter().map(|e| e.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for e in &all {
            let mut rows: Vec<&str> = e.trials.iter().map(|t| &t.name[..]).collect();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), e.trials.len(), "{}", e.name);
            if let Some((_, places)) = &e.axis {
                assert_eq!(places.len(), e.trials.len(), "{}", e.name);
            }
            for t in &e.trials {
                t.config.validate().unwrap();
                let shape = tandem::network::Shape { c: 1, h: 14, w: 14 };
                assert_eq!(t.student.network(shape).unwrap().output().c, 10);
            }
        }
    }
}
