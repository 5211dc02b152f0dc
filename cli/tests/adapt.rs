//! `adapt` and its companions on folders of PNG files, on the model: what they write, and that a stopped or killed run ends as if nothing had
//! happened.

mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{done, folders, json_lines, program, run, words};
use tandem::batches::Random;

/// A job of a second: everything the real one has. What it teaches is not enough for a real gate.
const JOB: &str = "adapt --device model --teacher TEACHER --teacher-network digits-teacher --student digits-student \
     --labelled labelled --unlabelled unlabelled --holdout holdout --images 960 --tune-images 160 --k 20 --evaluate-every 10 --gate -100 --json";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn outcome(run: &Path) -> Value {
    serde_json::from_str(&read(&run.join("outcome.json"))).expect("JSON")
}

/// The events of a run without clocks, and without what a stop adds.
fn events(run: &Path) -> Vec<Value> {
    let mut lines = json_lines(&read(&run.join("events.jsonl")));
    lines.retain(|l| {
        let name = l["event"].as_str().unwrap_or("");
        !["checkpoint", "resumed", "stopped"].contains(&name)
    });
    for line in &mut lines {
        line["at"] = Value::Null;
        for clock in ["/usage/seconds", "/outcome/seconds"] {
            if let Some(v) = line.pointer_mut(clock) {
                *v = Value::Null;
            }
        }
    }
    lines
}

/// Two runs that came to the same in every file that matters.
fn equal(folder: &Path, one: &str, other: &str) {
    let of = |name: &str| folder.join(format!("{name}.run"));
    let digest = |name| outcome(&of(name))["digest"].clone();
    assert!(digest(one).is_string());
    assert_eq!(digest(one), digest(other), "{other}");
    let bytes =
        |name: &str| std::fs::read(folder.join(format!("{name}.safetensors"))).expect("a student");
    assert!(bytes(one) == bytes(other), "{other}: other weights");
    assert_eq!(
        read(&of(one).join("kept.jsonl")),
        read(&of(other).join("kept.jsonl")),
        "{other}"
    );
    for (a, b) in events(&of(one)).iter().zip(&events(&of(other))) {
        assert_eq!(a, b, "{other}");
    }
    assert_eq!(events(&of(one)).len(), events(&of(other)).len(), "{other}");
}

/// Starts the job or goes on with it, and kills it after a random number of events and microseconds. Returns whether it was complete before that.
fn killed(folder: &Path, name: &str, random: &mut Random, most: usize) -> bool {
    let path = folder.join(format!("{name}.run"));
    let line = if path.join("run.json").exists() {
        format!("adapt --resume {name}.run --json --checkpoint-every 0.02")
    } else {
        format!("{JOB} --out {name}.safetensors --checkpoint-every 0.02")
    };
    let mut command = program(folder);
    command
        .args(words(&line))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for _ in 0..random.below(most) {
        if lines.next().is_none() {
            break;
        }
    }
    // No event to wait for: the moment is to be any.
    std::thread::sleep(Duration::from_micros(random.below(20_000) as u64));
    child.kill().expect("a process");
    // A pipe that is not read must not hold it; what it had written may be read on.
    drop(lines);
    child.wait().expect("a process").success()
}

fn finish(folder: &Path, name: &str) {
    let path = folder.join(format!("{name}.run"));
    if path.join("run.json").exists() {
        done(folder, &format!("adapt --resume {name}.run --json"));
    } else {
        done(folder, &format!("{JOB} --out {name}.safetensors"));
    }
}

