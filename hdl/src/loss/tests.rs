//! Parity of every module of the room, and the unit against the arithmetic of the contract.
use super::*;
use crate::control::word::pack;
use crate::parity::Parity;
use tandem_isa::command::Loss;
use tandem_isa::numerics::{gradient_hard, gradient_mixed, softmax, SHARE_ONE};

#[test]
fn exp_agrees_with_its_verilog() {
    Parity::new("exp")
        .cycles(20_000)
        .check(
            &mut Exp::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if cycle % 16 == 0 {
                    u.shift.next = if rng.chance(70) {
                        (rng.below(40) as i64 - 20)
                            .rem_euclid(1024)
                            .unsigned_abs()
                            .into()
                    } else {
                        rng.bits()
                    };
                    u.c.next = if rng.chance(50) {
                        23637.into()
                    } else {
                        rng.corner()
                    };
                }
                u.d.next = if rng.chance(50) {
                    rng.below(2000).into()
                } else {
                    rng.below(65536).into()
                };
            },
        )
        .unwrap();
}

#[test]
fn divider_agrees_with_its_verilog_and_divides() {
    Parity::new("divider")
        .cycles(4000)
        .check(
            &mut Divider::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.start.next = cycle % 40 == 1;
                if cycle % 40 == 0 && cycle > 40 {
                    assert!(u.ready.val());
                    let expected = (1u64 << 31) / u.divisor.val().to_u64();
                    assert_eq!(u.quotient.val().to_u64(), expected);
                }
                if cycle % 40 == 1 {
                    u.divisor.next = (32768 + rng.below(1 << 25)).into();
                }
            },
        )
        .unwrap();
}

#[test]
fn probability_agrees_with_its_verilog() {
    Parity::new("probability")
        .check(
            &mut Probability::default(),
            |u| &mut u.clock,
            |u, rng, _| {
                u.e.next = rng.below(32769).into();
                u.reciprocal.next = rng.below(65537).into();
            },
        )
        .unwrap();
}

#[test]
fn mix_agrees_with_its_verilog() {
    Parity::new("mix")
        .cycles(20_000)
        .check(
            &mut Mix::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if cycle % 16 == 0 {
                    u.share.next = match rng.below(4) {
                        0 => 0.into(),
                        1 => u64::from(SHARE_ONE).into(),
                        _ => rng.below(32769).into(),
                    };
                }
                u.keep.next = rng.chance(60);
                // Words at the ends of the range, too.
                u.target.next = if rng.chance(20) {
                    rng.corner()
                } else {
                    rng.below(65536).into()
                };
                u.hard.next = if rng.chance(20) {
                    rng.corner()
                } else {
                    rng.below(65536).into()
                };
                u.p.next = if rng.chance(20) {
                    32767.into()
                } else {
                    rng.below(32768).into()
                };
            },
        )
        .unwrap();
}

#[test]
fn gradient_agrees_with_its_verilog() {
    Parity::new("gradient")
        .cycles(10_000)
        .check(
            &mut Gradient::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                if cycle % 32 == 0 {
                    u.soft_targets.next = rng.chance(75);
                    u.first.next = rng.chance(50);
                    u.share.next = if rng.chance(30) {
                        u64::from(SHARE_ONE).into()
                    } else {
                        rng.below(32769).into()
                    };
                    u.label.next = rng.below(20).into();
                }
                // Written and read classes never meet.
                u.issue.next = rng.chance(50);
                u.issued.next = (cycle as u64 % 16).into();
                u.number.next = ((cycle as u64 + 8) % 16).into();
                u.take.next = rng.chance(50);
                u.target.next = rng.bits();
                u.valid.next = rng.chance(50);
                u.p.next = if rng.chance(10) {
                    0.into()
                } else {
                    rng.below(32768).into()
                };
            },
        )
        .unwrap();
}

#[test]
fn lane_pick_agrees_with_its_verilog() {
    Parity::new("lane_pick")
        .check_combinational(&mut LanePick::<8>::default(), |u, rng, _| {
            for w in &mut u.word {
                w.next = rng.bits();
            }
            u.lane.next = rng.bits();
        })
        .unwrap();
}

