//! A thousand classes of sixty-four, kept exactly: the model against a sort of the whole stream. The RTL of these sizes is compared with
//! the same rules in hdl/src/select.
use super::*;
use tandem_isa::config::E8X16;
use tandem_isa::selection::key;

const CLASSES: u32 = 1000;
const K: usize = 64;
const SCORES: u32 = 150_000;

/// What every class holds, best first, as (key, arrival).
type Lists = Vec<Vec<(u32, u32)>>;

/// What the selector holds after a stream, and what it should.
fn kept(mode: KeyMode) -> (Lists, Lists) {
    let config = Config {
        class_bits: 10,
        entry_bits: 16,
        slot_bits: 16,
        ..E8X16
    };
    let mut selector = Selector::new(&config);
    let rules = Rules {
        k: K as u16,
        mode,
        threshold: 300,
        hash_key: 77,
        ..Rules::default()
    };
    for (offset, value) in [
        (register::SEL_K, rules.k.into()),
        (register::SEL_SHIFT, 6),
        (register::SEL_MODE, mode as u32),
        (register::SEL_THRESHOLD, rules.threshold.into()),
        (register::SEL_HASH_KEY, rules.hash_key),
    ] {
        selector.write(offset, value);
    }
    let mut all: Lists = vec![vec![]; CLASSES as usize];
    let mut word = 1u32;
    for arrival in 0..SCORES {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Few levels, so that ties are common.
        let (class, confidence) = ((word >> 8) % CLASSES, (word >> 18) as u16 % 1000);
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
    assert_eq!(selector.read(register::SEL_SEEN), SCORES);
    let found = (0..CLASSES).map(|class| {
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
        list.truncate(K);
    }
    (found, all)
}

#[test]
fn a_thousand_full_classes_equal_the_sort() {
    for mode in [
        KeyMode::Confidence,
        KeyMode::Arrival,
        KeyMode::Hash,
        KeyMode::HashAbove,
    ] {
        let (found, expected) = kept(mode);
        let full = expected.iter().filter(|list| list.len() == K).count();
        assert!(full > 900, "{full} classes are full");
        for (class, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "class {class}, {mode:?}");
        }
    }
}
