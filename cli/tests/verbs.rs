//! The verbs on the model: what they print and with which exit code.

use serde_json::Value;
use std::process::{Command, Output};

fn tandem(args: &[&str]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    let out = command.args(args).output().expect("the program starts");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    (out, text)
}

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/sample.jsonl");

#[test]
fn the_sample_vectors_pass() {
    for config in ["tiny", "8x16"] {
        let device = ["conformance", "--device", "model", "--config", config];
        let (out, text) = tandem(&[&device[..], &["--vectors", SAMPLE]].concat());
        assert_eq!(
            (out.status.code(), text.as_str()),
            (Some(0), "22 passed, 0 failed\n")
        );
    }
}

/// One value of every kind is changed: each must be found, and the first of each kind shown.
#[test]
fn every_changed_vector_fails() {
    let text = std::fs::read_to_string(SAMPLE).expect("the sample");
    let expected = |op: &str| match op {
        "exponent" => vec!["state"],
        "random" => vec!["next_key"],
        "softmax_ce" => vec!["g"],
        "sgd" => vec!["v_next"],
        "conv_dx" | "max_pool" => vec!["dx", "q"],
        "conv_dw" => vec!["db", "q"],
        "conv_forward" => vec!["y", "q"],
        _ => vec!["y"],
    };
    let (mut changed, mut places) = (String::new(), Vec::new());
    for (i, line) in text.lines().enumerate() {
        let mut v: Value = serde_json::from_str(line).expect("JSON");
        let op = v["op"].as_str().expect("a kind").to_string();
        let mut at = &mut v;
        for name in expected(&op) {
            at = &mut at[name];
        }
        while at.is_array() {
            let last = at.as_array().map_or(0, Vec::len) - 1;
            at = &mut at[last];
        }
        *at = (at.as_i64().expect("a number") ^ 1).into();
        changed += &format!("{v}\n");
        if i % 2 == 0 {
            places.push(format!("{op} vector {i}"));
        }
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("changed.jsonl").display().to_string();
    std::fs::write(&path, changed).expect("a temporary file");
    let (out, text) = tandem(&["conformance", "--device", "model", "--vectors", &path]);
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().last(), Some("0 passed, 22 failed"), "{text}");
    assert_eq!(text.lines().count(), 12, "{text}");
    for place in places {
        let line = text.lines().find(|l| l.starts_with(&place));
        let line = line.unwrap_or_else(|| panic!("no `{place}` in {text}"));
        assert!(
            line.contains("expected") && line.contains("found"),
            "{line}"
        );
    }
}

#[test]
fn info_decodes_the_registers() {
    let (out, text) = tandem(&["info", "--device", "model", "--config", "tiny", "--json"]);
    assert_eq!(out.status.code(), Some(0));
    let v: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&v["id"], &v["config"]), (&"TNDM".into(), &"tiny".into()));
    assert_eq!(
        (v["rows"].as_u64(), v["lanes"].as_u64()),
        (Some(4), Some(4))
    );
    let (_, text) = tandem(&["info", "--device", "model"]);
    assert!(text.contains("8 rows x 16 columns"), "{text}");
}

/// The short demo gains on the supervised student, and gives the same digest alone and as one of several seeds.
#[test]
fn the_demo_on_the_model() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (one, two) = (path("one.json"), path("two.json"));
    let read = |path: &str| -> Value {
        let text = std::fs::read_to_string(path).expect("results");
        serde_json::from_str(&text).expect("JSON")
    };
    let (out, text) = tandem(&["demo", "--device", "model", "--json", &one]);
    assert_eq!(out.status.code(), Some(0));
    let v = read(&one);
    let points = |name: &str| v[name].as_f64().expect("an accuracy");
    assert!(points("finetuned") >= points("supervised") + 6.0, "{text}");
    assert!(
        text.contains(v["digest"].as_str().expect("a digest")),
        "{text}"
    );
    assert_eq!(v["selector"]["seen"], 2000);
    for name in [
        "device",
        "config",
        "seed",
        "teacher",
        "pretrained",
        "cycles",
        "seconds",
    ] {
        assert!(!v[name].is_null(), "{name}");
    }
    let (out, text) = tandem(&["demo", "--device", "model", "--seeds", "2", "--json", &two]);
    assert_eq!(out.status.code(), Some(0));
    let list = read(&two);
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(list[0]["digest"], v["digest"]);
    assert_ne!(list[1]["digest"], v["digest"]);
    assert!(
        text.contains("2 seeds") && text.contains("at worst"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 2);
}
