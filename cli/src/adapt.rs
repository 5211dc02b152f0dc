//! `tandem adapt`: the main job on the user's own images.

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::job::{self, Begin, Ended, Images, Learning, Running, Selecting};
use crate::network_file;
use std::path::PathBuf;
use tandem::adapt::{AdaptPlan, Gate, Material, Task, TuneLayers};
use tandem::images::ImageSet;
use tandem::model::Model;

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
    /// The student: a network's name, or a file whose weights it begins with
    #[arg(long, value_name = "NAME|FILE", required_unless_present_any = ["resume", "self_training"])]
    student: Option<String>,
    /// The student is of the teacher's layers and begins with its weights
    #[arg(long, conflicts_with_all = ["student", "student_network"])]
    self_training: bool,
    /// Its network, for a file that does not say
    #[arg(long, value_name = "NAME")]
    student_network: Option<String>,
    /// Labelled images: a folder with a subfolder a class, or an IDX or npy file with its labels beside it
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "resume")]
    labelled: Option<PathBuf>,
    /// Unlabelled images: a folder, or an IDX or npy file
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "resume")]
    unlabelled: Option<PathBuf>,
    /// Labelled images the networks are judged by, and nothing learns from
    #[arg(long, value_name = "DIR|FILE")]
    holdout: Option<PathBuf>,
    /// Where the student goes
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    out: Option<PathBuf>,
    /// Images the teacher is fine-tuned on before it labels, a copy of it, repeats counted; 0: it labels as it is [default: 0]
    #[arg(long, value_name = "N")]
    teacher_tune_images: Option<usize>,
    /// Learning rate of that [default: 0.003]
    #[arg(long, value_name = "RATE")]
    teacher_tune_lr: Option<f64>,
    /// Images to fine-tune on, repeats counted; 0: no fine-tuning [default: 2400]
    #[arg(long, value_name = "N")]
    tune_images: Option<usize>,
    /// Learning rate of the fine-tuning [default: 0.003]
    #[arg(long, value_name = "RATE")]
    tune_lr: Option<f64>,
    /// Layers that fine-tuning changes: all, so many from the last on, or their names [default: all]
    #[arg(long, value_name = "N|NAME,…")]
    tune_layers: Option<String>,
    /// Share of labelled images in the training on what was kept [default: 0]
    #[arg(long, value_name = "SHARE")]
    mix: Option<f64>,
    /// Share of the teacher's probabilities in what the student learns from the kept set; the rest is labels [default: 0]
    #[arg(long, value_name = "SHARE")]
    soft: Option<f64>,
    /// Temperature of these probabilities [default: 2]
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// Classes of a sample whose probabilities are kept, its best, a word of 16 bits each; 0: all [default: 0]
    #[arg(long, value_name = "P")]
    soft_classes: Option<usize>,
    /// Leave out the supervised baseline
    #[arg(long)]
    no_baseline: bool,
    /// Points of accuracy on the hold-out by which the student must be ahead of what runs so far (itself, if it was given with weights, or
    /// the supervised baseline), or those weights are kept [default: a standard deviation of what chance makes]
    #[arg(long, value_name = "POINTS", allow_negative_numbers = true)]
    gate: Option<f64>,
    /// Keep the student, whatever it is worth
    #[arg(long, conflicts_with = "gate")]
    no_gate: bool,
    #[command(flatten)]
    learning: Learning,
    #[command(flatten)]
    selecting: Selecting,
    #[command(flatten)]
    images: Images,
    #[command(flatten)]
    running: Running,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let prepare = || prepare(args);
    let ended = job::run(&args.choice, &args.running, Task::Adapt, prepare)?;
    if !args.running.json {
        print(&ended);
    }
    Ok(ended.outcome.gate.is_none_or(|v| v.passed))
}

/// An option that clap has seen to.
fn given<'a, T>(option: &str, value: &'a Option<T>) -> Result<&'a T, CliError> {
    value
        .as_ref()
        .ok_or_else(|| wrong(option, "option", "none", "a value", "give it"))
}

