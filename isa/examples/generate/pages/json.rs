//! host/include/tandem.json: registers, fields, error codes and configurations for programs in other languages.

use super::NOTICE;
use serde_json::{json, Value};
use tandem_isa::register::{self as reg, Access, Field, Register};
use tandem_isa::{config, ErrorCode};

/// The file.
pub fn file() -> String {
    let codes = ErrorCode::ALL.iter().map(|(code, name, doc)| {
        json!({ "code": *code as u32, "name": name, "description": doc.trim() })
    });
    let configurations = config::ALL
        .iter()
        .map(|c| json!({ "name": c.name, "hash": c.hash(), "rows": c.rows, "lanes": c.lanes }));
    let all = json!({
        "notice": NOTICE,
        "id": reg::ID_VALUE,
        "version": reg::VERSION_VALUE,
        "bytes": reg::SPACE,
        "registers": reg::ALL.iter().map(register).collect::<Vec<_>>(),
        "error_codes": codes.collect::<Vec<_>>(),
        "configurations": configurations.collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}

fn access(access: Access) -> &'static str {
    match access {
        Access::ReadOnly => "read",
        Access::ReadWrite => "read-write",
        Access::WriteOnly => "write",
        Access::WriteOneToClear => "read, 1 clears",
        Access::ReadPops => "read takes",
    }
}

fn register(r: &Register) -> Value {
    let (times, distance) = r.repeats();
    let mut value = json!({
        "name": r.name,
        "offset": r.offset,
        "access": access(r.access),
        "reset": r.reset,
        "description": r.doc.trim(),
        "fields": r.fields.iter().map(field).collect::<Vec<_>>(),
    });
    if times > 1 {
        value["repeats"] = json!({ "times": times, "distance": distance });
    }
    value
}

fn field(f: &Field) -> Value {
    let mut value = json!({
        "name": f.name,
        "low": f.low,
        "bits": f.bits,
        "signed": f.signed,
        "description": f.doc,
    });
    if !f.values.is_empty() {
        let values = f.values.iter();
        value["values"] = values
            .map(|(v, name)| json!({ "value": v, "name": name }))
            .collect();
    }
    value
}
