//! The compute unit with its pads against the golden loops: random commands, many of them before those at work are done, with the
//! vector unit reading beside them, the cycle of every `done`, and parity with the Verilog.
use super::super::golden::{passes, pixels, Memories, Timing};
use super::*;
use crate::control::word::pack;
use crate::leaf::Dff;
use crate::parity::{Parity, Rng};
use crate::scratchpad::{LanePad, SkewPad};
use std::collections::VecDeque;
use tandem_isa::command as cmd;

/// The unit, pads A and B, and flat ports.
#[derive(Clone, Debug, LogicBlock)]
struct Bench<const R: usize, const C: usize, const LB: usize, const BW: usize, const AW: usize> {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    start: Signal<In, Bit>,
    command: Signal<In, Bits<512>>,
    taken: Signal<Out, Bit>,
    busy: Signal<Out, Bit>,
    done: Signal<Out, Bit>,
    phase: Signal<Out, Bits<2>>,
    idle_ports: Signal<Out, Bit>,
    a_we: Signal<In, Bit>,
    b_we: Signal<In, Bit>,
    wskew: Signal<In, Bit>,
    waddr: Signal<In, Bits<AW>>,
    wdata: [Signal<In, Bits<16>>; C],
    acc_read: Signal<In, Bit>,
    acc_addr: Signal<In, Bits<16>>,
    granted: Signal<Out, Bit>,
    acc_data: [Signal<Out, Bits<48>>; C],
    grant: Dff<Bit>,
    a: LanePad<AW, C>,
    b: SkewPad<AW, LB, C>,
    unit: Compute<R, C, LB, BW>,
}

impl<const R: usize, const C: usize, const LB: usize, const BW: usize, const AW: usize> Default
    for Bench<R, C, LB, BW, AW>
{
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            taken: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            phase: Default::default(),
            idle_ports: Default::default(),
            a_we: Default::default(),
            b_we: Default::default(),
            wskew: Default::default(),
            waddr: Default::default(),
            wdata: from_fn(|_| Default::default()),
            acc_read: Default::default(),
            acc_addr: Default::default(),
            granted: Default::default(),
            acc_data: from_fn(|_| Default::default()),
            grant: Default::default(),
            a: Default::default(),
            b: Default::default(),
            unit: Default::default(),
        }
    }
}

impl<const R: usize, const C: usize, const LB: usize, const BW: usize, const AW: usize> Logic
    for Bench<R, C, LB, BW, AW>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, grant, a, b, unit);
        self.unit.reset.next = self.reset.val();
        self.unit.start.next = self.start.val();
        self.unit.command.next = self.command.val();
        self.taken.next = self.unit.taken.val();
        self.busy.next = self.unit.busy.val();
        self.done.next = self.unit.done.val();
        self.phase.next = self.unit.phase.val();
        self.idle_ports.next = self.unit.stalled.val()
            | self.unit.error.val()
            | self.unit.error_code.val().any()
            | self.unit.error_value.val().any();
        self.a.we.next = self.a_we.val();
        self.a.waddr.next = self.waddr.val();
        self.a.raddr.next = self.unit.a_addr.val().get_bits::<AW>(0);
        self.b.we.next = self.b_we.val();
        self.b.wskew.next = self.wskew.val();
        self.b.waddr.next = self.waddr.val();
        self.b.raddr.next = self.unit.b_addr.val().get_bits::<AW>(0);
        self.b.mode.next = self.unit.b_mode.val();
        self.b.index.next = self.unit.b_index.val();
        self.b.blank.next = self.unit.b_blank.val();
        self.unit.acc_read.next = self.acc_read.val();
        self.unit.acc_addr.next = self.acc_addr.val();
        self.grant.d.next = self.unit.acc_grant.val();
        self.granted.next = self.grant.q.val();
        for i in 0..C {
            self.a.wdata[i].next = self.wdata[i].val();
            self.b.wdata[i].next = self.wdata[i].val();
            self.unit.a_data[i].next = self.a.rdata[i].val();
            self.unit.b_data[i].next = self.b.rdata[i].val();
            self.acc_data[i].next = self.unit.acc_data[i].val();
        }
    }
}

