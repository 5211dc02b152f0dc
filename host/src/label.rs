//! The teacher labels a stream; the selector, the engine's or the host's, keeps the best of every class in the sample slots.

use crate::device::{Device, DeviceError};
use crate::error::{CompileError, Error};
use crate::fault::DriverError;
use crate::selector::HostSelector;
use crate::session::{Filled, NetId, Sample, Session};
use crate::train::Ranking;
use tandem_isa::numerics::temperature_constant;
use tandem_isa::register as reg;
use tandem_isa::selection::Rules;

/// Settings of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Classes.
    pub classes: usize,
    /// Entries a class, key, thresholds.
    pub rules: Rules,
    /// Most classes a sample may enter (P).
    pub top: u8,
    /// Classes that take nothing.
    pub disabled: Vec<usize>,
}

/// A kept sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands.
    pub slot: usize,
    /// Its key.
    pub key: u32,
    /// Its number in the stream.
    pub arrival: u32,
}

/// What a network thinks of an image of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thought {
    /// Where the image was put.
    pub slot: usize,
    /// Probabilities of every class, Q0.15.
    pub p: Vec<i16>,
}

/// What the selector counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Scores.
    pub seen: u32,
    /// Taken into a free place.
    pub kept: u32,
    /// Taken in place of another.
    pub replaced: u32,
    /// Not taken.
    pub rejected: u32,
}

/// A selection under way: which slots are free.
#[derive(Clone, Debug)]
pub struct Labeller {
    selection: Selection,
    free: Vec<usize>,
}

/// Sees a batch that was labelled.
type Look<'a, D> = &'a mut dyn FnMut(&mut Session<D>, &[Sample]) -> Result<(), Error>;

impl Labeller {
    /// Slots that hold nothing.
    pub fn free(&self) -> &[usize] {
        &self.free
    }
}

/// Polls of a busy selector before it is given up.
const POLLS: usize = 1_000_000;
/// Cycles between two looks at the freed slots.
const SLICE: u64 = 20_000;

fn no_free_slot() -> Error {
    CompileError::Limit {
        layer: "selection".into(),
        what: "sample slots: all hold kept samples, none is free for the next one",
        found: 1,
        limit: 0,
        remedy: "give the selection classes x K slots and a batch more",
    }
    .into()
}

/// What a selection keeps of a whole stream whose sample `i` lies in slot `i`: the engine's rules without an engine.
pub fn offline(selection: &Selection, rankings: &[Ranking]) -> Vec<Vec<Kept>> {
    let mut selector = HostSelector::new(selection, rankings.len());
    for (slot, ranking) in rankings.iter().enumerate() {
        selector.push(slot, ranking);
    }
    selector.kept()
}

impl<D: Device> Session<D> {
    /// Empties the selector and sets it up; slots `0 .. slots` become its own.
    pub fn select(&mut self, selection: &Selection, slots: usize) -> Result<Labeller, Error> {
        let config = *self.engine.config();
        let limit = |what, found: usize, limit: usize, remedy| {
            if found > limit {
                return Err(Error::from(CompileError::Limit {
                    layer: "selection".into(),
                    what,
                    found: found as u64,
                    limit: limit as u64,
                    remedy,
                }));
            }
            Ok(())
        };
        let rules = &selection.rules;
        let shift = u32::from(rules.k)
            .max(1)
            .next_power_of_two()
            .trailing_zeros()
            .max(1);
        limit(
            "sample slots",
            slots,
            self.slots().min(1 << 16),
            "open the session with more slots",
        )?;
        limit(
            "classes a sample may enter",
            selection.top.into(),
            4,
            "use P from 1 to 4",
        )?;
        let labeller = Labeller {
            selection: selection.clone(),
            free: (0..slots).rev().collect(),
        };
        self.selector = None;
        if !self.engine.selects_events() {
            self.selector = Some(HostSelector::new(selection, slots));
            return Ok(labeller);
        }
        limit(
            "classes",
            selection.classes,
            1 << config.class_bits,
            "use fewer classes",
        )?;
        limit(
            "entries (classes x K rounded up to a power of two)",
            selection.classes << shift,
            1 << config.entry_bits,
            "keep fewer samples a class",
        )?;
        limit(
            "sample slots of the selector",
            slots,
            1 << config.slot_bits,
            "keep fewer samples a class",
        )?;
        let e = &mut self.engine;
        e.set_register(reg::SEL_CLEAR, 1)?;
        self.wait_selector()?;
        let e = &mut self.engine;
        for (register, value) in [
            (reg::SEL_K, rules.k.into()),
            (reg::SEL_SHIFT, shift),
            (reg::SEL_MODE, rules.mode as u32),
            (reg::SEL_THRESHOLD, rules.threshold.into()),
            (reg::SEL_MIN_CONFIDENCE, rules.min_confidence.into()),
            (reg::SEL_SPACING, rules.spacing),
            (reg::SEL_HASH_KEY, rules.hash_key),
            (reg::SEL_REFRESH, rules.refresh),
        ] {
            e.set_register(register, value)?;
        }
        for class in 0..selection.classes {
            let enable = u32::from(!selection.disabled.contains(&class));
            e.set_register(reg::SEL_CLASS_ENABLE, class as u32 | enable << 16)?;
        }
        Ok(labeller)
    }

