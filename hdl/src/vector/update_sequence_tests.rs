//! Commands with answers of the sites at any time: the words are written once, in order, weights before momenta.
use super::super::commands::random_update;
use super::super::word::{raw, signed};
use super::*;
use crate::control::word::pack;
use crate::parity::Parity;
use tandem_isa::command::Update;

fn sequence<const L: usize, const U: usize, const E: usize>(name: &str) {
    let mut command = Update::default();
    let (mut running, mut written, mut f_d) = (false, 0, 0);
    let mut ended = 0;
    // Words that are there, of each operand, and the reads asked for in the cycle before.
    let (mut there, mut asked) = ([0u16; 5], 0);
    let mut elastic = false;
    Parity::new(name)
        .cycles(6000)
        .all_move_but(if E == 1 { &[] } else { &["elastic"] })
        .check(
            &mut UpdateSequence::<L, U, E>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                if cycle == 0 {
                    return;
                }
                assert!(!running || u.elastic.val() == elastic, "cycle {cycle}");
                let bits = u.there.val().to_u64();
                assert!(bits.count_ones() <= 1, "cycle {cycle}");
                if bits != 0 {
                    // Weight, momentum, gradient, where it stood, importance: read in the cycle before.
                    let operand = bits.trailing_zeros() as usize;
                    let base = [
                        command.w_base,
                        command.v_base,
                        command.d_base,
                        command.old_base,
                        command.importance_base,
                    ][operand];
                    let expected = u64::from(base.wrapping_add(there[operand]));
                    assert_eq!(asked, expected, "operand {operand}, cycle {cycle}");
                    there[operand] += 1;
                }
                asked = u.v_addr.val().to_u64();
                if u.o_we.val() {
                    let (word, momentum) = (written / 2, written % 2 == 1);
                    let base = if momentum {
                        command.v_out
                    } else {
                        command.w_out
                    };
                    assert_eq!(u.o_momentum.val(), momentum, "cycle {cycle}");
                    let expected = u64::from(base.wrapping_add(word));
                    assert_eq!(u.o_addr.val().to_u64(), expected, "cycle {cycle}");
                    written += 1;
                }
                if u.group.val() {
                    let left = i64::from(command.f_w) + 20 - f_d - i64::from(command.lr_shift);
                    assert_eq!(signed(u.shift.val()), left.clamp(-32, 15), "{command:?}");
                }
                if running && !u.busy.val() && !u.start.val() {
                    let words = command.z * command.y * command.x;
                    assert_eq!(written, 2 * words);
                    let further = if elastic { words } else { 0 };
                    assert_eq!(there, [words, words, words, further, further]);
                    (running, ended) = (false, ended + 1);
                }
                u.looked_up.next = rng.chance(20);
                u.start.next = !running && rng.chance(50);
                if u.start.next {
                    command = random_update(rng);
                    f_d = rng.below(400) as i64 - 200;
                    u.command.next = pack(&command.encode());
                    u.f_d.next = raw(f_d);
                    elastic = E == 1 && command.flags & Update::ELASTIC != 0;
                    (running, written, there) = (true, 0, [0; 5]);
                }
            },
        )
        .unwrap();
    assert!(ended > 40, "{ended} commands ended");
}

#[test]
fn four_groups_a_word() {
    sequence::<16, 4, 1>("update_sequence_16_4");
}

#[test]
fn a_group_a_word() {
    sequence::<4, 4, 1>("update_sequence_4_4");
}

#[test]
fn without_elastic_updates() {
    sequence::<16, 4, 0>("update_sequence_plain");
}
