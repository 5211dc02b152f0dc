//! Random requests and reads against an array of words, and parity with the Verilog.
use super::*;
use crate::parity::Parity;

#[test]
fn adds_overwrites_and_reads() {
    follows(Parity::new("accumulator"));
}

#[test]
fn in_carry_cells_of_the_ecp5_too() {
    let models = crate::board::ecp5::DEFINED_WITH_MODELS;
    follows(Parity::new("accumulator_ecp5").after(models));
}

fn follows(parity: Parity) {
    const BW: usize = 3;
    const MASK: u64 = (1 << 48) - 1;
    let mut words = [0u64; 2 << BW];
    let mut last_use = [0usize; 2 << BW];
    let mut waiting: Option<(usize, bool)> = None;
    // (cycle it can be read in, word, value)
    let mut landing: Vec<(usize, usize, u64)> = vec![];
    let mut due: Option<u64> = None;
    let mut lane = Accumulator::<BW>::default();
    let mut reads = 0;
    parity
        .cycles(4000)
        .check(
            &mut lane,
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                if let Some(expected) = due.take() {
                    assert_eq!(u.read_data.val().to_u64(), expected, "cycle {cycle}");
                    reads += 1;
                }
                landing.retain(|(when, word, value)| {
                    if *when == cycle {
                        words[*word] = *value;
                    }
                    *when != cycle
                });
                let data = rng.corner::<48>();
                let (keep, unused) = (rng.chance(50), rng.corner::<48>());
                u.keep.next = keep;
                (u.data.next, u.drained.next) = if keep { (unused, data) } else { (data, unused) };
                if let Some((word, overwrite)) = waiting.take() {
                    let base = if overwrite { 0 } else { words[word] };
                    // Asked for a cycle ago: readable two cycles from now.
                    landing.push((cycle + 2, word, base.wrapping_add(data.to_u64()) & MASK));
                }
                let word = rng.below(2 << BW) as usize;
                let free = last_use[word] == 0 || cycle >= last_use[word] + 3;
                let valid = cycle > 2 && free && rng.chance(70);
                let overwrite = rng.chance(30);
                u.valid.next = valid;
                u.overwrite.next = overwrite;
                u.bank.next = word >> BW == 1;
                u.address.next = (word as u64 & ((1 << BW) - 1)).into();
                if valid {
                    last_use[word] = cycle;
                    waiting = Some((word, overwrite));
                }
                let other = rng.below(2 << BW) as usize;
                let read = cycle > 2 && rng.chance(60) && (!valid || other >> BW != word >> BW);
                u.read.next = read;
                u.read_bank.next = other >> BW == 1;
                u.read_address.next = (other as u64 & ((1 << BW) - 1)).into();
                due = read.then(|| words[other]);
            },
        )
        .unwrap();
    assert!(reads > 1000, "{reads}");
}