    /// Goes on with a selection from the rankings of the stream's first samples, in the order they came in: the host selects from here on,
    /// by the same rules, so that the kept samples are those of a selection that was never left. Returns the arrivals and slots whose
    /// samples must be written again.
    pub fn resume_selection(
        &mut self,
        selection: &Selection,
        slots: usize,
        rankings: &[Ranking],
    ) -> Result<(Labeller, Vec<(u32, usize)>), Error> {
        let mut labeller = self.select(selection, slots)?;
        let mut selector = HostSelector::new(selection, slots);
        for ranking in rankings {
            let Some(slot) = labeller.free.pop() else {
                return Err(no_free_slot());
            };
            labeller.free.extend(selector.push(slot, ranking));
        }
        let mut held: Vec<(u32, usize)> = selector
            .kept()
            .iter()
            .flatten()
            .map(|k| (k.arrival, k.slot))
            .collect();
        // A sample may stand in several lists.
        held.sort_unstable();
        held.dedup();
        self.selector = Some(selector);
        Ok((labeller, held))
    }

    fn wait_selector(&mut self) -> Result<(), Error> {
        for _ in 0..POLLS {
            if self.engine.register(reg::SEL_STATUS)? & 1 == 0 {
                return Ok(());
            }
            // A simulated device only moves when it is waited for.
            match self.engine.device_mut().wait(0, 64) {
                Ok(_) | Err(DeviceError::TimedOut { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(CompileError::Input {
            what: "selector",
            found: "busy".into(),
            expected: "idle".into(),
            remedy: "reset the engine",
        }
        .into())
    }

    fn take_freed(&mut self, labeller: &mut Labeller) -> Result<(), Error> {
        loop {
            let v = self.engine.register(reg::SEL_FREED)?;
            if v >> 31 == 0 {
                return Ok(());
            }
            labeller.free.push((v & 0xffff) as usize);
        }
    }

    /// Labels a piece of the stream with network `net`; returns its rankings. What the selector does not keep is free again.
    pub fn label<'a>(
        &mut self,
        net: NetId,
        labeller: &mut Labeller,
        images: impl IntoIterator<Item = &'a [i16]>,
    ) -> Result<Vec<Ranking>, Error> {
        self.label_parts(net, labeller, images, &mut |_, _| Ok(()))
    }

    /// The same; with it, for every image, what the network thinks of it at a temperature.
    pub fn label_softly<'a>(
        &mut self,
        net: NetId,
        labeller: &mut Labeller,
        images: impl IntoIterator<Item = &'a [i16]>,
        temperature: f64,
    ) -> Result<(Vec<Ranking>, Vec<Thought>), Error> {
        let constant = temperature_constant(temperature)?;
        let mut soft = Vec::new();
        let mut take = |session: &mut Session<D>, part: &[Sample]| {
            let p = session.probabilities_at(net, part.len(), constant)?;
            let slots = part.iter().map(|s| s.slot);
            soft.extend(slots.zip(p).map(|(slot, p)| Thought { slot, p }));
            Ok(())
        };
        let rankings = self.label_parts(net, labeller, images, &mut take)?;
        Ok((rankings, soft))
    }

    /// Takes the next image of the stream with a label of its own, which ranks above all labels of a network; returns what stands for its
    /// ranking. Nothing is kept of a class that the selection does not have, or that is disabled.
    pub fn take_event(
        &mut self,
        labeller: &mut Labeller,
        image: &[i16],
        class: u16,
    ) -> Result<Ranking, Error> {
        let slot = labeller.free.pop().ok_or_else(no_free_slot)?;
        self.write_sample(slot, image)?;
        let ranking = Ranking::event(class);
        if let Some(selector) = &mut self.selector {
            labeller.free.extend(selector.push(slot, &ranking));
            return Ok(ranking);
        }
        self.wait_selector()?;
        let event = u32::from(class) << 16 | slot as u32;
        self.engine.set_register(reg::SEL_EVENT, event)?;
        self.wait_selector()?;
        self.take_freed(labeller)?;
        Ok(ranking)
    }

    /// Labels batch by batch; `look` sees each while its logits are in memory.
    fn label_parts<'a>(
        &mut self,
        net: NetId,
        labeller: &mut Labeller,
        images: impl IntoIterator<Item = &'a [i16]>,
        look: Look<D>,
    ) -> Result<Vec<Ranking>, Error> {
        let top = labeller.selection.top;
        let batch = self.networks[net.0].plan.batch;
        let mut images = images.into_iter().peekable();
        let mut all = Vec::new();
        while images.peek().is_some() {
            let mut part = Vec::new();
            while part.len() < batch && images.peek().is_some() {
                let Some(slot) = labeller.free.pop() else {
                    break;
                };
                if let Some(image) = images.next() {
                    self.write_sample(slot, image)?;
                    part.push(Sample {
                        slot,
                        label: u16::MAX,
                    });
                }
            }
            if part.is_empty() {
                return Err(no_free_slot());
            }
            if self.selector.is_some() {
                all.extend(self.label_part(net, labeller, &part)?);
                look(self, &part)?;
                continue;
            }
            let job = self.infer_job(net, top, true)?;
            self.start(net, job, &part, true, Filled::default())?;
            let mut left = self.limit(net, job, part.len());
            loop {
                // The queue of freed slots is short, so it is emptied while the program runs.
                match self.finish(net, SLICE) {
                    Ok(()) => break,
                    Err(Error::Driver(DriverError::Device(DeviceError::TimedOut { .. })))
                        if left > SLICE =>
                    {
                        left -= SLICE;
                        self.take_freed(labeller)?;
                    }
                    Err(e) => return Err(e),
                }
            }
            self.take_freed(labeller)?;
            all.extend(self.rankings(net, part.len(), top)?);
            look(self, &part)?;
        }
        if self.selector.is_none() {
            self.wait_selector()?;
            self.take_freed(labeller)?;
        }
        Ok(all)
    }

    /// Labels a batch and selects from it on the host.
    fn label_part(
        &mut self,
        net: NetId,
        labeller: &mut Labeller,
        part: &[Sample],
    ) -> Result<Vec<Ranking>, Error> {
        let ranks = self.rank(net, part, labeller.selection.top)?;
        if let Some(selector) = &mut self.selector {
            for (sample, ranking) in part.iter().zip(&ranks) {
                labeller.free.extend(selector.push(sample.slot, ranking));
            }
        }
        Ok(ranks)
    }

    /// Every class's kept samples, in the selector's order.
    pub fn kept(&mut self, labeller: &Labeller) -> Result<Vec<Vec<Kept>>, Error> {
        if let Some(selector) = &self.selector {
            return Ok(selector.kept());
        }
        self.wait_selector()?;
        let mut all = Vec::new();
        for class in 0..labeller.selection.classes as u32 {
            let e = &mut self.engine;
            e.set_register(reg::SEL_INDEX, class << 16)?;
            let count = e.register(reg::SEL_COUNT)?;
            let mut list = Vec::with_capacity(count as usize);
            for entry in 0..count {
                e.set_register(reg::SEL_INDEX, class << 16 | entry)?;
                list.push(Kept {
                    key: e.register(reg::SEL_ENTRY_KEY)?,
                    arrival: e.register(reg::SEL_ENTRY_ARRIVAL)?,
                    slot: e.register(reg::SEL_ENTRY_SLOT)? as usize,
                });
            }
            all.push(list);
        }
        Ok(all)
    }

    /// How many samples every class has kept.
    pub fn kept_counts(&mut self, labeller: &Labeller) -> Result<Vec<usize>, Error> {
        if let Some(selector) = &self.selector {
            return Ok(selector.kept().iter().map(Vec::len).collect());
        }
        self.wait_selector()?;
        (0..labeller.selection.classes as u32)
            .map(|class| {
                self.engine.set_register(reg::SEL_INDEX, class << 16)?;
                Ok(self.engine.register(reg::SEL_COUNT)? as usize)
            })
            .collect()
    }

    /// The selector's counters.
    pub fn selection_counts(&mut self) -> Result<Counts, Error> {
        if let Some(selector) = &self.selector {
            return Ok(selector.counts());
        }
        let e = &mut self.engine;
        Ok(Counts {
            seen: e.register(reg::SEL_SEEN)?,
            kept: e.register(reg::SEL_KEPT)?,
            replaced: e.register(reg::SEL_REPLACED)?,
            rejected: e.register(reg::SEL_REJECTED)?,
        })
    }
}
