//! The memory as a whole against a chip that checks, the library's controller by itself, and how fast it is.
mod chip;
mod traffic;

use super::sdram_memory::{timings, SdramMemory};
use super::LineBridge;
use crate::parity::{Parity, Rng};
use chip::{Chip, Pins};
use rust_hdl::core::prelude::*;
use rust_hdl::widgets::sdram::burst_controller::SDRAMBurstController;
use rust_hdl::widgets::sdram::timings::MemoryTimings;
use rust_hdl::widgets::sdram::OutputBuffer;
use traffic::Traffic;

const CLOCK: f64 = 75e6;

/// The board's timings but for the wait at power-up.
fn quick() -> MemoryTimings {
    MemoryTimings {
        initial_delay_in_nanoseconds: 1000.0,
        ..timings(CLOCK)
    }
}

/// Chip and traffic around a memory.
struct Bench {
    chip: Chip,
    traffic: Traffic,
    /// Chances that the other side offers or takes, percent.
    offers: u64,
    /// What the data pins' register has.
    shown: u16,
    /// A beat of W waits.
    stays: bool,
}

impl Bench {
    fn new(offers: u64) -> Self {
        Self {
            chip: Chip::new(),
            traffic: Traffic::default(),
            offers,
            shown: 0,
            stays: false,
        }
    }

    /// What happens in this cycle: all outputs are registers', so they stand before its inputs do.
    fn see(&mut self, u: &SdramMemory) {
        self.shown = self.chip.cycle(Pins {
            csn: u.sdram_csn.val(),
            rasn: u.sdram_rasn.val(),
            casn: u.sdram_casn.val(),
            wen: u.sdram_wen.val(),
            bank: u.sdram_ba.val().to_u64() as usize,
            address: u.sdram_a.val().to_u64() as u32,
            data: u.sdram_write_data.val().to_u64() as u16,
            drive: u.sdram_drive.val(),
        });
        let t = &mut self.traffic;
        if let Some(burst) = &mut t.read {
            burst.asked |= u.arvalid.next && u.arready.val();
        }
        if u.rvalid.val() {
            let burst = t.read.as_mut().expect("data that nobody asked for");
            assert!(burst.asked);
        }
        if u.rvalid.val() && u.rready.next {
            let burst = t.read.as_mut().expect("checked above");
            let (wanted, _) = burst
                .beats
                .pop_front()
                .expect("no more beats than asked for");
            assert_eq!(u.rid.val().to_u64(), u64::from(burst.id));
            assert_eq!(u.rresp.val().to_u64(), if burst.error { 2 } else { 0 });
            assert_eq!(u.rlast.val(), burst.beats.is_empty());
            if !burst.error {
                let found = u.rdata.val().to_u64();
                let left = burst.beats.len();
                assert!(
                    found == wanted,
                    "{:x}, {left} left: {found:016x}, not {wanted:016x}",
                    burst.address
                );
            }
            if burst.beats.is_empty() {
                t.read = None;
                t.done[0] += 1;
            }
        }
        if let Some(burst) = &mut t.write {
            burst.asked |= u.awvalid.next && u.awready.val();
            self.stays = u.wvalid.next && !u.wready.val();
            if u.wvalid.next && u.wready.val() {
                burst.beats.pop_front();
            }
        }
        if u.bvalid.val() && u.bready.next {
            let burst = t.write.take().expect("an answer that nobody asked for");
            assert!(burst.asked && burst.beats.is_empty());
            assert_eq!(u.bid.val().to_u64(), u64::from(burst.id));
            assert_eq!(u.bresp.val().to_u64(), if burst.error { 2 } else { 0 });
            t.done[1] += 1;
        }
        if u.memory_ready.val() {
            let word = t.word.take().expect("a word that nobody asked for");
            assert_eq!(u.memory_error.val(), word.error);
            if !word.write && !word.error {
                assert_eq!(
                    u.memory_response.val().to_u64(),
                    u64::from(word.data),
                    "{:x}",
                    word.address
                );
            }
            t.done[2] += 1;
        }
    }
    /// The inputs of this cycle.
    fn drive(&self, u: &mut SdramMemory, rng: &mut Rng) {
        let t = &self.traffic;
        u.sdram_read_data.next = u64::from(self.shown).into();
        let stays = u.arvalid.val();
        let asks = t
            .read
            .as_ref()
            .filter(|b| !b.asked && (stays || rng.chance(self.offers)));
        u.arvalid.next = asks.is_some();
        if let Some(burst) = asks {
            u.araddr.next = u64::from(burst.address).into();
            u.arid.next = u64::from(burst.id).into();
            u.arlen.next = u64::from(burst.length).into();
        }
        let stays = u.awvalid.val();
        let asks = t
            .write
            .as_ref()
            .filter(|b| !b.asked && (stays || rng.chance(self.offers)));
        u.awvalid.next = asks.is_some();
        if let Some(burst) = asks {
            u.awaddr.next = u64::from(burst.address).into();
            u.awid.next = u64::from(burst.id).into();
            u.awlen.next = u64::from(burst.length).into();
        }
        let beat = t.write.as_ref().and_then(|b| b.beats.front());
        let beat = beat.filter(|_| self.stays || rng.chance(self.offers));
        u.wvalid.next = beat.is_some();
        if let Some((data, strobes)) = beat {
            u.wdata.next = (*data).into();
            u.wstrb.next = u64::from(*strobes).into();
        }
        u.rready.next = rng.chance(self.offers);
        u.bready.next = rng.chance(self.offers);
        u.memory_valid.next = t.word.is_some();
        if let Some(word) = t.word {
            u.memory_write.next = word.write;
            u.memory_address.next = u64::from(word.address).into();
            u.memory_data.next = u64::from(word.data).into();
        }
    }
}

