//! The npy format: header and element type. Only what images and labels come in: little-endian or single bytes, in C order.

use super::{bad, ImageError};
use std::path::Path;

/// Longest header.
const MAX_HEADER: usize = 1 << 16;

/// Element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    U8,
    U16,
    I32,
    I64,
    F32,
}

impl Element {
    const ALL: [(&'static str, Element, usize); 6] = [
        ("|u1", Element::U8, 1),
        ("<u1", Element::U8, 1),
        ("<u2", Element::U16, 2),
        ("<i4", Element::I32, 4),
        ("<i8", Element::I64, 8),
        ("<f4", Element::F32, 4),
    ];
}

/// An array: type, sizes, and where its values begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Npy {
    pub(super) element: Element,
    pub(super) sizes: Vec<usize>,
    pub(super) data: usize,
}

impl Npy {
    /// Parses the bytes of a file, and checks that all values are there.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Npy, ImageError> {
        let remedy = "save it with numpy.save, in C order";
        let no = |what, found: String, expected: &str| bad(path, what, found, expected, remedy);
        let head = &bytes[..bytes.len().min(8)];
        let (start, length) = match bytes {
            [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => {
                (10, usize::from(u16::from_le_bytes([*a, *b])))
            }
            [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d, ..] => {
                (12, u32::from_le_bytes([*a, *b, *c, *d]) as usize)
            }
            _ => {
                return Err(no(
                    "first bytes",
                    format!("{head:02x?}"),
                    "those of an npy file",
                ))
            }
        };
        if length > MAX_HEADER {
            return Err(no(
                "length of the header",
                length.to_string(),
                "at most 65536",
            ));
        }
        let data = start + length;
        let Some(text) = bytes.get(start..data) else {
            let expected = format!("{data} and the values");
            return Err(no("length", bytes.len().to_string(), &expected));
        };
        let text = String::from_utf8_lossy(text);
        let field = |name: &str| {
            let at = text.find(&format!("'{name}':"))?;
            Some(text.get(at + name.len() + 3..)?.trim_start())
        };
        let descr = field("descr")
            .and_then(|t| t.strip_prefix('\''))
            .and_then(|t| t.split('\'').next())
            .unwrap_or("none");
        let Some((_, element, size)) = Element::ALL.into_iter().find(|e| e.0 == descr) else {
            let expected = "uint8 or float32 for images, or an unsigned byte, uint16, int32 or int64 for labels";
            return Err(no("type of the values", descr.into(), expected));
        };
        if !field("fortran_order").is_some_and(|t| t.starts_with("False")) {
            return Err(no("order of the values", "Fortran's".into(), "C's"));
        }
        let sizes = field("shape").and_then(|t| {
            let inner = t.strip_prefix('(')?.split(')').next()?;
            let parts = inner.split(',').map(str::trim).filter(|p| !p.is_empty());
            parts
                .map(|p| p.parse::<usize>().ok())
                .collect::<Option<Vec<_>>>()
        });
        let Some(sizes) = sizes else {
            return Err(no("shape", "none".into(), "a tuple of sizes"));
        };
        let count = sizes.iter().try_fold(size, |a, &b| a.checked_mul(b));
        if count != Some(bytes.len() - data) {
            let found = (bytes.len() - data).to_string();
            let expected = format!("{size} times the product of {sizes:?}");
            return Err(no("bytes after the header", found, &expected));
        }
        Ok(Npy {
            element,
            sizes,
            data,
        })
    }
}

#[cfg(test)]
pub(super) fn example(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_refused() {
        let path = Path::new("x.npy");
        let good = example("|u1", "(2, 3)", &[1, 2, 3, 4, 5, 6]);
        let npy = Npy::parse(path, &good).unwrap();
        assert_eq!((npy.element, &npy.sizes[..]), (Element::U8, &[2, 3][..]));
        assert_eq!(good[npy.data..], [1, 2, 3, 4, 5, 6]);
        for n in 0..good.len() {
            assert!(Npy::parse(path, &good[..n]).is_err(), "{n}");
        }
        for (descr, shape, word) in [
            (">f4", "(1,)", "type of the values: found >f4"),
            ("|O", "(1,)", "type of the values: found |O"),
            ("|u1", "7", "shape"),
            ("|u1", "(-1,)", "shape"),
            (
                "|u1",
                "(4294967296, 4294967296, 4)",
                "bytes after the header",
            ),
        ] {
            let e = Npy::parse(path, &example(descr, shape, &[0])).unwrap_err();
            assert!(e.to_string().contains(word), "{e}");
        }
        let text = String::from_utf8_lossy(&good).replace("False", "True ");
        assert!(Npy::parse(path, text.as_bytes()).is_err());
    }
}
