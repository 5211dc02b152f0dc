//! The harness itself: what must pass passes, what rust-hdl gets wrong is caught.
use super::*;

#[derive(LogicBlock)]
struct Lanes<const L: usize> {
    clock: Signal<In, Clock>,
    wide: Signal<In, Bits<80>>,
    a: [Signal<In, Bits<16>>; L],
    z: [Signal<Out, Signed<16>>; L],
    wide_z: Signal<Out, Bits<80>>,
    store: [crate::leaf::Dff<Bits<16>>; L],
}

impl<const L: usize> Default for Lanes<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            wide: Default::default(),
            a: std::array::from_fn(|_| Default::default()),
            z: std::array::from_fn(|_| Default::default()),
            wide_z: Default::default(),
            store: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for Lanes<L> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..L {
            self.store[i].clock.next = self.clock.val();
            self.store[i].d.next = self.a[i].val();
            self.z[i].next = signed_cast(self.store[i].q.val());
        }
        self.wide_z.next = !self.wide.val();
    }
}

#[test]
fn arrays_wide_and_signed_ports_agree() {
    let mut lanes = Lanes::<4>::default();
    Parity::new("lanes")
        .cycles(200)
        .check(
            &mut lanes,
            |u| &mut u.clock,
            |u, rng, _| {
                u.wide.next = rng.corner();
                for a in &mut u.a {
                    a.next = rng.corner();
                }
            },
        )
        .unwrap();
}

/// Its Verilog subtracts where its Rust adds.
#[derive(LogicBlock, Default)]
struct Wrong {
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    z: Signal<Out, Bits<8>>,
}

impl Logic for Wrong {
    fn update(&mut self) {
        self.z.next = self.a.val() + self.b.val();
    }
    fn connect(&mut self) {
        self.z.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom("always @(*) z = a - b;\n".into())
    }
}

#[test]
fn a_difference_is_caught_and_named() {
    let error = Parity::new("wrong")
        .cycles(50)
        .seed(7)
        .check_combinational(&mut Wrong::default(), |u, rng, _| {
            u.a.next = rng.bits();
            u.b.next = rng.bits();
        })
        .unwrap_err();
    assert!(
        matches!(&error, ParityError::Differs(d) if d.port == "z" && d.seed == 7),
        "{error}"
    );
}

/// `z` keeps its value where nothing is assigned.
#[derive(LogicBlock, Default)]
struct Latched {
    a: Signal<In, Bit>,
    z: Signal<Out, Bit>,
}

impl Logic for Latched {
    #[hdl_gen]
    fn update(&mut self) {
        if self.a.val() {
            self.z.next = true;
        }
    }
}

#[test]
fn a_latch_is_refused() {
    let error = Parity::new("latched")
        .check_combinational(&mut Latched::default(), |_, _, _| {})
        .unwrap_err();
    assert!(error.to_string().contains("LATCH"), "{error}");
}
