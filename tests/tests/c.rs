//! The C example, compiled with the generated header alone, drives a served model through a pseudo-terminal.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use tandem_isa::config::{CU, E8X16, TINY};
use tandem_sim::model::Model;
use tandem_tests::served::Served;

#[test]
fn a_c_program_drives_the_model_with_the_header_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copy");
    let cc = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Command::new(&cc)
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
        .arg(root.join("include"))
        .arg(root.join("examples/c/copy.c"))
        .arg("-o")
        .arg(&program)
        .status()
        .unwrap_or_else(|e| panic!("cannot start {cc}: {e}; install a C compiler or set CC"));
    assert!(built.success());
    for config in [TINY, E8X16, CU] {
        let served = Served::pty(&config, 1 << 16, move || Model::new(&config, 1 << 16));
        let run = Command::new(&program).arg(served.path()).output().unwrap();
        let (text, error) = (
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr),
        );
        let expected = format!(
            "rows {}, lanes {}\ncopied {} bytes\nrefused 0x4000\n",
            config.rows,
            config.lanes,
            config.word_bytes()
        );
        assert_eq!(
            (text.as_ref(), error.as_ref()),
            (expected.as_str(), ""),
            "{}",
            config.name
        );
        assert!(run.status.success());
        served.end().unwrap();
    }
}
