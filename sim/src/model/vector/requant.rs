//! Requant: accumulators, or words of pad V, finished and brought to 16 bits.

use super::{at, for_lanes};
use crate::model::pads::{Accumulators, Pad};
use crate::model::sites::Sites;
use crate::model::Fault;
use multiversion::multiversion;
use tandem_isa::command::Requant;
use tandem_isa::numerics::{Width, BIAS_F};
use tandem_isa::{Config, ErrorCode};

/// `r_shift(x, s, 0x8000)`, for |x| < 2^62 and `s` ≤ 62: half a unit is added before the shift and not after it.
#[inline(always)]
fn round(x: i64, s: u32) -> i64 {
    (x + ((1 << s) >> 1)) >> s
}

/// `align` from one format to another, resolved: a shift to the left or a rounding one to the right, the other by 0.
#[derive(Clone, Copy, Debug, Default)]
struct Align {
    left: u32,
    right: u32,
}

impl Align {
    /// Refuses what `align` refuses.
    fn new(from: i32, to: i32, width: Width) -> Result<Self, Fault> {
        let d = to - from;
        if d > width.max_align() {
            return Err(Fault {
                code: ErrorCode::BadAlign,
                value: d as u32,
            });
        }
        Ok(Self {
            left: d.max(0) as u32,
            // Nothing is left of a word after 17 places, and all further shifts are alike.
            right: (-d).clamp(0, 62) as u32,
        })
    }

    #[inline(always)]
    fn of(self, q: i16) -> i64 {
        round(i64::from(q) << self.left, self.right)
    }
}

/// What a site counts, by lane.
struct Counts<const L: usize> {
    mask: [u64; L],
    clipped: [u32; L],
    underflow: [u32; L],
}

/// What a Requant command does to every word of L lanes, resolved; ACC is the accumulator's width.
struct Finish<'a, const L: usize, const ACC: u32> {
    c: &'a Requant,
    acc: &'a Accumulators,
    v: &'a Pad,
    bias: [i64; L],
    skip: Align,
    shift: u32,
    largest: i64,
}

impl<const L: usize, const ACC: u32> Finish<'_, L, ACC> {
    fn has(&self, flag: u8) -> bool {
        self.c.flags & flag != 0
    }

    /// The source of pixel (n, y, x).
    #[inline(always)]
    fn source(&self, n: isize, y: isize, x: isize) -> [i64; L] {
        let c = self.c;
        let offset = n * c.src_n as isize + y * c.src_y as isize + x * c.src_x as isize;
        let src = at(c.src_base, offset);
        let mut t = [0; L];
        if self.has(Requant::FROM_V) {
            for (t, v) in t.iter_mut().zip(self.v.lanes::<L>(src)) {
                *t = i64::from(*v);
            }
        } else {
            for (t, a) in t.iter_mut().zip(self.acc.lanes::<L>(src)) {
                *t = *a;
            }
        }
        t
    }

    /// The words of pad V beside pixel `operand`: mask and skip.
    #[inline(always)]
    fn operands(&self, operand: isize) -> (&[i16; L], &[i16; L]) {
        (
            self.v.lanes::<L>(at(self.c.v_base, operand)),
            self.v.lanes::<L>(at(self.c.skip_base, operand)),
        )
    }

    /// Pixel (n, y, x) finished: the text of the command, a line an operation.
    #[inline(always)]
    fn word(
        &self,
        (n, y, x): (isize, isize, isize),
        operand: isize,
        counts: &mut Counts<L>,
    ) -> [i16; L] {
        let mut t = self.source(n, y, x);
        let (mask, skip) = self.operands(operand);
        if self.has(Requant::BIAS) {
            (0..L).for_each(|l| t[l] = t[l].wrapping_add(self.bias[l]));
        }
        if self.has(Requant::SKIP) {
            (0..L).for_each(|l| t[l] = t[l].wrapping_add(self.skip.of(skip[l])));
        }
        let unused = const { i64::BITS - ACC };
        (0..L).for_each(|l| t[l] = (t[l] << unused) >> unused); // wrap
        if self.has(Requant::RELU) {
            (0..L).for_each(|l| t[l] = t[l].max(0));
        }
        if self.has(Requant::MASK) {
            (0..L).for_each(|l| t[l] = if mask[l] > 0 { t[l] } else { 0 });
        }
        let mut out = [0; L];
        for l in 0..L {
            counts.mask[l] |= (t[l] ^ (t[l] >> 63)) as u64; // or_mask
            let rounded = round(t[l], self.shift);
            let q = rounded.max(-self.largest).min(self.largest);
            counts.clipped[l] = counts.clipped[l].wrapping_add((q != rounded) as u32);
            counts.underflow[l] = counts.underflow[l].wrapping_add(((q == 0) & (t[l] != 0)) as u32);
            out[l] = q as i16;
        }
        out
    }

    #[inline(always)]
    fn out_at(&self, n: isize, y: isize, x: isize) -> isize {
        n * self.c.out_n as isize + y * self.c.out_y as isize + x * self.c.out_x as isize
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
    let width = match c.wide & 1 {
        0 => config.width(),
        _ => config.width().wide(),
    };
    for_lanes!(config, requant_lanes(width, c, acc, v, o, sites))
}

