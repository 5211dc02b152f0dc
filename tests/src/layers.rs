//! One random layer on any device: forward and dX with and without a skip operand, pools both ways, dX, dW, bias gradient and update.

use crate::random::{average, stage, Rng};
use tandem::single::{sgd, Element, Operand, Output, Single};
use tandem::{Device, Engine, Site};
use tandem_isa::numerics::SgdParams;

/// Everything one random layer computes, in order.
pub fn layers<D: Device>(engine: &mut Engine<D>, seed: u64) -> Vec<(&'static str, Vec<i64>)> {
    let mut r = Rng(seed);
    let (s, n) = stage(&mut r);
    let what = format!("seed {seed} n={n} {s:?}");
    let at = |e: i8| Site {
        e,
        valid: true,
        ..Site::default()
    };
    let mut all = Vec::new();
    let mut keep = |name, out: Output| {
        let mut v = vec![out.f as i64, out.mask as i64];
        v.extend(out.q.iter().map(|&q| q as i64));
        all.push((name, v));
    };
    let x = r.words(n * s.input().len(), 30000);
    let w = r.words(s.weights(), 9000);
    let b = r.words(s.co, 20000);
    let g = r.words(n * s.full().len(), 3000);
    let (x, w, g) = (
        Operand { q: &x, f: 12 },
        Operand { q: &w, f: 13 },
        Operand { q: &g, f: 17 },
    );
    let e = r.below(8) as i8;
    let skip = r.words(n * s.full().len(), 20000);
    let single = Single::new(engine, &s, n);
    let mut single = if seed % 3 == 0 && !s.pool {
        let f = 6 + r.below(24) as i32;
        single.with_skip(Operand { q: &skip, f })
    } else {
        single
    };
    let (y, index) = single
        .forward(x, w, &b, at(e))
        .unwrap_or_else(|e| panic!("forward, {what}: {e}"));
    let pooled = y.q.len();
    keep("forward", y);
    let e = r.below(8) as i8 - 4;
    let masked = r.below(2) == 0;
    let skip = r.words(x.q.len(), 20000);
    let single = Single::new(engine, &s, n);
    let mut single = if seed % 3 > 0 {
        let f = 6 + r.below(34) as i32;
        single.with_skip(Operand { q: &skip, f })
    } else {
        single
    };
    let out = single
        .dx(g, w, masked.then_some(x.q), at(e))
        .unwrap_or_else(|e| panic!("dX, {what}: {e}"));
    keep("dX", out);
    let [dw, db] = Single::new(engine, &s, n)
        .dw(x, g, [at(r.below(6) as i8), at(r.below(6) as i8)])
        .unwrap_or_else(|e| panic!("dW, {what}: {e}"));
    keep("dW", dw);
    keep("db", db);
    if let Some(index) = index {
        let back = r.words(pooled, 500);
        let full = Single::new(engine, &s, n)
            .unpool(&back, &index)
            .unwrap_or_else(|e| panic!("unpool, {what}: {e}"));
        all.push(("index", index.iter().map(|&i| i as i64).collect()));
        all.push(("unpool", full.iter().map(|&i| i as i64).collect()));
    }
    let elements: Vec<Element> = (0..1 + r.below(40))
        .map(|_| Element {
            w: r.words(1, 32767)[0],
            v: r.words(1, 32767)[0],
            d: r.words(1, 32767)[0],
            r1: r.word() as u16,
            r2: r.word() as u16,
        })
        .collect();
    let params = SgdParams {
        mu: r.word() as u16,
        lr_mantissa: r.word() as u16,
        lr_shift: r.below(30) as i8,
        lw: r.below(50) as u16,
        f_w: 10 + r.below(6) as i32,
        f_d: 5 + r.below(20) as i32,
    };
    let updated = sgd(engine, &elements, &params).unwrap_or_else(|e| panic!("update, {what}: {e}"));
    all.push((
        "update",
        updated
            .iter()
            .flat_map(|&(w, v)| [w as i64, v as i64])
            .collect(),
    ));
    averages(engine, &mut r, seed, &mut all);
    all
}

/// An average pool both ways.
fn averages<D: Device>(
    engine: &mut Engine<D>,
    r: &mut Rng,
    seed: u64,
    all: &mut Vec<(&'static str, Vec<i64>)>,
) {
    let (s, n) = average(r);
    let what = format!("seed {seed} n={n} {s:?}");
    let x = r.words(n * s.input().len(), 30000);
    let g = r.words(n * s.output().len(), 3000);
    let (x, g) = (Operand { q: &x, f: 12 }, Operand { q: &g, f: 17 });
    let skip = r.words(x.q.len(), 20000);
    let skip = Operand { q: &skip, f: 25 };
    let sites = [r.below(8), r.below(8)].map(|e| Site {
        e: e as i8 - 4,
        valid: true,
        ..Site::default()
    });
    let forward = Single::new(engine, &s, n).average(x, sites[0]);
    let masked = seed % 2 == 0;
    let back =
        Single::new(engine, &s, n)
            .with_skip(skip)
            .average_back(g, masked.then_some(x.q), sites[1]);
    for (name, out) in [("average", forward), ("average back", back)] {
        let out = out.unwrap_or_else(|e| panic!("{name}, {what}: {e}"));
        let mut v = vec![out.f as i64, out.mask as i64];
        v.extend(out.q.iter().map(|&q| q as i64));
        all.push((name, v));
    }
}
