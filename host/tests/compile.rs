//! Networks too large to simulate here still compile to programs that pass the proof of their order and write every word of every result.

use tandem::fold::InputFormat;
use tandem::lower::{compile, Job, Options, SiteSet};
use tandem::network::zoo::Named;
use tandem::network::{Layer as L, Network, Shape};
use tandem::plan::{Allocator, NetworkPlan};
use tandem::schedule::verify;
use tandem::tile::Tensor;
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::{Command, Config};

struct Case {
    name: &'static str,
    shape: Shape,
    layers: Vec<L>,
    batch: usize,
}

fn cases() -> Vec<Case> {
    let case = |name, (c, h, w), layers: &[L], batch| Case {
        name,
        shape: Shape { c, h, w },
        layers: layers.to_vec(),
        batch,
    };
    vec![
        case(
            "lenet",
            (1, 28, 28),
            &[
                L::conv(6, 5, 1, 2),
                L::Relu,
                L::MaxPool2,
                L::conv(16, 5, 1, 0),
                L::Relu,
                L::MaxPool2,
                L::FullyConnected { out: 120 },
                L::Relu,
                L::FullyConnected { out: 84 },
                L::Relu,
                L::FullyConnected { out: 10 },
            ],
            7,
        ),
        case(
            "wide rows",
            (3, 9, 300),
            &[
                L::conv(4, 5, 2, 4),
                L::Relu,
                L::MaxPool2,
                L::conv(5, 3, 1, 0),
                L::FullyConnected { out: 3 },
            ],
            2,
        ),
        case(
            "many channels",
            (70, 6, 6),
            &[
                L::conv(90, 3, 1, 1),
                L::Relu,
                L::conv(40, 1, 2, 0),
                L::FullyConnected { out: 33 },
            ],
            3,
        ),
        case(
            "a plane at once",
            (2, 40, 33),
            &[
                L::FullyConnected { out: 20 },
                L::Relu,
                L::FullyConnected { out: 2 },
            ],
            5,
        ),
        case(
            "averages",
            (3, 67, 45),
            &[
                L::conv(40, 3, 2, 1),
                L::Relu,
                L::AveragePool { size: 3 },
                L::conv(33, 3, 1, 1),
                L::GlobalAveragePool,
                L::FullyConnected { out: 5 },
            ],
            4,
        ),
    ]
}

/// Which words of a range of memory the stores of a program write.
struct Written {
    words: Vec<bool>,
    word: usize,
}

impl Written {
    fn by(config: &Config, commands: &[Command], bytes: usize) -> Written {
        let word = config.word_bytes();
        let mut w = Written {
            words: vec![false; bytes / word],
            word,
        };
        for c in commands {
            let Command::Store(s) = c else {
                continue;
            };
            for n in 0..u32::from(s.n) {
                for m in 0..u32::from(s.m) {
                    for r in 0..u32::from(s.rows) {
                        let first = s.address + n * s.n_stride + m * s.m_stride + r * s.row_stride;
                        let first = first as usize / word;
                        w.words[first..first + s.width as usize].fill(true);
                    }
                }
            }
        }
        w
    }

    fn check(&self, what: &str, address: u32, words: usize) {
        let first = address as usize / self.word;
        let missing = self.words[first..first + words]
            .iter()
            .filter(|w| !**w)
            .count();
        assert_eq!(
            missing, 0,
            "{what}: {missing} of {words} words are never written"
        );
    }
}

fn compiles(config: &Config, case: &Case) {
    let network = Network::new(case.shape, &case.layers).unwrap();
    let format = InputFormat::shared(&[&network], config.lanes, 15).unwrap();
    let mut memory = Allocator::new(64 << 20);
    let plan =
        NetworkPlan::new(config, &network, format, case.batch, true, 0, &mut memory).unwrap();
    let mut first = SiteSet::default();
    first.insert(1);
    let formats = vec![14; plan.stages.len()];
    let options = Options {
        temperature: 23_637,
        yield_after: Some(30_000),
        ..Default::default()
    };
    let n = case.batch;
    let p = compile(config, &plan, &formats, Job::Train { first }, n, &options)
        .unwrap_or_else(|e| panic!("{} on {}: {e}", case.name, config.name));
    verify(config, &p.commands).unwrap();
    let written = Written::by(config, &p.commands, memory.used() as usize);
    for (i, s) in plan.stages.iter().enumerate() {
        let what = |part| format!("{} on {}, stage {i}, {part}", case.name, config.name);
        let words = |t: &Tensor| n * t.blocks * t.h * t.w;
        written.check(&what("result"), s.y.address, words(&s.y));
        written.check(&what("error"), s.g_full.address, words(&s.g_full));
        if let Some(part) = s.part {
            written.check(&what("part of an error"), part.address, words(&part));
        }
        if !s.stage.is_trained() {
            continue;
        }
        written.check(&what("weights"), s.w.w, s.view.engine.words(config.lanes));
        written.check(&what("momentum"), s.w.v, s.view.engine.words(config.lanes));
        written.check(&what("biases"), s.b.w, s.stage.co.div_ceil(config.lanes));
        if let Some(index) = s.index {
            written.check(&what("indices"), index.address, words(&index));
        }
    }
    println!(
        "{} on {}: {} commands, bound {}, predicted {}",
        case.name,
        config.name,
        p.commands.len(),
        p.bound,
        p.predicted(config)
    );
}

#[test]
fn large_networks_compile_and_write_every_word() {
    for config in [&TINY, &E8X16] {
        cases().iter().for_each(|case| compiles(config, case));
    }
}

#[test]
fn named_networks_compile_and_write_every_word() {
    for named in Named::ALL {
        let case = Case {
            name: named.name(),
            shape: named.input(),
            layers: named.layers(),
            batch: 4,
        };
        compiles(&E8X16, &case);
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let case = &cases()[0];
    let network = Network::new(case.shape, &case.layers).unwrap();
    let format = InputFormat::shared(&[&network], 16, 15).unwrap();
    let plan = |bytes, batch, site| {
        NetworkPlan::new(
            &E8X16,
            &network,
            format,
            batch,
            true,
            site,
            &mut Allocator::new(bytes),
        )
    };
    let text = plan(1 << 18, 32, 0).unwrap_err().to_string();
    assert!(
        text.contains("memory") && text.contains("too few"),
        "{text}"
    );
    let text = plan(1 << 30, 200, 0).unwrap_err().to_string();
    assert!(text.contains("conv1") && text.contains("131080"), "{text}");
    let text = plan(1 << 30, 2, 240).unwrap_err().to_string();
    assert!(
        text.contains("sites") && text.contains("5 too many"),
        "{text}"
    );
}