fn requant_lanes<const L: usize>(
    width: Width,
    c: &Requant,
    acc: &Accumulators,
    v: &Pad,
    o: &mut Pad,
    sites: &mut Sites,
) -> Result<(), Fault> {
    match width.accumulator_bits {
        32 => requant_sums::<L, 32>(width, c, acc, v, o, sites),
        _ => requant_sums::<L, 48>(width, c, acc, v, o, sites),
    }
}

fn requant_sums<const L: usize, const ACC: u32>(
    width: Width,
    c: &Requant,
    acc: &Accumulators,
    v: &Pad,
    o: &mut Pad,
    sites: &mut Sites,
) -> Result<(), Fault> {
    let f_acc = c.f as i32 + sites.f(c.site_a) + sites.f(c.site_b);
    let f_skip = c.skip_f as i32 + sites.f(c.skip_site);
    let mut bias = [0; L];
    if c.flags & Requant::BIAS != 0 {
        let align = Align::new(BIAS_F, f_acc, width)?;
        bias = v.lanes::<L>(c.bias_base as usize).map(|w| align.of(w));
    }
    let mut skip = Align::default();
    if c.flags & Requant::SKIP != 0 {
        skip = Align::new(f_skip, f_acc, width)?;
    }
    let Some(site) = sites.get_mut(c.site as usize) else {
        return Ok(());
    };
    let (shift, f_out) = width.shift(&site.exponent, f_acc);
    site.f = f_out as i8;
    let mut counts = Counts {
        mask: [0; L],
        clipped: [0; L],
        underflow: [0; L],
    };
    let finish = Finish::<L, ACC> {
        c,
        acc,
        v,
        bias,
        skip,
        shift,
        largest: width.largest().into(),
    };
    if c.flags & Requant::POOL != 0 {
        pooled(&finish, o, &mut counts);
    } else {
        plain(&finish, o, &mut counts);
    }
    let sum = |lanes: [u32; L]| lanes.into_iter().fold(0, u32::wrapping_add);
    site.mask |= counts.mask.into_iter().fold(0, |a, b| a | b);
    site.clipped = site.clipped.wrapping_add(sum(counts.clipped));
    site.underflow = site.underflow.wrapping_add(sum(counts.underflow));
    if c.flags & Requant::END != 0 {
        if c.flags & Requant::FREEZE == 0 {
            site.exponent.finish(site.mask, f_acc);
        }
        site.mask = 0;
    }
    Ok(())
}

/// Without POOL: every pixel to its place.
#[multiversion(targets("x86_64+avx2"))]
fn plain<const L: usize, const ACC: u32>(f: &Finish<L, ACC>, o: &mut Pad, counts: &mut Counts<L>) {
    let c = f.c;
    for n in 0..c.n as isize {
        for y in 0..c.y as isize {
            for x in 0..c.x as isize {
                let offset = f.out_at(n, y, x);
                let word = f.word((n, y, x), offset, counts);
                o.set_lanes(at(c.out_base, offset), &word);
            }
        }
    }
}

/// With POOL: pixels by windows, of each its maximum and where that is.
#[multiversion(targets("x86_64+avx2"))]
fn pooled<const L: usize, const ACC: u32>(f: &Finish<L, ACC>, o: &mut Pad, counts: &mut Counts<L>) {
    let c = f.c;
    let (rows, columns) = (c.y as isize, c.x as isize);
    for n in 0..c.n as isize {
        for y2 in 0..(rows + 1) / 2 {
            for x2 in 0..(columns + 1) / 2 {
                let mut window = [[0; L]; 4];
                let mut seen = 0;
                for (i, word) in window.iter_mut().enumerate() {
                    let (y, x) = (2 * y2 + i as isize / 2, 2 * x2 + i as isize % 2);
                    if y < rows && x < columns {
                        *word = f.word((n, y, x), f.out_at(n, y, x), counts);
                        seen += 1;
                    }
                }
                if seen < 4 {
                    continue;
                }
                let (max, index) = max4_lanes(&window);
                let offset = f.out_at(n, y2, x2);
                o.set_lanes(at(c.out_base, offset), &max);
                o.set_lanes(at(c.index_base, offset), &index);
            }
        }
    }
}

/// `max4` of every lane.
#[inline(always)]
fn max4_lanes<const L: usize>(window: &[[i16; L]; 4]) -> ([i16; L], [i16; L]) {
    let (mut max, mut index) = (window[0], [0; L]);
    for (i, word) in window.iter().enumerate().skip(1) {
        for l in 0..L {
            // Strictly greater: the first of equals stays.
            let better = word[l] > max[l];
            max[l] = if better { word[l] } else { max[l] };
            index[l] = if better { i as i16 } else { index[l] };
        }
    }
    (max, index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random::Random;
    use tandem_isa::numerics::r_shift;

    #[test]
    fn rounding_and_aligning_are_those_of_the_numerics() {
        let mut r = Random(4);
        for i in 0..20_000 {
            let bits = (r.below(1 << 31) << 31 | r.below(1 << 31)) as i64 - (1 << 61);
            let (x, s) = (bits >> r.below(62), (i % 63) as u32);
            assert_eq!(round(x, s), r_shift(x, s, 0x8000), "{x} by {s}");
            let (q, f, to) = (r.word(), r.below(600) as i32, r.below(600) as i32);
            for width in [Width::FULL, Width::SMALL] {
                let found = Align::new(f, to, width).map(|a| a.of(q));
                let expected = width.align(q.into(), f, to);
                assert_eq!(found.ok(), expected.ok(), "{q}, {f} to {to}");
            }
        }
    }
}
