//! The vector unit against the text of its commands, a lane at a time, by the functions of `isa`.

use super::*;
use crate::model::pads::{Accumulators, Pad};
use crate::model::random::Random;
use crate::model::sites::{Site, Sites};
use crate::model::Fault;
use tandem_isa::command::{Requant, Unpool, Update, NO_SITE};
use tandem_isa::config::ALL;
use tandem_isa::numerics::{hash16, max4, route4, Exponent, SgdParams, BIAS_F};
use tandem_isa::{Config, ErrorCode};

/// A pad of random words.
fn pad(r: &mut Random, depth: usize, lanes: usize) -> Pad {
    let mut pad = Pad::new(depth, lanes);
    for w in 0..depth {
        pad.word_mut(w).iter_mut().for_each(|v| *v = r.word());
    }
    pad
}

fn assert_same(found: &Pad, expected: &Pad, depth: usize, what: &dyn std::fmt::Debug) {
    for w in 0..depth {
        assert_eq!(found.word(w), expected.word(w), "word {w}, {what:?}");
    }
}

/// Requant by its text. `v` and `acc` are read lane by lane, at addresses that wrap.
fn requant_by_the_text(
    config: &Config,
    c: &Requant,
    acc: &Accumulators,
    v: &Pad,
    o: &mut Pad,
    sites: &mut Sites,
) -> Result<(), Fault> {
    let has = |flag| c.flags & flag != 0;
    let width = match c.wide & 1 {
        1 => config.width().wide(),
        _ => config.width(),
    };
    let f_acc = i32::from(c.f) + sites.f(c.site_a) + sites.f(c.site_b);
    let f_skip = i32::from(c.skip_f) + sites.f(c.skip_site);
    for (used, f) in [(has(Requant::BIAS), BIAS_F), (has(Requant::SKIP), f_skip)] {
        if used && width.align(0, f, f_acc).is_err() {
            return Err(Fault {
                code: ErrorCode::BadAlign,
                value: (f_acc - f) as u32,
            });
        }
    }
    let site = sites.get_mut(c.site as usize).unwrap();
    let (s, f_out) = width.shift(&site.exponent, f_acc);
    site.f = f_out as i8;
    let place = |base: u16, steps: [i16; 3], at: [usize; 3]| {
        let sum: isize = (0..3).map(|i| steps[i] as isize * at[i] as isize).sum();
        (base as isize + sum) as usize & 0xffff
    };
    let out = [c.out_n, c.out_y, c.out_x];
    let mut q_of = |pixel: [usize; 3], l: usize| {
        let src = place(c.src_base, [c.src_n, c.src_y, c.src_x], pixel);
        let mut t = if has(Requant::FROM_V) {
            i64::from(v.word(src)[l])
        } else {
            acc.word(src)[l]
        };
        let operand = v.word(place(c.v_base, out, pixel))[l];
        if has(Requant::BIAS) {
            let bias = v.word(c.bias_base as usize)[l];
            t = t.wrapping_add(width.align(bias.into(), BIAS_F, f_acc).unwrap());
        }
        if has(Requant::SKIP) {
            let skip = v.word(place(c.skip_base, out, pixel))[l];
            t = t.wrapping_add(width.align(skip.into(), f_skip, f_acc).unwrap());
        }
        t = width.wrap(t);
        if has(Requant::RELU) {
            t = t.max(0);
        }
        if has(Requant::MASK) && operand <= 0 {
            t = 0;
        }
        site.mask |= width.or_mask(t);
        let (q, clipped, underflow) = width.requant_counted(t, s);
        site.clipped += u32::from(clipped);
        site.underflow += u32::from(underflow);
        q
    };
    let step = if has(Requant::POOL) { 2 } else { 1 };
    let (rows, columns) = (c.y as usize, c.x as usize);
    for n in 0..c.n as usize {
        for y in (0..rows).step_by(step) {
            for x in (0..columns).step_by(step) {
                for l in 0..config.lanes {
                    if step == 1 {
                        o.word_mut(place(c.out_base, out, [n, y, x]))[l] = q_of([n, y, x], l);
                        continue;
                    }
                    let window: Vec<i16> = [(0, 0), (0, 1), (1, 0), (1, 1)]
                        .into_iter()
                        .filter(|(dy, dx)| y + dy < rows && x + dx < columns)
                        .map(|(dy, dx)| q_of([n, y + dy, x + dx], l))
                        .collect();
                    let Ok(window) = <[i16; 4]>::try_from(window) else {
                        continue;
                    };
                    let (max, index) = max4(window);
                    let pooled = [n, y / 2, x / 2];
                    o.word_mut(place(c.out_base, out, pooled))[l] = max;
                    o.word_mut(place(c.index_base, out, pooled))[l] = index.into();
                }
            }
        }
    }
    if has(Requant::END) {
        if !has(Requant::FREEZE) {
            site.exponent.finish(site.mask, f_acc);
        }
        site.mask = 0;
    }
    Ok(())
}

