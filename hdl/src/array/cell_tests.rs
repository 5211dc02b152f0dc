//! The cell against its register table, operand corners included, and parity with the Verilog.
use super::*;
use crate::parity::Parity;

/// The registers of the table, as they stand before an edge.
#[derive(Clone, Copy, Default)]
struct Golden {
    a: i64,
    b: i64,
    operand: i64,
    product: i64,
    sum: i64,
    drain: i64,
}

fn s48(x: i64) -> i64 {
    x << 16 >> 16
}

#[test]
fn every_register_follows_its_table() {
    follows(Parity::new("array_cell"));
}

#[test]
fn in_blocks_of_the_ecp5_too() {
    let models = crate::board::ecp5::DEFINED_WITH_MODELS;
    follows(Parity::new("array_cell_ecp5").after(models));
}

fn follows(parity: Parity) {
    let mut now = Golden::default();
    let mut cell = Cell::default();
    let mut keep = false;
    parity
        .cycles(4000)
        .check(
            &mut cell,
            |u| &mut u.clock,
            |u, rng, cycle| {
                assert_eq!(u.a_out.val().to_u64() as i16 as i64, now.a, "{cycle}");
                assert_eq!(u.b_out.val().to_u64() as i16 as i64, now.b, "{cycle}");
                assert_eq!(s48(u.sum_out.val().to_u64() as i64), now.sum, "{cycle}");
                assert_eq!(s48(u.drain_out.val().to_u64() as i64), now.drain, "{cycle}");
                let (a, b) = (rng.corner::<16>(), rng.corner::<16>());
                let sum = rng.corner::<48>();
                if rng.chance(5) {
                    keep = !keep;
                }
                let [run, swap, clear, capture] = [90, 30, 20, 20].map(|p| rng.chance(p));
                let shift = keep || rng.chance(50);
                u.a_in.next = a;
                u.b_in.next = b;
                u.sum_in.next = sum;
                u.run.next = run;
                u.keep.next = keep;
                u.shift.next = shift;
                u.swap.next = swap;
                u.clear.next = clear;
                u.capture.next = capture;
                now.drain = 0;
                if run {
                    let old = now;
                    let b_in = i64::from(b.to_u64() as i16);
                    now.a = i64::from(a.to_u64() as i16);
                    if shift {
                        now.b = b_in;
                    }
                    now.product = old.a * old.operand;
                    if keep {
                        now.operand = old.b;
                        let total = s48(old.sum + old.product);
                        now.sum = if clear { 0 } else { total };
                        now.drain = if capture { total } else { 0 };
                    } else {
                        if swap {
                            now.operand = old.b;
                        }
                        now.sum = s48(s48(sum.to_u64() as i64) + old.product);
                    }
                }
            },
        )
        .unwrap();
}
