//! `tandem experiments`: the tables of docs/results, run on the model.

mod catalogue;
mod laboratory;
mod learner;
mod page;
mod policy;
mod stream;
mod trial;

use crate::demo::folder;
use crate::error::{wrong, CliError};
use crate::output::Output;
use catalogue::Experiment;
use laboratory::Laboratory;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use trial::Figures;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Experiments to run; without any, all of them
    names: Vec<String>,
    /// Seeds a row, from --seed on
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=5))]
    seeds: u32,
    /// The first seed: one of those in the data
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5))]
    seed: u32,
    /// Folder of the pages
    #[arg(long, value_name = "DIR", default_value = "docs/results")]
    out: PathBuf,
    /// Folder of the data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Runs side by side
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Only say which there are
    #[arg(long)]
    list: bool,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let mut chosen = catalogue::all();
    if args.list {
        for e in &chosen {
            println!("{:14} {} ({} rows)", e.name, e.title, e.trials.len());
        }
        return Ok(true);
    }
    let known: Vec<&str> = chosen.iter().map(|e| e.name).collect();
    if let Some(name) = args.names.iter().find(|n| !known.contains(&n.as_str())) {
        let remedy = "`tandem experiments --list` describes them";
        return Err(wrong("experiments", "name", name, known.join(", "), remedy));
    }
    if !args.names.is_empty() {
        chosen.retain(|e| args.names.iter().any(|n| n == e.name));
    }
    let last = args.seed + args.seeds - 1;
    if last > 5 {
        let remedy = "give a smaller --seed or --seeds";
        return Err(wrong("--seeds", "last seed", last, "at most 5", remedy));
    }
    let seeds: Vec<u32> = (args.seed..=last).collect();
    std::fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, e))?;
    let laboratory = Laboratory::new(folder(args.data.as_deref())?);
    for e in &chosen {
        let path = args.out.join(format!("{}.md", e.name));
        let output = Output::new(&path)?;
        let rows = rows(&laboratory, e, &seeds, args.threads as usize)?;
        let page = page::page(e, &rows, &seeds);
        page::draw(&args.out.join(format!("{}.svg", e.name)), e, &rows)?;
        output.finish(&page)?;
        println!("{page}");
    }
    Ok(true)
}

fn unwritable(path: &Path, e: std::io::Error) -> CliError {
    let remedy = "give another one to --out";
    wrong(
        path.display(),
        "folder",
        e,
        "one that can be written",
        remedy,
    )
}

/// Runs every row with every seed, some side by side.
fn rows(
    laboratory: &Laboratory,
    e: &Experiment,
    seeds: &[u32],
    threads: usize,
) -> Result<Vec<Vec<Figures>>, CliError> {
    let jobs: Vec<(usize, usize)> = (0..e.trials.len())
        .flat_map(|t| (0..seeds.len()).map(move |s| (t, s)))
        .collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![vec![None; seeds.len()]; e.trials.len()]);
    let failed = Mutex::new(None);
    let work = || {
        while let Some(&(t, s)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let trial = &e.trials[t];
            match laboratory.run(trial, seeds[s]) {
                Ok(figures) => {
                    eprintln!(
                        "{}, seed {}: {} → {:.1}, {:.1} %",
                        e.name, seeds[s], trial.name, figures.kept, figures.tuned
                    );
                    done.lock().unwrap_or_else(|e| e.into_inner())[t][s] = Some(figures);
                }
                Err(error) => {
                    next.store(jobs.len(), Ordering::Relaxed);
                    *failed.lock().unwrap_or_else(|e| e.into_inner()) = Some(error);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    if let Some(error) = failed.into_inner().unwrap_or_else(|e| e.into_inner()) {
        return Err(error);
    }
    let done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    Ok(done
        .into_iter()
        .map(|row| row.into_iter().flatten().collect())
        .collect())
}
