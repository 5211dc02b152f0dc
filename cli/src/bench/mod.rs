//! `tandem bench`: what products, training steps, sharing and selection cost on a device that counts cycles.

mod report;

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::output::Output;
use serde_json::json;
use std::path::PathBuf;
use tandem::measure::{self, layer, LayerSpec, Phase, Row};
use tandem::network::Network;

/// Memory of the measured device, in bytes.
const MEMORY: usize = 256 << 20;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Write the results here, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only this layer, as in 16x16x32-32k3s1p1b16; may be given several times
    #[arg(long, value_name = "LAYER")]
    layer: Vec<LayerSpec>,
    /// Only this part; may be given several times
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
}

/// Parts of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The three products of single layers
    Rows,
    /// Training steps of whole networks
    Steps,
}

impl Args {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let config = args.choice.config()?;
    if args.choice.device()? == "model" {
        let remedy = "run `cargo xtask bench` without --device";
        return Err(wrong(
            "--device",
            "device to measure",
            "model, which has no cycles",
            "rtl",
            remedy,
        ));
    }
    let output = args.json.as_deref().map(Output::new).transpose()?;
    let mut rows = vec![];
    if args.has(Part::Rows) {
        report::heading();
        if args.layer.is_empty() {
            for set in layer::SETS {
                println!("{}", set.name);
                for layer in set.layers {
                    rows.extend(products(args, layer)?);
                }
            }
        } else {
            for layer in &args.layer {
                rows.extend(products(args, layer)?);
            }
        }
    }
    let mut steps = vec![];
    if args.has(Part::Steps) && args.layer.is_empty() {
        report::step_heading();
        for (name, network, batch) in networks()? {
            let engine = args.choice.open(MEMORY)?;
            let (step, _) = measure::step::measure(engine, &network, batch)?;
            report::step(name, &step);
            steps.push((name, step));
        }
    }
    if let Some(output) = output {
        let value = json!({
            "config": config.name,
            "rows": rows.iter().map(report::row_json).collect::<Vec<_>>(),
            "steps": steps.iter().map(|(name, s)| report::step_json(name, s)).collect::<Vec<_>>(),
        });
        output.finish(&format!("{value:#}\n"))?;
    }
    Ok(true)
}

fn products(args: &Args, layer: &LayerSpec) -> Result<Vec<Row>, CliError> {
    let mut rows = vec![];
    for phase in Phase::ALL {
        if layer.first && phase == Phase::Dx {
            continue;
        }
        let mut engine = args.choice.open(MEMORY)?;
        let row = measure::measure(&mut engine, layer, phase)?;
        report::row(&row);
        rows.push(row);
    }
    Ok(rows)
}

/// The networks whose steps are measured, with their batches.
fn networks() -> Result<Vec<(&'static str, Network, usize)>, CliError> {
    use tandem::network::{Layer, Shape};
    use tandem::study::{student, teacher};
    let digit = Shape { c: 1, h: 14, w: 14 };
    let conv = |co| [Layer::conv(co, 3, 1, 1), Layer::Relu];
    let mut plain = vec![];
    plain.extend(conv(32));
    plain.extend(conv(32));
    plain.push(Layer::MaxPool2);
    plain.extend(conv(64));
    plain.extend(conv(64));
    plain.push(Layer::MaxPool2);
    plain.extend(conv(128));
    plain.extend(conv(128));
    plain.extend(conv(128));
    plain.push(Layer::MaxPool2);
    plain.push(Layer::FullyConnected { out: 10 });
    let plain = Network::new(Shape { c: 3, h: 32, w: 32 }, &plain)?;
    Ok(vec![
        ("student", student(digit)?, 32),
        ("teacher", teacher(digit)?, 32),
        ("cnn8", plain, 16),
    ])
}