#[test]
fn ranking_agrees_with_its_verilog() {
    Parity::new("ranking")
        .check(
            &mut Ranking::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.clear.next = rng.chance(5);
                u.valid.next = rng.chance(60);
                u.number.next = (cycle as u64 & 0xffff).into();
                u.p.next = rng.below(6).into();
            },
        )
        .unwrap();
}

#[test]
fn result_word_agrees_with_its_verilog() {
    Parity::new("result_word4")
        .check_combinational(&mut ResultWord::<4>::default(), |u, rng, _| {
            for i in 0..4 {
                u.best_class[i].next = rng.bits();
                u.best_p[i].next = rng.bits();
                u.taken[i].next = rng.chance(60);
            }
            u.part.next = rng.chance(50);
        })
        .unwrap();
}

/// Z and G scratchpads around the unit, and a selector that stalls.
struct Bench<const L: usize> {
    z: Vec<[u64; L]>,
    g: Vec<[u64; L]>,
    scores: Vec<(u64, u64, u64, bool, bool)>,
    samples: u32,
    correct: u32,
    address: usize,
}

fn unit_matches<const L: usize>(name: &str, seed: u64) {
    let mut bench = Bench::<L> {
        z: vec![[0; L]; 256],
        g: vec![[0; L]; 256],
        scores: Vec::new(),
        samples: 0,
        correct: 0,
        address: 0,
    };
    let mut command: Option<Loss> = None;
    let mut f_site = 0i8;
    let mut finished = 0;
    Parity::new(name)
        .cycles(12_000)
        .seed(seed)
        .check(
            &mut LossUnit::<L>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                // Outputs are those of this cycle, as far as they come from registers alone.
                let ready = rng.chance(60);
                u.score_ready.next = ready;
                for (d, v) in u.z_data.iter_mut().zip(bench.z[bench.address]) {
                    d.next = v.into();
                }
                if cycle > 1 {
                    if u.g_we.val() {
                        let at = u.g_addr.val().to_u64() as usize % 256;
                        bench.g[at] = std::array::from_fn(|l| u.g_data[l].val().to_u64());
                    }
                    if u.score_valid.val() && ready {
                        bench.scores.push((
                            u.score_class.val().to_u64(),
                            u.score_confidence.val().to_u64(),
                            u.score_slot.val().to_u64(),
                            u.score_first.val(),
                            u.score_last.val(),
                        ));
                    }
                    bench.samples += u.sample.val() as u32;
                    bench.correct += u.correct.val() as u32;
                    bench.address = u.z_addr.val().to_u64() as usize % 256;
                    if u.done.val() {
                        check(&mut bench, &command.take().unwrap(), f_site);
                        finished += 1;
                    }
                }
                u.lookup_f.next = (f_site as u8 as u64).into();
                u.reset.next = cycle == 0;
                u.start.next = false;
                if cycle > 0 && command.is_none() {
                    let classes = 2 + rng.below(3 * L as u64) as u16;
                    let words = (classes as usize).div_ceil(L) as u16;
                    f_site = rng.below(20) as i8 - 4;
                    let c = Loss {
                        flags: rng.below(32) as u8,
                        site: if rng.chance(20) { 255 } else { 7 },
                        f: rng.below(8) as i8 - 2,
                        top: 1 + rng.below(4) as u8,
                        n: 1 + rng.below(3) as u16,
                        classes,
                        z_base: 0,
                        record_base: 100,
                        g_base: 0,
                        p_base: 3 * words,
                        result_base: 100,
                        target_base: 200,
                        share: match rng.below(4) {
                            0 => 0,
                            1 => SHARE_ONE,
                            _ => rng.below(SHARE_ONE.into()) as u16,
                        },
                        temperature: if rng.chance(50) {
                            23637
                        } else {
                            1 + rng.below(40000) as u32
                        },
                        ..Default::default()
                    };
                    let narrow = rng.chance(30);
                    for w in &mut bench.z {
                        *w = std::array::from_fn(|_| {
                            if narrow {
                                rng.below(3)
                            } else {
                                (rng.below(4000) as i64 - 2000) as u16 as u64
                            }
                        });
                    }
                    for w in &mut bench.z[200..] {
                        *w = std::array::from_fn(|_| rng.below(1 << 16));
                    }
                    for n in 0..c.n as usize {
                        bench.z[100 + n][0] = rng.below(classes as u64 + 1);
                        bench.z[100 + n][1] = if rng.chance(20) {
                            0xffff
                        } else {
                            rng.below(1000)
                        };
                    }
                    u.command.next = pack(&c.encode());
                    u.start.next = true;
                    command = Some(c);
                }
            },
        )
        .unwrap();
    assert!(finished > 10, "{finished} commands in all");
}

