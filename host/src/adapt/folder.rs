//! The run folder on disk; what is in it is described in [`super::record`].

use super::error::{folder, AdaptError};
use super::job::Job;
use super::lock::hold;
use super::material::Material;
use super::plan::AdaptPlan;
use super::record::{
    Event, Input, Line, NetworkRecord, Outcome, Settings, Source, RECORD_VERSION, THUMBNAILS,
};
use crate::checkpoint::write_whole;
use crate::device::Device;
use crate::images::{ImageInput, ImageSet};
use crate::model::Model;
use crate::network::Network;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Names of the networks' files.
const TEACHER: &str = "teacher.safetensors";
const STUDENT: &str = "student.safetensors";

/// A run's folder, open for writing.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    events: File,
}

fn failed(place: &Path, what: &'static str, e: io::Error) -> AdaptError {
    let remedy = "make room, or choose another folder by --run";
    folder(place, what, e, "a folder that can be written", remedy)
}

impl RunFolder {
    /// Makes the folder of a new run and writes its settings and networks. A folder that has a run is refused.
    pub fn create(
        path: &Path,
        settings: &Settings,
        material: &Material,
    ) -> Result<RunFolder, AdaptError> {
        fs::create_dir_all(path).map_err(|e| failed(path, "making the folder", e))?;
        let events = events(path)?;
        let run = path.join("run.json");
        if run.exists() {
            let remedy = "go on with it by --resume, or give another folder by --run";
            return Err(folder(
                path,
                "folder of the run",
                "another run",
                "none",
                remedy,
            ));
        }
        for name in [
            "checkpoint-0",
            "checkpoint-1",
            "kept.jsonl",
            "programs.json",
            "outcome.json",
        ] {
            // Of a run that was not even started.
            let _ = fs::remove_file(path.join(name));
        }
        events.set_len(0).map_err(|e| failed(path, "writing", e))?;
        let folder = RunFolder {
            path: path.into(),
            events,
        };
        for (name, model) in [(TEACHER, &material.teacher), (STUDENT, &material.student)] {
            if let Some(model) = model.as_ref().filter(|m| m.parameters.is_some()) {
                folder.write(name, &model.to_safetensors()?)?;
            }
        }
        // The last: a folder that has it has a run that can be gone on with.
        folder.write_json("run.json", settings)?;
        Ok(folder)
    }

    /// What the run in `path` was started with.
    pub fn settings(path: &Path) -> Result<Settings, AdaptError> {
        let place = path.join("run.json");
        let text = fs::read(&place).map_err(|e| {
            let remedy = "give the folder of a run; one that ended before it began is started again without --resume";
            folder(&place, "reading", e, "the settings of a run", remedy)
        })?;
        let wrong = |found: String| {
            let remedy = "resume it with the version of the program that began it";
            folder(&place, "settings", found, "those of this version", remedy)
        };
        let settings: Settings = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
        if settings.record != RECORD_VERSION {
            return Err(wrong(format!("version {}", settings.record)));
        }
        Ok(settings)
    }

    /// Opens the folder of a run to go on with it, unless another program is at work on it; call [`RunFolder::cut`] before anything
    /// is appended.
    pub fn reopen(path: &Path) -> Result<RunFolder, AdaptError> {
        Ok(RunFolder {
            path: path.into(),
            events: events(path)?,
        })
    }

    /// Cuts the events back to the first `bytes`; what follows comes after them.
    pub fn cut(&mut self, bytes: u64) -> Result<(), AdaptError> {
        let mut cut = || -> io::Result<()> {
            if self.events.metadata()?.len() > bytes {
                self.events.set_len(bytes)?;
            }
            self.events.seek(SeekFrom::End(0)).map(drop)
        };
        cut().map_err(|e| failed(&self.path.join("events.jsonl"), "writing", e))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of events so far, all of them on the disk: a checkpoint must not know of events that a loss of power takes away.
    pub fn events(&self) -> Result<u64, AdaptError> {
        let synced = self.events.sync_data();
        let length = synced.and_then(|()| Ok(self.events.metadata()?.len()));
        length.map_err(|e| failed(&self.path, "reading", e))
    }

    /// Appends an event; progress is left out.
    pub fn append(&mut self, line: &Line) -> Result<(), AdaptError> {
        if matches!(line.event, Event::Progress { .. }) {
            return Ok(());
        }
        let mut text = json(&self.path, line)?;
        text.push(b'\n');
        let written = self.events.write_all(&text);
        written.map_err(|e| failed(&self.path.join("events.jsonl"), "writing", e))
    }

    /// Writes a file whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), AdaptError> {
        let place = self.path.join(name);
        write_whole(&place, bytes).map_err(|e| failed(&place, "writing", e))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), AdaptError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(|e| unwritable(&self.path, e))?;
        text.push(b'\n');
        self.write(name, &text)
    }

    /// Writes what came of the run.
    pub fn write_outcome(&self, outcome: &Outcome) -> Result<(), AdaptError> {
        self.write_json("outcome.json", outcome)
    }

    /// Writes what the engine runs, by layer.
    pub fn write_programs<D: Device>(&self, job: &Job<D>) -> Result<(), AdaptError> {
        self.write_json("programs.json", &job.programs()?)
    }

    /// Writes the kept samples and the pictures of the best, once labelling is complete and unless they are there.
    pub fn write_kept<D: Device>(&self, job: &Job<D>) -> Result<(), AdaptError> {
        let Some(kept) = job.kept() else {
            return Ok(());
        };
        if self.path.join("kept.jsonl").exists() {
            return Ok(());
        }
        let (mut text, mut class, mut rank) = (Vec::new(), usize::MAX, 0);
        for (mut sample, words) in kept {
            rank = if sample.class == class { rank + 1 } else { 0 };
            class = sample.class;
            if rank < THUMBNAILS {
                let name = format!("kept/{class}/{}.png", sample.arrival);
                let place = self.path.join(&name);
                if let Some(png) = job.material.input.picture(words) {
                    let folder = place.parent().unwrap_or(&self.path);
                    fs::create_dir_all(folder).map_err(|e| failed(folder, "writing", e))?;
                    self.write(&name, &png)?;
                    sample.thumbnail = Some(name);
                }
            }
            text.extend(json(&self.path, &sample)?);
            text.push(b'\n');
        }
        self.write("kept.jsonl", &text)
    }
}

