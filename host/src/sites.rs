//! Sets of exponent sites; their states are in the engine ([`crate::driver::Engine::site`]).

/// A set of exponent sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SiteSet([u64; 4]);

impl SiteSet {
    /// Adds a site.
    pub fn insert(&mut self, site: u8) {
        self.0[usize::from(site) / 64] |= 1 << (site % 64);
    }
    /// Whether it has the site.
    pub fn contains(&self, site: u8) -> bool {
        self.0[usize::from(site) / 64] >> (site % 64) & 1 == 1
    }
    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }
}
