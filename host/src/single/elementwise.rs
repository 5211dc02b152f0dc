//! Single operations without products: softmax with cross-entropy, the update of single elements, max-pool.

use super::{Single, LIMIT, SITES};
use crate::device::Device;
use crate::driver::{Engine, Site};
use crate::error::{CompileError, Error};
use crate::network::{Extent, Kind, Stage};
use crate::schedule::{Emitter, Fill};
use crate::tile::boxes::{dense, load, store_dense};
use crate::tile::{pieces, Source, Tensor};
use tandem_isa::command::{pad, Loss, Requant, Update, NO_SITE};
use tandem_isa::numerics::{key_for, SgdParams};

/// A stage that only carries a shape.
fn plain(c: usize, h: usize, w: usize, pool: bool) -> Stage {
    let extent = |input| Extent {
        input,
        kernel: 1,
        stride: 1,
        pad: 0,
    };
    Stage {
        name: "values".into(),
        source: None,
        skip: None,
        ci: c,
        co: c,
        y: extent(h),
        x: extent(w),
        relu: false,
        pool,
        kind: Kind::Conv,
    }
}

/// Probabilities and cross-entropy gradient of one sample's logits (format `f_z`).
pub fn softmax_ce<D: Device>(
    engine: &mut Engine<D>,
    z: &[i16],
    f_z: i32,
    temperature: u32,
    label: usize,
) -> Result<(Vec<i16>, Vec<i16>), Error> {
    let stage = plain(z.len(), 1, 1, false);
    let mut s = Single::new(engine, &stage, 1);
    let shape = s.shape(stage.input());
    let logits = s.tensor(shape, Some(z))?;
    let (p, g) = (s.tensor(shape, None)?, s.tensor(shape, None)?);
    let (lanes, config) = (s.lanes(), *s.engine.config());
    let words = z.len().div_ceil(lanes);
    if !config.has_loss {
        return Err(CompileError::Input {
            what: "configuration",
            found: format!("`{}`, without the loss unit", config.name),
            expected: "one with it".into(),
            remedy: "choose another --config, or compute the loss by tandem_isa::numerics",
        }
        .into());
    }
    if words + 1 > config.z_depth || 2 * words > config.g_depth {
        return Err(CompileError::Limit {
            layer: "softmax".into(),
            what: "words of logits",
            found: words as u64,
            limit: (config.z_depth - 1).min(config.g_depth / 2) as u64,
            remedy: "use fewer classes or a configuration with more lanes",
        }
        .into());
    }
    let record = s.take(1)?;
    let mut lane = vec![0i16; lanes];
    (lane[0], lane[1]) = (label as u16 as i16, -1);
    s.engine.write_lanes(record.into(), &lane)?;
    let f = super::format(f_z)?;
    s.run(&[], |e, _| {
        let fills = [
            [Fill::from(dense(logits.address, words))],
            [Fill::from(dense(record, 1))],
        ];
        let bases = e.operands(pad::Z, &[&fills[0], &fills[1]]);
        let g_base = e.pads.results(pad::G, 2 * words);
        let p_base = g_base + words as u16;
        e.push(Loss {
            flags: Loss::GRADIENT | Loss::PROBABILITIES,
            site: NO_SITE,
            f,
            top: 1,
            n: 1,
            classes: z.len() as u16,
            z_base: bases[0],
            record_base: bases[1],
            g_base,
            p_base,
            temperature,
            ..Default::default()
        });
        e.store(store_dense(pad::G, g_base, g.address, words));
        e.store(store_dense(pad::G, p_base, p.address, words));
        Ok(())
    })?;
    Ok((s.read(p, shape)?, s.read(g, shape)?))
}

/// One weight of an update: value, momentum, gradient and the random words of both roundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Weight.
    pub w: i16,
    /// Momentum.
    pub v: i16,
    /// Gradient.
    pub d: i16,
    /// Random word of the momentum's rounding.
    pub r1: u16,
    /// Random word of the weight's rounding.
    pub r2: u16,
}