/// Opens the events of a run and holds them, so that two programs do not mix theirs.
fn events(path: &Path) -> Result<File, AdaptError> {
    let place = path.join("events.jsonl");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    let file = options
        .open(&place)
        .map_err(|e| failed(&place, "writing", e))?;
    hold(&file, path)?;
    Ok(file)
}

fn unwritable(place: &Path, e: serde_json::Error) -> AdaptError {
    folder(
        place,
        "writing",
        e,
        "values that can be written",
        "please report this",
    )
}

fn json(place: &Path, value: &impl Serialize) -> Result<Vec<u8>, AdaptError> {
    serde_json::to_vec(value).map_err(|e| unwritable(place, e))
}

impl Settings {
    /// Of a plan and what it works on; teacher and student as they were `given`. What begins the run adds its own: version, command,
    /// device, configuration, and where the result goes.
    pub fn of(plan: &AdaptPlan, material: &Material, given: [&str; 2]) -> Settings {
        let source = |set: &Option<ImageSet>| set.as_ref().map(Source::of);
        let network = |given: &str, model: &Option<Model>| {
            let model = model.as_ref()?;
            Some(NetworkRecord::of(given, model))
        };
        let input = &material.input;
        Settings {
            record: RECORD_VERSION,
            version: String::new(),
            command: Vec::new(),
            device: String::new(),
            config: String::new(),
            plan: plan.clone(),
            classes: material.classes.clone(),
            input: Input {
                shape: input.shape(),
                mean: input.mean().to_vec(),
                std: input.std().to_vec(),
            },
            labelled: source(&material.labelled),
            unlabelled: source(&material.unlabelled),
            holdout: source(&material.holdout),
            teacher: network(given[0], &material.teacher),
            student: network(given[1], &material.student),
            out: None,
        }
    }

    /// Networks and images of the run in `path`; images that are not as they were are refused.
    pub fn material(&self, path: &Path) -> Result<Material, AdaptError> {
        let input = ImageInput::new(self.input.shape, &self.input.mean, &self.input.std)?;
        let labelled = |source: &Option<Source>| -> Result<Option<ImageSet>, AdaptError> {
            let Some(source) = source else {
                return Ok(None);
            };
            let set = ImageSet::labelled(&source.path, Some(&self.classes))?;
            source.expect(&set)?;
            Ok(Some(set))
        };
        let unlabelled = match &self.unlabelled {
            Some(source) => {
                let set = ImageSet::unlabelled(&source.path)?;
                source.expect(&set)?;
                Some(set)
            }
            None => None,
        };
        let model = |record: &Option<NetworkRecord>, name| -> Result<Option<Model>, AdaptError> {
            let Some(record) = record else {
                return Ok(None);
            };
            let network = Network::new(self.input.shape, &record.layers)?;
            if !record.weights {
                return Ok(Some(Model::untrained(network)));
            }
            let place = path.join(name);
            let bytes = fs::read(&place).map_err(|e| {
                let remedy = "put the file back, or start a new run";
                folder(
                    &place,
                    "reading",
                    e,
                    "the weights the run began with",
                    remedy,
                )
            })?;
            Ok(Some(Model::from_safetensors(&bytes, Some(network))?))
        };
        Ok(Material {
            input,
            classes: self.classes.clone(),
            labelled: labelled(&self.labelled)?,
            unlabelled,
            holdout: labelled(&self.holdout)?,
            teacher: model(&self.teacher, TEACHER)?,
            student: model(&self.student, STUDENT)?,
        })
    }
}

impl NetworkRecord {
    /// What a run writes down of a network that was given as `given`.
    pub fn of(given: &str, model: &Model) -> NetworkRecord {
        NetworkRecord {
            given: given.into(),
            layers: model.network.layers().to_vec(),
            weights: model.parameters.is_some(),
            parameters: model.network.parameters(),
            macs: model.network.macs(),
        }
    }
}

impl Source {
    /// What a run writes down of a set.
    pub fn of(set: &ImageSet) -> Source {
        let path = set.path();
        Source {
            path: path.canonicalize().unwrap_or_else(|_| path.into()),
            images: set.len(),
            fingerprint: set.fingerprint().to_string(),
        }
    }

    /// Refuses a set that is not the one that was written down.
    pub fn expect(&self, set: &ImageSet) -> Result<(), AdaptError> {
        let found = Source::of(set);
        if (found.images, &found.fingerprint) == (self.images, &self.fingerprint) {
            return Ok(());
        }
        let said = |s: &Source| format!("{} images, fingerprint {}", s.images, s.fingerprint);
        let remedy = "put the files back as they were, or start a new run";
        Err(folder(
            &self.path,
            "images of the run",
            said(&found),
            said(self),
            remedy,
        ))
    }
}
