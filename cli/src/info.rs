//! `tandem info`: what a device says it is, its sizes, and what fits them.

use crate::device::Choice;
use crate::error::CliError;
use serde_json::json;
use tandem_isa::command::MAX_TERMS;
use tandem_isa::numerics::MAX_K_PRELOAD;
use tandem_isa::register as reg;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let device = args.choice.device()?;
    let mut engine = args.choice.open(1 << 20)?;
    let c = *engine.config();
    let [id, version, hash, shape] = [reg::ID, reg::VERSION, reg::CONFIG_HASH, reg::SHAPE]
        .map(|r| engine.register(r))
        .map(|r| r.map_err(CliError::from));
    let (id, version, hash, shape) = (id?, version?, hash?, shape?);
    let name: String = id.to_be_bytes().map(char::from).iter().collect();
    let (major, minor) = (version >> 16, version & 0xffff);
    let (rows, lanes) = (shape & 0xffff, shape >> 16);
    let pads = [
        ("A", c.a_depth),
        ("B", c.b_depth),
        ("V", c.v_depth),
        ("O", c.o_depth),
        ("Z", c.z_depth),
        ("G", c.g_depth),
        ("accumulators", c.acc_depth),
    ];
    let (plain, with_bias) = (c.width().max_terms(), c.width().max_terms_preload());
    let (plain, with_bias) = (plain.min(MAX_TERMS), with_bias.min(MAX_K_PRELOAD));
    let (classes, entries, slots) = (1 << c.class_bits, 1 << c.entry_bits, 1 << c.slot_bits);
    if args.json {
        let pads: serde_json::Map<String, serde_json::Value> = pads
            .iter()
            .map(|(n, d)| (n.to_string(), json!(d)))
            .collect();
        let text = json!({
            "device": device, "config": c.name, "id": name, "version": format!("{major}.{minor}"),
            "hash": format!("{hash:08x}"), "rows": rows, "lanes": lanes, "multipliers": c.cells(),
            "scratchpad_words": pads, "word_bytes": c.word_bytes(), "sites": c.sites, "update_lanes": c.update_lanes, "requant_lanes": c.requant_lanes,
            "selector": {"classes": classes, "entries": entries, "slots": slots},
            "sum_limit": {"plain": plain, "with_bias": with_bias},
            "operand_bits": c.operand_bits, "accumulator_bits": c.accumulator_bits,
            "units": {"loss": c.has_loss, "selector": c.has_selector, "elastic": c.has_elastic},
        });
        println!("{text:#}");
        return Ok(true);
    }
    println!("device        {device}, configuration {}", c.name);
    println!("identity      {name}, interface {major}.{minor}, configuration hash {hash:08x}");
    println!("array         {rows} rows x {lanes} columns, {} multipliers, weight- and output-stationary", c.cells());
    println!(
        "              operands of {} bits, accumulators of {}",
        c.operand_bits, c.accumulator_bits
    );
    println!("scratchpads   words of {} bytes", c.word_bytes());
    for (pad, depth) in pads {
        println!("              {pad:<12} {depth:>6}");
    }
    println!("exponents     {} sites", c.sites);
    let elastic = if c.has_elastic {
        "elastic weights by the engine"
    } else {
        "elastic weights by the host"
    };
    println!(
        "update        {} elements a cycle, {elastic}",
        c.update_lanes
    );
    println!("requantise    {} elements a cycle", c.requant_lanes);
    if !c.has_loss {
        println!("loss          none: softmax, ranking and errors are computed on the host");
    }
    if c.has_selector {
        println!("selector      {classes} classes, {entries} entries, {slots} sample slots");
        println!(
            "              10 classes: K up to {}",
            (entries / 10usize).checked_ilog2().map_or(0, |b| 1 << b)
        );
    } else {
        println!("selector      none: the host selects");
    }
    println!("sums          {plain} products, {with_bias} on a bias: input channels x kernel, or batch x pixels for dW");
    println!("any size of layer that fits the device's memory is tiled to these scratchpads");
    Ok(true)
}
