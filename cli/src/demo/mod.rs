//! `tandem demo`: the main job on digits, end to end, and what came of it. Sizes and settings are the library's (tandem::study).

mod material;
mod progress;
mod report;

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::output::Output;
pub use material::{folder, material, shifted, weights, Scope};
use progress::Bars;
use report::Report;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::Instant;
use tandem::study::{memory_bytes, run_part, Material, Outcome, Part, Plan};

/// Runs side by side.
const THREADS: usize = 2;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Seed of splits, weights, batches and noise: one of those in the data
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Write the results here, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The whole stream and all steps, and a baseline with augmentation: for `--device model`
    #[arg(long)]
    full: bool,
    /// Stream and held-out images from the domain of the clean ones
    #[arg(long)]
    same_domain: bool,
    /// Run so many seeds, from --seed on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seeds: Option<u32>,
    /// Folder of the data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    args.choice.device()?;
    args.choice.config()?;
    let folder = folder(args.data.as_deref())?;
    let last = args.seed.checked_add(args.seeds.unwrap_or(1) - 1);
    let last = last.ok_or_else(|| {
        let remedy = "give smaller ones";
        wrong(
            "--seeds",
            "last seed",
            "too large",
            "a 32-bit number",
            remedy,
        )
    })?;
    let jobs: Vec<(Plan, Material)> = (args.seed..=last)
        .map(|seed| prepare(args, &folder, seed))
        .collect::<Result<_, _>>()?;
    let output = args.json.as_deref().map(Output::new).transpose()?;
    let bars = Bars::new();
    let alone = args.choice.is_board()?;
    let reports: Vec<Report> = if let ([job], false) = (&jobs[..], alone) {
        vec![halves(args, job, &bars)?]
    } else {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::new());
        let work = || loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(i) else { return };
            let report = whole(args, job, &bars);
            if report.is_err() {
                // Nobody needs the rest.
                next.store(jobs.len(), Ordering::Relaxed);
            }
            done.lock()
                .unwrap_or_else(|e| e.into_inner())
                .push((i, report));
        };
        // There is one board.
        let threads = if alone { 1 } else { THREADS };
        std::thread::scope(|s| (0..threads).for_each(|_| drop(s.spawn(work))));
        let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
        done.sort_by_key(|d| d.0);
        done.into_iter().map(|d| d.1).collect::<Result<_, _>>()?
    };
    for report in &reports {
        print!("{}", report.table());
    }
    if reports.len() > 1 {
        print!("{}", report::summary(&reports));
    }
    if let Some(output) = output {
        output.finish(&report::json(&reports, args.seeds.is_some()))?;
    }
    Ok(true)
}

/// Plan and material of a seed.
fn prepare(args: &Args, folder: &Path, seed: u32) -> Result<(Plan, Material), CliError> {
    let plan = if args.same_domain {
        Plan::same(seed)
    } else {
        Plan::shifted(seed)
    };
    let scope = Scope {
        same_domain: args.same_domain,
        full: args.full,
        augmented: args.full,
    };
    let plan = if args.full { plan } else { plan.short() };
    Ok((plan, material(folder, seed, scope)?))
}

/// One half of a study, on a device of its own.
fn half(
    args: &Args,
    (plan, material): &(Plan, Material),
    part: Part,
    bars: &Bars,
) -> Result<Outcome, CliError> {
    let config = args.choice.config()?;
    let engine = args.choice.open(memory_bytes(config, plan, material))?;
    let mut bar = bars.bar(plan.seed);
    let mut progress = |what: &str, done, all| bar.show(what, done, all);
    Ok(run_part(engine, part, plan, material, &mut progress)?)
}

fn report(
    args: &Args,
    (plan, material): &(Plan, Material),
    start: Instant,
    outcome: Outcome,
) -> Result<Report, CliError> {
    Ok(Report {
        device: args.choice.device()?.into(),
        config: args.choice.config()?,
        seed: plan.seed,
        domain: if args.same_domain { "same" } else { "shifted" },
        held_out: material.held_out.len(),
        seconds: start.elapsed().as_secs_f64(),
        outcome,
    })
}

/// Both halves, one after the other.
fn whole(args: &Args, job: &(Plan, Material), bars: &Bars) -> Result<Report, CliError> {
    let start = Instant::now();
    let baselines = half(args, job, Part::Baselines, bars)?;
    let student = half(args, job, Part::Student, bars)?;
    report(args, job, start, Outcome::joined(baselines, student))
}

/// Both halves side by side.
fn halves(args: &Args, job: &(Plan, Material), bars: &Bars) -> Result<Report, CliError> {
    let start = Instant::now();
    let (baselines, student) = std::thread::scope(|s| {
        let baselines = s.spawn(|| half(args, job, Part::Baselines, bars));
        let student = half(args, job, Part::Student, bars);
        (baselines.join(), student)
    });
    let baselines = baselines.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    report(args, job, start, Outcome::joined(baselines, student?))
}
