//! Checks of a command, made from the tables of isa: opcode, flags, header, then field by field, as its decoder does it.
use super::super::assembler::{
    Assembler,
    Operand::{Indexed, Number},
};
use super::data::*;
use tandem_isa::command::{Compute, Load, Requant, Store, Update, Yield};
use tandem_isa::command::{Field, Format};
use tandem_isa::ErrorCode;

/// `decode`: checks the command and goes to its label.
pub fn check(a: &mut Assembler) {
    a.label("decode")
        .ld(field(0))
        .swap()
        .and(Number(255))
        .st(FLAGS);
    a.ld(field(0)).and(Number(255)).st(OPCODE);
    // Requant without POOL and SKIP, Update without ELASTIC, which this engine leaves to others.
    let left_out = Requant::POOL | Requant::SKIP;
    let kinds = [
        (&Load::FORMAT, 0, "load"),
        (&Compute::FORMAT, 0, "compute"),
        (&Requant::FORMAT, left_out, "requant"),
        (&Update::FORMAT, Update::ELASTIC, "update"),
        (&Store::FORMAT, 0, "store"),
        (&Yield::FORMAT, 0, "yield"),
    ];
    let mut before = 0;
    for (format, _, label) in kinds {
        a.sub(Number((format.opcode - before).into()))
            .jz(&format!("check_{label}"));
        before = format.opcode;
    }
    a.ld(Number(ErrorCode::BadOpcode as u16)).st(CODE_WORD);
    a.ld(OPCODE).jump("bad_byte_value");

    for (format, without, label) in kinds {
        a.label(&format!("check_{label}"));
        let illegal = !(format.flag_mask() & !without);
        a.ld(FLAGS).and(Number(illegal.into())).call("check_header");
        fields(a, format);
        // Pads that are not there are refused last.
        if label == "load" {
            a.ld(Number(3)).st(U).ld(Number(8)).call("check_byte");
        }
        if label == "store" {
            a.ld(Number(1)).st(U).ld(Number(8)).call("check_byte");
        }
        a.jump(label);
    }
    a.label("yield").ld(Number(1)).st(AT_YIELD).jump("main");

    // A: illegal flag bits that are set. Then wait and signal.
    a.label("check_header").jnz("bad_flags");
    a.ld(Number(ErrorCode::BadField as u16)).st(CODE_WORD);
    a.ld(field(1)).and(UNIT_BITS).jnz("bad_units").ret();
    a.label("bad_units").st(T).and(Number(255)).jnz("bad_wait");
    a.ld(Number(3))
        .st(OFFSET)
        .ld(field(1))
        .swap()
        .jump("bad_small");
    a.label("bad_wait").ld(Number(2)).st(OFFSET).ld(field(1));
    a.label("bad_small")
        .and(Number(255))
        .st(VALUE_WORD)
        .jump("bad_word");
    a.label("bad_flags")
        .ld(Number(ErrorCode::BadFlags as u16))
        .st(CODE_WORD)
        .ld(FLAGS);
    a.label("bad_byte_value")
        .st(VALUE_WORD)
        .ld(Number(0))
        .st(VALUE_WORD.plus(1))
        .jump("fault");

    // Each: A is the byte offset of a field, afterwards that of the next one.
    a.label("check_base")
        .call("field_value")
        .jn("bad_word")
        .jump("check_next");
    a.label("check_count").call("field_value").jz("bad_word");
    a.swap().and(Number(240)).jnz("bad_word").jump("check_next");
    a.label("check_nonzero").call("field_value").jz("bad_word");
    a.label("check_next").ld(OFFSET).add(Number(2)).ret();
    // A byte below U, which is left in A.
    a.label("check_byte")
        .st(OFFSET)
        .shr()
        .tax()
        .ld(Indexed(COMMAND))
        .jnc("check_even")
        .swap();
    a.label("check_even")
        .and(Number(255))
        .st(VALUE_WORD)
        .sub(U)
        .jc("bad_word");
    a.ld(VALUE_WORD).ret();
    // Beats of 8 bytes: what is between them cannot be read.
    a.label("check_address")
        .call("field_value")
        .and(Number(7))
        .jnz("bad_address")
        .ret();
    a.label("bad_address")
        .ld(Indexed(COMMAND + 1))
        .and(Number(255))
        .jump("bad_field");
    a.label("field_value").st(OFFSET).shr().tax();
    a.ld(Indexed(COMMAND)).st(VALUE_WORD).ret();
    a.label("bad_word").ld(Number(0));
    // A: bits 23:16 of the value.
    a.label("bad_field")
        .st(T)
        .ld(OFFSET)
        .swap()
        .or(T)
        .st(VALUE_WORD.plus(1))
        .jump("fault");
}

fn fields(a: &mut Assembler, format: &Format) {
    // The offset that A holds.
    let mut held = 0;
    let mut word = |a: &mut Assembler, offset: u16, check: &str| {
        if held != offset {
            a.ld(Number(offset));
        }
        a.call(check);
        held = offset + 2;
    };
    for f in format.fields {
        let offset = f.offset as u16;
        match (f.name, f.bits) {
            // Beats of 8 bytes: what is between them cannot be read.
            ("address", _) => {
                a.ld(Number(offset)).call("check_address");
            }
            ("terms", _) => terms(a, f),
            ("rows" | "width", _) if format.name == "Load" || format.name == "Store" => {
                word(a, offset, "check_base");
                if f.min == 1 {
                    word(a, offset, "check_nonzero");
                }
            }
            (_, 16) if f.max == 32767 && !f.signed => {
                word(a, offset, "check_base");
            }
            (_, 16) if f.max == 4095 => {
                word(a, offset, "check_count");
            }
            (_, 16) if f.min == 1 => {
                word(a, offset, "check_nonzero");
            }
            (name, 8) if f.is_checked() || name == "groups" => byte(a, format, f),
            _ => {}
        }
    }
}

/// One byte, and the limits of this engine where they are narrower: pads Z and G and further row groups are not there.
fn byte(a: &mut Assembler, format: &Format, f: &Field) {
    let max = match (format.name, f.name) {
        (_, "groups") => 1,
        _ => f.max as u16,
    };
    a.ld(Number(max + 1))
        .st(U)
        .ld(Number(f.offset as u16))
        .call("check_byte");
    if f.min > 0 {
        a.jz("bad_word");
    }
}

/// 1 to 131080: of more, the code says so and the value is all of it.
fn terms(a: &mut Assembler, f: &Field) {
    let low = field((f.offset / 2) as u8);
    let high = low.plus(1);
    let (fine, many, few) = (a.fresh(), a.fresh(), a.fresh());
    let limit = f.max as u32;
    a.ld(high).jnz(&many);
    a.ld(low).jnz(&fine);
    a.ld(Number(f.offset as u16))
        .st(OFFSET)
        .ld(Number(0))
        .st(VALUE_WORD)
        .jump("bad_word");
    a.label(&many)
        .sub(Number((limit >> 16) as u16))
        .jnc(&fine)
        .jnz(&few);
    a.ld(low).sub(Number(limit as u16 + 1)).jnc(&fine);
    a.label(&few)
        .ld(Number(ErrorCode::TooManyTerms as u16))
        .st(CODE_WORD);
    a.ld(low)
        .st(VALUE_WORD)
        .ld(high)
        .st(VALUE_WORD.plus(1))
        .jump("fault");
    a.label(&fine);
}
