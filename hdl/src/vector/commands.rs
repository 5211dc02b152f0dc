//! Random commands of the vector unit, small enough to end soon, for tests.
use crate::parity::Rng;
use tandem_isa::command::{Command, Requant, Unpool, Update};

/// Sites the commands name.
pub(crate) const SITES: [u8; 5] = [0, 1, 2, 3, 254];

fn operand(rng: &mut Rng) -> u8 {
    if rng.chance(30) {
        255
    } else {
        SITES[rng.below(5) as usize]
    }
}

fn place(rng: &mut Rng) -> u16 {
    rng.below(32768) as u16
}

/// 1 to `limit`.
fn size(rng: &mut Rng, limit: u64) -> u16 {
    1 + rng.below(limit) as u16
}

pub(crate) fn random_unpool(rng: &mut Rng) -> Unpool {
    Unpool {
        g_base: place(rng),
        index_base: place(rng),
        out_base: place(rng),
        n: size(rng, 3),
        y: size(rng, 5),
        x: size(rng, 5),
        ..Default::default()
    }
}

pub(crate) fn random_update(rng: &mut Rng) -> Update {
    Update {
        flags: rng.word() as u8 & Update::ELASTIC,
        site_d: operand(rng),
        f: rng.below(30) as i8 - 15,
        f_w: rng.below(20) as i8,
        lr_shift: if rng.chance(10) {
            rng.word() as i8
        } else {
            rng.below(30) as i8
        },
        w_base: place(rng),
        v_base: place(rng),
        old_base: place(rng),
        importance_base: place(rng),
        // Of a whole word of importance: from shares of a few parts to all of the way.
        strength: (rng.word() as u16) >> rng.below(16),
        d_base: place(rng),
        w_out: place(rng),
        v_out: place(rng),
        z: size(rng, 3),
        y: size(rng, 3),
        x: size(rng, 5),
        mu: rng.word() as u16,
        lr_mantissa: rng.word() as u16,
        decay: rng.below(3000) as u16,
        i_x: rng.word() as u16,
        i_y: rng.word() as u16,
        i_z: rng.word() as u32,
        i_lane: rng.word() as u32,
        index: rng.word() as u32,
        key_v: rng.word() as u32,
        key_w: rng.word() as u32,
        ..Default::default()
    }
}

pub(crate) fn random_requant(rng: &mut Rng) -> Requant {
    let stride = |rng: &mut Rng| rng.word() as i16;
    Requant {
        flags: rng.word() as u8,
        site: SITES[rng.below(5) as usize],
        site_a: operand(rng),
        site_b: operand(rng),
        skip_site: operand(rng),
        f: rng.below(50) as i8 - 15,
        skip_f: rng.below(40) as i8 - 10,
        src_base: place(rng),
        out_base: place(rng),
        index_base: place(rng),
        v_base: place(rng),
        skip_base: place(rng),
        bias_base: place(rng),
        n: size(rng, 2),
        y: size(rng, 5),
        x: size(rng, 5),
        src_n: stride(rng),
        src_y: stride(rng),
        src_x: stride(rng),
        out_n: stride(rng),
        out_y: stride(rng),
        out_x: stride(rng),
        ..Default::default()
    }
}

/// Any of them; Requant most often.
pub(crate) fn random_command(rng: &mut Rng) -> Command {
    match rng.below(6) {
        0 => random_unpool(rng).into(),
        1 => random_update(rng).into(),
        _ => random_requant(rng).into(),
    }
}
