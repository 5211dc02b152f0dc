//! Packed soft targets against their definition in wider integers and a sort.

use proptest::prelude::*;
use tandem_isa::numerics::*;

/// The best classes by a sort, as (class, p).
fn sorted(p: &[i16], top: usize) -> Vec<(usize, i16)> {
    let mut all: Vec<(usize, i16)> = p.iter().copied().enumerate().collect();
    all.sort_by_key(|&(class, p)| (std::cmp::Reverse(p), class));
    all.truncate(top);
    all
}

fn packed(p: &[i16], top: usize) -> Vec<u16> {
    let mut words = vec![0xdead; top];
    pack_target(p, &mut words).unwrap();
    words
}

fn expanded(words: &[u16], classes: usize) -> Vec<i16> {
    let mut q = vec![77; classes];
    expand_target(words, &mut q).unwrap();
    q
}

/// Probabilities of some logits.
fn probabilities(z: &[i16], f_z: i32) -> Vec<i16> {
    let mut p = vec![0; z.len()];
    softmax(z, f_z, TEMPERATURE_ONE, &mut p).unwrap();
    p
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn words_are_the_best_classes(p in prop::collection::vec(prop_oneof![0..=32_767_i16, 0..9_i16], 1..40), top in 1..6_usize) {
        let best = sorted(&p, top);
        let words = packed(&p, top);
        for (k, &word) in words.iter().enumerate() {
            let Some(&(class, p)) = best.get(k) else {
                prop_assert_eq!(word, 0);
                continue;
            };
            let weight = ((f64::from(p) / 128.0 + 0.5).floor() as u16).min(255);
            let weight = if k == 0 { weight.max(1) } else { weight };
            prop_assert_eq!((word & 0xff, word >> 8), (class as u16, weight));
        }
    }

    #[test]
    fn rows_are_shares_of_the_weights(z in prop::collection::vec(-3_000..3_000_i16, 2..40), f_z in 6..12_i32, top in 1..6_usize) {
        let p = probabilities(&z, f_z);
        let words = packed(&p, top);
        let q = expanded(&words, p.len());
        let sum: i128 = words.iter().map(|&w| i128::from(w >> 8)).sum();
        let rest = words.iter().skip(1).map(|&w| {
            let share = (i128::from(w >> 8) * 65_536 + sum) / (2 * sum);
            (usize::from(w & 0xff), share)
        });
        let rest: Vec<(usize, i128)> = rest.filter(|r| r.1 > 0).collect();
        let mut expected = vec![0_i128; p.len()];
        rest.iter().for_each(|&(class, share)| expected[class] = share);
        let left = 32_768 - rest.iter().map(|r| r.1).sum::<i128>();
        expected[usize::from(words[0] & 0xff)] = left.min(32_767);
        let found: Vec<i128> = q.iter().map(|&q| q.into()).collect();
        prop_assert_eq!(&found, &expected);
        // All of the probability is given out: 32767 stands for 1.
        let all: i128 = found.iter().sum();
        prop_assert!(all == 32_768 || all == 32_767 && rest.is_empty(), "{all}");
        // The order stays, but for equal weights.
        let best = sorted(&p, top);
        for pair in best.windows(2) {
            let [a, b] = [0, 1].map(|i| i32::from(q[pair[i].0]));
            prop_assert!(a + top as i32 >= b, "{pair:?} {q:?}");
        }
        // It is the probabilities again where the few classes have most of them.
        let mass: f64 = best.iter().map(|b| f64::from(b.1)).sum();
        if mass > 16_384.0 {
            let bound = (top + 2) as f64 * 32_768.0 / 120.0;
            for &(class, p) in &best {
                let exact = f64::from(p) / mass * 32_768.0;
                prop_assert!((f64::from(q[class]) - exact).abs() <= bound, "{exact} {q:?}");
            }
        }
    }

    /// Words that nobody packed: refused or a row of probabilities.
    #[test]
    fn any_words_are_a_row_or_refused(words in prop::collection::vec(any::<u16>(), 0..7), classes in 1..300_usize) {
        let mut q = vec![0; classes];
        let known = words.iter().all(|w| usize::from(w & 0xff) < classes);
        prop_assert_eq!(expand_target(&words, &mut q).is_ok(), known);
        prop_assert!(q.iter().all(|&q| q >= 0));
    }
}

#[test]
fn one_class_is_its_label() {
    for p in [1, 32_767, 12_000] {
        let words = packed(&[0, p, 0], 1);
        assert_eq!(expanded(&words, 3), [0, 32_767, 0], "{p}");
    }
    assert_eq!(expanded(&packed(&[20_000, 12_768], 2), 2), [19_968, 12_800]);
}

#[test]
fn more_classes_than_a_word_can_name_are_refused() {
    let mut words = [0; 2];
    assert!(pack_target(&[1; 256], &mut words).is_ok());
    let e = pack_target(&[1; 257], &mut words).unwrap_err().to_string();
    assert!(e.contains("257") && e.contains("256"), "{e}");
}
