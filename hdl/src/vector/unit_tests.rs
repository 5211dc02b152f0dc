//! Random commands of every kind on the unit with its pads and accumulators, against the golden unit, with the emitted
//! Verilog beside it.
use super::super::commands::{random_command, SITES};
use super::super::unit_golden::Golden;
use super::super::word::{raw, signed};
use super::*;
use crate::control::word::pack;
use crate::leaf::Ram;
use crate::parity::Parity;
use crate::scratchpad::LanePad;
use tandem_isa::command::{Command, Requant};

const AW: usize = 7;
const DEPTH: usize = 1 << AW;

#[derive(LogicBlock)]
struct Bench<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize> {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    start: Signal<In, Bit>,
    command: Signal<In, Bits<512>>,
    grant: Signal<In, Bit>,
    busy: Signal<Out, Bit>,
    done: Signal<Out, Bit>,
    stalled: Signal<Out, Bit>,
    error: Signal<Out, Bit>,
    error_code: Signal<Out, Bits<8>>,
    error_value: Signal<Out, Bits<32>>,
    fill: Signal<In, Bit>,
    address: Signal<In, Bits<AW>>,
    fill_v: [Signal<In, Bits<16>>; L],
    fill_acc: [Signal<In, Bits<48>>; L],
    shown: [Signal<Out, Bits<16>>; L],
    site_index: Signal<In, Bits<8>>,
    site_write: Signal<In, Bit>,
    site_write_data: Signal<In, Bits<32>>,
    site_state: Signal<Out, Bits<32>>,
    site_clipped: Signal<Out, Bits<32>>,
    site_underflow: Signal<Out, Bits<32>>,
    site_mask: Signal<Out, Bits<48>>,
    unit: VectorUnit<L, U, E, R, G>,
    v: LanePad<AW, L>,
    o: LanePad<AW, L>,
    acc: [Ram<Bits<48>, AW>; L],
}

impl<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize> Default
    for Bench<L, U, E, R, G>
{
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            grant: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            stalled: Default::default(),
            error: Default::default(),
            error_code: Default::default(),
            error_value: Default::default(),
            fill: Default::default(),
            address: Default::default(),
            fill_v: from_fn(|_| Default::default()),
            fill_acc: from_fn(|_| Default::default()),
            shown: from_fn(|_| Default::default()),
            site_index: Default::default(),
            site_write: Default::default(),
            site_write_data: Default::default(),
            site_state: Default::default(),
            site_clipped: Default::default(),
            site_underflow: Default::default(),
            site_mask: Default::default(),
            unit: Default::default(),
            v: Default::default(),
            o: Default::default(),
            acc: from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize> Logic
    for Bench<L, U, E, R, G>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, unit, v, o);
        self.unit.reset.next = self.reset.val();
        self.unit.start.next = self.start.val();
        self.unit.command.next = self.command.val();
        self.unit.acc_grant.next = self.grant.val() & self.unit.acc_read.val();
        self.busy.next = self.unit.busy.val();
        self.done.next = self.unit.done.val();
        self.stalled.next = self.unit.stalled.val();
        self.error.next = self.unit.error.val();
        self.error_code.next = self.unit.error_code.val();
        self.error_value.next = self.unit.error_value.val();
        self.v.we.next = self.fill.val();
        self.v.waddr.next = self.address.val();
        self.v.raddr.next = bit_cast::<AW, 16>(self.unit.v_addr.val());
        self.o.we.next = self.unit.o_we.val();
        self.o.waddr.next = bit_cast::<AW, 16>(self.unit.o_addr.val());
        self.o.raddr.next = self.address.val();
        for i in 0..L {
            self.acc[i].clock.next = self.clock.val();
            self.acc[i].write_enable.next = self.fill.val();
            self.acc[i].write_address.next = self.address.val();
            self.acc[i].write_data.next = self.fill_acc[i].val();
            self.acc[i].read_enable.next = self.grant.val() & self.unit.acc_read.val();
            self.acc[i].read_address.next = self.unit.acc_addr.val().get_bits::<AW>(0);
            self.unit.acc_data[i].next = self.acc[i].read_data.val();
            self.v.wdata[i].next = self.fill_v[i].val();
            self.unit.v_data[i].next = self.v.rdata[i].val();
            self.o.wdata[i].next = self.unit.o_data[i].val();
            self.shown[i].next = self.o.rdata[i].val();
        }
        self.unit.site_index.next = self.site_index.val();
        self.unit.site_write.next = self.site_write.val();
        self.unit.site_write_data.next = self.site_write_data.val();
        self.unit.site_clear_clipped.next = false;
        self.unit.site_clear_underflow.next = false;
        self.unit.lookup_site.next = self.site_index.val();
        self.site_state.next = self.unit.site_state.val();
        self.site_clipped.next = self.unit.site_clipped.val();
        self.site_underflow.next = self.unit.site_underflow.val();
        self.site_mask.next = self.unit.site_mask.val();
    }
}

