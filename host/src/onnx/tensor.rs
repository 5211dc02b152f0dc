//! Constants of a file: sizes checked against the data before anything is allocated for them.

use super::error::{malformed, OnnxError, AGAIN};
use super::proto::{data_type, TensorProto};
use crate::parameters::half;

/// Most sizes a tensor may have.
const MAX_RANK: usize = 8;

/// Values of a constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Real numbers, all finite.
    Real(Vec<f32>),
    /// Whole numbers: shapes and axes.
    Whole(Vec<i64>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Sizes, outermost first; none for a single value.
    pub sizes: Vec<usize>,
    /// As many values as the product of the sizes.
    pub values: Values,
}

impl Tensor {
    /// How many values it has.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Real(v) => v.len(),
            Values::Whole(v) => v.len(),
        }
    }

    /// Its real numbers.
    pub fn real(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Real(v) => Some(v),
            Values::Whole(_) => None,
        }
    }

    /// Its whole numbers.
    pub fn whole(&self) -> Option<&[i64]> {
        match &self.values {
            Values::Whole(v) => Some(v),
            Values::Real(_) => None,
        }
    }

    /// Rows and columns exchanged; none if it is no matrix of reals.
    pub fn transposed(&self) -> Option<Tensor> {
        let (&[rows, columns], Some(v)) = (self.sizes.as_slice(), self.real()) else {
            return None;
        };
        let values = (0..columns)
            .flat_map(|x| v.iter().skip(x).step_by(columns.max(1)).take(rows))
            .copied()
            .collect();
        Some(Tensor {
            sizes: vec![columns, rows],
            values: Values::Real(values),
        })
    }

    /// Reads a constant; `place` is for messages.
    pub fn read(proto: &TensorProto, place: &str) -> Result<Tensor, OnnxError> {
        if proto.data_location == Some(1) || !proto.external_data.is_empty() {
            let key =
                |e: &&super::proto::StringStringEntryProto| e.key.as_deref() == Some("location");
            let file = proto.external_data.iter().find(key);
            let file = file.and_then(|e| e.value.as_deref()).unwrap_or("elsewhere");
            return Err(malformed(
                place,
                "data of a tensor",
                format!("in another file ({file})"),
                "inside this one",
                "export with torch.onnx.export(…, external_data=False), or merge with onnx.save",
            ));
        }
        if proto.segment.is_some() {
            let found = "a segment of it";
            return Err(malformed(
                place,
                "data of a tensor",
                found,
                "all of it",
                AGAIN,
            ));
        }
        let sizes = sizes(&proto.dims, place)?;
        let count = sizes.iter().try_fold(1usize, |a, &b| a.checked_mul(b));
        let kind = proto.data_type.unwrap_or(0);
        let raw = proto.raw_data.as_deref().filter(|r| !r.is_empty());
        let (width, listed) = match kind {
            data_type::FLOAT => (4, proto.float_data.len()),
            data_type::DOUBLE => (8, proto.double_data.len()),
            data_type::FLOAT16 | data_type::BFLOAT16 => (2, proto.int32_data.len()),
            data_type::INT32 => (4, proto.int32_data.len()),
            data_type::INT64 => (8, proto.int64_data.len()),
            data_type::BOOL => (1, proto.int32_data.len()),
            other => {
                return Err(malformed(
                    place,
                    "type of a tensor",
                    data_type::name(other),
                    "FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT64 or INT32",
                    "export the network in float, not quantised",
                ))
            }
        };
        let found = raw.map_or(listed, |r| r.len() / width);
        let whole = raw.is_none_or(|r| r.len() % width == 0);
        if count != Some(found) || !whole {
            return Err(malformed(
                place,
                "data of a tensor",
                match raw {
                    Some(r) => format!("{} bytes of {}", r.len(), data_type::name(kind)),
                    None => format!("{listed} values"),
                },
                format!("the product of {sizes:?}"),
                AGAIN,
            ));
        }
        let values = match kind {
            data_type::INT32 | data_type::INT64 | data_type::BOOL => {
                Values::Whole(whole_numbers(proto, kind, raw))
            }
            _ => Values::Real(reals(proto, kind, raw)),
        };
        if let Values::Real(v) = &values {
            if let Some(i) = v.iter().position(|v| !v.is_finite()) {
                return Err(malformed(
                    place,
                    "value of a tensor",
                    format!("{} at {i}", v[i]),
                    "finite numbers",
                    "check the run they came from",
                ));
            }
        }
        Ok(Tensor { sizes, values })
    }
}

fn sizes(dims: &[i64], place: &str) -> Result<Vec<usize>, OnnxError> {
    let sizes: Option<Vec<usize>> = dims.iter().map(|&d| usize::try_from(d).ok()).collect();
    sizes.filter(|s| s.len() <= MAX_RANK).ok_or_else(|| {
        let shown = &dims[..dims.len().min(MAX_RANK + 1)];
        let expected = format!("at most {MAX_RANK}, none negative");
        malformed(
            place,
            "sizes of a tensor",
            format!("{shown:?}"),
            expected,
            AGAIN,
        )
    })
}

/// Values of `N` bytes each, little-endian.
fn chunks<const N: usize, T>(raw: &[u8], of: impl Fn([u8; N]) -> T) -> Vec<T> {
    raw.chunks_exact(N)
        .filter_map(|c| c.try_into().ok())
        .map(of)
        .collect()
}

fn reals(proto: &TensorProto, kind: i32, raw: Option<&[u8]>) -> Vec<f32> {
    let upper = |h: u16| f32::from_bits(u32::from(h) << 16);
    let of_half = if kind == data_type::FLOAT16 {
        half
    } else {
        upper
    };
    match (kind, raw) {
        (data_type::FLOAT, Some(r)) => chunks(r, f32::from_le_bytes),
        (data_type::FLOAT, None) => proto.float_data.clone(),
        (data_type::DOUBLE, Some(r)) => chunks(r, |b| f64::from_le_bytes(b) as f32),
        (data_type::DOUBLE, None) => proto.double_data.iter().map(|&v| v as f32).collect(),
        (_, Some(r)) => chunks(r, |b| of_half(u16::from_le_bytes(b))),
        (_, None) => proto
            .int32_data
            .iter()
            .map(|&v| of_half(v as u16))
            .collect(),
    }
}

fn whole_numbers(proto: &TensorProto, kind: i32, raw: Option<&[u8]>) -> Vec<i64> {
    match (kind, raw) {
        (data_type::INT64, Some(r)) => chunks(r, i64::from_le_bytes),
        (data_type::INT64, None) => proto.int64_data.clone(),
        (data_type::BOOL, Some(r)) => r.iter().map(|&b| b.into()).collect(),
        (_, Some(r)) => chunks(r, |b| i64::from(i32::from_le_bytes(b))),
        (_, None) => proto.int32_data.iter().map(|&v| v.into()).collect(),
    }
}
