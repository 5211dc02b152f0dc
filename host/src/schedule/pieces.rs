//! A program cut into pieces that run one after the other, each with its own doorbell: for a memory that holds no whole program.
//!
//! A piece begins when all of the one before it is complete, so the tokens that would go from one to another are left out.
//! Scratchpads, accumulators and sites keep what they hold; nothing else may run on the engine between the pieces.

use std::collections::VecDeque;
use tandem_isa::{Command, Unit};

/// Pieces of at most `most` commands, in order.
pub fn pieces(commands: &[Command], most: usize) -> Vec<Vec<Command>> {
    let most = most.max(1);
    let mut all = commands.to_vec();
    // Commands that gave a token which nobody has taken yet, by producer and consumer.
    let mut given: [[VecDeque<usize>; Unit::COUNT]; Unit::COUNT] = Default::default();
    for i in 0..all.len() {
        let Some(unit) = all[i].format().unit else {
            continue;
        };
        for producer in Unit::ALL {
            if all[i].wait() & producer.bit() == 0 {
                continue;
            }
            let giver = given[producer as usize][unit as usize].pop_front();
            if let Some(giver) = giver.filter(|g| g / most < i / most) {
                *all[i].wait_mut() &= !producer.bit();
                *all[giver].signal_mut() &= !unit.bit();
            }
        }
        for consumer in Unit::ALL {
            if commands[i].signal() & consumer.bit() != 0 {
                given[unit as usize][consumer as usize].push_back(i);
            }
        }
    }
    all.chunks(most).map(<[Command]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{verify, Emitter};
    use tandem_isa::command::{Load, Requant, Store};
    use tandem_isa::config::TINY;

    #[test]
    fn every_piece_is_a_right_program_of_its_own() {
        let mut e = Emitter::new(&TINY, false, 0);
        for i in 0..7u16 {
            let (n, m, rows, width) = (1, 1, 1, 4);
            e.push(Load {
                pad: 2,
                base: 8 * i,
                n,
                m,
                rows,
                width,
                ..Default::default()
            });
            let (y, x, src_x, out_x) = (1, 4, 1, 1);
            let (src_base, out_base) = (8 * i, 4 * i);
            let (site_a, site_b, flags) = (255, 255, Requant::FROM_V);
            e.push(Requant {
                flags,
                site_a,
                site_b,
                n,
                y,
                x,
                src_base,
                src_x,
                out_base,
                out_x,
                ..Default::default()
            });
            let address = 4096 + 64 * u32::from(i);
            e.push(Store {
                base: 4 * i,
                address,
                n,
                m,
                rows,
                width,
                ..Default::default()
            });
        }
        let program = e.finish().unwrap().commands;
        for most in 1..=program.len() + 1 {
            let cut = pieces(&program, most);
            assert_eq!(cut.len(), program.len().div_ceil(most));
            for piece in &cut {
                verify(&TINY, piece).unwrap();
            }
            let tokens = |c: &[Command]| c.iter().map(|c| c.wait().count_ones()).sum::<u32>();
            match most {
                1 => assert_eq!(cut.iter().map(|c| tokens(c)).sum::<u32>(), 0),
                most if most >= program.len() => assert!(cut.len() == 1 && cut[0] == program),
                _ => {}
            }
        }
    }
}
