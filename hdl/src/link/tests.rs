//! Parity of every module of the room, and the register rules on the joined file.
use super::select::*;
use super::*;
use crate::parity::{Parity, Rng};
use rust_hdl::prelude::*;
use tandem_isa::register;

/// Offset of a register of the contract, now and then of none.
fn some_offset<const N: usize>(rng: &mut Rng) -> Bits<N> {
    let at = rng.below(register::ALL.len() as u64) as usize;
    let beside = if rng.chance(10) { 2 } else { 0 };
    let offset = u64::from(register::ALL[at].offset) + beside;
    (offset & ((1 << N) - 1)).into()
}

/// A parity test of a read multiplexer.
macro_rules! reads {
    ($test:ident, $block:ident, $name:literal: $($value:ident)*) => {
        #[test]
        fn $test() {
            let drive = |u: &mut $block, rng: &mut Rng, _: usize| {
                // Also at the offset that was there before, with other values.
                if rng.chance(70) {
                    u.address.next = some_offset(rng);
                }
                $(u.$value.next = rng.bits();)*
            };
            let models = crate::board::ecp5::DEFINED_WITH_MODELS;
            for parity in [Parity::new($name), Parity::new(concat!($name, "_ecp5")).after(models)] {
                let parity = parity.cycles(2000).all_move_but(&[]);
                parity.check(&mut $block::default(), |u| &mut u.clock, drive).unwrap();
            }
        }
    };
}

/// A parity test of a strobe decoder.
macro_rules! strobes {
    ($test:ident, $block:ident, $name:literal) => {
        #[test]
        fn $test() {
            let drive = |u: &mut $block, rng: &mut Rng, _: usize| {
                u.address.next = some_offset(rng);
                u.strobe.next = rng.chance(80);
            };
            let parity = Parity::new($name).cycles(2000).all_move_but(&[]);
            parity
                .check(&mut $block::default(), |u| &mut u.clock, drive)
                .unwrap();
        }
    };
}

reads! { global_read, GlobalRead, "global_read": id version config_hash shape status irq_status irq_enable watchdog schedule
loss_samples loss_correct site_index site_state site_clipped site_underflow site_mask site_mask_hi }
reads! { context_read, ContextRead, "context_read": first length state issued error_code error_command error_value cycles
cycles_hi latency }
reads! { counter_read, CounterRead, "counter_read": switches switch_cycles read_beats write_beats }
reads! { selector_read, SelectorRead, "selector_read": status k shift mode threshold min_confidence spacing hash_key freed
index count entry_key entry_arrival entry_slot seen kept replaced rejected }
strobes! { global_write, GlobalWrite, "global_write" }
strobes! { context_write, ContextWrite, "context_write" }
strobes! { selector_write, SelectorWrite, "selector_write" }
strobes! { selector_pop, SelectorPop, "selector_pop" }

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

/// Cycles from an address that is taken to the strobe, what stays beside it, and that a value of that cycle is the answer.
#[test]
fn axi_lite_strobes_when_its_page_says() {
    let (mut written, mut asked, mut value, mut answers) = (None, None, None, 0);
    let (mut shown, mut wrote) = (Bits::<16>::default(), false);
    Parity::new("axi_lite_strobes")
        .cycles(3000)
        .check(
            &mut AxiLite::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.wstrb.next = 15.into();
                u.awvalid.next = cycle > 1 && rng.chance(40);
                u.wvalid.next = u.awvalid.next;
                u.arvalid.next = cycle > 1 && rng.chance(40);
                u.awaddr.next = rng.bits();
                u.wdata.next = rng.bits();
                u.araddr.next = rng.bits();
                u.bready.next = true;
                u.rready.next = rng.chance(60);
                u.read_data.next = rng.bits();

                // What comes out of registers is of this cycle.
                let found = u
                    .write
                    .val()
                    .then(|| (u.write_address.val(), u.write_data.val()));
                assert_eq!(found, written.take(), "cycle {cycle}");
                assert_eq!(u.bvalid.val(), wrote, "the answer comes after the strobe");
                wrote = found.is_some();
                if u.awvalid.next && !wrote && !u.bvalid.val() {
                    written = Some((u.awaddr.next, u.wdata.next));
                }
                let reading = asked.is_some() || u.rvalid.val();
                if u.rvalid.val() {
                    assert_eq!(Some(u.rdata.val()), value);
                    answers += usize::from(u.rready.next);
                }
                if u.read.val() {
                    let (at, address) = asked.take().expect("a read");
                    assert_eq!(cycle, at + 2);
                    assert_eq!([u.read_address.val(), shown], [address; 2]);
                    value = Some(u.read_data.next);
                }
                shown = u.read_address.val();
                if u.arvalid.next && !reading {
                    asked = Some((cycle, u.araddr.next));
                }
            },
        )
        .unwrap();
    assert!(answers > 100, "{answers}");
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
                u.read.next = !u.read.next && rng.chance(80);
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
                u.write_address.next = (register::SEL_CLEAR as u64 + rng.below(28) * 4).into();
                u.read_address.next = (register::SEL_CLEAR as u64 + rng.below(28) * 4).into();
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
