//! A verilated module with a C++ program around it, built once: for tests that drive a module for longer than the parity harness, which
//! compiles fast and runs slowly.
use super::{cxx, hash, run, target_dir, VerilateError, Verilator};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Harness<'a> {
    /// Folder below `target/verilated`.
    pub folder: &'a str,
    /// Verilog with the top module.
    pub verilog: &'a str,
    /// Name of the top module.
    pub top: &'a str,
    /// Class of the verilated module; the program includes `PREFIX.h`.
    pub prefix: &'a str,
    /// The program's text.
    pub program: &'a str,
    /// Options of Verilator after the common ones.
    pub options: &'a [&'a str],
    /// Flags of the C++ compiler after the common ones.
    pub flags: &'a [&'a str],
}

/// Tests that share a program build it once.
static TURN: Mutex<()> = Mutex::new(());

impl Harness<'_> {
    /// The program, from the cache if it was built before of the same texts by the same tools.
    pub fn build(&self) -> Result<PathBuf, VerilateError> {
        let verilator = Verilator::find()?;
        let tools = format!("{} {}", verilator.bin.display(), cxx());
        let settings = [self.options, self.flags].concat().join(" ");
        let key = hash(&[self.verilog, self.program, &settings, &tools]);
        let dir = std::path::absolute(target_dir().join("verilated").join(self.folder))
            .map_err(VerilateError::file("find", &target_dir()))?;
        let done = dir.join(&key[..16]);
        let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if done.is_file() {
            return Ok(done);
        }
        // Made aside and renamed: a test may be stopped at any time.
        let work = dir.join(format!(".{}-{}", &key[..16], std::process::id()));
        let obj = work.join("obj");
        std::fs::create_dir_all(&obj).map_err(VerilateError::file("create", &obj))?;
        let write = |name: &str, text: &str| {
            let path = work.join(name);
            std::fs::write(&path, text).map_err(VerilateError::file("write", &path))?;
            Ok(path)
        };
        let source = write("module.v", self.verilog)?;
        let program = write("program.cpp", self.program)?;
        verilator.verilate(&[&source], self.top, self.prefix, &obj, self.options)?;
        let entries = std::fs::read_dir(&obj).map_err(VerilateError::file("read", &obj))?;
        let files = entries.flatten().map(|entry| entry.path());
        let include = verilator.root.join("include");
        let built = work.join("program");
        let mut compile = Command::new(cxx());
        compile
            .args(["-O2", "-w", "-DVM_TRACE=0"])
            .args(self.flags)
            .args(verilator.cxx_flags())
            .arg(format!("-I{}", obj.display()))
            .arg(program)
            .args(files.filter(|file| file.extension().is_some_and(|e| e == "cpp")))
            .args(["verilated.cpp", "verilated_threads.cpp"].map(|file| include.join(file)))
            .args(["-lpthread", "-latomic", "-o"])
            .arg(&built);
        run(compile)?;
        std::fs::rename(&built, &done).map_err(VerilateError::file("create", &done))?;
        let _ = std::fs::remove_dir_all(&work);
        Ok(done)
    }
}
