//! The generated text against the contract's decoder, on random and nearly right commands.
use super::*;
use crate::control::word::pack;
use crate::parity::{Parity, Rng};

/// A command of any kind: every field within its range, at its corners or just outside, sometimes with a byte overwritten.
pub(crate) fn nearly_right(rng: &mut Rng) -> [u8; COMMAND_BYTES] {
    let mut bytes = [0u8; COMMAND_BYTES];
    let format = &FORMATS[rng.below(FORMATS.len() as u64) as usize];
    bytes[0] = format.opcode;
    bytes[1] = rng.word() as u8 & format.flag_mask();
    bytes[2] = rng.word() as u8 & 63;
    bytes[3] = rng.word() as u8 & 63;
    let wrong = rng.below(format.fields.len() as u64 * 3 + 1) as usize;
    for (i, f) in format.fields.iter().enumerate() {
        let span = (f.max - f.min + 1) as u64;
        let v = match rng.below(4) {
            _ if i == wrong => [f.min - 1, f.max + 1, rng.word() as i64][rng.below(3) as usize],
            0 => f.min,
            1 => f.max,
            _ => f.min + rng.below(span) as i64,
        };
        let n = f.bits / 8;
        bytes[f.offset..f.offset + n].copy_from_slice(&v.to_le_bytes()[..n]);
    }
    if rng.chance(20) {
        let at = rng.below(64) as usize;
        bytes[at] = rng.word() as u8;
    }
    if rng.chance(5) {
        bytes[rng.below(4) as usize] ^= 1 << rng.below(8);
    }
    if rng.chance(2) {
        bytes.fill_with(|| rng.word() as u8);
    }
    bytes
}

#[test]
fn says_what_the_contract_says() {
    let mut codes = [0u32; 5];
    Parity::new("command_check")
        .cycles(100_000)
        .check_combinational(&mut Check::default(), |u, rng, _| {
            let bytes = nearly_right(rng);
            codes[verdict(&bytes).code as usize] += 1;
            u.command.next = pack(&bytes);
        })
        .unwrap();
    assert!(
        codes.iter().all(|&n| n > 50),
        "a verdict was hardly tried: {codes:?}"
    );
}

#[test]
fn values_of_each_code() {
    let mut bytes = [0u8; COMMAND_BYTES];
    bytes[0] = 0x77;
    assert_eq!((verdict(&bytes).code, verdict(&bytes).value), (1, 0x77));
    bytes[0] = 9;
    assert!(verdict(&bytes).is_yield);
    bytes[3] = 0xc1;
    assert_eq!(
        (verdict(&bytes).code, verdict(&bytes).value),
        (2, 0x0300_00c1)
    );
    bytes[1] = 0x10;
    assert_eq!((verdict(&bytes).code, verdict(&bytes).value), (3, 0x10));
}
