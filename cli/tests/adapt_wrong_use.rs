//! What the verbs on a user's images say when they cannot do what is asked: every message as it stands.

mod support;

use std::fs;
use support::{done, folders, refused};

const ADAPT: &str = "adapt --device model --teacher TEACHER --teacher-network digits-teacher --student digits-student \
     --labelled labelled --unlabelled unlabelled --images 64 --tune-images 32 --no-baseline --out a.safetensors";

#[test]
fn every_refusal_says_what_to_do() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 1, 20, 10);
    fs::create_dir(folder.join("empty")).expect("a folder");
    fs::write(
        folder.join("text.safetensors"),
        "hello, this is no file of weights",
    )
    .expect("a file");
    fs::write(folder.join("text.onnx"), "hello, this is no network").expect("a file");
    let with = |more: &str| format!("{ADAPT} {more}");
    let instead = |old: &str, new: &str| ADAPT.replace(old, new);
    let teacher = support::data().join("teacher-shifted-1.safetensors");
    let teacher = teacher.display().to_string();
    for (line, said) in [
        (
            instead("--unlabelled unlabelled", "--unlabelled gone"),
            "gone: reading: found No such file or directory (os error 2), expected a readable file; check that the file is there and its permissions",
        ),
        (
            instead("--unlabelled unlabelled", "--unlabelled empty"),
            "empty: images: found nothing, expected PNG or JPEG files; give a folder that has images, or convert them",
        ),
        (
            instead("--labelled labelled", "--labelled unlabelled"),
            "unlabelled: classes: found 0 subfolders, 20 images, expected a subfolder a class; make a folder for every class and put its images there",
        ),
        (
            instead("--student digits-student", "--student alexnet"),
            "--student: network: found alexnet, expected digits-student, digits-teacher, lenet-5, plain-8, resnet-20, or KINDS; choose one of these",
        ),
        (
            instead("--teacher-network digits-teacher", ""),
            "--teacher TEACHER: architecture of the weights file: found none in its metadata, expected one there, or a name; name the network \
             the weights are of (--teacher-network names it: digits-student, digits-teacher, lenet-5, plain-8, resnet-20)",
        ),
        (
            instead("TEACHER", "text.safetensors"),
            "--teacher text.safetensors: header of the weights file: found 8367736964726416744 bytes, expected at most 1048576; \
             check that it is a safetensors file",
        ),
        (
            instead("TEACHER", "text.onnx"),
            "--teacher text.onnx: ONNX file: found bytes that are no ONNX model",
        ),
        (
            instead("TEACHER", "weights.pth"),
            "--teacher: kind of file: found weights.pth, expected KINDS; give a file of one of these kinds",
        ),
        (
            instead("a.safetensors", "a.txt"),
            "--out: kind of file: found a.txt, expected KINDS; end its name with one of these",
        ),
        (
            instead("a.safetensors", "none/a.safetensors"),
            "--out: folder: found none, expected a folder that is there; make the folder, or give another",
        ),
        (
            with("--gate 1"),
            "--gate: it: found without --holdout, expected images to judge by; give labelled images to --holdout",
        ),
        (
            with("--gate 1 --holdout holdout"),
            "--gate: it: found with --no-baseline and a student without weights, expected something to be ahead of; \
             leave out --no-baseline, or give a file of weights to --student",
        ),
        (with("--top 9"), "top: found 9, expected 1 to 4; use P from 1 to 4"),
        (with("--batch 0"), "batch: found 0, expected 1 to 4095; use a smaller batch"),
        (with("--lr 0"), "lr: found 0, expected 0.000001 to 4; 0.05 is where to start"),
        (
            with("--key best"),
            "--key: what ranks a sample: found best, expected confidence, recent, random, random-above; choose one of these",
        ),
        (
            with("--schedule linear"),
            "--schedule: kind: found linear, expected cosine, constant, warmup with steps, or step with how often and what is left; give one, as step,2,0.1",
        ),
        (
            with("--schedule warmup,0"),
            "schedule.steps: found 0, expected 1 to 1000000; a twentieth of the steps is where to start",
        ),
        (
            with("--events nowhere.csv"),
            "nowhere.csv: list of events: found No such file or directory (os error 2), expected lines of text; give a file with a line for every event",
        ),
        (
            with("--quota 3:5"),
            "--quota: quota: found 3:5, expected a class and a number; give one, as 3=20",
        ),
        (
            with("--quota 3=5000"),
            "quota: found 5000 for class 3, expected 1 to K, which is 1; use the mask for none, and a larger K for more",
        ),
        (
            with("--mask three"),
            "class of the mask: found three, expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; name classes as their folders are named",
        ),
        (
            with("--tune-layers fc2"),
            "layers to fine-tune: found fc2, expected conv1, conv2, fc1; choose layers of the student that have weights",
        ),
        (
            with("--soft 2"),
            "soft.share: found 2, expected 0 to 1; 0 is none, 0.5 is where to start",
        ),
        (
            with("--teacher-tune-images 3"),
            "teacher_images: found 3, expected 32 to 1099511627776; fine-tune on one batch at least, or on none",
        ),
        (
            with("--mean 0.1,0.2"),
            "mean of the images: found [0.1, 0.2], expected one value, or 1, from 0 to 1000; give those the teacher was trained with, for pixels from 0 to 1",
        ),
        (
            with("--k 2000"),
            "selection: entries (classes x K rounded up to a power of two): found 20480, the limit is 8192, 12288 too many; keep fewer samples a class",
        ),
        (
            with("--min-confidence 1"),
            "kept samples: found none of 20 scores, expected one at least; lower the smallest confidence, or give more images",
        ),
        (
            with("--device toaster"),
            "cannot be used multiple times",
        ),
        (
            "adapt --resume none".into(),
            "none/run.json: reading: found No such file or directory (os error 2), expected the settings of a run; \
             give the folder of a run; one that ended before it began is started again without --resume",
        ),
        ("adapt".into(), "required arguments were not provided"),
    ] {
        let text = refused(folder, &line);
        let text = text.replace(&teacher, "TEACHER");
        let said = said.replace("KINDS", "a .safetensors or .onnx file");
        assert!(text.contains(&said), "{line}\nsays: {text}\nnot:  {said}");
        let _ = fs::remove_dir_all(folder.join("a.run"));
    }
}