fn lane_word(rng: &mut Rng, lanes: usize) -> Vec<i16> {
    (0..lanes)
        .map(|_| match rng.below(8) {
            0 => 32767,
            1 => -32767,
            _ => rng.word() as i16,
        })
        .collect()
}

/// Sizes a random command must fit: array, words of the pads (B: lower half plain, upper half skewed) and of the accumulators.
struct Limits {
    rows: usize,
    lanes: usize,
    pad: usize,
    sums: usize,
    max_pixels: usize,
}

fn random_command(rng: &mut Rng, l: &Limits, before: &cmd::Compute) -> cmd::Compute {
    let mut pick = |from: i64, to: i64| from + rng.below((to - from + 1) as u64) as i64;
    let mut c = cmd::Compute {
        tag: pick(0, 65535) as u16,
        phase: pick(0, 2) as u8,
        groups: pick(1, (l.lanes / l.rows) as i64) as u8,
        a_base: pick(0, 32767) as u16,
        k2: pick(1, 2) as u16,
        k1: pick(1, 2) as u16,
        k0: pick(1, 2) as u16,
        terms: 1,
        ..Default::default()
    };
    [c.n, c.y, c.x] = loop {
        let shape = [pick(1, 4), pick(1, 5), pick(1, 9)];
        if shape.iter().product::<i64>() <= l.max_pixels as i64 {
            break shape.map(|v| v as u16);
        }
    };
    if pick(0, 5) == 0 {
        [c.n, c.y, c.x] = [1; 3];
    }
    for stride in [
        &mut c.a_n,
        &mut c.a_y,
        &mut c.a_x,
        &mut c.a_k2,
        &mut c.a_k1,
        &mut c.a_k0,
    ] {
        *stride = match pick(0, 4) {
            0 => pick(-32768, 32767) as i16,
            _ => pick(-9, 9) as i16,
        };
    }
    if pick(0, 1) == 0 {
        c.flags |= cmd::Compute::ACCUMULATE;
    }
    let (lanes, half) = (l.lanes as i64, l.pad as i64 / 2);
    let count = pixels(&c) as i64;
    // Mostly the dataflow of the command before, so that they follow closely.
    let kept = before.flags & cmd::Compute::OUTPUT_STATIONARY != 0;
    if kept == (pick(0, 4) != 0) {
        c.flags |= cmd::Compute::OUTPUT_STATIONARY;
        if pick(0, 2) == 0 {
            c.flags |= cmd::Compute::COLUMN_SUMS;
        }
        c.b_base = pick(0, half - count) as u16;
        // Tiles of all passes lie apart; the last may wrap around the accumulators.
        c.acc_base = pick(0, l.sums as i64 - 1) as u16;
    } else {
        if pick(0, 1) == 0 {
            c.flags |= cmd::Compute::TRANSPOSE;
        }
        let blocks = half / lanes;
        let up = pick(0, 1) == 0;
        let base = if up { blocks } else { 2 * blocks - 1 };
        c.b_base = (base * lanes) as u16;
        let mut room = blocks - 1;
        for (stride, k) in [
            (&mut c.b_k2, c.k2),
            (&mut c.b_k1, c.k1),
            (&mut c.b_k0, c.k0),
        ] {
            let blocks = pick(0, room / (i64::from(k) - 1).max(1));
            room -= blocks * (i64::from(k) - 1);
            *stride = (blocks * lanes * if up { 1 } else { -1 }) as i16;
        }
        c.acc_base = pick(0, l.sums as i64 - 1) as u16;
    }
    // Often the words of the command before, or from its last word on.
    match pick(0, 4) {
        0 => c.acc_base = before.acc_base,
        1 => {
            let last = touched(before, l).last().copied().unwrap_or_default();
            c.acc_base = (last + l.sums - pick(0, 2) as usize) as u16 % l.sums as u16;
        }
        _ => {}
    }
    c
}

