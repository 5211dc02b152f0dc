//! The compact engine, verilated, against the model: random programs of each command, commands damaged by a bit, whole training steps.

use tandem::device::Device;
use tandem::network::{Layer as L, Network, Shape};
use tandem_isa::command::{pad, Compute, Load, Requant, Store, Update, Yield, FLAGS_BYTE};
use tandem_isa::config::CU;
use tandem_isa::register::{self as reg};
use tandem_isa::{Command, ErrorCode};
use tandem_sim::model::Model;
use tandem_tests::compact::CompactDevice;
use tandem_tests::random::Rng;
use tandem_tests::small::Training;

/// First byte of what programs work on.
const DATA: u32 = 2048;

struct Draw(Rng);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n as usize) as u64
    }
    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
    fn word(&mut self) -> u16 {
        self.below(1 << 16) as u16
    }
    fn long(&mut self) -> u32 {
        u32::from(self.word()) << 16 | u32::from(self.word())
    }
    fn base(&mut self) -> u16 {
        self.below(32768) as u16
    }
    fn step(&mut self) -> i16 {
        self.below(141) as i16 - 70
    }
    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }
    /// Often 1.
    fn count(&mut self, most: u64) -> u16 {
        match self.chance(40) {
            true => 1,
            false => 1 + self.below(most) as u16,
        }
    }
    fn site(&mut self) -> u8 {
        match self.chance(50) {
            true => 255,
            false => self.below(16) as u8,
        }
    }

    fn load(&mut self, pad: u8, skew: bool) -> Command {
        let width = 1 + self.below(8) as u16;
        let row_stride = 8 * (u32::from(width) + self.below(3) as u32);
        Load {
            flags: u8::from(skew),
            pad,
            top: self.below(3) as u8,
            bottom: self.below(3) as u8,
            left: self.below(3) as u8,
            right: self.below(3) as u8,
            base: match skew {
                true => 4 * self.below(16) as u16,
                false => self.base(),
            },
            address: DATA + 8 * self.below(100) as u32,
            n: 1 + self.below(2) as u16,
            m: 1 + self.below(2) as u16,
            rows: self.below(4) as u16,
            width,
            n_stride: row_stride * 5 + 8 * self.below(4) as u32,
            m_stride: row_stride * 3,
            row_stride,
            ..Default::default()
        }
        .into()
    }

    fn compute(&mut self, output_stationary: bool) -> Command {
        Compute {
            flags: u8::from(output_stationary) | (self.below(8) as u8) << 1,
            groups: 1,
            a_base: self.base(),
            b_base: match output_stationary {
                true => self.base(),
                false => 4 * self.below(4096) as u16,
            },
            acc_base: self.base(),
            n: self.count(3),
            y: self.count(4),
            x: self.count(7),
            k2: self.count(2),
            k1: self.count(3),
            k0: self.count(3),
            a_n: self.step(),
            a_y: self.step(),
            a_x: self.step(),
            a_k2: self.step(),
            a_k1: self.step(),
            a_k0: self.step(),
            b_k2: 4 * self.step(),
            b_k1: 4 * self.step(),
            b_k0: 4 * self.step(),
            terms: 1 + self.below(131_080) as u32,
            ..Default::default()
        }
        .into()
    }

    fn requant(&mut self) -> Command {
        Requant {
            flags: self.below(256) as u8 & !(Requant::POOL | Requant::SKIP),
            site: self.below(16) as u8,
            site_a: self.site(),
            site_b: if self.chance(90) { 255 } else { self.site() },
            f: self.between(-10, 27) as i8,
            src_base: self.base(),
            out_base: self.base(),
            v_base: self.base(),
            bias_base: self.base(),
            n: self.count(3),
            y: self.count(4),
            x: self.count(7),
            src_n: self.step(),
            src_y: self.step(),
            src_x: self.step(),
            out_n: self.step(),
            out_y: self.step(),
            out_x: self.step(),
            wide: self.below(4) as u8,
            ..Default::default()
        }
        .into()
    }

    fn update(&mut self) -> Command {
        Update {
            site_d: self.site(),
            f: self.between(0, 20) as i8,
            f_w: self.between(8, 15) as i8,
            lr_shift: self.between(10, 30) as i8,
            w_base: self.base(),
            v_base: self.base(),
            d_base: self.base(),
            w_out: self.base(),
            v_out: self.base(),
            z: self.count(2),
            y: self.count(3),
            x: self.count(3),
            mu: self.word(),
            lr_mantissa: self.word(),
            decay: self.word() >> self.below(17).min(15),
            i_x: self.word(),
            key_v: self.long(),
            key_w: self.long(),
            index: self.long(),
            i_z: self.long(),
            i_y: self.word(),
            i_lane: self.long(),
            old_base: self.base(),
            importance_base: self.base(),
            strength: self.word(),
            ..Default::default()
        }
        .into()
    }

    fn store(&mut self) -> Command {
        let width = 1 + self.below(8) as u16;
        let row_stride = 8 * (u32::from(width) + self.below(3) as u32);
        Store {
            base: self.base(),
            address: 3200 + 8 * self.below(100) as u32,
            n: 1 + self.below(2) as u16,
            m: 1 + self.below(2) as u16,
            rows: 1 + self.below(3) as u16,
            width,
            n_stride: row_stride * 5,
            m_stride: row_stride * 3,
            row_stride,
            ..Default::default()
        }
        .into()
    }
}

