//! The kinds that run as commands on the engine: layers, softmax, update, max-pool.

use super::vector::{differ, Tensor, Vector};
use crate::error::CliError;
use tandem::network::{Extent, Kind, Stage};
use tandem::single::{max_pool, sgd, softmax_ce, Element, Operand, Output, Single};
use tandem::{Device, Engine, Site};
use tandem_isa::numerics::{check_k, SgdParams};

/// The first difference between device and vector, if there is one.
type Difference = Result<Option<String>, CliError>;

/// Runs the vector; nothing if it agrees.
pub fn check<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Option<Difference> {
    Some(match v.op() {
        "softmax_ce" => softmax(engine, v),
        "sgd" => update(engine, v),
        "conv_forward" => forward(engine, v),
        "conv_dx" => dx(engine, v),
        "conv_dw" => dw(engine, v),
        "max_pool" => pool(engine, v),
        _ => return None,
    })
}

fn softmax<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let z: Vec<i16> = v.list("z")?;
    let label: usize = v.int("label")?;
    if label >= z.len() {
        return Err(v.refuse("label", label, format!("less than {}", z.len())));
    }
    let (p, g) = softmax_ce(engine, &z, v.int("f_z")?, v.int("C")?, label)?;
    let (want_p, want_g) = (v.list_of("p", z.len())?, v.list_of("g", z.len())?);
    Ok(differ("p", &p, &want_p).or(differ("g", &g, &want_g)))
}

fn update<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let w: Vec<i16> = v.list("w")?;
    let n = w.len();
    let (m, d): (Vec<i16>, Vec<i16>) = (v.list_of("v", n)?, v.list_of("d", n)?);
    let (r1, r2): (Vec<u16>, Vec<u16>) = (v.list_of("r1", n)?, v.list_of("r2", n)?);
    let elements: Vec<Element> = (0..n)
        .map(|i| Element {
            w: w[i],
            v: m[i],
            d: d[i],
            r1: r1[i],
            r2: r2[i],
        })
        .collect();
    let params = SgdParams {
        mu: v.int("MU")?,
        lr_mantissa: v.int("LRM")?,
        lr_shift: v.int("KLR")?,
        lw: v.int("LW")?,
        f_w: v.int("f_w")?,
        f_d: v.int("f_d")?,
    };
    let (want_w, want_v) = (v.list_of("w_next", n)?, v.list_of("v_next", n)?);
    let (w, m): (Vec<i16>, Vec<i16>) = sgd(engine, &elements, &params)?.into_iter().unzip();
    Ok(differ("w_next", &w, &want_w).or(differ("v_next", &m, &want_v)))
}

/// A convolution of these sizes, checked.
fn stage(
    v: &Vector,
    (ci, co): (usize, usize),
    input: [usize; 2],
    kernel: [usize; 2],
) -> Result<Stage, CliError> {
    let (stride, pad): (usize, usize) = (v.int("stride")?, v.int("pad")?);
    if stride == 0 {
        return Err(v.refuse("stride", stride, "1 or 2"));
    }
    let extent = |i: usize| {
        let (input, kernel) = (input[i], kernel[i]);
        if kernel == 0 || pad >= kernel || kernel > input + 2 * pad {
            let found = format!("kernel {kernel}, pad {pad} on {input} rows or columns");
            let expected = "a pad below the kernel, and a kernel that fits the padded input";
            return Err(v.refuse("kernel", found, expected));
        }
        Ok(Extent {
            input,
            kernel,
            stride,
            pad,
        })
    };
    Ok(Stage {
        name: v.op().into(),
        source: None,
        skip: None,
        ci,
        co,
        y: extent(0)?,
        x: extent(1)?,
        relu: false,
        pool: false,
        kind: Kind::Conv,
    })
}

fn matches(v: &Vector, field: &str, found: &[usize], expected: &[usize]) -> Result<(), CliError> {
    if found == expected {
        return Ok(());
    }
    let expected = format!("{expected:?}, as the other fields say");
    Err(v.refuse(field, format!("shape {found:?}"), expected))
}

fn site(v: &Vector, field: &str) -> Result<Site, CliError> {
    Ok(Site {
        e: v.int(field)?,
        valid: true,
        ..Site::default()
    })
}

fn operand(t: &Tensor) -> Operand<'_> {
    Operand { q: &t.q, f: t.f }
}

fn result(part: &str, found: &Output, want: &Tensor) -> Option<String> {
    differ(&format!("{part}.f"), &[found.f], &[want.f]).or(differ(part, &found.q, &want.q))
}

fn summable(k: usize, preload: bool) -> Result<(), CliError> {
    check_k(k as u64, preload).map_err(|e| CliError::Run(e.into()))
}

