//! Softmax, update, average and float conversion against 64-bit floats and wider integers.

use proptest::prelude::*;
use tandem_isa::numerics::*;

fn word() -> impl Strategy<Value = i16> {
    prop_oneof![4 => -32_767..=32_767_i16, 1 => -9..=9_i16, 1 => Just(32_767_i16), 1 => Just(-32_767_i16)]
}

/// Softmax of the same constant in floats.
fn softmax_reference(z: &[i16], f_z: i32, c: u32) -> Vec<f64> {
    let max = f64::from(*z.iter().max().unwrap());
    let rate = f64::from(c) * 2_f64.powi(-14 - f_z);
    let e: Vec<f64> = z
        .iter()
        .map(|&z| ((f64::from(z) - max) * rate).exp2())
        .collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum * 32_768.0).collect()
}

/// The interpolated power of two straight from the formulas, in 128 bits and without shortcuts.
fn exp_reference(d: u32, f_z: i32, c: u32) -> u16 {
    let t = i128::from(d) * i128::from(c);
    let sh = f_z + 2;
    let u = if sh >= 0 {
        t >> sh.min(120)
    } else {
        t << (-sh).min(70)
    };
    let u = u.min(31 << 12);
    let (n, i, rem) = (u >> 12, ((u & 4095) >> 8) as i32, u & 255);
    let table = |i: i32| (32_768.0 * (-f64::from(i) / 16.0).exp2()).round() as i128;
    ((table(i) - (((table(i) - table(i + 1)) * rem) >> 8)) >> n) as u16
}

