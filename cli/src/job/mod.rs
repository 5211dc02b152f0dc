//! What adapt, train and label share: settings from the command line, a run begun or gone on with, shown and stopped.

mod options;
mod screen;

pub use options::{Images, Learning, Running, Selecting};

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::output::Output;
use crate::stop;
use screen::Screen;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tandem::adapt::record::{Outcome, Settings};
use tandem::adapt::{AdaptPlan, Job, Material, Run, RunFolder, Task};
use tandem::trace::chrome;

/// A job to begin.
pub struct Begin {
    /// Settings.
    pub plan: AdaptPlan,
    /// Networks and images.
    pub material: Material,
    /// The teacher as given.
    pub teacher: String,
    /// The student as given.
    pub student: String,
    /// Where the result goes.
    pub out: Option<PathBuf>,
    /// Folder of the run.
    pub folder: PathBuf,
}

/// What a run ended with.
pub struct Ended {
    /// What it was started with.
    pub settings: Settings,
    /// What came of it.
    pub outcome: Outcome,
}

fn verb(task: Task) -> &'static str {
    match task {
        Task::Adapt => "adapt",
        Task::Train => "train",
        Task::Label => "label",
    }
}

/// Says what was left out of a set.
fn say_skipped(material: &Material) {
    let sets = [&material.labelled, &material.unlabelled, &material.holdout];
    for set in sets.into_iter().flatten().filter(|s| s.skipped() > 0) {
        let (n, place) = (set.skipped(), set.path().display());
        eprintln!("tandem: {place}: {n} files that are no images were left out");
    }
}

fn settings(choice: &Choice, begin: &Begin) -> Result<Settings, CliError> {
    let given = [begin.teacher.as_str(), begin.student.as_str()];
    Ok(Settings {
        version: env!("CARGO_PKG_VERSION").into(),
        command: std::env::args().skip(1).collect(),
        device: choice.device()?.into(),
        config: choice.config()?.name.into(),
        out: begin.out.as_deref().map(absolute),
        ..Settings::of(&begin.plan, &begin.material, given)
    })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

/// Begins a job as `prepare` says, or goes on with the one to resume, and runs it to its end.
pub fn run(
    choice: &Choice,
    running: &Running,
    task: Task,
    prepare: impl FnOnce() -> Result<Begin, CliError>,
) -> Result<Ended, CliError> {
    match &running.resume {
        Some(path) => resume(choice, running, path, task),
        None => begin(choice, running, prepare()?),
    }
}

fn begin(choice: &Choice, running: &Running, begin: Begin) -> Result<Ended, CliError> {
    let settings = settings(choice, &begin)?;
    let (plan, material) = (&begin.plan, &begin.material);
    say_skipped(material);
    let memory = material.memory_bytes(plan, choice.config()?)?;
    let engine = choice.open_for_job(memory as usize)?;
    stop::flag(); // watched from here on
    let trace = running.trace()?;
    let folder = RunFolder::create(&begin.folder, &settings, material)?;
    let mut job = Job::new(engine, plan, material)?;
    if trace.is_some() {
        job.record();
    }
    let mut screen = Screen::new(running.json, material.classes.clone());
    let every = running.every();
    let mut run = Run::new(job, folder, every, &mut |line| screen.show(line))?;
    finish(&mut run, &mut screen, settings, trace)
}

/// Goes on with a run, as it was begun.
fn resume(choice: &Choice, running: &Running, path: &Path, task: Task) -> Result<Ended, CliError> {
    let settings = RunFolder::settings(path)?;
    if settings.plan.task != task {
        let (found, expected) = (verb(settings.plan.task), verb(task));
        let remedy = format!("use `tandem {found} --resume`");
        return Err(wrong(
            "--resume",
            "verb of the run",
            found,
            expected,
            remedy,
        ));
    }
    let choice = choice.of_run(&settings.device, &settings.config);
    let material = settings.material(path)?;
    let plan = &settings.plan;
    let memory = material.memory_bytes(plan, choice.config()?)?;
    let engine = choice.open_for_job(memory as usize)?;
    stop::flag(); // watched from here on
    let trace = running.trace()?;
    let mut screen = Screen::new(running.json, material.classes.clone());
    let every = running.every();
    let mut show = |line: &_| screen.show(line);
    let mut run = Run::resume(engine, plan, &material, path, every, &mut show)?;
    if trace.is_some() {
        run.job().record();
    }
    finish(&mut run, &mut screen, settings.clone(), trace)
}

fn finish<D: tandem::Device>(
    run: &mut Run<'_, D>,
    screen: &mut Screen,
    settings: Settings,
    trace: Option<Output>,
) -> Result<Ended, CliError> {
    let complete = run.run(&mut |line| screen.show(line), &stop::asked);
    screen.clear();
    if let (Some(file), Some(trace)) = (trace, run.job().trace()) {
        file.finish_with(|out| chrome::write(trace, &settings.config, out))?;
    }
    if !complete? {
        let (phase, done) = run.job().position();
        return Err(CliError::Stopped {
            at: phase.map_or_else(String::new, |p| format!("{}, {done} done", p.name())),
            verb: verb(settings.plan.task),
            run: shell(run.folder().path()),
        });
    }
    let result = run.job().result()?;
    if let (Some(out), Some(model)) = (&settings.out, &result) {
        crate::network_file::write("--out", out, model)?;
    }
    Ok(Ended {
        settings,
        outcome: run.job().outcome(),
    })
}

/// A path as a shell takes it.
fn shell(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

impl Running {
    fn every(&self) -> Duration {
        Duration::from_secs_f64(self.checkpoint_every.clamp(0.0, 1e6))
    }

    /// The file of the trace, if one is asked for.
    fn trace(&self) -> Result<Option<Output>, CliError> {
        let file = self.trace.as_ref();
        file.map(|f| Output::for_option(f, "--trace")).transpose()
    }

    /// Folder of a new run: as said, or beside the result.
    pub fn folder(&self, out: &Path) -> PathBuf {
        self.run
            .clone()
            .unwrap_or_else(|| out.with_extension("run"))
    }
}
