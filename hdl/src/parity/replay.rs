//! The verilated module as a program: input words on its standard input, output words on its standard output.
use super::record::{Port, Recording};
use super::ParityError;
use crate::verilate::{cxx, hash, run as run_tool, target_dir, validate, VerilateError, Verilator};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

/// A compiled module.
pub struct Program {
    exe: PathBuf,
    /// The Verilog it was made of.
    pub verilog: PathBuf,
}

/// Bad in any emitted module, so refused: a latch, an undeclared name, an index out of range, an open pin; two
/// drivers and the like are refused anyway. Combinational loops through a block that is none in fact are common.
const LINT: [&str; 5] = [
    "-Wwarn-LATCH",
    "-Wwarn-IMPLICIT",
    "-Wwarn-SELRANGE",
    "-Wwarn-PINMISSING",
    "-Wno-UNOPTFLAT",
];

static RUNTIME: Mutex<()> = Mutex::new(());
/// Builds begun by this process: tests that share a block may build it at the same time.
static BUILDS: AtomicUsize = AtomicUsize::new(0);

/// The program for `text`, from the cache if it was compiled before.
pub fn build(
    verilator: &Verilator,
    name: &str,
    text: &str,
    recording: &Recording,
) -> Result<Program, ParityError> {
    let glue = glue(&recording.ports, recording.clock.as_deref());
    let tools = format!("{} {}", verilator.bin.display(), cxx());
    // The test run of the whole project sets this: every module is then read by Yosys too.
    let yosys = std::env::var_os("TANDEM_YOSYS").is_some();
    let lint = format!("{} {yosys}", LINT.join(" "));
    let key = hash(&[text, &glue, &tools, &lint]);
    let dir = target_dir().join("verilated").join("parity");
    let done = dir.join(format!("{name}-{}", &key[..16]));
    let program = Program {
        exe: done.join("replay"),
        verilog: done.join("dut.v"),
    };
    if program.exe.is_file() {
        return Ok(program);
    }
    let runtime = runtime(verilator, &dir, &tools)?;
    // Built aside and moved into place, so that a broken or parallel build never leaves half an entry.
    let turn = BUILDS.fetch_add(1, Ordering::Relaxed);
    let work = dir.join(format!(".{name}-{}-{turn}", std::process::id()));
    let make = |path: &Path| fs::create_dir_all(path).map_err(VerilateError::file("create", path));
    let write =
        |path: &Path, text: &str| fs::write(path, text).map_err(VerilateError::file("write", path));
    make(&work)?;
    let source = work.join("dut.v");
    write(&source, text)?;
    let obj = work.join("obj");
    let mut flags = LINT.to_vec();
    flags.push("-O3");
    verilator.verilate(&[&source], name, "Vdut", &obj, &flags)?;
    if yosys {
        validate(text, name)?;
    }
    let mut all = glue;
    let entries = fs::read_dir(&obj).map_err(VerilateError::file("read", &obj))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "cpp"))
    {
        all += &format!("#include \"{}\"\n", file.display());
    }
    let main = obj.join("replay.cpp");
    write(&main, &all)?;
    // One translation unit and no optimisation: compiling costs far more than running here.
    let mut command = Command::new(cxx());
    command
        .args(["-O0", "-w", "-DVM_TRACE=0"])
        .arg(format!("-I{}", runtime.join("pch").display()))
        .args(verilator.cxx_flags())
        .arg(format!("-I{}", obj.display()))
        .arg(&main)
        .args([runtime.join("verilated.o"), runtime.join("threads.o")])
        .args(["-lpthread", "-latomic", "-o"])
        .arg(work.join("replay"));
    run_tool(command)?;
    let _ = fs::remove_dir_all(&obj);
    if fs::rename(&work, &done).is_err() && !program.exe.is_file() {
        return Err(VerilateError::File {
            doing: "create",
            path: done.display().to_string(),
            reason: "moving the finished build into place failed".into(),
        }
        .into());
    }
    let _ = fs::remove_dir_all(&work);
    Ok(program)
}

