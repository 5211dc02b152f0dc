//! Where a device is, as `--device` says it: `model`, `rtl`, `uart:/dev/ttyUSB1@12000000,bytes=32M`, `mmap:/dev/uio0`.

use crate::error::{wrong, CliError};
use std::path::PathBuf;

/// A device by name or place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// One that this build has inside, by name.
    Simulated(String),
    /// A board behind a serial port.
    Uart(Uart),
    /// An engine in this machine's address space, or one that is served from a file.
    Mmap(Mmap),
}

/// A board behind a serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uart {
    /// The port.
    pub port: String,
    /// Bits a second.
    pub baud: u32,
    /// Bytes of memory, if said.
    pub bytes: Option<u64>,
    /// Clock of its engine, Hz.
    pub clock: u64,
    /// What system and port add to an answer, milliseconds.
    pub latency: u64,
}

/// A mapped engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mmap {
    /// Its file.
    pub path: PathBuf,
    /// The file of its memory, if it is another.
    pub memory: Option<PathBuf>,
    /// Address of its memory.
    pub base: Option<u64>,
    /// Bytes of memory.
    pub bytes: Option<u64>,
    /// Clock of its engine, Hz.
    pub clock: Option<u64>,
    /// Without its interrupt.
    pub polled: bool,
}

const BAUD: u32 = 12_000_000;
const CLOCK: u64 = 48_000_000;
const LATENCY: u64 = 50;

/// A number with K, M or G (of 1024 for bytes, of 1000 for the rest), decimal or hexadecimal.
pub fn number(text: &str, kilo: u64) -> Option<u64> {
    let power = match text.bytes().last()?.to_ascii_uppercase() {
        b'K' => 1,
        b'M' => 2,
        b'G' => 3,
        _ => 0,
    };
    let digits = &text[..text.len() - usize::from(power > 0)];
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    value.checked_mul(kilo.pow(power))
}

fn refused(what: &str, found: &str, expected: &str) -> CliError {
    let remedy = "see `tandem help info`, or docs/devices.md";
    wrong(
        "--device",
        what,
        format_args!("`{found}`"),
        expected,
        remedy,
    )
}

/// `name=value` pairs after a place; every name must be known.
fn settings<'a>(
    text: &'a str,
    known: &'static [&'static str],
) -> Result<Vec<(&'static str, &'a str)>, CliError> {
    let pairs = text.split(',').filter(|part| !part.is_empty());
    pairs
        .map(|part| {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| refused("setting", part, "NAME=VALUE"))?;
            let name = known.iter().find(|known| **known == name);
            let name = name.ok_or_else(|| refused("setting", part, &known.join(", ")))?;
            Ok((*name, value))
        })
        .collect()
}

fn positive(name: &str, value: &str, kilo: u64) -> Result<u64, CliError> {
    number(value, kilo)
        .filter(|&value| value > 0 || name == "base")
        .ok_or_else(|| refused(name, value, "a number, such as 4096, 0x1000, 64M"))
}

impl Address {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, CliError> {
        let Some((kind, rest)) = text.split_once(':') else {
            return match text {
                "uart" | "mmap" => Err(refused(
                    "place",
                    text,
                    "a path after it, such as uart:/dev/ttyUSB1@12000000 or mmap:/dev/uio0",
                )),
                _ => Ok(Self::Simulated(text.into())),
            };
        };
        let (place, more) = rest.split_once(',').unwrap_or((rest, ""));
        match kind {
            "uart" => Uart::parse(place, more).map(Self::Uart),
            "mmap" => Mmap::parse(place, more).map(Self::Mmap),
            _ => Err(refused("kind", kind, "model, rtl, uart:PORT or mmap:FILE")),
        }
    }
}

impl Uart {
    fn parse(place: &str, more: &str) -> Result<Self, CliError> {
        let (port, baud) = match place.rsplit_once('@') {
            Some((port, baud)) => {
                let rate = number(baud, 1000).and_then(|rate| u32::try_from(rate).ok());
                let rate = rate.filter(|&rate| rate > 0);
                (
                    port,
                    rate.ok_or_else(|| {
                        refused("baud rate", baud, "bits a second, such as 3000000")
                    })?,
                )
            }
            None => (place, BAUD),
        };
        if port.is_empty() {
            return Err(refused("port", place, "a path, such as /dev/ttyUSB1"));
        }
        let mut uart = Self {
            port: port.into(),
            baud,
            bytes: None,
            clock: CLOCK,
            latency: LATENCY,
        };
        for (name, value) in settings(more, &["bytes", "clock", "latency"])? {
            match name {
                "bytes" => uart.bytes = Some(positive(name, value, 1024)?),
                "clock" => uart.clock = positive(name, value, 1000)?,
                _ => uart.latency = positive(name, value, 1000)?,
            }
        }
        Ok(uart)
    }
}

impl Mmap {
    fn parse(place: &str, more: &str) -> Result<Self, CliError> {
        if place.is_empty() {
            return Err(refused("file", place, "a path, such as /dev/uio0"));
        }
        let mut mmap = Self {
            path: place.into(),
            ..Self::default()
        };
        for (name, value) in settings(more, &["memory", "base", "bytes", "clock", "interrupt"])? {
            match name {
                "memory" => mmap.memory = Some(value.into()),
                "base" => mmap.base = Some(positive(name, value, 1024)?),
                "bytes" => mmap.bytes = Some(positive(name, value, 1024)?),
                "clock" => mmap.clock = Some(positive(name, value, 1000)?),
                _ if value == "no" => mmap.polled = true,
                _ if value == "yes" => mmap.polled = false,
                _ => return Err(refused(name, value, "yes or no")),
            }
        }
        Ok(mmap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let parse = |text| Address::parse(text).map_err(|e| e.to_string());
        assert_eq!(parse("model"), Ok(Address::Simulated("model".into())));
        let uart = Uart {
            port: "/dev/ttyUSB1".into(),
            baud: BAUD,
            bytes: None,
            clock: CLOCK,
            latency: LATENCY,
        };
        assert_eq!(parse("uart:/dev/ttyUSB1"), Ok(Address::Uart(uart.clone())));
        let more = Uart {
            baud: 3_000_000,
            bytes: Some(32 << 20),
            clock: 75_000_000,
            latency: 2000,
            ..uart
        };
        assert_eq!(
            parse("uart:/dev/ttyUSB1@3M,bytes=32M,clock=75M,latency=2000"),
            Ok(Address::Uart(more))
        );
        let mmap = Mmap {
            path: "/dev/uio0".into(),
            memory: Some("/dev/mem".into()),
            base: Some(0x3000_0000),
            bytes: Some(256 << 20),
            clock: Some(100_000_000),
            polled: true,
        };
        assert_eq!(
            parse(
                "mmap:/dev/uio0,memory=/dev/mem,base=0x30000000,bytes=256M,clock=100M,interrupt=no"
            ),
            Ok(Address::Mmap(mmap))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, word) in [
            ("uart", "a path after it"),
            ("uart:", "/dev/ttyUSB1"),
            ("uart:x@fast", "fast"),
            ("uart:x@0", "bits a second"),
            ("uart:x,color=red", "bytes, clock, latency"),
            ("mmap:", "/dev/uio0"),
            ("mmap:x,bytes=many", "many"),
            ("mmap:x,interrupt=maybe", "yes or no"),
            ("mmap:x,base", "NAME=VALUE"),
            ("usb:x", "mmap:FILE"),
            ("mmap:x,bytes=99999999999G", "bytes"),
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