/// A whole pad from memory.
fn fill(pad: u8, skew: bool, address: u32) -> Command {
    Load {
        flags: u8::from(skew),
        pad,
        address,
        n: 1,
        m: 1,
        rows: 1,
        width: 64,
        ..Default::default()
    }
    .into()
}

/// All of pad O to memory.
fn dump() -> Command {
    Store {
        address: 5376,
        n: 1,
        m: 1,
        rows: 1,
        width: 64,
        ..Default::default()
    }
    .into()
}

/// The two devices, and what must be the same on them.
struct Pair {
    model: Model,
    engine: CompactDevice,
}

impl Pair {
    fn new() -> Self {
        let engine = CompactDevice::start().unwrap();
        let model = Model::new(&CU, engine.memory_size() as usize);
        let mut pair = Self { model, engine };
        let end = pair.engine.memory_size() as u32;
        for (offset, value) in [(0, 0), (4, end), (8, 3)] {
            pair.write(reg::S_WINDOW_BASE + offset, value);
            pair.same(reg::S_WINDOW_BASE + offset, "windows");
        }
        pair
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.model.write_register(offset, value).unwrap();
        self.engine.write_register(offset, value).unwrap();
    }

    fn fill(&mut self, address: u64, bytes: &[u8]) {
        self.model.write_memory(address, bytes).unwrap();
        self.engine.write_memory(address, bytes).unwrap();
    }

    fn same(&mut self, offset: u32, what: &str) {
        let expected = self.model.read_register(offset).unwrap();
        let found = self.engine.read_register(offset).unwrap();
        assert_eq!(
            found, expected,
            "register {offset:#x} is {found:#x}, expected {expected:#x}; {what}"
        );
    }

    /// Runs a program on both and compares registers, memory and sites.
    fn run(&mut self, program: &[u8], what: &str) {
        self.fill(0, program);
        self.write(reg::IRQ_STATUS, 15);
        self.write(reg::S_PROGRAM, 0);
        self.write(reg::S_LENGTH, program.len() as u32 / 64);
        self.write(reg::S_DOORBELL, 1);
        self.model.wait(15, 100_000).unwrap();
        self.engine.wait(15, 100_000_000).unwrap();
        for offset in [
            reg::IRQ_STATUS,
            reg::STATUS,
            reg::S_STATE,
            reg::S_ISSUED,
            reg::S_ERROR_CODE,
            reg::S_ERROR_COMMAND,
            reg::S_ERROR_VALUE,
        ] {
            self.same(offset, what);
        }
        let mut expected = vec![0; self.engine.memory_size() as usize];
        let mut found = expected.clone();
        self.model.read_memory(0, &mut expected).unwrap();
        self.engine.read_memory(0, &mut found).unwrap();
        let first = (0..found.len()).find(|&i| found[i] != expected[i]);
        assert_eq!(first, None, "first byte that differs; {what}");
        for site in 0..CU.sites as u32 {
            self.write(reg::SITE_INDEX, site);
            for offset in [
                reg::SITE_STATE,
                reg::SITE_CLIPPED,
                reg::SITE_UNDERFLOW,
                reg::SITE_MASK,
                reg::SITE_MASK_HI,
            ] {
                self.same(offset, &format!("site {site}, {what}"));
            }
        }
    }
}

/// Rounds of programs that `commands` makes (of it and whether they are output-stationary) behind loads of all pads.
fn rounds(name: &str, count: u64, commands: impl Fn(&mut Draw, bool) -> Vec<Command>) {
    let seed = std::env::var("TANDEM_SEED").map_or(1, |s| s.parse().unwrap());
    let mut draw = Draw(Rng(seed));
    let mut pair = Pair::new();
    for round in 0..count {
        if round % 10 == 0 {
            let kind = draw.below(3);
            let data: Vec<u8> = (0..pair.engine.memory_size() / 2)
                .flat_map(|_| {
                    let word = draw.word() as i16;
                    let shift = draw.below(16);
                    [(word % 128), word, word >> shift][kind as usize].to_le_bytes()
                })
                .collect();
            pair.fill(0, &data);
        }
        let output_stationary = draw.chance(50);
        let mut program = vec![
            fill(pad::A, false, DATA),
            fill(pad::B, !output_stationary, DATA + 512),
            fill(pad::V, false, DATA + 1024),
        ];
        program.extend(commands(&mut draw, output_stationary));
        let bytes: Vec<u8> = program.iter().flat_map(Command::encode).collect();
        let what = format!("TANDEM_SEED={seed}, {name}, round {round}: {program:#?}");
        pair.run(&bytes, &what);
    }
}

