//! What the selector costs in time, taken from its simulation. What it costs in logic: `examples/selector_cost.rs`.
use super::Selector;
use rust_hdl::prelude::*;
use tandem_isa::selection::KeyMode;

/// Passes in which the signals must have come to rest.
const PASSES: usize = 2000;

/// Cycles a score takes while all are rejected, over `scores` of them: offered without a pause to a class of one entry that holds
/// the best confidence there is. `None` if the simulation does not come to rest or a score is not rejected.
pub fn cycles_per_rejected(scores: u32) -> Option<f64> {
    let mut selector = Selector::<1, 1, 2>::default();
    selector.connect_all();
    let u = &mut selector;
    u.k.next = 1.into();
    u.heap_shift.next = 1.into();
    u.key_mode.next = (KeyMode::Confidence as u64).into();
    u.freed_ready.next = true;
    u.score_first.next = true;
    u.score_last.next = true;
    let edge = |u: &mut Selector<1, 1, 2>| {
        let settled = simulate(u, PASSES);
        u.clock.next = true.into();
        let high = simulate(u, PASSES);
        u.clock.next = false.into();
        (settled && high && simulate(u, PASSES)).then_some(())
    };
    // Empty it, then let the best score in.
    u.reset.next = true;
    edge(u)?;
    u.reset.next = false;
    for cycle in 0..32 {
        u.score_valid.next = cycle == 16;
        u.score_confidence.next = 32767.into();
        edge(u)?;
    }
    u.score_confidence.next = 1.into();
    u.score_slot.next = 1.into();
    let before = u.rejected.val().to_u64();
    let (mut given, mut cycles) = (0, 0u64);
    while u.rejected.val().to_u64() - before < u64::from(scores) {
        u.score_valid.next = given < scores;
        simulate(u, PASSES).then_some(())?;
        given += u32::from(u.score_valid.next && u.score_ready.val());
        edge(u)?;
        cycles += 1;
        // A score that is lost or kept would never be counted as rejected.
        if cycles > 16 * u64::from(scores) + 64 {
            return None;
        }
    }
    Some(cycles as f64 / f64::from(scores))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_score_takes_a_cycle() {
        let cycles = cycles_per_rejected(2000).unwrap();
        // The last one is seen to be rejected five cycles after it was given.
        assert!((1.0..1.003).contains(&cycles), "{cycles} cycles");
    }
}