fn prepare(args: &Args) -> Result<Begin, CliError> {
    args.choice.device()?;
    let config = args.choice.config()?;
    let out = given("--out", &args.out)?;
    network_file::check_out("--out", out)?;
    let labelled = ImageSet::labelled(given("--labelled", &args.labelled)?, None)?;
    let classes = labelled.classes().to_vec();
    let count = Some(classes.len());
    let file = given("--teacher", &args.teacher)?;
    let name = args.teacher_network.as_deref();
    let teacher = network_file::read("--teacher", file, name, None, count)?;
    let shape = teacher.network.input();
    let (student, model) = match args.self_training {
        // Exponents are of images the teacher saw; those of the student are learnt here.
        true => (file.display().to_string(), student_of(&teacher)),
        false => {
            let student = given("--student", &args.student)?;
            let name = args.student_network.as_deref();
            let shape = Some(shape);
            let model = network_file::name_or_file("--student", student, name, shape, count)?;
            (student.clone(), model)
        }
    };
    let holdout = args.holdout.as_ref();
    let holdout = holdout.map(|p| ImageSet::labelled(p, Some(&classes)));
    let material = Material {
        input: args.images.input(shape, Some(&teacher))?,
        unlabelled: Some(ImageSet::unlabelled(given(
            "--unlabelled",
            &args.unlabelled,
        )?)?),
        holdout: holdout.transpose()?,
        labelled: Some(labelled),
        teacher: Some(teacher),
        student: Some(model),
        classes,
    };
    let mut plan = AdaptPlan::new(Task::Adapt, args.learning.seed);
    args.learning.apply(&mut plan)?;
    let stream = material.unlabelled.as_ref().map_or(0, ImageSet::len);
    let k = AdaptPlan::k_for(stream, material.classes.len(), config);
    args.selecting.apply(&mut plan, k)?;
    plan.teacher_images = args.teacher_tune_images.unwrap_or(plan.teacher_images);
    plan.teacher_lr = args.teacher_tune_lr.unwrap_or(plan.teacher_lr);
    plan.tune_images = args.tune_images.unwrap_or(plan.tune_images);
    plan.tune_lr = args.tune_lr.unwrap_or(plan.tune_lr);
    if let Some(text) = &args.tune_layers {
        plan.tune_layers = layers(text);
    }
    plan.mix = args.mix.unwrap_or(plan.mix);
    plan.soft.share = args.soft.unwrap_or(plan.soft.share);
    plan.soft.temperature = args.temperature.unwrap_or(plan.soft.temperature);
    plan.soft.classes = args.soft_classes.unwrap_or(plan.soft.classes);
    plan.baseline = !args.no_baseline;
    plan.gate = gate(args, &material)?;
    Ok(Begin {
        plan,
        material,
        teacher: file.display().to_string(),
        student,
        folder: args.running.folder(out),
        out: Some(out.clone()),
    })
}

fn student_of(teacher: &Model) -> Model {
    Model {
        exponents: None,
        ..teacher.clone()
    }
}

fn layers(text: &str) -> TuneLayers {
    match (text, text.parse()) {
        ("all", _) => TuneLayers::All,
        (_, Ok(n)) => TuneLayers::Last(n),
        _ => TuneLayers::Named(text.split(',').map(String::from).collect()),
    }
}

fn gate(args: &Args, material: &Material) -> Result<Gate, CliError> {
    if args.no_gate {
        return Ok(Gate::Off);
    }
    let Some(points) = args.gate else {
        return Ok(Gate::Deviation);
    };
    let refuse = |found, expected, remedy| Err(wrong("--gate", "it", found, expected, remedy));
    if material.holdout.is_none() {
        let remedy = "give labelled images to --holdout";
        return refuse("without --holdout", "images to judge by", remedy);
    }
    if args.no_baseline && !material.student_is_given() {
        let remedy = "leave out --no-baseline, or give a file of weights to --student";
        return refuse(
            "with --no-baseline and a student without weights",
            "something to be ahead of",
            remedy,
        );
    }
    Ok(Gate::Points(points))
}

fn print(ended: &Ended) {
    let o = &ended.outcome;
    let held_out = ended.settings.holdout.as_ref().map_or(0, |h| h.images);
    if held_out > 0 {
        println!("accuracy on {held_out} held-out images");
    }
    for (what, accuracy) in [
        ("student, as it was given", o.before),
        ("student, supervised only", o.supervised),
        ("teacher", o.teacher),
        ("teacher, fine-tuned", o.teacher_tuned),
        ("student, after the kept set", o.student),
        ("student, fine-tuned", o.fine_tuned),
    ] {
        if let Some(accuracy) = accuracy {
            println!("  {what:<28} {accuracy:5.1} %");
        }
    }
    println!(
        "kept {} of {} images",
        o.kept,
        ended.settings.unlabelled.as_ref().map_or(0, |s| s.images)
    );
    if let Some(verdict) = &o.gate {
        println!("gate {}", verdict.text());
    }
    if let Some(out) = &ended.settings.out {
        println!("student in {}", out.display());
    }
    if let Some(digest) = &o.digest {
        println!("digest of its words {digest}");
    }
}
