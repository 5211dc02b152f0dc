use super::*;
use crate::compact::machine::{Access, Machine};
use crate::parity::{Parity, Rng};

/// Instructions of every kind at random; jumps go anywhere.
fn random_program(rng: &mut Rng, words: usize) -> Vec<u16> {
    let codes = [
        0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 24, 25,
    ];
    let instruction = |rng: &mut Rng| {
        let code = codes[rng.below(codes.len() as u64) as usize];
        // Operands stay among a few words, so that what is stored is read again.
        let operand = match code {
            16.. => rng.below(words as u64),
            10 => rng.below(4),
            11 | 12 => rng.below(32),
            _ => (rng.below(3) << 9) | (rng.below(2) * 0xf0) | rng.below(8),
        };
        (code << 11) as u16 | operand as u16
    };
    (0..words).map(|_| instruction(rng)).collect()
}

#[test]
fn parity_and_the_interpreter() {
    for seed in 1..=3 {
        let rng = &mut Rng::new(seed);
        let program = random_program(rng, 256);
        let data: Vec<u16> = (0..256)
            .map(|_| rng.corner::<16>().to_u64() as u16)
            .collect();
        let mut machine = Machine::new(&program, 256, &data);
        let mut block = Processor::<8>::new(&program, &data);
        let mut accesses = 0;
        Parity::new("processor")
            .cycles(6000)
            .seed(seed)
            .check(
                &mut block,
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2;
                    let given = rng.corner::<16>();
                    u.port_in.next = given;
                    u.hold.next = false;
                    if u.port_read.val() | u.port_write.val() {
                        let port = u.port.val().to_u64() as u16;
                        let expected = (0..100_000)
                            .map(|_| machine.step(given.to_u64() as u16))
                            .find(|a| *a != Access::None);
                        let found = if u.port_read.val() {
                            Access::Read(port)
                        } else {
                            Access::Write(port, u.port_out.val().to_u64() as u16)
                        };
                        assert_eq!(Some(found), expected, "seed {seed}, cycle {cycle}");
                        accesses += 1;
                    }
                },
            )
            .unwrap();
        assert!(accesses > 10, "seed {seed}: {accesses} accesses only");
    }
}

#[test]
fn parity_while_ports_are_not_ready() {
    let rng = &mut Rng::new(9);
    let program = random_program(rng, 256);
    Parity::new("processor_held")
        .cycles(4000)
        .check(
            &mut Processor::<8>::new(&program, &[]),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                u.port_in.next = rng.corner();
                u.hold.next = rng.chance(50);
            },
        )
        .unwrap();
}
