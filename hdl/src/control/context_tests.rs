//! The context against a plain record of what was asked of it.
use super::*;
use crate::parity::Parity;

#[derive(Default)]
struct Model {
    state: u32,
    issued: u32,
    error: (u64, u64, u64),
    rung: Option<u32>,
    latency: u32,
}

#[test]
fn states_counts_and_errors() {
    let mut m = Model::default();
    let mut seen = [0; 3];
    Parity::new("context_cell")
        .cycles(6000)
        .check(
            &mut ContextCell::default(),
            |u| &mut u.clock,
            |c, rng, cycle| {
                // The edge has taken the inputs of the last cycle.
                if c.reset.next || c.clear.next {
                    m = Model::default();
                } else {
                    let ring = c.doorbell.next && m.state != state::RUNNING;
                    if let Some(cycles) = &mut m.rung {
                        *cycles += 1;
                    }
                    if c.step.next {
                        m.issued += 1;
                        m.latency = m.latency.max(m.rung.take().unwrap_or(0));
                    }
                    if c.finish.next {
                        (m.state, m.rung) = (state::IDLE, None);
                    }
                    if c.fail.next {
                        (m.state, m.rung) = (state::FAULTED, None);
                        m.error = (
                            c.fail_code.next.to_u64(),
                            c.fail_command.next.to_u64(),
                            c.fail_value.next.to_u64(),
                        );
                    }
                    if ring {
                        m = Model {
                            state: state::RUNNING,
                            rung: Some(0),
                            latency: m.latency,
                            ..Default::default()
                        };
                    }
                }
                if cycle > 0 {
                    assert_eq!(c.state.val().to_u64(), u64::from(m.state), "cycle {cycle}");
                    assert_eq!(c.is_running.val(), m.state == state::RUNNING);
                    assert_eq!(
                        c.issued.val().to_u64(),
                        u64::from(m.issued),
                        "cycle {cycle}"
                    );
                    assert_eq!(
                        c.latency.val().to_u64(),
                        u64::from(m.latency),
                        "cycle {cycle}"
                    );
                    let error = (
                        c.code.val().to_u64(),
                        c.command.val().to_u64(),
                        c.value.val().to_u64(),
                    );
                    assert_eq!(error, m.error, "cycle {cycle}");
                    let base = c.base.next.to_u64() as u32;
                    assert_eq!(
                        c.next_address.val().to_u64() as u32,
                        base.wrapping_add(64 * m.issued)
                    );
                    let length = c.length.next.to_u64() as u32;
                    assert_eq!(c.left.val().to_u64() as u32, length.wrapping_sub(m.issued));
                    seen[m.state as usize] += 1;
                }
                let runs = m.state == state::RUNNING;
                c.reset.next = cycle == 0;
                c.clear.next = rng.chance(1) && rng.chance(20);
                c.doorbell.next = rng.chance(20);
                c.step.next = runs && rng.chance(20);
                c.finish.next = runs && rng.chance(3);
                c.fail.next = runs && !c.finish.next && rng.chance(2);
                c.fail_code.next = rng.bits();
                c.fail_command.next = rng.bits();
                c.fail_value.next = rng.bits();
                if !runs {
                    c.base.next = rng.bits();
                    c.length.next = rng.corner();
                }
            },
        )
        .unwrap();
    assert!(
        m.latency > 5 && seen.iter().all(|&n| n > 100),
        "{} {seen:?}",
        m.latency
    );
}
