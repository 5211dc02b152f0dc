//! `tandem infer`: classes and confidences of images.

use crate::device::Choice;
use crate::error::CliError;
use crate::job::Images;
use crate::network_file;
use crate::rank::{class_names, Ranker};
use std::path::PathBuf;
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
    /// Images: a folder, an IDX or an npy file
    #[arg(value_name = "DIR|FILE")]
    images: PathBuf,
    /// Classes to name for each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    top: u8,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    normalisation: Images,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let name = args.model_network.as_deref();
    let model = network_file::read("--model", &args.model, name, None, None)?;
    let set = ImageSet::unlabelled(&args.images)?;
    let input = args
        .normalisation
        .input(model.network.input(), Some(&model))?;
    let names = class_names(&model);
    let mut ranker = Ranker::new(&args.choice, &model, input, &set)?;
    ranker.rank(&set, args.top, |i, ranking| {
        let best = ranking.class.iter().zip(ranking.p);
        let best: Vec<(&str, f64)> = best
            .take(args.top.into())
            .filter_map(|(&c, p)| Some((names.get(usize::try_from(c).ok()?)?.as_str(), p)))
            .map(|(name, p)| (name, f64::from(p) / 32768.0))
            .collect();
        if args.json {
            let classes: Vec<_> = best
                .iter()
                .map(|(name, p)| serde_json::json!({"class": name, "confidence": p}))
                .collect();
            println!(
                "{}",
                serde_json::json!({"image": set.name(i), "best": classes})
            );
            return;
        }
        let text: Vec<String> = best.iter().map(|(n, p)| format!("{n} {p:.3}")).collect();
        println!("{}\t{}", set.name(i), text.join("\t"));
    })?;
    Ok(true)
}