/// Updates elements one by one, each with keys that give its random words; returns new weights and momenta.
pub fn sgd<D: Device>(
    engine: &mut Engine<D>,
    elements: &[Element],
    params: &SgdParams,
) -> Result<Vec<(i16, i16)>, Error> {
    let stage = plain(1, 1, 1, false);
    let mut s = Single::new(engine, &stage, 1);
    let lanes = s.lanes();
    let n = elements.len();
    let mut place = |value: fn(&Element) -> i16| -> Result<u32, Error> {
        let address = s.take(n)?;
        let mut words = vec![0i16; n * lanes];
        for (word, e) in words.chunks_exact_mut(lanes).zip(elements) {
            word[0] = value(e);
        }
        s.engine.write_lanes(address.into(), &words)?;
        Ok(address)
    };
    let (w, v, d) = (place(|e| e.w)?, place(|e| e.v)?, place(|e| e.d)?);
    let (f, f_w) = (super::format(params.f_d)?, super::format(params.f_w)?);
    s.run(&[], |e, _| {
        let word = e.config().word_bytes();
        let most = (e.config().v_depth / 6).min(e.config().o_depth / 4);
        for (first, last) in pieces(n, most, false) {
            let at = |base: u32| base + (first * word) as u32;
            let count = last - first;
            let fills = [w, v, d].map(|base| [Fill::from(dense(at(base), count))]);
            let bases = e.operands(pad::V, &[&fills[0], &fills[1], &fills[2]]);
            let out = e.pads.results(pad::O, 2 * count);
            for (k, element) in elements[first..last].iter().enumerate() {
                let k = k as u16;
                e.push(Update {
                    site_d: NO_SITE,
                    f,
                    f_w,
                    lr_shift: params.lr_shift,
                    w_base: bases[0] + k,
                    v_base: bases[1] + k,
                    d_base: bases[2] + k,
                    w_out: out + k,
                    v_out: out + count as u16 + k,
                    z: 1,
                    y: 1,
                    x: 1,
                    mu: params.mu,
                    lr_mantissa: params.lr_mantissa,
                    decay: params.lw,
                    key_v: key_for(0, element.r1),
                    key_w: key_for(0, element.r2),
                    i_lane: 1,
                    ..Default::default()
                });
            }
            e.store(store_dense(pad::O, out, at(w), count));
            e.store(store_dense(pad::O, out + count as u16, at(v), count));
        }
        Ok(())
    })?;
    let new_w = s.engine.read_lanes(w.into(), n * lanes)?;
    let new_v = s.engine.read_lanes(v.into(), n * lanes)?;
    Ok((0..n)
        .map(|i| (new_w[i * lanes], new_v[i * lanes]))
        .collect())
}

/// 2×2 maximum of a tensor (n, c, h, w): values and indices.
pub fn max_pool<D: Device>(
    engine: &mut Engine<D>,
    [n, c, h, w]: [usize; 4],
    q: &[i16],
) -> Result<(Vec<i16>, Vec<i16>), Error> {
    let stage = plain(c, h, w, true);
    let mut s = Single::new(engine, &stage, n);
    let (full, small) = (s.shape(stage.input()), s.shape(stage.output()));
    let x = s.tensor(full, Some(q))?;
    let (y, index) = (s.tensor(small, None)?, s.tensor(small, None)?);
    // An exponent so small that nothing is shifted.
    let site = Site {
        e: i8::MIN,
        valid: true,
        ..Site::default()
    };
    s.run(&[site], |e, _| emit_pool(e, n, x, y, index))?;
    Ok((s.read(y, small)?, s.read(index, small)?))
}

fn emit_pool(
    e: &mut Emitter,
    n: usize,
    x: Tensor,
    y: Tensor,
    index: Tensor,
) -> Result<(), CompileError> {
    let word = e.config().word_bytes();
    let most = e.config().v_depth / 2;
    let rows_fit = most / x.w;
    if rows_fit < 4 {
        return Err(CompileError::Limit {
            layer: "max-pool".into(),
            what: "columns",
            found: x.w as u64,
            limit: (most / 4) as u64,
            remedy: "choose a configuration with larger scratchpads",
        });
    }
    let planes = |t: Tensor| Tensor { blocks: 1, ..t };
    let (px, py, pi) = (planes(x), planes(y), planes(index));
    for p in 0..n * x.blocks {
        for rows in pieces(x.h, (rows_fit - 1) & !1, true) {
            let whole = (0, x.w as isize);
            let range = (rows.0 as isize, rows.1 as isize);
            let fills = load(&Source::Tensor(px), word, (p, p + 1), (0, 1), range, whole);
            let v = e.operand(pad::V, &fills);
            let height = rows.1 - rows.0;
            let words = (height / 2) * (x.w / 2);
            let out = e.pads.results(pad::O, 2 * words);
            e.push(Requant {
                flags: Requant::FROM_V | Requant::POOL,
                site: SITES[0],
                site_a: NO_SITE,
                site_b: NO_SITE,
                skip_site: NO_SITE,
                src_base: v,
                out_base: out,
                index_base: out + words as u16,
                n: 1,
                y: height as u16,
                x: x.w as u16,
                src_y: x.w as i16,
                src_x: 1,
                out_y: (x.w / 2) as i16,
                out_x: 1,
                ..Default::default()
            });
            let half = [
                (p, p + 1),
                (0, 1),
                (rows.0 / 2, rows.0 / 2 + height / 2),
                (0, x.w / 2),
            ];
            e.store(py.store(word, pad::O, out, half));
            e.store(pi.store(word, pad::O, out + words as u16, half));
        }
    }
    Ok(())
}

/// Runs a raw program of one context with all memory granted; for tests of the engine itself.
pub fn run_raw<D: Device>(
    engine: &mut Engine<D>,
    address: u64,
    commands: &[tandem_isa::Command],
) -> Result<(), Error> {
    let base = engine.memory_base();
    let all = crate::driver::Window {
        base: base as u32,
        end: (base + engine.memory_size()).min(u32::MAX.into()) as u32 & !7,
        read: true,
        write: true,
    };
    engine.write_program(address, commands)?;
    engine.set_window(crate::fault::Context::Student, 0, all)?;
    Ok(engine.run(
        crate::fault::Context::Student,
        address,
        commands.len() as u32,
        LIMIT,
    )?)
}