fn sites(r: &mut Random, config: &Config) -> Sites {
    let mut sites = Sites::new(config.sites);
    for s in 0..config.sites {
        *sites.get_mut(s).unwrap() = Site {
            exponent: Exponent {
                e: r.below(60) as i8 - 20,
                count: r.below(16) as u8,
                valid: r.below(4) != 0,
            },
            f: r.below(24) as i8,
            mask: r.below(1 << 20),
            clipped: r.below(100) as u32,
            underflow: r.below(100) as u32,
        };
    }
    sites
}

#[test]
fn requant_does_what_the_text_says_with_all_flags() {
    let mut r = Random(1);
    let mut refused = 0;
    for round in 0..9 * 256 {
        let config = &ALL[round / 256 % ALL.len()];
        let v = pad(&mut r, config.v_depth, config.lanes);
        let mut acc = Accumulators::new(config.acc_depth, config.lanes);
        r.fill_sums(&mut acc, config.acc_depth);
        let mut found_sites = sites(&mut r, config);
        let maybe = |r: &mut Random| match r.below(3) {
            0 => NO_SITE,
            _ => r.below(config.sites as u64) as u8,
        };
        let c = Requant {
            flags: round as u8,
            wide: r.below(256) as u8,
            site: r.below(config.sites.min(255) as u64) as u8,
            site_a: maybe(&mut r),
            site_b: maybe(&mut r),
            skip_site: maybe(&mut r),
            f: r.below(40) as i8 - 15,
            skip_f: r.below(40) as i8 - 15,
            src_base: r.below(32768) as u16,
            out_base: r.below(32768) as u16,
            index_base: r.below(32768) as u16,
            v_base: r.below(32768) as u16,
            skip_base: r.below(32768) as u16,
            bias_base: r.below(32768) as u16,
            n: 1 + r.below(3) as u16,
            y: 1 + r.below(5) as u16,
            x: 1 + r.below(5) as u16,
            src_n: r.below(80) as i16 - 40,
            src_y: r.below(20) as i16 - 10,
            src_x: r.below(5) as i16 - 2,
            out_n: r.below(80) as i16 - 40,
            out_y: r.below(20) as i16 - 10,
            out_x: r.below(5) as i16 - 2,
            ..Default::default()
        };
        let mut found = pad(&mut r, config.o_depth, config.lanes);
        let (mut expected, mut expected_sites) = (found.clone(), found_sites.clone());
        let result = requant(config, &c, &acc, &v, &mut found, &mut found_sites);
        let by_text = requant_by_the_text(config, &c, &acc, &v, &mut expected, &mut expected_sites);
        assert_eq!(result, by_text, "{c:?}");
        refused += u32::from(result.is_err());
        assert_same(&found, &expected, config.o_depth, &c);
        for s in 0..config.sites {
            assert_eq!(found_sites.get(s), expected_sites.get(s), "site {s}, {c:?}");
        }
    }
    assert!(refused > 10 && refused < 500, "{refused}");
}

#[test]
fn unpool_does_what_the_text_says() {
    let mut r = Random(2);
    for round in 0..100 {
        let config = &ALL[round % ALL.len()];
        let v = pad(&mut r, config.v_depth, config.lanes);
        let c = Unpool {
            g_base: r.below(32768) as u16,
            index_base: r.below(32768) as u16,
            out_base: r.below(32768) as u16,
            n: 1 + r.below(3) as u16,
            y: 1 + r.below(6) as u16,
            x: 1 + r.below(6) as u16,
            ..Default::default()
        };
        let mut found = pad(&mut r, config.o_depth, config.lanes);
        let mut expected = found.clone();
        let (rows, columns) = (c.y as usize, c.x as usize);
        for n in 0..c.n as usize {
            for y in 0..rows {
                for x in 0..columns {
                    for l in 0..config.lanes {
                        let inside = y / 2 < rows / 2 && x / 2 < columns / 2;
                        let from = (n * (rows / 2) + y / 2) * (columns / 2) + x / 2;
                        let g = v.word(c.g_base as usize + from)[l];
                        let index = v.word(c.index_base as usize + from)[l] as u8;
                        let to = c.out_base as usize + (n * rows + y) * columns + x;
                        expected.word_mut(to)[l] = match inside {
                            true => route4(g, index)[2 * (y % 2) + x % 2],
                            false => 0,
                        };
                    }
                }
            }
        }
        unpool(config, &c, &v, &mut found);
        assert_same(&found, &expected, config.o_depth, &c);
    }
}

