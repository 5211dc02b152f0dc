//! Expressions whose plain printing would not mean in Verilog what they mean in Rust, shown equal by parity.
use crate::leaf::Dff;
use crate::parity::Parity;
use rust_hdl::prelude::*;

#[derive(LogicBlock)]
struct Traps {
    a: Signal<In, Bits<8>>,
    b: Signal<In, Bits<8>>,
    c: Signal<In, Bits<8>>,
    e: Signal<In, Bit>,
    at: Signal<In, Bits<3>>,
    sa: Signal<In, Signed<8>>,
    sb: Signal<In, Signed<8>>,
    wide: [Signal<Out, Bits<16>>; 8],
    byte: [Signal<Out, Bits<8>>; 8],
    flag: [Signal<Out, Bit>; 16],
    signed_z: [Signal<Out, Signed<8>>; 2],
    one: Constant<Bits<8>>,
    limit: Constant<Signed<8>>,
}

impl Default for Traps {
    fn default() -> Self {
        fn ports<T: Default, const N: usize>() -> [T; N] {
            std::array::from_fn(|_| T::default())
        }
        Self {
            a: Default::default(),
            b: Default::default(),
            c: Default::default(),
            e: Default::default(),
            at: Default::default(),
            sa: Default::default(),
            sb: Default::default(),
            wide: ports(),
            byte: ports(),
            flag: ports(),
            signed_z: ports(),
            one: Constant::new(1.into()),
            limit: Constant::new((-5).into()),
        }
    }
}

impl Logic for Traps {
    // The shapes are the point.
    #[allow(clippy::nonminimal_bool)]
    #[hdl_gen]
    fn update(&mut self) {
        self.wide[0].next = bit_cast::<16, 8>(self.a.val() + self.b.val());
        self.wide[1].next = bit_cast::<16, 8>(self.a.val() << 4);
        self.wide[2].next = bit_cast::<16, 8>(!self.a.val());
        self.wide[3].next =
            (bit_cast::<16, 8>(self.a.val()) << 5) + bit_cast::<16, 8>(self.b.val());
        self.wide[4].next = bit_cast::<16, 8>((self.wide[3].val() - 3).get_bits::<8>(4));
        self.wide[5].next = bit_cast::<16, 8>(self.a.val() - self.b.val()) + 1;
        self.wide[6].next = bit_cast::<16, 8>(self.a.val().replace_bit(3, self.e.val()));
        self.wide[7].next = bit_cast::<16, 8>(bit_cast::<8, 16>(self.wide[3].val()));
        self.byte[0].next = (self.a.val() + self.b.val() + 1) >> 1;
        self.byte[1].next = bit_cast::<8, 16>(self.wide[3].val() + 0x1ff) + self.c.val();
        self.byte[2].next = (self.a.val() + self.b.val()).get_bits::<8>(0) >> self.at.val();
        self.byte[3].next = !(self.a.val() ^ self.b.val()) >> 2;
        self.byte[4].next = self.a.val() | self.b.val() & self.c.val() ^ self.one.val();
        self.byte[5].next = bit_cast::<8, 1>((self.a.val() - self.b.val()).get_bits::<1>(7));
        self.byte[6].next = (self.a.val() << 3) + (self.b.val() << 5) - 7;
        self.byte[7].next = (self.a.val() >> 1) - bit_cast::<8, 3>(!self.at.val());
        self.flag[0].next = (self.a.val() + 1) == self.b.val();
        self.flag[1].next = (self.a.val() + bits::<8>(1)) == self.b.val();
        self.flag[2].next = !self.a.val() == 0xff;
        self.flag[3].next = self.a.val() & self.b.val() == self.c.val();
        self.flag[4].next = (self.a.val() - self.b.val()) < self.c.val();
        self.flag[5].next = !self.a.val().all() | (self.a.val() + self.b.val()).any();
        self.flag[6].next = self.a.val().get_bit(self.at.val().index());
        self.flag[7].next = self.sa.val() < 0.into();
        self.flag[8].next = self.sa.val() + self.sb.val() > self.limit.val();
        self.flag[9].next = self.sa.val() < self.sb.val();
        self.flag[10].next = (self.a.val() + 1).all();
        self.flag[11].next = !(self.e.val() & !self.a.val().any());
        self.flag[12].next = !self.e.val() == self.a.val().xor();
        self.flag[13].next = (self.a.val() << 1) == (self.b.val() << 1);
        self.flag[14].next = bit_cast::<16, 8>(self.a.val() + self.b.val()) == self.wide[0].val();
        self.flag[15].next = unsigned_cast(self.sa.val() - self.sb.val()) >= self.c.val();
        self.signed_z[0].next = self.sa.val() + 1.into();
        self.signed_z[1].next = -self.sa.val() - self.sb.val();
    }
}

