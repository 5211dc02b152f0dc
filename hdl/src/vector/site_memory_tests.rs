//! Against an array of sites: three readers, two writers of which the unit wins.
use super::*;
use crate::parity::{Parity, Rng};

#[derive(Clone, Copy, Default)]
struct Held {
    state: u64,
    mask: u64,
    clipped: u64,
    underflow: u64,
}

fn site(rng: &mut Rng) -> Bits<8> {
    [0u64, 1, 2, 254, 255][rng.below(5) as usize].into()
}

#[test]
fn sites_hold_what_was_written_last() {
    let mut held = vec![Held::default(); 256];
    // What the three ports show next: unit, registers, F for the loss unit.
    let mut due: Option<(Held, Held, u64)> = None;
    Parity::new("site_memory")
        .cycles(4000)
        .all_move_but(&[])
        .check(
            &mut SiteMemory::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if let Some((unit, register, f)) = due {
                    for (port, expected) in [
                        (u.state.val().to_u64(), unit.state),
                        (u.mask.val().to_u64(), unit.mask),
                        (u.clipped.val().to_u64(), unit.clipped),
                        (u.underflow.val().to_u64(), unit.underflow),
                        (u.site_state.val().to_u64(), register.state),
                        (u.site_mask.val().to_u64(), register.mask),
                        (u.site_clipped.val().to_u64(), register.clipped),
                        (u.site_underflow.val().to_u64(), register.underflow),
                        (u.lookup_f.val().to_u64(), f),
                    ] {
                        assert_eq!(port, expected, "cycle {cycle}");
                    }
                }
                u.read_site.next = site(rng);
                u.write_site.next = site(rng);
                u.site_index.next = site(rng);
                u.lookup_site.next = site(rng);
                u.new_state.next = rng.corner();
                u.new_mask.next = rng.corner();
                u.new_clipped.next = rng.corner();
                u.new_underflow.next = rng.corner();
                u.site_write_data.next = rng.corner();
                u.write_state.next = rng.chance(30);
                u.write_totals.next = rng.chance(30);
                u.site_write.next = rng.chance(30);
                // Beside the unit's write, a clear would go to the unit's site.
                u.site_clear_clipped.next = !u.write_totals.next && rng.chance(20);
                u.site_clear_underflow.next = !u.write_totals.next && rng.chance(20);

                let at = |site: Bits<8>| site.to_u64() as usize;
                let mut unit = held[at(u.read_site.next)];
                if at(u.read_site.next) == 255 {
                    unit.state = 0;
                }
                let f = match at(u.lookup_site.next) {
                    255 => 0,
                    site => held[site].state >> 16,
                };
                due = Some((unit, held[at(u.site_index.next)], f));

                let (unit, register) = (at(u.write_site.next), at(u.site_index.next));
                if u.write_state.next {
                    held[unit].state = u.new_state.next.to_u64();
                } else if u.site_write.next {
                    held[register].state = u.site_write_data.next.to_u64() & 0xff_1fff;
                }
                if u.write_totals.next {
                    held[unit].mask = u.new_mask.next.to_u64();
                    held[unit].clipped = u.new_clipped.next.to_u64();
                    held[unit].underflow = u.new_underflow.next.to_u64();
                }
                if u.site_clear_clipped.next {
                    held[register].clipped = 0;
                }
                if u.site_clear_underflow.next {
                    held[register].underflow = 0;
                }
            },
        )
        .unwrap();
}
