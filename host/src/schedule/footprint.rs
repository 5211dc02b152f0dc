//! What a command reads and writes, derived from its fields: pad words, accumulator words, sites, DDR bytes.
//!
//! Ranges are bounding intervals, so two commands may look dependent when they are not, never the other way round.

use tandem_isa::command::{self as isa, pad, Command};
use tandem_isa::command::{Compute, Load, Loss, Requant, Store, Unpool, Update};
use tandem_isa::Config;

/// Where something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// Row operands.
    A,
    /// Weights.
    B,
    /// Vector operands.
    V,
    /// Logits and records.
    Z,
    /// Vector results.
    O,
    /// Loss results.
    G,
    /// Accumulators.
    Acc,
    /// Exponent sites.
    Site,
    /// DDR, in bytes.
    Memory,
}

impl Space {
    /// How many there are.
    pub const COUNT: usize = 9;
}

/// One range that a command touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where.
    pub space: Space,
    /// First word (byte in memory).
    pub lo: u64,
    /// One past the last.
    pub hi: u64,
    /// Written, not only read.
    pub write: bool,
}

impl Use {
    /// Whether both touch the same place and one of them writes.
    pub fn conflicts(&self, other: &Use) -> bool {
        self.space == other.space
            && self.lo < other.hi
            && other.lo < self.hi
            && (self.write || other.write)
    }
}

/// Collects ranges; pad ranges that pass the end are split where they wrap.
struct Uses<'c> {
    config: &'c Config,
    list: Vec<Use>,
}

