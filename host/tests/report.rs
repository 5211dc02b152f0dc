//! The page and the trace of a small run on the model.
//!
//! The page is compared with `host/tests/report/page.html`, without clocks and images; `TANDEM_WRITE_PAGE=1 cargo test --release -p tandem --test report`
//! writes it anew.

#[path = "support/job.rs"]
mod job;

use job::{engine, material, plan, settings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use tandem::adapt::record::Event;
use tandem::adapt::{Job, Run, RunFolder, Task};
use tandem::report::{page, RecordedRun};
use tandem::trace::chrome;
use tandem_isa::{Config, Unit};
use tempfile::TempDir;

/// A class whose name would be markup, and a file's.
const HOSTILE: &str = "<script>alert('7')</script>";

/// Runs the job to its end in `dir/small.run`.
fn recorded(dir: &Path) -> PathBuf {
    let config = Config::named("tiny").unwrap();
    let (plan, material) = (plan(Task::Adapt), material(dir));
    let path = dir.join("small.run");
    let folder = RunFolder::create(&path, &settings(&plan, &material), &material).unwrap();
    let job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    let every = Duration::from_secs(1000);
    let mut run = Run::new(job, folder, every, &mut |_| {}).unwrap();
    assert!(run.run(&mut |_| {}, &|| false).unwrap());
    path
}

/// A run that is only read.
fn shared() -> &'static Path {
    static RUN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let make = || {
        let dir = tempfile::tempdir().unwrap();
        let path = recorded(dir.path());
        (dir, path)
    };
    &RUN.get_or_init(make).1
}

/// The run with a hostile name and without what differs from time to time and place to place.
fn read(path: &Path) -> RecordedRun {
    let mut run = RecordedRun::read(path).unwrap();
    run.settings.classes[7] = HOSTILE.into();
    for source in [
        &mut run.settings.labelled,
        &mut run.settings.unlabelled,
        &mut run.settings.holdout,
    ] {
        let source = source.as_mut().unwrap();
        source.path = source.path.file_name().unwrap().into();
    }
    for line in &mut run.lines {
        line.at = 0.0;
        match &mut line.event {
            Event::PhaseDone { usage, .. } => usage.seconds = 0.0,
            Event::Done { outcome } => outcome.seconds = 0.0,
            // JSON of seconds is longer or shorter.
            Event::Checkpoint { bytes, .. } => *bytes = 0,
            _ => {}
        }
    }
    run
}

/// The page without the bytes of its images.
fn without_images(page: &str) -> String {
    let mut parts = page.split("base64,");
    let mut out = parts.next().unwrap().to_string();
    for part in parts {
        let end = part.find('"').unwrap();
        out.push_str("base64,…");
        out.push_str(&part[end..]);
    }
    out
}

#[test]
fn a_run_is_one_page() {
    let run = read(shared());
    let text = page(&run);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/page.html");
    let found = without_images(&text);
    if std::env::var_os("TANDEM_WRITE_PAGE").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (i, (a, b)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(a, b, "line {}; see the head of this file", i + 1);
    }
    assert_eq!(found.len(), expected.len());
    // Nothing that was given is markup, and nothing is loaded.
    for raw in ["<script", "<teacher>", "<here>", "http:", "https:", "url("] {
        assert!(!text.contains(raw), "{raw}");
    }
    assert!(text.contains("&lt;script&gt;alert(&#39;7&#39;)&lt;/script&gt;"));
    // Every picture is the file of the run.
    let shown = run.kept.iter().filter(|k| run.picture(k).is_some()).count();
    assert!(shown > 0 && shown == text.matches("data:image/png;base64,").count());
}

#[test]
fn a_run_that_is_not_complete_is_a_page_and_a_damaged_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = recorded(dir.path());
    let events = std::fs::read(path.join("events.jsonl")).unwrap();
    for name in ["programs.json", "kept.jsonl", "outcome.json"] {
        std::fs::remove_file(path.join(name)).unwrap();
    }
    // Killed at any moment: the last line may be torn.
    for part in [0, 1, events.len() / 3, events.len() / 2, events.len() - 2] {
        std::fs::write(path.join("events.jsonl"), &events[..part]).unwrap();
        let text = page(&read(&path));
        assert!(
            text.ends_with("</html>\n") && !text.contains("NaN"),
            "{part}"
        );
        // Of the last cut only the line of the checkpoint is torn, which comes after the end.
        let open = text.contains("class=\"state open\"");
        assert_eq!(open, part < events.len() - 2, "{part}");
    }
    let mut torn = events.clone();
    torn[2] = b'#';
    std::fs::write(path.join("events.jsonl"), &torn).unwrap();
    let e = RecordedRun::read(&path).unwrap_err().to_string();
    assert!(e.contains("events.jsonl") && e.contains("line 1"), "{e}");
    std::fs::write(path.join("events.jsonl"), &events).unwrap();
    let settings = std::fs::read_to_string(path.join("run.json")).unwrap();
    let later = settings.replacen("\"record\": 1", "\"record\": 2", 1);
    assert_ne!(later, settings);
    std::fs::write(path.join("run.json"), later).unwrap();
    let e = RecordedRun::read(&path).unwrap_err().to_string();
    assert!(e.contains("version 2"), "{e}");
}

