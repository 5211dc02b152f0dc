//! Random layers through the compiler on the model, bit for bit against plain loops.

mod support;

use support::*;
use tandem::single::{max_pool, sgd, softmax_ce, Element, Operand, Single};
use tandem::{Engine, Site};
use tandem_isa::config::{CU, E8X16, TINY};
use tandem_isa::numerics::{self, Width};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::configs::BITS_8;
use tandem_tests::random::Rng;

fn at(e: i8) -> Site {
    Site {
        e,
        valid: true,
        ..Site::default()
    }
}

fn same(found: &[i16], expected: &[i16], part: &str, what: &str) {
    assert_eq!(found.len(), expected.len(), "{part} {what}");
    let differ: Vec<usize> = (0..found.len())
        .filter(|&i| found[i] != expected[i])
        .collect();
    if let Some(&i) = differ.first() {
        panic!(
            "{part}: {} of {} differ, first {i}: found {}, expected {}; {what}",
            differ.len(),
            found.len(),
            found[i],
            expected[i]
        );
    }
}

fn with_skip<'e>(single: Single<'e, Model>, skip: Added) -> Single<'e, Model> {
    match skip {
        Some((q, f)) => single.with_skip(Operand { q, f }),
        None => single,
    }
}

/// Operands and errors of an engine with these widths.
fn operands(r: &mut Rng, n: usize, max: i16, width: Width) -> Vec<i16> {
    r.words(n, max.min(width.largest()))
}

fn check(config: &'static Config, seed: u64, wide: bool) {
    let mut r = Rng(seed);
    let width = config.width();
    let (s, n) = random_stage(&mut r, wide);
    let what = format!("seed {seed} {} n={n} {s:?}", config.name);
    let mut engine = Engine::open(Model::new(config, 8 << 20)).unwrap();
    let (fx, fw, fg) = (12, 13, 17);
    let mut x = operands(&mut r, n * s.input().len(), 30000, width);
    let w = r.words(s.weights(), 9000);
    let b = r.words(s.co, 20000);
    let g = operands(&mut r, n * s.full().len(), 3000, width);
    // What the array reads of the weights, and its format.
    let w_read: Vec<i16> = w.iter().map(|&w| width.narrow(w)).collect();
    let fw_read = fw - width.word_shift() as i32;
    if r.below(2) == 0 {
        x.iter_mut().for_each(|v| *v = (*v).max(0));
    }
    let e = r.below(8) as i8;
    // Forward.
    let skip =
        (seed % 3 == 0 && !s.pool).then(|| operands(&mut r, n * s.full().len(), 20000, width));
    let f_skip = 6 + r.below(24) as i32;
    let added = skip.as_deref().map(|q| (q, f_skip));
    let acc = forward(&s, n, &x, &w_read, &b, added, fx + fw_read);
    let want = finish(&acc, fx + fw_read, e, width);
    let (out, index) = with_skip(Single::new(&mut engine, &s, n), added)
        .forward(
            Operand { q: &x, f: fx },
            Operand { q: &w, f: fw },
            &b,
            at(e),
        )
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!((out.f, out.mask), (want.f, want.mask), "forward {what}");
    if s.pool {
        let (y, i) = pool(n, s.full(), &want.q);
        same(&out.q, &y, "pooled", &what);
        same(&index.unwrap_or_default(), &i, "index", &what);
        let back = r.words(y.len(), 500);
        let full = Single::new(&mut engine, &s, n).unpool(&back, &i).unwrap();
        same(&full, &unpool(n, s.full(), &back, &i), "unpool", &what);
    } else {
        same(&out.q, &want.q, "forward", &what);
    }
    // Input gradient.
    let e = -4 + r.below(8) as i8;
    let mask = (r.below(2) == 0).then_some(&x[..]);
    let skip = (seed % 3 > 0).then(|| operands(&mut r, x.len(), 20000, width));
    // Any that `align` allows, from some 16 places to the left on.
    let f_skip = 8 + r.below(32) as i32;
    let added = skip.as_deref().map(|q| (q, f_skip));
    let acc = dx(&s, n, &g, &w_read, (added, fg + fw_read), mask);
    let want = finish(&acc, fg + fw_read, e, width);
    let out = with_skip(Single::new(&mut engine, &s, n), added)
        .dx(
            Operand { q: &g, f: fg },
            Operand { q: &w, f: fw },
            mask,
            at(e),
        )
        .unwrap();
    assert_eq!((out.f, out.mask), (want.f, want.mask), "dx {what}");
    same(&out.q, &want.q, "dx", &what);
    // Weight and bias gradients.
    let (d, db) = dw(&s, n, &x, &g);
    let (want, want_b) = (
        finish(&d, fx + fg, e, width.wide()),
        finish(&db, fg, e + 1, width.wide()),
    );
    let [out, out_b] = Single::new(&mut engine, &s, n)
        .dw(
            Operand { q: &x, f: fx },
            Operand { q: &g, f: fg },
            [at(e), at(e + 1)],
        )
        .unwrap();
    assert_eq!((out.f, out.mask), (want.f, want.mask), "dw {what}");
    same(&out.q, &want.q, "dw", &what);
    same(&out_b.q, &want_b.q, "db", &what);
    assert_eq!((out_b.f, out_b.mask), (want_b.f, want_b.mask), "db {what}");
}

