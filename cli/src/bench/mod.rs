//! `tandem bench`: what products, training steps, sharing and selection cost on a device that counts cycles.

mod charts;
mod report;
#[cfg(feature = "rtl")]
mod rtl;

use crate::device::Choice;
use crate::error::{wrong, CliError};
use crate::output::Output;
use serde_json::{json, Value};
use std::path::PathBuf;
use tandem::measure::{self, growth, layer, LayerSpec, Phase, Row};
use tandem::network::zoo::Named;
use tandem::network::{Network, Shape};
use tandem::study::{student, teacher};

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
    /// Draw the rows into this folder, as SVG
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
}

/// Parts of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The three products of single layers
    Rows,
    /// Training steps of whole networks
    Steps,
    /// The teacher at half load, the student in the background
    Sharing,
    /// The selector: cycles of a rejected score, lists kept exactly
    Selector,
    /// Speed of the RTL's simulation and of the model
    Simulation,
    /// Cycles against batch, channels, image size and classes
    Growth,
}

impl Args {
    fn has(&self, part: Part) -> bool {
        let all = self.only.is_empty() && (self.layer.is_empty() || part == Part::Rows);
        all || self.only.contains(&part)
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
    if let Some(folder) = &args.charts {
        charts::write(folder, &rows)?;
    }
    let mut value = json!({
        "config": config.name,
        "rows": rows.iter().map(report::row_json).collect::<Vec<_>>(),
    });
    if args.has(Part::Steps) {
        value["steps"] = steps(args)?;
    }
    if args.has(Part::Growth) {
        let growth = growth::all(|| args.choice.open(MEMORY))?;
        value["growth"] = report::growth(&growth);
    }
    if args.has(Part::Sharing) {
        let s = measure::sharing(args.choice.open(16 << 20)?, &measure::Load::default())?;
        value["sharing"] = report::sharing(&s);
    }
    #[cfg(feature = "rtl")]
    {
        if args.has(Part::Selector) {
            value["selector"] = rtl::selector()?;
        }
        if args.has(Part::Simulation) {
            value["simulation"] = rtl::simulation(&args.choice)?;
        }
    }
    if let Some(output) = output {
        output.finish(&format!("{value:#}\n"))?;
    }
    Ok(true)
}

fn steps(args: &Args) -> Result<Value, CliError> {
    report::step_heading();
    let mut all = vec![];
    for (name, network, batch) in networks()? {
        let engine = args.choice.open(MEMORY)?;
        let step = measure::step::measure(engine, &network, batch)?;
        report::step(name, &step);
        all.push(report::step_json(name, &step));
    }
    Ok(Value::Array(all))
}

/// The three products of a layer.
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
    let digit = Shape { c: 1, h: 14, w: 14 };
    Ok(vec![
        ("student", student(digit)?, 32),
        ("teacher", teacher(digit)?, 32),
        ("LeNet-5", Named::LeNet5.network()?, 16),
        ("plain, 8 layers", Named::Plain8.network()?, 16),
        ("ResNet-20", Named::ResNet20.network()?, 8),
    ])
}
