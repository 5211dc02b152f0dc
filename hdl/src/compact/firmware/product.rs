//! Compute: loops over passes and images, each a run of the stream.
use super::super::assembler::{Assembler, Operand, Operand::Number};
use super::super::ports::{input, output};
use super::data::*;
use tandem_isa::command::Compute;

/// Pixel counts {n, y, x} and steps of two walks along them, which `flatten` brings to one if it can.
pub struct Pixels {
    /// Words of the command: n, y, x.
    pub counts: [Operand; 3],
    /// Steps by n, y, x of every walk.
    pub steps: Vec<[Operand; 3]>,
}

impl Pixels {
    /// Images of one pixel become a row of pixels.
    pub fn flatten(&self, a: &mut Assembler) {
        let [n, y, x] = self.counts;
        let on = a.fresh();
        a.ld(x).or(y).sub(Number(1)).jnz(&on).ld(n).st(x);
        for steps in &self.steps {
            a.ld(steps[0]).st(steps[2]);
        }
        a.ld(Number(1)).st(n).label(&on);
    }

    /// Step and row step of walk `walk` to `port`, and the length of rows; needs `times`.
    pub fn walk(&self, a: &mut Assembler, walk: usize, port: u16) {
        let [_, y, x] = self.steps[walk];
        a.ld(x).output(port + 1).output(output::MULTIPLICAND);
        a.ld(self.counts[2])
            .sub(Number(1))
            .output(output::X)
            .call("times")
            .st(T);
        a.ld(y).sub(T).output(port + 2);
    }
}

/// `compute`.
pub fn product(a: &mut Assembler) {
    let (a_base, b_base, acc_base) = (field(5), field(6), field(7));
    let pixels = Pixels {
        counts: [field(8), field(9), field(10)],
        steps: vec![[field(14), field(15), field(16)]],
    };
    let (k2, k1, k0) = (field(11), field(12), field(13));
    let (a_k, b_k) = (
        [field(17), field(18), field(19)],
        [field(20), field(21), field(22)],
    );
    // First pass of k1 and k2 loops in A and B; the pass under way; image under way.
    let (a2, b2, a1, b1, a0, b0) = (own(0), own(1), own(2), own(3), own(4), own(5));
    let (k1_left, k0_left, n_left) = (own(6), own(7), own(8));
    let (image, sums, b, mode, area, pass_sums) =
        (own(9), own(10), own(11), own(12), own(13), own(14));

    // A times the multiplicand: its low half, in A.
    a.label("times")
        .output(output::MULTIPLIER)
        .input(input::PRODUCT_LOW)
        .ret();

    a.label("compute");
    pixels.flatten(a);
    pixels.walk(a, 0, output::FIRST);
    a.ld(pixels.counts[1])
        .output(output::MULTIPLICAND)
        .ld(pixels.counts[2])
        .call("times")
        .st(area);
    a.ld(Number(1)).output(output::SECOND + 1);
    // Mode without first: A in a pad; adding and transposing as the flags say.
    a.ld(Number(4)).st(mode);
    a.ld(FLAGS)
        .and(Number(Compute::ACCUMULATE.into()))
        .jz("compute_fresh");
    a.ld(Number(4 | 32)).st(mode).label("compute_fresh");
    a.ld(FLAGS)
        .and(Number(Compute::OUTPUT_STATIONARY.into()))
        .jnz("compute_output");
    a.ld(FLAGS)
        .and(Number(Compute::TRANSPOSE.into()))
        .jz("compute_plain");
    a.ld(mode).or(Number(64)).st(mode);
    a.label("compute_plain")
        .ld(mode)
        .or(Number(1))
        .st(mode)
        .jump("compute_passes");
    a.label("compute_output").ld(mode).or(Number(2)).st(mode);
    a.ld(ALL_ONES).sub(Number(2)).output(output::SECOND + 2);

    a.label("compute_passes").ld(acc_base).st(pass_sums);
    a.ld(a_base).st(a2).ld(b_base).st(b2);
    a.label("compute_k2")
        .ld(a2)
        .st(a1)
        .ld(b2)
        .st(b1)
        .ld(k1)
        .st(k1_left);
    a.label("compute_k1")
        .ld(a1)
        .st(a0)
        .ld(b1)
        .st(b0)
        .ld(k0)
        .st(k0_left);
    a.label("compute_k0")
        .ld(pixels.counts[0])
        .st(n_left)
        .ld(a0)
        .st(image);
    a.ld(pass_sums).st(sums).ld(b0).st(b);
    a.ld(mode).and(Number(2)).jz("compute_n");
    // Output-stationary: B from its first pixel on; the sums of columns behind the last pass.
    a.ld(b_base).st(b);
    a.ld(FLAGS)
        .and(Number(Compute::COLUMN_SUMS.into()))
        .jz("compute_n");
    a.ld(k2)
        .or(k1_left)
        .or(k0_left)
        .sub(Number(1))
        .jnz("compute_n");
    a.ld(mode)
        .or(Number(128))
        .st(mode)
        .ld(ALL_ONES)
        .sub(Number(3))
        .output(output::SECOND + 2);

    a.label("compute_n");
    a.ld(image).and(Number(63)).output(output::FIRST);
    a.ld(sums)
        .output(output::SECOND)
        .ld(b)
        .output(output::THIRD);
    a.ld(pixels.counts[1]).sub(Number(1)).output(output::Y);
    a.ld(mode).output(output::GO);
    a.ld(image).add(pixels.steps[0][0]).st(image);
    a.ld(mode).and(Number(2)).jz("compute_sums");
    // The next image adds to these sums, with the B words behind these.
    a.ld(mode)
        .or(Number(32))
        .st(mode)
        .ld(b)
        .add(area)
        .st(b)
        .jump("compute_next");
    a.label("compute_sums").ld(sums).add(area).st(sums);
    a.label("compute_next")
        .ld(n_left)
        .sub(Number(1))
        .st(n_left)
        .jnz("compute_n");

    a.ld(mode).and(Number(2)).jnz("compute_blocks");
    a.ld(mode).or(Number(32)).st(mode).jump("compute_tap");
    // Output-stationary: the next pass has sums of its own.
    a.label("compute_blocks")
        .ld(pass_sums)
        .add(Number(4))
        .st(pass_sums);
    a.ld(FLAGS)
        .and(Number(Compute::ACCUMULATE.into()))
        .jnz("compute_tap");
    a.ld(mode).sub(Number(32)).st(mode);
    a.label("compute_tap");
    for (left, a_now, b_now, k, label) in [
        (k0_left, a0, b0, 2, "compute_k0"),
        (k1_left, a1, b1, 1, "compute_k1"),
    ] {
        a.ld(a_now)
            .add(a_k[k])
            .st(a_now)
            .ld(b_now)
            .add(b_k[k])
            .st(b_now);
        a.ld(left).sub(Number(1)).st(left).jnz(label);
    }
    a.ld(a2).add(a_k[0]).st(a2).ld(b2).add(b_k[0]).st(b2);
    a.ld(k2)
        .sub(Number(1))
        .st(k2)
        .jnz("compute_k2")
        .jump("done");
}
