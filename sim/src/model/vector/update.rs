//! Update: SGD on dense words, with or without a pull back to where the weights stood.

use super::{at, for_lanes};
use crate::model::pads::Pad;
use crate::model::sites::Sites;
use multiversion::multiversion;
use tandem_isa::command::Update;
use tandem_isa::numerics::{hash16, stepped, Pull, SgdParams};
use tandem_isa::Config;

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
    for_lanes!(config, update_lanes(c, &params, v, o))
}

#[multiversion(targets("x86_64+avx2"))]
fn update_lanes<const L: usize>(c: &Update, params: &SgdParams, v: &Pad, o: &mut Pad) {
    let elastic = c.flags & Update::ELASTIC != 0;
    let along = |i: u16, step: u32| u32::from(i).wrapping_mul(step);
    let mut word = 0;
    for z in 0..c.z {
        for y in 0..c.y {
            for x in 0..c.x {
                let first = (c.index)
                    .wrapping_add(along(z, c.i_z))
                    .wrapping_add(along(y, c.i_y.into()))
                    .wrapping_add(along(x, c.i_x.into()));
                let w = v.lanes::<L>(at(c.w_base, word));
                let m = v.lanes::<L>(at(c.v_base, word));
                let d = v.lanes::<L>(at(c.d_base, word));
                let (mut w_new, mut m_new) = ([0; L], [0; L]);
                for l in 0..L {
                    let index = first.wrapping_add((l as u32).wrapping_mul(c.i_lane));
                    let (r1, r2) = (hash16(index, c.key_v), hash16(index, c.key_w));
                    (w_new[l], m_new[l]) =
                        tandem_isa::numerics::update(w[l], m[l], d[l], params, r1, r2);
                }
                if elastic {
                    let old = v.lanes::<L>(at(c.old_base, word));
                    let importance = v.lanes::<L>(at(c.importance_base, word));
                    for l in 0..L {
                        let index = first.wrapping_add((l as u32).wrapping_mul(c.i_lane));
                        let pull = Pull::new(old[l], importance[l] as u16, c.strength);
                        w_new[l] = stepped(w[l], m_new[l], pull, hash16(index, c.key_w));
                    }
                }
                o.set_lanes(at(c.w_out, word), &w_new);
                o.set_lanes(at(c.v_out, word), &m_new);
                word += 1;
            }
        }
    }
}
