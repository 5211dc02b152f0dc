//! Rounding, alignment, exponent and random words against references in wider integers.

use proptest::prelude::*;
use tandem_isa::numerics::*;

/// `floor((floor(x·2^16 / 2^s) + r) / 2^16)`: the definition, without the case split and in 128 bits.
fn r_shift_reference(x: i64, s: u32, r16: u16) -> i64 {
    if s == 0 {
        return x;
    }
    let scaled = (i128::from(x) << 16) >> s.min(127);
    ((scaled + i128::from(r16)) >> 16) as i64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn r_shift_is_its_definition(x in any::<i64>(), small in 0..48_u32, s in 0..300_u32, r in any::<u16>()) {
        for x in [x, x >> small, x >> 16] {
            prop_assert_eq!(r_shift(x, s, r), r_shift_reference(x, s, r));
            prop_assert_eq!(r_shift(x, small, r), r_shift_reference(x, small, r));
        }
    }

    #[test]
    fn nearest_and_floor(x in any::<i64>(), narrow in 0..60_u32, s in 1..64_u32) {
        let x = x >> narrow;
        let nearest = ((i128::from(x) + (1_i128 << (s - 1))) >> s) as i64;
        prop_assert_eq!(r_shift(x, s, Rounding::Nearest.r16()), nearest);
        prop_assert_eq!(r_shift(x, s, Rounding::Floor.r16()), x >> s);
        let up = r_shift(x, s, Rounding::Stochastic(u16::MAX).r16());
        prop_assert!(up == x >> s || up == (x >> s) + 1);
    }

    #[test]
    fn requant_is_symmetric_and_counts(x in -(1_i64 << 47)..1 << 47, narrow in 0..48_u32, s in 0..48_u32) {
        let x = x >> narrow;
        let exact = r_shift_reference(x, s, 0x8000);
        let (q, clipped, underflow) = requant_counted(x, s);
        prop_assert_eq!(i64::from(q), exact.clamp(-32_767, 32_767));
        prop_assert_eq!(q, requant(x, s));
        prop_assert_eq!(clipped, exact.abs() > 32_767);
        prop_assert_eq!(underflow, x != 0 && exact == 0);
    }

    #[test]
    fn align_keeps_the_value(q in -32_767..=32_767_i32, f in -128..=127_i32, to in -128..=127_i32) {
        let d = to - f;
        match align(q, f, to) {
            Ok(y) if d >= 0 => {
                prop_assert!(d <= MAX_ALIGN && y.abs() < 1 << 45);
                prop_assert_eq!(i128::from(y), i128::from(q) << d);
            }
            Ok(y) => prop_assert_eq!(y, r_shift_reference(q.into(), d.unsigned_abs(), 0x8000)),
            Err(e) => {
                prop_assert!(d > MAX_ALIGN);
                prop_assert_eq!(e, NumericsError::AlignTooFar { from: f, to, limit: 30 });
            }
        }
    }

    #[test]
    fn wrap_is_a_ring(x in any::<i64>(), y in any::<i64>()) {
        let low = x & ((1 << 48) - 1);
        prop_assert_eq!(wrap48(x), if low >> 47 == 1 { low - (1 << 48) } else { low });
        prop_assert_eq!(wrap48(wrap48(x).wrapping_add(wrap48(y))), wrap48(x.wrapping_add(y)));
    }

    #[test]
    fn an_exponent_holds_its_tensor(
        xs in prop::collection::vec(-(1_i64 << 47)..1 << 47, 1..40),
        narrow in 0..48_u32,
        f_acc in -60..=60_i32,
    ) {
        let xs: Vec<i64> = xs.iter().map(|x| x >> narrow).collect();
        let mask = xs.iter().fold(0, |m, &x| m | or_mask(x));
        let largest = xs.iter().map(|&x| if x < 0 { !x } else { x }).max().unwrap() as u64;
        prop_assert_eq!(bitlen(mask), bitlen(largest));
        let mut site = Exponent::default();
        site.finish(mask, f_acc);
        if mask == 0 {
            prop_assert_eq!(site, Exponent::default());
        } else {
            let (s, f_out) = site.shift(f_acc);
            prop_assert_eq!(f_out, f_acc - s as i32);
            prop_assert_eq!(s, bitlen(largest).saturating_sub(15));
            // The tensor the exponent was taken from fits; only rounding up at the very top is limited.
            prop_assert!(xs.iter().all(|&x| r_shift(x, s, 0x8000).abs() <= 32_768));
        }
    }

    #[test]
    fn a_key_for_every_random_word(i in any::<u32>(), r in any::<u16>()) {
        prop_assert_eq!(hash16(i, key_for(i, r)), r);
    }

    #[test]
    fn residual_sum_adds_the_real_values(a in -32_767..=32_767_i16, b in -32_767..=32_767_i16, f_a in -20..=20_i32, d in -40..=40_i32) {
        let f_b = f_a + d;
        match residual_sum(a, f_a, b, f_b) {
            Ok((sum, f)) => {
                prop_assert_eq!(f, f_a.max(f_b));
                prop_assert_eq!(i128::from(sum), (i128::from(a) << (f - f_a)) + (i128::from(b) << (f - f_b)));
            }
            Err(_) => prop_assert!(d.abs() > 30),
        }
    }
}

