//! A job in its folder: events and checkpoints are written while it runs, and it can be stopped.

use super::error::AdaptError;
use super::folder::RunFolder;
use super::job::{Job, Observer};
use super::material::Material;
use super::plan::AdaptPlan;
use super::record::{Event, Line, RECORD_VERSION};
use crate::checkpoint::{CheckpointError, Loaded, Store, Tag};
use crate::device::Device;
use crate::driver::Engine;
use std::path::Path;
use std::time::{Duration, Instant};

/// Section of a checkpoint: bytes of `events.jsonl` before it.
const EVENTS: Tag = *b"EVTS";

/// A job with its folder.
pub struct Run<'m, D> {
    job: Job<'m, D>,
    folder: RunFolder,
    store: Store,
    every: Duration,
    saved: Instant,
}

impl<'m, D: Device> Run<'m, D> {
    /// A new job in its folder, with a checkpoint after `every` and at the end of each phase.
    pub fn new(
        job: Job<'m, D>,
        folder: RunFolder,
        every: Duration,
        observe: Observer,
    ) -> Result<Self, AdaptError> {
        let store = Store::new(folder.path());
        let mut run = Run {
            job,
            folder,
            store,
            every,
            saved: Instant::now(),
        };
        run.tell_started(observe)?;
        Ok(run)
    }

    fn tell_started(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let phases = self.job.phases().to_vec();
        let event = Event::Started {
            record: RECORD_VERSION,
            phases,
        };
        self.tell(observe, event)
    }

    /// Goes on with the run in `path` from its newest whole checkpoint, or from the beginning if it has none yet.
    pub fn resume(
        engine: Engine<D>,
        plan: &AdaptPlan,
        material: &'m Material,
        path: &Path,
        every: Duration,
        observe: Observer,
    ) -> Result<Self, AdaptError> {
        let mut folder = RunFolder::reopen(path)?;
        let (
            store,
            Loaded {
                checkpoint,
                refused,
            },
        ) = Store::open(path);
        if let (None, [first, ..]) = (&checkpoint, &refused[..]) {
            return Err(first.clone().into());
        }
        let (job, events, name) = match checkpoint {
            None => (Job::new(engine, plan, material)?, 0, None),
            Some((name, c)) => {
                let bytes = c.section(EVENTS)?;
                let events = <[u8; 8]>::try_from(bytes).map_err(|_| {
                    CheckpointError::content(&name, "bytes of events", bytes.len(), 8)
                })?;
                let job = Job::resume(engine, plan, material, &c)?;
                (job, u64::from_le_bytes(events), Some(name))
            }
        };
        folder.cut(events)?;
        let mut run = Run {
            job,
            folder,
            store,
            every,
            saved: Instant::now(),
        };
        let (phase, done) = run.job.position();
        if name.is_none() {
            run.tell_started(observe)?;
        }
        let event = Event::Resumed {
            checkpoint: name,
            phase,
            done,
            refused: refused.iter().map(ToString::to_string).collect(),
        };
        run.tell(observe, event)?;
        run.folder.write_kept(&run.job)?;
        Ok(run)
    }

    fn tell(&mut self, observe: Observer, event: Event) -> Result<(), AdaptError> {
        let at = self.job.seconds();
        let line = Line { at, event };
        observe(&line);
        self.folder.append(&line)
    }

    /// Writes a checkpoint now.
    pub fn save(&mut self, observe: Observer) -> Result<(), AdaptError> {
        let mut sections = self.job.sections()?;
        sections.push((EVENTS, self.folder.events()?.to_le_bytes().to_vec()));
        let (file, bytes) = self.store.save(sections)?;
        self.saved = Instant::now();
        self.tell(observe, Event::Checkpoint { file, bytes })
    }

    /// Runs to the end, or until `stop` says so; then a checkpoint is there to go on from. Returns whether it is complete. The
    /// device is idle in either case.
    pub fn run(&mut self, observe: Observer, stop: &dyn Fn() -> bool) -> Result<bool, AdaptError> {
        loop {
            let before = self.job.position().0;
            if before.is_some() && stop() {
                let (phase, done) = self.job.position();
                self.save(observe)?;
                self.tell(observe, Event::Stopped { phase, done })?;
                return Ok(false);
            }
            let mut failed = None;
            let folder = &mut self.folder;
            let more = self.job.advance(&mut |line| {
                observe(line);
                if let Err(e) = folder.append(line) {
                    failed.get_or_insert(e);
                }
            })?;
            if let Some(e) = failed {
                return Err(e);
            }
            let turned = before != self.job.position().0;
            if turned {
                self.folder.write_kept(&self.job)?;
                self.folder.write_programs(&self.job)?;
            }
            if turned || self.saved.elapsed() >= self.every {
                self.save(observe)?;
            }
            if !more {
                self.folder.write_outcome(&self.job.outcome())?;
                return Ok(true);
            }
        }
    }

    /// The job.
    pub fn job(&mut self) -> &mut Job<'m, D> {
        &mut self.job
    }

    /// Its folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }
}
