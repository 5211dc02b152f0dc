//! The host's register accesses, one a call.
use super::super::assembler::{
    Assembler,
    Operand::{At, Indexed, Number},
};
use super::super::ports::{input, output};
use super::data::{of_context::*, *};

/// `serve` answers the access that waits. What is written answers 0.
pub fn serve(a: &mut Assembler) {
    a.label("serve")
        .input(input::REQUEST)
        .st(REQUEST)
        .and(Number(255))
        .st(LOW);
    a.ld(Number(0)).st(R).st(R.plus(1)).st(CHOSEN);
    a.ld(REQUEST).swap().and(Number(127)).jz("global");
    a.sub(Number(1)).jz("context").sub(Number(1)).jz("student");
    a.sub(Number(3)).jz("site");
    a.label("answer").ld(R).output(output::ANSWER_LOW);
    a.ld(R.plus(1)).output(output::ANSWER).ret();
    global(a);
    context_block(a);
    site(a);
}

fn global(a: &mut Assembler) {
    a.label("global").ld(REQUEST).jn("global_write");
    a.ld(LOW).sub(Number(40)).jc("answer").call("status");
    a.ld(LOW).shr().or(Number(GLOBAL.into())).tax();
    a.label("answer_words")
        .ld(Indexed(0))
        .st(R)
        .ld(Indexed(1))
        .st(R.plus(1))
        .jump("answer");

    a.label("global_write").ld(LOW);
    a.sub(Number(16))
        .jz("reset")
        .sub(Number(8))
        .jz("interrupts");
    a.sub(Number(4)).jz("enable").sub(Number(4)).jz("watchdog");
    a.sub(Number(4)).jnz("answer");
    a.input(input::DATA_LOW)
        .and(Number(1))
        .st(SCHEDULE)
        .jump("answer");
    a.label("interrupts")
        .input(input::DATA_LOW)
        .and(IRQ_STATUS)
        .xor(IRQ_STATUS);
    a.st(IRQ_STATUS).jump("answer");
    a.label("enable")
        .input(input::DATA_LOW)
        .and(Number(15))
        .st(IRQ_ENABLE)
        .jump("answer");
    a.label("watchdog").input(input::DATA_LOW).st(WATCHDOG);
    a.input(input::DATA_HIGH)
        .st(WATCHDOG.plus(1))
        .jump("answer");
    a.label("reset")
        .input(input::DATA_LOW)
        .and(Number(1))
        .jz("answer");
    a.call("reset_context").st(IRQ_STATUS);
    a.ld(Number(32))
        .st(CHOSEN)
        .call("reset_context")
        .jump("answer");

    // The chosen context idle, without errors; X points to it, A is 0.
    a.label("reset_context")
        .ld(CHOSEN)
        .sub(ACTIVE)
        .jnz("reset_other")
        .st(AT_YIELD);
    a.label("reset_other").ldx(CHOSEN).ld(Number(0));
    (STATE..=VALUE + 1).for_each(|word| {
        a.st(context(word));
    });
    a.ret();
    // STATUS: bit 0 a context runs, bit 1 which one is at work.
    a.label("status")
        .ld(ACTIVE)
        .shr()
        .shr()
        .shr()
        .shr()
        .st(STATUS);
    for c in [0, 32] {
        a.ld(At(CONTEXT + c + STATE))
            .sub(Number(1))
            .jz("status_runs");
    }
    a.ret();
    a.label("status_runs")
        .ld(STATUS)
        .or(Number(1))
        .st(STATUS)
        .ret();
}

