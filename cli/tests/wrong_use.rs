//! What the program says when it cannot do what is asked: exit code 2, and what, where, expected, found, what to do.

use std::path::Path;
use std::process::{Command, Output};

fn tandem(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command.args(args).output().expect("the program starts")
}

/// The message of a request that must be refused.
fn refused(args: &[&str]) -> String {
    let out = tandem(args);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{args:?}: {text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn says(args: &[&str], words: &[&str]) {
    let text = refused(args);
    for word in words {
        assert!(text.contains(word), "{args:?}: no `{word}` in: {text}");
    }
}

fn vectors(dir: &Path, text: &str) -> String {
    let path = dir.join("vectors.jsonl");
    std::fs::write(&path, text).expect("a temporary file");
    path.display().to_string()
}

const SAMPLE: &str = include_str!("../../tests/vectors/sample.jsonl");

#[test]
fn unknown_names_are_refused_with_those_there_are() {
    says(&["fly"], &["fly", "Usage"]);
    says(&[], &["Usage"]);
    says(
        &["info", "--config", "9x9"],
        &["--config", "9x9", "tiny", "8x16"],
    );
    says(
        &[
            "conformance",
            "--device",
            "model",
            "--config",
            "cu",
            "--vectors",
            "none",
        ],
        &["--config", "cu", "16-bit operands"],
    );
    says(
        &["info", "--device", "toaster"],
        &["--device", "toaster", "model"],
    );
    says(
        &["demo", "--device", "model", "--config", "9x9"],
        &["9x9", "8x16"],
    );
    says(
        &["demo", "--device", "model", "--seeds", "0"],
        &["--seeds", "0"],
    );
    says(
        &[
            "demo",
            "--device",
            "model",
            "--seed",
            "4294967295",
            "--seeds",
            "2",
        ],
        &["--seeds"],
    );
    says(
        &["demo", "--device", "model", "--seed", "77"],
        &["splits.json", "77"],
    );
}

#[test]
fn missing_and_broken_files_are_named() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let model = ["conformance", "--device", "model", "--vectors"];
    let with = |path: &str| [&model[..], &[path]].concat().join("\n");
    let check = |path: &str, words: &[&str]| {
        let line = with(path);
        says(&line.split('\n').collect::<Vec<_>>(), words);
    };
    check(
        "/nonexistent/v.jsonl",
        &["/nonexistent/v.jsonl", "expected"],
    );
    check(&vectors(dir.path(), ""), &["none", "at least one"]);
    let cut = &SAMPLE[..SAMPLE.len() - 100];
    check(
        &vectors(dir.path(), cut),
        &["line 22", "truncated", "complete JSON"],
    );
    check(
        &vectors(dir.path(), "{\"op\":\"divide\"}\n"),
        &["line 1", "divide", "r_shift"],
    );
    check(
        &vectors(
            dir.path(),
            "{\"op\":\"requant\",\"x\":1,\"s\":48,\"y\":0}\n",
        ),
        &["line 1", "`s`", "48", "47"],
    );
    check(
        &vectors(dir.path(), "{\"op\":\"requant\",\"x\":1,\"y\":0}\n"),
        &["`s`", "nothing"],
    );
    let short = SAMPLE
        .lines()
        .find(|l| l.contains("conv_dx"))
        .expect("a vector");
    let short = short.replacen("\"q\":[", "\"q\":[5,", 1);
    check(
        &vectors(dir.path(), &short),
        &["`g` of `conv_dx`", "values", "shape"],
    );
    says(
        &["demo", "--device", "model", "--data", "/nonexistent"],
        &["--data", "/nonexistent", "splits.json"],
    );
    let data = dir.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(data.join("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0]).expect("a file");
    let data = data.display().to_string();
    says(
        &["demo", "--device", "model", "--data", &data],
        &["train-labels-idx1-ubyte", "header", "expected"],
    );
}

/// A sum of 65541 products on a bias is one too many.
#[test]
fn a_sum_over_the_bound_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let ci = 65_541;
    let zeros = vec!["0"; ci].join(",");
    let text = format!(
        "{{\"op\":\"conv_forward\",\"x\":{{\"shape\":[1,{ci},1,1],\"f\":8,\"q\":[{zeros}]}},\
         \"w\":{{\"shape\":[1,{ci},1,1],\"f\":8,\"q\":[{zeros}]}},\"b\":{{\"shape\":[1],\"f\":14,\"q\":[0]}},\
         \"stride\":1,\"pad\":0,\"relu\":false,\"E\":8,\"mask\":0,\"y\":{{\"shape\":[1,1,1,1],\"f\":9,\"q\":[0]}}}}\n"
    );
    says(
        &[
            "conformance",
            "--device",
            "model",
            "--vectors",
            &vectors(dir.path(), &text),
        ],
        &["line 1", "65541", "65540"],
    );
}

#[test]
fn nothing_half_written_is_left() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let json = dir.path().join("no/such/folder.json").display().to_string();
    says(
        &["demo", "--device", "model", "--json", &json],
        &["folder.json", "--json"],
    );
    let folder = dir.path().display().to_string();
    says(
        &["demo", "--device", "model", "--json", &folder],
        &[&folder],
    );
    let json = dir.path().join("r.json").display().to_string();
    // The tiny engine's selector has no room for this study: refused after the file was prepared.
    says(
        &[
            "demo", "--device", "model", "--config", "tiny", "--json", &json,
        ],
        &["selection", "limit"],
    );
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 0);
}
