use super::*;
use crate::model::random::Random;
use tandem_isa::config::{ALL, E8X16, TINY};

/// The text of the Compute command, one product at a time.
fn by_the_text(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut [Vec<i64>]) {
    let (l, rows) = (config.lanes, config.rows);
    let width = config.width();
    let operand = |q: i16| i64::from(width.operand(q));
    let mask = acc.len() - 1;
    let mut fresh = vec![c.flags & Compute::ACCUMULATE == 0; acc.len()];
    let mut add = |acc: &mut [Vec<i64>], at: usize, lane: usize, p: i64| {
        let at = at & mask;
        if fresh[at] {
            acc[at].fill(0);
            fresh[at] = false;
        }
        acc[at][lane] = width.wrap(acc[at][lane] + p);
    };
    let mut pass_k = 0;
    for k2 in 0..c.k2 as isize {
        for k1 in 0..c.k1 as isize {
            for k0 in 0..c.k0 as isize {
                let ka = k2 * c.a_k2 as isize + k1 * c.a_k1 as isize + k0 * c.a_k0 as isize;
                let kb = k2 * c.b_k2 as isize + k1 * c.b_k1 as isize + k0 * c.b_k0 as isize;
                for group in 0..c.groups as usize {
                    let mut pixel = 0;
                    for n in 0..c.n as isize {
                        for y in 0..c.y as isize {
                            for x in 0..c.x as isize {
                                let p =
                                    n * c.a_n as isize + y * c.a_y as isize + x * c.a_x as isize;
                                let aw = a.word((c.a_base as isize + ka + p) as usize & 0xffff);
                                for r in 0..rows {
                                    let i = group * rows + r;
                                    for lane in 0..l {
                                        let base = (c.b_base as isize + kb) as usize & 0xffff;
                                        if c.flags & Compute::OUTPUT_STATIONARY != 0 {
                                            let g = b.word(c.b_base as usize + pixel)[lane];
                                            let at = c.acc_base as usize + pass_k * l + i;
                                            add(acc, at, lane, operand(aw[i]) * operand(g));
                                        } else {
                                            let (word, from) = if c.flags & Compute::TRANSPOSE != 0
                                            {
                                                (base + lane, i)
                                            } else {
                                                (base + i, lane)
                                            };
                                            let w = width.narrow(b.word(word)[(from + word) % l]);
                                            add(
                                                acc,
                                                c.acc_base as usize + pixel,
                                                lane,
                                                operand(aw[i]) * i64::from(w),
                                            );
                                        }
                                    }
                                }
                                pixel += 1;
                            }
                        }
                    }
                }
                pass_k += 1;
            }
        }
    }
    let kept = c.flags & Compute::OUTPUT_STATIONARY != 0;
    if kept && c.flags & Compute::COLUMN_SUMS != 0 {
        let at = c.acc_base as usize + (pass_k - 1) * l + c.groups as usize * rows;
        for pixel in 0..c.n as usize * c.y as usize * c.x as usize {
            for lane in 0..l {
                let g = b.word((c.b_base as usize + pixel) & 0xffff)[lane];
                add(acc, at, lane, operand(g));
            }
        }
    }
}

/// A random command of moderate size.
fn command(config: &Config, r: &mut Random) -> Compute {
    let l = config.lanes;
    Compute {
        flags: r.below(16) as u8,
        groups: 1 + r.below(config.groups() as u64) as u8,
        a_base: r.below(64) as u16,
        b_base: (r.below(4) * l as u64) as u16,
        acc_base: r.below(32) as u16,
        n: 1 + r.below(2) as u16,
        y: 1 + r.below(4) as u16,
        x: 1 + r.below(6) as u16,
        k2: 1 + r.below(2) as u16,
        k1: 1 + r.below(3) as u16,
        k0: 1 + r.below(3) as u16,
        a_n: 40,
        a_y: 7,
        a_x: 1 + r.below(2) as i16,
        a_k2: 80,
        a_k1: 7,
        a_k0: -1,
        b_k2: (9 * l) as i16,
        b_k1: (3 * l) as i16,
        b_k0: l as i16,
        terms: 1,
        ..Default::default()
    }
}

