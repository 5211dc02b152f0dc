//! A run as one HTML page: curves, kept samples, confusion, the array over time, settings. It needs nothing beside it: styles, drawings and images are in
//! it, there is no script, and its policy forbids to load anything.
//!
//! [`RecordedRun::read`] reads a run folder ([`crate::adapt::record`]), [`page`] writes it. The same run gives the same page.

mod array;
mod charts;
mod html;
mod run;

pub use run::RecordedRun;

use crate::adapt::record::{Event, KeptSample, NetworkRecord, Source};
use crate::adapt::{Phase, Task};
use base64::prelude::{Engine, BASE64_STANDARD};
use charts::{chart, confusion, Axes, Curve, Style};
use html::{escape, percent, seconds, short, table, thousands};
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// Training phases, and their colours in curves.
const TRAINING: [(Phase, usize); 4] = [
    (Phase::Supervised, 1),
    (Phase::Student, 0),
    (Phase::FineTuning, 2),
    (Phase::TeacherTuning, 3),
];

/// The page.
pub fn page(run: &RecordedRun) -> String {
    let title = title(run);
    let mut s = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{}</title><style>\n{STYLE}</style></head><body>\n",
        escape(&title)
    );
    s.push_str(&head(run, &title));
    s.push_str("<main>\n");
    s.push_str(&tiles(run));
    s.push_str(&curves(run));
    s.push_str(&confusions(run));
    s.push_str(&kept(run));
    s.push_str(&on_the_array(run));
    s.push_str(&settings(run));
    let _ = write!(
        s,
        "</main>\n<footer>Written by <code>tandem report</code>. Accuracies are on the hold-out; cycles are the engine's, not time on a board.</footer>\n</body></html>\n"
    );
    s
}

fn title(run: &RecordedRun) -> String {
    let verb = match run.settings.plan.task {
        Task::Adapt => "adapt",
        Task::Train => "train",
        Task::Label => "label",
    };
    let name = run.path.file_name().unwrap_or(run.path.as_os_str());
    format!("{} · tandem {verb}", name.to_string_lossy())
}

fn head(run: &RecordedRun, title: &str) -> String {
    let last = run.lines.iter().rev().find_map(|l| match &l.event {
        Event::Done { .. } => Some(("complete".to_string(), "done")),
        Event::Stopped { phase, done } => {
            let phase = phase.map_or("the end", Phase::name);
            Some((format!("stopped in {phase} after {done}"), "open"))
        }
        Event::Phase { phase, .. } => Some((format!("not complete: in {}", phase.name()), "open")),
        _ => None,
    });
    let (state, class) = last.unwrap_or_else(|| ("not begun".into(), "open"));
    let s = &run.settings;
    let stream = s.unlabelled.as_ref().map_or(String::new(), |u| {
        format!(", {} unlabelled", thousands(u.images as u64))
    });
    let labelled = s.labelled.as_ref().map_or(String::new(), |l| {
        format!(", {} labelled images", thousands(l.images as u64))
    });
    let judged = s.holdout.as_ref().map_or(String::new(), |h| {
        format!(", {} held out", thousands(h.images as u64))
    });
    format!(
        "<header><h1>{}</h1><p class=\"dim\"><span class=\"state {class}\">{}</span> {} classes{labelled}{stream}{judged} · \
         device <code>{}</code>, configuration <code>{}</code></p></header>\n",
        escape(title),
        escape(state),
        s.classes.len(),
        escape(&s.device),
        escape(&s.config)
    )
}

fn tiles(run: &RecordedRun) -> String {
    let mut tiles: Vec<(String, &str)> = Vec::new();
    let supervised = run.accuracy(Phase::Supervised);
    let end = run
        .accuracy(Phase::FineTuning)
        .or(run.accuracy(Phase::Student));
    for (phase, what) in [
        (Phase::Before, "student, as it was given"),
        (Phase::Teacher, "teacher"),
        (Phase::TeacherTuning, "teacher, fine-tuned"),
        (Phase::Supervised, "student, labelled images only"),
        (Phase::Student, "student, after the kept set"),
        (Phase::FineTuning, "student, fine-tuned"),
    ] {
        if let Some(accuracy) = run.accuracy(phase) {
            tiles.push((format!("{accuracy:.1} %"), what));
        }
    }
    if let (Some(before), Some(after)) = (supervised, end) {
        tiles.push((
            format!("{:+.1}", after - before),
            "points over supervised alone",
        ));
    }
    if let Some(verdict) = run.verdict() {
        let (value, what) = match verdict.passed {
            true => ("passed", "by the gate"),
            false => (
                "refused",
                "by the gate: the weights are those that ran before",
            ),
        };
        tiles.push((value.into(), what));
    }
    if run.settings.plan.task != Task::Train {
        tiles.push((thousands(run.kept.len() as u64), "samples kept"));
    }
    if let Some(line) = run.lines.last() {
        tiles.push((seconds(line.at), "of work, by the host's clock"));
    }
    let mut s = String::from("<div class=\"tiles\">");
    for (value, what) in tiles {
        let _ = write!(
            s,
            "<div class=\"tile\"><b>{}</b><span>{what}</span></div>",
            escape(value)
        );
    }
    s.push_str("</div>\n");
    s
}

