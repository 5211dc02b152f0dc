//! The UART link from the host's code to the port of the verilated hardware: every command exactly once on a bad line, its rate
//! on a good one, and how soon it is in step again.
//!
//! `cargo test --release -p tandem-tests --features link --test uart`; the long campaign with `-- --ignored`.

use std::time::Duration;
use tandem::uart::{Board, Settings, Transport, Uart};
use tandem::{Device, DeviceError};
use tandem_hdl::link::uart::{emitted, gap_bits, Baud};
use tandem_isa::config::TINY;
use tandem_isa::link::{operation, Answer, Found, Request, REQUEST, REQUEST_BYTES};
use tandem_isa::register::{IRQ_STATUS, SPACE};
use tandem_tests::random::Rng;
use tandem_tests::uart::{Access, Damage, Design, Noisy, Simulated, Top};

/// Clock of the links that take bytes: slow, so that the host's patience is few cycles.
const CLOCK: f64 = 50_000.0;
/// Their bits to a cycle: a byte is twelve cycles.
const BITS: f64 = 10.0 / 12.0;
/// Bytes of the model's memory.
const MEMORY: u32 = 1 << 20;

fn seed() -> u64 {
    let set = std::env::var("TANDEM_SEED").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// A link that takes bytes, with a window of two or of eight.
fn frames(window: usize, seed: u64) -> Simulated {
    let verilog = match window {
        2 => emitted::bytes::<1, 9>("link"),
        _ => emitted::bytes::<3, 9>("link"),
    };
    let design = Design {
        verilog: verilog.unwrap(),
        top: Top::Bytes,
    };
    Simulated::start(&design, CLOCK, BITS, 6, seed).unwrap()
}

fn patient() -> Settings {
    Settings {
        baud: (CLOCK * BITS) as u32,
        latency: Duration::ZERO,
        attempts: 500,
    }
}

fn board() -> Board {
    Board {
        config: TINY,
        memory: u64::from(MEMORY),
        clock: CLOCK as u64,
    }
}

/// The accesses of a command to `words` words from `address`.
fn each(memory: bool, write: Option<&[u8]>, address: u32, words: usize) -> Vec<Access> {
    let access = |i: usize| Access {
        memory,
        write: write.is_some(),
        refused: false,
        address: address + 4 * i as u32,
        data: write.map_or(0, |bytes| word(&bytes[4 * i..])),
    };
    (0..words).map(access).collect()
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Random commands over a bad line until so many requests were damaged; after each one the accesses are those of the command, each
/// once and in order, and what was read is what is there.
fn campaign(window: usize, damaged: u64, seed: u64) -> (Damage, u64) {
    println!("seed {seed}: run again with TANDEM_SEED={seed}");
    let mut rng = Rng(seed);
    let line = Noisy::new(frames(window, seed), 40, seed ^ 0x5a);
    let mut uart = Uart::open(line, patient(), board()).unwrap();
    assert_eq!(uart.link_mut().window(), window);
    let mut registers = vec![0u8; SPACE as usize];
    let mut memory = vec![0u8; MEMORY as usize];
    let mut commands = 0;
    loop {
        let is_memory = rng.below(2) == 0;
        let write = rng.below(2) == 0;
        // Mostly a word or a few, now and then several frames.
        let words = 1 + match rng.below(12) {
            0 => rng.below(200),
            1..=4 => rng.below(8),
            _ => 0,
        };
        let space = if is_memory {
            &mut memory
        } else {
            &mut registers
        };
        let words = words.min(space.len() / 4 - 1);
        let address = 4 * rng.below(space.len() / 4 - words);
        let range = address..address + 4 * words;
        let data: Vec<u8> = (0..4 * words).map(|_| rng.word() as u8).collect();
        let mut read = vec![0; 4 * words];
        let mut values = vec![0; words];
        let done = match (is_memory, write) {
            (true, true) => uart.write_memory(address as u64, &data),
            (true, false) => uart.read_memory(address as u64, &mut read),
            (false, true) => {
                let values: Vec<u32> = data.chunks(4).map(word).collect();
                uart.write_registers(address as u32, &values)
            }
            (false, false) => uart.read_registers(address as u32, &mut values).map(|()| {
                read = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
            }),
        };
        done.unwrap_or_else(|error| panic!("command {commands}, seed {seed}: {error}"));
        if write {
            space[range].copy_from_slice(&data);
        } else {
            assert!(
                read == space[range],
                "command {commands}, seed {seed}: wrong words"
            );
        }
        let found = uart
            .link_mut()
            .transport_mut()
            .line_mut()
            .accesses()
            .unwrap();
        let expected = each(is_memory, write.then_some(&data), address as u32, words);
        assert!(
            found == expected,
            "command {commands}, seed {seed}: {} accesses, {} expected",
            found.len(),
            expected.len()
        );
        commands += 1;
        let damage = uart.link_mut().transport_mut().damage;
        if damage.requests >= damaged {
            return (damage, commands);
        }
    }
}

#[test]
fn commands_are_done_once_on_a_bad_line() {
    let (damage, commands) = campaign(2, 2000, seed());
    println!("{commands} commands, {damage:?}");
    assert!(damage.repeated > 200 && damage.answers > 100);
}

#[test]
fn commands_are_done_once_with_eight_under_way() {
    let (damage, commands) = campaign(8, 500, seed());
    println!("{commands} commands, {damage:?}");
}

#[test]
#[ignore = "minutes: run before a release"]
fn commands_are_done_once_over_100_000_damaged_frames() {
    let (damage, commands) = campaign(2, 100_000, seed());
    println!("{commands} commands, {damage:?}");
}

/// A link with pins, at so many bits a second.
fn pins<const GAP: usize>(clock: u64, rate: u64) -> Simulated {
    assert_eq!(GAP, gap_bits(clock));
    let baud = Baud::new(clock, rate).unwrap();
    let design = Design {
        verilog: emitted::pins::<1, GAP>("link", baud).unwrap(),
        top: Top::Pins,
    };
    Simulated::start(&design, clock as f64, rate as f64 / clock as f64, 3, 1).unwrap()
}

/// Share of the line's bytes that are a block's, written and read.
fn shares(line: Simulated, clock: u64, rate: u64) -> [f64; 2] {
    const BLOCK: usize = 1 << 14;
    let settings = Settings::new(rate as u32);
    let mut uart = Uart::open(line, settings, Board { clock, ..board() }).unwrap();
    let mut rng = Rng(3);
    let data: Vec<u8> = (0..BLOCK).map(|_| rng.word() as u8).collect();
    let mut read = vec![0; BLOCK];
    let mut cycles = vec![uart.link_mut().transport_mut().cycles()];
    uart.write_memory(0, &data).unwrap();
    cycles.push(uart.link_mut().transport_mut().cycles());
    uart.read_memory(0, &mut read).unwrap();
    cycles.push(uart.link_mut().transport_mut().cycles());
    assert!(read == data);
    assert_eq!(uart.traffic().repeated, 0);
    [0, 1].map(|i| {
        let bits = (cycles[i + 1] - cycles[i]) as f64 * rate as f64 / clock as f64;
        10.0 * BLOCK as f64 / bits
    })
}

#[test]
fn blocks_go_at_85_percent_of_the_line_both_ways() {
    let all = [
        (
            shares(pins::<20>(48_000_000, 12_000_000), 48_000_000, 12_000_000),
            "48 MHz, 12 Mbaud",
        ),
        (
            shares(pins::<21>(100_000_000, 12_000_000), 100_000_000, 12_000_000),
            "100 MHz, 12 Mbaud",
        ),
        (
            shares(pins::<18>(12_000_000, 3_000_000), 12_000_000, 3_000_000),
            "12 MHz, 3 Mbaud",
        ),
    ];
    for ([written, read], what) in all {
        println!("{what}: {written:.4} of the line written, {read:.4} read");
        assert!(written >= 0.85 && read >= 0.85, "{what}: {written} {read}");
    }
}

/// The frame of a hello.
fn hello(tag: u8) -> Vec<u8> {
    let mut frame = [0; REQUEST_BYTES];
    let end = Request {
        sequence: tag,
        operation: operation::HELLO,
        words: 1,
        address: 0,
        data: &[],
    }
    .encode(&mut frame);
    frame[..end].to_vec()
}

/// What a line can have carried before: beginnings of frames that never end, and noise.
fn leftovers(rng: &mut Rng) -> Vec<Vec<u8>> {
    let mut all = vec![
        vec![],
        vec![REQUEST],
        vec![REQUEST, 0, operation::WRITE_MEMORY, 64],
        vec![REQUEST, 0, operation::READ_MEMORY, 64, 1, 2, 3, 4, 5, 6, 7],
        [&[REQUEST, 0, operation::WRITE_MEMORY, 64][..], &[0x11; 262]].concat(),
        vec![REQUEST; 300],
    ];
    all.extend((0..4).map(|_| (0..700).map(|_| rng.word() as u8).collect()));
    all
}

#[test]
fn a_frame_is_taken_after_silence_whatever_came_before() {
    const CLOCK: u64 = 48_000_000;
    const RATE: u64 = 12_000_000;
    let mut line = pins::<20>(CLOCK, RATE);
    let mut rng = Rng(seed());
    let (mut longest, mut missed) = (0, 0);
    for (tag, before) in leftovers(&mut rng).into_iter().enumerate() {
        let tag = tag as u8;
        let answered = |line: &mut Simulated, silence: u64| {
            line.write(&before, Duration::ZERO).unwrap();
            // The bytes themselves, with a few bits to spare, then the silence.
            line.run(40 * before.len() as u64 + 200, false).unwrap();
            let start = line.cycles();
            line.run(silence, false).unwrap();
            line.write(&hello(tag), Duration::ZERO).unwrap();
            let bytes = line.run(2000, false).unwrap();
            let found = (0..bytes.len()).any(|at| {
                matches!(Answer::decode(&bytes[at..]), Found::Answer(a, _) if a.sequence == tag)
            });
            (found, line.cycles() - start)
        };
        missed += u32::from(!answered(&mut line, 0).0);
        let (found, cycles) = answered(&mut line, 1 << 19);
        assert!(found, "after {before:x?}");
        longest = longest.max(cycles);
    }
    // Without the silence it is the leftovers that are taken: the test sees the difference.
    assert!(missed >= 4, "{missed}");
    let bits = longest * RATE / CLOCK;
    println!(
        "in step after {bits} bit times, {:.2} ms",
        bits as f64 * 1e3 / RATE as f64
    );
    assert!(longest as f64 / CLOCK as f64 <= 0.1);
}

#[test]
fn the_host_is_in_step_again_within_100_ms() {
    for (before, what) in [
        (vec![], "nothing"),
        (
            vec![REQUEST, 0, operation::WRITE_MEMORY, 64],
            "half a frame",
        ),
    ] {
        let mut line = pins::<20>(48_000_000, 12_000_000);
        line.write(&before, Duration::ZERO).unwrap();
        let start = line.now();
        let settings = Settings::new(12_000_000);
        let mut uart = Uart::open(line, settings, board()).unwrap();
        let time = uart.link_mut().transport_mut().now() - start;
        println!("after {what}: {:.2} ms", time.as_secs_f64() * 1e3);
        assert!(time <= Duration::from_millis(100), "after {what}: {time:?}");
    }
}

#[test]
fn bytes_at_any_address_are_read_and_written() {
    let mut uart = Uart::open(frames(2, 7), patient(), board()).unwrap();
    let mut rng = Rng(seed());
    let mut memory = vec![0u8; 4096];
    for _ in 0..60 {
        let length = rng.below(600);
        let address = rng.below(memory.len() - length);
        let data: Vec<u8> = (0..length).map(|_| rng.word() as u8).collect();
        uart.write_memory(address as u64, &data).unwrap();
        memory[address..address + length].copy_from_slice(&data);
        let length = rng.below(600);
        let address = rng.below(memory.len() - length);
        let mut read = vec![0; length];
        uart.read_memory(address as u64, &mut read).unwrap();
        assert!(read == memory[address..address + length]);
    }
    let beyond = uart.read_memory(u64::from(MEMORY) - 2, &mut [0; 4]);
    assert!(matches!(beyond, Err(DeviceError::Memory { .. })));
    assert!(matches!(
        uart.read_register(2),
        Err(DeviceError::Register { .. })
    ));
}

#[test]
fn an_interrupt_is_waited_for_in_time() {
    let mut uart = Uart::open(frames(2, 7), patient(), board()).unwrap();
    let line = uart.link_mut().transport_mut();
    line.plan(IRQ_STATUS, 6, 20_000).unwrap();
    let late = uart.wait(2, 5_000).unwrap_err();
    assert!(
        matches!(late, DeviceError::TimedOut { found: 0, .. }),
        "{late}"
    );
    assert_eq!(uart.wait(4, 100_000), Ok(6));
    let cycles = uart.link_mut().transport_mut().cycles();
    assert!((20_000..22_000).contains(&cycles), "{cycles}");
}

#[test]
fn what_is_refused_is_said_and_the_next_command_is_done() {
    let wide = Board {
        memory: 2 * u64::from(MEMORY),
        ..board()
    };
    let mut uart = Uart::open(frames(2, 7), patient(), wide).unwrap();
    let error = uart
        .write_memory(u64::from(MEMORY) - 4, &[1; 8])
        .unwrap_err();
    assert!(error.to_string().contains("was refused"), "{error}");
    uart.write_memory(0, &[1, 2, 3, 4]).unwrap();
    let mut read = [0; 4];
    uart.read_memory(0, &mut read).unwrap();
    assert_eq!(read, [1, 2, 3, 4]);
}

#[test]
fn a_second_program_goes_on_and_a_reset_is_noticed() {
    let mut uart = Uart::open(frames(2, 7), patient(), board()).unwrap();
    for i in 0..300 {
        uart.write_register(0x40, i).unwrap();
    }
    let mut line = uart.into_transport();
    line.accesses().unwrap();
    let hasty = Settings {
        attempts: 4,
        ..patient()
    };
    let mut uart = Uart::open(line, hasty, board()).unwrap();
    assert_eq!(uart.read_register(0x40), Ok(299));
    assert_eq!(uart.link_mut().transport_mut().accesses().unwrap().len(), 1);
    uart.link_mut().transport_mut().reset().unwrap();
    let error = uart.write_register(0x40, 1).unwrap_err().to_string();
    assert!(error.contains("was reset"), "{error}");
    // Nothing was done, and the link is to be used again.
    assert_eq!(uart.read_register(0x40), Ok(299));
}

#[test]
fn a_dead_line_is_an_error_in_time() {
    let line = Noisy::new(frames(2, 7), 0, 1);
    let settings = Settings {
        attempts: 3,
        ..patient()
    };
    let mut uart = Uart::open(line, settings, board()).unwrap();
    uart.link_mut().transport_mut().dead = true;
    let start = uart.link_mut().transport_mut().now();
    let error = uart.read_register(0).unwrap_err().to_string();
    assert!(
        error.contains("no answer") && error.contains("cable"),
        "{error}"
    );
    let time = uart.link_mut().transport_mut().now() - start;
    assert!(time < Duration::from_millis(200), "{time:?}");
}
