//! What the emitter merges, names and refuses.
use super::*;
use crate::leaf::{Dff, Fifo, Reg};

#[derive(LogicBlock, Default)]
struct Delay {
    clock: Signal<In, Clock>,
    a: Signal<In, Bits<8>>,
    z: Signal<Out, Bits<8>>,
    stage: [Dff<Bits<8>>; 4],
}

impl Logic for Delay {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..4 {
            self.stage[i].clock.next = self.clock.val();
        }
        self.stage[0].d.next = self.a.val();
        for i in 1..4 {
            self.stage[i].d.next = self.stage[i - 1].q.val();
        }
        self.z.next = self.stage[3].q.val();
    }
}

#[derive(LogicBlock, Default)]
struct Pair {
    clock: Signal<In, Clock>,
    a: Signal<In, Bits<8>>,
    z: Signal<Out, Bits<8>>,
    near: Delay,
    far: Delay,
}

impl Logic for Pair {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, near, far);
        self.near.a.next = self.a.val();
        self.far.a.next = self.near.z.val();
        self.z.next = self.far.z.val();
    }
}

fn modules(text: &str) -> usize {
    text.lines().filter(|l| l.starts_with("module ")).count()
}

#[test]
fn equal_registers_become_one_module() {
    let mut uut = Delay::default();
    uut.connect_all();
    let text = verilog(&uut, "delay").unwrap();
    assert_eq!(modules(&text), 2, "{text}");
    assert_eq!(text.matches("delay_dff8 stage$").count(), 4, "{text}");
    assert!(!text.contains("top"), "{text}");
}

#[test]
fn parents_of_merged_children_merge_too() {
    let mut uut = Pair::default();
    uut.connect_all();
    let text = verilog(&uut, "pair").unwrap();
    assert_eq!(modules(&text), 3, "{text}");
}

#[test]
fn different_reset_values_stay_apart() {
    #[derive(LogicBlock)]
    struct Two {
        clock: Signal<In, Clock>,
        reset: Signal<In, Bit>,
        z: Signal<Out, Bits<4>>,
        a: Reg<Bits<4>>,
        b: Reg<Bits<4>>,
    }
    impl Logic for Two {
        #[hdl_gen]
        fn update(&mut self) {
            dff_setup!(self, clock, a, b);
            self.a.reset.next = self.reset.val();
            self.b.reset.next = self.reset.val();
            self.z.next = self.a.q.val() ^ self.b.q.val();
        }
    }
    use rust_hdl::widgets::dff_setup;
    let mut uut = Two {
        clock: Default::default(),
        reset: Default::default(),
        z: Default::default(),
        a: Reg::new(3.into()),
        b: Reg::new(5.into()),
    };
    uut.connect_all();
    assert_eq!(modules(&verilog(&uut, "two").unwrap()), 3);
}

#[test]
fn emission_is_deterministic() {
    let emit = || {
        let mut uut = Fifo::<Bits<16>, 3>::default();
        uut.connect_all();
        verilog(&uut, "fifo").unwrap()
    };
    assert_eq!(emit(), emit());
}

#[test]
fn open_signals_are_named() {
    let uut = Delay::default();
    let error = verilog(&uut, "delay").unwrap_err().to_string();
    assert!(error.contains("uut$stage$0.d"), "{error}");
}

#[test]
fn keywords_and_bad_names_are_refused() {
    #[derive(LogicBlock, Default)]
    struct Bad {
        a: Signal<In, Bit>,
        tri: Signal<Out, Bit>,
    }
    impl Logic for Bad {
        #[hdl_gen]
        fn update(&mut self) {
            self.tri.next = self.a.val();
        }
    }
    let mut uut = Bad::default();
    uut.connect_all();
    assert!(matches!(
        verilog(&uut, "bad"),
        Err(EmitError::Keyword { name, .. }) if name == "tri"
    ));
    assert!(matches!(verilog(&uut, "2bad"), Err(EmitError::TopName(_))));
    // So is a block's name.
    #[derive(LogicBlock, Default)]
    struct Worse {
        clock: Signal<In, Clock>,
        a: Signal<In, Bit>,
        b: Signal<Out, Bit>,
        within: Dff<Bit>,
    }
    impl Logic for Worse {
        #[hdl_gen]
        fn update(&mut self) {
            self.within.clock.next = self.clock.val();
            self.within.d.next = self.a.val();
            self.b.next = self.within.q.val();
        }
    }
    let mut uut = Worse::default();
    uut.connect_all();
    assert!(matches!(
        verilog(&uut, "worse"),
        Err(EmitError::Keyword { name, .. }) if name == "within"
    ));
}