fn context_block(a: &mut Assembler) {
    a.label("student").ld(Number(32)).st(CHOSEN);
    // While it runs nothing is written.
    a.label("context").ld(REQUEST).jp("context_open");
    a.ldx(CHOSEN).ld(context(STATE)).sub(Number(1)).jz("answer");
    a.label("context_open")
        .ld(LOW)
        .sub(Number(32))
        .jnc("context_low");
    a.sub(Number(32)).jnc("answer").sub(Number(64)).jc("answer");
    // A window's register.
    a.ld(LOW)
        .shr()
        .shr()
        .and(Number(12))
        .or(Number(16))
        .or(CHOSEN)
        .tax();
    a.ld(LOW).shr().shr().and(Number(3)).jz("base");
    a.sub(Number(1)).jz("end").sub(Number(1)).jnz("answer");
    a.ld(REQUEST).jn("permissions_write");
    a.ld(context(0)).and(Number(3)).st(R).jump("answer");
    a.label("permissions_write")
        .input(input::DATA_LOW)
        .and(Number(3))
        .st(T);
    a.ld(context(0))
        .and(ALIGNED)
        .or(T)
        .st(context(0))
        .jump("answer");
    a.label("base")
        .ld(REQUEST)
        .jn("base_write")
        .ld(context(0))
        .and(ALIGNED)
        .st(R);
    a.ld(context(1)).st(R.plus(1)).jump("answer");
    a.label("base_write").ld(context(0)).and(Number(3)).st(T);
    a.input(input::DATA_LOW).and(ALIGNED).or(T).st(context(0));
    a.input(input::DATA_HIGH).st(context(1)).jump("answer");
    a.label("end").ld(REQUEST).jn("end_write");
    a.ld(context(2))
        .st(R)
        .ld(context(3))
        .st(R.plus(1))
        .jump("answer");
    a.label("end_write")
        .input(input::DATA_LOW)
        .and(ALIGNED)
        .st(context(2));
    a.input(input::DATA_HIGH).st(context(3)).jump("answer");

    a.label("context_low").ld(LOW).sub(Number(8)).jz("doorbell");
    a.ld(LOW).shr().or(Number(CONTEXT.into())).or(CHOSEN).tax();
    a.ld(REQUEST)
        .jp("answer_words")
        .ld(LOW)
        .sub(Number(8))
        .jc("answer");
    a.input(input::DATA_HIGH)
        .st(Indexed(1))
        .input(input::DATA_LOW)
        .st(Indexed(0));
    a.ld(LOW).jnz("answer");
    a.ld(Indexed(0))
        .and(Number(63))
        .xor(Indexed(0))
        .st(Indexed(0))
        .jump("answer");
    a.label("doorbell").ld(REQUEST).jp("answer");
    a.input(input::DATA_LOW).and(Number(1)).jz("answer");
    a.call("reset_context").ld(Number(1)).st(context(STATE));
    a.ld(context(PROGRAM)).st(context(NEXT));
    a.ld(context(PROGRAM + 1))
        .st(context(NEXT + 1))
        .jump("answer");
}

fn site(a: &mut Assembler) {
    a.label("site").ld(LOW).jz("site_index");
    a.sub(Number(20))
        .jc("answer")
        .ld(SITE)
        .sub(Number(16))
        .jc("answer");
    a.ld(SITE)
        .call("site_place")
        .ld(LOW)
        .sub(Number(4))
        .shr()
        .add(PLACE);
    a.output(output::ADDRESS).ld(REQUEST).jn("site_write");
    a.input(input::LANE)
        .st(R)
        .input(input::LANE)
        .st(R.plus(1))
        .jump("answer");
    a.label("site_write")
        .call("status")
        .ld(STATUS)
        .and(Number(1))
        .jnz("answer");
    a.ld(LOW)
        .sub(Number(16))
        .jc("answer")
        .ld(LOW)
        .sub(Number(4))
        .jz("site_state");
    a.ld(Number(0))
        .output(output::STORE)
        .output(output::STORE)
        .jump("answer");
    a.label("site_state")
        .input(input::DATA_LOW)
        .and(STATE_BITS)
        .output(output::STORE);
    a.input(input::DATA_HIGH)
        .and(Number(255))
        .output(output::STORE)
        .jump("answer");
    a.label("site_index").ld(REQUEST).jn("site_index_write");
    a.ld(SITE).st(R).jump("answer");
    a.label("site_index_write")
        .input(input::DATA_LOW)
        .and(Number(255))
        .st(SITE)
        .jump("answer");
    // PLACE of site A.
    a.label("site_place").st(T).add(T).st(T).add(T).st(T).add(T);
    a.add(SITES).st(PLACE).ret();
}
