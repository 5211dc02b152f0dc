//! A training step on the board Alchitry Cu as it is in a file of Verilog, through its UART pins, against the model:
//! `cargo run --release -p tandem-tests --features link --example bitstream_proof -- FILE`.
//!
//! The file is `cu.v` or what icebox_vlog makes of a bitstream. `cargo xtask bitstream --board cu --prove` makes both and runs this.

use std::path::PathBuf;
use std::time::Instant;
use tandem::network::{Layer, Network, Shape};
use tandem_hdl::board::cu::{BAUD, CLOCK};
use tandem_hdl::compact::firmware::MEMORY_BYTES;
use tandem_isa::config::CU;
use tandem_sim::model::Model;
use tandem_tests::small::{same, Training};
use tandem_tests::uart::board;

type Failure = Box<dyn std::error::Error>;

/// Why nothing was proven.
#[derive(Debug, thiserror::Error)]
enum ProofError {
    #[error("expected one file of Verilog, found {0} arguments")]
    Arguments(usize),
    #[error("cannot read {}: {reason}; name a file of Verilog", file.display())]
    Read {
        file: PathBuf,
        reason: std::io::Error,
    },
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file] = &arguments[..] else {
        return Err(ProofError::Arguments(arguments.len()).into());
    };
    let file = PathBuf::from(file);
    let verilog = std::fs::read_to_string(&file).map_err(|reason| ProofError::Read {
        file: file.clone(),
        reason,
    })?;
    let layers = [
        Layer::FullyConnected { out: 8 },
        Layer::Relu,
        Layer::FullyConnected { out: 4 },
    ];
    let network = Network::new(Shape { c: 16, h: 1, w: 1 }, &layers)?;

    let mut model = Training::new(Model::new(&CU, MEMORY_BYTES), &network)?;
    let begun = Instant::now();
    let design = board::design(&verilog)?;
    let uart = board::start(&design)?;
    let built = begun.elapsed();
    let begun = Instant::now();
    let mut board = Training::new(uart, &network)?;
    let before = same("before the step", &mut board, &mut model)?;
    let start = board.device().link_mut().transport_mut().cycles();
    board.step()?;
    let end = board.device().link_mut().transport_mut().cycles();
    model.step()?;
    let after = same("after the step", &mut board, &mut model)?;
    let last = board.device().link_mut().transport_mut().cycles();

    let changed = before.differing(&after);
    let [weights, memory, sites] = after.bits();
    let traffic = board.device().traffic();
    println!(
        "{}: 16 to 8 to 4, a training step of batch 2",
        file.display()
    );
    println!(
        "  board at {} MHz, line at {} Mbaud: {} requests sent, {} of them again",
        CLOCK / 1_000_000,
        BAUD / 1_000_000,
        traffic.sent,
        traffic.repeated
    );
    println!(
        "  cycles: {} for the step with its traffic, {last} in all",
        end - start
    );
    println!("  compared with the model, none differs: {weights} bits of weights, {memory} of memory, {sites} of sites");
    println!(
        "  of them changed by the step: {} bits of weights, {} of memory, {} of sites",
        changed[0], changed[1], changed[2]
    );
    println!(
        "  built in {:.0} s, simulated in {:.0} s",
        built.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}