/// Verilator's run time compiled once, and its header precompiled.
fn runtime(verilator: &Verilator, dir: &Path, tools: &str) -> Result<PathBuf, VerilateError> {
    let _one_at_a_time = RUNTIME.lock().unwrap_or_else(|e| e.into_inner());
    let done = dir.join(format!("runtime-{}", &hash(&[tools])[..16]));
    if done.is_dir() {
        return Ok(done);
    }
    let work = dir.join(format!(".runtime-{}", std::process::id()));
    let pch = work.join("pch");
    fs::create_dir_all(&pch).map_err(VerilateError::file("create", &pch))?;
    let include = verilator.root.join("include");
    let compile = |source: &Path, out: PathBuf, kind: &[&str]| {
        let mut command = Command::new(cxx());
        command
            .args(["-w", "-DVM_TRACE=0"])
            .args(verilator.cxx_flags())
            .args(kind)
            .arg(source)
            .arg("-o")
            .arg(out);
        run_tool(command)
    };
    compile(
        &include.join("verilated.cpp"),
        work.join("verilated.o"),
        &["-O1", "-c"],
    )?;
    compile(
        &include.join("verilated_threads.cpp"),
        work.join("threads.o"),
        &["-O1", "-c"],
    )?;
    let header = pch.join("verilated.h.gch");
    // The header beside its precompiled form forwards, for compilers that check that it is there.
    let forward = pch.join("verilated.h");
    let text = format!("#include \"{}\"\n", include.join("verilated.h").display());
    fs::write(&forward, text).map_err(VerilateError::file("write", &forward))?;
    compile(&forward, header, &["-O0", "-x", "c++-header"])?;
    if let Err(e) = fs::rename(&work, &done) {
        if !done.is_dir() {
            return Err(VerilateError::file("create", &done)(e));
        }
        let _ = fs::remove_dir_all(&work);
    }
    Ok(done)
}

/// Feeds the recorded inputs and returns the outputs.
pub fn run(program: &Program, recording: &Recording) -> Result<Vec<u64>, ParityError> {
    let name = program.exe.display().to_string();
    let failed = |status: String, text: String| VerilateError::Failed {
        command: name.clone(),
        status,
        text,
    };
    let mut child = Command::new(&program.exe)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| VerilateError::Start {
            command: name.clone(),
            reason: e.to_string(),
        })?;
    let mut bytes = (recording.cycles as u64).to_le_bytes().to_vec();
    bytes.extend(recording.inputs.iter().flat_map(|w| w.to_le_bytes()));
    let mut stdin = child.stdin.take();
    // The program reads everything before it writes anything, so this cannot block for ever.
    let fed = stdin.as_mut().map(|pipe| pipe.write_all(&bytes));
    drop(stdin);
    let out = child
        .wait_with_output()
        .map_err(|e| failed(e.to_string(), String::new()))?;
    if !out.status.success() || !matches!(fed, Some(Ok(()))) {
        return Err(failed(out.status.to_string(), format!("{fed:?}")).into());
    }
    let words = out.stdout.chunks_exact(8);
    Ok(words
        .map(|c| c.iter().rev().fold(0, |w, &b| (w << 8) | u64::from(b)))
        .collect())
}

/// The main program for these ports.
fn glue(ports: &[Port], clock: Option<&str>) -> String {
    let mut set = String::new();
    let mut get = String::new();
    for port in ports {
        let name = port.name.replace('$', "__024");
        if port.input && port.bits <= 64 {
            set += &format!("    dut.{name} = *in++;\n");
        } else if port.input {
            for i in 0..port.bits.div_ceil(32) {
                let (word, shift) = (i / 2, 32 * (i % 2));
                set += &format!("    dut.{name}[{i}] = (uint32_t)(in[{word}] >> {shift});\n");
            }
            set += &format!("    in += {};\n", port.words());
        } else if port.bits <= 64 {
            get += &format!("    out.push_back(dut.{name});\n");
        } else {
            for i in 0..port.words() {
                get += &format!("    out.push_back(dut.{name}[{}]", 2 * i);
                if 2 * i + 1 < port.bits.div_ceil(32) {
                    get += &format!(" | (uint64_t)dut.{name}[{}] << 32", 2 * i + 1);
                }
                get += ");\n";
            }
        }
    }
    let tick = clock.map_or(String::new(), |clock| {
        let clock = clock.replace('$', "__024");
        format!("    dut.{clock} = 1;\n    dut.eval();\n    dut.{clock} = 0;\n    dut.eval();\n")
    });
    format!(
        "#include \"verilated.h\"\n#include \"Vdut.h\"\n#include <cstdio>\n#include <vector>\n\
         int main() {{\n\
         \x20 std::vector<uint64_t> words, out;\n\
         \x20 uint64_t block[4096];\n\
         \x20 for (size_t n; (n = fread(block, 8, 4096, stdin)) > 0;) words.insert(words.end(), block, block + n);\n\
         \x20 Vdut dut;\n\
         \x20 const uint64_t *in = words.data() + 1;\n\
         \x20 for (uint64_t cycle = 0; cycle < words[0]; ++cycle) {{\n\
         {set}    dut.eval();\n{get}{tick}\
         \x20 }}\n\
         \x20 fwrite(out.data(), 8, out.size(), stdout);\n\
         \x20 return 0;\n}}\n"
    )
}
