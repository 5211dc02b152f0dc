//! One line of a vector file: its fields, checked as they are read, and the comparison with what was found.

use crate::error::{wrong, CliError};
use serde_json::Value;
use std::fmt::Display;

/// A tensor of a vector.
pub struct Tensor {
    /// Sizes, outermost first; none is 0.
    pub shape: Vec<usize>,
    /// Format.
    pub f: i32,
    /// Row-major words.
    pub q: Vec<i16>,
}

/// One vector.
pub struct Vector {
    /// File and line, for messages.
    pub place: String,
    value: Value,
}

impl Vector {
    /// Parses every line of a file.
    pub fn parse_all(path: &str, text: &str) -> Result<Vec<Vector>, CliError> {
        let mut all = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let place = format!("{path}, line {}", i + 1);
            let value = serde_json::from_str(line).map_err(|e| {
                let end: String = line.chars().rev().take(20).collect();
                let end: String = end.chars().rev().collect();
                wrong(
                    &place,
                    e,
                    format!("{} bytes that end in `{end}`", line.len()),
                    "one complete JSON object",
                    "fetch the file again: it may be truncated",
                )
            })?;
            all.push(Vector { place, value });
        }
        if all.is_empty() {
            let remedy = "fetch the file again or give another to --vectors";
            return Err(wrong(path, "vectors", "none", "at least one line", remedy));
        }
        Ok(all)
    }

    /// What kind it is.
    pub fn op(&self) -> &str {
        self.value["op"].as_str().unwrap_or("")
    }

    /// An error about a field.
    pub fn refuse(&self, field: &str, found: impl ToString, expected: impl ToString) -> CliError {
        let what = format!("`{field}` of `{}`", self.op());
        let remedy = "correct the vector";
        wrong(&self.place, what, found, expected, remedy)
    }

    fn number<T: TryFrom<i64>>(&self, field: &str, v: &Value) -> Result<T, CliError> {
        v.as_i64().and_then(|v| T::try_from(v).ok()).ok_or_else(|| {
            let kind = std::any::type_name::<T>();
            self.refuse(field, shown(v), format!("a number of type {kind}"))
        })
    }

    fn numbers<T: TryFrom<i64>>(&self, field: &str, v: &Value) -> Result<Vec<T>, CliError> {
        let list = v
            .as_array()
            .ok_or_else(|| self.refuse(field, shown(v), "a list"))?;
        list.iter().map(|v| self.number(field, v)).collect()
    }

    /// A number.
    pub fn int<T: TryFrom<i64>>(&self, field: &str) -> Result<T, CliError> {
        self.number(field, &self.value[field])
    }

    /// A yes or no.
    pub fn flag(&self, field: &str) -> Result<bool, CliError> {
        let v = &self.value[field];
        v.as_bool()
            .ok_or_else(|| self.refuse(field, shown(v), "true or false"))
    }

    /// A list of numbers.
    pub fn list<T: TryFrom<i64>>(&self, field: &str) -> Result<Vec<T>, CliError> {
        self.numbers(field, &self.value[field])
    }

    /// A list of numbers, as many as `n`.
    pub fn list_of<T: TryFrom<i64>>(&self, field: &str, n: usize) -> Result<Vec<T>, CliError> {
        let list = self.list(field)?;
        if list.len() == n {
            return Ok(list);
        }
        Err(self.refuse(field, format!("{} values", list.len()), n))
    }

    /// A list of lists of three numbers.
    pub fn triples(&self, field: &str) -> Result<Vec<Vec<i64>>, CliError> {
        let v = &self.value[field];
        let list = v
            .as_array()
            .ok_or_else(|| self.refuse(field, shown(v), "a list"))?;
        list.iter().map(|v| self.numbers(field, v)).collect()
    }

    /// A tensor with so many sizes.
    pub fn tensor(&self, field: &str, dimensions: usize) -> Result<Tensor, CliError> {
        let v = &self.value[field];
        let shape: Vec<usize> = self.numbers(field, &v["shape"])?;
        if shape.len() != dimensions || shape.iter().any(|&n| n == 0 || n > 1 << 20) {
            let expected = format!("{dimensions} sizes from 1 to 1048576");
            return Err(self.refuse(field, format!("shape {shape:?}"), expected));
        }
        let q: Vec<i16> = self.numbers(field, &v["q"])?;
        if Some(q.len()) != shape.iter().try_fold(1usize, |a, &b| a.checked_mul(b)) {
            let found = format!("{} values", q.len());
            return Err(self.refuse(field, found, format!("those of shape {shape:?}")));
        }
        let f = self.number(field, &v["f"])?;
        Ok(Tensor { shape, f, q })
    }
}

/// A value, cut to what fits a message.
fn shown(v: &Value) -> String {
    let text = match v {
        Value::Null => "nothing".into(),
        v => v.to_string(),
    };
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text,
    }
}

/// The first difference of one result, if there is one.
pub fn differ<T: PartialEq + Display>(part: &str, found: &[T], expected: &[T]) -> Option<String> {
    if found.len() != expected.len() {
        let (e, f) = (expected.len(), found.len());
        return Some(format!("{part}: expected {e} values, found {f}"));
    }
    let i = (0..found.len()).find(|&i| found[i] != expected[i])?;
    let count = (i..found.len())
        .filter(|&i| found[i] != expected[i])
        .count();
    let (e, f) = (&expected[i], &found[i]);
    Some(match found.len() {
        1 => format!("{part}: expected {e}, found {f}"),
        n => format!("{part}[{i}]: expected {e}, found {f} ({count} of {n} differ)"),
    })
}
