//! Requant: a lane after another through the finisher, and the site's exponent.
use super::super::assembler::{
    Assembler, Operand,
    Operand::{Indexed, Number},
};
use super::super::ports::{input, output};
use super::data::*;
use super::product::Pixels;
use tandem_isa::command::Requant;
use tandem_isa::numerics::{Width, BIAS_F, HYSTERESIS};
use tandem_isa::ErrorCode;

/// Clipped, underflows and OR mask of the site, 32 bits each, the last half first: as a loop down brings them from memory.
const COUNTS: u8 = 56;
const MASK: [Operand; 2] = [own(25), own(24)];

/// `requant`.
pub fn finish(a: &mut Assembler) {
    let (src_base, out_base, v_base, bias_base) = (field(7), field(8), field(10), field(11));
    let pixels = Pixels {
        counts: [field(12), field(13), field(14)],
        steps: vec![
            [field(15), field(16), field(17)],
            [field(18), field(19), field(20)],
        ],
    };
    let wide = field(22);
    let (f_acc, f_bias, mode, lane, n_left) = (own(0), own(1), own(2), own(3), own(4));
    let (source, out, masks, bias, power) = (own(5), own(6), own(7), own(8), own(23));
    // The site: its state {E, count, valid}, counters and OR mask, as in memory.
    let (e, count, valid) = (own(10), own(11), own(12));
    let (clipped, underflow, mask) = ([own(29), own(28)], [own(27), own(26)], MASK);
    let (shift, site) = (own(19), own(20));
    let flag = |a: &mut Assembler, flag: u8| {
        a.ld(FLAGS).and(Number(flag.into()));
    };

    // A: F of site A; 255 and sites that are not there add nothing.
    a.label("site_format")
        .st(T)
        .sub(Number(16))
        .jc("site_none")
        .ld(T)
        .call("site_place");
    a.add(Number(1))
        .output(output::ADDRESS)
        .ld(Number(0))
        .input(input::LANE);
    a.label("extend").xor(Number(128)).sub(Number(128)).ret(); // a byte's sign
    a.label("site_none").ld(Number(0)).ret();

    a.label("requant")
        .ld(field(5))
        .swap()
        .and(Number(255))
        .call("extend")
        .st(f_acc);
    a.ld(field(4))
        .swap()
        .and(Number(255))
        .call("site_format")
        .add(f_acc)
        .st(f_acc);
    a.ld(field(5))
        .and(Number(255))
        .call("site_format")
        .add(f_acc)
        .st(f_acc);
    flag(a, Requant::BIAS);
    a.jz("requant_site")
        .ld(f_acc)
        .sub(Number(BIAS_F as u16))
        .st(f_bias)
        .jn("requant_site");
    let limit = Width::SMALL.max_align() as u16;
    a.sub(Number(limit + 1)).jn("requant_site");
    a.ld(f_bias)
        .st(VALUE_WORD)
        .ld(Number(0))
        .st(VALUE_WORD.plus(1));
    a.ld(Number(ErrorCode::BadAlign as u16))
        .st(CODE_WORD)
        .jump("fault");

    a.label("requant_site")
        .ld(field(4))
        .and(Number(255))
        .st(site)
        .sub(Number(16))
        .jc("done");
    a.ld(site)
        .call("site_place")
        .output(output::ADDRESS)
        .ld(Number(0));
    a.input(input::LANE)
        .st(U)
        .and(Number(255))
        .call("extend")
        .st(e);
    a.ld(U)
        .swap()
        .st(U)
        .and(Number(15))
        .st(count)
        .ld(U)
        .and(Number(16))
        .st(valid);
    // s = f_acc + E - (bits - 1), from 0 to 31; F = f_acc - s.
    a.ld(wide)
        .and(Number(1))
        .jz("requant_narrow")
        .ld(Number(8))
        .label("requant_narrow");
    a.add(Number(7))
        .st(T)
        .ld(f_acc)
        .add(e)
        .sub(T)
        .st(shift)
        .jp("requant_right");
    a.ld(Number(0)).st(shift);
    a.label("requant_right")
        .ld(shift)
        .sub(Number(32))
        .jn("requant_shift");
    a.ld(Number(31)).st(shift);
    a.label("requant_shift")
        .ld(shift)
        .output(output::SHIFT)
        .output(output::CLEAR);
    a.ld(PLACE).add(Number(1)).output(output::ADDRESS);
    a.ld(f_acc)
        .sub(shift)
        .and(Number(255))
        .output(output::STORE);
    // Counters and mask as they are: six lanes from the second on.
    a.ld(PLACE)
        .add(Number(2))
        .output(output::ADDRESS)
        .ld(Number(0));
    a.ld(Number(5)).label("requant_fetch").st(T).tax();
    a.input(input::LANE)
        .st(Indexed(COUNTS))
        .ld(T)
        .sub(Number(1))
        .jp("requant_fetch");

    pixels.flatten(a);
    pixels.walk(a, 0, output::FIRST);
    pixels.walk(a, 1, output::SECOND);
    // Counters have 16 bits for a run.
    a.ld(pixels.counts[1])
        .output(output::MULTIPLICAND)
        .ld(pixels.counts[2])
        .call("times");
    a.input(input::PRODUCT_HIGH).jz("requant_mode");
    a.ld(Number(26))
        .st(OFFSET)
        .ld(pixels.counts[1])
        .st(VALUE_WORD);
    a.ld(Number(ErrorCode::BadField as u16))
        .st(CODE_WORD)
        .jump("bad_word");
    a.label("requant_mode");
    // Finish, results in a pad, mask in pad V; ReLU, mask and width are bits 8, 9 and 10.
    const _: () = assert!(Requant::RELU == 1 && Requant::MASK == 2);
    a.ld(wide).and(Number(1)).st(T).add(T).st(T).add(T).st(T);
    a.ld(FLAGS)
        .and(Number(3))
        .or(T)
        .or(Number(8))
        .swap()
        .or(Number(3 | 8))
        .st(mode);
    flag(a, Requant::FROM_V);
    a.jz("requant_lanes")
        .number(1 << 12 | 1 << 2)
        .or(mode)
        .st(mode);

    a.label("requant_lanes").ld(Number(0)).st(lane);
    a.label("requant_lane").call("requant_bias");
    a.ld(lane).output(output::ADDRESS); // which lane is finished
    a.ld(src_base)
        .st(source)
        .ld(out_base)
        .st(out)
        .ld(v_base)
        .st(masks);
    a.ld(pixels.counts[0]).st(n_left);
    a.label("requant_n");
    flag(a, Requant::FROM_V);
    a.jz("requant_sums")
        .ld(source)
        .and(Number(63))
        .or(Number(128))
        .jump("requant_first");
    a.label("requant_sums").ld(source);
    a.label("requant_first").output(output::FIRST);
    a.ld(out)
        .and(Number(63))
        .or(Number(192))
        .output(output::SECOND);
    a.ld(masks).output(output::THIRD);
    a.ld(pixels.counts[1]).sub(Number(1)).output(output::Y);
    a.ld(mode).output(output::GO);
    a.ld(source).add(pixels.steps[0][0]).st(source);
    a.ld(out).add(pixels.steps[1][0]).st(out);
    a.ld(masks).add(pixels.steps[1][0]).st(masks);
    for (port, [low, high]) in [(input::CLIPPED, clipped), (input::UNDERFLOW, underflow)] {
        a.input(port)
            .add(low)
            .st(low)
            .ld(high)
            .adc(Number(0))
            .st(high);
    }
    a.input(input::MASK_LOW).or(mask[0]).st(mask[0]);
    a.input(input::MASK_HIGH).or(mask[1]).st(mask[1]);
    a.output(output::CLEAR);
    a.ld(n_left).sub(Number(1)).st(n_left).jnz("requant_n");
    a.ld(lane)
        .add(Number(1))
        .st(lane)
        .sub(Number(4))
        .jnz("requant_lane");

    exponent(a);
    a.label("requant_store")
        .ld(site)
        .call("site_place")
        .add(Number(2))
        .output(output::ADDRESS);
    a.ld(Number(5)).label("requant_put").st(T).tax();
    a.ld(Indexed(COUNTS))
        .output(output::STORE)
        .ld(T)
        .sub(Number(1))
        .jp("requant_put");
    a.jump("done");

    // The bias of the lane on the accumulator's scale to the finisher: shifted left by f_bias, or right with rounding.
    a.label("requant_bias")
        .ld(Number(0))
        .st(bias)
        .st(bias.plus(1));
    flag(a, Requant::BIAS);
    a.jz("requant_give");
    a.ld(bias_base)
        .and(Number(63))
        .st(T)
        .add(T)
        .st(T)
        .add(T)
        .add(lane)
        .add(LANES_V);
    // Right by k: times 2^(16-k), rounded, the upper half. Nothing is left from 16 on.
    a.output(output::ADDRESS).ld(f_bias).jp("requant_power");
    a.add(Number(16)).jn("requant_give").jz("requant_give");
    a.label("requant_power")
        .st(T)
        .input(input::LANE)
        .output(output::MULTIPLICAND);
    a.ld(Number(1)).st(power);
    a.label("power_more")
        .ld(T)
        .jz("power_done")
        .sub(Number(1))
        .st(T);
    a.ld(power).add(power).st(power).jump("power_more");
    a.label("power_done").ld(power).output(output::MULTIPLIER);
    a.input(input::PRODUCT_LOW)
        .st(bias)
        .st(T)
        .ld(f_bias)
        .jn("requant_right_half");
    a.input(input::PRODUCT_HIGH).jump("requant_high");
    a.label("requant_right_half")
        .ld(T)
        .add(T)
        .input(input::PRODUCT_HIGH)
        .adc(Number(0));
    a.st(bias).jp("requant_give").ld(ALL_ONES);
    a.label("requant_high").st(bias.plus(1));
    a.label("requant_give").ld(bias).output(output::BIAS_LOW);
    a.ld(bias.plus(1)).output(output::BIAS_HIGH).ret();
}

