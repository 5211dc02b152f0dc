use super::super::site_golden::{Formats, GoldenSites};
use super::super::word::{raw, signed};
use super::*;
use crate::parity::{Parity, Rng};

/// A command at the sites, one phase a cycle.
#[derive(Clone, Copy, Default)]
struct Run {
    at: usize,
    site: u8,
    end: bool,
    freeze: bool,
    found: (u64, u32, u32),
    formats: Option<Formats>,
}

fn site(rng: &mut Rng) -> u8 {
    [0, 1, 2, 3, 254][rng.below(5) as usize]
}

fn operand(rng: &mut Rng) -> u8 {
    if rng.chance(20) {
        255
    } else {
        site(rng)
    }
}

fn check_registers(u: &SiteTable, golden: &GoldenSites) {
    let index = u.site_index.val().to_u64() as u8;
    let expected = &golden.0[usize::from(index)];
    assert_eq!(u.site_state.val().to_u64(), golden.state(index));
    assert_eq!(u.site_mask.val().to_u64(), expected.mask);
    assert_eq!(u.site_clipped.val().to_u64(), u64::from(expected.clipped));
    assert_eq!(
        u.site_underflow.val().to_u64(),
        u64::from(expected.underflow)
    );
}

#[test]
fn commands_leave_what_the_golden_sites_hold() {
    let mut golden = GoldenSites::new();
    let mut run = Run::default();
    let (mut commands, mut far) = (0, 0);
    Parity::new("site_table")
        .cycles(20_000)
        .check(
            &mut SiteTable::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                for pulse in [
                    &mut u.start,
                    &mut u.name_f,
                    &mut u.commit,
                    &mut u.site_write,
                    &mut u.site_clear_clipped,
                    &mut u.site_clear_underflow,
                ] {
                    pulse.next = false;
                }
                if cycle == 0 {
                    return;
                }
                run.at += 1;
                match run.at {
                    // Registers: set, read back.
                    1 => {
                        u.settle.next = false;
                        u.site_index.next = Bits::from(u64::from(site(rng)));
                        if rng.chance(20) {
                            let e = rng.below(60) as i64 - 30;
                            let f = rng.below(60) as i64 - 30;
                            let data = (e & 255) | (f & 255) << 16 | (rng.word() as i64 & 0x1f00);
                            u.site_write.next = true;
                            u.site_write_data.next = raw(data);
                            golden.set_state(u.site_index.next.to_u64() as u8, data as u64);
                        }
                        let index = u.site_index.next.to_u64() as usize;
                        if rng.chance(3) {
                            u.site_clear_clipped.next = true;
                            golden.0[index].clipped = 0;
                        }
                        if rng.chance(3) {
                            u.site_clear_underflow.next = true;
                            golden.0[index].underflow = 0;
                        }
                        u.lookup_site.next = Bits::from(u64::from(operand(rng)));
                    }
                    3 => {
                        check_registers(u, &golden);
                        let asked = u.lookup_site.val().to_u64() as u8;
                        assert_eq!(signed(u.lookup_f.val()), golden.f(asked).into());
                        run.site = site(rng);
                        let operands = [operand(rng), operand(rng), operand(rng)];
                        let f = rng.below(50) as i8 - 20;
                        let skip_f = rng.below(50) as i8 - 20;
                        u.start.next = true;
                        u.site.next = Bits::from(u64::from(run.site));
                        u.site_a.next = Bits::from(u64::from(operands[0]));
                        u.site_b.next = Bits::from(u64::from(operands[1]));
                        u.skip_site.next = Bits::from(u64::from(operands[2]));
                        u.f.next = raw(f.into());
                        u.skip_f.next = raw(skip_f.into());
                        run.formats = Some(golden.lookup(run.site, operands, f, skip_f));
                    }
                    4..=9 => assert!(!u.looked_up.val()),
                    10 => {
                        let formats = run.formats.unwrap();
                        assert!(u.looked_up.val());
                        assert_eq!(signed(u.f_acc.val()), formats.f_acc.into());
                        assert_eq!(u.s.val().to_u64(), u64::from(formats.s));
                        assert_eq!(signed(u.bias_left.val()), formats.bias_left.into());
                        assert_eq!(signed(u.skip_left.val()), formats.skip_left.into());
                        assert_eq!(u.bias_far.val(), formats.bad(true, false).is_some());
                        assert_eq!(u.skip_far.val(), formats.bad(false, true).is_some());
                        far += usize::from(u.skip_far.val());
                        if formats.bias_left <= 30 {
                            let limited = formats.bias_left.max(-16);
                            assert_eq!(signed(u.bias_shift.val()), limited.into());
                        }
                        if formats.skip_left <= 30 {
                            let limited = formats.skip_left.max(-16);
                            assert_eq!(signed(u.skip_shift.val()), limited.into());
                        }
                        u.name_f.next = true;
                        golden.0[usize::from(run.site)].f = formats.f_out as i8;
                    }
                    11 => {
                        u.settle.next = true;
                        let mask = match rng.below(4) {
                            0 => 0,
                            1 => rng.word() >> 17,
                            _ => rng.word() >> (40 + rng.below(6)),
                        };
                        let many = if rng.chance(5) { u32::MAX } else { 100 };
                        run.found = (mask, rng.word() as u32 % many, rng.word() as u32 % many);
                        (run.end, run.freeze) = (rng.chance(80), rng.chance(20));
                        u.complete.next = run.end;
                        u.freeze.next = run.freeze;
                        u.add_mask.next = Bits::from(run.found.0);
                        u.add_clipped.next = Bits::from(u64::from(run.found.1));
                        u.add_underflow.next = Bits::from(u64::from(run.found.2));
                    }
                    12 => u.commit.next = true,
                    15 => {
                        assert!(u.committed.val());
                        let f_acc = run.formats.unwrap().f_acc;
                        golden.commit(run.site, f_acc, run.found, run.end, run.freeze);
                        commands += 1;
                        run.at = 0;
                    }
                    _ => {}
                }
            },
        )
        .unwrap();
    assert!(commands > 1000 && far > 50, "{commands} {far}");
}