impl Uses<'_> {
    fn depth(&self, space: Space) -> u64 {
        (match space {
            Space::A => self.config.a_depth,
            Space::B => self.config.b_depth,
            Space::V => self.config.v_depth,
            Space::Z => self.config.z_depth,
            Space::O => self.config.o_depth,
            Space::G => self.config.g_depth,
            Space::Acc => self.config.acc_depth,
            Space::Site => 256,
            Space::Memory => return u64::MAX,
        }) as u64
    }

    fn add(&mut self, space: Space, lo: i64, length: u64, write: bool) {
        if length == 0 {
            return;
        }
        let depth = self.depth(space);
        let mut push = |lo, hi| {
            self.list.push(Use {
                space,
                lo,
                hi,
                write,
            })
        };
        if length >= depth {
            return push(0, depth);
        }
        let lo = if depth == u64::MAX {
            lo as u64
        } else {
            lo.rem_euclid(depth as i64) as u64
        };
        let hi = lo.saturating_add(length);
        if hi > depth {
            push(lo, depth);
            push(0, hi - depth);
        } else {
            push(lo, hi);
        }
    }

    /// The range of `base + Σ i·stride` over all counts, `last` words from each.
    fn strided(&mut self, space: Space, base: u16, dims: &[(u16, i16)], last: u64, write: bool) {
        let (mut lo, mut hi) = (0i64, 0i64);
        for &(count, stride) in dims {
            let reach = (i64::from(count) - 1) * i64::from(stride);
            if reach < 0 {
                lo += reach;
            } else {
                hi += reach;
            }
        }
        self.add(space, i64::from(base) + lo, (hi - lo) as u64 + last, write);
    }

    fn site(&mut self, site: u8, write: bool) {
        if site != isa::NO_SITE {
            self.add(Space::Site, site.into(), 1, write);
        }
    }

    fn load(&mut self, c: &Load) {
        let rows = u64::from(c.rows) + u64::from(c.top) + u64::from(c.bottom);
        let cols = u64::from(c.width) + u64::from(c.left) + u64::from(c.right);
        let words = u64::from(c.n) * u64::from(c.m) * rows * cols;
        let space = match c.pad {
            pad::A => Space::A,
            pad::B => Space::B,
            pad::V => Space::V,
            _ => Space::Z,
        };
        self.add(space, c.base.into(), words, true);
        if c.rows > 0 {
            let strides = [(c.n, c.n_stride), (c.m, c.m_stride), (c.rows, c.row_stride)];
            self.memory(c.address, strides, c.width, false);
        }
    }

    fn memory(&mut self, address: u32, strides: [(u16, u32); 3], width: u16, write: bool) {
        let reach: u64 = strides
            .iter()
            .map(|&(n, s)| (u64::from(n) - 1) * u64::from(s))
            .sum();
        let bytes = reach + u64::from(width) * self.config.word_bytes() as u64;
        self.add(Space::Memory, address.into(), bytes, write);
    }

    fn compute(&mut self, c: &Compute) {
        let lanes = self.config.lanes as u64;
        let pixels = u64::from(c.n) * u64::from(c.y) * u64::from(c.x);
        let passes = u64::from(c.k2) * u64::from(c.k1) * u64::from(c.k0);
        let dims = [
            (c.n, c.a_n),
            (c.y, c.a_y),
            (c.x, c.a_x),
            (c.k2, c.a_k2),
            (c.k1, c.a_k1),
            (c.k0, c.a_k0),
        ];
        self.strided(Space::A, c.a_base, &dims, 1, false);
        if c.flags & Compute::OUTPUT_STATIONARY != 0 {
            self.add(Space::B, c.b_base.into(), pixels, false);
            let sums = u64::from(c.flags & Compute::COLUMN_SUMS != 0);
            let words = (passes - 1) * lanes + u64::from(c.groups) * self.config.rows as u64 + sums;
            self.add(Space::Acc, c.acc_base.into(), words, true);
        } else {
            let dims = [(c.k2, c.b_k2), (c.k1, c.b_k1), (c.k0, c.b_k0)];
            self.strided(Space::B, c.b_base, &dims, lanes, false);
            self.add(Space::Acc, c.acc_base.into(), pixels, true);
        }
    }

    fn requant(&mut self, c: &Requant) {
        let has = |flag| c.flags & flag != 0;
        let source = if has(Requant::FROM_V) {
            Space::V
        } else {
            Space::Acc
        };
        let dims = [(c.n, c.src_n), (c.y, c.src_y), (c.x, c.src_x)];
        self.strided(source, c.src_base, &dims, 1, false);
        if has(Requant::BIAS) {
            self.add(Space::V, c.bias_base.into(), 1, false);
        }
        let (y, x) = if has(Requant::POOL) {
            (c.y / 2, c.x / 2)
        } else {
            (c.y, c.x)
        };
        if y > 0 && x > 0 {
            let dims = [(c.n, c.out_n), (y, c.out_y), (x, c.out_x)];
            self.strided(Space::O, c.out_base, &dims, 1, true);
            if has(Requant::POOL) {
                self.strided(Space::O, c.index_base, &dims, 1, true);
            }
        }
        for (flag, base) in [(Requant::MASK, c.v_base), (Requant::SKIP, c.skip_base)] {
            if has(flag) {
                let dims = [(c.n, c.out_n), (c.y, c.out_y), (c.x, c.out_x)];
                self.strided(Space::V, base, &dims, 1, false);
            }
        }
        for site in [c.site_a, c.site_b] {
            self.site(site, false);
        }
        if has(Requant::SKIP) {
            self.site(c.skip_site, false);
        }
        self.site(c.site, true);
    }

    fn unpool(&mut self, c: &Unpool) {
        let pooled = u64::from(c.n) * u64::from(c.y / 2) * u64::from(c.x / 2);
        self.add(Space::V, c.g_base.into(), pooled, false);
        self.add(Space::V, c.index_base.into(), pooled, false);
        let words = u64::from(c.n) * u64::from(c.y) * u64::from(c.x);
        self.add(Space::O, c.out_base.into(), words, true);
    }

    fn update(&mut self, c: &Update) {
        let words = u64::from(c.z) * u64::from(c.y) * u64::from(c.x);
        for base in [c.w_base, c.v_base, c.d_base] {
            self.add(Space::V, base.into(), words, false);
        }
        if c.flags & Update::ELASTIC != 0 {
            for base in [c.old_base, c.importance_base] {
                self.add(Space::V, base.into(), words, false);
            }
        }
        for base in [c.w_out, c.v_out] {
            self.add(Space::O, base.into(), words, true);
        }
        self.site(c.site_d, false);
    }

    fn loss(&mut self, c: &Loss) {
        let n = u64::from(c.n);
        let words = n * (c.classes as usize).div_ceil(self.config.lanes) as u64;
        self.add(Space::Z, c.z_base.into(), words, false);
        self.add(Space::Z, c.record_base.into(), n, false);
        if c.flags & Loss::SOFT != 0 {
            self.add(Space::Z, c.target_base.into(), words, false);
        }
        for (flag, base, words) in [
            (Loss::GRADIENT, c.g_base, words),
            (Loss::PROBABILITIES, c.p_base, words),
            (
                Loss::RESULT,
                c.result_base,
                n * self.config.result_words() as u64,
            ),
        ] {
            if c.flags & flag != 0 {
                self.add(Space::G, base.into(), words, true);
            }
        }
        self.site(c.site, false);
    }

    fn store(&mut self, c: &Store) {
        let words = u64::from(c.n) * u64::from(c.m) * u64::from(c.rows) * u64::from(c.width);
        let space = if c.pad == pad::G { Space::G } else { Space::O };
        self.add(space, c.base.into(), words, false);
        let strides = [(c.n, c.n_stride), (c.m, c.m_stride), (c.rows, c.row_stride)];
        self.memory(c.address, strides, c.width, true);
    }
}

/// Everything the command touches.
pub fn footprint(config: &Config, command: &Command) -> Vec<Use> {
    let mut uses = Uses {
        config,
        list: Vec::with_capacity(6),
    };
    match command {
        Command::Load(c) => uses.load(c),
        Command::Compute(c) => uses.compute(c),
        Command::Requant(c) => uses.requant(c),
        Command::Unpool(c) => uses.unpool(c),
        Command::Update(c) => uses.update(c),
        Command::Loss(c) => uses.loss(c),
        Command::Store(c) => uses.store(c),
        Command::Select(_) | Command::Yield(_) => {}
    }
    uses.list
}