#[test]
fn a_picture_is_read_from_the_run_only() {
    let path = shared();
    let run = read(path);
    let mut sample = run
        .kept
        .iter()
        .find(|k| k.thumbnail.is_some())
        .unwrap()
        .clone();
    assert!(run.picture(&sample).is_some());
    let outside = path.parent().unwrap().join("x.png");
    std::fs::copy(path.join(sample.thumbnail.as_ref().unwrap()), outside).unwrap();
    for name in ["../x.png", "kept/../../x.png", "run.json"] {
        sample.thumbnail = Some(name.into());
        assert!(run.picture(&sample).is_none(), "{name}");
    }
}

#[test]
fn every_cycle_of_a_program_is_of_one_layer() {
    let run = read(shared());
    let names: Vec<&str> = run.programs.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["labelling", "training step"]);
    for p in &run.programs {
        let cycles: u64 = p.layers.iter().map(|l| l.cycles()).sum();
        assert_eq!(cycles, p.cycles, "{}", p.name);
        let array: u64 = p.layers.iter().map(|l| l.array).sum();
        assert_eq!(array, p.busy["compute"], "{}", p.name);
        let useful = |l: &&tandem::trace::Layer| l.macs > p.cells * l.array;
        assert_eq!(
            p.layers.iter().find(useful),
            None,
            "more products than the array can do"
        );
        for unit in p.busy.keys() {
            let strips = p.strips.iter().filter(|s| s.unit == *unit);
            let ends: Vec<(u64, u64)> = strips.map(|s| (s.start, s.end)).collect();
            assert!(ends.windows(2).all(|w| w[0].1 <= w[1].0), "{unit}");
            assert!(ends.last().is_none_or(|e| e.1 <= p.cycles), "{unit}");
        }
    }
    // Of a step the network's products, all of them.
    let [forward, dx, dw] = tandem::study::macs(&job::network(4));
    let macs: u64 = run.programs[1].layers.iter().map(|l| l.macs).sum();
    assert_eq!(macs, (forward + dx + dw) * 4);
}

#[test]
fn a_trace_is_valid_and_adds_up() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::named("tiny").unwrap();
    let (plan, material) = (plan(Task::Adapt), material(dir.path()));
    let mut job = Job::new(engine(config, &plan, &material), &plan, &material).unwrap();
    job.record();
    let (mut phases, mut sums) = (Vec::new(), vec![[0, 0]]);
    loop {
        let before = phases.len();
        let more = job.advance(&mut |line| {
            if let Event::PhaseDone { usage, .. } = &line.event {
                phases.push(usage.predicted);
            }
        });
        let more = more.unwrap();
        if phases.len() > before {
            sums.push(job.trace().unwrap().cycles());
        }
        if !more {
            break;
        }
    }
    // What ran in each phase is what the phase says it took. The first has the teacher's calibration as well, from before the trace.
    assert_eq!(phases.len(), 5);
    for (i, predicted) in phases.iter().enumerate() {
        let traced = [0, 1].map(|c| sums[i + 1][c] - sums[i][c]);
        if i == 0 {
            assert!(traced[0] < predicted[0]);
            assert_eq!(traced[1], predicted[1]);
        } else {
            assert_eq!(traced, *predicted, "phase {i}");
        }
    }
    let trace = job.trace().unwrap();
    let mut text = Vec::new();
    chrome::write(trace, config.name, &mut text).unwrap();
    let value: Value = serde_json::from_slice(&text).unwrap();
    let mut tracks: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    for event in value["traceEvents"].as_array().unwrap() {
        let number = |name: &str| {
            event[name]
                .as_u64()
                .unwrap_or_else(|| panic!("{name}: {event}"))
        };
        if event["ph"] == "M" {
            assert!(event["args"]["name"].is_string());
            continue;
        }
        assert_eq!(event["ph"], "X");
        assert!(!event["name"].as_str().unwrap().is_empty());
        let track = tracks.entry((number("pid"), number("tid"))).or_default();
        track.push((number("ts"), number("ts") + number("dur")));
    }
    for (track, slices) in &tracks {
        for pair in slices.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{track:?}: {pair:?}");
        }
    }
    let sum = |track: (u64, u64)| tracks[&track].iter().map(|(a, b)| b - a).sum::<u64>();
    assert_eq!([sum((1, 0)), sum((2, 0))], trace.cycles());
    // Every command of every program is there, in the time its unit is at work.
    for unit in [Unit::Load, Unit::Compute, Unit::Vector, Unit::Store] {
        for (context, pid) in [(tandem::Context::Teacher, 1), (tandem::Context::Student, 2)] {
            let runs = trace.runs.iter().map(|&i| &trace.programs[i]);
            let busy: u64 = runs
                .filter(|p| p.context == context)
                .map(|p| p.timeline.busy(unit))
                .sum();
            assert!(busy > 0);
            assert_eq!(sum((pid, unit as u64 + 1)), busy, "{context:?} {unit:?}");
        }
    }
}
