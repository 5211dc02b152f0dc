//! The first error is kept, attributed as the header says.
use super::*;
use crate::parity::Parity;

/// The error that the inputs of this cycle make.
fn expected(f: &Faults) -> Option<(u64, u64, u64)> {
    let address = |u: usize| f.unit_address[u].next.to_u64();
    if f.master_error.next {
        let (code, value) = (f.master_code.next.to_u64(), f.master_value.next.to_u64());
        let command = match ErrorCode::from_u32(code as u32) {
            Some(ErrorCode::WriteWindow | ErrorCode::WriteResponse) => f.store_place.next.to_u64(),
            Some(ErrorCode::FetchWindow) => value,
            Some(ErrorCode::ReadResponse) if f.fetch_failed.next => value,
            _ => f.load_place.next.to_u64(),
        };
        return Some((code, command, value));
    }
    if let Some(u) = (0..6).find(|&u| f.unit_error[u].next) {
        return Some((
            f.unit_code[u].next.to_u64(),
            address(u),
            f.unit_value[u].next.to_u64(),
        ));
    }
    if f.refused.next {
        return Some((
            f.refused_code.next.to_u64(),
            f.refused_address.next.to_u64(),
            f.refused_value.next.to_u64(),
        ));
    }
    f.expired.next.then(|| {
        let with: Vec<usize> = (0..6).filter(|&u| f.has_command[u].next).collect();
        let command = with
            .first()
            .map_or(f.next_address.next.to_u64(), |&u| address(u));
        (
            ErrorCode::Timeout as u64,
            command,
            with.iter().map(|u| 1 << u).sum(),
        )
    })
}

#[test]
fn keeps_the_first_error() {
    let mut kept = None;
    let mut codes = [0; 12];
    Parity::new("faults")
        .cycles(8000)
        .check(
            &mut Faults::default(),
            |u| &mut u.clock,
            |f, rng, cycle| {
                if f.reset.next {
                    kept = None;
                } else if kept.is_none() && f.run.next {
                    kept = expected(f);
                    if let Some((code, _, _)) = kept {
                        codes[code as usize % 12] += 1;
                    }
                }
                if cycle > 0 {
                    assert_eq!(f.fault.val(), kept.is_some(), "cycle {cycle}");
                    if let Some(error) = kept {
                        let found = (
                            f.code.val().to_u64(),
                            f.command.val().to_u64(),
                            f.value.val().to_u64(),
                        );
                        assert_eq!(found, error, "cycle {cycle}");
                    }
                }
                f.reset.next = cycle == 0 || rng.chance(40);
                f.run.next = rng.chance(80);
                f.master_error.next = rng.chance(20);
                f.master_code.next = (5 + rng.below(5)).into();
                f.master_value.next = rng.bits();
                f.load_place.next = rng.bits();
                f.store_place.next = rng.bits();
                f.fetch_failed.next = rng.chance(50);
                for u in 0..6 {
                    f.unit_error[u].next = rng.chance(5);
                    f.unit_code[u].next = (ErrorCode::BadAlign as u64).into();
                    f.unit_value[u].next = rng.bits();
                    f.unit_address[u].next = rng.bits();
                    f.has_command[u].next = rng.chance(25);
                }
                f.refused.next = rng.chance(10);
                f.refused_code.next = (1 + rng.below(4)).into();
                f.refused_value.next = rng.bits();
                f.refused_address.next = rng.bits();
                f.expired.next = rng.chance(10);
                f.next_address.next = rng.bits();
            },
        )
        .unwrap();
    assert!(
        codes[1..].iter().all(|&n| n > 20),
        "a code was hardly tried: {codes:?}"
    );
}
