//! The order in which samples come: as they lie, or as a camera would see them.

use tandem::batches::Random;
use tandem::data::Digits;

/// A stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// As they lie: independent.
    Shuffled,
    /// In runs of one class of 20 on average, all classes alike.
    Runs,
    /// In such runs, the first class ten times as often as the last.
    UnbalancedRuns,
    /// Independent, but as unbalanced.
    Unbalanced,
    /// The first class alone.
    OneClass,
}

/// Mean length of a run.
const RUN: usize = 20;

impl Stream {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Stream::Shuffled => "independent, balanced",
            Stream::Runs => "runs, balanced",
            Stream::UnbalancedRuns => "runs, unbalanced",
            Stream::Unbalanced => "independent, unbalanced",
            Stream::OneClass => "one class",
        }
    }

    /// Which of the samples come, in order; at most `m`.
    pub fn order(self, digits: &Digits, classes: usize, m: usize, seed: u64) -> Vec<usize> {
        if self == Stream::Shuffled {
            return (0..digits.len().min(m)).collect();
        }
        if self == Stream::OneClass {
            let first = (0..digits.len()).filter(|&i| digits.labels[i] == 0);
            return first.take(m).collect();
        }
        let mut decks: Vec<Vec<usize>> = vec![Vec::new(); classes];
        // Popped from the end: the first come first.
        for (i, &label) in digits.labels.iter().enumerate().rev() {
            decks[usize::from(label)].push(i);
        }
        let mut random = Random::new(seed);
        let weight = |c: usize| match self {
            Stream::UnbalancedRuns | Stream::Unbalanced => {
                10f64.powf(-(c as f64) / (classes.max(2) - 1) as f64)
            }
            Stream::Shuffled | Stream::Runs | Stream::OneClass => 1.0,
        };
        let total: f64 = (0..classes).map(weight).sum();
        let mut order = Vec::new();
        while order.len() < m {
            let mut at = total * random.below(1 << 30) as f64 / f64::from(1 << 30);
            let class = (0..classes - 1)
                .find(|&c| {
                    at -= weight(c);
                    at < 0.0
                })
                .unwrap_or(classes - 1);
            let length = match self {
                Stream::Unbalanced => 1,
                _ => 1 + random.below(2 * RUN - 1),
            };
            for _ in 0..length {
                // The stream ends with the first class that is used up, so that its shares are as they should be.
                match decks[class].pop() {
                    Some(i) if order.len() < m => order.push(i),
                    _ => return order,
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_shares_are_as_said() {
        let labels: Vec<u16> = (0..4000).map(|i| i % 4).collect();
        let digits = Digits {
            h: 1,
            w: 1,
            pixels: vec![0.0; labels.len()],
            labels,
        };
        let class = |i: &usize| digits.labels[*i];
        let changes = |o: &[usize]| {
            o.windows(2)
                .filter(|w| class(&w[0]) != class(&w[1]))
                .count()
        };
        let share = |o: &[usize], c: u16| o.iter().filter(|i| class(i) == c).count();
        let runs = Stream::Runs.order(&digits, 4, 2000, 1);
        assert!(changes(&runs) * 10 < runs.len(), "{}", changes(&runs));
        for stream in [Stream::UnbalancedRuns, Stream::Unbalanced] {
            let order = stream.order(&digits, 4, 1500, 1);
            assert!(share(&order, 0) > 3 * share(&order, 3), "{stream:?}");
            let mut once = order.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), order.len());
        }
        assert_eq!(Stream::Shuffled.order(&digits, 4, 3, 1), [0, 1, 2]);
        assert_eq!(Stream::OneClass.order(&digits, 4, 3, 1), [0, 4, 8]);
    }
}
