//! The labelling phase: the teacher's exponents, the stream through the selector, and what was kept.

use super::classes::{leave_best, selection};
use super::error::{unfit, AdaptError};
use super::job::{Job, Observer};
use super::layers::macs;
use super::plan::{Phase, Task};
use super::record::{Event, KeptSample};
use super::state::{self, KeptEntry};
use crate::device::Device;
use crate::session::{NetId, Sample};
use std::ops::Range;
use tandem_isa::selection::is_event;

/// Batches of the stream the teacher's exponents learn from.
const CALIBRATION: usize = 2;

fn no_stream() -> AdaptError {
    unfit("stream", "none", "images", "give unlabelled images")
}

impl<D: Device> Job<'_, D> {
    /// The teacher's exponents learn from images all over the stream.
    pub(super) fn calibrate(&mut self, net: NetId) -> Result<(), AdaptError> {
        let Some(stream) = &self.material.unlabelled else {
            return Ok(());
        };
        let n = self.plan.infer_batch;
        let count = (CALIBRATION * n).min(stream.len());
        let chosen: Vec<usize> = (0..count).map(|i| i * stream.len() / count).collect();
        for part in chosen.chunks(n) {
            let mut samples = Vec::new();
            for (i, &image) in part.iter().enumerate() {
                let slot = self.scratch + i;
                let words = stream.load(image, &self.material.input)?;
                self.session.write_sample(slot, &words)?;
                samples.push(Sample { slot, label: 0 });
            }
            self.session.calibrate(net, &samples)?;
        }
        Ok(())
    }

    pub(super) fn label(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let net = self.judged(Phase::Labelling)?;
        let Some(stream) = &self.material.unlabelled else {
            return Err(no_stream());
        };
        let all = stream.len();
        let end = (self.state.done + self.plan.infer_batch).min(all);
        let mut at = self.state.done;
        while at < end {
            let next = self.events.range(at..end).next();
            let next = next.map_or((end, None), |(&i, &class)| (i, Some(class)));
            match next {
                (i, Some(class)) if i == at => self.take_event(at, class)?,
                (i, _) => self.label_some(net, at..i)?,
            }
            at = match next {
                (i, Some(_)) if i == at => i + 1,
                (i, _) => i,
            };
        }
        // Some twenty times, and at the end.
        let tell = end == all || end * 20 / all != self.state.done * 20 / all;
        self.state.done = end;
        let progress = Event::Progress {
            phase: Phase::Labelling,
            held_out: false,
            done: end,
            all,
        };
        if tell {
            let per_class = match &self.labeller {
                Some(labeller) => self.session.kept_counts(labeller)?,
                None => Vec::new(),
            };
            let utilisation = self.meter.read(&mut self.session)?.utilisation;
            let event = Event::Kept {
                done: end,
                all,
                per_class,
                utilisation,
            };
            self.tell(observe, event);
        }
        self.tell(observe, progress);
        Ok(())
    }

    /// The teacher labels a piece of the stream without events.
    fn label_some(&mut self, net: NetId, part: Range<usize>) -> Result<(), AdaptError> {
        let (Some(stream), Some(labeller)) = (&self.material.unlabelled, &mut self.labeller) else {
            return Err(no_stream());
        };
        let images = part.clone();
        let images = images
            .map(|i| stream.load(i, &self.material.input))
            .collect::<Result<Vec<_>, _>>()?;
        let images = images.iter().map(Vec::as_slice);
        if self.plan.soft.are_used() {
            let (temperature, first) = (self.plan.soft.temperature, part.start as u32);
            let (rankings, thoughts) =
                self.session
                    .label_softly(net, labeller, images, temperature)?;
            self.rankings.extend(rankings);
            for (arrival, thought) in (first..).zip(thoughts) {
                let target = self.plan.soft.keep(thought.p)?;
                self.targets.insert(thought.slot, (arrival, target));
            }
            self.drop_targets();
        } else {
            self.rankings
                .extend(self.session.label(net, labeller, images)?);
        }
        self.meter
            .work(part.len(), macs(self.session.network(net), None));
        Ok(())
    }

    /// The selector takes an image with a label of its own; its soft target is that label.
    fn take_event(&mut self, image: usize, class: u16) -> Result<(), AdaptError> {
        let (Some(stream), Some(labeller)) = (&self.material.unlabelled, &mut self.labeller) else {
            return Err(no_stream());
        };
        let words = stream.load(image, &self.material.input)?;
        let ranking = self.session.take_event(labeller, &words, class)?;
        self.rankings.push(ranking);
        // Of what it was taken in place of.
        self.drop_targets();
        Ok(())
    }

    /// Takes the lists out of the selector and holds the kept images, so that nothing hangs on the stream any more.
    pub(super) fn take_kept(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let (Some(stream), Some(labeller)) = (&self.material.unlabelled, &self.labeller) else {
            return Ok(());
        };
        let mut lists = Vec::new();
        for (class, mut kept) in self.session.kept(labeller)?.into_iter().enumerate() {
            let name = self.material.classes.get(class);
            if let Some(&quota) = name.and_then(|n| self.plan.quotas.get(n)) {
                leave_best(&mut kept, quota.into());
            }
            let mut list = Vec::new();
            for k in kept {
                let ranking = self
                    .rankings
                    .get(k.arrival as usize)
                    .copied()
                    .unwrap_or_default();
                let place = ranking.class.iter().position(|&c| c == class as i16);
                if !self.samples.contains_key(&k.slot) {
                    let words = stream.load(k.arrival as usize, &self.material.input)?;
                    self.samples.insert(k.slot, words);
                }
                list.push(KeptEntry {
                    slot: k.slot,
                    arrival: k.arrival,
                    key: k.key,
                    confidence: place.map_or(0, |p| ranking.p[p]),
                });
            }
            lists.push(list);
        }
        let counts = self.session.selection_counts()?;
        let kept = lists.iter().map(Vec::len).sum();
        if kept == 0 && self.plan.task == Task::Adapt {
            let found = format!("none of {} scores", counts.seen);
            let remedy = "lower the smallest confidence, or give more images";
            return Err(unfit("kept samples", found, "one at least", remedy));
        }
        self.targets
            .retain(|slot, _| self.samples.contains_key(slot));
        self.state.outcome.kept = kept;
        self.state.kept = Some(lists);
        self.rankings = Vec::new();
        let event = Event::Selected {
            seen: counts.seen,
            kept: counts.kept,
            replaced: counts.replaced,
            rejected: counts.rejected,
        };
        self.tell(observe, event);
        Ok(())
    }

    /// The kept samples, class by class and best first, with their words; none before labelling is complete.
    pub fn kept(&self) -> Option<Vec<(KeptSample, &[i16])>> {
        let (lists, stream) = (
            self.state.kept.as_ref()?,
            self.material.unlabelled.as_ref()?,
        );
        let mut all = Vec::new();
        for (class, list) in lists.iter().enumerate() {
            let mut list = list.clone();
            list.sort_by_key(|k| (std::cmp::Reverse(k.key), k.arrival));
            for k in list {
                let sample = KeptSample {
                    class,
                    name: self
                        .material
                        .classes
                        .get(class)
                        .cloned()
                        .unwrap_or_default(),
                    arrival: k.arrival,
                    age: (stream.len() as u32).saturating_sub(k.arrival + 1),
                    confidence: match is_event(k.confidence as u16) {
                        true => 1.0,
                        false => f64::from(k.confidence) / 32768.0,
                    },
                    labelled: is_event(k.confidence as u16),
                    key: k.key,
                    image: stream.name(k.arrival as usize),
                    thumbnail: None,
                };
                let words = self.samples.get(&k.slot).map_or(&[][..], Vec::as_slice);
                all.push((sample, words));
            }
        }
        Some(all)
    }

    /// Goes on with a selection; returns the samples it holds, and where.
    pub(super) fn resume_labelling(
        &mut self,
        rankings: &[u8],
        done: usize,
    ) -> Result<Vec<(u32, usize)>, AdaptError> {
        let Some(stream) = &self.material.unlabelled else {
            return Ok(Vec::new());
        };
        self.rankings = state::rankings_from(rankings, self.plan.top.into(), done)?;
        let slots = self.material.slots(&self.plan)[0];
        let selection = selection(&self.plan, self.material);
        let (labeller, held) = self
            .session
            .resume_selection(&selection, slots, &self.rankings)?;
        for &(arrival, slot) in &held {
            let words = stream.load(arrival as usize, &self.material.input)?;
            self.session.write_sample(slot, &words)?;
        }
        self.labeller = Some(labeller);
        Ok(held)
    }
}
