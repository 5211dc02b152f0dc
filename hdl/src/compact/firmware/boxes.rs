//! Load and Store: loops over the rows of a box, each a copy by the stream.
use super::super::assembler::{
    Assembler, Operand,
    Operand::{Indexed, Number},
};
use super::super::ports::{input, output};
use super::data::*;
use tandem_isa::ErrorCode;

/// dst := src, 32 bits.
fn copy32(a: &mut Assembler, to: Operand, from: Operand) {
    a.ld(from).st(to).ld(from.plus(1)).st(to.plus(1));
}

/// to := to + by, 32 bits.
fn add32(a: &mut Assembler, to: Operand, by: Operand) {
    a.ld(to)
        .add(by)
        .st(to)
        .ld(to.plus(1))
        .adc(by.plus(1))
        .st(to.plus(1));
}

/// `load` and `store`.
pub fn boxes(a: &mut Assembler) {
    load(a);

    // Bytes of a row of A words at ROW: granted by PERMISSION or CODE, and inside the memory or the code after the next.
    a.label("row_fits")
        .output(output::MULTIPLICAND)
        .ld(Number(8))
        .output(output::MULTIPLIER);
    a.input(input::PRODUCT_LOW).add(ROW).st(TO);
    a.input(input::PRODUCT_HIGH).adc(ROW.plus(1)).st(TO.plus(1));
    copy32(a, FROM, ROW);
    a.call("granted").ld(CODE_WORD).add(Number(3)).st(CODE_WORD);
    a.ld(ROW).and(Number(7)).jnz("outside").call("inside");
    a.ld(CODE_WORD).sub(Number(3)).st(CODE_WORD).ret();
}

const _: () = {
    assert!(ErrorCode::ReadWindow as u16 + 3 == ErrorCode::ReadResponse as u16);
    assert!(ErrorCode::WriteWindow as u16 + 3 == ErrorCode::WriteResponse as u16);
};

fn load(a: &mut Assembler) {
    let (address, n, m, rows, width) = (field(8), field(10), field(11), field(12), field(13));
    let (n_stride, m_stride, row_stride) = (field(14), field(16), field(18));
    // A store is a load without zeros the other way round: its fields to the places of the load's.
    a.label("store").ld(Number(19));
    a.label("store_field").sub(Number(2)).st(T).tax();
    a.ld(Indexed(COMMAND))
        .st(U)
        .ld(T)
        .add(Number(2))
        .tax()
        .ld(U)
        .st(Indexed(COMMAND));
    a.ld(T)
        .add(Number(1))
        .st(T)
        .sub(Number(7))
        .jz("store_fields");
    a.ld(T).jump("store_field");
    a.label("store_fields")
        .ld(field(5))
        .st(field(7))
        .ld(Number(0));
    a.st(field(4))
        .st(field(5))
        .st(field(6))
        .ld(Number(192))
        .st(PAD);
    a.ld(Number(2)).st(PERMISSION).ld(Number(4)).st(DIRECTION);
    a.ld(Number(ErrorCode::WriteWindow as u16))
        .st(CODE_WORD)
        .jump("box");

    a.label("load")
        .ld(field(4))
        .and(Number(3))
        .swap()
        .shr()
        .shr()
        .st(PAD); // bits 7:6
    a.ld(Number(1)).st(PERMISSION).ld(Number(8)).st(DIRECTION);
    a.ld(Number(ErrorCode::ReadWindow as u16)).st(CODE_WORD);
    a.label("box")
        .ld(Number(1))
        .output(output::FIRST + 1)
        .output(output::SECOND + 1);
    a.ld(field(7)).st(PLACE_IN_PAD);
    a.ld(field(5)).swap().and(Number(255)).add(width).st(ACROSS);
    a.ld(field(6)).and(Number(255)).add(ACROSS).st(ACROSS);
    copy32(a, OUTER, address);
    a.label("box_n").ld(m).st(M_LEFT);
    copy32(a, MIDDLE, OUTER);
    a.label("box_m");
    copy32(a, ROW, MIDDLE);
    a.ld(field(4)).swap().call("zero_rows");
    a.ld(rows).st(ROWS_LEFT).jz("box_bottom");
    a.label("box_row")
        .ld(field(5))
        .swap()
        .and(Number(255))
        .call("zeros");
    a.ld(width).call("row_fits");
    // The row's first word and the pad's, first and second or the other way round.
    a.ld(ROW)
        .shr()
        .shr()
        .shr()
        .output(output::FIRST)
        .output(output::SECOND);
    a.ld(DIRECTION).sub(Number(8)).jz("box_load");
    a.call("pad_word").output(output::FIRST).jump("box_copy");
    a.label("box_load").call("pad_word").output(output::SECOND);
    a.label("box_copy")
        .ld(width)
        .st(COUNT)
        .st(RUN)
        .ld(DIRECTION)
        .call("box_run");
    a.ld(field(6)).and(Number(255)).call("zeros");
    add32(a, ROW, row_stride);
    a.ld(ROWS_LEFT).sub(Number(1)).st(ROWS_LEFT).jnz("box_row");
    a.label("box_bottom").ld(field(5)).call("zero_rows");
    add32(a, MIDDLE, m_stride);
    a.ld(M_LEFT).sub(Number(1)).st(M_LEFT).jnz("box_m");
    add32(a, OUTER, n_stride);
    a.ld(n).sub(Number(1)).st(n).jnz("box_n").jump("done");

    a.label("pad_word")
        .ld(PLACE_IN_PAD)
        .and(Number(63))
        .or(PAD)
        .ret();
    // RUN steps in mode A; the pad's place goes on by COUNT.
    a.label("box_run")
        .st(T)
        .ld(RUN)
        .sub(Number(1))
        .output(output::X);
    a.ld(Number(0)).output(output::Y).ld(T).output(output::GO);
    a.ld(PLACE_IN_PAD).add(COUNT).st(PLACE_IN_PAD).ret();
    // A rows (bits 7:0) of ACROSS zeros.
    a.label("zero_rows")
        .and(Number(255))
        .jz("zero_done")
        .st(LEFT);
    a.label("zero_row").ld(ACROSS).call("zeros");
    a.ld(LEFT).sub(Number(1)).st(LEFT).jnz("zero_row");
    a.label("zero_done").ret();
    // A zeros, of which no more are written than the pad has words.
    a.label("zeros")
        .jz("zero_done")
        .st(COUNT)
        .st(RUN)
        .sub(Number(64))
        .jnc("zeros_few");
    a.ld(Number(64)).st(RUN);
    a.label("zeros_few").call("pad_word").output(output::SECOND);
    a.ld(Number(8 | 16)).jump("box_run");
}