/// The update as the formulas are written, in 128 bits.
fn update_reference(w: i16, v: i16, d: i16, p: &SgdParams, r1: u16, r2: u16) -> (i16, i16) {
    let [w, v, d] = [w, v, d].map(i128::from);
    let sh = p.f_w + 20 - p.f_d - i32::from(p.lr_shift);
    let product = d * i128::from(p.lr_mantissa);
    let t = if sh >= 0 {
        product << sh.min(15)
    } else {
        product >> (-sh).min(47)
    };
    let x = v * i128::from(p.mu) - t - w * i128::from(p.lw);
    assert!(x.abs() < 1 << 47);
    let limit = |y: i128| y.clamp(-32_767, 32_767);
    let v = limit((x + i128::from(r1)) >> 16);
    let w = limit(w + ((v * 4096 + i128::from(r2)) >> 16));
    (w as i16, v as i16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn exp_step_is_its_definition(d in prop_oneof![0..=65_534_u32, 0..4_u32], f_z in -128..=127_i32, near in -4..=20_i32, c in 0..=200_000_u32) {
        for f_z in [f_z, near] {
            prop_assert_eq!(exp_step(d, f_z, c), exp_reference(d, f_z, c));
        }
    }

    #[test]
    fn softmax_is_near_the_float(z in prop::collection::vec(word(), 1..40), narrow in 0..12_u32, f_z in 0..=20_i32, t in 0.3..20.0_f64) {
        let z: Vec<i16> = z.iter().map(|z| z >> narrow).collect();
        let c = temperature_constant(t).unwrap();
        let mut p = vec![0; z.len()];
        softmax(&z, f_z, c, &mut p).unwrap();
        let max = i32::from(*z.iter().max().unwrap());
        let e: Vec<u128> = z.iter().map(|&z| exp_reference((max - i32::from(z)) as u32, f_z, c).into()).collect();
        let r = (1 << 31) / e.iter().sum::<u128>();
        for ((&p, e), want) in p.iter().zip(&e).zip(softmax_reference(&z, f_z, c)) {
            prop_assert_eq!(p as u128, ((e * r + (1 << 15)) >> 16).min(32_767));
            // Each of the others can lose one part of 32768 when it is truncated.
            let bound = 5.0 + (z.len() - 1) as f64;
            prop_assert!((f64::from(p) - want).abs() <= bound, "{p} for {want}");
        }
    }

    #[test]
    fn gradients_point_at_the_target(z in prop::collection::vec(word(), 1..40), q in prop::collection::vec(0..=32_767_i16, 40), pick in any::<prop::sample::Index>()) {
        let (mut p, mut g) = (vec![0; z.len()], vec![0; z.len()]);
        softmax(&z, 12, TEMPERATURE_ONE, &mut p).unwrap();
        let label = pick.index(z.len());
        gradient_hard(&p, label, &mut g).unwrap();
        for (c, &g) in g.iter().enumerate() {
            let want = i32::from(p[c]) - if c == label { 32_768 } else { 0 };
            prop_assert_eq!(i32::from(g), want.max(-32_767));
        }
        gradient_soft(&p, &q[..z.len()], &mut g).unwrap();
        for c in 0..z.len() {
            prop_assert_eq!(i32::from(g[c]), i32::from(p[c]) - i32::from(q[c]));
        }
    }

    #[test]
    fn mixed_gradients_are_their_definition(
        (z, narrow) in (prop::collection::vec(word(), 1..40), 0..12_u32),
        q in prop::collection::vec(prop_oneof![4 => 0..=32_767_i16, 1 => any::<i16>()], 40),
        (label, t) in (0..44_usize, 0.3..20.0_f64),
        share in prop_oneof![Just(0), Just(SHARE_ONE), 0..=SHARE_ONE],
    ) {
        let z: Vec<i16> = z.iter().map(|z| z >> narrow).collect();
        let (q, n) = (&q[..z.len()], z.len());
        let (mut p, mut p1, mut g) = (vec![0; n], vec![0; n], vec![0; n]);
        softmax(&z, 12, temperature_constant(t).unwrap(), &mut p).unwrap();
        softmax(&z, 12, TEMPERATURE_ONE, &mut p1).unwrap();
        gradient_mixed((&z, 12), &p, q, label, share, &mut g).unwrap();
        for c in 0..n {
            let soft = (i64::from(p[c]) - i64::from(q[c])).clamp(-32_767, 32_767);
            let hot = if c == label { 32_768 } else { 0 };
            let hard = (i64::from(p1[c]) - hot).clamp(-32_767, 32_767);
            let s = i64::from(share);
            let exact = (s * soft + (32_768 - s) * hard) as f64 / 32_768.0;
            // Rounded to nearest, half upwards.
            prop_assert_eq!(f64::from(g[c]), (exact + 0.5).floor());
            prop_assert_eq!(g[c], mixed(soft as i16, hard as i16, share));
        }
        if share == SHARE_ONE {
            let mut soft = vec![0; n];
            gradient_soft(&p, q, &mut soft).unwrap();
            prop_assert_eq!(&g, &soft);
        } else if share == 0 && label < n {
            let mut hard = vec![0; n];
            gradient_hard(&p1, label, &mut hard).unwrap();
            prop_assert_eq!(&g, &hard);
        }
    }

    #[test]
    fn shares_keep_the_ratio_of_both_parts(share in 0.0..=1.0_f64, t in 0.0015..=10_000.0_f64) {
        let word = f64::from(share_word(share, t).unwrap());
        let exact = share * t / (share * t + 1.0 - share);
        prop_assert!((word / 32_768.0 - exact).abs() <= 0.5001 / 32_768.0, "{word} for {exact}");
    }

    #[test]
    fn update_is_its_definition(
        (w, v, d) in (word(), word(), word()),
        (mu, lr_mantissa, lr_shift, lw) in any::<(u16, u16, i8, u16)>(),
        (f_w, f_d, narrow) in (-128..=127_i32, -128..=127_i32, any::<bool>()),
        (r1, r2) in any::<(u16, u16)>(),
    ) {
        // Half of the cases with formats that meet, so that the shift is not always at a limit.
        let f_d = if narrow { f_w + 20 - i32::from(lr_shift) + f_d / 4 } else { f_d };
        let p = SgdParams { mu, lr_mantissa, lr_shift, lw, f_w, f_d };
        prop_assert_eq!(update(w, v, d, &p, r1, r2), update_reference(w, v, d, &p, r1, r2));
    }

    #[test]
    fn an_elastic_update_is_its_definition(
        (w, v, d, old) in (word(), word(), word(), word()),
        (mu, lr_mantissa, lw) in any::<(u16, u16, u16)>(),
        (importance, strength, fewer) in (any::<u16>(), any::<u16>(), 0..16_u32),
        (r1, r2) in any::<(u16, u16)>(),
    ) {
        let p = SgdParams { mu, lr_mantissa, lr_shift: 20, lw, f_w: 12, f_d: 14 };
        let (importance, strength) = (importance >> (fewer / 2), strength >> fewer);
        let pull = Pull::new(old, importance, strength);
        let share = (i128::from(importance) * i128::from(strength) / 256).min(65_535);
        prop_assert_eq!(i128::from(pull.share), share);
        let (plain, v1) = update_reference(w, v, d, &p, r1, r2);
        let (w0, old, new) = (i128::from(w), i128::from(old), i128::from(v1));
        let exact = w0 + ((new * 4096 - share * (w0 - old) + i128::from(r2)) >> 16);
        let expected = (exact.clamp(-32_767, 32_767) as i16, v1);
        prop_assert_eq!(update_elastic(w, v, d, pull, &p, (r1, r2)), expected);
        prop_assert_eq!(stepped(w, v1, pull, r2), expected.0);
        // No importance, no strength or no distance: the plain update.
        for pull in [Pull::new(0, 0, strength), Pull::new(0, importance, 0), Pull::new(w, importance, strength)] {
            prop_assert_eq!(update_elastic(w, v, d, pull, &p, (r1, r2)), (plain, v1));
        }
    }

    #[test]
    fn a_pull_alone_goes_towards_the_old_place_and_not_past_it(
        (w, old) in (word(), word()),
        share in any::<u16>(),
        random in any::<u16>(),
    ) {
        let to = i32::from(stepped(w, 0, Pull { old, share }, random));
        let (w, old) = (i32::from(w), i32::from(old));
        prop_assert!((w.min(old)..=w.max(old)).contains(&to), "{to} from {w} to {old}");
        // In real numbers, within a word of rounding.
        let real = f64::from(w) - f64::from(share) / 65_536.0 * f64::from(w - old);
        prop_assert!((f64::from(to) - real).abs() <= 1.0, "{to} {real}");
    }

    #[test]
    fn update_is_sgd_in_real_numbers(
        (w, v, d) in (-8_000..=8_000_i16, -8_000..=8_000_i16, word()),
        (lr, mu, wd) in (0.001..0.2_f64, 0.0..0.99_f64, 0.0..0.1_f64),
        (r1, r2) in any::<(u16, u16)>(),
    ) {
        let (f_w, f_d) = (14, 18);
        let p = SgdParams::new(lr, mu, wd, f_w, f_d).unwrap();
        let (w1, v1) = update(w, v, d, &p, r1, r2);
        let (w_real, v_real) = (dequantise(w, f_w), dequantise(v, f_w + MOMENTUM_EXTRA_F));
        let v_want = mu * v_real - lr * dequantise(d, f_d) - lr * wd * w_real;
        // One word of rounding, half a word for each rounded setting.
        let v_error = (v_want - dequantise(v1, f_w + MOMENTUM_EXTRA_F)).abs();
        prop_assert!(v_error * 2_f64.powi(f_w + 4) <= 2.5, "{v_error}");
        let w_error = (w_real + dequantise(v1, f_w + MOMENTUM_EXTRA_F) - dequantise(w1, f_w)).abs();
        prop_assert!(w_error * 2_f64.powi(f_w) <= 1.0, "{w_error}");
    }

    #[test]
    fn rates_fill_the_mantissa(lr in prop_oneof![1e-33..1e-20_f64, 1e-6..10.0_f64, 1e20..1e43_f64]) {
        let p = SgdParams::new(lr, 0.9, 0.0, 0, 0).unwrap();
        prop_assert!(p.lr_mantissa >= 1 << 15);
        let back = f64::from(p.lr_mantissa) * 2_f64.powi(-i32::from(p.lr_shift));
        prop_assert!((back / lr - 1.0).abs() <= 2_f64.powi(-16), "{lr} became {back}");
    }

    #[test]
    fn quantise_rounds_to_nearest_ties_up(bits in any::<u32>(), f in -128..=127_i32, q in -70_000..=70_000_i32, half in any::<bool>()) {
        // Any float, and one that lies on or between words of its format.
        let near = (f64::from(q) + if half { 0.5 } else { 0.0 }) * 2_f64.powi(-f.clamp(-100, 100));
        for (x, f) in [(f32::from_bits(bits), f), (near as f32, f.clamp(-100, 100))] {
            let found = quantise(x, f);
            if x.is_finite() {
                let want = (f64::from(x) * 2_f64.powi(f) + 0.5).floor().clamp(-32_767.0, 32_767.0);
                prop_assert_eq!(found, Ok(want as i16), "{} at {}", x, f);
            } else {
                let refused = matches!(found, Err(NumericsError::NotFinite { .. }));
                prop_assert!(refused);
            }
        }
    }

    #[test]
    fn words_survive_the_float(q in word(), f in -100..=127_i32) {
        prop_assert_eq!(dequantise(q, f), f64::from(q) * 2_f64.powi(-f));
        prop_assert_eq!(quantise(dequantise(q, f) as f32, f), Ok(q));
    }

    #[test]
    fn a_weight_format_leaves_two_bits(m in 1e-30..1e30_f64) {
        let f = weight_f(m).unwrap();
        prop_assert_eq!(f, 15 - (m.log2().ceil() as i32 + 2));
        prop_assert_eq!(weight_f(-m), Ok(f));
        let scaled = m * 2_f64.powi(f);
        prop_assert!(scaled > 4096.0 && scaled <= 8192.0, "{scaled}");
    }
}

#[test]
fn constants_are_their_formulas() {
    for (i, &entry) in EXP_TABLE.iter().enumerate() {
        assert_eq!(
            f64::from(entry),
            (32_768.0 * (-(i as f64) / 16.0).exp2()).round()
        );
    }
    assert_eq!(temperature_constant(1.0), Ok(TEMPERATURE_ONE));
    assert!(
        temperature_constant(0.0015).unwrap() < 1 << 24 && temperature_constant(10_000.0) == Ok(2)
    );
    assert_eq!(
        [temperature_constant(2.0), temperature_constant(4.0)],
        [Ok(11_819), Ok(5_909)]
    );
    for n in 1..=32_768_u32 {
        assert_eq!(
            average_constant(n),
            Ok((32_768.0 / f64::from(n)).round() as i32)
        );
    }
    assert_eq!(
        (average_f(7), weight_f(1.0), weight_f(1.01), weight_f(0.5)),
        (22, Ok(13), Ok(12), Ok(14))
    );
    assert_eq!(weight_f_of(&[0.25, -0.75, 0.0]), Ok(13));
    assert_eq!([1, 2, 64].map(gradient_f), [Ok(15), Ok(16), Ok(21)]);
}

#[test]
fn softmax_corners() {
    let of = |z: &[i16], f_z| {
        let mut p = vec![0; z.len()];
        softmax(z, f_z, TEMPERATURE_ONE, &mut p).unwrap();
        p
    };
    assert_eq!(of(&[5], 0), [32_767]);
    assert_eq!(of(&[32_767, -32_767], 0), [32_767, 0]);
    assert_eq!(of(&[9, 9], -128), [16_384, 16_384]);
    assert_eq!(of(&[9, 8], -128), [32_767, 0]);
    assert_eq!(of(&[9, -9], 127), [16_384, 16_384]);
    assert_eq!(of(&[0; 1000], 10), [33; 1000]);
    assert!(of(&[], 3).is_empty());
    // Nine classes that each lose most of a part: the error of the largest grows with their number.
    let mut z = [-15_616; 10];
    z[0] = 0;
    let error = f64::from(of(&z, 11)[0]) - softmax_reference(&z, 11, TEMPERATURE_ONE)[0];
    assert!((9.0..10.0).contains(&error), "{error}");
}

#[test]
fn the_smallest_floats_quantise() {
    let smallest = f32::from_bits(1);
    let at = |f| quantise(smallest, f).unwrap();
    assert_eq!(
        [127, 148, 149, 160, 164, i32::MAX].map(at),
        [0, 1, 1, 2_048, 32_767, 32_767]
    );
    assert_eq!(
        [
            quantise(-smallest, 148),
            quantise(-0.0, i32::MAX),
            quantise(f32::MAX, i32::MIN)
        ],
        [Ok(0); 3]
    );
}

#[test]
fn small_steps() {
    assert_eq!([relu(-1), relu(0), relu(1 << 46)], [0, 0, 1 << 46]);
    assert_eq!(
        [
            relu_backward(-7, 1),
            relu_backward(7, 0),
            relu_backward(7, -1)
        ],
        [-7, 0, 0]
    );
    assert_eq!(max4([3, 3, 3, 3]), (3, 0));
    assert_eq!(max4([-5, -2, -2, -9]), (-2, 1));
    assert_eq!(max4([-32_767, 0, 1, 32_767]), (32_767, 3));
    assert_eq!([route4(-4, 0), route4(6, 3)], [[-4, 0, 0, 0], [0, 0, 0, 6]]);
}

#[test]
fn settings_round_and_stay_in_range() {
    let p = SgdParams::new(0.1, 0.9, 5e-4, 12, 20).unwrap();
    assert_eq!(
        (p.mu, p.lr_mantissa, p.lr_shift, p.lw),
        (58_982, 52_429, 19, 52)
    );
    // A mantissa that rounds up to 2^16 becomes the next power of two.
    let p = SgdParams::new(1.0 - 1e-9, 0.0, 0.0, 0, 0).unwrap();
    assert_eq!((p.lr_mantissa, p.lr_shift, p.mu), (32_768, 15, 0));
    assert_eq!(SgdParams::new(0.0, 0.9, 0.1, 0, 0).unwrap().lr_mantissa, 0);
    // Nothing moves without gradient, momentum and decay, whatever the random words.
    let still = SgdParams::new(0.1, 0.9, 0.0, 12, 20).unwrap();
    assert_eq!(update(123, 0, 0, &still, 0xFFFF, 0xFFFF), (123, 0));
}

#[test]
fn wrong_use_is_refused_in_words() {
    let setting = |lr, mu, wd| SgdParams::new(lr, mu, wd, 0, 0).unwrap_err().to_string();
    for lr in [-0.1, f64::NAN, f64::INFINITY, 1e-40, 1e50, 1e-310] {
        assert!(
            setting(lr, 0.9, 0.0).starts_with("learning rate: found"),
            "{lr}"
        );
    }
    for mu in [-0.1, 1.0, 0.999_999, f64::NAN] {
        assert!(setting(0.1, mu, 0.0).starts_with("momentum: found"), "{mu}");
    }
    for wd in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        assert!(
            setting(0.1, 0.9, wd).starts_with("weight decay: found"),
            "{wd}"
        );
    }
    assert!(setting(0.0, 0.9, -1.0).starts_with("weight decay: found"));
    for t in [0.0, 0.0014, -1.0, f64::NAN, f64::INFINITY] {
        assert!(temperature_constant(t).is_err(), "{t}");
    }
    assert_eq!(weight_f_of(&[0.0, -0.0]), Err(NumericsError::AllZero));
    assert!(matches!(
        weight_f_of(&[1.0, f32::NAN]),
        Err(NumericsError::NotFinite { index: 1, .. })
    ));
    for m in [1e-45, 1e50, 1e-310, f64::MAX] {
        assert!(
            matches!(weight_f(m), Err(NumericsError::FormatOutOfRange { .. })),
            "{m}"
        );
    }
    let mut q = [0; 3];
    assert_eq!(quantise_slice(&[0.5, -9.0, 1e-9], 14, &mut q), Ok(1));
    assert_eq!(q, [8_192, -32_767, 0]);
    let bad = quantise_slice(&[0.5, f32::INFINITY, 1.0], 14, &mut q);
    assert!(matches!(
        bad,
        Err(NumericsError::NotFinite { index: 1, .. })
    ));
    assert!(matches!(
        quantise_slice(&[0.5], 14, &mut q),
        Err(NumericsError::Length { .. })
    ));
    assert!(matches!(
        softmax(&[1, 2], 0, 1, &mut q),
        Err(NumericsError::Length { .. })
    ));
    let label = gradient_hard(&[1, 2, 3], 3, &mut q).unwrap_err();
    assert_eq!(
        label,
        NumericsError::Label {
            label: 3,
            classes: 3
        }
    );
    assert!(matches!(
        gradient_soft(&[1, 2, 3], &[1], &mut q),
        Err(NumericsError::Length { .. })
    ));
    let logits = (&[1_i16, 2, 3][..], 0);
    let mix = |p: &[i16], q: &[i16], share| gradient_mixed(logits, p, q, 0, share, &mut [0; 3]);
    assert_eq!(mix(&[1; 3], &[1; 3], SHARE_ONE), Ok(()));
    for (p, q) in [(&[1; 2][..], &[1; 3][..]), (&[1; 3], &[1; 4])] {
        let e = mix(p, q, 5).unwrap_err();
        assert!(matches!(e, NumericsError::Length { expected: 3, .. }));
    }
    let e = mix(&[1; 3], &[1; 3], SHARE_ONE + 1).unwrap_err();
    assert!(e.to_string().contains("found 32769"), "{e}");
    for share in [-0.1, 1.1, f64::NAN] {
        assert!(share_word(share, 2.0).is_err(), "{share}");
    }
    assert!(share_word(0.5, 0.0).is_err());
    assert!([0, 3, 48].iter().all(|&b| gradient_f(b).is_err()));
    assert!([0, 32_769].iter().all(|&n| average_constant(n).is_err()));
    let far = align(1, 0, 31).unwrap_err().to_string();
    assert!(
        far.contains("left shift of 31, expected at most 30"),
        "{far}"
    );
}

