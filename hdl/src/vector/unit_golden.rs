//! The vector unit in plain Rust, for tests: the text of the commands, nothing else.
use super::site_golden::GoldenSites;
use super::{PoolLane, RequantLane, UpdateLane};
use tandem_isa::command::{Command, Requant, Unpool, Update};
use tandem_isa::numerics::{align, route4, Pull, SgdParams, BIAS_F};

/// Memories and sites; addresses wrap at the memories' depth.
pub(crate) struct Golden<const L: usize> {
    pub v: Vec<[i16; L]>,
    pub acc: Vec<[i64; L]>,
    pub o: Vec<[i16; L]>,
    pub sites: GoldenSites,
    /// Has elastic updates.
    elastic: bool,
}

fn offset(i: [u16; 3], strides: [i16; 3]) -> u16 {
    i.iter().zip(strides).fold(0, |a, (i, s)| {
        a.wrapping_add((*i as i32 * i32::from(s)) as u16)
    })
}

impl<const L: usize> Golden<L> {
    pub fn new(depth: usize, elastic: bool) -> Self {
        Self {
            v: vec![[0; L]; depth],
            acc: vec![[0; L]; depth],
            o: vec![[0; L]; depth],
            sites: GoldenSites::new(),
            elastic,
        }
    }

    fn v(&self, address: u16) -> [i16; L] {
        self.v[usize::from(address) % self.v.len()]
    }

    fn write(&mut self, address: u16, word: [i16; L]) {
        let depth = self.o.len();
        self.o[usize::from(address) % depth] = word;
    }

    /// Runs a command; the shift that cannot be done otherwise.
    pub fn run(&mut self, command: &Command) -> Result<(), i32> {
        match command {
            Command::Requant(c) => self.requant(c),
            Command::Unpool(c) => {
                self.unpool(c);
                Ok(())
            }
            Command::Update(c) => {
                self.update(c);
                Ok(())
            }
            other => panic!("{other:?} is not for the vector unit"),
        }
    }

    fn requant(&mut self, c: &Requant) -> Result<(), i32> {
        let has = |flag: u8| c.flags & flag != 0;
        let formats = self
            .sites
            .lookup(c.site, [c.site_a, c.site_b, c.skip_site], c.f, c.skip_f);
        if let Some(shift) = formats.bad(has(Requant::BIAS), has(Requant::SKIP)) {
            return Err(shift);
        }
        self.sites.0[usize::from(c.site)].f = formats.f_out as i8;
        let aligned = |q: i16, f: i32| align(q.into(), f, formats.f_acc).unwrap();
        let bias = self.v(c.bias_base);
        let (strides, out) = ([c.src_n, c.src_y, c.src_x], [c.out_n, c.out_y, c.out_x]);
        let mut found = (0, 0u32, 0u32);
        let mut pixel = |golden: &Self, at: [u16; 3]| -> [i16; L] {
            let source = c.src_base.wrapping_add(offset(at, strides));
            let masks = golden.v(c.v_base.wrapping_add(offset(at, out)));
            let skips = golden.v(c.skip_base.wrapping_add(offset(at, out)));
            std::array::from_fn(|l| {
                let source = if has(Requant::FROM_V) {
                    golden.v(source)[l].into()
                } else {
                    golden.acc[usize::from(source) % golden.acc.len()][l]
                };
                let bias = if has(Requant::BIAS) {
                    aligned(bias[l], BIAS_F)
                } else {
                    0
                };
                let skip = if has(Requant::SKIP) {
                    aligned(skips[l], formats.f_acc - formats.skip_left)
                } else {
                    0
                };
                let mask = has(Requant::MASK).then_some(masks[l]);
                let (t, q, clipped, underflow) =
                    RequantLane::golden(source, bias, skip, has(Requant::RELU), mask, formats.s);
                found.0 |= tandem_isa::numerics::or_mask(t);
                found.1 += u32::from(clipped);
                found.2 += u32::from(underflow);
                q
            })
        };
        if has(Requant::POOL) {
            for n in 0..c.n {
                for y in (0..c.y).step_by(2) {
                    for x in (0..c.x).step_by(2) {
                        let places = [[n, y, x], [n, y, x + 1], [n, y + 1, x], [n, y + 1, x + 1]];
                        let window: Vec<[i16; L]> = places
                            .into_iter()
                            .filter(|p| p[1] < c.y && p[2] < c.x)
                            .map(|p| pixel(self, p))
                            .collect();
                        let Ok(window) = <[[i16; L]; 4]>::try_from(window) else {
                            continue;
                        };
                        let best: [(i16, u8); L] = std::array::from_fn(|l| {
                            PoolLane::golden(std::array::from_fn(|i| window[i][l]))
                        });
                        let at = offset([n, y / 2, x / 2], out);
                        self.write(c.out_base.wrapping_add(at), best.map(|b| b.0));
                        self.write(c.index_base.wrapping_add(at), best.map(|b| b.1.into()));
                    }
                }
            }
        } else {
            for n in 0..c.n {
                for y in 0..c.y {
                    for x in 0..c.x {
                        let word = pixel(self, [n, y, x]);
                        self.write(c.out_base.wrapping_add(offset([n, y, x], out)), word);
                    }
                }
            }
        }
        let (end, freeze) = (has(Requant::END), has(Requant::FREEZE));
        self.sites.commit(c.site, formats.f_acc, found, end, freeze);
        Ok(())
    }

