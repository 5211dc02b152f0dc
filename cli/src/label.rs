//! `tandem label`: a teacher ranks a stream of images; what the selector kept is listed.

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::job::{self, Begin, Images, Running, Selecting};
use crate::network_file;
use crate::rank::class_names;
use std::path::PathBuf;
use tandem::adapt::{AdaptPlan, Material, Task};
use tandem::images::ImageSet;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// The teacher's weights
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    teacher: Option<PathBuf>,
    /// Its network, for a file that does not say
    #[arg(long, value_name = "NAME")]
    teacher_network: Option<String>,
    /// Images: a folder, an IDX or an npy file
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "resume")]
    unlabelled: Option<PathBuf>,
    /// Names of the classes in the order of the teacher's outputs; those in its file, or numbers
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// Seed of random keys
    #[arg(long, default_value_t = 1)]
    seed: u32,
    #[command(flatten)]
    selecting: Selecting,
    #[command(flatten)]
    images: Images,
    #[command(flatten)]
    running: Running,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let running = &args.running;
    job::run(&args.choice, running, Task::Label, || prepare(args))?;
    let folder = running.resume.as_ref().or(running.run.as_ref());
    let path = folder.map_or_else(PathBuf::new, |f| f.join("kept.jsonl"));
    let text = std::fs::read_to_string(&path).map_err(|e| {
        wrong(
            path.display(),
            "reading",
            e,
            "what was kept",
            "run it again",
        )
    })?;
    if !args.running.json {
        eprintln!("kept samples are in {}", path.display());
    }
    print!("{text}");
    Ok(true)
}

fn prepare(args: &Args) -> Result<Begin, CliError> {
    let (Some(file), Some(images)) = (&args.teacher, &args.unlabelled) else {
        let remedy = "give --teacher and --unlabelled";
        return Err(wrong("label", "options", "some", "both of them", remedy));
    };
    let Some(folder) = args.running.run.clone() else {
        let remedy = "give a folder for it: the list is written there";
        return Err(wrong(
            "--run",
            "folder of the run",
            "none",
            "a folder",
            remedy,
        ));
    };
    args.choice.device()?;
    let config = args.choice.config()?;
    let count = args.classes.as_ref().map(Vec::len);
    let name = args.teacher_network.as_deref();
    let teacher = network_file::read("--teacher", file, name, None, count)?;
    let classes = args.classes.clone();
    let classes = classes.unwrap_or_else(|| class_names(&teacher));
    let stream = ImageSet::unlabelled(images)?;
    let mut plan = AdaptPlan::new(Task::Label, args.seed);
    let k = AdaptPlan::k_for(stream.len(), classes.len(), config);
    args.selecting.apply(&mut plan, k)?;
    let material = Material {
        input: args.images.input(teacher.network.input(), Some(&teacher))?,
        unlabelled: Some(stream),
        holdout: None,
        labelled: None,
        teacher: Some(teacher),
        student: None,
        classes,
    };
    Ok(Begin {
        plan,
        material,
        teacher: file.display().to_string(),
        student: String::new(),
        out: None,
        folder,
    })
}
