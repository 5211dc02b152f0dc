//! How large a file may become in memory, decided before anything of it is allocated.
//!
//! An empty message takes two bytes of a file and a hundred times as many in memory. So the parts of a file are counted first, by a
//! walk over its bytes that allocates nothing; a file with more than [`MAX_PARTS`] is not decoded. Numbers in lists take at most eight
//! times their bytes.

use super::error::OnnxError;
use prost::encoding::{decode_key, decode_varint, skip_field, DecodeContext, WireType};

/// Longest file that is read, bytes: the weights of 16 million parameters.
pub const MAX_BYTES: usize = 64 << 20;
/// Most messages and strings in a file.
pub const MAX_PARTS: usize = 200_000;

/// The messages that have others in them; of the others only their number matters.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    Leaf,
}

impl Message {
    /// What a field holds; none: bytes or numbers of which there may be many.
    fn field(self, tag: u32) -> Option<Message> {
        use Message::*;
        match (self, tag) {
            (Model, 7) => Some(Graph),
            (Model, 8 | 14) => Some(Leaf),
            (Graph, 1) => Some(Node),
            (Graph, 5) => Some(Tensor),
            (Graph, 11..=13) => Some(Value),
            (Graph, 15) => Some(Leaf),
            (Node, 1 | 2) => Some(Leaf),
            (Node, 5) => Some(Attribute),
            (Attribute, 5) => Some(Tensor),
            (Tensor, 13) => Some(Leaf),
            (Value, 2) => Some(Type),
            (Type, 1) => Some(TensorType),
            (TensorType, 2) => Some(Shape),
            (Shape, 1) => Some(Leaf),
            _ => None,
        }
    }
}

/// Refuses a file that is too long, has too many parts, or is no protobuf.
pub fn check(bytes: &[u8]) -> Result<(), OnnxError> {
    if bytes.len() > MAX_BYTES {
        return Err(OnnxError::Size {
            what: "bytes",
            found: bytes.len(),
            limit: MAX_BYTES,
        });
    }
    if bytes.is_empty() {
        return Err(OnnxError::Protobuf("it is empty".into()));
    }
    let mut parts = 0;
    walk(Message::Model, bytes, &mut parts)
}

fn walk(message: Message, mut bytes: &[u8], parts: &mut usize) -> Result<(), OnnxError> {
    let broken = |e: prost::DecodeError| OnnxError::Protobuf(e.to_string());
    while !bytes.is_empty() {
        let (tag, wire) = decode_key(&mut bytes).map_err(broken)?;
        let Some(inner) = message.field(tag) else {
            skip_field(wire, tag, &mut bytes, DecodeContext::default()).map_err(broken)?;
            continue;
        };
        if wire != WireType::LengthDelimited {
            let text = format!("field {tag} is a number where a message is expected");
            return Err(OnnxError::Protobuf(text));
        }
        let length = decode_varint(&mut bytes).map_err(broken)?;
        let body = usize::try_from(length)
            .ok()
            .and_then(|n| bytes.split_at_checked(n));
        let Some((body, rest)) = body else {
            let text = format!("{length} bytes are announced, {} are left", bytes.len());
            return Err(OnnxError::Protobuf(text));
        };
        *parts += 1;
        if *parts > MAX_PARTS {
            return Err(OnnxError::Size {
                what: "messages and names",
                found: *parts,
                limit: MAX_PARTS,
            });
        }
        if !matches!(inner, Message::Leaf) {
            walk(inner, body, parts)?;
        }
        bytes = rest;
    }
    Ok(())
}
