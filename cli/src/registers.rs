//! `tandem registers`: what a device's registers hold, by name and field.

use crate::device::Choice;
use crate::error::CliError;
use crate::output::say;
use serde_json::{json, Value};
use tandem::registers::{read_all, Reading};
use tandem::DriverError;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Only registers whose name has one of these in it, such as STATUS or S_WINDOW
    names: Vec<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the verb. Reads only what changes nothing by being read.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let mut device = args.choice.closed(1 << 20)?;
    let mut all = read_all(&mut device).map_err(DriverError::from)?;
    let names: Vec<_> = args.names.iter().map(|name| name.to_uppercase()).collect();
    // A whole name means that register alone.
    let whole = |name: &String| all.iter().any(|r| r.name == *name);
    let names: Vec<_> = names.iter().map(|name| (name, whole(name))).collect();
    let wanted = |r: &Reading| {
        names.is_empty()
            || names.iter().any(|(name, whole)| match whole {
                true => r.name == **name,
                false => r.name.contains(*name),
            })
    };
    all.retain(wanted);
    if args.json {
        let all: Vec<_> = all.iter().map(value).collect();
        say(format_args!("{:#}", Value::from(all)));
    } else {
        all.iter().for_each(line);
    }
    Ok(true)
}

fn value(r: &Reading) -> Value {
    let fields: serde_json::Map<String, Value> = r
        .fields()
        .iter()
        .map(|p| {
            (
                p.field.name.into(),
                p.name.map_or(json!(p.value), |name| json!(name)),
            )
        })
        .collect();
    json!({ "name": r.name, "offset": r.offset, "value": r.value, "fields": fields })
}

fn line(r: &Reading) {
    let value = match r.value {
        Some(value) => format!("{value:#010x}"),
        None => "-".into(),
    };
    let fields = r.fields().into_iter().map(|p| match p.name {
        Some(name) => format!("{}={name}", p.field.name),
        None => format!("{}={}", p.field.name, p.value),
    });
    let mut text: Vec<_> = fields.collect();
    if let (true, Some(value)) = (text.is_empty(), r.value) {
        text.push(value.to_string());
    }
    let line = format!(
        "{:#05x}  {:<24} {value:<10}  {}",
        r.offset,
        r.name,
        text.join(" ")
    );
    say(line.trim_end());
}
