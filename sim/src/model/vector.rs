//! The vector unit of the model: Requant, Unpool and Update.

use super::pads::{Accumulators, Pad};
use super::sites::Sites;
use super::Fault;
use rayon::prelude::*;
use tandem_isa::command::{Requant, Unpool, Update};
use tandem_isa::numerics::{
    align, hash16, max4, or_mask, requant_counted, route4, wrap48, SgdParams, BIAS_F,
};
use tandem_isa::{Config, ErrorCode};

fn at(base: u16, offset: isize) -> usize {
    (base as isize + offset) as usize & 0xffff
}

/// What a Requant command reads and finishes, resolved.
struct Finish<'a> {
    c: &'a Requant,
    acc: &'a Accumulators,
    v: &'a Pad,
    bias: Vec<i64>,
    f_acc: i32,
    f_skip: i32,
    shift: u32,
}

/// One finished word with what the site counts.
#[derive(Default)]
struct Counts {
    mask: u64,
    clipped: u32,
    underflow: u32,
}

impl Finish<'_> {
    fn word(
        &self,
        n: isize,
        y: isize,
        x: isize,
        operand: isize,
        counts: &mut Counts,
        out: &mut [i16],
    ) {
        let c = self.c;
        let src = at(
            c.src_base,
            n * c.src_n as isize + y * c.src_y as isize + x * c.src_x as isize,
        );
        for (l, q) in out.iter_mut().enumerate() {
            let mut t = if c.flags & Requant::FROM_V != 0 {
                self.v.word(src)[l] as i64
            } else {
                self.acc.word(src)[l]
            };
            if c.flags & Requant::BIAS != 0 {
                t = t.wrapping_add(self.bias[l]);
            }
            if c.flags & Requant::SKIP != 0 {
                let s = self.v.word(at(c.skip_base, operand))[l];
                t = t.wrapping_add(align(s as i32, self.f_skip, self.f_acc).unwrap_or(0));
            }
            t = wrap48(t);
            if c.flags & Requant::RELU != 0 && t < 0 {
                t = 0;
            }
            if c.flags & Requant::MASK != 0 && self.v.word(at(c.v_base, operand))[l] <= 0 {
                t = 0;
            }
            counts.mask |= or_mask(t);
            let (value, clipped, underflow) = requant_counted(t, self.shift);
            counts.clipped = counts.clipped.wrapping_add(clipped as u32);
            counts.underflow = counts.underflow.wrapping_add(underflow as u32);
            *q = value;
        }
    }
}

/// Runs one Requant command.
pub fn requant(
    config: &Config,
    c: &Requant,
    acc: &Accumulators,
    v: &Pad,
    o: &mut Pad,
    sites: &mut Sites,
) -> Result<(), Fault> {
    let f_acc = c.f as i32 + sites.f(c.site_a) + sites.f(c.site_b);
    let f_skip = c.skip_f as i32 + sites.f(c.skip_site);
    let too_far = |d: i32| Fault {
        code: ErrorCode::BadAlign,
        value: d as u32,
    };
    let mut bias = vec![0; config.lanes];
    if c.flags & Requant::BIAS != 0 {
        for (b, w) in bias.iter_mut().zip(v.word(c.bias_base as usize)) {
            *b = align(*w as i32, BIAS_F, f_acc).map_err(|_| too_far(f_acc - BIAS_F))?;
        }
    }
    if c.flags & Requant::SKIP != 0 {
        align(0, f_skip, f_acc).map_err(|_| too_far(f_acc - f_skip))?;
    }
    let Some(site) = sites.get_mut(c.site as usize) else {
        return Ok(());
    };
    let (shift, f_out) = site.exponent.shift(f_acc);
    site.f = f_out as i8;
    let finish = Finish {
        c,
        acc,
        v,
        bias,
        f_acc,
        f_skip,
        shift,
    };
    let mut counts = Counts::default();
    let out_at = |n: isize, y: isize, x: isize| {
        n * c.out_n as isize + y * c.out_y as isize + x * c.out_x as isize
    };
    if c.flags & Requant::POOL != 0 {
        let mut window = vec![vec![0i16; config.lanes]; 4];
        for n in 0..c.n as isize {
            for y2 in 0..(c.y as isize + 1) / 2 {
                for x2 in 0..(c.x as isize + 1) / 2 {
                    let mut seen = 0;
                    for i in 0..4 {
                        let (y, x) = (2 * y2 + i / 2, 2 * x2 + i % 2);
                        if y < c.y as isize && x < c.x as isize {
                            let operand = out_at(n, y, x);
                            finish.word(n, y, x, operand, &mut counts, &mut window[i as usize]);
                            seen += 1;
                        }
                    }
                    if seen < 4 {
                        continue;
                    }
                    let offset = out_at(n, y2, x2);
                    let lane = |l: usize| max4(std::array::from_fn(|i| window[i][l]));
                    for l in 0..config.lanes {
                        let (max, index) = lane(l);
                        o.word_mut(at(c.out_base, offset))[l] = max;
                        o.word_mut(at(c.index_base, offset))[l] = index as i16;
                    }
                }
            }
        }
    } else {
        for n in 0..c.n as isize {
            for y in 0..c.y as isize {
                for x in 0..c.x as isize {
                    let offset = out_at(n, y, x);
                    let out = o.word_mut(at(c.out_base, offset));
                    finish.word(n, y, x, offset, &mut counts, out);
                }
            }
        }
    }
    site.mask |= counts.mask;
    site.clipped = site.clipped.wrapping_add(counts.clipped);
    site.underflow = site.underflow.wrapping_add(counts.underflow);
    if c.flags & Requant::END != 0 {
        if c.flags & Requant::FREEZE == 0 {
            site.exponent.finish(site.mask, f_acc);
        }
        site.mask = 0;
    }
    Ok(())
}

