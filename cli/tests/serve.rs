//! `tandem serve` and what uses it, as whole programs: a mapped file and a serial port, one verb after another, Ctrl-C on both sides.
#![cfg(target_os = "linux")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/sample.jsonl");

fn tandem(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command.args(args);
    command
}

fn run(args: &[&str]) -> (Output, String) {
    let out = tandem(args).output().expect("the program starts");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    (out, text)
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(sent.success());
}

/// A served device and what to give to --device.
struct Served {
    child: Child,
    device: String,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let serve = ["serve", "--device", "model", "--memory", "64M"];
        let mut child = tandem(&[&serve, args].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut device = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut device).expect("a line");
        let device = device.trim().into();
        Self { child, device }
    }

    /// Ctrl-C: it ends by itself, and well.
    fn end(mut self) {
        interrupt(&self.child);
        let status = self.child.wait().expect("its end");
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Only where a test has failed is it still there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What every served device does: conformance, doctor, registers, one program after another.
fn serves(served: &Served) {
    let device = ["--device", served.device.as_str()];
    let (out, text) = run(&[&["conformance", "--vectors", SAMPLE], &device[..]].concat());
    assert_eq!(
        (out.status.code(), text.as_str()),
        (Some(0), "22 passed, 0 failed\n")
    );
    let (out, text) = run(&[&["doctor", "--json", "--memory", "64K"], &device[..]].concat());
    assert_eq!(out.status.code(), Some(0), "{text}");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let outcome = |what: &str| {
        let of = found
            .as_array()
            .and_then(|all| all.iter().find(|f| f["what"] == what));
        of.map_or("missing", |f| f["outcome"].as_str().unwrap_or("none"))
            .to_string()
    };
    for what in [
        "access",
        "identity",
        "version",
        "configuration",
        "registers",
        "memory",
        "coherence",
    ] {
        assert_eq!(outcome(what), "good", "{what}: {text}");
    }
    let (out, text) = run(&[&["registers", "STATUS", "T_STATE"], &device[..]].concat());
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(
        text.contains("STATE=idle") && text.contains("RUNNING=0"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn a_mapped_file_is_served_and_a_program_on_it_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("engine");
    let file = path.display().to_string();
    let served = Served::start(&["--shared", &file]);
    assert_eq!(served.device, format!("mmap:{file}"));
    serves(&served);
    // The demo takes many seconds: it is stopped when it is seen to be at work.
    let mut demo = tandem(&["demo", "--device", &served.device])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = BufReader::new(demo.stderr.take().expect("its errors"));
    let mut text = String::new();
    said.read_line(&mut text).expect("a line");
    assert!(text.contains("seed 1"), "{text}");
    // Nobody else may use the device meanwhile.
    let (out, _) = run(&["registers", "--device", &served.device]);
    assert_eq!(out.status.code(), Some(2));
    interrupt(&demo);
    let status = demo.wait().expect("its end");
    said.read_to_string(&mut text).expect("text");
    assert_eq!(status.code(), Some(130), "{text}");
    serves(&served);
    served.end();
    assert!(!path.exists());
    let (out, _) = run(&["info", "--device", &format!("mmap:{file}")]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn a_serial_port_is_served() {
    let served = Served::start(&["--config", "8x16", "--pty"]);
    assert!(
        served.device.starts_with("uart:/dev/pts/"),
        "{}",
        served.device
    );
    serves(&served);
    let (out, text) = run(&["info", "--json", "--device", &served.device]);
    assert_eq!(out.status.code(), Some(0));
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["config"], "8x16");
    // Asked for as another, it is refused with what it is.
    let (out, _) = run(&["info", "--config", "tiny", "--device", &served.device]);
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(error.contains("choose --config 8x16"), "{error}");
    served.end();
}

#[test]
fn what_cannot_be_served_is_refused() {
    for (args, word) in [
        (&["serve", "--device", "model"][..], "--pty"),
        (
            &["serve", "--device", "model", "--pty", "--memory", "5"],
            "4096",
        ),
        (
            &["serve", "--device", "mmap:/dev/uio0", "--pty"],
            "model or rtl",
        ),
        (
            &[
                "serve",
                "--device",
                "model",
                "--shared",
                "/no/such/folder/x",
            ],
            "/dev/shm",
        ),
        (&["info", "--device", "uart:"], "/dev/ttyUSB1"),
        (
            &["info", "--device", "uart:/dev/no-such-port"],
            "tandem doctor",
        ),
    ] {
        let (out, _) = run(args);
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{error}");
        assert!(error.contains(word), "{args:?}: {error}");
    }
    let (out, text) = run(&["doctor", "--device", "uart:/dev/no-such-port"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text.contains("is not there"), "{text}");
}
