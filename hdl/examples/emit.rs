//! Prints the Verilog of a named configuration: `cargo run -p tandem-hdl --example emit -- 8x16`.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or("tiny".into());
    let config = tandem_isa::Config::named(&name)
        .ok_or("unknown configuration: expected one of tandem_isa::config::ALL")?;
    print!("{}", tandem_hdl::configured::verilog_of(config)?);
    Ok(())
}
