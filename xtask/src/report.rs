//! Opens a report in headless Chromium.
use crate::{run, tools};
use std::path::{Path, PathBuf};

/// Checks the page that is given, or that of a small run made here.
pub fn check(args: &[String]) -> Result<(), String> {
    let page = match args {
        [] => made()?,
        [page] => PathBuf::from(page),
        [_, more, ..] => {
            return Err(format!(
                "`report-check` takes one page, found `{more}` after it"
            ))
        }
    };
    if !page.is_file() {
        return Err(format!(
            "{} is not a file; give a page that `tandem report` wrote",
            page.display()
        ));
    }
    let folder = tools::target().join("report/screenshots");
    empty(&folder)?;
    let (script, mut node) = tools::chromium()?;
    run::step_of("node", node.arg(script).arg(&page).arg(&folder))
}

/// The report of a small run on the model.
fn made() -> Result<PathBuf, String> {
    let folder = tools::target().join("report");
    let at = |name: &str| folder.join(name).display().to_string();
    for name in ["digits", "small.run"] {
        empty(&folder.join(name))?;
    }
    let mut images = run::cargo();
    images.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "tandem",
        "--example",
        "folders",
        "--",
    ]);
    images.args([&at("digits"), "800", "300"]);
    run::step(images)?;
    let mut build = run::cargo();
    build.args(["build", "--release", "--package", "tandem-cli"]);
    run::step(build)?;
    let teacher = tools::root().join("data/teacher-shifted-1.safetensors");
    let teacher = teacher.display().to_string();
    let (labelled, unlabelled, holdout) = (
        at("digits/labelled"),
        at("digits/unlabelled"),
        at("digits/holdout"),
    );
    let (run_folder, out, page) = (at("small.run"), at("small.safetensors"), at("report.html"));
    let adapt = [
        "--device",
        "model",
        "--teacher",
        &teacher,
        "--teacher-network",
        "digits-teacher",
        "--student",
        "digits-student",
        "--labelled",
        &labelled,
        "--unlabelled",
        &unlabelled,
        "--holdout",
        &holdout,
        "--images",
        "2560",
        "--tune-images",
        "320",
        "--evaluate-every",
        "20",
        "--run",
        &run_folder,
        "--out",
        &out,
    ];
    for (verb, arguments) in [
        ("adapt", &adapt[..]),
        ("report", &[&run_folder, "--out", &page]),
    ] {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        if run::execute(verb, &arguments)? != 0 {
            return Err(format!("`tandem {verb}` failed"));
        }
    }
    Ok(page.into())
}

fn empty(folder: &Path) -> Result<(), String> {
    let fail = |e| format!("cannot empty {}: {e}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(fail)?;
    }
    std::fs::create_dir_all(folder).map_err(fail)
}
