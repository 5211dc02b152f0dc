//! Classes that a plan treats in a way of their own: those that keep nothing, and those that keep fewer than K.
//!
//! The engine's selector has one K and a mask of classes. A quota is the best of what it kept for the class, taken when the stream is
//! over: by key and arrival, so these are the samples a K of that size would have kept, unless there is a spacing.

use super::error::{unfit, AdaptError};
use super::material::Material;
use super::plan::AdaptPlan;
use crate::label::{Kept, Selection};
use std::cmp::Reverse;

impl Material {
    /// The number of a class.
    pub(super) fn class(&self, what: &'static str, name: &str) -> Result<usize, AdaptError> {
        let found = self.classes.iter().position(|c| c == name);
        found.ok_or_else(|| {
            let remedy = "name classes as their folders are named";
            unfit(what, name, self.classes.join(", "), remedy)
        })
    }

    /// Refuses a mask or quotas that do not go with the classes.
    pub(super) fn check_classes(&self, plan: &AdaptPlan) -> Result<(), AdaptError> {
        let mut left = vec![true; self.classes.len()];
        for name in &plan.mask {
            left[self.class("class of the mask", name)?] = false;
        }
        if !left.contains(&true) {
            let remedy = "leave one class out of the mask";
            return Err(unfit("mask of classes", "all", "one less", remedy));
        }
        for (name, &quota) in &plan.quotas {
            self.class("class of a quota", name)?;
            if quota == 0 || quota > plan.k {
                let found = format!("{quota} for class {name}");
                let expected = format!("1 to K, which is {}", plan.k);
                let remedy = "use the mask for none, and a larger K for more";
                return Err(unfit("quota", found, expected, remedy));
            }
        }
        Ok(())
    }
}

/// How the plan selects.
pub(super) fn selection(plan: &AdaptPlan, material: &Material) -> Selection {
    let place = |name: &String| material.classes.iter().position(|c| c == name);
    Selection {
        classes: material.classes.len(),
        rules: plan.rules(),
        top: plan.top,
        disabled: plan.mask.iter().filter_map(place).collect(),
    }
}

/// Leaves the best `quota` of a class, in the order they are in.
pub(super) fn leave_best(kept: &mut Vec<Kept>, quota: usize) {
    let rank = |k: &Kept| (Reverse(k.key), k.arrival);
    let mut ranks: Vec<_> = kept.iter().map(rank).collect();
    ranks.sort_unstable();
    if let Some(first_out) = ranks.get(quota) {
        kept.retain(|k| rank(k) < *first_out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_stay_in_their_order() {
        let of = |key, arrival| Kept {
            slot: 0,
            key,
            arrival,
        };
        let all = [of(3, 9), of(5, 4), of(3, 2), of(7, 8)];
        let left = |quota| {
            let mut kept = all.to_vec();
            leave_best(&mut kept, quota);
            kept
        };
        assert_eq!(left(4), all);
        assert_eq!(left(9), all);
        // Of equal keys the earlier is the better one.
        assert_eq!(left(3), [all[1], all[2], all[3]]);
        assert_eq!(left(1), [all[3]]);
    }
}