#[test]
fn classes_that_do_not_go_together_are_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 1, 20, 60);
    fs::rename(folder.join("holdout/3"), folder.join("holdout/three")).expect("a folder");
    let text = refused(folder, &format!("{ADAPT} --holdout holdout"));
    assert!(
        text.contains("holdout/three: class: found `three`, expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; use the same subfolders everywhere"),
        "{text}"
    );
    // A teacher of other outputs.
    fs::remove_dir_all(folder.join("labelled/9")).expect("a folder");
    let text = refused(folder, ADAPT);
    assert!(
        text.contains("fc2.weight: [10, 128], expected [9, 128]; use the weights of this network"),
        "{text}"
    );
    done(
        folder,
        "train --device model --network digits-student --labelled labelled --images 64 --out n.safetensors --json",
    );
    fs::rename(folder.join("holdout/three"), folder.join("holdout/3")).expect("a folder");
    let text = refused(folder, "eval --device model --model n.safetensors holdout");
    assert!(text.contains("holdout/9: class: found `9`"), "{text}");
}

/// A run's folder is taken once, and its images must stay as they were.
#[test]
fn a_run_keeps_its_folder_and_its_images() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 1, 20, 10);
    let line = format!("{ADAPT} --json");
    done(folder, &line);
    let text = refused(folder, &line);
    assert!(
        text.contains("a.run: folder of the run: found another run, expected none; go on with it by --resume, or give another folder by --run"),
        "{text}"
    );
    fs::remove_file(folder.join("unlabelled/00007.png")).expect("a file");
    let text = refused(folder, "adapt --resume a.run");
    assert!(
        text.contains("unlabelled: images of the run: found 19 images, fingerprint ")
            && text.contains("put the files back as they were, or start a new run"),
        "{text}"
    );
}

#[test]
fn an_image_that_is_none_is_named() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path();
    folders(folder, 1, 20, 10);
    fs::write(folder.join("unlabelled/00013.png"), "hello").expect("a file");
    let text = refused(folder, ADAPT);
    assert!(
        text.contains("unlabelled/00013.png: image: found ")
            && text.contains("replace the file, or remove it from the folder"),
        "{text}"
    );
}

#[test]
fn completions_know_the_verbs() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = done(dir.path(), &format!("completions {shell}"));
        assert!(
            text.contains("adapt") && text.contains("teacher-network"),
            "{shell}"
        );
    }
}