/// Cycles from `start` to `done` when no read is refused.
fn cycles<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize>(
    command: &Command,
) -> usize {
    let count = |n: u16, y: u16, x: u16| usize::from(n) * usize::from(y) * usize::from(x);
    match command {
        Command::Requant(c) => {
            let has = |flag: u8| c.flags & flag != 0;
            let words =
                [Requant::FROM_V, Requant::MASK, Requant::SKIP].map(|f| usize::from(has(f)));
            let pixels = count(c.n, c.y, c.x) * words.iter().sum::<usize>().max(1);
            pixels * G
                + if has(Requant::BIAS) {
                    REQUANT + 2
                } else {
                    REQUANT
                }
        }
        Command::Unpool(c) => count(c.n, c.y, c.x) + UNPOOL,
        Command::Update(c) if E == 1 && c.flags & Update::ELASTIC != 0 => {
            count(c.z, c.y, c.x) * (L / U).max(5) + UPDATE + (L / U).min(5)
        }
        Command::Update(c) => count(c.z, c.y, c.x) * (L / U).max(3) + UPDATE + (L / U).min(3),
        _ => 0,
    }
}

const REQUANT: usize = 19;
const UNPOOL: usize = 3;
const UPDATE: usize = 17;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Phase {
    Fill(usize),
    Sites(usize),
    Start,
    Run(usize),
    Compare(usize),
    CompareSites(usize),
}

