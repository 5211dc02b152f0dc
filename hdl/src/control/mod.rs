//! Control: command fetch, check and issue. So far: the field decoders that every unit uses.
pub mod decode;