#[test]
fn limits_of_the_accumulator_are_tight() {
    let product = i128::from(QMAX).pow(2);
    assert!(i128::from(MAX_K) * product < 1 << 47);
    assert!(i128::from(MAX_K + 1) * product >= 1 << 47);
    let preloads = 2_i128 << 45;
    assert!(i128::from(MAX_K_PRELOAD) * product + preloads <= 1 << 47);
    assert!(i128::from(MAX_K_PRELOAD + 1) * product + preloads > 1 << 47);
    for (limit, preload) in [(MAX_K, false), (MAX_K_PRELOAD, true)] {
        assert_eq!(check_k(limit.into(), preload), Ok(()));
        let k = u64::from(limit) + 1;
        let error = check_k(k, preload).unwrap_err();
        assert_eq!(error, NumericsError::SumTooLong { k, limit, preload });
        assert!(error.to_string().contains(&format!("{k} products")));
    }
}

#[test]
fn corners_of_the_rounding() {
    assert_eq!([r_shift(3, 1, 0x8000), r_shift(-3, 1, 0x8000)], [2, -1]);
    assert_eq!(
        [r_shift(i64::MAX, 1, 0xFFFF), r_shift(i64::MIN, 63, 0)],
        [1 << 62, -1]
    );
    // Of −1 shifted far only the sign is left: it rounds to 0 and floors to −1.
    assert_eq!(
        [
            r_shift(-1, 200, 0x8000),
            r_shift(-1, 200, 0),
            r_shift(1, 200, 0xFFFF)
        ],
        [0, -1, 0]
    );
    assert_eq!(r_shift(-77, 0, 0xFFFF), -77);
    assert_eq!(
        [requant(-32_768, 0), requant(32_768, 0), requant(65_535, 1)],
        [-32_767, 32_767, 32_767]
    );
    assert_eq!(requant_counted(-32_768, 0), (-32_767, true, false));
    assert_eq!(requant_counted(-1, 1), (0, false, true));
    assert_eq!(requant_counted(0, 1), (0, false, false));
    assert_eq!(
        [wrap48(1 << 47), wrap48((1 << 47) - 1), wrap48(1 << 48)],
        [-(1 << 47), (1 << 47) - 1, 0]
    );
    assert_eq!(
        [or_mask(0), or_mask(-1), or_mask(-2), or_mask(-(1 << 47))],
        [0, 0, 1, (1 << 47) - 1]
    );
}

#[test]
fn stochastic_rounding_has_no_bias() {
    for (x, s) in [
        (12_345_i64, 4),
        (-12_345, 7),
        (-1, 16),
        (987_654_321, 16),
        (-70_001, 11),
    ] {
        let sum: i64 = (0..=u16::MAX).map(|r| r_shift(x, s, r)).sum();
        assert_eq!(
            sum,
            x << (16 - s),
            "over all words the mean of {x} >> {s} is exact"
        );
    }
}

#[test]
fn random_words_are_even() {
    for key in [0, 1, 0xDEAD_BEEF] {
        let mut buckets = [0_i32; 64];
        for i in 0..1 << 16 {
            buckets[usize::from(hash16(i, key) >> 10)] += 1;
        }
        // 1024 expected, deviation 32: six of them.
        assert!(
            buckets.iter().all(|n| (n - 1024).abs() < 192),
            "{key:#x}: {buckets:?}"
        );
    }
    // The sequence of keys has full period only if its low bits step as a full-period generator's do.
    let mut key = 7;
    let mut seen = [false; 256];
    for _ in 0..256 {
        seen[(key & 255) as usize] = true;
        key = next_key(key);
    }
    assert!(seen.iter().all(|&s| s));
}

#[test]
fn hysteresis_goes_up_at_once_and_down_slowly() {
    let mut site = Exponent::default();
    site.finish(0, 3);
    assert_eq!(site, Exponent::default());
    site.finish(0xFF, 3);
    assert_eq!(site, Exponent::at(5));
    for below in 1..16 {
        site.finish(1, 3);
        assert_eq!((site.e, site.count), (5, below));
        site.finish(0, 3);
        assert_eq!((site.e, site.count), (5, below));
    }
    site.finish(1, 3);
    assert_eq!(site, Exponent::at(4));
    site.finish(1, 3);
    site.finish(0x40, 3);
    assert_eq!(site, Exponent::at(4));
    site.finish(0x400, 3);
    assert_eq!(site, Exponent::at(8));
    // Formats beyond the 8 bits keep the nearest end.
    let (mut low, mut high) = (Exponent::default(), Exponent::default());
    low.finish(1, 200);
    high.finish(1, -200);
    assert_eq!((low, high), (Exponent::at(-128), Exponent::at(127)));
    assert_eq!(Exponent::at(127).shift(10), (47, -37));
    assert_eq!(Exponent::at(-30).shift(10), (0, 10));
    assert_eq!(Exponent::at(6).shift(20), (11, 9));
}