fn forward<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let (x, w, b) = (v.tensor("x", 4)?, v.tensor("w", 4)?, v.tensor("b", 1)?);
    let (n, ci, co) = (x.shape[0], x.shape[1], w.shape[0]);
    let kernel = [w.shape[2], w.shape[3]];
    let mut s = stage(v, (ci, co), [x.shape[2], x.shape[3]], kernel)?;
    s.relu = v.flag("relu")?;
    matches(v, "w", &w.shape, &[co, ci, kernel[0], kernel[1]])?;
    matches(v, "b", &b.shape, &[co])?;
    if b.f != 14 {
        return Err(v.refuse("b", format!("format {}", b.f), 14));
    }
    let (want, mask) = (v.tensor("y", 4)?, v.int::<u64>("mask")?);
    matches(v, "y", &want.shape, &[n, co, s.full().h, s.full().w])?;
    summable(ci * kernel[0] * kernel[1], true)?;
    let site = site(v, "E")?;
    let (y, _) = Single::new(engine, &s, n).forward(operand(&x), operand(&w), &b.q, site)?;
    Ok(differ("mask", &[y.mask], &[mask]).or(result("y", &y, &want)))
}

fn dx<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let (g, w) = (v.tensor("g", 4)?, v.tensor("w", 4)?);
    let input: Vec<usize> = v.list_of("in_hw", 2)?;
    let (n, co, ci) = (g.shape[0], g.shape[1], w.shape[1]);
    let kernel = [w.shape[2], w.shape[3]];
    let s = stage(v, (ci, co), [input[0], input[1]], kernel)?;
    matches(v, "w", &w.shape, &[co, ci, kernel[0], kernel[1]])?;
    matches(v, "g", &g.shape, &[n, co, s.full().h, s.full().w])?;
    let (want, mask) = (v.tensor("dx", 4)?, v.int::<u64>("mask")?);
    matches(v, "dx", &want.shape, &[n, ci, input[0], input[1]])?;
    summable(co * kernel[0] * kernel[1], false)?;
    let site = site(v, "E")?;
    let found = Single::new(engine, &s, n).dx(operand(&g), operand(&w), None, site)?;
    Ok(differ("mask", &[found.mask], &[mask]).or(result("dx", &found, &want)))
}

fn dw<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let (x, g) = (v.tensor("x", 4)?, v.tensor("g", 4)?);
    let kernel: Vec<usize> = v.list_of("kernel", 2)?;
    let (n, ci, co) = (x.shape[0], x.shape[1], g.shape[1]);
    let s = stage(
        v,
        (ci, co),
        [x.shape[2], x.shape[3]],
        [kernel[0], kernel[1]],
    )?;
    matches(v, "g", &g.shape, &[n, co, s.full().h, s.full().w])?;
    let (want, want_b) = (v.tensor("dw", 4)?, v.tensor("db", 1)?);
    matches(v, "dw", &want.shape, &[co, ci, kernel[0], kernel[1]])?;
    summable(n * s.full().h * s.full().w, false)?;
    let sites = [site(v, "E")?, site(v, "E_b")?];
    let [d, db] = Single::new(engine, &s, n).dw(operand(&x), operand(&g), sites)?;
    Ok(result("dw", &d, &want).or(result("db", &db, &want_b)))
}

fn pool<D: Device>(engine: &mut Engine<D>, v: &Vector) -> Difference {
    let (x, g) = (v.tensor("x", 4)?, v.tensor("g", 4)?);
    let [n, c, h, w] = [x.shape[0], x.shape[1], x.shape[2], x.shape[3]];
    if h < 2 || w < 2 {
        return Err(v.refuse(
            "x",
            format!("shape {:?}", x.shape),
            "2 rows and columns or more",
        ));
    }
    let (want, want_dx) = (v.tensor("y", 4)?, v.tensor("dx", 4)?);
    matches(v, "g", &g.shape, &[n, c, h / 2, w / 2])?;
    matches(v, "y", &want.shape, &g.shape)?;
    matches(v, "dx", &want_dx.shape, &x.shape)?;
    let want_index: Vec<i16> = v.list_of("index", g.q.len())?;
    let (y, index) = max_pool(engine, [n, c, h, w], &x.q)?;
    let plane = |input| Extent {
        input,
        kernel: 1,
        stride: 1,
        pad: 0,
    };
    let s = Stage {
        name: v.op().into(),
        source: None,
        skip: None,
        ci: c,
        co: c,
        y: plane(h),
        x: plane(w),
        relu: false,
        pool: true,
        kind: Kind::Conv,
    };
    let back = Single::new(engine, &s, n).unpool(&g.q, &index)?;
    Ok(differ("y", &y, &want.q)
        .or(differ("index", &index, &want_index))
        .or(differ("dx", &back, &want_dx.q)))
}