/// Runs a command on random pads, whose lanes from `channels` on hold zeros, both ways.
fn check(config: &Config, c: &Compute, r: &mut Random, extreme: bool, channels: usize) {
    let l = config.lanes;
    let mut a = Pad::new(config.a_depth, l);
    let mut b = Pad::new(config.b_depth, l);
    let mut acc = Accumulators::new(config.acc_depth, l);
    let skew = c.flags & Compute::OUTPUT_STATIONARY == 0;
    for (pad, depth, skew) in [
        (&mut a, config.a_depth, false),
        (&mut b, config.b_depth, skew),
    ] {
        for w in 0..depth {
            for (lane, v) in pad.word_mut(w).iter_mut().enumerate() {
                // The lane of the tensor that stands in this bank.
                let channel = if skew { (lane + l - w % l) % l } else { lane };
                *v = match extreme {
                    _ if channel >= channels => 0,
                    true => i16::MIN,
                    false => r.word(),
                };
            }
        }
    }
    r.fill_sums(&mut acc, config.acc_depth);
    let mut expected: Vec<Vec<i64>> = (0..config.acc_depth)
        .map(|i| {
            acc.word(i)
                .iter()
                .map(|&v| config.width().wrap(v))
                .collect()
        })
        .collect();
    by_the_text(config, c, &a, &b, &mut expected);
    run(config, c, &a, &b, &mut acc);
    for (i, e) in expected.iter().enumerate() {
        let found: Vec<i64> = acc
            .word(i)
            .iter()
            .map(|&v| config.width().wrap(v))
            .collect();
        assert_eq!(&found, e, "word {i}, {channels} channels, {c:?}");
    }
}

#[test]
fn both_dataflows_do_what_the_text_says() {
    let mut r = Random(7);
    for round in 0..300 {
        let config = &ALL[round % ALL.len()];
        let c = command(config, &mut r);
        let channels = 1 + r.below(config.lanes as u64) as usize;
        check(config, &c, &mut r, round % 5 == 0, channels);
    }
}

#[test]
fn commands_that_take_two_cores_do_what_the_text_says() {
    let mut r = Random(8);
    for flags in [0, 1, 2, 3, 4, 5, 6, 9] {
        let c = Compute {
            flags,
            groups: E8X16.groups() as u8,
            n: 3,
            y: 13,
            x: 19,
            k2: 2,
            k1: 3,
            k0: 3,
            ..command(&E8X16, &mut r)
        };
        const { assert!(3 * 13 * 19 * 2 * 3 * 3 * 16 * 16 >= PARALLEL_PRODUCTS) };
        check(&E8X16, &c, &mut r, false, 16);
    }
}

#[test]
fn sums_longer_than_a_float_holds_do_what_the_text_says() {
    let mut r = Random(9);
    let c = Compute {
        groups: 1,
        n: 1,
        y: 1,
        x: 1,
        k2: 1,
        k1: 1,
        k0: 1,
        ..command(&TINY, &mut r)
    };
    let pixels = Compute {
        flags: Compute::OUTPUT_STATIONARY,
        y: 520,
        x: 4095,
        ..c
    };
    let taps = Compute {
        flags: Compute::ACCUMULATE,
        k2: 4,
        k1: 33,
        k0: 4000,
        ..c
    };
    const { assert!(520 * 4095 > SUM_TERMS && 4 * 33 * 4000 * TINY.rows > SUM_TERMS) };
    for c in [pixels, taps] {
        check(&TINY, &c, &mut r, true, 4);
        check(&TINY, &c, &mut r, false, 4);
    }
}

#[test]
fn whole_floats_are_read_from_their_bits() {
    let mut r = Random(10);
    let end = 1i64 << 51;
    let random = (0..1000).map(|_| (r.below(1 << 31) << 20 | r.below(1 << 20)) as i64);
    for v in random.chain([0, 1, 1 << 30, end - 1, end]) {
        assert_eq!(whole(v as f64), v);
        assert_eq!(whole(-v as f64), -v);
    }
}

#[test]
fn products_are_summed_alike_fused_or_not() {
    let mut r = Random(11);
    for _ in 0..10_000 {
        let sum = r.below(1 << 31) as f64 * (1 << 20) as f64 - r.below(1 << 20) as f64;
        let (x, w) = (f64::from(r.word()), [0; 4].map(|_| f64::from(r.word())));
        let (mut fused, mut apart) = ([sum; 4], [sum; 4]);
        multiply_add::<4, true>(&mut fused, x, &w);
        multiply_add::<4, false>(&mut apart, x, &w);
        assert_eq!(fused, apart);
    }
}
