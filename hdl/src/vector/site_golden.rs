//! The sites in plain Rust, for tests.
use tandem_isa::numerics::{Exponent, BIAS_F, MAX_ALIGN};

/// One site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct GoldenSite {
    pub exponent: Exponent,
    pub f: i8,
    pub mask: u64,
    pub clipped: u32,
    pub underflow: u32,
}

/// What a command starts with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Formats {
    pub f_acc: i32,
    pub bias_left: i32,
    pub skip_left: i32,
    pub s: u32,
    pub f_out: i32,
}

impl Formats {
    /// The shift that cannot be done, if one that is needed cannot.
    pub fn bad(&self, bias: bool, skip: bool) -> Option<i32> {
        if bias && self.bias_left > MAX_ALIGN {
            return Some(self.bias_left);
        }
        (skip && self.skip_left > MAX_ALIGN).then_some(self.skip_left)
    }
}

/// All sites.
pub(crate) struct GoldenSites(pub Vec<GoldenSite>);

impl GoldenSites {
    pub fn new() -> Self {
        Self(vec![GoldenSite::default(); 256])
    }

    pub fn f(&self, site: u8) -> i32 {
        if site == tandem_isa::command::NO_SITE {
            return 0;
        }
        self.0[usize::from(site)].f.into()
    }

    pub fn lookup(&self, site: u8, operands: [u8; 3], f: i8, skip_f: i8) -> Formats {
        let f_acc = i32::from(f) + self.f(operands[0]) + self.f(operands[1]);
        let (s, f_out) = self.0[usize::from(site)].exponent.shift(f_acc);
        Formats {
            f_acc,
            bias_left: f_acc - BIAS_F,
            skip_left: f_acc - i32::from(skip_f) - self.f(operands[2]),
            s,
            f_out,
        }
    }

    pub fn commit(
        &mut self,
        site: u8,
        f_acc: i32,
        found: (u64, u32, u32),
        end: bool,
        freeze: bool,
    ) {
        let site = &mut self.0[usize::from(site)];
        site.mask |= found.0;
        site.clipped = site.clipped.wrapping_add(found.1);
        site.underflow = site.underflow.wrapping_add(found.2);
        if end {
            if !freeze {
                site.exponent.finish(site.mask, f_acc);
            }
            site.mask = 0;
        }
    }

    /// SITE_STATE.
    pub fn state(&self, site: u8) -> u64 {
        let site = &self.0[usize::from(site)];
        u64::from(site.exponent.e as u8)
            | u64::from(site.exponent.count) << 8
            | u64::from(site.exponent.valid) << 12
            | u64::from(site.f as u8) << 16
    }

    pub fn set_state(&mut self, site: u8, state: u64) {
        let site = &mut self.0[usize::from(site)];
        site.exponent = Exponent {
            e: state as i8,
            count: (state >> 8) as u8 & 15,
            valid: state >> 12 & 1 == 1,
        };
        site.f = (state >> 16) as i8;
    }
}
