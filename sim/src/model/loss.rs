//! The loss unit of the model: softmax, cross-entropy gradient for labels and soft targets, confidences and ranking of one sample at a time.

use super::pads::Pad;
use super::sites::Sites;
use std::collections::VecDeque;
use tandem_isa::command::{Loss, NO_SLOT};
use tandem_isa::numerics::{gradient_hard, gradient_mixed, rank, softmax};
use tandem_isa::Config;

/// One ranked class of a scored sample, on its way to the selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Class.
    pub class: u16,
    /// Confidence, Q0.15.
    pub confidence: u16,
    /// Slot the sample lies in.
    pub slot: u16,
    /// First score of its sample.
    pub first: bool,
    /// Last score of its sample.
    pub last: bool,
}

/// Counters of the loss unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct LossCounters {
    /// Samples seen.
    pub samples: u32,
    /// Samples whose best class was the label.
    pub correct: u32,
}

/// Runs one Loss command.
pub fn run(
    config: &Config,
    c: &Loss,
    z: &Pad,
    g: &mut Pad,
    sites: &Sites,
    scores: &mut VecDeque<Score>,
    counters: &mut LossCounters,
) {
    let classes = c.classes as usize;
    let words = classes.div_ceil(config.lanes);
    let f_z = c.f as i32 + sites.f(c.site);
    let padded = words * config.lanes;
    let mut logits = vec![0i16; padded];
    let mut targets = vec![0i16; padded];
    let mut p = vec![0i16; padded];
    let mut gradient = vec![0i16; padded];
    for i in 0..c.n as usize {
        read(config, z, c.z_base as usize + i * words, &mut logits);
        let record = z.word(c.record_base as usize + i);
        let (label, slot) = (record[0] as u16, record[1] as u16);
        // Lengths are equal and not empty: these cannot fail.
        let _ = softmax(&logits[..classes], f_z, c.temperature, &mut p[..classes]);
        if c.flags & Loss::GRADIENT != 0 {
            if c.flags & Loss::SOFT != 0 {
                read(config, z, c.target_base as usize + i * words, &mut targets);
                let _ = gradient_mixed(
                    (&logits[..classes], f_z),
                    &p[..classes],
                    &targets[..classes],
                    label.into(),
                    c.share,
                    &mut gradient[..classes],
                );
            } else if (label as usize) < classes {
                let _ = gradient_hard(&p[..classes], label as usize, &mut gradient[..classes]);
            } else {
                gradient[..classes].copy_from_slice(&p[..classes]);
            }
            write(config, g, c.g_base as usize + i * words, &gradient);
        }
        if c.flags & Loss::PROBABILITIES != 0 {
            write(config, g, c.p_base as usize + i * words, &p);
        }
        let ranked = rank(&p[..classes], c.top as usize);
        let best = &ranked[..(c.top as usize).min(classes)];
        counters.samples = counters.samples.wrapping_add(1);
        if best[0].0 as u16 == label {
            counters.correct = counters.correct.wrapping_add(1);
        }
        if c.flags & Loss::RESULT != 0 {
            let mut ranking = vec![0i16; config.result_words() * config.lanes];
            for (place, (class, p)) in ranked.into_iter().enumerate() {
                ranking[2 * place] = class;
                ranking[2 * place + 1] = p;
            }
            write(
                config,
                g,
                c.result_base as usize + i * config.result_words(),
                &ranking,
            );
        }
        if c.flags & Loss::SCORE != 0 && slot != NO_SLOT {
            for (place, &(class, p)) in best.iter().enumerate() {
                scores.push_back(Score {
                    class: class as u16,
                    confidence: p as u16,
                    slot,
                    first: place == 0,
                    last: place + 1 == best.len(),
                });
            }
        }
    }
}

fn read(config: &Config, z: &Pad, at: usize, values: &mut [i16]) {
    for (w, word) in values.chunks_exact_mut(config.lanes).enumerate() {
        word.copy_from_slice(z.word(at + w));
    }
}

fn write(config: &Config, g: &mut Pad, at: usize, values: &[i16]) {
    for (w, word) in values.chunks_exact(config.lanes).enumerate() {
        g.word_mut(at + w).copy_from_slice(word);
    }
}
