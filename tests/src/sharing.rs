//! A small teacher and a small student on one engine, for suites of time sharing.

use tandem::fold::InputFormat;
use tandem::lower::{Job, SiteSet};
use tandem::network::{Layer as L, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::{Descent, Ranking};
use tandem::{Context, Device, Engine};
use tandem_isa::register::T_LATENCY;

/// A teacher and a student on one engine.
pub struct Pair<D> {
    /// With samples in 40 slots.
    pub session: Session<D>,
    /// For batches of 4.
    pub teacher: NetId,
    /// For batches of 8.
    pub student: NetId,
}

/// Installs both, the teacher calibrated.
pub fn pair<D: Device>(engine: Engine<D>) -> Pair<D> {
    let shape = Shape { c: 1, h: 10, w: 10 };
    let net = |c, out| {
        Network::new(
            shape,
            &[
                L::conv(c, 3, 1, 1),
                L::Relu,
                L::MaxPool2,
                L::conv(9, 3, 1, 1),
                L::Relu,
                L::FullyConnected { out },
            ],
        )
        .unwrap()
    };
    let (t, s) = (net(12, 7), net(5, 7));
    let format = InputFormat::shared(&[&t, &s], 16, 15).unwrap();
    let mut session = Session::new(engine, format, 40).unwrap();
    let teacher = session.install(&t, Context::Teacher, 4, false).unwrap();
    let student = session.install(&s, Context::Student, 8, true).unwrap();
    session
        .set_parameters(teacher, &Parameters::random(&t, 1))
        .unwrap();
    session
        .set_parameters(student, &Parameters::random(&s, 2))
        .unwrap();
    for slot in 0..40 {
        let image: Vec<i16> = (0..100)
            .map(|i| ((i * 331 + slot * 7919) % 32768) as i16)
            .collect();
        session.write_sample(slot, &image).unwrap();
    }
    // A yield wherever nothing is live.
    let options = tandem::lower::Options {
        yield_after: Some(1),
        ..Default::default()
    };
    session.set_options(student, options);
    let some: Vec<Sample> = (0..8).map(|slot| Sample { slot, label: 0 }).collect();
    session.calibrate(teacher, &some).unwrap();
    Pair {
        session,
        teacher,
        student,
    }
}

/// What a run leaves behind.
pub struct Shared {
    /// The student's weights.
    pub words: Vec<Vec<i16>>,
    /// The teacher's answers.
    pub ranks: Vec<Vec<Ranking>>,
    /// Switches between the contexts.
    pub switches: u32,
    /// T_LATENCY.
    pub latency: u32,
    /// What the compiler bounds it by.
    pub bound: u64,
}

/// Trains the student for eight steps; the teacher is asked during each with `share`, otherwise after it. `advance` lets the student
/// work before a request arrives.
pub fn train<D: Device>(engine: Engine<D>, share: bool, advance: impl Fn(&mut D, u64)) -> Shared {
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 8,
        cosine: true,
    };
    let mut p = pair(engine);
    let mut ranks = Vec::new();
    let mut latency = 0;
    for i in 0..8 {
        let batch: Vec<Sample> = (0..8)
            .map(|k| Sample {
                slot: (i * 5 + k * 3) % 40,
                label: (k % 7) as u16,
            })
            .collect();
        let asked: Vec<Sample> = (0..4)
            .map(|k| Sample {
                slot: (i + k * 9) % 40,
                label: 0,
            })
            .collect();
        p.session
            .start_step(p.student, &batch, &descent, i)
            .unwrap();
        if share {
            advance(p.session.engine().device_mut(), 700 * i as u64);
            p.session.start_rank(p.teacher, &asked, 2).unwrap();
            ranks.push(p.session.finish_rank(p.teacher, 4, 2).unwrap());
            p.session.finish_step(p.student, 8).unwrap();
            latency = latency.max(p.session.engine().register(T_LATENCY).unwrap());
        } else {
            p.session.finish_step(p.student, 8).unwrap();
            ranks.push(p.session.rank(p.teacher, &asked, 2).unwrap());
        }
    }
    let first = SiteSet::default();
    let bound = p
        .session
        .program(p.student, Job::Train { first }, 8)
        .unwrap()
        .bound;
    Shared {
        words: p.session.words(p.student).unwrap(),
        ranks,
        switches: p.session.engine().counters().unwrap().switches,
        latency,
        bound,
    }
}
