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

fn says_what_the_contract_says(name: &str, elastic: bool) {
    let mut codes = [0u32; 5];
    // Of the command taken last, and the cycles since then.
    let mut held: Option<([u8; COMMAND_BYTES], u32)> = None;
    Parity::new(name)
        .cycles(100_000)
        .check(
            &mut Check::new(elastic),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if let Some((bytes, age)) = &mut held {
                    *age += 1;
                    assert!(u.command.val() == pack(bytes), "cycle {cycle}");
                    assert_eq!(u.judged.val(), *age >= 3, "cycle {cycle}");
                    if *age >= 3 {
                        let v = verdict(bytes, elastic);
                        assert_eq!(u.bad.val(), v.code != 0, "cycle {cycle}");
                        assert_eq!(u.code.val().to_u64(), u64::from(v.code));
                        assert_eq!(u.value.val().to_u64(), u64::from(v.value));
                        assert_eq!(u.to_unit.val().to_u64(), u64::from(v.to_unit));
                        assert_eq!(u.is_yield.val(), v.is_yield, "cycle {cycle}");
                    }
                }
                // Sometimes before the one before is judged.
                let due = held.as_ref().is_none_or(|(_, age)| *age >= 3);
                u.take.next = rng.chance(if due { 90 } else { 2 });
                let bytes = nearly_right(rng);
                u.in_command.next = pack(&bytes);
                if u.take.next {
                    codes[verdict(&bytes, elastic).code as usize] += 1;
                    held = Some((bytes, 0));
                }
            },
        )
        .unwrap();
    assert!(
        codes.iter().all(|&n| n > 50),
        "a verdict was hardly tried: {codes:?}"
    );
}

#[test]
fn of_an_engine_with_elastic_updates() {
    says_what_the_contract_says("command_check", true);
}

#[test]
fn of_an_engine_without() {
    says_what_the_contract_says("command_check_plain", false);
    let mut bytes = [0u8; COMMAND_BYTES];
    (bytes[0], bytes[1]) = (Update::OPCODE, Update::ELASTIC);
    let v = verdict(&bytes, false);
    assert_eq!((v.code, v.value), (ErrorCode::BadFlags as u32, 1));
}

#[test]
fn values_of_each_code() {
    let mut bytes = [0u8; COMMAND_BYTES];
    bytes[0] = 0x77;
    assert_eq!(
        (verdict(&bytes, true).code, verdict(&bytes, true).value),
        (1, 0x77)
    );
    bytes[0] = 9;
    assert!(verdict(&bytes, true).is_yield);
    bytes[3] = 0xc1;
    assert_eq!(
        (verdict(&bytes, true).code, verdict(&bytes, true).value),
        (2, 0x0300_00c1)
    );
    bytes[1] = 0x10;
    assert_eq!(
        (verdict(&bytes, true).code, verdict(&bytes, true).value),
        (3, 0x10)
    );
}