#[test]
fn a_run_writes_what_its_record_says() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    let text = done(folder, &format!("{JOB} --out a.safetensors"));
    let shown = json_lines(&text);
    let names: Vec<&str> = shown.iter().filter_map(|l| l["event"].as_str()).collect();
    for name in [
        "started",
        "phase",
        "trained",
        "held-out",
        "kept",
        "selected",
        "confusion",
        "gate",
        "phase-done",
        "checkpoint",
        "done",
    ] {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    let run_folder = folder.join("a.run");
    let phases: Vec<Value> = events(&run_folder)
        .into_iter()
        .filter(|l| l["event"] == "phase-done")
        .map(|l| l["phase"].clone())
        .collect();
    assert_eq!(
        phases,
        [
            "supervised",
            "teacher",
            "labelling",
            "student",
            "fine-tuning"
        ]
    );
    for line in events(&run_folder)
        .iter()
        .filter(|l| l["event"] == "confusion")
    {
        let images: u64 = line["matrix"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|row| row.as_array().into_iter().flatten())
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(images, 200, "{line}");
    }
    let settings: Value = serde_json::from_str(&read(&run_folder.join("run.json"))).expect("JSON");
    assert_eq!(settings["plan"]["k"], 20);
    assert_eq!(settings["unlabelled"]["images"], 400);
    assert_eq!(settings["classes"].as_array().map(Vec::len), Some(10));
    let kept = json_lines(&read(&run_folder.join("kept.jsonl")));
    assert_eq!(outcome(&run_folder)["kept"], kept.len());
    assert!(kept.len() > 100 && kept.len() <= 200);
    for pair in kept.windows(2).filter(|p| p[0]["class"] == p[1]["class"]) {
        assert!(pair[0]["key"].as_u64() >= pair[1]["key"].as_u64());
    }
    let picture = kept[0]["thumbnail"].as_str().expect("a picture");
    let picture = image::open(run_folder.join(picture))
        .expect("a picture")
        .into_luma8();
    let source = kept[0]["image"].as_str().expect("a name");
    let source = image::open(folder.join("unlabelled").join(source)).expect("an image");
    assert_eq!(picture, source.into_luma8());
    // What was written infers as it did at the end of the run, and says what it is.
    let end = outcome(&run_folder)["fine_tuned"]
        .as_f64()
        .expect("an accuracy");
    let text = done(
        folder,
        "eval --device model --model a.safetensors holdout --json",
    );
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let accuracy = value["accuracy"].as_f64().expect("an accuracy");
    // A weight's format is chosen anew when it is read.
    assert!((accuracy - end).abs() <= 0.5, "{accuracy} {end}");
    let text = done(
        folder,
        "infer --device model --model a.safetensors unlabelled --top 3 --json",
    );
    let lines = json_lines(&text);
    assert_eq!(lines.len(), 400);
    assert_eq!(lines[7]["image"], "00007.png");
    let best = lines[7]["best"].as_array().expect("classes");
    assert_eq!(best.len(), 3);
    assert!(best[0]["confidence"].as_f64() >= best[1]["confidence"].as_f64());
    let text = done(folder, "eval --device model --model a.safetensors holdout");
    assert!(
        text.contains("of 200 right") && text.lines().count() == 12,
        "{text}"
    );
}

#[test]
fn train_and_label_work_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 200, 100);
    let text = done(
        folder,
        "train --device model --network digits-student --labelled labelled --holdout holdout --images 640 --out n.safetensors",
    );
    assert!(text.contains("on 100 held-out images"), "{text}");
    // Its weights are where another run may begin.
    done(
        folder,
        "train --device model --network n.safetensors --labelled labelled --images 64 --out m.safetensors --json",
    );
    let text = done(
        folder,
        "label --device model --teacher TEACHER --teacher-network digits-teacher --unlabelled unlabelled --k 5 --top 2 --run l --json",
    );
    let kept = json_lines(&text);
    let kept: Vec<_> = kept.iter().filter(|l| l["event"].is_null()).collect();
    assert_eq!(kept.len(), 50, "{text}");
    assert_eq!(kept[0]["name"], "0");
}

