//! `tandem experiments`: the tables of docs/results, run on the model.

mod catalogue;
mod continual;
mod laboratory;
mod learner;
mod page;
mod pair;
mod place;
mod policy;
mod shift;
mod short;
mod stream;
mod time;
mod trial;
mod whole;

use crate::demo::folder;
use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::output::Output;
use laboratory::Laboratory;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Experiments to run, in this order; without any, all of them
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
    /// Folder of MNIST's own files, for experiments on images of 28×28; `cargo xtask experiments` installs them
    #[arg(long, value_name = "DIR", default_value = "target/data/mnist")]
    mnist: PathBuf,
    /// Runs side by side
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Only say which there are
    #[arg(long)]
    list: bool,
    /// No pages: each row, cut to three steps, on a device and on the model, whose weights must be the same
    #[arg(long, conflicts_with_all = ["seeds", "seed", "out", "threads", "list", "mnist"])]
    short: bool,
    #[command(flatten)]
    choice: Choice,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let mut chosen = catalogue::all();
    if args.list {
        for e in &chosen {
            println!("{:14} {} ({} rows)", e.name, e.title, e.trials.len());
        }
        let (name, title) = (continual::NAME, continual::TITLE);
        println!("{name:14} {title} ({} rows)", continual::courses().len());
        let (name, title, rows) = (time::NAME, time::TITLE, time::parts()?.len());
        println!("{name:14} {title} ({rows} rows)");
        return Ok(true);
    }
    let mut known: Vec<&str> = chosen.iter().map(|e| e.name).collect();
    known.extend([continual::NAME, time::NAME]);
    if let Some(name) = args.names.iter().find(|n| !known.contains(&n.as_str())) {
        let remedy = "`tandem experiments --list` describes them";
        return Err(wrong("experiments", "name", name, known.join(", "), remedy));
    }
    if !args.names.is_empty() {
        let place = |e: &catalogue::Experiment| args.names.iter().position(|n| n == e.name);
        chosen.retain(|e| place(e).is_some());
        chosen.sort_by_key(place);
    }
    if args.short {
        let choice = args.choice.clone();
        let open = move |_: &'static tandem_isa::Config, bytes| choice.closed(bytes);
        return short::run(&folder(args.data.as_deref())?, Arc::new(open), &chosen);
    }
    let last = args.seed + args.seeds - 1;
    if last > 5 {
        let remedy = "give a smaller --seed or --seeds";
        return Err(wrong("--seeds", "last seed", last, "at most 5", remedy));
    }
    let seeds: Vec<u32> = (args.seed..=last).collect();
    std::fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, e))?;
    let threads = args.threads as usize;
    let laboratory = Laboratory::new(folder(args.data.as_deref())?).with_mnist(args.mnist.clone());
    for e in &chosen {
        let path = args.out.join(format!("{}.md", e.name));
        let output = Output::new(&path)?;
        let rows = rows((e.trials.len(), &seeds, threads), |t, seed| {
            let trial = &e.trials[t];
            let f = laboratory.run(trial, seed)?;
            let (name, row) = (e.name, &trial.name);
            eprintln!(
                "{name}, seed {seed}: {row} → {:.1}, {:.1} %",
                f.kept, f.tuned
            );
            Ok(f)
        })?;
        let page = page::page(e, &rows, &seeds);
        page::draw(&args.out.join(format!("{}.svg", e.name)), e, &rows)?;
        output.finish(&page)?;
        println!("{page}");
    }
    if args.names.is_empty() || args.names.iter().any(|n| n == continual::NAME) {
        let output = Output::new(&args.out.join(format!("{}.md", continual::NAME)))?;
        let courses = continual::courses();
        let rows = rows((courses.len(), &seeds, threads), |c, seed| {
            let m = continual::run(&laboratory, &courses[c], seed)?;
            eprintln!(
                "{}, seed {seed}: {} → {m:?}",
                continual::NAME,
                courses[c].name()
            );
            Ok(m)
        })?;
        let page = continual::page(&courses, &rows, &seeds);
        output.finish(&page)?;
        println!("{page}");
    }
    if args.names.is_empty() || args.names.iter().any(|n| n == time::NAME) {
        let output = Output::new(&args.out.join(format!("{}.md", time::NAME)))?;
        let page = time::page(&time::parts()?);
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

/// Does `one` for every row and seed, some side by side; a list of seeds a row.
fn rows<T: Send + Clone>(
    (count, seeds, threads): (usize, &[u32], usize),
    one: impl Fn(usize, u32) -> Result<T, CliError> + Sync,
) -> Result<Vec<Vec<T>>, CliError> {
    let jobs: Vec<(usize, usize)> = (0..count)
        .flat_map(|t| (0..seeds.len()).map(move |s| (t, s)))
        .collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![vec![None; seeds.len()]; count]);
    let failed = Mutex::new(None);
    let work = || {
        while let Some(&(t, s)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            match one(t, seeds[s]) {
                Ok(made) => done.lock().unwrap_or_else(|e| e.into_inner())[t][s] = Some(made),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures need hours; that the pages have the rows of their experiments does not. One without a page is said to have none.
    #[test]
    fn pages_have_the_rows_of_the_experiments() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/results");
        let text = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let mut pages = 0;
        let mut check = |name: &str, expected: Vec<String>| {
            let Ok(page) = std::fs::read_to_string(folder.join(format!("{name}.md"))) else {
                assert!(text.contains(&format!("`{name}`: not run")), "{name}");
                return;
            };
            assert!(text.contains(&format!("[{name}]({name}.md)")), "{name}");
            let table = page.lines().filter_map(|l| l.strip_prefix("| "));
            let names = table.filter_map(|l| l.split(" |").next());
            let rows: Vec<String> = names.skip(1).map(String::from).collect();
            assert_eq!(rows, expected, "{name}");
            pages += 1;
        };
        for e in catalogue::all() {
            check(e.name, e.trials.iter().map(|t| t.name.clone()).collect());
        }
        let courses = continual::courses();
        check(continual::NAME, courses.iter().map(|c| c.name()).collect());
        let parts = time::parts().unwrap();
        check(time::NAME, parts.into_iter().map(|p| p.name).collect());
        assert!(pages > 0);
    }

    #[test]
    fn errors_of_a_row_end_the_run() {
        let one = |row: usize, seed: u32| match row {
            1 => Err(wrong("row", "number", row, "another", "none")),
            _ => Ok(10 * row as u32 + seed),
        };
        assert_eq!(rows((1, &[3, 4], 2), one).unwrap(), [[3, 4]]);
        assert!(rows((2, &[3, 4], 2), one).is_err());
    }
}