fn run<const L: usize, const U: usize, const E: usize, const R: usize, const G: usize>(
    name: &str,
    total: usize,
    kinds: usize,
) {
    let mut golden = Golden::<L>::new(DEPTH, E == 1);
    let mut phase = Phase::Fill(0);
    let mut command = Command::Unpool(Unpool::default());
    let mut expected = Ok(());
    let (mut grants, mut abort, mut resync) = (100, 0, false);
    // Requant, Unpool, Update, errors, aborts.
    let mut seen = [0usize; 5];
    let mut elastic = 0;
    let mut before = golden.sites.0.clone();
    Parity::new(name)
        .cycles(total)
        .check(
            &mut Bench::<L, U, E, R, G>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0;
                u.fill.next = false;
                u.start.next = false;
                u.site_write.next = false;
                u.grant.next = rng.chance(grants);
                match phase {
                    Phase::Fill(at) => {
                        u.fill.next = true;
                        u.address.next = Bits::from(at as u64);
                        for l in 0..L {
                            let word: Bits<16> = rng.corner();
                            let acc = signed(rng.bits::<48>()) >> (1 + rng.below(44));
                            u.fill_v[l].next = word;
                            u.fill_acc[l].next = raw(acc);
                            golden.v[at][l] = signed(word) as i16;
                            golden.acc[at][l] = acc;
                        }
                        phase = if at + 1 < DEPTH {
                            Phase::Fill(at + 1)
                        } else {
                            Phase::Sites(0)
                        };
                    }
                    Phase::Sites(at) => {
                        let (e, f) = (rng.below(50) as i64 - 15, rng.below(30) as i64 - 10);
                        let state = (e & 255) | (f & 255) << 16 | (rng.word() as i64 & 0x1f00);
                        u.site_write.next = true;
                        u.site_write_data.next = raw(state);
                        u.site_index.next = Bits::from(u64::from(SITES[at]));
                        golden.sites.set_state(SITES[at], state as u64);
                        phase = if at + 1 < SITES.len() {
                            Phase::Sites(at + 1)
                        } else {
                            Phase::Start
                        };
                    }
                    Phase::Start => {
                        command = random_command(rng);
                        before.clone_from(&golden.sites.0);
                        expected = golden.run(&command);
                        u.command.next = pack(&command.encode());
                        u.start.next = true;
                        grants = [100, 100, 60, 20][rng.below(4) as usize];
                        abort = if rng.chance(6) {
                            2 + rng.below(14) as usize
                        } else {
                            0
                        };
                        phase = Phase::Run(0);
                    }
                    Phase::Run(at) => {
                        phase = Phase::Run(at + 1);
                        let kind = match command {
                            Command::Requant(_) => 0,
                            Command::Unpool(_) => 1,
                            _ => 2,
                        };
                        if u.error.val() {
                            assert_eq!(Err(signed(u.error_value.val()) as i32), expected);
                            assert_eq!(u.error_code.val().to_u64(), ErrorCode::BadAlign as u64);
                            seen[3] += 1;
                            phase = Phase::Compare(0);
                        } else if u.done.val() {
                            assert_eq!(expected, Ok(()), "{command:?}");
                            if grants == 100 {
                                assert_eq!(
                                    at + 1,
                                    cycles::<L, U, E, R, G>(&command),
                                    "{command:?}"
                                );
                            }
                            seen[kind] += 1;
                            if let Command::Update(c) = &command {
                                elastic += usize::from(c.flags & Update::ELASTIC != 0);
                            }
                            phase = Phase::Compare(0);
                        } else {
                            assert!(u.busy.val(), "idle without done: {command:?}");
                        }
                        if at == abort && abort > 0 && phase == Phase::Run(at + 1) {
                            u.reset.next = true;
                            resync = true;
                            seen[4] += 1;
                            phase = Phase::Compare(0);
                        }
                        assert!(at < 3000, "does not end: {command:?}");
                    }
                    Phase::Compare(at) => {
                        // The word asked for in the cycle before.
                        if at >= 1 {
                            let shown = from_fn(|l| signed(u.shown[l].val()) as i16);
                            if resync {
                                golden.o[at - 1] = shown;
                            }
                            assert_eq!(shown, golden.o[at - 1], "word {} of {command:?}", at - 1);
                        }
                        u.address.next = Bits::from(at as u64 % DEPTH as u64);
                        phase = Phase::Compare(at + 1);
                        if at == DEPTH {
                            phase = Phase::CompareSites(0);
                            if resync {
                                // Aborted before the commit: the golden unit went on to the end.
                                resync = false;
                                golden.sites.0.clone_from(&before);
                                phase = Phase::Sites(0);
                            }
                        }
                    }
                    Phase::CompareSites(at) => {
                        if at >= 2 && at % 2 == 0 {
                            let site = SITES[at / 2 - 1];
                            let held = &golden.sites.0[usize::from(site)];
                            assert_eq!(u.site_state.val().to_u64(), golden.sites.state(site));
                            assert_eq!(u.site_mask.val().to_u64(), held.mask);
                            assert_eq!(u.site_clipped.val().to_u64(), u64::from(held.clipped));
                            assert_eq!(u.site_underflow.val().to_u64(), u64::from(held.underflow));
                        }
                        phase = Phase::CompareSites(at + 1);
                        if at == 2 * SITES.len() {
                            phase = if rng.chance(20) {
                                Phase::Fill(0)
                            } else {
                                Phase::Start
                            };
                        } else {
                            u.site_index.next = Bits::from(u64::from(SITES[at / 2]));
                        }
                    }
                }
            },
        )
        .unwrap();
    assert!(seen[..kinds].iter().all(|&n| n > 0), "{seen:?}");
    let plain = seen[2] - elastic;
    assert!(
        elastic > 0 && (kinds < 5 || plain > 0),
        "{elastic} of {seen:?}"
    );
}

#[test]
fn four_lanes_follow_the_golden_unit() {
    run::<4, 1, 1, 2, 2>("vector_unit_4", 20_000, 5);
}

#[test]
fn sixteen_lanes_follow_the_golden_unit() {
    run::<16, 4, 1, 16, 1>("vector_unit_16", 6_000, 3);
}

#[test]
fn lanes_without_elastic_updates_follow_it_too() {
    run::<4, 1, 0, 4, 1>("vector_unit_plain", 8_000, 3);
}

#[test]
fn sixteen_lanes_in_eight_groups_follow_the_golden_unit() {
    run::<16, 1, 0, 2, 8>("vector_unit_16_8", 8_000, 3);
}
