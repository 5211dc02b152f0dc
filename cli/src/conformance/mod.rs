//! `tandem conformance`: a device against vectors, one JSON object a line. The kinds and their fields are those of tests/vectors.
//!
//! Scalar functions are those of the interface crate; whatever has a command runs as commands on the device.

mod commands;
mod vector;

use crate::device::Choice;
use crate::error::{wrong, CliError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tandem::Error;
use tandem_isa::numerics::{self, Exponent, MAX_SHIFT};
use vector::{differ, Vector};

/// Memory of the device: operands and results of one vector.
const MEMORY: usize = 64 << 20;

const KINDS: &[&str] = &[
    "r_shift",
    "requant",
    "align",
    "exponent",
    "random",
    "softmax_ce",
    "sgd",
    "conv_forward",
    "conv_dx",
    "conv_dw",
    "max_pool",
];

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// File of vectors
    #[arg(long, value_name = "FILE")]
    vectors: PathBuf,
}

/// Runs the verb; false if anything differs.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let config = args.choice.config()?;
    if config.operand_bits != 16 || !config.has_loss {
        let expected = "one with 16-bit operands and the loss unit";
        let remedy = "choose another: the vectors are of these";
        return Err(wrong(
            "--config",
            "configuration",
            config.name,
            expected,
            remedy,
        ));
    }
    args.choice.device()?;
    let path = args.vectors.display().to_string();
    let text = std::fs::read_to_string(&args.vectors).map_err(|e| {
        let remedy = "give another file to --vectors";
        wrong(&path, "reading", e, "a readable text file", remedy)
    })?;
    let vectors = Vector::parse_all(&path, &text)?;
    if let Some(v) = vectors.iter().find(|v| !KINDS.contains(&v.op())) {
        let (found, expected) = (v.op(), KINDS.join(", "));
        let remedy = "use the vectors of this release";
        return Err(wrong(&v.place, "op", found, expected, remedy));
    }
    let mut engine = args.choice.open(MEMORY)?;
    let (mut passed, mut failed) = (0, 0);
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    for (i, v) in vectors.iter().enumerate() {
        let difference = match pure(v).or_else(|| commands::check(&mut engine, v)) {
            None => Ok(None),
            Some(Err(CliError::Run(Error::Driver(e)))) => {
                Ok(Some(format!("expected a result, found: {e}")))
            }
            Some(Err(CliError::Run(e))) => Err(wrong(
                &v.place,
                format_args!("`{}`", v.op()),
                e,
                "an operation the engine can take",
                "correct the vector or choose another --config",
            )),
            Some(other) => other,
        }?;
        match difference {
            None => passed += 1,
            Some(text) => {
                failed += 1;
                let text = format!("{} vector {i} ({}): {text}", v.op(), v.place);
                first.entry(v.op()).or_insert(text);
            }
        }
    }
    for text in first.values() {
        println!("{text}");
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// The kinds without commands; nothing for the others.
fn pure(v: &Vector) -> Option<Result<Option<String>, CliError>> {
    Some(match v.op() {
        "r_shift" | "requant" => shifts(v),
        "align" => align(v),
        "exponent" => exponent(v),
        "random" => random(v),
        _ => return None,
    })
}

fn shifts(v: &Vector) -> Result<Option<String>, CliError> {
    let (x, s) = (v.int("x")?, v.int("s")?);
    if s > MAX_SHIFT {
        return Err(v.refuse("s", s, format!("at most {MAX_SHIFT}")));
    }
    let y = if v.op() == "requant" {
        numerics::requant(x, s).into()
    } else {
        numerics::r_shift(x, s, v.int("r16")?)
    };
    Ok(differ("y", &[y], &[v.int("y")?]))
}

fn align(v: &Vector) -> Result<Option<String>, CliError> {
    let y = numerics::align(v.int("q")?, v.int("f")?, v.int("F")?)
        .map_err(|e| CliError::Run(e.into()))?;
    Ok(differ("y", &[y], &[v.int("y")?]))
}

fn exponent(v: &Vector) -> Result<Option<String>, CliError> {
    let masks: Vec<u64> = v.list("masks")?;
    let formats: Vec<i32> = v.list_of("f_acc", masks.len())?;
    let mut state = Exponent::default();
    let mut found = Vec::new();
    for (&mask, &f) in masks.iter().zip(&formats) {
        state.finish(mask, f);
        found.push(format!(
            "{:?}",
            [state.e.into(), state.count.into(), i64::from(state.valid)]
        ));
    }
    let triples = v.triples("state")?;
    let expected: Vec<String> = triples.iter().map(|t| format!("{t:?}")).collect();
    Ok(differ("state", &found, &expected))
}

fn random(v: &Vector) -> Result<Option<String>, CliError> {
    let (i, key) = (v.int("i")?, v.int("key")?);
    let y = differ("y", &[numerics::hash16(i, key)], &[v.int("y")?]);
    let next = [numerics::next_key(key)];
    Ok(y.or(differ("next_key", &next, &[v.int("next_key")?])))
}
