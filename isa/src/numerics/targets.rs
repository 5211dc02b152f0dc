//! Soft targets of a few classes, as they are kept beside a sample: a word a class, and back to a probability for every class.
//!
//! A word holds a class (bits 7:0) and its weight in 256ths (bits 15:8). Weights do not sum to anything; they are shares of their own
//! sum. Beyond 256 classes a target is kept whole.

use super::{NumericsError, P_F, QMAX};

/// Most classes of a target that is packed.
pub const PACKED_CLASSES: usize = 256;

/// Keeps the best classes of probabilities `p` (Q0.15), as many as `words` has places: greater p first, ties to the lower class.
/// A weight is `min((p + 64) >> 7, 255)`, of the first at least 1. Places past the last class get 0, which adds nothing.
pub fn pack_target(p: &[i16], words: &mut [u16]) -> Result<(), NumericsError> {
    if p.len() > PACKED_CLASSES {
        return Err(NumericsError::Count {
            what: "classes of a packed target",
            found: p.len() as u32,
            expected: "at most 256; keep the probabilities of all classes",
        });
    }
    // What was taken last: all that comes behind it is left.
    let mut last: Option<(i16, usize)> = None;
    for (place, word) in words.iter_mut().enumerate() {
        let mut best: Option<(i16, usize)> = None;
        for (class, &p) in p.iter().enumerate() {
            let left = last.is_none_or(|(q, c)| p < q || p == q && class > c);
            if left && best.is_none_or(|(q, _)| p > q) {
                best = Some((p, class));
            }
        }
        let Some((p, class)) = best else {
            *word = 0;
            continue;
        };
        let least = if place == 0 { 1 } else { 0 };
        let weight = ((i32::from(p) + 64) >> 7).clamp(least, 255);
        *word = class as u16 | (weight as u16) << 8;
        last = best;
    }
    Ok(())
}

/// Probabilities `q` (Q0.15) of every class from packed words, of weights w with sum S: of every word but the first
/// `floor((w·2^15 + floor(S/2)) / S)`, of the first what is left of 2^15, at most 32767; 0 of classes without a word.
pub fn expand_target(words: &[u16], q: &mut [i16]) -> Result<(), NumericsError> {
    q.fill(0);
    let weight = |word: u16| u32::from(word >> 8);
    let sum = words.iter().map(|&w| weight(w)).sum::<u32>().max(1);
    let mut left = 1_i32 << P_F;
    // The first comes last: it takes the rest.
    for (place, &word) in words.iter().enumerate().rev() {
        let class = usize::from(word & 0xff);
        let classes = q.len();
        let Some(q) = q.get_mut(class) else {
            return Err(NumericsError::Label {
                label: class,
                classes,
            });
        };
        let part = match place {
            0 => left,
            _ => (((weight(word) << P_F) + sum / 2) / sum) as i32,
        };
        left -= part;
        *q = (i32::from(*q) + part).clamp(0, QMAX as i32) as i16;
    }
    Ok(())
}