#[test]
fn small_pulls_are_made_on_average() {
    // A hundredth of a step: one of a hundred weights moves by one.
    let pull = Pull::new(49, 256, 655);
    let moved: i32 = (0..=u16::MAX)
        .map(|random| 50 - i32::from(stepped(50, 0, pull, random)))
        .sum();
    assert_eq!(moved, 655);
}

#[test]
fn a_mean_stays_within_its_words() {
    let ends = [-32_767, -32_766, -1, 0, 1, 32_766, 32_767];
    for share in 0..=SHARE_ONE {
        for a in ends {
            for b in ends {
                let m = mixed(a, b, share);
                assert!(a.min(b) <= m && m <= a.max(b), "{share} of {a}, {b}: {m}");
            }
        }
    }
    assert_eq!(mixed(1, 0, SHARE_ONE / 2), 1);
    assert_eq!(mixed(-1, 0, SHARE_ONE / 2), 0);
    assert_eq!(mixed(30_000, -32_767, SHARE_ONE / 4 * 3), 14_308);
}

#[test]
fn ranking_prefers_the_lower_class_on_ties() {
    assert_eq!(rank(&[3, 7, 7, 1], 3), [(1, 7), (2, 7), (0, 3), (-1, 0)]);
    assert_eq!(rank(&[0, 0], 4), [(0, 0), (1, 0), (-1, 0), (-1, 0)]);
    assert_eq!(
        rank(&[1, 2, 3, 4, 5, 6], 9),
        [(5, 6), (4, 5), (3, 4), (2, 3)]
    );
}
