//! The generated files are what the generator writes, and what they show is true.

#[path = "../examples/generate/pages/mod.rs"]
mod pages;

use std::process::Command as Process;
use tandem_isa::{command::FORMATS, Command};

#[test]
fn generated_files_are_fresh() {
    for (path, text) in pages::files() {
        let expected = pages::whole(path, text).unwrap();
        let found = std::fs::read_to_string(pages::root().join(path)).unwrap_or_default();
        let line = expected
            .lines()
            .zip(found.lines())
            .position(|(a, b)| a != b)
            .map_or("its end".to_string(), |i| format!("line {}", i + 1));
        assert!(
            expected.replace('\r', "") == found.replace('\r', ""),
            "{path} is stale from {line} on: run `cargo xtask generate`"
        );
    }
}

#[test]
fn every_command_has_an_example_that_the_engine_accepts() {
    for format in FORMATS {
        let (text, command) = pages::examples::of(format.name)
            .unwrap_or_else(|| panic!("{}: no example", format.name));
        assert!(!text.is_empty());
        assert_eq!(Command::decode(&command.encode()), Ok(command));
    }
}

#[test]
fn every_register_stands_in_the_page_once() {
    let page = &pages::files()[0].1;
    for r in tandem_isa::register::ALL {
        let row = format!("| {:#05x} | {} |", r.offset, r.name);
        assert_eq!(page.matches(&row).count(), 1, "{}", r.name);
    }
}

/// A C program writes the examples with the header; the bytes are those of the Rust encoder.
#[test]
fn c_writes_the_same_commands() {
    let mut body = String::new();
    for (_, command) in pages::examples::all() {
        let (b, f) = (command.encode(), command.format());
        let name = f.name.to_uppercase();
        body += &format!("    memset(c, 0, sizeof c); c[0] = TANDEM_{name}_OPCODE;\n");
        for (flag, bit, _) in f.flags {
            if b[1] & bit != 0 {
                body += &format!("    c[1] |= TANDEM_{name}_FLAG_{flag};\n");
            }
        }
        body += &format!("    c[2] = {}; c[3] = {};\n", b[2], b[3]);
        for v in f.fields {
            let of = format!("TANDEM_{name}_{}", v.name.to_uppercase());
            body += &format!(
                "    tandem_put(c, {of}_BYTE, {of}_BITS, {}u);\n",
                v.read(&b) as u32
            );
        }
        body += "    fwrite(c, 1, sizeof c, stdout);\n";
    }
    let source = format!(
        "#include <stdio.h>\n#include <string.h>\n#include \"tandem.h\"\nint main(void)\n{{\n    uint8_t c[TANDEM_COMMAND_BYTES];\n{body}    return 0;\n}}\n"
    );
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(dir.join("commands.c"), source).unwrap();
    let program = dir.join("commands");
    let cc = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Process::new(&cc)
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
        .arg(pages::root().join("host/include"))
        .arg(dir.join("commands.c"))
        .arg("-o")
        .arg(&program)
        .status()
        .unwrap_or_else(|e| panic!("cannot start {cc}: {e}; install a C compiler or set CC"));
    assert!(built.success());
    let found = Process::new(&program).output().unwrap().stdout;
    let expected: Vec<u8> = pages::examples::all()
        .iter()
        .flat_map(|(_, c)| c.encode())
        .collect();
    assert_eq!(found, expected);
}
