//! The model's selector against a sort of the whole stream, at sizes that are too long for the RTL's simulation. The RTL is compared
//! with the same rules in hdl/src/select.

use super::loss::Score;
use super::select::Selector;
use tandem_isa::config::E8X16;
use tandem_isa::register;
use tandem_isa::selection::{key, KeyMode, Rules};
use tandem_isa::Config;

/// What every class holds, best first, as (key, arrival).
pub(super) type Lists = Vec<Vec<(u32, u32)>>;

/// What a selector of `classes` classes of `k` entries holds after a stream of `scores`, and what a sort of the whole stream says it should.
pub(super) fn kept(classes: u32, k: usize, scores: u32, mode: KeyMode) -> (Lists, Lists) {
    let stride = k.next_power_of_two().trailing_zeros();
    let config = Config {
        class_bits: classes.next_power_of_two().trailing_zeros(),
        entry_bits: classes.next_power_of_two().trailing_zeros() + stride,
        slot_bits: 16,
        ..E8X16
    };
    let mut selector = Selector::new(&config);
    let rules = Rules {
        k: k as u16,
        mode,
        threshold: 300,
        hash_key: 77,
        ..Rules::default()
    };
    for (offset, value) in [
        (register::SEL_K, rules.k.into()),
        (register::SEL_SHIFT, stride),
        (register::SEL_MODE, mode as u32),
        (register::SEL_THRESHOLD, rules.threshold.into()),
        (register::SEL_HASH_KEY, rules.hash_key),
    ] {
        selector.write(offset, value);
    }
    let mut all: Lists = vec![vec![]; classes as usize];
    let mut word = 1u32;
    for arrival in 0..scores {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Few levels, so that ties are common.
        let (class, confidence) = ((word >> 8) % classes, (word >> 18) as u16 % 1000);
        // Slots come back as they are freed.
        let slot = match selector.freed.pop_front() {
            Some(slot) => slot,
            None => (arrival & 0xffff) as u16,
        };
        selector.push(Score {
            class: class as u16,
            confidence,
            slot,
            first: true,
            last: true,
        });
        if let Some(key) = key(&rules, confidence, arrival) {
            all[class as usize].push((key, arrival));
        }
    }
    assert_eq!(selector.read(register::SEL_SEEN), scores);
    let found = (0..classes).map(|class| {
        selector.write(register::SEL_INDEX, class << 16);
        let mut list: Vec<(u32, u32)> = (0..selector.read(register::SEL_COUNT))
            .map(|entry| {
                selector.write(register::SEL_INDEX, class << 16 | entry);
                let key = selector.read(register::SEL_ENTRY_KEY);
                (key, selector.read(register::SEL_ENTRY_ARRIVAL))
            })
            .collect();
        list.sort_by_key(|&(key, arrival)| (std::cmp::Reverse(key), arrival));
        list
    });
    let found = found.collect();
    for list in &mut all {
        list.sort_by_key(|&(key, arrival)| (std::cmp::Reverse(key), arrival));
        list.truncate(k);
    }
    (found, all)
}

/// Whether every class of a selector of these sizes holds, in all four key modes, exactly what a sort of the whole stream says.
pub fn kept_exactly(classes: u32, k: usize, scores: u32) -> bool {
    [
        KeyMode::Confidence,
        KeyMode::Arrival,
        KeyMode::Hash,
        KeyMode::HashAbove,
    ]
    .into_iter()
    .all(|mode| {
        let (found, expected) = kept(classes, k, scores, mode);
        found == expected
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_full_classes_equal_the_sort() {
        let (found, expected) = kept(1000, 64, 150_000, KeyMode::Confidence);
        let full = expected.iter().filter(|list| list.len() == 64).count();
        assert!(full > 900, "{full} classes are full");
        for (class, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "class {class}");
        }
        assert!(kept_exactly(1000, 64, 150_000));
    }
}
