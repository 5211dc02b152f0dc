use super::super::word::{raw, signed};
use super::*;
use crate::parity::Parity;
use std::collections::VecDeque;

fn elements<const E: usize>(name: &str) {
    let mut due: VecDeque<(i16, i16)> = VecDeque::new();
    let mut enabled = 0;
    let mut checked = 0;
    let mut settings = numerics::SgdParams {
        mu: 0,
        lr_mantissa: 0,
        lr_shift: 0,
        lw: 0,
        f_w: 0,
        f_d: 0,
    };
    Parity::new(name)
        .cycles(4000)
        .check(
            &mut UpdateLane::<E>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if u.enable.val() {
                    enabled += 1;
                    if enabled >= 5 {
                        let (w, v) = due.pop_front().unwrap();
                        let found = (signed(u.weight.val()), signed(u.momentum.val()));
                        assert_eq!(found, (w.into(), v.into()));
                        checked += 1;
                    }
                }
                if cycle % 100 == 0 {
                    // Settings change between commands, when nothing is under way.
                    due.clear();
                    enabled = 0;
                    settings = numerics::SgdParams {
                        mu: rng.word() as u16,
                        lr_mantissa: rng.word() as u16,
                        lr_shift: rng.below(40) as i8 - 10,
                        lw: rng.below(2000) as u16,
                        f_w: rng.below(20) as i32,
                        f_d: rng.below(20) as i32,
                    };
                    u.mu.next = Bits::from(u64::from(settings.mu));
                    u.rate.next = Bits::from(u64::from(settings.lr_mantissa));
                    u.decay.next = Bits::from(u64::from(settings.lw));
                    u.shift.next = raw(i64::from(settings.gradient_shift().clamp(-32, 15)));
                    u.key_v.next = rng.bits();
                    u.key_w.next = rng.bits();
                    u.strength.next = Bits::from(u64::from(rng.word() as u16 >> rng.below(16)));
                }
                u.enable.next = rng.chance(80);
                let words: [i16; 4] = std::array::from_fn(|_| match rng.below(4) {
                    0 => 32767,
                    1 => -32767,
                    _ => (rng.word() as i16).max(-32767),
                });
                u.w.next = raw(words[0].into());
                u.v.next = raw(words[1].into());
                u.d.next = raw(words[2].into());
                u.old.next = raw(words[3].into());
                u.importance.next = Bits::from(u64::from(rng.word() as u16 >> rng.below(16)));
                u.index.next = rng.bits();
                if u.enable.next {
                    let index = u.index.next.to_u64() as u32;
                    let keys = (u.key_v.next.to_u64() as u32, u.key_w.next.to_u64() as u32);
                    let element = (words[0], words[1], words[2]);
                    let [importance, strength] =
                        [u.importance.next, u.strength.next].map(|x| x.to_u64() as u16);
                    let pull = numerics::Pull::new(words[3], importance, strength);
                    due.push_back(UpdateLane::<E>::golden(
                        element, pull, index, keys, &settings,
                    ));
                }
            },
        )
        .unwrap();
    assert!(checked > 2000, "{checked}");
}

#[test]
fn elements_follow_the_golden_function() {
    elements::<0>("update_lane");
}

#[test]
fn elements_are_pulled_by_the_golden_function() {
    elements::<1>("update_lane_elastic");
}