/// Runs one Unpool command.
pub fn unpool(config: &Config, c: &Unpool, v: &Pad, o: &mut Pad) {
    let (y_half, x_half) = (c.y as isize / 2, c.x as isize / 2);
    for n in 0..c.n as isize {
        for y in 0..c.y as isize {
            for x in 0..c.x as isize {
                let out = ((n * c.y as isize) + y) * c.x as isize + x;
                let out = o.word_mut(at(c.out_base, out));
                if y / 2 >= y_half || x / 2 >= x_half {
                    out.fill(0);
                    continue;
                }
                let pooled = (n * y_half + y / 2) * x_half + x / 2;
                let g = v.word(at(c.g_base, pooled));
                let index = v.word(at(c.index_base, pooled));
                let place = (2 * (y % 2) + x % 2) as usize;
                for l in 0..config.lanes {
                    out[l] = route4(g[l], index[l] as u8 & 3)[place];
                }
            }
        }
    }
}

/// Runs one Update command.
pub fn update(config: &Config, c: &Update, v: &Pad, o: &mut Pad, sites: &Sites) {
    let params = SgdParams {
        mu: c.mu,
        lr_mantissa: c.lr_mantissa,
        lr_shift: c.lr_shift,
        lw: c.decay,
        f_w: c.f_w as i32,
        f_d: c.f as i32 + sites.f(c.site_d),
    };
    let (y_count, x_count) = (c.y as usize, c.x as usize);
    let words = c.z as usize * y_count * x_count;
    let one = |i: usize| {
        let (z, y, x) = (i / (y_count * x_count), i / x_count % y_count, i % x_count);
        let first = c
            .index
            .wrapping_add((z as u32).wrapping_mul(c.i_z))
            .wrapping_add((y as u32).wrapping_mul(c.i_y as u32))
            .wrapping_add((x as u32).wrapping_mul(c.i_x as u32));
        let w = v.word(at(c.w_base, i as isize));
        let m = v.word(at(c.v_base, i as isize));
        let d = v.word(at(c.d_base, i as isize));
        (0..config.lanes)
            .map(|l| {
                let index = first.wrapping_add((l as u32).wrapping_mul(c.i_lane));
                let (r1, r2) = (hash16(index, c.key_v), hash16(index, c.key_w));
                tandem_isa::numerics::update(w[l], m[l], d[l], &params, r1, r2)
            })
            .collect::<Vec<_>>()
    };
    let results: Vec<_> = if words >= 256 {
        (0..words)
            .into_par_iter()
            .with_min_len(64)
            .map(one)
            .collect()
    } else {
        (0..words).map(one).collect()
    };
    for (i, word) in results.iter().enumerate() {
        for (l, (w, m)) in word.iter().enumerate() {
            o.word_mut(at(c.w_out, i as isize))[l] = *w;
            o.word_mut(at(c.v_out, i as isize))[l] = *m;
        }
    }
}