    fn unpool(&mut self, c: &Unpool) {
        let (y2, x2) = (c.y / 2, c.x / 2);
        let mut at = c.out_base;
        for n in 0..c.n {
            for y in 0..c.y {
                for x in 0..c.x {
                    let pooled = (n * y2 + y / 2) * x2 + x / 2;
                    let g = self.v(c.g_base.wrapping_add(pooled));
                    let index = self.v(c.index_base.wrapping_add(pooled));
                    let place = usize::from(2 * (y % 2) + x % 2);
                    let word = std::array::from_fn(|l| {
                        if y / 2 < y2 && x / 2 < x2 {
                            route4(g[l], index[l] as u8)[place]
                        } else {
                            0
                        }
                    });
                    self.write(at, word);
                    at = at.wrapping_add(1);
                }
            }
        }
    }

    fn update(&mut self, c: &Update) {
        let settings = SgdParams {
            mu: c.mu,
            lr_mantissa: c.lr_mantissa,
            lr_shift: c.lr_shift,
            lw: c.decay,
            f_w: c.f_w.into(),
            f_d: i32::from(c.f) + self.sites.f(c.site_d),
        };
        let mut word = 0u16;
        for z in 0..u32::from(c.z) {
            for y in 0..u32::from(c.y) {
                for x in 0..u32::from(c.x) {
                    let first = [(z, c.i_z), (y, c.i_y.into()), (x, c.i_x.into())]
                        .iter()
                        .fold(c.index, |a, (i, s)| a.wrapping_add(i.wrapping_mul(*s)));
                    let [w, v, d] =
                        [c.w_base, c.v_base, c.d_base].map(|base| self.v(base.wrapping_add(word)));
                    let [old, importance] =
                        [c.old_base, c.importance_base].map(|base| self.v(base.wrapping_add(word)));
                    let new: [(i16, i16); L] = std::array::from_fn(|l| {
                        let index = first.wrapping_add((l as u32).wrapping_mul(c.i_lane));
                        let (element, keys) = ((w[l], v[l], d[l]), (c.key_v, c.key_w));
                        if c.flags & Update::ELASTIC == 0 || !self.elastic {
                            return UpdateLane::<0>::golden(
                                element,
                                Pull::default(),
                                index,
                                keys,
                                &settings,
                            );
                        }
                        let pull = Pull::new(old[l], importance[l] as u16, c.strength);
                        UpdateLane::<1>::golden(element, pull, index, keys, &settings)
                    });
                    self.write(c.w_out.wrapping_add(word), new.map(|n| n.0));
                    self.write(c.v_out.wrapping_add(word), new.map(|n| n.1));
                    word += 1;
                }
            }
        }
    }
}