/// The end of the tensor: E from the OR mask, as `Exponent::finish`.
fn exponent(a: &mut Assembler) {
    let (f_acc, e, count, valid, site) = (own(0), own(10), own(11), own(12), own(20));
    let mask = MASK;
    let (bits, new) = (own(21), own(22));
    a.ld(FLAGS)
        .and(Number(Requant::END.into()))
        .jz("requant_store");
    a.ld(FLAGS)
        .and(Number(Requant::FREEZE.into()))
        .jnz("exponent_done");
    a.ld(mask[0]).or(mask[1]).jz("requant_store");
    a.ld(Number(0)).st(bits);
    a.label("exponent_bits").ld(bits).add(Number(1)).st(bits);
    a.ld(mask[1])
        .shr()
        .st(mask[1])
        .ld(mask[0])
        .ror()
        .st(mask[0]);
    a.or(mask[1]).jnz("exponent_bits");
    // e within s8.
    a.ld(bits)
        .sub(f_acc)
        .st(new)
        .sub(Number(128))
        .jn("exponent_low");
    a.ld(Number(127)).st(new);
    a.label("exponent_low")
        .ld(new)
        .add(Number(128))
        .jp("exponent_compare");
    a.ld(Number(0)).sub(Number(128)).st(new);
    a.label("exponent_compare").ld(valid).jz("exponent_up");
    a.ld(e).sub(new).jz("exponent_same").jn("exponent_up");
    a.ld(count)
        .add(Number(1))
        .st(count)
        .sub(Number(HYSTERESIS.into()))
        .jnz("exponent_save");
    a.ld(e).sub(Number(1)).st(e);
    a.label("exponent_same")
        .ld(Number(0))
        .st(count)
        .jump("exponent_save");
    a.label("exponent_up")
        .ld(new)
        .st(e)
        .ld(Number(0))
        .st(count)
        .ld(Number(16))
        .st(valid);
    a.label("exponent_save")
        .ld(site)
        .call("site_place")
        .output(output::ADDRESS);
    a.ld(count)
        .or(valid)
        .swap()
        .st(T)
        .ld(e)
        .and(Number(255))
        .or(T)
        .output(output::STORE);
    a.label("exponent_done")
        .ld(Number(0))
        .st(mask[0])
        .st(mask[1]);
}
