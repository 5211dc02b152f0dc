//! First speed: forward, dX and dW of a 3×3 layer, 16×16×32→32, batch 16, on the 8×16 RTL with memory stalls counted:
//! `cargo run --release -p tandem-tests --features rtl --example speed`.

use std::time::Instant;
use tandem::network::{Extent, Kind, Stage};
use tandem::single::{Operand, Single};
use tandem::{Counters, Engine, Site};
use tandem_isa::config::E8X16;
use tandem_sim::rtl::RtlDevice;
use tandem_tests::random::Rng;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n = 16;
    let extent = Extent {
        input: 16,
        kernel: 3,
        stride: 1,
        pad: 1,
    };
    let stage = Stage {
        name: "layer".into(),
        source: None,
        skip: None,
        ci: 32,
        co: 32,
        y: extent,
        x: extent,
        relu: true,
        pool: false,
        kind: Kind::Conv,
    };
    let macs = (n * 16 * 16 * 32 * 32 * 9) as f64;
    let mut engine = Engine::open(RtlDevice::open(&E8X16, 32 << 20, None)?)?;
    let mut r = Rng(1);
    let (x, g) = (
        r.words(n * stage.input().len(), 3000),
        r.words(n * stage.full().len(), 3000),
    );
    let (w, b) = (r.words(stage.parameters() - 32, 3000), r.words(32, 3000));
    let (x, w, g) = (
        Operand { q: &x, f: 12 },
        Operand { q: &w, f: 13 },
        Operand { q: &g, f: 17 },
    );
    let at = Site {
        e: 4,
        valid: true,
        ..Site::default()
    };
    println!("phase     cycles   of peak  load busy  store busy     kHz");
    for phase in ["forward", "dX", "dW"] {
        engine.clear_counters()?;
        let start = Instant::now();
        let simulated = engine.device_mut().core().cycles();
        let mut single = Single::new(&mut engine, &stage, n);
        match phase {
            "forward" => drop(single.forward(x, w, &b, at)?),
            "dX" => drop(single.dx(g, w, None, at)?),
            _ => drop(single.dw(x, g, [at, at])?),
        }
        let seconds = start.elapsed().as_secs_f64();
        let c: Counters = engine.counters()?;
        let cycles = (c.teacher + c.student) as f64;
        let simulated = engine.device_mut().core().cycles() - simulated;
        println!(
            "{phase:8} {cycles:8} {:8.1} % {:8.1} % {:9.1} % {:8.0}",
            100.0 * macs / (E8X16.cells() as f64 * cycles),
            100.0 * c.units[0].busy as f64 / cycles,
            100.0 * c.units[4].busy as f64 / cycles,
            simulated as f64 / seconds / 1000.0
        );
    }
    Ok(())
}