#[test]
fn update_does_what_the_text_says() {
    let mut r = Random(3);
    for round in 0..200 {
        let config = &ALL[round % ALL.len()];
        let v = pad(&mut r, config.v_depth, config.lanes);
        let sites = sites(&mut r, config);
        let w_out = r.below(16384) as u16;
        let c = Update {
            flags: [0, Update::ELASTIC][usize::from(config.has_elastic && round % 3 == 0)],
            site_d: [NO_SITE, r.below(255) as u8][r.below(2) as usize],
            f: r.below(256) as u8 as i8,
            f_w: r.below(256) as u8 as i8,
            lr_shift: r.below(256) as u8 as i8,
            w_base: r.below(32768) as u16,
            v_base: r.below(32768) as u16,
            d_base: r.below(32768) as u16,
            old_base: r.below(32768) as u16,
            importance_base: r.below(32768) as u16,
            strength: (r.below(65536) >> r.below(16)) as u16,
            w_out,
            v_out: w_out + (config.o_depth / 2) as u16,
            z: 1 + r.below(2) as u16,
            y: 1 + r.below(4) as u16,
            x: 1 + r.below(4) as u16,
            mu: r.below(65536) as u16,
            lr_mantissa: r.below(65536) as u16,
            decay: r.below(65536) as u16,
            key_v: r.below(1 << 31) as u32,
            key_w: r.below(1 << 31) as u32,
            index: r.below(1 << 31) as u32 * 2,
            i_z: r.below(1 << 31) as u32 * 2,
            i_y: r.below(65536) as u16,
            i_x: r.below(65536) as u16,
            i_lane: r.below(1 << 31) as u32 * 2,
            ..Default::default()
        };
        let params = SgdParams {
            mu: c.mu,
            lr_mantissa: c.lr_mantissa,
            lr_shift: c.lr_shift,
            lw: c.decay,
            f_w: c.f_w.into(),
            f_d: i32::from(c.f) + sites.f(c.site_d),
        };
        let mut found = pad(&mut r, config.o_depth, config.lanes);
        let mut expected = found.clone();
        let mut word = 0;
        for z in 0..u32::from(c.z) {
            for y in 0..u32::from(c.y) {
                for x in 0..u32::from(c.x) {
                    for l in 0..config.lanes {
                        let steps = [
                            (z, c.i_z),
                            (y, c.i_y.into()),
                            (x, c.i_x.into()),
                            (l as u32, c.i_lane),
                        ];
                        let i = steps
                            .iter()
                            .fold(c.index, |i, (k, s)| i.wrapping_add(k.wrapping_mul(*s)));
                        let read = |base: u16| v.word(base as usize + word)[l];
                        let (w, m) = tandem_isa::numerics::update(
                            read(c.w_base),
                            read(c.v_base),
                            read(c.d_base),
                            &params,
                            hash16(i, c.key_v),
                            hash16(i, c.key_w),
                        );
                        let w = if c.flags & Update::ELASTIC == 0 {
                            w
                        } else {
                            let share = (i64::from(read(c.importance_base) as u16)
                                * i64::from(c.strength)
                                / 256)
                                .min(65_535);
                            let now = i64::from(read(c.w_base));
                            let pull = share * (now - i64::from(read(c.old_base)));
                            let random = i64::from(hash16(i, c.key_w));
                            let step = (i64::from(m) * 4096 - pull + random) >> 16;
                            (now + step).clamp(-32_767, 32_767) as i16
                        };
                        expected.word_mut(c.w_out as usize + word)[l] = w;
                        expected.word_mut(c.v_out as usize + word)[l] = m;
                    }
                    word += 1;
                }
            }
        }
        update(config, &c, &v, &mut found, &sites);
        assert_same(&found, &expected, config.o_depth, &c);
    }
}
