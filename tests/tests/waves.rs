//! Waves of a layer alone: they hold exactly the cycles in which a unit works on a command of that layer.
use fst_reader::{FstFilter, FstHierarchyEntry, FstReader, FstSignalValue};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use tandem::fold::InputFormat;
use tandem::parameters::Parameters;
use tandem::schedule::Part;
use tandem::session::{Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::TINY;
use tandem_isa::Unit;
use tandem_sim::rtl::{RtlDevice, Waves, Window};
use tandem_tests::networks::networks;
use tandem_tests::random::Rng;

/// One training step; the cycles it took.
fn step(file: &Path, window: Window) -> u64 {
    let waves = Waves {
        file: file.into(),
        window,
    };
    let mut device = RtlDevice::open(&TINY, 4 << 20, Some(&waves)).unwrap();
    let network = &networks()[0];
    let format = InputFormat::shared(&[network], TINY.lanes, 14).unwrap();
    let mut session = Session::new(Engine::open(&mut device).unwrap(), format, 2).unwrap();
    let id = session.install(network, Context::Student, 2, true).unwrap();
    session
        .set_parameters(id, &Parameters::random(network, 5))
        .unwrap();
    let mut random = Rng(4);
    let samples: Vec<_> = (0..2).map(|slot| Sample { slot, label: 0 }).collect();
    for sample in &samples {
        let image = random.words(network.input().len(), 16_000);
        session.write_sample(sample.slot, &image).unwrap();
    }
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 1,
        cosine: false,
    };
    session.step(id, &samples, &descent, 0).unwrap();
    drop(session);
    device.core().cycles()
}

fn reader(file: &Path) -> FstReader<BufReader<File>> {
    FstReader::open_and_read_time_table(BufReader::new(File::open(file).unwrap())).unwrap()
}

/// The cycles in a file.
fn cycles(file: &Path) -> Vec<u64> {
    let reader = reader(file);
    let mut cycles: Vec<u64> = reader
        .get_time_table()
        .unwrap()
        .iter()
        .map(|t| t / 2)
        .collect();
    cycles.dedup();
    cycles
}

/// The cycles in which a unit works on a command of `layer`, from the engine's own signals in a file of every cycle: from that
/// of its start to that of its end.
fn worked(file: &Path, layer: u16) -> Vec<u64> {
    let mut reader = reader(file);
    let mut handles: HashMap<usize, Vec<(String, usize)>> = HashMap::new();
    let mut scopes = Vec::new();
    reader
        .read_hierarchy(|entry| match entry {
            FstHierarchyEntry::Scope { name, .. } => scopes.push(name),
            FstHierarchyEntry::UpScope => drop(scopes.pop()),
            FstHierarchyEntry::Var { name, handle, .. }
                if scopes.last().is_some_and(|s| s == "engine") =>
            {
                let name = name.split(' ').next().unwrap_or_default().to_string();
                for signal in ["start", "done", "command"] {
                    let unit = name.strip_prefix(&format!("control${signal}$"));
                    if let Some(unit) = unit.and_then(|u| u.parse().ok()) {
                        handles
                            .entry(handle.get_index())
                            .or_default()
                            .push((signal.into(), unit));
                    }
                }
            }
            _ => {}
        })
        .unwrap();
    assert_eq!(
        handles.values().map(Vec::len).sum::<usize>(),
        3 * Unit::COUNT
    );
    // Before the edge of each cycle: start, done, layer of the command.
    let mut now = vec![[0u16; 3]; Unit::COUNT];
    let mut history: Vec<(u64, Vec<[u16; 3]>)> = Vec::new();
    let filter = FstFilter::all();
    reader
        .read_signals(&filter, |time, handle, value| {
            let FstSignalValue::String(bits) = value else {
                return Ok::<(), String>(());
            };
            let bit = |from_low: usize| u16::from(bits[bits.len() - 1 - from_low] == b'1');
            if history.last().is_none_or(|(t, _)| *t != time) {
                history.push((time, now.clone()));
            }
            for (signal, unit) in handles.get(&handle.get_index()).into_iter().flatten() {
                match signal.as_str() {
                    "start" => now[*unit][0] = bit(0),
                    "done" => now[*unit][1] = bit(0),
                    _ => now[*unit][2] = (0..12).map(|i| bit(36 + i) << i).sum(),
                }
            }
            history.last_mut().unwrap().1.clone_from(&now);
            Ok(())
        })
        .unwrap();
    let all = cycles(file);
    let mut works = [false; Unit::COUNT];
    let (mut at, mut state) = (0, vec![[0u16; 3]; Unit::COUNT]);
    let mut worked = Vec::new();
    for cycle in all {
        // What stands before the edge at the end of this cycle.
        while at < history.len() && history[at].0 <= 2 * cycle {
            state.clone_from(&history[at].1);
            at += 1;
        }
        let begins = |[start, _, of]: &[u16; 3]| *start == 1 && *of == layer;
        if works.iter().any(|&w| w) || state.iter().any(begins) {
            worked.push(cycle);
        }
        for (works, [start, done, of]) in works.iter_mut().zip(&state) {
            if *start == 1 {
                *works = *of == layer;
            } else if *done == 1 {
                *works = false;
            }
        }
    }
    worked
}

#[test]
fn the_window_of_a_layer_is_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let whole = step(&file("all.fst"), Window::All);
    let all = cycles(&file("all.fst"));
    assert!(all.len() as u64 >= whole && all.windows(2).all(|w| w[1] == w[0] + 1));
    let stages = networks()[0].stages().len() as u16;
    assert!(stages > 1);
    for layer in 0..stages {
        let (mark, mask) = Part::layer(layer);
        let name = file(&format!("{layer}.fst"));
        assert_eq!(step(&name, Window::Marked { mark, mask }), whole);
        let (found, expected) = (cycles(&name), worked(&file("all.fst"), layer));
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(found, expected, "layer {layer}");
    }
}

#[test]
fn a_window_of_cycles_is_those() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.fst");
    step(&file, Window::Cycles(300..450));
    assert_eq!(cycles(&file), (300..450).collect::<Vec<_>>());
}
