//! Update: SGD of one element after another (numerics.md), with the serial multiplier and the scrambler.
use super::super::assembler::{
    Assembler, Operand,
    Operand::{Indexed, Number},
};
use super::super::ports::{input, output};
use super::data::*;

/// `update`.
pub fn update(a: &mut Assembler) {
    let (w_base, v_base, d_base, w_out, v_out) =
        (field(6), field(7), field(8), field(9), field(10));
    let (z, y, x, mu, rate, decay) = (
        field(11),
        field(12),
        field(13),
        field(14),
        field(15),
        field(16),
    );
    let (i_x, index) = (field(17), field(22)); // between them the keys, at 18 and 20
    let (i_z, i_y, i_lane) = (field(24), field(26), field(27));
    let (place, shift, y_left, x_left, lane) = (own(0), own(5), own(6), own(7), own(8));
    let (row, word, element) = (own(9), own(11), own(13));
    // x in 48 bits; w, v, d of the element.
    let (sum, w, v, random) = (own(15), own(18), own(19), own(20));

    a.label("update");
    // Left shift of d·rate: f_w + 20 - f_d - lr_shift.
    a.ld(field(5)).swap().and(Number(255)).call("extend").st(U);
    a.ld(field(4))
        .swap()
        .and(Number(255))
        .call("extend")
        .add(U)
        .st(U);
    a.ld(field(4))
        .and(Number(255))
        .call("site_format")
        .add(U)
        .st(U);
    a.ld(field(5))
        .and(Number(255))
        .call("extend")
        .add(Number(20))
        .sub(U)
        .st(shift);
    a.sub(Number(16))
        .jn("update_right")
        .ld(Number(15))
        .st(shift);
    a.label("update_right")
        .ld(shift)
        .add(Number(47))
        .jp("update_places");
    a.ld(Number(0)).sub(Number(47)).st(shift);
    a.label("update_places").ld(Number(0)).st(place);
    a.label("update_z").ld(y).st(y_left);
    copy(a, row, index);
    a.label("update_y").ld(x).st(x_left);
    copy(a, word, row);
    a.label("update_x").ld(Number(4)).st(lane);
    copy(a, element, word);
    a.label("update_lane").call("update_element");
    add(a, element, i_lane);
    a.ld(place).add(Number(1)).st(place);
    a.ld(lane).sub(Number(1)).st(lane).jnz("update_lane");
    add16(a, word, i_x);
    a.ld(x_left).sub(Number(1)).st(x_left).jnz("update_x");
    add16(a, row, i_y);
    a.ld(y_left).sub(Number(1)).st(y_left).jnz("update_y");
    add(a, index, i_z);
    a.ld(z).sub(Number(1)).st(z).jnz("update_z").jump("done");

    // The element: first t = d·rate, shifted, negated.
    a.label("update_element");
    fetch(a, d_base);
    a.output(output::MULTIPLICAND).ld(rate).call("multiply");
    a.ld(shift)
        .jz("update_shifted")
        .jn("update_shift_right")
        .st(T);
    a.label("update_shift_left");
    a.ld(sum).add(sum).st(sum);
    for i in 1..3 {
        a.ld(sum.plus(i)).adc(sum.plus(i)).st(sum.plus(i));
    }
    a.ld(T)
        .sub(Number(1))
        .st(T)
        .jnz("update_shift_left")
        .jump("update_shifted");
    a.label("update_shift_right").st(T);
    a.label("update_shift_one")
        .ld(sum.plus(2))
        .sar()
        .st(sum.plus(2));
    a.ld(sum.plus(1))
        .ror()
        .st(sum.plus(1))
        .ld(sum)
        .ror()
        .st(sum);
    a.ld(T).add(Number(1)).st(T).jnz("update_shift_one");
    // x = v·mu − t − w·decay.
    a.label("update_shifted");
    fetch(a, w_base);
    a.st(w)
        .output(output::MULTIPLICAND)
        .ld(decay)
        .output(output::MULTIPLIER);
    accumulate(a, sum);
    fetch(a, v_base);
    a.st(v)
        .output(output::MULTIPLICAND)
        .ld(mu)
        .output(output::MULTIPLIER);
    // sum := product − sum.
    a.input(input::PRODUCT_LOW).sub(sum).st(sum);
    a.input(input::PRODUCT_HIGH)
        .sbc(sum.plus(1))
        .st(sum.plus(1));
    a.input(input::PRODUCT_HIGH)
        .call("sign")
        .sbc(sum.plus(2))
        .st(sum.plus(2));
    // v' = (x + r1) >> 16 within ±32767.
    a.ldx(Number(18)).call("update_hash");
    a.add(sum)
        .ld(sum.plus(1))
        .adc(Number(0))
        .st(v)
        .ld(sum.plus(2))
        .adc(Number(0))
        .st(U);
    a.call("limit").st(v);
    // w' = w + ((v'·2^12 + r2) >> 16): the four lost bits on top of a word.
    a.ldx(Number(20)).call("update_hash");
    a.st(random).ld(v).st(T);
    a.ld(Number(0)).st(U);
    for _ in 0..4 {
        a.ld(T).sar().st(T).ld(U).ror().st(U);
    }
    a.ld(U).add(random).ld(T).adc(Number(0)).st(T);
    a.call("sign").st(U).ld(v).st(random).ld(T).add(w).st(v);
    a.ld(w).call("sign").adc(U).st(U).call("limit").st(v);
    a.ld(w_out).call("update_store").ld(random).st(v).ld(v_out);
    a.label("update_store")
        .call("update_place")
        .add(LANES_O)
        .output(output::ADDRESS);
    a.ld(v).output(output::STORE).ret();

    // A := the random word of the element with the key X points to.
    a.label("update_hash")
        .ld(element)
        .xor(Indexed(COMMAND))
        .output(output::HASH_LOW);
    a.ld(element.plus(1))
        .xor(Indexed(COMMAND + 1))
        .output(output::HASH_HIGH);
    a.ld(Number(0)).input(input::RANDOM).ret();
    a.label("update_fetch")
        .call("update_place")
        .add(LANES_V)
        .output(output::ADDRESS);
    a.ld(Number(0)).input(input::LANE).ret();
    // The lane under way of a tensor from word A on, in a pad of 256 lanes.
    a.label("update_place")
        .st(T)
        .add(T)
        .st(T)
        .add(T)
        .add(place)
        .and(Number(255))
        .ret();
    // sum := A times the multiplicand, 48 bits.
    a.label("multiply").output(output::MULTIPLIER);
    a.input(input::PRODUCT_LOW)
        .st(sum)
        .input(input::PRODUCT_HIGH)
        .st(sum.plus(1));
    a.call("sign").st(sum.plus(2)).ret();
    // A := 0 or all ones, by its sign; carry stays.
    a.label("sign").jn("sign_negative").ld(Number(0)).ret();
    a.label("sign_negative").ld(Number(0)).xor(ALL_ONES).ret();
    // A := U:v within ±32767. U holds what is above v.
    a.label("limit")
        .ld(U)
        .jn("limit_negative")
        .jnz("limit_high")
        .ld(v)
        .jn("limit_high")
        .ret();
    a.label("limit_high").ld(ALL_ONES).shr().ret();
    a.label("limit_negative")
        .xor(ALL_ONES)
        .jnz("limit_low")
        .ld(v)
        .jp("limit_low");
    a.number(0x8000).xor(v).jz("limit_low").ld(v).ret();
    a.label("limit_low").number(0x8001).ret();
}

fn copy(a: &mut Assembler, to: Operand, from: Operand) {
    a.ld(from).st(to).ld(from.plus(1)).st(to.plus(1));
}

fn add(a: &mut Assembler, to: Operand, by: Operand) {
    a.ld(to)
        .add(by)
        .st(to)
        .ld(to.plus(1))
        .adc(by.plus(1))
        .st(to.plus(1));
}

fn add16(a: &mut Assembler, to: Operand, by: Operand) {
    a.ld(to)
        .add(by)
        .st(to)
        .ld(to.plus(1))
        .adc(Number(0))
        .st(to.plus(1));
}

/// A := the lane of pad V at `place`.
fn fetch(a: &mut Assembler, place: Operand) {
    a.ld(place).call("update_fetch");
}

/// sum := sum + product.
fn accumulate(a: &mut Assembler, sum: Operand) {
    a.input(input::PRODUCT_HIGH).call("sign").st(U);
    a.input(input::PRODUCT_LOW).add(sum).st(sum);
    a.input(input::PRODUCT_HIGH)
        .adc(sum.plus(1))
        .st(sum.plus(1));
    a.ld(U).adc(sum.plus(2)).st(sum.plus(2));
}
