//! The adapters from the link's master port to AXI: parity, the rules of the channels, and what comes out at the other end.
use super::*;
use crate::parity::{Parity, Rng};
use rust_hdl::core::prelude::simulate;
use rust_hdl::prelude::*;
use std::collections::HashMap;

#[test]
fn port_split_agrees_with_its_verilog() {
    Parity::new("port_split")
        .cycles(500)
        .all_move_but(&[])
        .check_combinational(&mut PortSplit::default(), |u, rng, _| {
            u.request_valid.next = rng.chance(70);
            u.request_memory.next = rng.chance(50);
            u.register_ready.next = rng.chance(50);
            u.register_data.next = rng.corner();
            u.register_error.next = rng.chance(50);
            u.memory_ready.next = rng.chance(50);
            u.memory_data.next = rng.corner();
            u.memory_error.next = rng.chance(50);
        })
        .unwrap();
}

/// Sets the inputs of a master at random.
macro_rules! at_random {
    ($u:ident, $rng:ident) => {
        $u.request_valid.next = $rng.chance(75);
        $u.request_write.next = $rng.chance(50);
        $u.request_address.next = $rng.corner();
        $u.request_data.next = $rng.corner();
        $u.awready.next = $rng.chance(40);
        $u.wready.next = $rng.chance(40);
        $u.arready.next = $rng.chance(40);
        $u.bvalid.next = $rng.chance(20);
        $u.rvalid.next = $rng.chance(20);
        $u.bresp.next = $rng.bits();
        $u.rresp.next = $rng.bits();
        $u.rdata.next = $rng.bits();
    };
}

#[test]
fn masters_agree_with_their_verilog() {
    Parity::new("axi_lite_master")
        .all_move_but(&["wstrb"])
        .check(
            &mut AxiLiteMaster::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2 || rng.chance(2);
                at_random!(u, rng);
            },
        )
        .unwrap();
    let still = [
        "awid", "awlen", "awsize", "awburst", "arid", "arlen", "arsize", "arburst", "wlast",
    ];
    Parity::new("axi_master")
        .all_move_but(&still)
        .check(
            &mut AxiMaster::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2 || rng.chance(2);
                at_random!(u, rng);
            },
        )
        .unwrap();
}

/// What a slave has taken of the access under way.
#[derive(Default)]
struct Slave {
    write: Option<u64>,
    data: Option<(u64, u64)>,
    read: Option<u64>,
}

/// Runs random accesses through a master to a memory that takes address and data in any order and answers when it likes.
/// `$place` gives the beat of a word's address and its strobe; `$word` the word out of its beat.
macro_rules! through {
    ($test:ident, $block:ident, $beat:literal) => {
        #[test]
        fn $test() {
            let mut u = $block::default();
            u.connect_all();
            let mut rng = Rng::new(5);
            let mut memory: HashMap<u64, u64> = HashMap::new();
            let mut reference: HashMap<u64, u64> = HashMap::new();
            let mut slave = Slave::default();
            let mut access: Option<(bool, u64, u64)> = None;
            let mut stands = [None; 3];
            let (mut reads, mut writes) = (0, 0);
            for cycle in 0..12_000 {
                u.reset.next = cycle < 2;
                if access.is_none() && cycle > 2 && rng.chance(60) {
                    access = Some((rng.chance(50), 4 * rng.below(16), rng.word() & 0xffff_ffff));
                }
                u.request_valid.next = access.is_some();
                if let Some((write, address, data)) = access {
                    u.request_write.next = write;
                    u.request_address.next = address.into();
                    u.request_data.next = data.into();
                }
                u.awready.next = rng.chance(50);
                u.wready.next = rng.chance(50);
                u.arready.next = rng.chance(50);
                let answered = slave.write.is_some() && slave.data.is_some();
                u.bvalid.next = answered && rng.chance(50);
                u.rvalid.next = slave.read.is_some() && rng.chance(50);
                let error = rng.chance(10);
                u.bresp.next = if error { 2 } else { 0 }.into();
                u.rresp.next = if error { 3 } else { 1 }.into();
                let beat = slave.read.map_or(0, |at| *memory.get(&at).unwrap_or(&0));
                u.rdata.next = beat.into();
                assert!(simulate(&mut u, 20));

                // Once raised, a request stands with what belongs to it.
                let now = [
                    (u.awvalid.val(), u.awready.val(), u.awaddr.val().to_u64()),
                    (u.wvalid.val(), u.wready.val(), u.wdata.val().to_u64()),
                    (u.arvalid.val(), u.arready.val(), u.araddr.val().to_u64()),
                ];
                for (stand, (valid, ready, what)) in stands.iter_mut().zip(now) {
                    if let Some(before) = *stand {
                        assert!(valid && before == what, "cycle {cycle}");
                    }
                    *stand = (valid && !ready).then_some(what);
                }
                if u.bvalid.val() && u.bready.val() {
                    let (at, (data, strobe)) = (slave.write.unwrap(), slave.data.unwrap());
                    let word = memory.entry(at).or_default();
                    for byte in 0..$beat {
                        if strobe >> byte & 1 == 1 {
                            let mask = 0xff << (8 * byte);
                            *word = *word & !mask | data & mask;
                        }
                    }
                    slave = Slave::default();
                }
                if u.rvalid.val() && u.rready.val() {
                    slave.read = None;
                }
                for (taken, place) in [(now[0], &mut slave.write), (now[2], &mut slave.read)] {
                    if taken.0 && taken.1 {
                        assert_eq!((*place, taken.2 % $beat), (None, 0));
                        *place = Some(taken.2);
                    }
                }
                if now[1].0 && now[1].1 {
                    assert_eq!(slave.data, None);
                    slave.data = Some((now[1].2, u.wstrb.val().to_u64()));
                }
                if u.request_ready.val() {
                    let (write, address, data) = access.take().unwrap();
                    assert_eq!(u.response_error.val(), error);
                    if write {
                        reference.insert(address, data);
                        writes += 1;
                    } else {
                        let word = *reference.get(&address).unwrap_or(&0);
                        assert_eq!(u.response_data.val(), word, "cycle {cycle}");
                        reads += 1;
                    }
                }
                u.clock.next = true.into();
                assert!(simulate(&mut u, 20));
                u.clock.next = false.into();
                assert!(simulate(&mut u, 20));
            }
            assert!(reads > 500 && writes > 500, "{reads} {writes}");
        }
    };
}
through! { words_go_through_axi_lite, AxiLiteMaster, 4 }
through! { words_go_through_axi, AxiMaster, 8 }
