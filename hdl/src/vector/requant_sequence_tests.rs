//! Commands with answers of the sites at any time: every pixel is read and every result written once.
use super::super::commands::random_requant;
use super::*;
use crate::control::word::pack;
use crate::parity::Parity;
use tandem_isa::command::Requant;

/// Groups of a word.
const G: usize = 4;

/// Accumulator reads, one a group, and written words of a command.
fn expected(c: &Requant) -> (usize, usize) {
    let [n, y, x] = [c.n, c.y, c.x].map(usize::from);
    let pixels = n * y * x;
    let reads = if c.flags & Requant::FROM_V != 0 {
        0
    } else {
        G * pixels
    };
    // A full window gives its maximum and its index.
    let writes = if c.flags & Requant::POOL != 0 {
        2 * n * (y / 2) * (x / 2)
    } else {
        pixels
    };
    (reads, writes)
}

#[test]
fn every_pixel_is_read_and_every_result_written_once() {
    let mut command = Requant::default();
    let (mut running, mut found) = (false, (0, 0));
    // Commands that ended, that pooled, that were too far.
    let mut seen = [0; 3];
    Parity::new("requant_sequence")
        .cycles(12_000)
        .all_move_but(&[])
        .check(
            &mut RequantSequence::<G>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                if cycle == 0 {
                    return;
                }
                if running && !u.busy.val() && !u.start.val() {
                    let has = |flag| command.flags & flag != 0;
                    let far = (has(Requant::BIAS) && u.bias_far.val())
                        || (has(Requant::SKIP) && u.skip_far.val());
                    let want = if far { (0, 0) } else { expected(&command) };
                    assert_eq!(found, want, "cycle {cycle}: {command:?}");
                    seen[0] += 1;
                    seen[1] += usize::from(!far && has(Requant::POOL));
                    seen[2] += usize::from(far);
                    running = false;
                }
                u.acc_grant.next = rng.chance(60);
                found.0 += usize::from(u.acc_read.val() && u.acc_grant.next);
                found.1 += usize::from(u.o_we.val());
                u.looked_up.next = rng.chance(20);
                u.committed.next = rng.chance(20);
                u.start.next = !running && rng.chance(50);
                if u.start.next {
                    command = random_requant(rng);
                    u.command.next = pack(&command.encode());
                    u.bias_far.next = rng.chance(10);
                    u.skip_far.next = rng.chance(10);
                    (running, found) = (true, (0, 0));
                }
            },
        )
        .unwrap();
    assert!(seen[0] > 100 && seen[1] > 20 && seen[2] > 5, "{seen:?}");
}