/// Words of the accumulators a command writes.
fn touched(c: &cmd::Compute, l: &Limits) -> Vec<usize> {
    let base = c.acc_base as usize;
    let words: Vec<usize> = if c.flags & cmd::Compute::OUTPUT_STATIONARY != 0 {
        let rows = l.rows + usize::from(c.flags & cmd::Compute::COLUMN_SUMS != 0);
        (0..passes(c))
            .flat_map(|p| {
                let (tap, group) = (p / c.groups as usize, p % c.groups as usize);
                let rows = if p + 1 == passes(c) { rows } else { l.rows };
                (0..rows).map(move |r| tap * l.lanes + group * l.rows + r)
            })
            .collect()
    } else {
        (0..pixels(c)).collect()
    };
    words.into_iter().map(|w| (base + w) % l.sums).collect()
}

/// What the driver is at.
enum At {
    Fill(usize),
    Run,
    /// No new command until all are done.
    Pause,
    Check(usize),
}

fn unit<const R: usize, const C: usize, const LB: usize, const BW: usize, const AW: usize>(
    name: &str,
    cycles: usize,
    least: usize,
) {
    let limits = Limits {
        rows: R,
        lanes: C,
        pad: 1 << AW,
        sums: 2 << BW,
        max_pixels: 24,
    };
    let mut golden = Memories {
        rows: R,
        a: vec![vec![0; C]; limits.pad],
        b: vec![vec![0; C]; limits.pad],
        sums: vec![vec![0; C]; limits.sums],
    };
    let mut block = Bench::<R, C, LB, BW, AW>::default();
    let mut at = At::Fill(0);
    // Whether the unit may be given another command; those under way with the banks they use, and the timing of the last one.
    let mut free = true;
    let mut before = cmd::Compute::default();
    let mut flying: VecDeque<(Timing, [bool; 2])> = VecDeque::new();
    let mut timing = Timing::default();
    let mut due: Option<(Vec<i64>, bool)> = None;
    let (mut commands, mut most, mut compared, mut beside, mut refused) = (0, 0, 0, 0, 0);
    Parity::new(name)
        .cycles(cycles)
        .check(
            &mut block,
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                u.start.next = false;
                u.a_we.next = false;
                u.b_we.next = false;
                u.acc_read.next = false;
                if cycle < 2 {
                    return;
                }
                assert!(!u.idle_ports.val());
                if let Some((word, must)) = due.take() {
                    if u.granted.val() && must {
                        for (lane, (port, sum)) in u.acc_data.iter().zip(&word).enumerate() {
                            let found = (port.val().to_u64() << 16) as i64 >> 16;
                            assert_eq!(found, *sum, "cycle {cycle} lane {lane} after {commands}");
                        }
                        compared += 1;
                    }
                    assert!(u.granted.val() || !must, "cycle {cycle}");
                    refused += usize::from(!u.granted.val());
                }
                assert_eq!(u.busy.val(), !flying.is_empty(), "cycle {cycle}");
                let done = flying.front().is_some_and(|f| f.0.done == cycle);
                assert_eq!(u.done.val(), done, "cycle {cycle}, {:?}", flying.front());
                match at {
                    At::Fill(word) => {
                        let data = lane_word(rng, C);
                        let (pad, is_b) = (word % limits.pad, word >= limits.pad);
                        for (port, v) in u.wdata.iter_mut().zip(&data) {
                            port.next = u64::from(*v as u16).into();
                        }
                        u.waddr.next = (pad as u64).into();
                        u.a_we.next = !is_b;
                        u.b_we.next = is_b;
                        u.wskew.next = pad >= limits.pad / 2;
                        if is_b {
                            golden.b[pad] = data;
                        } else {
                            golden.a[pad] = data;
                        }
                        at = match word + 1 {
                            w if w == 2 * limits.pad => At::Run,
                            w => At::Fill(w),
                        };
                    }
                    At::Run | At::Pause => {
                        // The vector unit reads what the commands under way leave alone.
                        let word = rng.below(limits.sums as u64) as usize;
                        if rng.chance(50) {
                            let used = flying.iter().any(|f| f.1[word >> BW]);
                            u.acc_read.next = true;
                            u.acc_addr.next = (word as u64).into();
                            due = Some((golden.sums[word].clone(), !used));
                            beside += usize::from(!used && !flying.is_empty());
                        }
                        if matches!(at, At::Run) && free && rng.chance(60) {
                            let c = random_command(rng, &limits, &before);
                            u.start.next = true;
                            u.command.next = pack(&c.encode());
                            timing = timing.after(cycle, &c, R, C);
                            golden.run(&c);
                            let mut used = [false; 2];
                            for word in touched(&c, &limits) {
                                used[word >> BW] = true;
                            }
                            flying.push_back((timing, used));
                            most = most.max(flying.len());
                            (commands, before, free) = (commands + 1, c, false);
                            if rng.chance(20) {
                                at = At::Pause;
                            }
                        } else if free {
                            // What was taken need not stay.
                            u.command.next = rng.bits();
                        }
                        if let (At::Pause, true) = (&at, flying.is_empty()) {
                            at = match rng.chance(50) {
                                true => At::Run,
                                false => At::Check(0),
                            };
                        }
                    }
                    At::Check(word) => {
                        // Backwards, so that the last word written is the first one read.
                        let at_word = limits.sums - 1 - word;
                        u.acc_read.next = true;
                        u.acc_addr.next = (at_word as u64).into();
                        due = Some((golden.sums[at_word].clone(), true));
                        at = match word + 1 {
                            w if w == limits.sums => At::Run,
                            w => At::Check(w),
                        };
                    }
                }
                free |= u.taken.val();
                if done {
                    flying.pop_front();
                }
            },
        )
        .unwrap();
    println!("{name}: {commands} commands, {most} at a time, {compared} words, {beside} beside, {refused} refused");
    assert!(commands >= least && most >= 3 && compared > 300);
    assert!(beside > 20 && refused > 20);
}

