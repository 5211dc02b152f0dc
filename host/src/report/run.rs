//! A run folder, read for the page: whatever of it is there, of a run that goes on, was stopped or was killed, too.

use crate::adapt::record::{Event, KeptSample, Line, Outcome, Settings, Usage};
use crate::adapt::{damaged, AdaptError, Phase, RunFolder, Verdict};
use crate::trace::Profile;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// A run as its folder has it.
#[derive(Clone, Debug)]
pub struct RecordedRun {
    /// The folder.
    pub path: PathBuf,
    /// What it was started with.
    pub settings: Settings,
    /// What happened, in order; a torn last line is left out.
    pub lines: Vec<Line>,
    /// What was kept; empty before labelling is complete.
    pub kept: Vec<KeptSample>,
    /// Programs by layer; empty of a run that is not so far, or of an earlier version.
    pub programs: Vec<Profile>,
    /// What came of it, once it is complete.
    pub outcome: Option<Outcome>,
}

impl RecordedRun {
    /// Reads a run folder.
    pub fn read(path: &Path) -> Result<RecordedRun, AdaptError> {
        let settings = RunFolder::settings(path)?;
        Ok(RecordedRun {
            path: path.into(),
            settings,
            lines: lines(path, "events.jsonl")?,
            kept: lines(path, "kept.jsonl")?,
            programs: whole(path, "programs.json")?.unwrap_or_default(),
            outcome: whole(path, "outcome.json")?,
        })
    }

    /// The picture of a kept sample, if it has one that can be read. Only a file below the run's `kept` is.
    pub fn picture(&self, sample: &KeptSample) -> Option<Vec<u8>> {
        let name = Path::new(sample.thumbnail.as_ref()?);
        let plain = |c: std::path::Component| matches!(c, std::path::Component::Normal(_));
        if !name.starts_with("kept") || !name.components().all(plain) {
            return None;
        }
        let bytes = fs::read(self.path.join(name)).ok()?;
        bytes.starts_with(b"\x89PNG").then_some(bytes)
    }

    /// What the gate said.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.lines.iter().rev().find_map(|l| match &l.event {
            Event::Gate { verdict } => Some(verdict),
            _ => None,
        })
    }

    /// What the phases took, in their order.
    pub fn usages(&self) -> Vec<(Phase, &Usage)> {
        let mut all = Vec::new();
        for line in &self.lines {
            if let Event::PhaseDone { phase, usage } = &line.event {
                all.push((*phase, usage));
            }
        }
        all
    }

    /// The confusion matrix at the end of a phase.
    pub fn confusion(&self, of: Phase) -> Option<&Vec<Vec<u32>>> {
        self.lines.iter().rev().find_map(|l| match &l.event {
            Event::Confusion { phase, matrix } if *phase == of => Some(matrix),
            _ => None,
        })
    }

    /// Accuracy on the hold-out at the end of a phase, in percent.
    pub fn accuracy(&self, of: Phase) -> Option<f64> {
        let matrix = self.confusion(of)?;
        let all: u32 = matrix.iter().flatten().sum();
        let right: u32 = matrix
            .iter()
            .enumerate()
            .filter_map(|(i, r)| r.get(i))
            .sum();
        Some(100.0 * f64::from(right) / f64::from(all.max(1)))
    }
}

fn read(path: &Path, name: &str) -> Result<Option<Vec<u8>>, AdaptError> {
    let place = path.join(name);
    match fs::read(&place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(damaged(&place, e.to_string())),
    }
}

fn whole<T: DeserializeOwned>(path: &Path, name: &str) -> Result<Option<T>, AdaptError> {
    let Some(bytes) = read(path, name)? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes);
    value.map_err(|e| damaged(&path.join(name), e.to_string()))
}

/// Lines of JSON; only the last may be torn.
fn lines<T: DeserializeOwned>(path: &Path, name: &str) -> Result<Vec<T>, AdaptError> {
    let bytes = read(path, name)?.unwrap_or_default();
    let mut all = Vec::new();
    let mut parts = bytes.split(|&b| b == b'\n').enumerate().peekable();
    while let Some((i, line)) = parts.next() {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(value) => all.push(value),
            Err(_) if parts.peek().is_none() => break,
            Err(e) => return Err(damaged(&path.join(name), format!("line {}: {e}", i + 1))),
        }
    }
    Ok(all)
}
