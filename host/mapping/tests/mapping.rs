//! Words, blocks and bounds on a file, and what a register access is compiled to.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::sync::atomic::Ordering;
use tandem_mapping::Mapping;

fn file(bytes: u64) -> File {
    let file = tempfile::tempfile().unwrap();
    file.set_len(bytes).unwrap();
    file
}

#[test]
fn words_are_those_of_the_file_and_bounded() {
    let file = file(8192);
    file.write_all_at(&[1, 2, 3, 4], 4096 + 8).unwrap();
    let m = Mapping::new(&file, 4096, 4096).unwrap();
    assert_eq!((m.bytes(), m.load(8)), (4096, Some(0x0403_0201)));
    assert_eq!(m.store(4092, 0x0a0b_0c0d), Some(()));
    let mut found = [0; 4];
    file.read_exact_at(&mut found, 8188).unwrap();
    assert_eq!(found, [0x0d, 0x0c, 0x0b, 0x0a]);
    for outside in [2, 4093, 4096, usize::MAX - 3, usize::MAX] {
        assert_eq!((m.load(outside), m.store(outside, 1)), (None, None));
        assert!(m.atomic(outside).is_none());
    }
    let atomic = m.atomic(4092).unwrap();
    assert_eq!(atomic.fetch_add(1, Ordering::Relaxed), 0x0a0b_0c0d);
    assert_eq!(m.load(4092), Some(0x0a0b_0c0e));
}

#[test]
fn blocks_of_every_alignment_are_copied_whole_and_alone() {
    let m = Mapping::new(&file(4096), 0, 4096).unwrap();
    let data: Vec<u8> = (1..=64).collect();
    for start in 0..17 {
        for bytes in 0..40 {
            m.write(0, &[0xee; 128]).unwrap();
            m.write(start, &data[..bytes]).unwrap();
            let mut all = [0; 128];
            m.read(0, &mut all).unwrap();
            let mut expected = [0xee; 128];
            expected[start..start + bytes].copy_from_slice(&data[..bytes]);
            assert_eq!(all, expected);
            let mut some = vec![0; bytes];
            m.read(start, &mut some).unwrap();
            assert_eq!(some, data[..bytes]);
        }
    }
    assert!(m.read(4096, &mut []).is_some() && m.write(4090, &data[..6]).is_some());
    assert!(m.read(4097, &mut []).is_none() && m.write(4090, &data[..7]).is_none());
    assert!(m.read(usize::MAX, &mut [0; 2]).is_none());
}

/// After optimisation a read is one volatile load and no store, a write one volatile store and no load; each of those becomes one
/// instruction. What else there is compares the offset with the mapping's bounds.
#[test]
fn a_register_access_is_one_load_or_one_store() {
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("one_access");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "rustc",
            "--release",
            "--quiet",
            "--package",
            "tandem-mapping",
        ])
        .args(["--example", "one_access", "--target-dir"])
        .arg(&target)
        .args(["--", "--emit=llvm-ir", "-Ccodegen-units=1"])
        .status()
        .unwrap();
    assert!(built.success());
    let folder = target.join("release/examples");
    let newest = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "ll"))
        .max_by_key(|path| path.metadata().and_then(|m| m.modified()).ok())
        .expect("LLVM's text");
    let text = std::fs::read_to_string(newest).unwrap();
    for (function, loads, stores) in [("one_read", 1, 0), ("one_write", 0, 1)] {
        let start = text
            .lines()
            .position(|l| l.starts_with("define") && l.contains(function))
            .unwrap_or_else(|| panic!("no {function} in the compiled example"));
        let body: Vec<&str> = text
            .lines()
            .skip(start)
            .take_while(|line| *line != "}")
            .collect();
        let count = |what: &str| body.iter().filter(|line| line.contains(what)).count();
        let found = (count("load volatile i32"), count("store volatile i32"));
        assert_eq!(found, (loads, stores), "{}", body.join("\n"));
        assert_eq!(count("volatile"), loads + stores, "{}", body.join("\n"));
        assert_eq!(count("call"), 0, "{}", body.join("\n"));
    }
}
