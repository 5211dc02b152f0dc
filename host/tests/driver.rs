//! Opening, windows, faults, sites, and two contexts side by side, on the model.

use tandem::device::{Device, DeviceError};
use tandem::fold::InputFormat;
use tandem::lower::{Job, SiteSet};
use tandem::network::{Layer as L, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::{Descent, Ranking};
use tandem::{Context, DriverError, Engine, Site, Window};
use tandem_isa::command::{Load, Store, Yield};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::{Command, Config, ErrorCode};
use tandem_sim::model::Model;

/// A device that claims other sizes, or answers one register wrongly.
struct Lying {
    inner: Model,
    config: Config,
    register: Option<(u32, u32)>,
}

impl Device for Lying {
    fn config(&self) -> &Config {
        &self.config
    }
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        match self.register {
            Some((at, value)) if at == offset => Ok(value),
            _ => self.inner.read_register(offset),
        }
    }
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.inner.write_register(offset, value)
    }
    fn memory_size(&self) -> u64 {
        self.inner.memory_size()
    }
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.inner.read_memory(address, into)
    }
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.inner.write_memory(address, from)
    }
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.inner.wait(irq_mask, limit_cycles)
    }
}

#[test]
fn a_foreign_device_is_refused_with_what_to_do() {
    let open = |config, register| {
        let inner = Model::new(&TINY, 4096);
        let e = Engine::open(Lying {
            inner,
            config,
            register,
        });
        e.err().map(|e| e.to_string()).unwrap_or_default()
    };
    assert_eq!(open(TINY, None), "");
    for (text, words) in [
        (open(E8X16, None), ["CONFIG_HASH", "--config tiny"]),
        (open(TINY, Some((0, 7))), ["ID", "0x544e444d"]),
        (
            open(TINY, Some((4, 0x0002_0000))),
            ["VERSION", "same release"],
        ),
        (open(TINY, Some((8, 1))), ["CONFIG_HASH", "rebuild"]),
        (open(TINY, Some((12, 1))), ["SHAPE", "rebuild"]),
    ] {
        assert!(words.iter().all(|w| text.contains(w)), "{text}");
    }
}

#[test]
fn faults_name_code_command_and_value() {
    let mut e = Engine::open(Model::new(&TINY, 1 << 16)).unwrap();
    let all = Window {
        base: 0,
        end: 0x8000,
        read: true,
        write: true,
    };
    e.set_window(Context::Student, 0, all).unwrap();
    let one = Load {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        ..Default::default()
    };
    let store = Store {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        ..Default::default()
    };
    let cases: [(Command, ErrorCode); 4] = [
        (
            Load {
                address: 0x8000,
                ..one
            }
            .into(),
            ErrorCode::ReadWindow,
        ),
        (
            Store {
                address: 0x9000,
                ..store
            }
            .into(),
            ErrorCode::WriteWindow,
        ),
        (Load { pad: 9, ..one }.into(), ErrorCode::BadField),
        (Load { flags: 0x80, ..one }.into(), ErrorCode::BadFlags),
    ];
    for (bad, code) in cases {
        e.write_program(0x1000, &[one.into(), bad, Yield::default().into()])
            .unwrap();
        let Err(DriverError::Fault(f)) = e.run(Context::Student, 0x1000, 3, 1000) else {
            panic!("{bad:?} was accepted");
        };
        assert_eq!((f.kind(), f.index, f.command), (Some(code), 1, 0x1040));
        assert!(
            f.to_string().contains("student stopped at command 1"),
            "{f}"
        );
        // The next program runs.
        e.write_program(0x1000, &[one.into()]).unwrap();
        e.run(Context::Student, 0x1000, 1, 1000).unwrap();
    }
    let outside = Window {
        end: 1 << 20,
        ..all
    };
    assert!(matches!(
        e.set_window(Context::Teacher, 0, outside),
        Err(DriverError::Address { .. })
    ));
    assert!(matches!(
        e.set_window(Context::Teacher, 4, all),
        Err(DriverError::Range { .. })
    ));
    assert!(matches!(
        e.start(Context::Student, 0x1001, 1),
        Err(DriverError::Address { .. })
    ));
    let site = Site {
        e: -5,
        count: 9,
        valid: true,
        f: -3,
    };
    e.set_site(200, site).unwrap();
    assert_eq!(e.site(200).unwrap().e, -5);
    assert_eq!(e.site(200).unwrap().count, 9);
    assert!(e.site(201).is_ok_and(|s| !s.valid));
}

struct Pair {
    session: Session<Model>,
    teacher: NetId,
    student: NetId,
}

fn pair() -> Pair {
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
    let engine = Engine::open(Model::new(&E8X16, 8 << 20)).unwrap();
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
        temperature: tandem_isa::numerics::TEMPERATURE_ONE,
        yield_after: Some(1),
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

#[test]
fn teacher_requests_during_training_change_nothing() {
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 10,
        cosine: true,
    };
    let run = |share: bool| -> (Vec<Vec<i16>>, Vec<Vec<Ranking>>, u32) {
        let mut p = pair();
        let mut ranks = Vec::new();
        for i in 0..10 {
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
                p.session.start_rank(p.teacher, &asked, 2).unwrap();
                ranks.push(p.session.finish_rank(p.teacher, 4, 2).unwrap());
                p.session.finish_step(p.student, 8).unwrap();
            } else {
                p.session.finish_step(p.student, 8).unwrap();
                ranks.push(p.session.rank(p.teacher, &asked, 2).unwrap());
            }
        }
        let switches = p.session.engine().counters().unwrap().switches;
        (p.session.words(p.student).unwrap(), ranks, switches)
    };
    let (alone, shared) = (run(false), run(true));
    assert_eq!(alone.1, shared.1, "rankings");
    assert!(alone.0 == shared.0, "weights");
    assert!(shared.2 >= 10, "{} switches", shared.2);
}

#[test]
fn the_bound_between_yields_shrinks_with_their_distance() {
    let mut p = pair();
    let job = Job::Train {
        first: SiteSet::default(),
    };
    let bound = |p: &mut Pair, yield_after| {
        let options = tandem::lower::Options {
            temperature: 23_637,
            yield_after,
        };
        p.session.set_options(p.student, options);
        let program = p.session.program(p.student, job, 8).unwrap();
        let yields = program
            .commands
            .iter()
            .filter(|c| matches!(c, Command::Yield(_)))
            .count();
        (program.bound, yields)
    };
    let never = bound(&mut p, None);
    let far = bound(&mut p, Some(5_000));
    let near = bound(&mut p, Some(1));
    assert_eq!(never.1, 0);
    assert!(
        near.0 <= far.0 && far.0 < never.0,
        "{near:?} {far:?} {never:?}"
    );
    // One tile is the least there can be between two yield points.
    assert!(near.1 > far.1 && far.1 > 0);
}
