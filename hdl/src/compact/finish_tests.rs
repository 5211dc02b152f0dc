use super::*;
use crate::parity::Parity;
use tandem_isa::numerics::Width;

/// Steps in the order of the engine, results against isa.
#[test]
fn parity_and_results() {
    let (mut bias, mut shift, mut t) = (0u32, 0u32, 0i32);
    let mut words = [0u32; 4];
    let (mut magnitude, mut clipped, mut underflow, mut checked) = (0u32, 0u64, 0u64, 0);
    Parity::new("compact_finish")
        .cycles(24_000)
        .all_move_but(&[])
        .check(
            &mut Finish::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                let value = rng.corner::<16>();
                u.value.next = value;
                for strobe in [
                    &mut u.set_bias_low,
                    &mut u.set_bias_high,
                    &mut u.set_shift,
                    &mut u.clear,
                    &mut u.low,
                    &mut u.take,
                    &mut u.zero,
                    &mut u.round,
                    &mut u.count,
                ] {
                    strobe.next = false;
                }
                match cycle % 8 {
                    0 => {
                        u.set_bias_low.next = true;
                        bias = value.to_u64() as u32;
                        words = std::array::from_fn(|_| {
                            (rng.corner::<32>().to_u64() as i32 >> rng.below(32)) as u32
                        });
                        u.lane.next = rng.below(4).into();
                        u.operand.next = rng.corner();
                        u.from_operand.next = rng.chance(20);
                        u.relu.next = rng.chance(30);
                        u.mask.next = rng.chance(30);
                        u.wide.next = rng.chance(50);
                    }
                    1 => {
                        u.set_bias_high.next = true;
                        bias |= (value.to_u64() as u32) << 16;
                        if rng.chance(60) {
                            // No bias to speak of.
                            let small = rng.below(3) as i32 - 1;
                            u.value.next = ((small >> 16) as u64 & 0xffff).into();
                            bias = bias & 0xffff | (small >> 16) as u32 & 0xffff_0000;
                        }
                    }
                    2 => {
                        u.set_shift.next = true;
                        u.low.next = true;
                        for (port, word) in u.word.iter_mut().zip(words) {
                            port.next = u64::from(word & 0xffff).into();
                        }
                        shift = value.to_u64() as u32 & 31;
                        if cycle % 4096 == 2 {
                            u.clear.next = true;
                            (magnitude, clipped, underflow) = (0, 0, 0);
                        }
                    }
                    3 => {
                        u.take.next = true;
                        for (port, word) in u.word.iter_mut().zip(words) {
                            port.next = u64::from(word >> 16).into();
                        }
                        let operand = u.operand.val().to_u64() as i16;
                        t = match u.from_operand.val() {
                            true => i32::from(operand),
                            false => words[u.lane.val().to_u64() as usize] as i32,
                        };
                        t = t.wrapping_add(bias as i32);
                        if u.relu.val() && t < 0 || u.mask.val() && operand <= 0 {
                            t = 0;
                        }
                    }
                    4 => u.zero.next = true,
                    5 => {
                        u.round.next = true;
                        magnitude |= Width::SMALL.or_mask(i64::from(t)) as u32;
                    }
                    6 => {
                        u.count.next = true;
                        let width = match u.wide.val() {
                            true => Width::SMALL.wide(),
                            false => Width::SMALL,
                        };
                        if cycle > 4096 {
                            let (q, c, z) = width.requant_counted(i64::from(t), shift);
                            let found = u.result.val().to_u64() as i16;
                            assert_eq!(found, q, "{t} >> {shift}, cycle {cycle}");
                            clipped += u64::from(c);
                            underflow += u64::from(z);
                            checked += 1;
                        }
                    }
                    _ if cycle > 4200 => {
                        assert_eq!(u.magnitude.val().to_u64(), u64::from(magnitude));
                        assert_eq!(u.clipped.val().to_u64(), clipped);
                        assert_eq!(u.underflow.val().to_u64(), underflow);
                    }
                    _ => {}
                }
            },
        )
        .unwrap();
    assert!(checked > 1000);
}