#[test]
fn widths_precedence_and_signs_follow_rust() {
    Parity::new("traps")
        .cycles(5000)
        .check_combinational(&mut Traps::default(), |u, rng, _| {
            u.a.next = rng.corner();
            u.b.next = if rng.chance(30) {
                u.a.next + 1
            } else {
                rng.corner()
            };
            u.c.next = if rng.chance(30) {
                u.a.next & u.b.next
            } else {
                rng.corner()
            };
            u.e.next = rng.chance(50);
            u.at.next = rng.bits();
            u.sa.next = signed_cast(rng.corner());
            u.sb.next = signed_cast(rng.corner());
        })
        .unwrap();
}

#[derive(LogicBlock)]
struct Row<const L: usize> {
    clock: Signal<In, Clock>,
    a: [Signal<In, Bits<16>>; L],
    z: [Signal<Out, Bits<16>>; L],
    store: [Dff<Bits<16>>; L],
}

impl<const L: usize> Default for Row<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            a: std::array::from_fn(|_| Default::default()),
            z: std::array::from_fn(|_| Default::default()),
            store: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for Row<L> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..L {
            self.store[i].clock.next = self.clock.val();
            self.store[i].d.next = self.a[i].val();
            self.z[i].next = self.store[i].q.val();
        }
    }
}

/// Rows of lanes, chained: two indices in one path.
#[derive(LogicBlock)]
struct Grid<const L: usize> {
    clock: Signal<In, Clock>,
    a: [Signal<In, Bits<16>>; L],
    z: [Signal<Out, Bits<16>>; L],
    taps: [Signal<Out, Bits<16>>; 4],
    row: [Row<L>; 3],
}

impl<const L: usize> Default for Grid<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            a: std::array::from_fn(|_| Default::default()),
            z: std::array::from_fn(|_| Default::default()),
            taps: std::array::from_fn(|_| Default::default()),
            row: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize> Logic for Grid<L> {
    #[hdl_gen]
    fn update(&mut self) {
        for r in 0..3 {
            self.row[r].clock.next = self.clock.val();
        }
        for i in 0..L {
            self.row[0].a[i].next = self.a[i].val();
            self.z[i].next = self.row[2].z[i].val();
        }
        for r in 1..3 {
            for i in 0..L {
                self.row[r].a[i].next = self.row[r - 1].z[(i + r) % 4].val();
            }
        }
        for r in 0..2 {
            for i in 0..2 {
                self.taps[2 * r + i].next = self.row[r].z[i + 1].val();
            }
        }
    }
}

#[test]
fn two_indices_in_one_path() {
    Parity::new("grid")
        .cycles(200)
        .check(
            &mut Grid::<4>::default(),
            |u| &mut u.clock,
            |u, rng, _| u.a.iter_mut().for_each(|a| a.next = rng.bits()),
        )
        .unwrap();
}

#[test]
fn an_index_without_a_value_is_refused() {
    #[derive(LogicBlock)]
    struct Last<const L: usize> {
        a: [Signal<In, Bit>; L],
        z: Signal<Out, Bit>,
    }
    impl<const L: usize> Logic for Last<L> {
        #[hdl_gen]
        fn update(&mut self) {
            self.z.next = self.a[L - 1].val();
        }
    }
    let mut uut = Last::<2> {
        a: std::array::from_fn(|_| Default::default()),
        z: Default::default(),
    };
    uut.connect_all();
    let error = super::verilog(&uut, "last").unwrap_err();
    assert!(error.to_string().contains("`L-1`"), "{error}");
}
