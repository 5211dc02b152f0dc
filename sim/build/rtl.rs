//! The part of the build that needs Verilator. An error here ends the build with its message.
use std::path::{Path, PathBuf};
use std::{env, fs};
use tandem_hdl::verilate::{hash, target_dir, Verilator};

/// A design with the engine's ports: name, top module, Verilog.
struct Design {
    name: String,
    top: String,
    text: String,
}

type Failure = Box<dyn std::error::Error>;

/// Builds every design and writes the table of them.
pub fn build() {
    for file in ["build.rs", "build", "src/rtl/cpp", "tests/fixture"] {
        println!("cargo:rerun-if-changed={file}");
    }
    for variable in ["TANDEM_VERILATOR", "CXX", "PATH"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    if let Err(error) = build_all() {
        eprintln!("\nthe simulated RTL cannot be built: {error}\n");
        std::process::exit(1);
    }
}

fn build_all() -> Result<(), Failure> {
    let verilator = Verilator::find()?;
    let traced = env::var_os("CARGO_FEATURE_TRACE").is_some();
    let mut table = String::new();
    let mut names = vec![];
    for design in designs()? {
        library(&verilator, &design, false)?;
        table += &arm(&design.name, false);
        if traced {
            library(&verilator, &design, true)?;
            table += &arm(&design.name, true);
        }
        names.push(design.name);
    }
    runtime(&verilator, traced)?;
    println!("cargo:rustc-link-lib=stdc++");
    println!("cargo:rustc-link-lib=atomic");
    println!("cargo:rustc-link-lib=pthread");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("designs.rs");
    let declared: String = table.lines().filter_map(|l| l.split_once("=> Some(")).fold(
        String::new(),
        |text, (_, rest)| {
            let symbol = rest.trim_end_matches("),");
            text + &format!("    fn {symbol}() -> *const RawApi;\n")
        },
    );
    let text = format!(
        "extern \"C\" {{\n{declared}}}\n\
         const NAMES: &[&str] = &{names:?};\n\
         fn table(name: &str, traced: bool) -> Option<Table> {{\n\
         \x20   match (name, traced) {{\n{table}        _ => None,\n    }}\n}}\n"
    );
    fs::write(out, text)?;
    Ok(())
}

fn symbol(name: &str, traced: bool) -> String {
    format!("tandem_rtl_{name}{}", if traced { "_traced" } else { "" })
}

fn arm(name: &str, traced: bool) -> String {
    format!(
        "        ({name:?}, {traced}) => Some({}),\n",
        symbol(name, traced)
    )
}

/// The designs to build.
fn designs() -> Result<Vec<Design>, Failure> {
    let mut designs = vec![];
    for config in tandem_isa::config::ALL {
        designs.push(Design {
            name: config.name.into(),
            top: tandem_hdl::configured::TOP.into(),
            text: tandem_hdl::configured::verilog_of(config)?,
        });
    }
    if env::var_os("CARGO_FEATURE_FIXTURE").is_some() {
        designs.push(Design {
            name: "fixture".into(),
            top: "copier".into(),
            text: fs::read_to_string("tests/fixture/copier.v")?,
        });
    }
    Ok(designs)
}

/// Verilates and compiles one design, unless the cache has it, and links it.
fn library(verilator: &Verilator, design: &Design, traced: bool) -> Result<(), Failure> {
    let shim = Path::new("src/rtl/cpp");
    let mut shim_text = String::new();
    for file in ["api.h", "rules.h", "memory.h", "shim.cpp"] {
        shim_text += &fs::read_to_string(shim.join(file))?;
    }
    let compiler = compiler();
    let symbol = symbol(&design.name, traced);
    let prefix = format!("V{symbol}");
    let mut flags = vec!["-Wno-fatal", "-O3", "--output-split", "20000"];
    if traced {
        flags.push("--trace-fst");
    }
    let tools = format!("{} {}", verilator.bin.display(), compiler.path);
    let script = include_str!("rtl.rs");
    let key = hash(&[
        &design.text,
        &shim_text,
        script,
        &flags.join(" "),
        &tools,
        &prefix,
    ]);
    let dir = cache().join(format!("{}-{}", symbol, &key[..16]));
    if !dir.join("done").is_file() {
        let _ = fs::remove_dir_all(&dir);
        let obj = dir.join("obj");
        fs::create_dir_all(&obj)?;
        let source = dir.join(format!("{}.v", design.top));
        fs::write(&source, &design.text)?;
        verilator.verilate(&[&source], &design.top, &prefix, &obj, &flags)?;
        let mut build = compiler.build(verilator, &dir);
        build
            .include(&obj)
            .include(shim)
            .file(shim.join("shim.cpp"));
        build.define("TANDEM_TOP", prefix.as_str());
        build.define("TANDEM_TOP_HEADER", format!("\"{prefix}.h\"").as_str());
        build.define("TANDEM_TABLE", symbol.as_str());
        trace_defines(&mut build, traced);
        for entry in fs::read_dir(&obj)? {
            let file = entry?.path();
            if file.extension().is_some_and(|e| e == "cpp") {
                build.file(file);
            }
        }
        build.try_compile(&symbol)?;
        let _ = fs::remove_dir_all(&obj);
        fs::write(dir.join("done"), "")?;
    }
    link(&dir, &symbol);
    Ok(())
}

/// Verilator's run time, once for all designs, after them in the order of linking.
fn runtime(verilator: &Verilator, traced: bool) -> Result<(), Failure> {
    let compiler = compiler();
    let tools = format!("{} {}", verilator.bin.display(), compiler.path);
    let key = hash(&[
        &tools,
        include_str!("rtl.rs"),
        if traced { "traced" } else { "" },
    ]);
    let dir = cache().join(format!("runtime-{}", &key[..16]));
    let name = "tandem_verilated";
    if !dir.join("done").is_file() {
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        let include = verilator.root.join("include");
        let mut build = compiler.build(verilator, &dir);
        trace_defines(&mut build, traced);
        for file in ["verilated.cpp", "verilated_threads.cpp"] {
            build.file(include.join(file));
        }
        if traced {
            build.file(include.join("verilated_fst_c.cpp"));
            build.include(include.join("gtkwave"));
            // Where the crates that bring zlib and lz4 have their headers.
            for variable in ["DEP_LZ4_INCLUDE", "DEP_Z_INCLUDE"] {
                if let Some(dirs) = env::var_os(variable) {
                    env::split_paths(&dirs).for_each(|dir| {
                        build.include(dir);
                    });
                }
            }
        }
        build.try_compile(name)?;
        fs::write(dir.join("done"), "")?;
    }
    link(&dir, name);
    Ok(())
}

fn trace_defines(build: &mut cc::Build, traced: bool) {
    let value = if traced { "1" } else { "0" };
    build
        .define("VM_TRACE", value)
        .define("VM_TRACE_FST", value);
}

fn link(dir: &Path, name: &str) {
    println!("cargo:rustc-link-search=native={}", dir.display());
    println!("cargo:rustc-link-lib=static={name}");
}

fn cache() -> PathBuf {
    let dir = target_dir().join("verilated");
    std::path::absolute(&dir).unwrap_or(dir)
}

/// The C++ compiler: `CXX` if set, clang if there (its code runs a third faster), otherwise the system's.
struct Compiler {
    path: String,
}

fn compiler() -> Compiler {
    let found = env::var("CXX").ok().or_else(|| {
        let path = env::var_os("PATH")?;
        let clang = env::split_paths(&path).any(|dir| dir.join("clang++").is_file());
        clang.then(|| "clang++".to_string())
    });
    Compiler {
        path: found.unwrap_or_else(|| "c++".into()),
    }
}

impl Compiler {
    fn build(&self, verilator: &Verilator, out: &Path) -> cc::Build {
        let mut build = cc::Build::new();
        build
            .cpp(true)
            .compiler(&self.path)
            .out_dir(out)
            .opt_level(3);
        build.cargo_metadata(false).debug(false).warnings(false);
        for flag in verilator.cxx_flags() {
            build.flag(&flag);
        }
        build.flag_if_supported("-march=native");
        build
    }
}
