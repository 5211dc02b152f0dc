//! Parity of each larger block of the unit alone, and of its smaller ones under inputs without any order.
use super::commands::{random_command, random_requant, random_unpool, random_update};
use super::{
    AddressWalk, PixelLoop, RequantUnit, SiteCommit, SiteLookup, UnpoolUnit, UpdateUnit, VectorUnit,
};
use crate::control::word::pack;
use crate::parity::{alone, Parity, Random, Rng};
use tandem_isa::Command;

/// A parity test of a unit: small commands one after another, everything else random, `rare` high in 3 of 100; every output but
/// those after `still` must move.
macro_rules! commanded {
    ($test:ident, $unit:ty, $name:literal, $cycles:literal, $command:expr; $($input:ident)*; rare $($rare:ident)*
        $(; still $($still:ident)*)?) => {
        #[test]
        fn $test() {
            let mut started = 0;
            let drive = |u: &mut $unit, rng: &mut Rng, cycle: usize| {
                $(u.$input.random(rng);)*
                $(u.$rare.next = rng.chance(3);)*
                u.reset.next = cycle == 0 || rng.below(500) == 0;
                u.start.next = !u.busy.val() && !u.start.val() && rng.chance(70);
                if u.start.next {
                    let command: Command = $command(rng).into();
                    u.command.next = pack(&command.encode());
                    started += 1;
                }
            };
            let parity = Parity::new($name).cycles($cycles).all_move_but(&[$($(stringify!($still)),*)?]);
            parity.check(&mut <$unit>::default(), |u| &mut u.clock, drive).unwrap();
            assert!(started > 10, "{started} commands");
        }
    };
}

alone! { address_walk, AddressWalk, "address_walk_alone";
advance pixels dense base s_n s_y s_x steps; rare start; narrow }
alone! { site_lookup, SiteLookup, "site_lookup_alone";
start site site_a site_b skip_site f skip_f state; rare reset; narrow }
alone! { site_commit, SiteCommit, "site_commit_alone";
start complete freeze f_acc state mask clipped underflow add_mask add_clipped add_underflow; rare reset; narrow }
commanded! { requant_unit, RequantUnit<4, 2, 2>, "requant_unit_alone", 3000, random_requant;
acc_grant acc_data v_data looked_up bias_shift skip_shift s committed; rare bias_far skip_far }
commanded! { unpool_unit, UnpoolUnit<4>, "unpool_unit_alone", 3000, random_unpool; v_data; rare }
commanded! { update_unit, UpdateUnit<4, 2, 1>, "update_unit_alone", 3000, random_update; looked_up f_d v_data; rare }
commanded! { update_unit_without_elastic, UpdateUnit<4, 2, 0>, "update_unit_plain", 3000, random_update; looked_up f_d v_data; rare }
commanded! { vector_unit, VectorUnit<4, 2, 1, 1, 4>, "vector_unit_alone", 4000, random_command;
acc_grant acc_data v_data site_index site_write site_write_data site_clear_clipped site_clear_underflow lookup_site;
rare; still error_code }

#[test]
fn pixel_loop() {
    Parity::new("pixel_loop_alone")
        .cycles(1500)
        .all_move_but(&[])
        .check(
            &mut PixelLoop::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.start.next = cycle < 2 || rng.chance(5);
                u.advance.next = rng.chance(80);
                if u.start.next {
                    u.windows.next = rng.chance(50);
                }
                for size in [&mut u.n, &mut u.y, &mut u.x] {
                    size.next = (1 + rng.below(4)).into();
                }
            },
        )
        .unwrap();
}
