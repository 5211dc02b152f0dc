//! Unpool: pooled gradients to the pixels their indices name.

use super::{at, for_lanes};
use crate::model::pads::Pad;
use multiversion::multiversion;
use tandem_isa::command::Unpool;
use tandem_isa::Config;

/// Runs one Unpool command.
pub fn unpool(config: &Config, c: &Unpool, v: &Pad, o: &mut Pad) {
    for_lanes!(config, unpool_lanes(c, v, o))
}

#[multiversion(targets("x86_64+avx2"))]
fn unpool_lanes<const L: usize>(c: &Unpool, v: &Pad, o: &mut Pad) {
    let (y_half, x_half) = (c.y as isize / 2, c.x as isize / 2);
    let mut pixel = 0;
    for n in 0..c.n as isize {
        for y in 0..c.y as isize {
            for x in 0..c.x as isize {
                let mut out = [0; L];
                if y / 2 < y_half && x / 2 < x_half {
                    let pooled = (n * y_half + y / 2) * x_half + x / 2;
                    let g = v.lanes::<L>(at(c.g_base, pooled));
                    let index = v.lanes::<L>(at(c.index_base, pooled));
                    let place = (2 * (y % 2) + x % 2) as i16;
                    for ((out, g), index) in out.iter_mut().zip(g).zip(index) {
                        *out = if index & 3 == place { *g } else { 0 }; // route4
                    }
                }
                o.set_lanes(at(c.out_base, pixel), &out);
                pixel += 1;
            }
        }
    }
}
