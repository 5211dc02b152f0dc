//! Where a job is, as a checkpoint keeps it.
//!
//! | section | holds |
//! |---|---|
//! | `HEAD` | [`State`] as JSON |
//! | `NETT`, `NETS` | teacher and student: formats, words, sites, key |
//! | `NETR` | what ran before, if there is a gate and it was looked at |
//! | `NETC` | while the teacher is fine-tuned: the copy of it that learns |
//! | `RANK` | while labelling: the rankings of the stream so far, from which the selection is made again |
//! | `SOFT` | the soft targets of the samples that are kept so far, by their numbers in the stream, if the plan has them |
//! | `KEPT` | after labelling: the kept samples' words, slot by slot |

use super::plan::Phase;
use super::record::{Outcome, Usage};
use crate::checkpoint::CheckpointError;
use crate::driver::Site;
use crate::state::NetworkState;
use crate::train::Ranking;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names of the sections.
pub(super) const HEAD: [u8; 4] = *b"HEAD";
pub(super) const TEACHER: [u8; 4] = *b"NETT";
pub(super) const STUDENT: [u8; 4] = *b"NETS";
pub(super) const COPY: [u8; 4] = *b"NETC";
pub(super) const RANKINGS: [u8; 4] = *b"RANK";
pub(super) const RUNNING: [u8; 4] = *b"NETR";
pub(super) const TARGETS: [u8; 4] = *b"SOFT";
pub(super) const KEPT: [u8; 4] = *b"KEPT";

/// Where a job is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Index of the phase; the number of phases at the end.
    pub(super) phase: usize,
    /// The phase has begun.
    pub(super) begun: bool,
    /// Steps or images of it that are done.
    pub(super) done: usize,
    /// State of the batches' generator, to compare.
    pub(super) batches: Option<u64>,
    /// The hold-out was looked at after that many steps.
    pub(super) evaluated: Option<usize>,
    /// A look under way.
    pub(super) evaluation: Option<Evaluation>,
    /// Kept samples, class by class, in the selector's order; after labelling.
    pub(super) kept: Option<Vec<Vec<KeptEntry>>>,
    /// What the phase has taken.
    pub(super) usage: Usage,
    /// Seconds of work of the phases before.
    pub(super) seconds: f64,
    /// What came of them.
    pub(super) outcome: Outcome,
}

/// A look at the hold-out under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evaluation {
    /// The next image.
    pub(super) next: usize,
    /// Row: label; column: best class.
    pub(super) matrix: Vec<Vec<u32>>,
    /// Sum of the cross-entropies.
    pub(super) loss: f64,
}

/// A kept sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptEntry {
    pub(super) slot: usize,
    pub(super) arrival: u32,
    pub(super) key: u32,
    /// Q0.15.
    pub(super) confidence: i16,
}

impl State {
    /// The phase it is in.
    pub(super) fn phase(&self, phases: &[Phase]) -> Option<Phase> {
        phases.get(self.phase).copied()
    }
}

/// Reads numbers off the front of a section.
struct Reader<'a> {
    name: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bad(&self) -> CheckpointError {
        let found = "one that is too short or too long";
        CheckpointError::content("checkpoint", self.name, found, "a whole section")
    }

    fn bytes(&mut self, n: usize) -> Result<&'a [u8], CheckpointError> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or_else(|| self.bad())?;
        self.rest = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u32, CheckpointError> {
        let b = self.bytes(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn words(&mut self) -> Result<Vec<i16>, CheckpointError> {
        let n = self.number()? as usize;
        let bytes = self.bytes(n.checked_mul(2).ok_or_else(|| self.bad())?)?;
        let word = |b: &[u8]| i16::from_le_bytes([b[0], b[1]]);
        Ok(bytes.chunks_exact(2).map(word).collect())
    }

    fn end(&self) -> Result<(), CheckpointError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.bad())
    }
}

fn put(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn put_words(bytes: &mut Vec<u8>, words: &[i16]) {
    put(bytes, words.len() as u32);
    words.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
}

/// A network's state as bytes.
pub(super) fn network_bytes(state: &NetworkState) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, state.key);
    put(&mut bytes, state.formats.len() as u32);
    state
        .formats
        .iter()
        .for_each(|&f| put(&mut bytes, f as u32));
    put(&mut bytes, state.sites.len() as u32);
    for s in &state.sites {
        bytes.extend([s.e as u8, s.count, s.valid.into(), s.f as u8]);
    }
    put(&mut bytes, state.words.len() as u32);
    state.words.iter().for_each(|w| put_words(&mut bytes, w));
    bytes
}