/// Steps before a phase on the axis: fine-tuning goes on where the student's training ends.
fn before(run: &RecordedRun, phase: Phase) -> f64 {
    match phase {
        Phase::FineTuning => run.settings.plan.steps(Phase::Student) as f64,
        _ => 0.0,
    }
}

fn curves(run: &RecordedRun) -> String {
    let (mut accuracy, mut loss) = (Vec::new(), Vec::new());
    for (of, colour) in TRAINING {
        let x0 = before(run, of);
        // It goes on where the student was left.
        let from = |curves: &[Curve], name: &str| match of {
            Phase::FineTuning => {
                let curve = curves.iter().find(|c| c.name == name);
                curve.and_then(|c| c.points.last().copied())
            }
            _ => None,
        };
        let student = Phase::Student.name();
        let mut right: Vec<(f64, f64)> = from(&accuracy, student).into_iter().collect();
        let held_out = format!("{student}, hold-out");
        let mut held: Vec<(f64, f64)> = from(&loss, &held_out).into_iter().collect();
        let mut trained = Vec::new();
        let begun = right.len();
        for line in &run.lines {
            match &line.event {
                Event::HeldOut {
                    phase,
                    step,
                    accuracy,
                    loss,
                    ..
                } if *phase == of => {
                    right.push((x0 + *step as f64, *accuracy));
                    held.push((x0 + *step as f64, *loss));
                }
                Event::Trained {
                    phase, step, loss, ..
                } if *phase == of => {
                    trained.push((x0 + *step as f64, *loss));
                }
                _ => {}
            }
        }
        if right.len() == begun {
            (right, held) = (Vec::new(), Vec::new());
        }
        let add = |to: &mut Vec<Curve>, name: &str, points: Vec<(f64, f64)>, style| {
            if !points.is_empty() {
                let name = format!("{}{name}", of.name());
                to.push(Curve {
                    name,
                    colour,
                    points,
                    style,
                });
            }
        };
        add(&mut accuracy, "", right, Style::Rings);
        add(&mut loss, ", batch", trained, Style::Line);
        add(&mut loss, ", hold-out", held, Style::Rings);
    }
    if accuracy.is_empty() && loss.is_empty() {
        return String::new();
    }
    let end = accuracy
        .iter()
        .chain(&loss)
        .flat_map(|c| c.points.last())
        .map(|p| p.0)
        .fold(1.0, f64::max);
    if let Some(teacher) = run.accuracy(Phase::Teacher) {
        accuracy.push(Curve {
            name: "teacher".into(),
            colour: 6,
            points: vec![(0.0, teacher), (end, teacher)],
            style: Style::Dashed,
        });
    }
    let tuned = loss
        .iter()
        .any(|c| c.name.starts_with(Phase::FineTuning.name()));
    let marks = || match tuned {
        true => vec![(
            before(run, Phase::FineTuning),
            Phase::FineTuning.name().to_string(),
        )],
        false => Vec::new(),
    };
    let mut s = String::from("<section><h2>Learning</h2><p class=\"note\">The supervised baseline and the student begin with the same weights; fine-tuning goes on with the student's.</p><div class=\"grid\">\n");
    if !accuracy.is_empty() {
        let axes = Axes {
            title: "Accuracy on the hold-out",
            x: "steps",
            unit: "%",
            y: (50.0, 60.0),
            marks: marks(),
        };
        s.push_str(&chart(&axes, &accuracy));
    }
    let axes = Axes {
        title: "Loss",
        x: "steps",
        unit: "nats",
        y: (0.0, 0.5),
        marks: marks(),
    };
    s.push_str(&chart(&axes, &loss));
    s.push_str("</div></section>\n");
    s
}

