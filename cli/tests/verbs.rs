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
    assert!(text.contains("operands of 16 bits"), "{text}");
    let (_, text) = tandem(&["info", "--device", "model", "--config", "cu"]);
    assert!(
        text.contains("operands of 8 bits, accumulators of 32"),
        "{text}"
    );
    assert!(text.contains("loss          none"), "{text}");
    assert!(text.contains("selector      none"), "{text}");
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

#[test]
fn the_bench_wants_a_device_that_counts_cycles() {
    let (out, _) = tandem(&["bench", "--device", "model"]);
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2));
    assert!(
        error.contains("no cycles") && error.contains("rtl"),
        "{error}"
    );
    let (out, _) = tandem(&["bench", "--layer", "4x4x4-4k1s1p0"]);
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(error.contains("batch"), "{error}");
    assert_eq!(out.status.code(), Some(2));
}

#[cfg(feature = "rtl")]
#[test]
fn the_bench_of_a_layer_has_its_three_products() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("bench.json").display().to_string();
    let charts = dir.path().join("charts").display().to_string();
    let layer = ["bench", "--config", "tiny", "--layer", "6x6x5-9k3s2p1b2"];
    let files = ["--json", path.as_str(), "--charts", charts.as_str()];
    let (out, text) = tandem(&[&layer[..], &files].concat());
    assert_eq!(out.status.code(), Some(0), "{text}");
    let json = std::fs::read_to_string(&path).expect("the results");
    let value: Value = serde_json::from_str(&json).expect("JSON");
    let rows = value["rows"].as_array().expect("rows");
    let phases: Vec<_> = rows
        .iter()
        .map(|r| r["phase"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(phases, ["forward", "dx", "dw"]);
    for row in rows {
        let of = |name: &str| row[name].as_f64().unwrap_or(-1.0);
        assert_eq!(of("macs"), 2.0 * 9.0 * 9.0 * 5.0 * 9.0);
        assert_eq!(of("cells"), 16.0);
        assert!(of("cycles") >= of("bound") && of("bound") >= of("macs") / 16.0);
        assert!((of("utilisation") - of("macs") / (16.0 * of("cycles"))).abs() < 1e-9);
        assert!((of("predicted") / of("cycles") - 1.0).abs() < 0.05, "{row}");
        let waits = of("stall_memory") + of("stall_vector") + of("stall_control");
        assert!(waits >= 0.0 && waits < of("cycles"), "{row}");
    }
    for chart in ["roofline.svg", "utilisation.svg"] {
        let svg = std::fs::read_to_string(format!("{charts}/{chart}")).expect("a chart");
        assert!(svg.starts_with("<svg") && svg.contains("6x6x5") | svg.contains("circle"));
    }
}