fn check<const L: usize>(bench: &mut Bench<L>, c: &Loss, f_site: i8) {
    let classes = c.classes as usize;
    let words = classes.div_ceil(L);
    let f_z = c.f as i32 + if c.site == 255 { 0 } else { f_site as i32 };
    let (mut expected, mut correct) = (Vec::new(), 0);
    for n in 0..c.n as usize {
        let of_sample = |base: usize| -> Vec<i16> {
            (0..classes)
                .map(|k| bench.z[base + n * words + k / L][k % L] as u16 as i16)
                .collect()
        };
        let z = of_sample(0);
        let (label, slot) = (bench.z[100 + n][0], bench.z[100 + n][1]);
        let mut p = vec![0; classes];
        softmax(&z, f_z, c.temperature, &mut p).unwrap();
        let mut g = p.clone();
        if c.flags & Loss::SOFT != 0 {
            let q = of_sample(c.target_base.into());
            gradient_mixed((&z, f_z), &p, &q, label as usize, c.share, &mut g).unwrap();
        } else if (label as usize) < classes {
            gradient_hard(&p, label as usize, &mut g).unwrap();
        }
        let stored = |bench: &Bench<L>, base: usize, k: usize| {
            bench.g[base + n * words + k / L][k % L] as u16 as i16
        };
        for k in 0..words * L {
            let want = |v: &[i16]| v.get(k).copied().unwrap_or(0);
            if c.flags & Loss::GRADIENT != 0 {
                assert_eq!(
                    stored(bench, c.g_base as usize, k),
                    want(&g),
                    "g of class {k}, {c:?}"
                );
            }
            if c.flags & Loss::PROBABILITIES != 0 {
                assert_eq!(
                    stored(bench, c.p_base as usize, k),
                    want(&p),
                    "p of class {k}, {c:?}"
                );
            }
        }
        let mut order: Vec<usize> = (0..classes).collect();
        order.sort_by_key(|&k| (-(p[k] as i32), k));
        order.truncate(c.top as usize);
        correct += (order[0] as u64 == label) as u32;
        if c.flags & Loss::RESULT != 0 {
            for place in 0..4 {
                let (class, value) = order
                    .get(place)
                    .map_or((0xffff, 0), |&k| (k as u64, p[k] as u64));
                for (v, want) in [(2 * place, class), (2 * place + 1, value)] {
                    let at = 100 + n * (8 / L).max(1) + v / L;
                    assert_eq!(bench.g[at][v % L], want, "ranking value {v}, {c:?}");
                }
            }
        }
        if c.flags & Loss::SCORE != 0 && slot != 0xffff {
            for (i, &k) in order.iter().enumerate() {
                expected.push((k as u64, p[k] as u64, slot, i == 0, i + 1 == order.len()));
            }
        }
    }
    assert_eq!(bench.scores, expected, "{c:?}");
    assert_eq!(
        (bench.samples, bench.correct),
        (c.n as u32, correct),
        "{c:?}"
    );
    bench.scores.clear();
    bench.samples = 0;
    bench.correct = 0;
}

#[test]
fn unit_of_4_lanes_does_what_the_text_says() {
    unit_matches::<4>("loss_unit4", 1);
}

#[test]
fn unit_of_16_lanes_does_what_the_text_says() {
    unit_matches::<16>("loss_unit16", 2);
}
