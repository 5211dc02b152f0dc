//! Seeded batches: balanced over classes, every sample of a class once before any twice.

use crate::session::Sample;

/// Draws batches from lists of samples, one list a class.
#[derive(Clone, Debug)]
pub struct Batches {
    decks: Vec<Deck<Sample>>,
    classes: Deck<usize>,
    random: Random,
    /// Other batches, and their share of every one.
    mixed: Option<(Box<Batches>, f64)>,
}

/// Shuffled whenever it is used up.
#[derive(Clone, Debug)]
struct Deck<T> {
    items: Vec<T>,
    at: usize,
}

impl<T: Copy> Deck<T> {
    fn new(items: Vec<T>) -> Self {
        Deck {
            at: items.len(),
            items,
        }
    }

    fn draw(&mut self, random: &mut Random) -> Option<T> {
        if self.at >= self.items.len() {
            random.shuffle(&mut self.items);
            self.at = 0;
        }
        self.at += 1;
        self.items.get(self.at - 1).copied()
    }
}

/// A small generator with the same numbers everywhere (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Seeded.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 {
            return 0;
        }
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number of the normal distribution, mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let unit = |v: u64| ((v >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let (u, v) = (unit(self.next_u64()), unit(self.next_u64()));
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// What it draws from: equal states, equal numbers from here on.
    pub fn state(&self) -> u64 {
        self.0
    }

    /// Puts items in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

impl Batches {
    /// Balanced: classes take turns in random order; empty classes are left out.
    pub fn balanced(classes: &[Vec<Sample>], seed: u64) -> Batches {
        let filled = (0..classes.len()).filter(|&c| !classes[c].is_empty());
        Batches {
            classes: Deck::new(filled.collect()),
            decks: classes.iter().cloned().map(Deck::new).collect(),
            random: Random::new(seed),
            mixed: None,
        }
    }

    /// Not balanced: all samples in one random order after another.
    pub fn plain(samples: &[Sample], seed: u64) -> Batches {
        Batches::balanced(&[samples.to_vec()], seed)
    }

    /// With a `share` of every batch, rounded, from `others`: the last of its samples.
    pub fn mixed(self, others: Batches, share: f64) -> Batches {
        Batches {
            mixed: Some((Box::new(others), share.clamp(0.0, 1.0))),
            ..self
        }
    }

    /// State of the generators, to compare.
    pub fn state(&self) -> u64 {
        let mixed = self.mixed.as_ref().map_or(0, |(b, _)| b.state());
        self.random.state() ^ mixed.rotate_left(32)
    }

    /// The next `n` samples; fewer only if there are none at all.
    pub fn next(&mut self, n: usize) -> Vec<Sample> {
        let others = match &mut self.mixed {
            Some((others, share)) => others.next((n as f64 * *share).round() as usize),
            None => Vec::new(),
        };
        let own = (others.len()..n).map_while(|_| {
            let class = self.classes.draw(&mut self.random)?;
            self.decks[class].draw(&mut self.random)
        });
        own.chain(others.iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_samples_take_turns() {
        let class = |label: u16, n: usize| (0..n).map(|slot| Sample { slot, label }).collect();
        let lists: Vec<Vec<Sample>> = vec![class(0, 4), class(1, 8), Vec::new(), class(3, 2)];
        let mut b = Batches::balanced(&lists, 7);
        let drawn = b.next(24);
        for label in [0, 1, 3] {
            let of: Vec<_> = drawn.iter().filter(|s| s.label == label).collect();
            assert_eq!(of.len(), 8);
            let n = lists[label as usize].len();
            let mut seen = vec![0; n];
            of.iter().for_each(|s| seen[s.slot] += 1);
            assert!(seen.iter().all(|&c| c == 8 / n), "{label} {seen:?}");
        }
        assert_eq!(Batches::balanced(&lists, 7).next(24), drawn);
        assert_ne!(Batches::balanced(&lists, 8).next(24), drawn);
        assert!(Batches::balanced(&[], 1).next(3).is_empty());
    }

    #[test]
    fn a_share_of_every_batch_is_of_others() {
        let class = |label: u16| vec![Sample { slot: 0, label }; 5];
        let batches = |share| {
            let own = Batches::plain(&class(0), 7);
            own.mixed(Batches::plain(&class(1), 8), share)
        };
        for (share, expected) in [(0.0, 0), (0.25, 8), (0.3, 10), (1.0, 32)] {
            let mut mixed = batches(share);
            for _ in 0..3 {
                let batch = mixed.next(32);
                assert_eq!(batch.len(), 32);
                let others = batch.iter().filter(|s| s.label == 1).count();
                assert_eq!(others, expected, "{share}");
            }
        }
        let (mut a, b) = (batches(0.5), batches(0.5));
        assert_eq!(a.state(), b.state());
        a.next(4);
        assert_ne!(a.state(), b.state());
        let none = Batches::plain(&class(0), 7).mixed(Batches::plain(&[], 8), 0.5);
        assert_eq!({ none }.next(4).len(), 4);
    }
}
