//! The part of the build that needs Verilator. An error here ends the build with its message.
use std::path::{Path, PathBuf};
use std::{env, fs};
use tandem_hdl::verilate::{hash, target_dir, Verilator};
use tandem_isa::Unit;

/// Names a file of Verilog with the engine's ports, such as a netlist of it: a design called `netlist`.
const NETLIST: &str = "TANDEM_NETLIST";

/// A design with the engine's ports: name, top module, Verilog.
struct Design {
    name: String,
    top: String,
    text: String,
}

/// What is compiled into one library: the Verilog of its top module `top`, with options for Verilator, and the C++ around it.
struct Library<'a> {
    symbol: &'a str,
    sources: &'a [(&'a str, &'a str)],
    top: &'a str,
    flags: &'a [String],
    shim: &'a [&'a str],
    /// C++ that the build writes for the shim to include.
    generated: &'a [(&'a str, String)],
    traced: bool,
}

type Failure = Box<dyn std::error::Error>;

/// Builds every design and writes the table of them.
pub fn build() {
    for file in [
        "build.rs",
        "build",
        "src/rtl/cpp",
        "src/rtl/simulated.v",
        "tests/fixture",
    ] {
        println!("cargo:rerun-if-changed={file}");
    }
    for variable in ["TANDEM_VERILATOR", "CXX", "PATH", NETLIST] {
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
        engine(&verilator, &design, false)?;
        table += &arm(&design.name, false);
        if traced {
            engine(&verilator, &design, true)?;
            table += &arm(&design.name, true);
        }
        names.push(design.name);
    }
    array(&verilator)?;
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
    for config in tandem_hdl::configured::simulated() {
        designs.push(Design {
            name: config.name.into(),
            top: tandem_hdl::configured::TOP.into(),
            text: tandem_hdl::configured::verilog_of(config)?,
        });
    }
    if let Some(file) = env::var_os(NETLIST).map(PathBuf::from) {
        println!("cargo:rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file).map_err(|e| {
            let file = file.display();
            format!("{NETLIST}: cannot read {file}: {e}; expected the whole path of a file of Verilog, or no such variable")
        })?;
        designs.push(Design {
            name: "netlist".into(),
            top: tandem_hdl::configured::TOP.into(),
            text,
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

/// A design with registered inputs and the shim.
fn engine(verilator: &Verilator, design: &Design, traced: bool) -> Result<(), Failure> {
    let mut flags = vec![format!("-DTANDEM_ENGINE={}", design.top)];
    if traced {
        flags.push("--trace-fst".into());
        flags.extend(watched(design));
    }
    library(
        verilator,
        &Library {
            symbol: &symbol(&design.name, traced),
            sources: &[
                (&format!("{}.v", design.top), &design.text),
                ("simulated.v", &fs::read_to_string("src/rtl/simulated.v")?),
            ],
            top: "simulated",
            flags: &flags,
            shim: &["shim.cpp", "api.h", "rules.h", "memory.h"],
            generated: &[],
            traced,
        },
    )
}

/// Where the starts, ends and marks of the commands of every unit are in a design, unit 0 last, as `simulated.v` takes them.
fn watched(design: &Design) -> Vec<String> {
    let of_units = |signal: &str, part: &str| {
        let units = (0..Unit::COUNT).rev();
        let all: Vec<_> = units
            .map(|i| format!("engine.control${signal}${i}{part}"))
            .collect();
        format!("{{{}}}", all.join(","))
    };
    let [units, starts, dones, marks] = match design.top.as_str() {
        tandem_hdl::configured::TOP => [
            Unit::COUNT.to_string(),
            of_units("start", ""),
            of_units("done", ""),
            of_units("command", "[47:32]"),
        ],
        _ => ["1", "1'b0", "1'b0", "16'b0"].map(String::from),
    };
    vec![
        format!("-DTANDEM_UNITS={units}"),
        format!("-DTANDEM_STARTS={starts}"),
        format!("-DTANDEM_DONES={dones}"),
        format!("-DTANDEM_MARKS={marks}"),
    ]
}

/// The cells of the 8×16 engine alone: what its speed is compared with.
fn array(verilator: &Verilator) -> Result<(), Failure> {
    let config = tandem_isa::config::E8X16;
    let (rows, columns) = (config.rows, config.lanes);
    let each = |n: usize, text: fn(usize) -> String| (0..n).map(text).collect::<Vec<_>>();
    let feeds = [
        each(rows, |i| format!("feed(top.a__024{i});")),
        each(columns, |j| format!("feed(top.b__024{j});")),
    ];
    let sums = each(columns, |j| format!("top.sum__024{j}"));
    let header = format!(
        "#define TANDEM_ROWS {rows}\n#define TANDEM_COLUMNS {columns}\n\
         #define TANDEM_OPERANDS {}\n#define TANDEM_SUMS ({})\n",
        feeds.concat().join(" "),
        sums.join(" + ")
    );
    library(
        verilator,
        &Library {
            symbol: "tandem_array",
            sources: &[("array.v", &tandem_hdl::configured::array_8x16()?)],
            top: tandem_hdl::configured::ARRAY,
            flags: &[],
            shim: &["array.cpp"],
            generated: &[("operands.h", header)],
            traced: false,
        },
    )
}

/// Verilates and compiles a library, unless the cache has it, and links it.
fn library(verilator: &Verilator, library: &Library) -> Result<(), Failure> {
    let shim = Path::new("src/rtl/cpp");
    let compiler = compiler();
    let symbol = library.symbol;
    let prefix = format!("V{symbol}");
    let mut flags = vec!["-Wno-fatal", "-O3", "--output-split", "20000"];
    flags.extend(library.flags.iter().map(String::as_str));
    let mut parts = vec![
        prefix.clone(),
        flags.join(" "),
        format!("{} {}", verilator.bin.display(), compiler.path),
        include_str!("rtl.rs").into(),
    ];
    parts.extend(library.sources.iter().map(|(_, text)| text.to_string()));
    parts.extend(library.generated.iter().map(|(_, text)| text.clone()));
    for file in library.shim {
        parts.push(fs::read_to_string(shim.join(file))?);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let dir = cache().join(format!("{}-{}", symbol, &hash(&parts)[..16]));
    if !dir.join("done").is_file() {
        let _ = fs::remove_dir_all(&dir);
        let obj = dir.join("obj");
        fs::create_dir_all(&obj)?;
        let mut sources = vec![];
        for (name, text) in library.sources {
            let source = dir.join(name);
            fs::write(&source, text)?;
            sources.push(source);
        }
        let sources: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
        verilator.verilate(&sources, library.top, &prefix, &obj, &flags)?;
        for (name, text) in library.generated {
            fs::write(obj.join(name), text)?;
        }
        let mut build = compiler.build(verilator, &dir);
        build
            .include(&obj)
            .include(shim)
            .file(shim.join(library.shim[0]));
        build.define("TANDEM_TOP", prefix.as_str());
        build.define("TANDEM_TOP_HEADER", format!("\"{prefix}.h\"").as_str());
        build.define("TANDEM_TABLE", symbol);
        trace_defines(&mut build, library.traced);
        for entry in fs::read_dir(&obj)? {
            let file = entry?.path();
            if file.extension().is_some_and(|e| e == "cpp") {
                build.file(file);
            }
        }
        build.try_compile(symbol)?;
        let _ = fs::remove_dir_all(&obj);
        fs::write(dir.join("done"), "")?;
    }
    link(&dir, symbol);
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
