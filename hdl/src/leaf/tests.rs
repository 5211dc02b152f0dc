//! Parity and behaviour of the leaf cells.
use super::*;
use crate::parity::{Parity, Rng};
use rust_hdl::prelude::*;
use std::collections::VecDeque;

/// Parity of a register-like cell whose fields are named as usual.
macro_rules! cell_parity {
    ($test:ident, $make:expr, $name:literal, |$u:ident, $rng:ident| $drive:block) => {
        #[test]
        fn $test() {
            let mut cell = $make;
            Parity::new($name)
                .cycles(500)
                .check(&mut cell, |u| &mut u.clock, |$u, $rng, _| $drive)
                .unwrap();
        }
    };
}

cell_parity!(dff, Dff::<Bits<70>>::default(), "dff", |u, rng| {
    u.d.next = rng.bits();
});

cell_parity!(dff_en, DffEn::<Bits<70>>::default(), "dff_en", |u, rng| {
    u.enable.next = rng.chance(50);
    u.d.next = rng.bits();
});

cell_parity!(
    reg,
    Reg::<Bits<12>>::new(0x5a5.into()),
    "reg_cell",
    |u, rng| {
        u.reset.next = rng.chance(20);
        u.d.next = rng.bits();
    }
);

cell_parity!(reg_en, RegEn::<Bit>::new(true), "reg_en", |u, rng| {
    u.reset.next = rng.chance(10);
    u.enable.next = rng.chance(50);
    u.d.next = rng.chance(50);
});

cell_parity!(
    fifo_pointers,
    FifoPointers::<3>::default(),
    "fifo_pointers",
    |u, rng| {
        u.reset.next = rng.chance(5);
        u.in_valid.next = rng.chance(60);
        u.out_ready.next = rng.chance(50);
    }
);

cell_parity!(ram, Ram::<Bits<16>, 3>::new(8), "ram", |u, rng| {
    u.read_enable.next = rng.chance(70);
    u.read_address.next = rng.bits();
    u.write_enable.next = rng.chance(70);
    u.write_address.next = rng.bits();
    u.write_data.next = rng.bits();
});

cell_parity!(
    lut_ram,
    LutRam::<Bits<9>, 2>::default(),
    "lut_ram",
    |u, rng| {
        u.read_address.next = rng.bits();
        u.write_enable.next = rng.chance(70);
        u.write_address.next = rng.bits();
        u.write_data.next = rng.bits();
    }
);

cell_parity!(mul_signed, MulSigned::default(), "mul_signed", |u, rng| {
    u.enable.next = rng.chance(80);
    u.a.next = rng.corner();
    u.b.next = rng.corner();
});

#[test]
fn mul_signed_in_a_block_of_the_ecp5() {
    Parity::new("mul_signed_ecp5")
        .after(crate::board::ecp5::DEFINED_WITH_MODELS)
        .check(
            &mut MulSigned::default(),
            |u| &mut u.clock,
            |u, rng, _| {
                u.enable.next = rng.chance(80);
                u.a.next = rng.corner();
                u.b.next = rng.corner();
            },
        )
        .unwrap();
}

/// Both buffers have these ports; a reference queue checks what comes out, the harness that Verilog does the same.
macro_rules! stream_parity {
    ($test:ident, $kind:ty, $name:literal, $room:literal) => {
        #[test]
        fn $test() {
            for seed in 1..=3 {
                let mut model: VecDeque<u64> = VecDeque::new();
                let mut offered = false;
                let mut most = 0;
                Parity::new($name)
                    .cycles(2000)
                    .seed(seed)
                    .check(
                        &mut <$kind>::default(),
                        |u| &mut u.clock,
                        |u, rng: &mut Rng, cycle| {
                            // The state just before the edge that has passed.
                            if cycle == 1 || cycle % 499 == 0 {
                                model.clear();
                                offered = false;
                            }
                            u.reset.next = cycle == 0 || (cycle + 1) % 499 == 0;
                            if !offered {
                                offered = rng.chance(if cycle % 200 < 100 { 90 } else { 40 });
                                u.in_valid.next = offered;
                                u.in_data.next = rng.bits();
                            }
                            let take = rng.chance(if cycle % 200 < 100 { 40 } else { 90 });
                            u.out_ready.next = take;
                            if cycle == 0 {
                                return;
                            }
                            assert_eq!(
                                u.out_valid.val(),
                                !model.is_empty(),
                                "seed {seed} cycle {cycle}"
                            );
                            assert_eq!(
                                u.in_ready.val(),
                                model.len() < $room,
                                "seed {seed} cycle {cycle}"
                            );
                            let accept = offered && u.in_ready.val();
                            if u.out_valid.val() {
                                assert_eq!(Some(u.out_data.val().to_u64()), model.front().copied());
                                if take {
                                    model.pop_front();
                                }
                            }
                            if accept {
                                model.push_back(u.in_data.next.to_u64());
                                offered = false;
                            }
                            most = most.max(model.len());
                        },
                    )
                    .unwrap();
                assert_eq!(most, $room, "the buffer was never full");
            }
        }
    };
}

stream_parity!(fifo, Fifo<Bits<16>, 3>, "fifo", 8);
stream_parity!(ram_fifo, RamFifo<Bits<16>, 3>, "ram_fifo", 8);
stream_parity!(fifo_of_two, Fifo<Bits<16>, 1>, "fifo_of_two", 2);
stream_parity!(skid, Skid<Bits<16>>, "skid", 2);
