//! The main loop: host, context, fetch; what a context may touch; how it stops.
use super::super::assembler::{
    Assembler,
    Operand::{At, Indexed, Number},
};
use super::super::ports::{input, output};
use super::data::{of_context::*, *};
use tandem_isa::ErrorCode;

/// From reset on; must stand first.
pub fn main(a: &mut Assembler) {
    // Contexts to 0; sites and watchdog keep what they have.
    a.ld(Number(63)).st(T);
    a.label("boot_context").tax().ld(Number(0)).st(context(0));
    a.ld(T).sub(Number(1)).st(T).jp("boot_context");
    a.ld(Number(0)).st(IRQ_STATUS).st(IRQ_ENABLE).st(AT_YIELD);
    a.ld(Number(1)).st(SCHEDULE).ld(Number(32)).st(ACTIVE);

    a.label("done")
        .label("main")
        .input(input::STATUS)
        .jp("pick")
        .call("serve");

    // The context at work goes on unless it stands at a yield and the teacher waits; else the teacher comes first.
    let (teacher, student) = (At(CONTEXT + STATE), At(CONTEXT + 32 + STATE));
    a.label("pick")
        .ldx(ACTIVE)
        .ld(context(STATE))
        .sub(Number(1))
        .jnz("pick_other");
    a.ld(AT_YIELD)
        .and(SCHEDULE)
        .jz("next")
        .ld(teacher)
        .sub(Number(1))
        .jnz("next");
    a.label("pick_other")
        .ld(teacher)
        .sub(Number(1))
        .jz("switch");
    a.ld(student).sub(Number(1)).jnz("main").ld(Number(32));
    a.label("switch").st(ACTIVE);
    next(a);
}

/// Fetches the next command of the context at work.
fn next(a: &mut Assembler) {
    a.label("next").ldx(ACTIVE).ld(Number(0)).st(AT_YIELD);
    a.ld(context(ISSUED)).sub(context(LENGTH));
    a.ld(context(ISSUED + 1))
        .sbc(context(LENGTH + 1))
        .jnc("fetch");
    a.ld(Number(0))
        .st(context(STATE))
        .ld(Number(1))
        .jump("interrupt");

    a.label("fetch")
        .ld(context(NEXT))
        .st(FROM)
        .st(HERE)
        .add(Number(64));
    a.st(context(NEXT)).st(TO);
    a.ld(context(NEXT + 1))
        .st(FROM.plus(1))
        .st(HERE.plus(1))
        .adc(Number(0));
    a.st(context(NEXT + 1)).st(TO.plus(1));
    a.ld(context(ISSUED)).add(Number(1)).st(context(ISSUED));
    a.ld(context(ISSUED + 1))
        .adc(Number(0))
        .st(context(ISSUED + 1));
    a.ld(Number(1)).st(PERMISSION);
    a.ld(Number(ErrorCode::FetchWindow as u16))
        .st(CODE_WORD)
        .call("granted");
    a.ld(HERE).st(ROW).ld(HERE.plus(1)).st(ROW.plus(1));
    a.ld(Number(ErrorCode::ReadResponse as u16))
        .st(CODE_WORD)
        .call("inside");
    a.ld(HERE).shr().output(output::ADDRESS).ld(Number(0)).st(T);
    a.label("fetch_word").ldx(T).input(input::LANE);
    a.st(Indexed(COMMAND));
    a.ld(T)
        .add(Number(1))
        .st(T)
        .sub(Number(32))
        .jnz("fetch_word");
    a.jump("decode");

    // The context at work stops with CODE and VALUE. Calls under way are forgotten: the stack is a ring.
    a.label("fault")
        .ldx(ACTIVE)
        .ld(Number(2))
        .st(context(STATE));
    a.ld(CODE_WORD).st(context(CODE));
    a.ld(HERE)
        .st(context(FAULT_COMMAND))
        .ld(HERE.plus(1))
        .st(context(FAULT_COMMAND + 1));
    a.ld(VALUE_WORD).st(context(VALUE));
    a.ld(VALUE_WORD.plus(1)).st(context(VALUE + 1));
    a.ld(Number(4));
    // Bit A for the teacher, the next one for the student.
    a.label("interrupt")
        .st(T)
        .ld(ACTIVE)
        .jz("interrupt_teacher");
    a.ld(T).add(T).st(T);
    a.label("interrupt_teacher")
        .ld(T)
        .or(IRQ_STATUS)
        .st(IRQ_STATUS)
        .jump("main");
}

/// `granted`: every burst of FROM to TO lies in a window of the context at work with PERMISSION, or CODE. `inside`: the
/// memory reaches to TO, or CODE at ROW.
pub fn grant(a: &mut Assembler) {
    // A burst ends at TO, after 512 bytes, or at a multiple of 4096.
    a.label("granted").ld(FROM).and(Number(511)).st(T);
    a.ld(FROM).add(BURST_BYTES).st(BURST);
    a.ld(FROM.plus(1)).adc(Number(0)).st(BURST.plus(1));
    // Beyond the page if the sum reached its next multiple: bits 11:9 are 0 and some below are not.
    a.ld(BURST).swap().and(Number(14)).jnz("granted_end");
    a.ld(T).jz("granted_end");
    a.ld(BURST)
        .sub(T)
        .st(BURST)
        .ld(BURST.plus(1))
        .sbc(Number(0))
        .st(BURST.plus(1));
    a.label("granted_end")
        .ld(TO)
        .sub(BURST)
        .ld(TO.plus(1))
        .sbc(BURST.plus(1));
    a.jc("granted_windows");
    a.ld(TO).st(BURST).ld(TO.plus(1)).st(BURST.plus(1));

    a.label("granted_windows").ld(ACTIVE).or(Number(16)).st(T);
    a.label("granted_window")
        .ldx(T)
        .ld(context(0))
        .and(PERMISSION)
        .jz("granted_next");
    a.ld(context(0)).and(ALIGNED).st(U);
    a.ld(FROM)
        .sub(U)
        .ld(FROM.plus(1))
        .sbc(context(1))
        .jnc("granted_next");
    a.ld(context(2))
        .sub(BURST)
        .ld(context(3))
        .sbc(BURST.plus(1))
        .jnc("granted_next");
    a.ld(BURST).st(FROM).ld(BURST.plus(1)).st(FROM.plus(1));
    a.ld(FROM)
        .xor(TO)
        .jnz("granted")
        .ld(FROM.plus(1))
        .xor(TO.plus(1))
        .jnz("granted");
    a.ret();
    a.label("granted_next").ld(T).add(Number(4)).st(T);
    a.and(Number(15)).jnz("granted_window");
    a.ld(FROM)
        .st(VALUE_WORD)
        .ld(FROM.plus(1))
        .st(VALUE_WORD.plus(1))
        .jump("fault");

    a.label("inside")
        .ld(TO.plus(1))
        .jnz("outside")
        .ld(SIZE)
        .sub(TO)
        .jnc("outside")
        .ret();
    a.label("outside")
        .ld(ROW)
        .st(VALUE_WORD)
        .ld(ROW.plus(1))
        .st(VALUE_WORD.plus(1));
    a.jump("fault");
}
