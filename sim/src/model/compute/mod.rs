//! The array, as loops: both dataflows of the Compute command, blocked for the vector units of a CPU and split over its cores.
//!
//! Products are summed in f64, which loses nothing: a product of two 16-bit words is at most 2^30, every whole number up to
//! 2^53 is an f64, and no sum of more than [`SUM_TERMS`] products is made before it is added to 64-bit integers. Floats because
//! a CPU multiplies and adds four of them in one instruction; for 16-bit integers into sums of 48 bits it has none.

mod output_stationary;
#[cfg(test)]
mod tests;
mod weight_stationary;

use super::pads::{Accumulators, Pad};
use tandem_isa::command::Compute;
use tandem_isa::numerics::WORD_BITS;
use tandem_isa::Config;

/// Most products in a sum of floats: it stays within 2^51, where [`whole`] is exact.
const SUM_TERMS: usize = 1 << 21;

/// Fewer products than this are not worth a second core: it takes longer to wake than they do.
const PARALLEL_PRODUCTS: usize = 1 << 20;

/// Runs one command on the pads. Sums are kept to 64 bits; who reads them wraps them.
pub fn run(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut Accumulators) {
    if config.operand_bits < WORD_BITS {
        let width = config.width();
        let a = a.map(|q| width.operand(q));
        let b = if c.flags & Compute::OUTPUT_STATIONARY != 0 {
            b.map(|q| width.operand(q))
        } else {
            b.map(|w| width.narrow(w))
        };
        return operands(config, c, &a, &b, acc);
    }
    operands(config, c, a, b, acc);
}

/// The command on pads of operands.
fn operands(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut Accumulators) {
    match config.lanes {
        4 => run_lanes::<4>(config, c, a, b, acc),
        8 => run_lanes::<8>(config, c, a, b, acc),
        16 => run_lanes::<16>(config, c, a, b, acc),
        _ => run_lanes::<32>(config, c, a, b, acc),
    }
}

fn run_lanes<const L: usize>(
    config: &Config,
    c: &Compute,
    a: &Pad,
    b: &Pad,
    acc: &mut Accumulators,
) {
    if c.flags & Compute::OUTPUT_STATIONARY != 0 {
        output_stationary::run::<L>(config, c, a, b, acc);
    } else {
        weight_stationary::run::<L>(config, c, a, b, acc);
    }
}

/// The row groups of one (k2, k1, k0), taken together: its first A and B addresses.
#[derive(Clone, Copy)]
struct Tap {
    a: u16,
    b: u16,
}

/// Addresses are 16 bits wide and wrap, which a pad narrows to its depth.
fn taps(c: &Compute) -> Vec<Tap> {
    let mut list = Vec::with_capacity(c.k2 as usize * c.k1 as usize * c.k0 as usize);
    let along = |k: u16, step: i16| k.wrapping_mul(step as u16);
    for k2 in 0..c.k2 {
        for k1 in 0..c.k1 {
            for k0 in 0..c.k0 {
                let [a, b] = [
                    (c.a_base, c.a_k2, c.a_k1, c.a_k0),
                    (c.b_base, c.b_k2, c.b_k1, c.b_k0),
                ]
                .map(|(base, s2, s1, s0)| {
                    base.wrapping_add(along(k2, s2))
                        .wrapping_add(along(k1, s1))
                        .wrapping_add(along(k0, s0))
                });
                list.push(Tap { a, b });
            }
        }
    }
    list
}

/// What each pixel adds to an A address, in order.
fn pixels(c: &Compute) -> Vec<u16> {
    let mut list = Vec::with_capacity(c.n as usize * c.y as usize * c.x as usize);
    let along = |i: u16, step: i16| i.wrapping_mul(step as u16);
    for n in 0..c.n {
        for y in 0..c.y {
            let row = along(n, c.a_n).wrapping_add(along(y, c.a_y));
            list.extend((0..c.x).map(|x| row.wrapping_add(along(x, c.a_x))));
        }
    }
    list
}

/// How many of `count` pieces of `products` each one core takes: all, if they are too few to be worth a second.
fn part(count: usize, products: usize) -> usize {
    if count * products < PARALLEL_PRODUCTS {
        return count;
    }
    count.div_ceil(rayon::current_num_threads())
}

/// Works on parts beside each other, on the first here: most commands are done before another core has woken up.
fn beside<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let mut parts = parts;
    let Some(first) = parts.next() else { return };
    rayon::in_place_scope(|s| {
        let work = &work;
        for part in parts {
            s.spawn(move |_| work(part));
        }
        work(first);
    });
}

/// The word at `address` as floats.
#[inline(always)]
fn read_floats<const L: usize>(pad: &Pad, address: u16, floats: &mut [f64; L]) {
    for (x, v) in floats.iter_mut().zip(pad.lanes::<L>(address as usize)) {
        *x = f64::from(*v);
    }
}

/// `sum + x·w` by lane. Fused or not is the same number, as neither product nor sum is rounded.
#[inline(always)]
fn multiply_add<const L: usize, const FUSED: bool>(sum: &mut [f64; L], x: f64, w: &[f64; L]) {
    for (s, w) in sum.iter_mut().zip(w) {
        *s = if FUSED { x.mul_add(*w, *s) } else { x * w + *s };
    }
}

/// A float that is a whole number within ±2^51: its bits, once it stands where the last place is 1.
#[inline(always)]
fn whole(x: f64) -> i64 {
    const ONES_PLACE: f64 = 6_755_399_441_055_744.0; // 1.5·2^52
    (x + ONES_PLACE).to_bits() as i64 - ONES_PLACE.to_bits() as i64
}
