//! The host's register accesses, one a call.
use super::super::assembler::{Assembler, Operand::{At, Indexed, Number}};
use super::super::ports::{input, output};
use super::data::{of_context::*, *};

/// `serve` answers the access that waits.
pub fn serve(a: &mut Assembler) {
    a.label("serve").input(input::REQUEST).st(REQUEST);
    a.swap().and(Number(127)).st(PAGE);
    a.ld(REQUEST).and(Number(255)).st(LOW);
    a.ld(Number(0)).st(R).st(R.plus(1));
    a.ld(REQUEST).jn("serve_write");
    a.ld(PAGE).jz("read_global");
    a.sub(Number(1)).jz("read_teacher").sub(Number(1)).jz("read_student");
    a.sub(Number(3)).jz("read_site");
    a.label("answer").ld(R).output(output::ANSWER_LOW);
    a.ld(R.plus(1)).output(output::ANSWER).ret();

    a.label("read_teacher").ld(Number(0)).jump("read_context");
    a.label("read_student").ld(Number(32));
    a.label("read_context").st(CHOSEN);
    a.ld(LOW).sub(Number(32)).jc("read_window");
    a.ld(LOW).sub(Number(8)).jz("answer"); // the doorbell
    a.ld(LOW).shr().or(CHOSEN).tax();
    a.ld(context(0)).st(R).ld(context(1)).st(R.plus(1)).jump("answer");

    a.label("read_window").ld(LOW).sub(Number(64)).jnc("answer");
    a.sub(Number(64)).jc("answer").call("window");
    a.jz("read_base").sub(Number(1)).jz("read_end");
    a.sub(Number(1)).jnz("answer");
    a.ld(context(0)).and(Number(3)).st(R).jump("answer");
    a.label("read_base").ld(context(0)).and(ALIGNED).st(R);
    a.ld(context(1)).st(R.plus(1)).jump("answer");
    a.label("read_end").ld(context(2)).st(R).ld(context(3)).st(R.plus(1));
    a.jump("answer");

    // X: the window of offset LOW; A: which of its registers.
    a.label("window").ld(LOW).shr().shr().and(Number(12)).or(Number(16));
    a.or(CHOSEN).tax().ld(LOW).shr().shr().and(Number(3)).ret();

    a.label("read_global").ld(LOW).sub(Number(40)).jc("answer");
    a.call("status").ld(LOW).shr().or(Number(GLOBAL.into())).tax();
    a.ld(Indexed(0)).st(R);
    a.ld(Indexed(1)).st(R.plus(1)).jump("answer");

    // STATUS: bit 0 a context runs, bit 1 which one is at work.
    a.label("status").ld(ACTIVE).shr().shr().shr().shr().st(STATUS);
    for c in [0, 32] {
        a.ld(At(CONTEXT + c + STATE));
        a.sub(Number(1)).jz("status_runs");
    }
    a.ret();
    a.label("status_runs").ld(STATUS).or(Number(1)).st(STATUS).ret();

    a.label("read_site").ld(LOW).jnz("read_site_state");
    a.ld(SITE).st(R).jump("answer");
    a.label("read_site_state").sub(Number(20)).jc("answer");
    a.ld(SITE).sub(Number(16)).jc("answer").call("site_of_host");
    a.ld(Number(0)).input(input::LANE).st(R);
    a.input(input::LANE).st(R.plus(1)).jump("answer");

    // The place in memory of what LOW names of SITE.
    a.label("site_of_host").ld(SITE).call("site_place");
    a.ld(LOW).sub(Number(4)).shr().add(PLACE).output(output::ADDRESS).ret();
    // PLACE of site A.
    a.label("site_place").st(T).add(T).st(T).add(T).st(T).add(T);
    a.add(SITES).st(PLACE).ret();

    write(a);
}

