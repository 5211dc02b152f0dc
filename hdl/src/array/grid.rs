//! The systolic array: R×C cells, a row of ones below them, the skew of their operands and the control that travels with them. It knows nothing of
//! commands and addresses: that is the sequencer's; sums are added up in memory by the accumulator lanes.
//!
//! Ports: in every cycle, one operand a row (`a`) and one a column (`b`), s16, unskewed; `first` and `last`
//! mark the ends of a pass in the cycle of their `a`. Output-stationary, an `a` comes one cycle after its `b`. Row i and column j are delayed inside by i and j cycles.
//!
//! Weight-stationary (`keep` low): `shift` with R words of `b`, the bottom row's first, fills the spare weights; they become the
//! working ones at `first`. The spare weights may be shifted again from R−1 cycles after `first`, and the next `first` follows
//! the last `shift` by at least one cycle: passes of 2R cycles and more leave no gap. `sum[j]` is the sum over rows of the
//! operands entered R+2+j cycles ago.
//!
//! Output-stationary (`keep` high; `shift` too, until R+1 cycles after the last `b`): the products of a pass are summed in their cells. `drained[j]` is row i's sum
//! 4+j+i cycles after `last`; passes whose ends are less than R cycles apart would collide in the drain. Row R is a row of
//! ones: its `drained[j]` is the sum of the pass's `b[j]` alone, and there only if the next pass ends R+1 cycles later or more.
//!
//! `run` saves power and simulation time: it may be low only when nothing is under way (the control that travels with the data
//! is not stopped). No reset: after one, what is under way is garbage that the sequencer does not mark as valid.
use super::{Cell, ColumnSum, Delay, Drain};
use crate::leaf::Dff;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// R rows and C columns of cells.
#[derive(Clone, Debug, LogicBlock)]
pub struct Grid<const R: usize, const C: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Something is under way.
    pub run: Signal<In, Bit>,
    /// Output-stationary.
    pub keep: Signal<In, Bit>,
    /// `a` is the first of its pass.
    pub first: Signal<In, Bit>,
    /// `a` is the last of its pass.
    pub last: Signal<In, Bit>,
    /// `b` moves down a row.
    pub shift: Signal<In, Bit>,
    /// Row operands.
    pub a: [Signal<In, Bits<16>>; R],
    /// Weights or column operands.
    pub b: [Signal<In, Bits<16>>; C],
    /// Sums of the bottom row, weight-stationary.
    pub sum: [Signal<Out, Bits<48>>; C],
    /// Sums of one row after another, output-stationary.
    pub drained: [Signal<Out, Bits<48>>; C],
    cell: Vec<Cell>,
    ones: Vec<ColumnSum>,
    row_skew: Vec<Delay<16>>,
    column_skew: Vec<Delay<16>>,
    first_after: Vec<Dff<Bit>>,
    last_after: Vec<Dff<Bit>>,
    shift_after: Vec<Dff<Bit>>,
    drain: Vec<Drain<R>>,
}

impl<const R: usize, const C: usize> Default for Grid<R, C> {
    fn default() -> Self {
        fn chain(n: usize) -> Vec<Dff<Bit>> {
            (0..n).map(|_| Dff::default()).collect()
        }
        Self {
            clock: Default::default(),
            run: Default::default(),
            keep: Default::default(),
            first: Default::default(),
            last: Default::default(),
            shift: Default::default(),
            a: from_fn(|_| Default::default()),
            b: from_fn(|_| Default::default()),
            sum: from_fn(|_| Default::default()),
            drained: from_fn(|_| Default::default()),
            cell: (0..R * C).map(|_| Cell::default()).collect(),
            ones: (0..C).map(|_| ColumnSum::default()).collect(),
            row_skew: (0..R).map(Delay::new).collect(),
            column_skew: (0..C).map(Delay::new).collect(),
            first_after: chain(R + C),
            last_after: chain(R + C + 1),
            shift_after: chain(C - 1),
            drain: (0..C).map(|_| Drain::default()).collect(),
        }
    }
}

/// The bit `d` cycles behind `now`.
fn behind(now: bool, after: &[Dff<Bit>], d: usize) -> bool {
    match d {
        0 => now,
        d => after[d - 1].q.val(),
    }
}

fn behind_name(name: &str, d: usize) -> String {
    match d {
        0 => name.into(),
        d => format!("{name}_after${}$q", d - 1),
    }
}

impl<const R: usize, const C: usize> Logic for Grid<R, C> {
    fn update(&mut self) {
        let (clock, run, keep) = (self.clock.val(), self.run.val(), self.keep.val());
        let (first, last, shift) = (self.first.val(), self.last.val(), self.shift.val());
        for (chain, now) in [
            (&mut self.first_after, first),
            (&mut self.last_after, last),
            (&mut self.shift_after, shift),
        ] {
            let mut before = now;
            for stage in chain {
                stage.clock.next = clock;
                stage.d.next = before;
                before = stage.q.val();
            }
        }
        let skews = self.row_skew.iter_mut().zip(&self.a);
        for (skew, lane) in skews.chain(self.column_skew.iter_mut().zip(&self.b)) {
            skew.clock.next = clock;
            skew.enable.next = run;
            skew.d.next = lane.val();
        }
        for i in 0..R {
            for j in 0..C {
                let at = i * C + j;
                let (above, cells) = self.cell.split_at_mut(at);
                let cell = &mut cells[0];
                cell.clock.next = clock;
                cell.run.next = run;
                cell.keep.next = keep;
                cell.shift.next = behind(shift, &self.shift_after, j);
                cell.swap.next = behind(first, &self.first_after, i + j);
                cell.clear.next = behind(first, &self.first_after, i + j + 1);
                cell.capture.next = behind(last, &self.last_after, i + j + 2);
                cell.a_in.next = match j {
                    0 => self.row_skew[i].q.val(),
                    _ => above[at - 1].a_out.val(),
                };
                (cell.b_in.next, cell.sum_in.next) = match i {
                    0 => (self.column_skew[j].q.val(), Bits::default()),
                    _ => (above[at - C].b_out.val(), above[at - C].sum_out.val()),
                };
            }
        }
        for (j, one) in self.ones.iter_mut().enumerate() {
            one.clock.next = clock;
            one.run.next = run;
            one.keep.next = keep;
            one.clear.next = behind(first, &self.first_after, R + j + 1);
            one.capture.next = behind(last, &self.last_after, R + j + 2);
            one.b_in.next = self.cell[(R - 1) * C + j].b_out.val();
        }
        for (j, drain) in self.drain.iter_mut().enumerate() {
            drain.clock.next = clock;
            for (i, x) in drain.x.iter_mut().enumerate() {
                x.next = self.cell[i * C + j].drain_out.val();
            }
            drain.ones.next = self.ones[j].drain_out.val();
            self.drained[j].next = drain.y.val();
            self.sum[j].next = self.cell[(R - 1) * C + j].sum_out.val();
        }
    }

