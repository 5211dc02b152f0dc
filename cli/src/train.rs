//! `tandem train`: supervised training on the user's labelled images.

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::job::{self, Begin, Images, Learning, Running};
use crate::network_file;
use std::path::PathBuf;
use tandem::adapt::{AdaptPlan, Material, Task};
use tandem::images::ImageSet;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// The network: a name, or a file whose weights it begins with
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "resume")]
    network: Option<String>,
    /// Name of its architecture, for a file that does not say
    #[arg(long, value_name = "NAME")]
    network_architecture: Option<String>,
    /// Labelled images: a folder with a subfolder a class, or an IDX or npy file with its labels beside it
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "resume")]
    labelled: Option<PathBuf>,
    /// Labelled images the network is judged by
    #[arg(long, value_name = "DIR|FILE")]
    holdout: Option<PathBuf>,
    /// Where it goes
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    out: Option<PathBuf>,
    #[command(flatten)]
    learning: Learning,
    #[command(flatten)]
    images: Images,
    #[command(flatten)]
    running: Running,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let prepare = || prepare(args);
    let ended = job::run(&args.choice, &args.running, Task::Train, prepare)?;
    if args.running.json {
        return Ok(true);
    }
    if let Some(accuracy) = ended.outcome.supervised {
        let images = ended.settings.holdout.as_ref().map_or(0, |h| h.images);
        println!("accuracy on {images} held-out images {accuracy:.1} %");
    }
    if let Some(out) = &ended.settings.out {
        println!("network in {}", out.display());
    }
    Ok(true)
}

fn prepare(args: &Args) -> Result<Begin, CliError> {
    let (Some(network), Some(folder), Some(out)) = (&args.network, &args.labelled, &args.out)
    else {
        let remedy = "give --network, --labelled and --out";
        return Err(wrong("train", "options", "some", "all of them", remedy));
    };
    args.choice.device()?;
    network_file::check_out("--out", out)?;
    let labelled = ImageSet::labelled(folder, None)?;
    let classes = labelled.classes().to_vec();
    let count = Some(classes.len());
    let name = args.network_architecture.as_deref();
    let model = network_file::name_or_file("--network", network, name, None, count)?;
    let holdout = args.holdout.as_ref();
    let holdout = holdout.map(|p| ImageSet::labelled(p, Some(&classes)));
    let material = Material {
        input: args.images.input(model.network.input(), Some(&model))?,
        unlabelled: None,
        holdout: holdout.transpose()?,
        labelled: Some(labelled),
        teacher: None,
        student: Some(model),
        classes,
    };
    let mut plan = AdaptPlan::new(Task::Train, args.learning.seed);
    args.learning.apply(&mut plan)?;
    Ok(Begin {
        plan,
        material,
        teacher: String::new(),
        student: network.clone(),
        folder: args.running.folder(out),
        out: Some(out.clone()),
    })
}
