use super::*;
use tandem_isa::config::ALL;
use tandem_isa::numerics::wrap48;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

/// The text of the Compute command, one product at a time.
fn by_the_text(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut [Vec<i64>]) {
    let (l, rows) = (config.lanes, config.rows);
    let mask = acc.len() - 1;
    let mut fresh = vec![c.flags & Compute::ACCUMULATE == 0; acc.len()];
    let mut add = |acc: &mut [Vec<i64>], at: usize, lane: usize, p: i64| {
        let at = at & mask;
        if fresh[at] {
            acc[at].fill(0);
            fresh[at] = false;
        }
        acc[at][lane] = wrap48(acc[at][lane] + p);
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
                                let p = n * c.a_n as isize
                                    + y * c.a_y as isize
                                    + x * c.a_x as isize;
                                let aw = a.word((c.a_base as isize + ka + p) as usize & 0xffff);
                                for r in 0..rows {
                                    let i = group * rows + r;
                                    for lane in 0..l {
                                        let base = (c.b_base as isize + kb) as usize & 0xffff;
                                        if c.flags & Compute::OUTPUT_STATIONARY != 0 {
                                            let x = if c.flags & Compute::ONES != 0 {
                                                1
                                            } else {
                                                aw[i]
                                            };
                                            let g = b.word(base + pixel)[lane];
                                            let at = c.acc_base as usize + pass_k * l + i;
                                            add(acc, at, lane, x as i64 * g as i64);
                                        } else {
                                            let (word, from) =
                                                if c.flags & Compute::TRANSPOSE != 0 {
                                                    (base + lane, i)
                                                } else {
                                                    (base + i, lane)
                                                };
                                            let w = b.word(word)[(from + word) % l];
                                            add(
                                                acc,
                                                c.acc_base as usize + pixel,
                                                lane,
                                                aw[i] as i64 * w as i64,
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
}

#[test]
fn both_dataflows_do_what_the_text_says() {
    let mut r = Random(7);
    for round in 0..200 {
        let config = &ALL[round % ALL.len()];
        let l = config.lanes;
        let mut a = Pad::new(config.a_depth, l);
        let mut b = Pad::new(config.b_depth, l);
        let mut acc = Accumulators::new(config.acc_depth, l);
        let extreme = round % 5 == 0;
        for (pad, depth) in [(&mut a, config.a_depth), (&mut b, config.b_depth)] {
            for w in 0..depth {
                let bytes: Vec<u8> = (0..l)
                    .flat_map(|_| {
                        let v = if extreme {
                            i16::MIN
                        } else {
                            r.below(65535) as i32 as i16
                        };
                        v.max(if extreme { i16::MIN } else { -32767 }).to_le_bytes()
                    })
                    .collect();
                pad.write(w, &bytes);
            }
        }
        let c = Compute {
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
        };
        let mut expected = vec![vec![0i64; l]; config.acc_depth];
        for (i, e) in expected.iter_mut().enumerate() {
            for v in e.iter_mut() {
                *v = r.below(1 << 31) as i64;
            }
            acc.word_mut(i).copy_from_slice(e);
        }
        by_the_text(config, &c, &a, &b, &mut expected);
        run(config, &c, &a, &b, &mut acc);
        for (i, e) in expected.iter().enumerate() {
            let found: Vec<i64> = acc.word(i).iter().map(|&v| wrap48(v)).collect();
            assert_eq!(&found, e, "round {round}, word {i}, {c:?}");
        }
    }
}