/// ONNX goes in and out where safetensors do, with classes and normalisation.
#[test]
fn onnx_files_are_networks_too() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 200, 100);
    let learn = "train --device model --network digits-student --labelled labelled --images 640 --mean 0.1 --std 0.5 --json";
    done(folder, &format!("{learn} --out t.onnx"));
    done(folder, &format!("{learn} --out t.safetensors --run other"));
    let job = "adapt --device model --student t.onnx --labelled labelled --unlabelled unlabelled --holdout holdout \
         --images 640 --tune-images 160 --k 10 --gate -100 --json";
    done(folder, &format!("{job} --teacher t.onnx --out a.onnx"));
    done(
        folder,
        &format!("{job} --teacher t.safetensors --out b.safetensors"),
    );
    // The same teacher either way, so the same run.
    let of = |name: &str| outcome(&folder.join(name));
    let (a, b) = (of("a.run"), of("b.run"));
    assert_eq!(
        (&a["digest"], &a["fine_tuned"]),
        (&b["digest"], &b["fine_tuned"])
    );
    let settings: Value =
        serde_json::from_str(&read(&folder.join("a.run/run.json"))).expect("JSON");
    assert_eq!(settings["input"]["std"][0], 0.5);
    // No exponents are in an ONNX file: they are learnt from the images.
    let text = done(folder, "eval --device model --model a.onnx holdout --json");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let (found, end) = (value["accuracy"].as_f64(), a["fine_tuned"].as_f64());
    let (found, end) = (found.expect("a number"), end.expect("a number"));
    assert!((found - end).abs() <= 3.0, "{found} {end}");
    done(folder, "adapt --resume a.run --json");
}

/// Ctrl-C: the checkpoint is there, and the message says how to go on.
#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    done(folder, &format!("{JOB} --out a.safetensors"));
    let mut command = program(folder);
    command.args(words(&format!("{JOB} --out b.safetensors")));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let second = |l: &String| l.contains("\"trained\"");
    let seen = lines.by_ref().map_while(Result::ok).find(second);
    assert!(seen.is_some());
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .expect("kill");
    assert!(sent.success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let out = child.wait_with_output().expect("a process");
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(130), "{text}");
    assert!(
        text.contains("the device is idle") && text.contains("tandem adapt --resume b.run"),
        "{text}"
    );
    assert!(
        rest.last().is_some_and(|l| l.contains("\"stopped\"")),
        "{rest:?}"
    );
    done(folder, "adapt --resume b.run --json");
    equal(folder, "a", "b");
    // Another verb's run, and one that is complete.
    let text = support::refused(folder, "train --resume b.run");
    assert!(text.contains("use `tandem adapt --resume`"), "{text}");
    done(folder, "adapt --resume b.run --json");
    equal(folder, "a", "b");
}

/// One run, killed again and again.
#[test]
fn a_run_that_is_killed_five_times_ends_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    done(folder, &format!("{JOB} --out a.safetensors"));
    let seed = 5;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for kill in 0..5 {
        let complete = killed(folder, "b", &mut random, 60);
        println!("kill {kill}: complete {complete}");
    }
    finish(folder, "b");
    equal(folder, "a", "b");
}

/// Many runs, each killed once: `cargo test --release -p tandem-cli --test adapt -- --ignored --nocapture fifty`.
#[test]
#[ignore = "minutes"]
fn fifty_killed_runs_end_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    done(folder, &format!("{JOB} --out a.safetensors"));
    let seed = 50;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut kills = 0;
    for attempt in 0.. {
        let name = format!("k{attempt}");
        let run = folder.join(format!("{name}.run"));
        if killed(folder, &name, &mut random, 130) {
            // It was faster.
            continue;
        }
        let lines = std::fs::read_to_string(run.join("events.jsonl"));
        let lines = lines.map_or(0, |t| t.lines().count());
        finish(folder, &name);
        let events = read(&run.join("events.jsonl"));
        let resumed = events.lines().find(|l| l.contains("\"resumed\""));
        let resumed = resumed.unwrap_or("begun again");
        println!("kill {kills}: {lines} events, {resumed}");
        equal(folder, "a", &name);
        kills += 1;
        if kills == 50 {
            return;
        }
    }
}

