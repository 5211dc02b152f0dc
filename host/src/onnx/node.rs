//! A node with its settings, checked as they are asked for.

use super::error::{malformed, OnnxError, AGAIN};
use super::proto::{attribute, AttributeProto, NodeProto, TensorProto};

/// Why a node goes no further: the file contradicts itself, or the engine cannot run it.
#[derive(Debug)]
pub enum Stop {
    /// The whole file is refused.
    Malformed(OnnxError),
    /// This node is refused; others are looked at.
    Refused {
        /// What cannot run.
        found: String,
        /// What would work.
        works: String,
    },
    /// It reads what a refused node makes: nothing is known of it.
    Unknown,
}

impl From<OnnxError> for Stop {
    fn from(e: OnnxError) -> Stop {
        Stop::Malformed(e)
    }
}

/// A [`Stop::Refused`].
pub fn refuse<T>(found: impl ToString, works: impl ToString) -> Result<T, Stop> {
    Err(Stop::Refused {
        found: found.to_string(),
        works: works.to_string(),
    })
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    proto: &'a NodeProto,
    index: usize,
}

impl<'a> Node<'a> {
    /// The node at `index` of the graph.
    pub fn new(index: usize, proto: &'a NodeProto) -> Node<'a> {
        Node { proto, index }
    }

    /// Its place in the graph.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its operator.
    pub fn operator(&self) -> &'a str {
        self.proto.op_type.as_deref().unwrap_or("")
    }

    /// Whose operator it is, if it is not ONNX's own.
    pub fn domain(&self) -> Option<&'a str> {
        let domain = self.proto.domain.as_deref().unwrap_or("");
        (!["", "ai.onnx"].contains(&domain)).then_some(domain)
    }

    /// Its name; of one without, its first output, or its number.
    pub fn name(&self) -> String {
        let named = |n: &&str| !n.is_empty();
        let name = self.proto.name.as_deref().filter(named);
        let output = || self.proto.output.first().map(String::as_str).filter(named);
        let name = name.or_else(output).map(String::from);
        name.unwrap_or_else(|| self.index.to_string())
    }

    /// Its name for messages.
    pub fn place(&self) -> String {
        format!("node `{}` ({})", self.name(), self.operator())
    }

    /// What it reads, with empty names for what it leaves out.
    pub fn inputs(&self) -> &'a [String] {
        &self.proto.input
    }

    /// What it writes, with empty names for what nobody wants.
    pub fn outputs(&self) -> &'a [String] {
        &self.proto.output
    }

    /// Input `i`, where it is not left out.
    pub fn optional(&self, i: usize) -> Option<&'a str> {
        let name = self.proto.input.get(i).map(String::as_str);
        name.filter(|n| !n.is_empty())
    }

    /// Input `i`, which must be there.
    pub fn input(&self, i: usize) -> Result<&'a str, OnnxError> {
        self.optional(i).ok_or_else(|| {
            let found = format!("{} of them", self.proto.input.len());
            let expected = format!("at least {}", i + 1);
            malformed(self.place(), "inputs of a node", found, expected, AGAIN)
        })
    }

    /// A setting, if it is there.
    pub fn attribute(&self, name: &str) -> Option<&'a AttributeProto> {
        let named = |a: &&AttributeProto| a.name.as_deref() == Some(name);
        self.proto.attribute.iter().find(named)
    }

    fn wrong(&self, name: &str, expected: &str) -> OnnxError {
        let found = format!("`{name}` of another type");
        malformed(self.place(), "attribute", found, expected, AGAIN)
    }

    /// A whole number; `default` if it is not there.
    pub fn int(&self, name: &str, default: i64) -> Result<i64, OnnxError> {
        match self.attribute(name) {
            None => Ok(default),
            Some(a) => match (a.i, a.r#type) {
                (Some(i), _) => Ok(i),
                (None, Some(attribute::INT)) => Ok(0),
                _ => Err(self.wrong(name, "a whole number")),
            },
        }
    }

    /// A real number; `default` if it is not there.
    pub fn float(&self, name: &str, default: f32) -> Result<f32, OnnxError> {
        let value = match self.attribute(name) {
            None => default,
            Some(a) => match (a.f, a.r#type) {
                (Some(f), _) => f,
                (None, Some(attribute::FLOAT)) => 0.0,
                _ => return Err(self.wrong(name, "a real number")),
            },
        };
        if value.is_finite() {
            return Ok(value);
        }
        Err(malformed(
            self.place(),
            "attribute",
            format!("{value} as `{name}`"),
            "a finite number",
            AGAIN,
        ))
    }

    /// Whole numbers, if they are there.
    pub fn ints(&self, name: &str) -> Result<Option<&'a [i64]>, OnnxError> {
        match self.attribute(name) {
            None => Ok(None),
            Some(a) if a.ints.is_empty() && a.r#type != Some(attribute::INTS) => {
                Err(self.wrong(name, "whole numbers"))
            }
            Some(a) => Ok(Some(&a.ints)),
        }
    }

    /// `N` whole numbers that count something; `default` if they are not there.
    pub fn sizes<const N: usize>(
        &self,
        name: &str,
        default: [usize; N],
    ) -> Result<[usize; N], OnnxError> {
        let Some(ints) = self.ints(name)? else {
            return Ok(default);
        };
        let sizes: Option<Vec<usize>> = ints.iter().map(|&i| usize::try_from(i).ok()).collect();
        sizes.and_then(|s| s.try_into().ok()).ok_or_else(|| {
            let shown = &ints[..ints.len().min(2 * N)];
            malformed(
                self.place(),
                "attribute",
                format!("{name} {shown:?}"),
                format!("{N} numbers from 0 up, as for images of rows and columns"),
                "use layers for images (2d)",
            )
        })
    }

    /// A word; empty if it is not there.
    pub fn word(&self, name: &str) -> Result<&'a str, OnnxError> {
        match self.attribute(name) {
            None => Ok(""),
            Some(a) => {
                a.s.as_deref()
                    .and_then(|s| std::str::from_utf8(s).ok())
                    .ok_or_else(|| self.wrong(name, "a word"))
            }
        }
    }

    /// A tensor, if it is there.
    pub fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.attribute(name)?.t.as_ref()
    }
}