fn write(a: &mut Assembler) {
    a.label("serve_write");
    a.input(input::DATA_LOW).st(R).input(input::DATA_HIGH).st(R.plus(1));
    a.ld(PAGE).jz("write_global");
    a.sub(Number(1)).jz("write_teacher").sub(Number(1)).jz("write_student");
    a.sub(Number(3)).jz("write_site");
    a.label("written").ld(Number(0)).output(output::ANSWER_LOW);
    a.output(output::ANSWER).ret();

    a.label("write_global").ld(LOW);
    a.sub(Number(16)).jz("write_reset").sub(Number(8)).jz("write_status");
    a.sub(Number(4)).jz("write_enable").sub(Number(4)).jz("write_watchdog");
    a.sub(Number(4)).jnz("written");
    a.ld(R).and(Number(1)).st(SCHEDULE).jump("written");
    a.label("write_status").ld(IRQ_STATUS).and(R).xor(IRQ_STATUS);
    a.st(IRQ_STATUS).jump("written");
    a.label("write_enable").ld(R).and(Number(15)).st(IRQ_ENABLE).jump("written");
    a.label("write_watchdog").ld(R).st(WATCHDOG);
    a.ld(R.plus(1)).st(WATCHDOG.plus(1)).jump("written");
    a.label("write_reset").ld(R).and(Number(1)).jz("written");
    a.ld(Number(0)).st(CHOSEN).st(IRQ_STATUS).call("reset_context");
    a.ld(Number(32)).st(CHOSEN).call("reset_context").jump("written");

    // The chosen context idle, without errors; X points to it.
    a.label("reset_context").ldx(CHOSEN).ld(Number(0));
    (STATE..=VALUE + 1).for_each(|word| {
        a.st(context(word));
    });
    a.ld(CHOSEN).sub(ACTIVE).jnz("reset_other").st(AT_YIELD);
    a.label("reset_other").ret();

    a.label("write_teacher").ld(Number(0)).jump("write_context");
    a.label("write_student").ld(Number(32));
    a.label("write_context").st(CHOSEN).ldx(CHOSEN);
    a.ld(context(STATE)).sub(Number(1)).jz("written"); // locked while it runs
    a.ld(LOW).jz("write_program").sub(Number(4)).jz("write_length");
    a.sub(Number(4)).jz("write_doorbell");
    a.ld(LOW).sub(Number(64)).jnc("written").sub(Number(64)).jc("written");
    a.call("window").jz("write_base").sub(Number(1)).jz("write_end");
    a.sub(Number(1)).jnz("written");
    a.ld(R).and(Number(3)).st(T).ld(context(0)).and(ALIGNED).or(T);
    a.st(context(0)).jump("written");
    a.label("write_base").ld(context(0)).and(Number(3)).st(T);
    a.ld(R).and(ALIGNED).or(T).st(context(0));
    a.ld(R.plus(1)).st(context(1)).jump("written");
    a.label("write_end").ld(R).and(ALIGNED).st(context(2));
    a.ld(R.plus(1)).st(context(3)).jump("written");
    a.label("write_program").ld(R).and(Number(63)).st(T).ld(R).sub(T);
    a.st(context(PROGRAM)).ld(R.plus(1)).st(context(PROGRAM + 1)).jump("written");
    a.label("write_length").ld(R).st(context(LENGTH));
    a.ld(R.plus(1)).st(context(LENGTH + 1)).jump("written");
    a.label("write_doorbell").ld(R).and(Number(1)).jz("written");
    a.call("reset_context").ld(Number(1)).st(context(STATE));
    a.ld(context(PROGRAM)).st(context(NEXT));
    a.ld(context(PROGRAM + 1)).st(context(NEXT + 1)).jump("written");

    a.label("write_site").ld(LOW).jz("write_site_index");
    a.call("status").ld(STATUS).and(Number(1)).jnz("written");
    a.ld(SITE).sub(Number(16)).jc("written");
    a.ld(LOW).sub(Number(16)).jc("written").call("site_of_host");
    a.ld(LOW).sub(Number(4)).jz("write_site_state");
    a.ld(Number(0)).output(output::STORE).output(output::STORE).jump("written");
    a.label("write_site_state").ld(R).and(STATE_BITS).output(output::STORE);
    a.ld(R.plus(1)).and(Number(255)).output(output::STORE).jump("written");
    a.label("write_site_index").ld(R).and(Number(255)).st(SITE).jump("written");
}