    fn connect(&mut self) {
        let sums = self.sum.iter_mut().chain(&mut self.drained);
        sums.for_each(|s| s.connect());
        for skew in self.row_skew.iter_mut().chain(&mut self.column_skew) {
            skew.clock.connect();
            skew.enable.connect();
            skew.d.connect();
        }
        let chains = self.first_after.iter_mut().chain(&mut self.last_after);
        for stage in chains.chain(&mut self.shift_after) {
            stage.clock.connect();
            stage.d.connect();
        }
        for drain in &mut self.drain {
            drain.clock.connect();
            drain.x.iter_mut().for_each(|x| x.connect());
            drain.ones.connect();
        }
        for cell in &mut self.cell {
            for bit in [&mut cell.run, &mut cell.keep, &mut cell.shift] {
                bit.connect();
            }
            for bit in [&mut cell.swap, &mut cell.clear, &mut cell.capture] {
                bit.connect();
            }
            cell.clock.connect();
            cell.a_in.connect();
            cell.b_in.connect();
            cell.sum_in.connect();
        }
        for one in &mut self.ones {
            for bit in [&mut one.run, &mut one.keep, &mut one.clear] {
                bit.connect();
            }
            one.clock.connect();
            one.capture.connect();
            one.b_in.connect();
        }
    }

    fn hdl(&self) -> Verilog {
        // Two dimensions of cells are more than a kernel's loops can name, so the assignments are made here.
        use ast::{VerilogExpression as E, VerilogStatement as S};
        let mut code = vec![];
        let signal = |name: String| E::Signal(name);
        let zero = || E::Literal(Bits::<48>::default().into());
        let mut set = |to: String, value: E| code.push(S::Assignment(E::Signal(to), value));
        let chains = [
            ("first", &self.first_after),
            ("last", &self.last_after),
            ("shift", &self.shift_after),
        ];
        for (name, chain) in chains {
            for d in 0..chain.len() {
                set(format!("{name}_after${d}$clock"), signal("clock".into()));
                set(format!("{name}_after${d}$d"), signal(behind_name(name, d)));
            }
        }
        for (skew, lane, count) in [("row_skew", "a", R), ("column_skew", "b", C)] {
            for i in 0..count {
                set(format!("{skew}${i}$clock"), signal("clock".into()));
                set(format!("{skew}${i}$enable"), signal("run".into()));
                set(format!("{skew}${i}$d"), signal(format!("{lane}${i}")));
            }
        }
        for i in 0..R {
            for j in 0..C {
                let of = |i: usize, j: usize, port: &str| format!("cell${}${port}", i * C + j);
                let mut port = |name: &str, value: E| set(of(i, j, name), value);
                for name in ["clock", "run", "keep"] {
                    port(name, signal(name.into()));
                }
                port("shift", signal(behind_name("shift", j)));
                port("swap", signal(behind_name("first", i + j)));
                port("clear", signal(behind_name("first", i + j + 1)));
                port("capture", signal(behind_name("last", i + j + 2)));
                port(
                    "a_in",
                    match j {
                        0 => signal(format!("row_skew${i}$q")),
                        _ => signal(of(i, j - 1, "a_out")),
                    },
                );
                let (b, sum) = match i {
                    0 => (signal(format!("column_skew${j}$q")), zero()),
                    _ => (
                        signal(of(i - 1, j, "b_out")),
                        signal(of(i - 1, j, "sum_out")),
                    ),
                };
                port("b_in", b);
                port("sum_in", sum);
            }
        }
        for j in 0..C {
            let mut port = |name: &str, from: String| set(format!("ones${j}${name}"), signal(from));
            for name in ["clock", "run", "keep"] {
                port(name, name.into());
            }
            port("clear", behind_name("first", R + j + 1));
            port("capture", behind_name("last", R + j + 2));
            port("b_in", format!("cell${}$b_out", (R - 1) * C + j));
        }
        for j in 0..C {
            set(format!("drain${j}$clock"), signal("clock".into()));
            for i in 0..R {
                let from = format!("cell${}$drain_out", i * C + j);
                set(format!("drain${j}$x${i}"), signal(from));
            }
            let from = format!("ones${j}$drain_out");
            set(format!("drain${j}$ones"), signal(from));
            set(format!("drained${j}"), signal(format!("drain${j}$y")));
            let from = format!("cell${}$sum_out", (R - 1) * C + j);
            set(format!("sum${j}"), signal(from));
        }
        Verilog::Combinatorial(code)
    }
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