fn check_average(config: &'static Config, seed: u64) {
    let mut r = Rng(seed);
    let (s, n) = random_average(&mut r, seed % 4 == 3);
    let what = format!("seed {seed} {} n={n} {s:?}", config.name);
    let mut engine = Engine::open(Model::new(config, 8 << 20)).unwrap();
    let (fx, fg, width) = (12, 17, config.width());
    let x = operands(&mut r, n * s.input().len(), 32767, width);
    let g = operands(&mut r, n * s.output().len(), 32767, width);
    let e = r.below(6) as i8;
    let f_acc = average_f(&s, fx, width);
    let want = finish(&average(&s, n, &x, width), f_acc, e, width);
    let out = Single::new(&mut engine, &s, n)
        .average(Operand { q: &x, f: fx }, at(e))
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!((out.f, out.mask), (want.f, want.mask), "average {what}");
    same(&out.q, &want.q, "average", &what);
    let e = -6 + r.below(6) as i8;
    let mask = (r.below(2) == 0).then_some(&x[..]);
    let f_acc = average_f(&s, fg, width);
    let skip = (r.below(2) == 0).then(|| operands(&mut r, x.len(), 20000, width));
    let f_skip = f_acc - width.max_align().min(26) + r.below(34) as i32;
    let added = skip.as_deref().map(|q| (q, f_skip));
    let acc = average_back(&s, n, &g, (added, f_acc), mask, width);
    let want = finish(&acc, f_acc, e, width);
    let out = with_skip(Single::new(&mut engine, &s, n), added)
        .average_back(Operand { q: &g, f: fg }, mask, at(e))
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!((out.f, out.mask), (want.f, want.mask), "back {what}");
    same(&out.q, &want.q, "back", &what);
}

#[test]
fn random_average_pools_equal_plain_loops() {
    for seed in 0..120 {
        check_average(&TINY, seed);
        check_average(&E8X16, 1000 + seed);
        if seed < 40 {
            check_average(&CU, 2000 + seed);
            check_average(&BITS_8, 3000 + seed);
        }
    }
}

#[test]
fn random_layers_on_tiny() {
    for seed in 0..150 {
        check(&TINY, seed, seed % 4 == 3);
    }
}

#[test]
fn random_layers_on_8x16() {
    for seed in 1000..1100 {
        check(&E8X16, seed, seed % 4 == 3);
    }
}

#[test]
fn random_layers_on_cu() {
    for seed in 2000..2040 {
        check(&CU, seed, seed % 4 == 3);
    }
}

#[test]
fn random_layers_of_8_bits() {
    for seed in 3000..3060 {
        check(&BITS_8, seed, seed % 4 == 3);
    }
}

#[test]
fn elementwise_operations_equal_the_arithmetic() {
    for config in [&TINY, &E8X16] {
        let mut r = Rng(42);
        let mut engine = Engine::open(Model::new(config, 1 << 20)).unwrap();
        for _ in 0..20 {
            let z = {
                let n = 2 + r.below(30);
                r.words(n, 30000)
            };
            let (f, c, label) = (
                6 + r.below(10) as i32,
                4000 + r.below(30000) as u32,
                r.below(z.len()),
            );
            let (p, g) = softmax_ce(&mut engine, &z, f, c, label).unwrap();
            let (mut want_p, mut want_g) = (vec![0; z.len()], vec![0; z.len()]);
            numerics::softmax(&z, f, c, &mut want_p).unwrap();
            numerics::gradient_hard(&want_p, label, &mut want_g).unwrap();
            assert_eq!((p, g), (want_p, want_g));

            let n = 1 + r.below(90);
            let elements: Vec<Element> = (0..n)
                .map(|_| Element {
                    w: r.words(1, 32767)[0],
                    v: r.words(1, 32767)[0],
                    d: r.words(1, 32767)[0],
                    r1: r.word() as u16,
                    r2: r.word() as u16,
                })
                .collect();
            let params = numerics::SgdParams {
                mu: r.word() as u16,
                lr_mantissa: r.word() as u16,
                lr_shift: r.below(30) as i8,
                lw: r.below(50) as u16,
                f_w: 10 + r.below(6) as i32,
                f_d: 5 + r.below(20) as i32,
            };
            let found = sgd(&mut engine, &elements, &params).unwrap();
            for (e, found) in elements.iter().zip(found) {
                assert_eq!(found, numerics::update(e.w, e.v, e.d, &params, e.r1, e.r2));
            }

            let shape = [
                1 + r.below(3),
                1 + r.below(20),
                2 + r.below(15),
                2 + r.below(15),
            ];
            let x = r.words(shape.iter().product(), 32767);
            let (y, index) = max_pool(&mut engine, shape, &x).unwrap();
            let plane = tandem::network::Shape {
                c: shape[1],
                h: shape[2],
                w: shape[3],
            };
            assert_eq!((y, index), pool(shape[0], plane, &x));
        }
    }
}
