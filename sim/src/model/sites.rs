//! Requantise sites of the model: exponent state, the format its tensor was last written in, OR mask and counters.

use tandem_isa::command::NO_SITE;
use tandem_isa::numerics::Exponent;

/// One site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Exponent state.
    pub exponent: Exponent,
    /// Format of the tensor it last wrote.
    pub f: i8,
    /// OR mask of the tensor under way.
    pub mask: u64,
    /// Values clipped.
    pub clipped: u32,
    /// Values that underflowed to 0.
    pub underflow: u32,
}

impl Site {
    /// The SITE_STATE register.
    pub fn state(&self) -> u32 {
        (self.exponent.e as u8 as u32)
            | ((self.exponent.count as u32 & 15) << 8)
            | ((self.exponent.valid as u32) << 12)
            | ((self.f as u8 as u32) << 16)
    }

    /// Sets it from the SITE_STATE register.
    pub fn set_state(&mut self, v: u32) {
        self.exponent = Exponent {
            e: v as u8 as i8,
            count: (v >> 8) as u8 & 15,
            valid: v >> 12 & 1 != 0,
        };
        self.f = (v >> 16) as u8 as i8;
    }
}

/// All sites.
#[derive(Clone, Debug)]
pub struct Sites(Vec<Site>);

impl Sites {
    /// `count` sites, none valid.
    pub fn new(count: usize) -> Self {
        Self(vec![Site::default(); count])
    }

    /// The format at `site`; [`NO_SITE`] and sites that do not exist add nothing.
    pub fn f(&self, site: u8) -> i32 {
        if site == NO_SITE {
            return 0;
        }
        self.0.get(site as usize).map_or(0, |s| s.f as i32)
    }

    /// The site of that number.
    pub fn get(&self, site: usize) -> Site {
        self.0.get(site).copied().unwrap_or_default()
    }

    /// The site of that number, writable.
    pub fn get_mut(&mut self, site: usize) -> Option<&mut Site> {
        self.0.get_mut(site)
    }
}
