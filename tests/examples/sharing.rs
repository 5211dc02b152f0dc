//! Time sharing on the 8×16 RTL: a teacher at half load, the demo's student in the background. Arguments: cycles between yield points,
//! images of a request, requests; without them the library's.
//!
//! `cargo run --release -p tandem-tests --features rtl --example sharing`

use tandem::measure::{sharing, Load};
use tandem::Engine;
use tandem_isa::config::E8X16;
use tandem_sim::rtl::RtlDevice;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut load = Load::default();
    let numbers = std::env::args().skip(1).map(|a| a.parse::<u64>());
    for (number, place) in numbers.zip(0..) {
        match place {
            0 => load.yield_after = number?,
            1 => load.images = number? as usize,
            _ => load.requests = number? as usize,
        }
    }
    let engine = Engine::open(RtlDevice::open(&E8X16, 16 << 20, None)?)?;
    let s = sharing(engine, &load)?;
    println!("p99 of the added latency   {} cycles", s.p99_added);
    println!("most                       {} cycles", s.max_added);
    println!("compiled bound             {} cycles", s.bound);
    println!("student, of its free share {:.4}", s.student_fraction);
    println!("a switch                   {:.1} cycles", s.switch_cycles);
    println!("switches                   {}", s.switches);
    println!("a request alone            {} cycles", s.request);
    println!("a training step alone      {} cycles", s.step);
    println!("training steps             {}", s.steps);
    println!("the teacher's share        {:.3}", s.teacher_share);
    Ok(())
}
