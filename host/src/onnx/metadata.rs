//! What a network says of its images and classes, in the metadata of a file: JSON under three keys.

use super::error::{malformed, OnnxError};
use super::proto::StringStringEntryProto;
use serde_json::Value;

/// Names of the classes: a list of texts.
pub const CLASSES: &str = "tandem.classes";
/// What is subtracted from each channel of an image in [0, 1]: a list of numbers.
pub const MEAN: &str = "tandem.mean";
/// What each channel is divided by then: a list of numbers.
pub const DEVIATION: &str = "tandem.std";

/// Classes and normalisation; empty where a file says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Names of the classes, in the order of the scores.
    pub classes: Vec<String>,
    /// Mean of each channel, of images in [0, 1].
    pub mean: Vec<f32>,
    /// Deviation of each channel, above 0.
    pub deviation: Vec<f32>,
}

impl Metadata {
    /// Reads it; there must be as many names as `classes`, as many numbers as `channels`.
    pub(super) fn read(
        entries: &[StringStringEntryProto],
        classes: usize,
        channels: usize,
    ) -> Result<Metadata, OnnxError> {
        let metadata = Metadata {
            classes: list(entries, CLASSES, "a text", |v| v.as_str().map(String::from))?,
            mean: list(entries, MEAN, "a number", real)?,
            deviation: list(entries, DEVIATION, "a number", real)?,
        };
        metadata.check(classes, channels)?;
        Ok(metadata)
    }

    /// Checks it against a network with so many classes and channels.
    pub(super) fn check(&self, classes: usize, channels: usize) -> Result<(), OnnxError> {
        for (key, found, expected) in [
            (CLASSES, self.classes.len(), classes),
            (MEAN, self.mean.len(), channels),
            (DEVIATION, self.deviation.len(), channels),
        ] {
            if found != 0 && found != expected {
                return Err(wrong(key, "values", found, expected));
            }
        }
        let fits = |v: &f32| v.is_finite() && *v > 0.0;
        match self.deviation.iter().find(|v| !fits(v)) {
            Some(v) => Err(wrong(DEVIATION, "deviation", v, "above 0")),
            None => Ok(()),
        }
    }

    /// As entries of a file.
    pub(super) fn entries(&self) -> Vec<StringStringEntryProto> {
        let entry = |(key, value): (&str, String)| StringStringEntryProto {
            key: Some(key.into()),
            value: Some(value),
        };
        [
            (CLASSES, serde_json::json!(self.classes).to_string()),
            (MEAN, serde_json::json!(self.mean).to_string()),
            (DEVIATION, serde_json::json!(self.deviation).to_string()),
        ]
        .into_iter()
        .filter(|(_, value)| value != "[]")
        .map(entry)
        .collect()
    }
}

fn wrong(
    key: &str,
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
) -> OnnxError {
    let remedy = "correct the entry or take it out";
    malformed(format!("metadata `{key}`"), what, found, expected, remedy)
}

fn real(value: &Value) -> Option<f32> {
    let value = value.as_f64()? as f32;
    value.is_finite().then_some(value)
}

fn list<T>(
    entries: &[StringStringEntryProto],
    key: &str,
    each: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, OnnxError> {
    let entry = entries.iter().find(|e| e.key.as_deref() == Some(key));
    let Some(text) = entry.and_then(|e| e.value.as_deref()) else {
        return Ok(Vec::new());
    };
    let values: Option<Vec<T>> = serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|json| json.as_array()?.iter().map(read).collect());
    values.ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        wrong(key, "entry", shown, format!("a JSON list, each {each}"))
    })
}
