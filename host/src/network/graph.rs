//! Who reads the output of a stage, and so where its error comes from.
//!
//! An output may have more readers than a chain gives it: the add at the end of a residual, or its projection. Backward
//! runs from the last stage to the first. A reader's part of the error is its input gradient, or for an add the error of the
//! sum itself; every part but the last is kept, each input gradient adds the one that was kept before it, and the last
//! applies the mask. One part can be kept at a time.

use super::Stage;

/// Whether `stages[i]` reads the output of stage `of`: as operand of its product, as skip operand.
fn reads(stages: &[Stage], i: usize, of: usize) -> (bool, bool) {
    let s = &stages[i];
    (s.source == Some(of), s.skip == Some(of))
}

/// The stage whose error tensor is that of stage `i`: the stage itself, or, if only an add reads it, the one that adds.
pub fn error_owner(stages: &[Stage], i: usize) -> usize {
    let product = (0..stages.len()).any(|k| reads(stages, k, i).0);
    let add = (0..stages.len()).find(|&k| reads(stages, k, i).1);
    match add {
        Some(k) if !product => k,
        _ => i,
    }
}

/// Whether the input gradient of stage `i` is the last part of its source's error.
pub fn completes_error(stages: &[Stage], i: usize) -> bool {
    let of = stages[i].source;
    of.is_some() && stages[..i].iter().all(|s| s.source != of && s.skip != of)
}

/// How many parts of the error of stage `of` would have to be kept at the same time.
pub(super) fn parts_kept(stages: &[Stage], of: usize) -> usize {
    let (mut kept, mut most) = (0usize, 0);
    for i in (0..stages.len()).rev() {
        let (product, add) = reads(stages, i, of);
        if add {
            kept += 1;
        }
        most = most.max(kept);
        if product {
            kept = kept.saturating_sub(1);
            if !completes_error(stages, i) {
                kept += 1;
            }
        }
        most = most.max(kept);
    }
    most
}