/// The newest checkpoint is damaged: it is refused with the reason, the one before is used, and the end is the same. Two damaged ones end it.
#[test]
fn a_damaged_checkpoint_is_refused_and_the_one_before_used() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    done(folder, &format!("{JOB} --out a.safetensors"));
    let mut random = Random::new(9);
    killed(folder, "b", &mut random, 1);
    let run_folder = folder.join("b.run");
    // Until there are two.
    while !["checkpoint-0", "checkpoint-1"]
        .iter()
        .all(|n| run_folder.join(n).exists())
    {
        killed(folder, "b", &mut random, 40);
    }
    let number = |name: &str| {
        let bytes = std::fs::read(run_folder.join(name)).expect("a checkpoint");
        bytes[12]
    };
    let newest = if number("checkpoint-0") > number("checkpoint-1") {
        "checkpoint-0"
    } else {
        "checkpoint-1"
    };
    let path = run_folder.join(newest);
    let mut bytes = std::fs::read(&path).expect("a checkpoint");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&path, &bytes).expect("a file");
    let out = run(folder, "adapt --resume b.run");
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(
        text.contains("refused a checkpoint") && text.contains(&format!("{newest}: CRC-32")),
        "{text}"
    );
    equal(folder, "a", "b");
    for name in ["checkpoint-0", "checkpoint-1"] {
        std::fs::write(run_folder.join(name), "TANDEMCK").expect("a file");
    }
    let text = support::refused(folder, "adapt --resume b.run");
    assert!(
        text.contains("length: found 8") && text.contains("start the run again"),
        "{text}"
    );
}

/// A teacher whose labels are wrong: its student is refused, the exit code says so, and the file that comes out is the one that went in, byte
/// for byte. With a good teacher the same job passes.
#[test]
fn a_student_of_wrong_labels_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 20, 400, 200);
    let learn = "train --device model --network digits-student --images 1600 --json";
    done(
        folder,
        &format!("{learn} --labelled labelled --out runs.safetensors"),
    );
    // Every class under the name of the next.
    for class in 0..10 {
        let name = format!("wrong/{}", (class + 1) % 10);
        std::fs::create_dir_all(folder.join("wrong")).expect("a folder");
        let from = folder.join(format!("labelled/{class}"));
        let to = folder.join(name);
        std::fs::create_dir(&to).expect("a folder");
        for file in std::fs::read_dir(from).expect("images") {
            let file = file.expect("an image");
            std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
    }
    done(
        folder,
        &format!("{learn} --labelled wrong --out wrong.safetensors"),
    );
    let job = "adapt --device model --student runs.safetensors --labelled labelled --unlabelled unlabelled --holdout holdout \
         --no-baseline --images 1600 --tune-images 0 --k 20";
    let out = run(
        folder,
        &format!("{job} --teacher wrong.safetensors --out a.safetensors"),
    );
    let (shown, told) = (
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    );
    assert_eq!(out.status.code(), Some(1), "{told}");
    for text in [&shown, &told] {
        assert!(
            text.contains("gate refused: ") && text.contains("as it was given"),
            "{text}"
        );
    }
    let bytes = |name: &str| std::fs::read(folder.join(name)).expect("a file");
    assert!(
        bytes("a.safetensors") == bytes("runs.safetensors"),
        "other weights"
    );
    let end = outcome(&folder.join("a.run"));
    assert_eq!(end["gate"]["passed"], false);
    assert!(end["student"].as_f64() < end["before"].as_f64(), "{end}");
    let event = events(&folder.join("a.run"));
    let event = event
        .iter()
        .find(|l| l["event"] == "gate")
        .expect("an event");
    assert_eq!(event["verdict"], end["gate"]);
    done(folder, "report a.run");
    assert!(read(&folder.join("a.run/report.html")).contains("gate refused: "));
    // Seen again, it is as it was; without a gate it would have been written; a good teacher's student passes.
    let again = run(folder, "adapt --resume a.run --json");
    assert_eq!(again.status.code(), Some(1));
    assert!(
        bytes("a.safetensors") == bytes("runs.safetensors"),
        "other weights"
    );
    done(
        folder,
        &format!("{job} --teacher wrong.safetensors --no-gate --out b.safetensors"),
    );
    assert!(bytes("b.safetensors") != bytes("runs.safetensors"));
    let text = done(
        folder,
        &format!("{job} --teacher TEACHER --teacher-network digits-teacher --out c.safetensors"),
    );
    assert!(text.contains("gate passed: "), "{text}");
    assert!(bytes("c.safetensors") != bytes("runs.safetensors"));
}