fn confusions(run: &RecordedRun) -> String {
    let mut s = String::new();
    for (phase, what) in [
        (Phase::Before, "Before: student, as it was given"),
        (Phase::Supervised, "Before: student, labelled images only"),
        (Phase::Teacher, "Teacher"),
        (
            Phase::TeacherTuning,
            "Teacher, fine-tuned on the labelled images",
        ),
        (Phase::Student, "Student, after the kept set"),
        (Phase::FineTuning, "After: student, fine-tuned"),
    ] {
        let what = match run.settings.plan.task {
            Task::Train => "At the end",
            _ => what,
        };
        if let (Some(matrix), Some(accuracy)) = (run.confusion(phase), run.accuracy(phase)) {
            let title = format!("{what} · {accuracy:.1} %");
            s.push_str(&confusion(&escape(title), &run.settings.classes, matrix));
        }
    }
    if s.is_empty() {
        return s;
    }
    format!(
        "<section><h2>Confusion</h2><p class=\"note\">A row is a label, a column what the network takes it for; shades are shares of the row. On the hold-out.</p>\
         <div class=\"grid\">\n{s}</div></section>\n"
    )
}

fn figure(run: &RecordedRun, sample: &KeptSample) -> Option<String> {
    let png = BASE64_STANDARD.encode(run.picture(sample)?);
    Some(format!(
        "<figure title=\"{}: number {} of the stream, key {}\"><img alt=\"{}\" src=\"data:image/png;base64,{png}\">\
         <figcaption>{:.3}<br>{}</figcaption></figure>\n",
        escape(&sample.image),
        sample.arrival,
        sample.key,
        escape(&sample.image),
        sample.confidence,
        thousands(sample.age.into())
    ))
}

fn kept(run: &RecordedRun) -> String {
    if run.kept.is_empty() {
        return String::new();
    }
    let mut s = format!(
        "<section><h2>What was kept</h2><p class=\"note\">The best of every class by <code>{}</code>, as the networks see them. Below each: the teacher's confidence \
         in the class, and the sample's age, in images of the stream that came after it. The student learns them under these labels.</p>{}<div class=\"grid\">\n",
        run.settings.plan.key.name(),
        selected(run)
    );
    for (class, name) in run.settings.classes.iter().enumerate() {
        let samples: Vec<&KeptSample> = run.kept.iter().filter(|k| k.class == class).collect();
        let mean = |of: &dyn Fn(&KeptSample) -> f64| {
            samples.iter().map(|k| of(k)).sum::<f64>() / samples.len().max(1) as f64
        };
        let figures: Vec<String> = samples.iter().filter_map(|k| figure(run, k)).collect();
        let _ = write!(s, "<div class=\"card\"><h3>{}</h3>", escape(name));
        if samples.is_empty() {
            s.push_str("<p class=\"note\">nothing was kept</p></div>\n");
            continue;
        }
        let _ = write!(
            s,
            "<p class=\"note\">{} kept, {} shown; mean confidence {:.3}, mean age {:.0}</p><div class=\"kept\">\n{}</div></div>\n",
            samples.len(),
            figures.len(),
            mean(&|k| k.confidence),
            mean(&|k| k.age.into()),
            figures.concat()
        );
    }
    s.push_str("</div></section>\n");
    s
}

fn selected(run: &RecordedRun) -> String {
    let found = run.lines.iter().rev().find_map(|l| match l.event {
        Event::Selected {
            seen,
            kept,
            replaced,
            rejected,
        } => Some((seen, kept, replaced, rejected)),
        _ => None,
    });
    let Some((seen, kept, replaced, rejected)) = found else {
        return String::new();
    };
    format!(
        "<p>Of {} scores, {} took a free place, {} took another's, {} took none.</p>",
        thousands(seen.into()),
        thousands(kept.into()),
        thousands(replaced.into()),
        thousands(rejected.into())
    )
}

fn on_the_array(run: &RecordedRun) -> String {
    let counted = run.usages().iter().any(|(_, u)| u.counted.total > 0);
    let source = if counted {
        "Cycles of phases are those the engine counted; within a batch they are the cost model's."
    } else {
        "This device counts no cycles: all of them are the cost model's."
    };
    let mut s = format!(
        "<section><h2>On the array</h2><p class=\"note\">{source}</p><div class=\"stack\">\n{}<div class=\"card\"><h3>Phases</h3>{}</div>",
        array::phases(run),
        array::usage(run)
    );
    for program in &run.programs {
        s.push_str(&array::strips(program));
    }
    s.push_str("</div></section>\n");
    if run.programs.is_empty() {
        s.push_str("<p class=\"note\">This run has no record of its programs by layer: it is not so far, or was begun by an earlier version.</p>\n");
        return s;
    }
    s.push_str("<section><h2>Use and stalls by layer</h2><p class=\"note\">All cycles of one batch, each once: what the array works for, or what the layer's next command waits for. \
                At the right, the share of the multipliers' time that the layer's products take.</p><div class=\"grid\">\n");
    for program in &run.programs {
        s.push_str(&array::layers(program));
    }
    s.push_str("</div></section>\n");
    s
}

/// A command as a shell takes it.
fn command(words: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=,:".contains(c);
    let mut line = String::from("tandem");
    for word in words {
        if !word.is_empty() && word.chars().all(plain) {
            let _ = write!(line, " {word}");
        } else {
            let _ = write!(line, " '{}'", word.replace('\'', r"'\''"));
        }
    }
    line
}