#[test]
fn boxes() {
    rounds("boxes", 30, |draw, output_stationary| {
        let pair = |draw: &mut Draw| {
            let pad = draw.below(3) as u8;
            [
                draw.load(pad, pad == pad::B && !output_stationary),
                draw.store(),
            ]
        };
        (0..4).flat_map(|_| pair(draw)).collect()
    });
}

#[test]
fn products() {
    rounds("products", 40, |draw, output_stationary| {
        let mut all = vec![draw.compute(output_stationary)];
        // All sums, in two halves.
        for half in 0..2 {
            let read = Requant {
                site: 3,
                site_a: 255,
                site_b: 255,
                skip_site: 255,
                n: 1,
                y: 1,
                x: 64,
                src_base: 64 * half,
                src_x: 1,
                out_x: 1,
                wide: 1,
                ..Default::default()
            };
            let write = Store {
                address: 3200 + 512 * u32::from(half),
                n: 1,
                m: 1,
                rows: 1,
                width: 64,
                ..Default::default()
            };
            all.extend::<[Command; 2]>([read.into(), write.into()]);
        }
        all
    });
}

#[test]
fn results() {
    rounds("results", 40, |draw, output_stationary| {
        let mut all = vec![draw.compute(output_stationary)];
        (0..3).for_each(|_| all.extend([draw.requant(), dump()]));
        all
    });
}

#[test]
fn updates() {
    rounds("updates", 30, |draw, _| {
        (0..2).flat_map(|_| [draw.update(), dump()]).collect()
    });
}

#[test]
fn refusals() {
    let mut draw = Draw(Rng(1));
    let mut pair = Pair::new();
    // Elastic updates are not this engine's.
    let mut bytes = draw.update().encode();
    bytes[FLAGS_BYTE] = Update::ELASTIC;
    pair.run(&bytes, "an elastic update");
    pair.same(reg::S_ERROR_CODE, "an elastic update");
    let code = pair.model.read_register(reg::S_ERROR_CODE).unwrap();
    assert_eq!(code, ErrorCode::BadFlags as u32);
    let mut refused = 0;
    for round in 0..300 {
        let command = match draw.below(6) {
            0 => draw.load(pad::A, false),
            1 => draw.compute(true),
            2 => draw.requant(),
            3 => draw.update(),
            4 => draw.store(),
            _ => Yield::default().into(),
        };
        let mut bytes = command.encode();
        let at = match draw.chance(40) {
            true => draw.below(4),
            false => 8 + draw.below(56),
        } as usize;
        bytes[at] ^= 1 << draw.below(8);
        // What is still good may differ by design, or take for ever.
        if Command::decode_for(&CU, &bytes).is_ok_and(|_| true) || matches!(bytes[0], 4) {
            continue;
        }
        // Any address that is no multiple of 8 is refused, in its place among the fields.
        if bytes[8 + 8 * usize::from(bytes[0] == 1) - 4 * usize::from(bytes[0] == 7)] & 7 != 0
            && matches!(bytes[0], 1 | 7)
        {
            continue;
        }
        refused += 1;
        pair.run(&bytes, &format!("round {round}: byte {at} of {command:?}"));
        assert_eq!(
            pair.engine.read_register(reg::S_STATE),
            Ok(reg::state::FAULTED)
        );
    }
    assert!(refused > 40, "{refused}");
}

#[test]
fn whole_training_steps() {
    let of = |c, h, w, layers: &[L]| Network::new(Shape { c, h, w }, layers).unwrap();
    let out = L::FullyConnected { out: 4 };
    for network in [
        of(
            16,
            1,
            1,
            &[L::FullyConnected { out: 8 }, L::Relu, out.clone()],
        ),
        of(4, 6, 6, &[L::conv(4, 3, 1, 0), L::Relu, out]),
    ] {
        let engine = CompactDevice::start().unwrap();
        let model = Model::new(&CU, engine.memory_size() as usize);
        let mut model = Training::new(model, &network).unwrap();
        let mut engine = Training::new(engine, &network).unwrap();
        for i in 0..4 {
            model.step().unwrap();
            engine.step().unwrap();
            let (found, expected) = (engine.held().unwrap(), model.held().unwrap());
            assert_eq!(found, expected, "{network}, step {i}");
        }
    }
}