/// A network's state from bytes.
pub(super) fn network_from(bytes: &[u8]) -> Result<NetworkState, CheckpointError> {
    let mut r = Reader {
        name: "state of a network",
        rest: bytes,
    };
    let key = r.number()?;
    let mut state = NetworkState {
        key,
        ..NetworkState::default()
    };
    for _ in 0..r.number()? {
        let f = r.number()? as i32;
        state.formats.push(f);
    }
    for _ in 0..r.number()? {
        let b = r.bytes(4)?;
        state.sites.push(Site {
            e: b[0] as i8,
            count: b[1],
            valid: b[2] == 1,
            f: b[3] as i8,
        });
    }
    for _ in 0..r.number()? {
        let words = r.words()?;
        state.words.push(words);
    }
    r.end()?;
    Ok(state)
}

/// Rankings as bytes: of each the first `top` classes and confidences.
pub(super) fn rankings_bytes(rankings: &[Ranking], top: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rankings.len() * top * 4);
    for r in rankings {
        for (class, p) in r.class.iter().zip(r.p).take(top) {
            bytes.extend(class.to_le_bytes());
            bytes.extend(p.to_le_bytes());
        }
    }
    bytes
}

/// Rankings from bytes.
pub(super) fn rankings_from(
    bytes: &[u8],
    top: usize,
    count: usize,
) -> Result<Vec<Ranking>, CheckpointError> {
    let mut r = Reader {
        name: "rankings",
        rest: bytes,
    };
    let mut all = Vec::new();
    for _ in 0..count {
        let mut ranking = Ranking {
            class: [-1; 4],
            p: [0; 4],
        };
        let places = ranking.class.iter_mut().zip(&mut ranking.p);
        for ((class, p), b) in places.zip(r.bytes(top * 4)?.chunks_exact(4)) {
            *class = i16::from_le_bytes([b[0], b[1]]);
            *p = i16::from_le_bytes([b[2], b[3]]);
        }
        all.push(ranking);
    }
    r.end()?;
    Ok(all)
}

/// Samples by slot as bytes.
pub(super) fn samples_bytes(samples: &BTreeMap<usize, Vec<i16>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (&slot, words) in samples {
        put(&mut bytes, slot as u32);
        put_words(&mut bytes, words);
    }
    bytes
}

/// Samples by slot from bytes.
pub(super) fn samples_from(bytes: &[u8]) -> Result<BTreeMap<usize, Vec<i16>>, CheckpointError> {
    let mut r = Reader {
        name: "kept samples",
        rest: bytes,
    };
    let mut samples = BTreeMap::new();
    while !r.rest.is_empty() {
        let slot = r.number()? as usize;
        samples.insert(slot, r.words()?);
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_as_written_and_not_if_cut() {
        let state = NetworkState {
            formats: vec![12, -3],
            words: vec![vec![1, -2, 3], vec![], vec![i16::MIN]],
            sites: vec![Site {
                e: -5,
                count: 3,
                valid: true,
                f: 9,
            }],
            key: 0xdead_beef,
        };
        let bytes = network_bytes(&state);
        assert_eq!(network_from(&bytes).unwrap(), state);
        for n in 0..bytes.len() {
            assert!(network_from(&bytes[..n]).is_err(), "{n}");
        }
        let more = [&bytes[..], &[0]].concat();
        assert!(network_from(&more).is_err());
        let rankings = vec![
            Ranking {
                class: [3, 1, -1, -1],
                p: [9, 8, 0, 0],
            };
            5
        ];
        let bytes = rankings_bytes(&rankings, 2);
        assert_eq!(rankings_from(&bytes, 2, 5).unwrap(), rankings);
        assert!(rankings_from(&bytes, 2, 4).is_err());
        assert!(rankings_from(&bytes, 2, 6).is_err());
        let samples = BTreeMap::from([(3, vec![1, 2]), (70_000, vec![-1])]);
        let bytes = samples_bytes(&samples);
        assert_eq!(samples_from(&bytes).unwrap(), samples);
        assert!(samples_from(&bytes[..bytes.len() - 1]).is_err());
    }
}