/// Every way of learning that the command offers ends otherwise than the plain job, and as it would have ended when it is gone on with.
#[test]
fn options_change_the_student_and_survive_a_stop() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 400, 200);
    let job = JOB.replace("--gate -100", "--no-gate --no-baseline");
    // A tenth of the stream comes with a label.
    let events: String = (0..40)
        .map(|i| format!("{:05}.png,{}\n", 10 * i, i % 10))
        .collect();
    std::fs::write(folder.join("events.csv"), events).expect("a file");
    let mut digests = Vec::new();
    for (i, options) in [
        "",
        "--soft 0.5",
        "--soft 0.5 --temperature 4",
        "--soft 0.5 --soft-classes 2",
        "--schedule constant",
        "--schedule step,2,0.1",
        "--schedule warmup,5",
        "--refresh 50",
        "--events events.csv",
        "--tune-layers 1",
        "--mask 3",
        "--quota 1=5,2=7",
        "--teacher-tune-images 160 --teacher-tune-lr 0.01",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("o{i}");
        done(folder, &format!("{job} {options} --out {name}.safetensors"));
        let end = outcome(&folder.join(format!("{name}.run")));
        digests.push(end["digest"].to_string());
    }
    let mut unlike = digests.clone();
    unlike.sort();
    unlike.dedup();
    assert_eq!(unlike.len(), digests.len(), "{digests:?}");
    let all = "--soft 0.5 --soft-classes 3 --schedule step,2,0.1 --tune-layers fc1 --refresh 70 --events events.csv --mask 3 --quota 1=5 --teacher-tune-images 160";
    let line = format!("{job} {all} --checkpoint-every 0.02");
    done(folder, &format!("{line} --out a.safetensors"));
    let mut command = program(folder);
    command.args(words(&format!("{line} --out b.safetensors")));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let labelling = |l: &String| l.contains("\"trained\"") && l.contains("\"student\"");
    assert!(lines.map_while(Result::ok).any(|l| labelling(&l)));
    child.kill().expect("a process");
    child.wait().expect("a process");
    finish(folder, "b");
    equal(folder, "a", "b");
    let kept = json_lines(&read(&folder.join("a.run/kept.jsonl")));
    let of = |name: &str| kept.iter().filter(|k| k["name"] == name).count();
    assert_eq!((of("3"), of("1")), (0, 5));
}

/// A student like the teacher begins with its weights, and the teacher's file stays.
#[test]
fn a_student_of_the_teachers_own_kind() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 4, 200, 100);
    let teacher = folder.join("t.safetensors");
    std::fs::copy(
        support::data().join("teacher-shifted-1.safetensors"),
        &teacher,
    )
    .expect("a copy");
    let before = std::fs::read(&teacher).expect("a file");
    let job = JOB.replace("TEACHER", "t.safetensors");
    let job = job.replace("--student digits-student", "--self-training");
    let job = job.replace(
        "--images 960 --tune-images 160",
        "--images 64 --tune-images 0",
    );
    done(
        folder,
        &format!("{job} --no-baseline --teacher-tune-images 64 --out a.safetensors"),
    );
    assert!(std::fs::read(&teacher).expect("a file") == before);
    let end = outcome(&folder.join("a.run"));
    // What was given is what the teacher is, before it is tuned.
    assert_eq!(end["before"], end["teacher"]);
    assert!(end["teacher_tuned"].is_number());
    let settings: Value =
        serde_json::from_str(&read(&folder.join("a.run/run.json"))).expect("JSON");
    assert_eq!(settings["student"]["layers"], settings["teacher"]["layers"]);
    let text = support::refused(
        folder,
        &format!("{job} --student digits-student --out b.safetensors"),
    );
    assert!(text.contains("cannot be used with"), "{text}");
}
