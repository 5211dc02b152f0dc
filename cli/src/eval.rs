//! `tandem eval`: accuracy and confusion of a network on labelled images.

use crate::device::Choice;
use crate::error::CliError;
use crate::job::Images;
use crate::network_file;
use crate::rank::Ranker;
use std::path::PathBuf;
use tandem::adapt::AdaptError;
use tandem::images::ImageSet;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// The network's weights
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Its network, for a file that does not say
    #[arg(long, value_name = "NAME")]
    model_network: Option<String>,
    /// Labelled images: a folder with a subfolder a class, or an IDX or npy file with its labels beside it
    #[arg(value_name = "DIR|FILE")]
    images: PathBuf,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    normalisation: Images,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let name = args.model_network.as_deref();
    let model = network_file::read("--model", &args.model, name, None, None)?;
    let set = ImageSet::labelled(&args.images, model.classes.as_deref())?;
    let outputs = model.network.output().len();
    if set.classes().len() != outputs {
        return Err(AdaptError::Material {
            what: "classes of the images",
            found: set.classes().len().to_string(),
            expected: format!("{outputs}, one for every output of the network"),
            remedy: "give a folder that has a subfolder for every class, or a file written by `tandem`, which names them",
        }
        .into());
    }
    let input = args
        .normalisation
        .input(model.network.input(), Some(&model))?;
    let mut matrix = vec![vec![0u32; outputs]; outputs];
    let mut ranker = Ranker::new(&args.choice, &model, input, &set)?;
    ranker.rank(&set, 1, |i, ranking| {
        let row = set.label(i).and_then(|l| matrix.get_mut(usize::from(l)));
        if let Some(cell) = row.and_then(|r| r.get_mut(ranking.class[0].max(0) as usize)) {
            *cell += 1;
        }
    })?;
    let correct: u32 = matrix.iter().enumerate().map(|(i, row)| row[i]).sum();
    let accuracy = 100.0 * f64::from(correct) / set.len() as f64;
    if args.json {
        let value = serde_json::json!({
            "images": set.len(), "correct": correct, "accuracy": accuracy,
            "classes": set.classes(), "confusion": matrix,
        });
        println!("{value}");
        return Ok(true);
    }
    println!("{correct} of {} right, {accuracy:.1} %", set.len());
    let width = set.classes().iter().map(|c| c.chars().count()).max();
    let width = width.unwrap_or(0).max(5);
    print!("{:<width$} |", "label");
    set.classes().iter().for_each(|c| print!(" {c:>width$}"));
    println!("   (columns: the network's class)");
    for (name, row) in set.classes().iter().zip(&matrix) {
        print!("{name:<width$} |");
        row.iter().for_each(|n| print!(" {n:>width$}"));
        println!();
    }
    Ok(true)
}
