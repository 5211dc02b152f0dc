//! One dimension of a product: output index → operand index and kernel taps, as arithmetic progressions.
//!
//! Forward is one [`Axis`]. The input gradient of a stride-s convolution is s of them, one a parity class of the output: each
//! sees every s-th tap. When the forward output is a single row (a fully connected layer), each input row is a class of one tap.

use crate::network::Extent;

/// Output index `first + t·step` takes operand index `t·a_step + a_off + j·a_tap` with kernel index `tap_first + j·tap_step`,
/// `j < taps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// First output.
    pub first: usize,
    /// Distance of outputs.
    pub step: usize,
    /// Operand step of an output.
    pub a_step: isize,
    /// Operand index of output 0, tap 0.
    pub a_off: isize,
    /// Operand step of a tap.
    pub a_tap: isize,
    /// First kernel index.
    pub tap_first: usize,
    /// Distance of kernel indices.
    pub tap_step: usize,
    /// Taps.
    pub taps: usize,
}

/// A half-open range.
pub type Range = (usize, usize);

impl Axis {
    /// The outputs `t` of this class within the output range.
    pub fn outputs(&self, (lo, hi): Range) -> Range {
        let t = |v: usize| v.saturating_sub(self.first).div_ceil(self.step);
        (t(lo), t(hi))
    }

    /// The taps `j` within the kernel range.
    pub fn within(&self, (lo, hi): Range) -> Range {
        let j = |v: usize| {
            v.saturating_sub(self.tap_first)
                .div_ceil(self.tap_step)
                .min(self.taps)
        };
        (j(lo), j(hi))
    }

    /// Operand index of output `t`, tap `j`.
    pub fn operand(&self, t: usize, j: usize) -> isize {
        t as isize * self.a_step + self.a_off + j as isize * self.a_tap
    }
}

/// Forward.
pub fn forward(e: &Extent) -> Vec<Axis> {
    vec![Axis {
        first: 0,
        step: 1,
        a_step: e.stride as isize,
        a_off: -(e.pad as isize),
        a_tap: 1,
        tap_first: 0,
        tap_step: 1,
        taps: e.kernel,
    }]
}

/// Input gradient.
pub fn backward(e: &Extent) -> Vec<Axis> {
    let single = e.output() == 1;
    // With one output its stride is free: as long as the input, it gives each input one tap or none.
    let s = if single { e.input } else { e.stride };
    (0..s)
        .map(|first| {
            let tap_first = (first + e.pad) % s;
            let (tap_first, taps) = if single {
                let k = first + e.pad;
                (k, usize::from(k < e.kernel))
            } else {
                (tap_first, e.kernel.saturating_sub(tap_first).div_ceil(s))
            };
            Axis {
                first,
                step: s,
                a_step: 1,
                a_off: ((first + e.pad) as isize - tap_first as isize) / s as isize,
                a_tap: -1,
                tap_first,
                tap_step: s,
                taps,
            }
        })
        .collect()
}

/// Input gradient of an average pool, whose windows share one factor: every output takes the one operand of its window, and
/// nothing past the last window.
pub fn spread(e: &Extent) -> Vec<Axis> {
    // A window over everything is one class that stands still.
    let (classes, a_step) = if e.kernel == e.input {
        (1, 0)
    } else {
        (e.kernel, 1)
    };
    (0..classes)
        .map(|first| Axis {
            first,
            step: classes,
            a_step,
            a_off: 0,
            a_tap: 0,
            tap_first: 0,
            tap_step: 1,
            taps: 1,
        })
        .collect()
}

/// Kernel indices that any class needs for these outputs.
pub fn taps(axes: &[Axis], outputs: Range) -> Option<Range> {
    axes.iter()
        .filter(|a| a.taps > 0)
        .filter(|a| {
            let (lo, hi) = a.outputs(outputs);
            lo < hi
        })
        .map(|a| (a.tap_first, a.tap_first + (a.taps - 1) * a.tap_step + 1))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Operand indices that any class needs for these outputs and kernel indices; may pass the operand's ends.
pub fn span(axes: &[Axis], outputs: Range, kernel: Range) -> Option<(isize, isize)> {
    axes.iter()
        .filter_map(|a| {
            let ((t0, t1), (j0, j1)) = (a.outputs(outputs), a.within(kernel));
            if t0 >= t1 || j0 >= j1 {
                return None;
            }
            let ends = [
                a.operand(t0, j0),
                a.operand(t0, j1 - 1),
                a.operand(t1 - 1, j0),
                a.operand(t1 - 1, j1 - 1),
            ];
            Some((
                ends.iter().copied().min().unwrap_or(0),
                ends.iter().copied().max().unwrap_or(0) + 1,
            ))
        })
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// (output, operand, kernel index) of every product inside the operand.
    fn products(axes: &[Axis], outputs: usize, operands: usize) -> BTreeSet<(usize, usize, usize)> {
        let mut all = BTreeSet::new();
        for a in axes {
            let (t0, t1) = a.outputs((0, outputs));
            for t in t0..t1 {
                for j in 0..a.taps {
                    let i = a.operand(t, j);
                    if i >= 0 && (i as usize) < operands {
                        let fresh = all.insert((
                            a.first + t * a.step,
                            i as usize,
                            a.tap_first + j * a.tap_step,
                        ));
                        assert!(fresh);
                    }
                }
            }
        }
        all
    }

    #[test]
    fn a_spread_gives_every_input_its_window() {
        for kernel in 1..6 {
            for input in kernel..13 {
                let e = Extent {
                    input,
                    kernel,
                    stride: kernel,
                    pad: 0,
                };
                let found = products(&spread(&e), input, e.output());
                let expected: BTreeSet<_> = products(&forward(&e), e.output(), input)
                    .iter()
                    .map(|&(y, x, _)| (x, y, 0))
                    .collect();
                assert_eq!(found, expected, "{e:?}");
            }
        }
    }

    #[test]
    fn backward_is_the_transpose_of_forward() {
        for kernel in 1..6 {
            for stride in 1..3 {
                for pad in 0..kernel {
                    for input in 1..9 {
                        if input + 2 * pad < kernel {
                            continue;
                        }
                        let e = Extent {
                            input,
                            kernel,
                            stride,
                            pad,
                        };
                        let f = products(&forward(&e), e.output(), input);
                        let b = products(&backward(&e), input, e.output());
                        let t: BTreeSet<_> = b.iter().map(|&(x, y, k)| (y, x, k)).collect();
                        assert_eq!(f, t, "{e:?}");
                    }
                }
            }
        }
    }
}
