//! Loop and walk together: every pixel once, each at its address, in both orders.
use super::*;
use crate::parity::Parity;
use crate::vector::PixelLoop;

#[derive(LogicBlock, Default)]
struct Bench {
    clock: Signal<In, Clock>,
    start: Signal<In, Bit>,
    advance: Signal<In, Bit>,
    windows: Signal<In, Bit>,
    pixels: Signal<In, Bit>,
    dense: Signal<In, Bit>,
    size: [Signal<In, Bits<16>>; 3],
    stride: [Signal<In, Bits<16>>; 3],
    base: Signal<In, Bits<16>>,
    address: Signal<Out, Bits<16>>,
    place: Signal<Out, Bits<2>>,
    full: Signal<Out, Bit>,
    last: Signal<Out, Bit>,
    count: PixelLoop,
    walk: AddressWalk,
}

impl Logic for Bench {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, count, walk);
        self.count.start.next = self.start.val();
        self.count.advance.next = self.advance.val();
        self.count.windows.next = self.windows.val();
        self.count.n.next = self.size[0].val();
        self.count.y.next = self.size[1].val();
        self.count.x.next = self.size[2].val();
        self.walk.start.next = self.start.val();
        self.walk.advance.next = self.advance.val();
        self.walk.pixels.next = self.pixels.val();
        self.walk.dense.next = self.dense.val();
        self.walk.base.next = self.base.val();
        self.walk.s_n.next = self.stride[0].val();
        self.walk.s_y.next = self.stride[1].val();
        self.walk.s_x.next = self.stride[2].val();
        self.walk.steps.next = self.count.steps.val();
        self.address.next = self.walk.address.val();
        self.place.next = self.count.steps.val().get_bits::<2>(0);
        self.full.next = self.count.full.val();
        self.last.next = self.count.last.val();
    }
}

type Step = (u16, u64, bool);

/// Address, place and fullness of every pixel, in order.
fn golden(size: [u16; 3], stride: [u16; 3], base: u16, windows: bool, pixels: bool) -> Vec<Step> {
    let at = |n: u16, y: u16, x: u16| {
        [n, y, x]
            .iter()
            .zip(stride)
            .fold(base, |a, (i, s)| a.wrapping_add(i.wrapping_mul(s)))
    };
    let [n, y, x] = size;
    let mut list = vec![];
    let step = if windows { 2 } else { 1 };
    for n in 0..n {
        for y0 in (0..y).step_by(step) {
            for x0 in (0..x).step_by(step) {
                let full = windows && y0 + 1 < y && x0 + 1 < x;
                for y1 in y0..(y0 + step as u16).min(y) {
                    for x1 in x0..(x0 + step as u16).min(x) {
                        let place = u64::from((y1 - y0) * 2 + x1 - x0);
                        let address = if windows && !pixels {
                            at(n, y0 / 2, x0 / 2)
                        } else {
                            at(n, y1, x1)
                        };
                        list.push((address, place, full));
                    }
                }
            }
        }
    }
    list
}

#[test]
fn every_pixel_once_at_its_address() {
    let mut expected: Vec<Step> = vec![];
    let mut at = 0;
    let mut runs = 0;
    Parity::new("address_walk")
        .cycles(6000)
        .check(
            &mut Bench::default(),
            |u| &mut u.clock,
            |u, rng, _| {
                if u.start.val() {
                    at = 0;
                } else if u.advance.val() {
                    at += 1;
                }
                u.start.next = false;
                u.advance.next = false;
                if at >= expected.len() {
                    let size = std::array::from_fn(|_| 1 + rng.below(6) as u16);
                    let mut stride = std::array::from_fn(|_| rng.word() as u16);
                    let base = rng.word() as u16;
                    let windows = rng.chance(60);
                    let pixels = windows && rng.chance(60);
                    let dense = pixels && rng.chance(50);
                    if dense {
                        stride = [size[1] * size[2], size[2], 1];
                    }
                    expected = golden(size, stride, base, windows, pixels);
                    u.start.next = true;
                    u.windows.next = windows;
                    u.pixels.next = pixels;
                    u.dense.next = dense;
                    u.base.next = Bits::from(u64::from(base));
                    for i in 0..3 {
                        u.size[i].next = Bits::from(u64::from(size[i]));
                        u.stride[i].next = Bits::from(u64::from(stride[i]));
                    }
                    if dense {
                        u.stride[0].next = rng.bits();
                    }
                    at = 0;
                    runs += 1;
                    return;
                }
                let found = (
                    u.address.val().to_u64() as u16,
                    u.place.val().to_u64(),
                    u.full.val(),
                );
                assert_eq!(found, expected[at], "pixel {at} of {}", expected.len());
                assert_eq!(u.last.val(), at + 1 == expected.len());
                u.advance.next = rng.chance(80);
            },
        )
        .unwrap();
    assert!(runs > 30, "{runs}");
}