#[test]
fn memory_agrees_with_its_verilog_and_with_a_plain_memory() {
    println!("seed 1, or TANDEM_SEED");
    let cycles = 100_000;
    let read_back = 6;
    let mut bench = Bench::new(70);
    let mut wanted = 0;
    Parity::new("sdram_memory")
        .cycles(cycles)
        .all_move_but(&["sdram_csn"])
        .check(
            &mut SdramMemory::new(quick()),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                // Valid is low while reset is high, as AXI has it: a beat taken then would be lost.
                if (2..cycles - 16_000).contains(&cycle) {
                    bench.traffic.begin(rng);
                } else if cycle > 2 && wanted < read_back && bench.traffic.idle() {
                    bench.traffic.read_back(rng, wanted);
                    wanted += 1;
                }
                bench.drive(u, rng);
                if cycle > 0 {
                    bench.see(u);
                }
            },
        )
        .unwrap();
    let done = bench.traffic.done;
    println!(
        "bursts read, written, words: {done:?}; commands of the chip: {}",
        bench.chip.commands
    );
    assert!(
        wanted == read_back && bench.traffic.idle(),
        "not all of the memory was read back"
    );
    // Every line of the regions was wanted after the last write, so the chip itself has them all.
    for (address, byte) in bench.traffic.bytes() {
        let found = bench.chip.words[address as usize / 2].to_le_bytes()[address as usize % 2];
        assert!(
            found == byte,
            "{address:x} of the chip: {found:02x}, not {byte:02x}"
        );
    }
    assert!(done.iter().all(|&n| n > 100), "{done:?}");
}

/// 16-bit words a cycle of sequential bursts of 256 beats, without stalls of the other side.
fn words_a_cycle(write: bool) -> f64 {
    let mut u = SdramMemory::new(quick());
    u.connect_all();
    let mut bench = Bench::new(100);
    let mut rng = Rng::new(1);
    let (mut begun, mut first, bursts) = (0, 0, 6);
    for cycle in 0..40_000usize {
        u.reset.next = cycle < 2;
        if cycle > 1000 && bench.traffic.idle() {
            if begun == bursts {
                return f64::from((bursts - 1) * 1024) / (cycle - first) as f64;
            }
            if begun == 1 {
                first = cycle;
            }
            bench.traffic.long(&mut rng, begun * 2048, write);
            begun += 1;
        }
        bench.drive(&mut u, &mut rng);
        if cycle > 0 {
            bench.see(&u);
        }
        assert!(simulate(&mut u, 1000));
        u.clock.next = true.into();
        assert!(simulate(&mut u, 1000));
        u.clock.next = false.into();
        assert!(simulate(&mut u, 1000));
    }
    panic!("{begun} bursts of {bursts} in 40000 cycles");
}

#[test]
fn sequential_bursts_are_as_fast_as_said() {
    let (read, write) = (words_a_cycle(false), words_a_cycle(true));
    println!("words a cycle: read {read:.3}, written {write:.3}");
    assert!(
        read > 0.5 && write > 0.5,
        "read {read:.3}, written {write:.3}"
    );
}

#[test]
fn bridge_agrees_with_its_verilog_whatever_comes() {
    Parity::new("line_bridge")
        .cycles(4000)
        .all_move_but(&[])
        .check(
            &mut LineBridge::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2 || rng.chance(1);
                u.awid.next = rng.bits();
                u.arid.next = rng.bits();
                let high = if rng.chance(10) {
                    rng.below(128) << 25
                } else {
                    0
                };
                u.awaddr.next = (rng.below(32) * 8 + high).into();
                u.araddr.next = (rng.below(32) * 8 + high).into();
                u.memory_address.next = (rng.below(64) * 4 + high).into();
                u.awlen.next = rng.below(20).into();
                u.arlen.next = rng.below(20).into();
                u.awvalid.next = rng.chance(50);
                u.arvalid.next = rng.chance(50);
                u.wdata.next = rng.bits();
                u.wstrb.next = rng.corner();
                u.wvalid.next = rng.chance(80);
                u.bready.next = rng.chance(80);
                u.rready.next = rng.chance(80);
                u.memory_valid.next = rng.chance(20);
                u.memory_write.next = rng.chance(50);
                u.memory_data.next = rng.bits();
                u.controller_busy.next = cycle % 512 < 200 && rng.chance(2);
                u.controller_taken.next = rng.chance(80);
                u.controller_read_data.next = rng.bits();
                u.controller_read_valid.next = rng.chance(80);
            },
        )
        .unwrap();
}

#[test]
fn the_librarys_controller_agrees_with_its_verilog() {
    Parity::new("sdram_controller")
        .cycles(8000)
        .check(
            &mut SDRAMBurstController::<13, 9, 32, 16>::new(3, quick(), OutputBuffer::DelayOne),
            |u| &mut u.clock,
            |u, rng, _| {
                u.data_in.next = rng.bits();
                u.sdram.read_data.next = rng.bits();
                u.write_not_read.next = rng.chance(50);
                u.cmd_strobe.next = rng.chance(10);
                u.cmd_address.next = rng.corner();
            },
        )
        .unwrap();
}
