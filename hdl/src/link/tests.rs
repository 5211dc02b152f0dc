//! Parity of every module of the room, and the register rules on the joined file.
use super::*;
use crate::parity::Parity;
use tandem_isa::register;

#[test]
fn axi_lite_agrees_with_its_verilog() {
    Parity::new("axi_lite")
        .check(
            &mut AxiLite::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0 || rng.chance(1);
                u.awaddr.next = rng.bits();
                u.awvalid.next = rng.chance(50);
                u.wdata.next = rng.bits();
                u.wstrb.next = if rng.chance(80) {
                    0xf.into()
                } else {
                    rng.bits()
                };
                u.wvalid.next = rng.chance(50);
                u.bready.next = rng.chance(50);
                u.araddr.next = rng.bits();
                u.arvalid.next = rng.chance(50);
                u.rready.next = rng.chance(50);
                u.read_data.next = rng.bits();
            },
        )
        .unwrap();
}

#[test]
fn counter_agrees_with_its_verilog() {
    Parity::new("counter64")
        .check(
            &mut Counter64::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.clear.next = rng.chance(1);
                u.enable.next = rng.chance(70);
                u.latch.next = rng.chance(20);
            },
        )
        .unwrap();
}

#[test]
fn context_registers_agree_with_their_verilog() {
    Parity::new("context_registers")
        .check(
            &mut ContextRegisters::new(register::STUDENT),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.write.next = rng.chance(50);
                u.write_address.next = (0x100 * rng.below(2) + 0x100 + rng.below(0x20) * 4).into();
                u.write_data.next = rng.bits();
                u.read_address.next = (0x100 * rng.below(2) + 0x100 + rng.below(0x24) * 4).into();
                u.read.next = rng.chance(50);
                u.state.next = rng.below(3).into();
                u.issued.next = rng.bits();
                u.error_code.next = rng.bits();
                u.error_command.next = rng.bits();
                u.error_value.next = rng.bits();
                u.latency.next = rng.bits();
                u.owns.next = rng.chance(50);
                u.clear.next = rng.chance(2);
            },
        )
        .unwrap();
}

#[test]
fn counters_agree_with_their_verilog() {
    Parity::new("counters")
        .check(
            &mut Counters::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.clear.next = rng.chance(1);
                u.running.next = rng.chance(80);
                u.phase.next = rng.below(3).into();
                u.switches.next = rng.bits();
                u.switch_cycles.next = rng.bits();
                u.read_beat.next = rng.chance(50);
                u.write_beat.next = rng.chance(50);
                for i in 0..6 {
                    u.has_command[i].next = rng.chance(60);
                    u.moving[i].next = rng.chance(40);
                }
                u.read.next = rng.chance(50);
                let at = register::COUNTERS_CLEAR as u64 + rng.below(64) * 4;
                u.read_address.next = at.into();
            },
        )
        .unwrap();
}

#[test]
fn global_registers_agree_with_their_verilog() {
    Parity::new("global_registers")
        .cycles(3000)
        .check(
            &mut GlobalRegisters::new(&tandem_isa::config::TINY),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.write.next = rng.chance(40);
                u.read.next = rng.chance(40);
                for address in [&mut u.write_address, &mut u.read_address] {
                    let page = [0x000, 0x300, 0x400, 0x500][rng.below(4) as usize];
                    address.next = (page + rng.below(10) * 4).into();
                }
                u.write_data.next = rng.corner();
                u.running.next = rng.chance(50);
                u.active.next = rng.chance(50);
                u.outstanding.next = rng.chance(50);
                for i in 0..2 {
                    u.finished[i].next = rng.chance(5);
                    u.fault[i].next = rng.chance(5);
                }
                u.loss_sample.next = rng.chance(50);
                u.loss_correct.next = rng.chance(50);
                u.site_state.next = rng.bits();
                u.site_clipped.next = rng.bits();
                u.site_underflow.next = rng.bits();
                u.site_mask.next = rng.bits();
            },
        )
        .unwrap();
}

#[test]
fn selector_registers_agree_with_their_verilog() {
    Parity::new("selector_registers")
        .cycles(3000)
        .check(
            &mut SelectorRegisters::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.write.next = rng.chance(50);
                u.read.next = rng.chance(50);
                u.write_address.next = (register::SEL_CLEAR as u64 + rng.below(24) * 4).into();
                u.read_address.next = (register::SEL_CLEAR as u64 + rng.below(24) * 4).into();
                u.write_data.next = rng.bits();
                u.sel_busy.next = rng.chance(50);
                u.sel_freed_valid.next = rng.chance(50);
                u.sel_freed_slot.next = rng.bits();
                u.sel_freed_count.next = rng.bits();
                u.sel_read_count.next = rng.bits();
                u.sel_read_key.next = rng.bits();
                u.sel_read_arrival.next = rng.bits();
                u.sel_read_slot.next = rng.bits();
                u.sel_seen.next = rng.bits();
                u.sel_kept.next = rng.bits();
                u.sel_replaced.next = rng.bits();
                u.sel_rejected.next = rng.bits();
            },
        )
        .unwrap();
}
