//! How fast the 8×16 engine's RTL simulates, and the cells of its array alone, in thousands of cycles a second:
//! `cargo run --release -p tandem-tests --features rtl --example simulation_speed`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let speed = tandem_sim::rtl::speed::measure(5)?;
    println!("training step  {:6.0} kHz", speed.step_khz);
    println!("layer          {:6.0} kHz", speed.layer_khz);
    println!("engine         {:6.0} kHz", speed.rtl_khz);
    println!("array alone    {:6.0} kHz", speed.bare_khz);
    println!("ratio          {:6.2}", speed.ratio());
    Ok(())
}
