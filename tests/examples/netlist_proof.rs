//! Training on a netlist of the engine `tiny`, its cells replaced by models of them, against the model of the engine:
//! `TANDEM_NETLIST=FILE cargo run --release -p tandem-tests --features engine --example netlist_proof`.
//!
//! FILE, read by the build, has the netlist and the models; `cargo xtask bitstream --board ecpix5 --prove` makes it and runs this.

use std::time::Instant;
use tandem::network::{Layer, Network, Shape};
use tandem::Engine;
use tandem_isa::config::TINY;
use tandem_sim::model::Model;
use tandem_sim::rtl::{RtlDevice, Stalls};
use tandem_tests::networks::networks;
use tandem_tests::small::{same, Training};
use tandem_tests::training::training;

type Failure = Box<dyn std::error::Error>;

/// For the step whose whole memory is compared.
const SMALL_MEMORY: usize = 256 << 10;
/// For what else is done.
const MEMORY: usize = 16 << 20;

/// Why nothing was proven.
#[derive(Debug, thiserror::Error)]
enum ProofError {
    #[error("{differing} of {of} numbers differ from the model's after training, inference and selection; expected none")]
    Differs { differing: usize, of: usize },
    #[error("the netlist broke a rule of the bus: {0}")]
    Bus(String),
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    let begun = Instant::now();
    let mut cycles = step()?;
    cycles += life()?;
    println!(
        "  {cycles} cycles in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn netlist(memory: usize) -> Result<RtlDevice, Failure> {
    let mut device = RtlDevice::open_design("netlist", &TINY, memory)?;
    device.core().set_stalls(Stalls::uniform(9, 20, 4));
    Ok(device)
}

/// What took so long; an error if the netlist broke a rule of the bus meanwhile.
fn settled(device: &mut RtlDevice) -> Result<u64, Failure> {
    match device.core().axi_violation() {
        Some(rule) => Err(ProofError::Bus(rule).into()),
        None => Ok(device.core().cycles()),
    }
}

/// One training step, and everything that it leaves.
fn step() -> Result<u64, Failure> {
    let layers = [
        Layer::conv(5, 3, 1, 1),
        Layer::Relu,
        Layer::MaxPool2,
        Layer::residual(vec![Layer::conv(5, 3, 1, 1)]),
        Layer::Relu,
        Layer::FullyConnected { out: 4 },
    ];
    let network = Network::new(Shape { c: 3, h: 8, w: 6 }, &layers)?;
    let mut model = Training::new(Model::new(&TINY, SMALL_MEMORY), &network)?;
    let mut engine = Training::new(netlist(SMALL_MEMORY)?, &network)?;
    let before = same("before the step", &mut engine, &mut model)?;
    engine.step()?;
    model.step()?;
    let after = same("after the step", &mut engine, &mut model)?;
    let changed = before.differing(&after);
    let [weights, memory, sites] = after.bits();
    println!("netlist of `tiny`, a training step of batch 2");
    println!("  compared with the model, none differs: {weights} bits of weights, {memory} of memory, {sites} of sites");
    println!(
        "  of them changed by the step: {} bits of weights, {} of memory, {} of sites",
        changed[0], changed[1], changed[2]
    );
    settled(engine.device())
}

/// Training, inference and selection.
fn life() -> Result<u64, Failure> {
    let network = &networks()[0];
    let expected = training(Engine::open(Model::new(&TINY, MEMORY))?, network, 3)?;
    let mut device = netlist(MEMORY)?;
    let found = training(Engine::open(&mut device)?, network, 3)?;
    let differing = expected.iter().zip(&found).filter(|(e, f)| e != f).count();
    if differing > 0 || expected.len() != found.len() {
        let of = expected.len();
        return Err(ProofError::Differs { differing, of }.into());
    }
    println!(
        "  then 8 steps of training, inference on 30 images and selection: {} numbers as the model's",
        found.len()
    );
    settled(&mut device)
}
