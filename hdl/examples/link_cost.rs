//! Prints what the UART link costs on an iCE40 HX: LUTs, flip-flops and block RAMs as Yosys maps it, for windows of 2 and 8; and its
//! clock as nextpnr-ice40 places it, if that is on PATH, over five seeds.
//!
//! `cargo run -p tandem-hdl --example link_cost`
use std::path::Path;
use std::process::Command;
use tandem_hdl::link::uart::{emitted, Baud};
use tandem_hdl::verilate::{count, find_yosys, run, target_dir};

/// Shifts what the link's inner side has through few pins, so that it can be placed.
const WRAPPED: &str = "module wrapped(input clock, input reset, input receive, output transmit, input fed, output seen);
  wire valid, memory, write; wire [31:0] address, data;
  reg [31:0] word; reg ready, refused; reg [66:0] caught; assign seen = caught[66];
  always @(posedge clock) begin
    word <= {word[30:0], fed}; ready <= word[31]; refused <= ready;
    caught <= valid ? {memory, write, ready, address, data} : caught << 1;
  end
  uart_link link(.clock(clock), .reset(reset), .receive(receive), .transmit(transmit), .request_valid(valid),
    .request_memory(memory), .request_write(write), .request_address(address), .request_data(data),
    .request_ready(ready), .response_data(word), .response_error(refused));
endmodule
";

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let baud = Baud::new(48_000_000, 12_000_000)?;
    cost(2, &emitted::pins::<1, 20>("uart_link", baud)?)?;
    cost(8, &emitted::pins::<3, 20>("uart_link", baud)?)
}

fn cost(window: usize, verilog: &str) -> Result<(), Failure> {
    let dir = target_dir()
        .join("yosys")
        .join(format!("link_cost_{window}"));
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("link.v"), verilog)?;
    std::fs::write(dir.join("wrapped.v"), WRAPPED)?;
    let mut yosys = Command::new(find_yosys()?);
    yosys.current_dir(&dir).args(["-q", "-p"]).arg(
        "read_verilog link.v; hierarchy -top uart_link; proc; flatten; \
         synth_ice40 -device hx -abc9 -top uart_link; tee -q -o stat.txt stat; \
         design -reset; read_verilog link.v wrapped.v; hierarchy -top wrapped; proc; flatten; \
         synth_ice40 -device hx -abc9 -top wrapped; delete t:$scopeinfo; write_json wrapped.json",
    );
    run(yosys)?;
    let stat = std::fs::read_to_string(dir.join("stat.txt"))?;
    let count = |start: &str| count(&stat, |word| word.starts_with(start));
    println!("window of {window}");
    println!("  LUT4        {}", count("SB_LUT4"));
    println!("  carries     {}", count("SB_CARRY"));
    println!("  flip-flops  {}", count("SB_DFF"));
    println!("  block RAMs  {}", count("SB_RAM40_4K"));
    let mut clocks: Vec<f64> = (1..=5).filter_map(|seed| clock(&dir, seed)).collect();
    clocks.sort_by(f64::total_cmp);
    match clocks[..] {
        [least, .., _] => println!(
            "  clock       {least:.1} MHz at least, {:.1} median of {}",
            clocks[clocks.len() / 2],
            clocks.len()
        ),
        _ => println!("  clock       nextpnr-ice40 is not on PATH"),
    }
    Ok(())
}

/// The clock in MHz that nextpnr reaches with `seed` on an HX8K.
fn clock(dir: &Path, seed: u32) -> Option<f64> {
    let placed = Command::new("nextpnr-ice40")
        .current_dir(dir)
        .args(["--hx8k", "--package", "cb132", "--json", "wrapped.json"])
        .args(["--freq", "60", "--pcf-allow-unconstrained", "--seed"])
        .arg(seed.to_string())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&placed.stderr).into_owned();
    let last = text.lines().rfind(|line| line.contains("Max frequency"))?;
    let words: Vec<&str> = last.split_whitespace().collect();
    let unit = words.iter().position(|word| *word == "MHz")?;
    words[unit - 1].parse().ok()
}
