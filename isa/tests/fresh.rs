//! The generated files are what the generator writes, and what they show is true.

#[path = "../examples/generate/pages/mod.rs"]
mod pages;

use std::process::Command as Process;
use tandem_isa::{command::FORMATS, register, Command};

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

/// What another program's reader makes of the SVD is the table.
#[test]
fn the_svd_says_what_the_table_says() {
    let svd = pages::files();
    let svd = svd.iter().find(|f| f.0.ends_with(".svd")).unwrap();
    let strict = svd_parser::Config::default().validate_level(svd_parser::ValidateLevel::Strict);
    let device = svd_parser::parse_with_config(&svd.1, &strict).unwrap();
    let found: Vec<_> = device.peripherals[0].all_registers().collect();
    assert_eq!(found.len(), register::ALL.len());
    for (found, r) in found.iter().zip(register::ALL) {
        assert_eq!(found.address_offset, r.offset, "{}", r.name);
        let fields = found.fields().collect::<Vec<_>>();
        assert_eq!(fields.len(), r.fields.len(), "{}", r.name);
        for (found, f) in fields.iter().zip(r.fields) {
            let range = (found.name.as_str(), found.bit_offset(), found.bit_width());
            assert_eq!(range, (f.name, f.low, f.bits), "{}", r.name);
            let names = found.enumerated_values.iter().map(|v| v.values.len());
            assert_eq!(names.sum::<usize>(), f.values.len(), "{}", r.name);
        }
        let reads = found.properties.access.is_some_and(|a| a.can_read());
        assert_eq!(reads, r.access != register::Access::WriteOnly, "{}", r.name);
        let (times, distance) = r.repeats();
        let dim = match found {
            svd_parser::svd::MaybeArray::Array(_, dim) => (dim.dim, dim.dim_increment),
            svd_parser::svd::MaybeArray::Single(_) => (1, 0),
        };
        assert_eq!(dim, (times, distance), "{}", r.name);
    }
}

#[test]
fn the_json_says_what_the_table_says() {
    let json = pages::files();
    let json = json.iter().find(|f| f.0.ends_with(".json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json.1).unwrap();
    let found = json["registers"].as_array().unwrap();
    assert_eq!(found.len(), register::ALL.len());
    for (found, r) in found.iter().zip(register::ALL) {
        assert_eq!(
            (&found["name"], &found["offset"]),
            (&r.name.into(), &r.offset.into())
        );
        assert_eq!(
            found["fields"].as_array().map(Vec::len),
            Some(r.fields.len())
        );
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