fn settings(run: &RecordedRun) -> String {
    let s = &run.settings;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |what: &str, value: String| rows.push(vec![escape(what), value]);
    row(
        "version",
        escape(format!("tandem {}, record {}", s.version, s.record)),
    );
    row(
        "device",
        format!(
            "<code>{}</code>, configuration <code>{}</code>",
            escape(&s.device),
            escape(&s.config)
        ),
    );
    for (what, network) in [("teacher", &s.teacher), ("student", &s.student)] {
        if let Some(n) = network {
            row(what, network_row(n));
        }
    }
    for (what, source) in [
        ("labelled", &s.labelled),
        ("unlabelled", &s.unlabelled),
        ("hold-out", &s.holdout),
    ] {
        if let Some(source) = source {
            row(what, source_row(source));
        }
    }
    let shape = s.input.shape;
    let list = |v: &[f32]| v.iter().map(f32::to_string).collect::<Vec<_>>().join(", ");
    let input = format!(
        "{} × {} × {} (channels, rows, columns), mean {}, deviation {}",
        shape.c,
        shape.h,
        shape.w,
        list(&s.input.mean),
        list(&s.input.std)
    );
    row("images", escape(input));
    // Every setting of the plan, by the name it has in run.json.
    if let Ok(serde_json::Value::Object(plan)) = serde_json::to_value(&s.plan) {
        for (name, value) in plan {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), String::from);
            row(&name.replace('_', " "), escape(text));
        }
    }
    if let Some(out) = &s.out {
        row("result", format!("<code>{}</code>", escape(out.display())));
    }
    if let Some(digest) = run.outcome.as_ref().and_then(|o| o.digest.as_ref()) {
        row(
            "digest of its words",
            format!("<code>{}</code>", escape(digest)),
        );
    }
    let mut text = String::from("<section><h2>How it was made</h2>\n");
    if !s.command.is_empty() {
        let _ = writeln!(
            text,
            "<pre><code>{}</code></pre>",
            escape(command(&s.command))
        );
    }
    text.push_str(&table(&["setting", "value"], 2, &rows));
    text.push_str(&history(run));
    text.push_str("</section>\n");
    text
}

fn network_row(n: &NetworkRecord) -> String {
    let layers: Vec<String> = n.layers.iter().map(|l| escape(format!("{l:?}"))).collect();
    format!(
        "<code>{}</code>, {} parameters, {} multiply-accumulates an image, begins with {}<details><summary>{} layers</summary><code>{}</code></details>",
        escape(&n.given),
        thousands(n.parameters as u64),
        short(n.macs),
        if n.weights { "its weights" } else { "random weights" },
        layers.len(),
        layers.join("<br>")
    )
}

fn source_row(s: &Source) -> String {
    format!(
        "<code>{}</code>, {} images, fingerprint <code>{}</code>",
        escape(s.path.display()),
        thousands(s.images as u64),
        escape(&s.fingerprint)
    )
}

/// Stops, resumes and checkpoints.
fn history(run: &RecordedRun) -> String {
    let mut rows = Vec::new();
    let (mut checkpoints, mut bytes) = (0, 0);
    for line in &run.lines {
        let what = match &line.event {
            Event::Stopped { phase, done } => {
                format!(
                    "stopped in {} after {done}",
                    phase.map_or("the end", Phase::name)
                )
            }
            Event::Resumed {
                checkpoint,
                phase,
                done,
                refused,
            } => format!(
                "went on from {} in {} after {done}{}",
                checkpoint.as_deref().unwrap_or("the beginning"),
                phase.map_or("the end", Phase::name),
                refused
                    .iter()
                    .map(|r| format!("; refused: {r}"))
                    .collect::<String>()
            ),
            Event::PhaseDone { phase, usage } => format!(
                "{} complete, {} of work, {} of the multipliers' time used",
                phase.name(),
                seconds(usage.seconds),
                percent(usage.utilisation)
            ),
            Event::Gate { verdict } => format!("gate {}", verdict.text()),
            Event::Checkpoint { bytes: size, .. } => {
                checkpoints += 1;
                bytes = *size;
                continue;
            }
            _ => continue,
        };
        rows.push(vec![escape(seconds(line.at)), escape(what)]);
    }
    if rows.is_empty() {
        return String::new();
    }
    let kept = match checkpoints {
        0 => String::new(),
        n => format!(
            "<p class=\"note\">{n} checkpoints, the last of {}B.</p>",
            short(bytes)
        ),
    };
    format!(
        "<h2>What happened</h2>{}{kept}",
        table(&["after", "what"], 2, &rows)
    )
}