#[test]
fn random_commands_4x8() {
    unit::<4, 8, 3, 5, 6>("compute4x8", 8000, 80);
}

#[test]
fn random_commands_4x4() {
    unit::<4, 4, 2, 4, 6>("compute4x4", 8000, 80);
}

#[test]
fn random_commands_8x16() {
    unit::<8, 16, 4, 6, 8>("compute8x16", 3500, 8);
}

#[test]
fn the_unit_alone_agrees_with_its_verilog() {
    let limits = Limits {
        rows: 4,
        lanes: 4,
        pad: 64,
        sums: 16,
        max_pixels: 24,
    };
    let (mut started, mut before) = (0, cmd::Compute::default());
    Parity::new("compute_alone")
        .cycles(3000)
        .all_move_but(&["stalled", "error", "error_code", "error_value"])
        .check(
            &mut Compute::<4, 4, 2, 3>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0 || rng.below(500) == 0;
                u.start.next = !u.busy.val() && !u.start.val() && rng.chance(70);
                if u.start.next {
                    before = random_command(rng, &limits, &before);
                    u.command.next = pack(&before.encode());
                    started += 1;
                }
                u.acc_read.next = rng.chance(50);
                u.acc_addr.next = rng.bits();
                for lane in u.a_data.iter_mut().chain(&mut u.b_data) {
                    lane.next = rng.corner();
                }
            },
        )
        .unwrap();
    assert!(started > 10, "{started} commands");
}
