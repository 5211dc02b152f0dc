//! A whole life of a network on any engine with loss unit and selector: training, inference, selection. And training on soft targets, and with weights held, on any engine.

use crate::random::Rng;
use crate::small::SmallError;
use tandem::distil::Distillation;
use tandem::fold::InputFormat;
use tandem::label::Selection;
use tandem::network::Network;
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Device, Engine};
use tandem_isa::selection::{KeyMode, Rules};

/// Eight steps of training, then inference on a stream with selection: weights, rankings, kept slots and counts, as one list.
pub fn training<D: Device>(
    engine: Engine<D>,
    network: &Network,
    seed: u64,
) -> Result<Vec<i64>, SmallError> {
    let lanes = engine.config().lanes;
    let format = InputFormat::shared(&[network], lanes, 14)
        .ok_or_else(|| SmallError::Input(network.to_string(), lanes))?;
    let mut s = Session::new(engine, format, 64)?;
    let id = s.install(network, Context::Student, 6, true)?;
    s.set_parameters(id, &Parameters::random(network, seed as u32))?;
    s.seed_updates(id, 77);
    let mut r = Rng(seed);
    let classes = network.output().c;
    let mut image = || -> Vec<i16> {
        let words = r.words(network.input().len(), 16000);
        words.iter().map(|v| v.abs()).collect()
    };
    for slot in 0..24 {
        s.write_sample(slot, &image())?;
    }
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 8,
        cosine: true,
    };
    for i in 0..8 {
        let n = [6, 5, 1, 4][i % 4];
        let samples: Vec<Sample> = (0..n)
            .map(|k| (i * 5 + k * 7) % 24)
            .map(|slot| Sample {
                slot,
                label: (slot % classes) as u16,
            })
            .collect();
        s.step(id, &samples, &descent, i)?;
    }
    let mut all: Vec<i64> = Vec::new();
    for tensor in s.words(id)? {
        all.extend(tensor.iter().map(|&q| q as i64));
    }
    let selection = Selection {
        classes,
        rules: Rules {
            k: 3,
            mode: KeyMode::Confidence,
            refresh: 12,
            ..Rules::default()
        },
        top: 2,
        disabled: Vec::new(),
    };
    let stream: Vec<Vec<i16>> = (0..30).map(|_| image()).collect();
    let mut labeller = s.select(&selection, 3 * classes + 6)?;
    // Two images come with a label, the second at the end of an epoch.
    let mut ranks = Vec::new();
    for (part, event) in [(0..7, 7), (8..23, 23), (24..30, 30)] {
        let part = stream[part].iter().map(Vec::as_slice);
        ranks.extend(s.label(id, &mut labeller, part)?);
        if let Some(image) = stream.get(event) {
            ranks.push(s.take_event(&mut labeller, image, 1)?);
        }
    }
    for rank in &ranks {
        all.extend(rank.class.iter().map(|&c| c as i64));
        all.extend(rank.p.iter().map(|&p| p as i64));
    }
    for class in s.kept(&labeller)? {
        for e in class {
            all.extend([e.key as i64, e.arrival as i64, e.slot as i64]);
        }
    }
    let counts = s.selection_counts()?;
    all.extend([counts.seen, counts.kept, counts.replaced, counts.rejected].map(i64::from));
    Ok(all)
}

/// Two tasks, the second and a third with the weights held, soft targets among them, and a step after they were released: all weights after
/// each, as one list. A strength of 0 holds nothing.
pub fn holding<D: Device>(
    engine: Engine<D>,
    network: &Network,
    seed: u64,
    strength: u16,
) -> Result<Vec<i16>, SmallError> {
    let lanes = engine.config().lanes;
    let format = InputFormat::shared(&[network], lanes, 14)
        .ok_or_else(|| SmallError::Input(network.to_string(), lanes))?;
    let mut s = Session::new(engine, format, 12)?;
    let id = s.install(network, Context::Student, 6, true)?;
    s.set_parameters(id, &Parameters::random(network, seed as u32))?;
    let mut r = Rng(seed);
    let classes = network.output().c;
    for slot in 0..12 {
        let words = r.words(network.input().len(), 16000);
        let image: Vec<i16> = words.iter().map(|v| v.abs()).collect();
        s.write_sample(slot, &image)?;
    }
    let task = |from: usize, n: usize| -> Vec<Sample> {
        let samples = (from..from + n).map(|slot| Sample {
            slot,
            label: (slot % classes) as u16,
        });
        samples.collect()
    };
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 4,
        cosine: true,
    };
    let mut all = Vec::new();
    for i in 0..3 {
        s.step(id, &task(0, 6), &descent, i)?;
    }
    all.extend(s.words(id)?.concat());
    let first = s.consolidate(id, &task(0, 6), 3)?;
    s.hold(id, &first, strength)?;
    for (i, n) in [6, 5, 6].into_iter().enumerate() {
        s.step(id, &task(4, n), &descent, i)?;
        all.extend(s.words(id)?.concat());
    }
    // Held while it is looked at, too.
    let second = s.consolidate(id, &task(4, 5), 3)?.with(&first);
    s.hold(id, &second, strength)?;
    let how = Distillation {
        temperature: 2.0,
        share: 0.5,
    };
    let target = vec![32_767 / classes as i16; classes];
    for i in 0..2 {
        let batch = task(7 - i, 5);
        s.distil(id, &batch, &[&target[..]; 5], &how, &descent, i)?;
    }
    all.extend(s.words(id)?.concat());
    s.release(id);
    s.step(id, &task(6, 6), &descent, 0)?;
    all.extend(s.words(id)?.concat());
    Ok(all)
}

/// Four steps on soft targets, of batches of several sizes: all weights, as one list.
pub fn distilling<D: Device>(
    engine: Engine<D>,
    network: &Network,
    seed: u64,
    share: f64,
) -> Result<Vec<i16>, SmallError> {
    let lanes = engine.config().lanes;
    let format = InputFormat::shared(&[network], lanes, 14)
        .ok_or_else(|| SmallError::Input(network.to_string(), lanes))?;
    let mut s = Session::new(engine, format, 8)?;
    let id = s.install(network, Context::Student, 6, true)?;
    s.set_parameters(id, &Parameters::random(network, seed as u32))?;
    let mut r = Rng(seed);
    let classes = network.output().c;
    for slot in 0..8 {
        let words = r.words(network.input().len(), 16000);
        let image: Vec<i16> = words.iter().map(|v| v.abs()).collect();
        s.write_sample(slot, &image)?;
    }
    let targets: Vec<Vec<i16>> = (0..8)
        .map(|_| {
            let most = 32_767 / classes as i16;
            r.words(classes, most).iter().map(|v| v.abs()).collect()
        })
        .collect();
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 4,
        cosine: true,
    };
    let how = Distillation {
        temperature: 2.0,
        share,
    };
    for (i, n) in [6, 5, 1, 6].into_iter().enumerate() {
        let samples: Vec<Sample> = (0..n)
            .map(|k| (i + 3 * k) % 8)
            .map(|slot| Sample {
                slot,
                label: (slot % classes) as u16,
            })
            .collect();
        let batch: Vec<&[i16]> = samples.iter().map(|x| &targets[x.slot][..]).collect();
        s.distil(id, &samples, &batch, &how, &descent, i)?;
    }
    Ok(s.words(id)?.concat())
}
