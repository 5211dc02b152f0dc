//! Prints how fast the verilated array and compute unit of the 8×16 configuration simulate on this machine, in thousands of
//! cycles a second of processor time, every operand changing in every cycle.
//!
//! `cargo run --release -p tandem-hdl --example array_speed`
use rust_hdl::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use tandem_hdl::array::{Compute, Grid};
use tandem_hdl::emit::verilog;
use tandem_hdl::verilate::{cxx, run, target_dir, Verilator};
use tandem_isa::command;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut grid = Grid::<8, 16>::default();
    grid.connect_all();
    for port in [&mut grid.run, &mut grid.keep, &mut grid.shift] {
        port.connect();
    }
    for port in [&mut grid.first, &mut grid.last] {
        port.connect();
    }
    grid.clock.connect();
    grid.a
        .iter_mut()
        .chain(&mut grid.b)
        .for_each(|p| p.connect());
    let text = verilog(&grid, "grid")?;
    let operands = |port: &str, n: usize| -> String {
        (0..n)
            .map(|i| format!("top->{port}__024{i} = word() & 0xffff;\n"))
            .collect()
    };
    let feed = operands("a", 8) + &operands("b", 16);
    for (what, keep) in [("weight-stationary", 0), ("output-stationary", 1)] {
        let body = format!(
            "top->run = 1; top->keep = {keep}; int at = cycle & 255; top->first = at == 0;\n\
             top->last = at == 255; top->shift = {keep} || (at >= 8 && at < 16);\n{feed}"
        );
        measure("grid", &text, what, &body, "sum__0240")?;
    }

    let mut unit = Compute::<8, 16, 4, 9>::default();
    unit.connect_all();
    for port in [&mut unit.reset, &mut unit.start, &mut unit.acc_read] {
        port.connect();
    }
    unit.clock.connect();
    unit.command.connect();
    unit.acc_addr.connect();
    let data = unit.a_data.iter_mut().chain(&mut unit.b_data);
    data.for_each(|p| p.connect());
    let text = verilog(&unit, "compute")?;
    let feed = operands("a_data", 16) + &operands("b_data", 16);
    for (what, flags) in [("weight-stationary", 0), ("output-stationary", 1)] {
        let bytes = command::Compute {
            flags,
            groups: 2,
            n: 4,
            y: 8,
            x: 8,
            k2: 2,
            k1: 3,
            k0: 3,
            a_x: 1,
            terms: 1,
            ..Default::default()
        }
        .encode();
        let words: String = bytes
            .chunks(4)
            .enumerate()
            .map(|(i, b)| {
                let word = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                format!("top->command[{i}] = {word}u;\n")
            })
            .collect();
        let body = format!(
            "top->reset = cycle < 2; top->start = cycle > 2 && !top->busy;\n\
             if (cycle < 2) {{ {words} }}\n{feed}"
        );
        measure("compute", &text, what, &body, "busy")?;
    }
    Ok(())
}

/// Compiles `text` with a main that runs `body` before every edge, and runs it.
fn measure(name: &str, text: &str, what: &str, body: &str, see: &str) -> Result<(), Failure> {
    let verilator = Verilator::find()?;
    let dir = target_dir().join("verilated").join("speed").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)?;
    let source = dir.join("dut.v");
    std::fs::write(&source, text)?;
    verilator.verilate(&[&source], name, "Vdut", &dir, &["-O3", "-Wno-UNOPTFLAT"])?;
    let main = format!(
        "#include \"Vdut.h\"\n#include \"verilated.h\"\n#include <cstdio>\n#include <ctime>\n\
         static uint64_t state = 1;\n\
         static uint32_t word() {{ state = state * 6364136223846793005ull + 1442695040888963407ull; return state >> 40; }}\n\
         int main() {{\n  VerilatedContext context;\n  Vdut* top = new Vdut(&context);\n\
         const long cycles = 1000000;\n  unsigned long long sum = 0;\n  clock_t from = clock();\n\
         for (long cycle = 0; cycle < cycles; cycle++) {{\n{body}\n\
         top->clock = 0; top->eval(); top->clock = 1; top->eval(); sum += top->{see};\n  }}\n\
         double seconds = double(clock() - from) / CLOCKS_PER_SEC;\n\
         printf(\"{name} {what}: %.0f kHz (%llx)\\n\", cycles / seconds / 1000, sum);\n}}\n"
    );
    let main_path = dir.join("main.cpp");
    std::fs::write(&main_path, main)?;
    let sources = |dir: &Path| -> Result<Vec<PathBuf>, std::io::Error> {
        let files = std::fs::read_dir(dir)?.flatten().map(|e| e.path());
        Ok(files
            .filter(|f| f.extension().is_some_and(|e| e == "cpp"))
            .collect())
    };
    let include = verilator.root.join("include");
    let exe = dir.join("speed");
    let mut compile = Command::new(cxx());
    compile
        .args(["-O3", "-march=native", "-w", "-DVM_TRACE=0"])
        .args(verilator.cxx_flags())
        .arg(format!("-I{}", dir.display()))
        .args(sources(&dir)?)
        .args([
            include.join("verilated.cpp"),
            include.join("verilated_threads.cpp"),
        ])
        .args(["-lpthread", "-latomic", "-o"])
        .arg(&exe);
    run(compile)?;
    let out = Command::new(&exe).output()?;
    print!("{}", String::from_utf8_lossy(&out.stdout));
    Ok(())
}
