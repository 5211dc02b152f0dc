//! Which stages of a network keep their weights while the others learn.
//!
//! Of a frozen stage no dW is computed and nothing is updated; no error is computed before the first stage that learns. So
//! retraining the last layer costs a forward and one dW.

use super::Network;
use crate::error::CompileError;

/// Stages there can be: what the exponent sites of an engine suffice for.
const MOST: usize = 64;

/// A set of stages whose weights stay as they are; by default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frozen(u64);

impl Frozen {
    /// The stages of these names, for instance `conv1`.
    pub fn named(network: &Network, names: &[&str]) -> Result<Frozen, CompileError> {
        let stages = network.stages();
        let mut set = 0;
        for name in names {
            let found = stages.iter().take(MOST).position(|s| s.name == *name);
            let Some(i) = found else {
                let known: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
                return Err(CompileError::Input {
                    what: "frozen layer",
                    found: name.to_string(),
                    expected: known.join(", "),
                    remedy: "name a layer of this network",
                });
            };
            set |= 1 << i;
        }
        Frozen(set).check(network)
    }

    /// All stages but the last that has weights.
    pub fn all_but_last(network: &Network) -> Frozen {
        let last = network.stages().iter().rposition(|s| s.is_trained());
        let below = last.unwrap_or(0).min(MOST - 1);
        Frozen((1 << below) - 1)
    }

    /// Refuses a set that leaves nothing to learn.
    fn check(self, network: &Network) -> Result<Frozen, CompileError> {
        let mut stages = network.stages().iter().enumerate();
        if stages.any(|(i, s)| s.is_trained() && !self.contains(i)) {
            return Ok(self);
        }
        Err(CompileError::Input {
            what: "frozen layers",
            found: "all that have weights".into(),
            expected: "at least one that learns".into(),
            remedy: "leave one out",
        })
    }

    /// Whether stage `i` keeps its weights.
    pub const fn contains(self, i: usize) -> bool {
        i < MOST && self.0 >> i & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Layer, Shape};

    #[test]
    fn layers_are_named_and_something_must_learn() {
        let shape = Shape { c: 1, h: 6, w: 6 };
        let layers = [
            Layer::conv(4, 3, 1, 1),
            Layer::Relu,
            Layer::GlobalAveragePool,
            Layer::FullyConnected { out: 3 },
        ];
        let network = Network::new(shape, &layers).unwrap();
        let last = network.stages().len() - 1;
        let f = Frozen::all_but_last(&network);
        assert!(f.contains(0) && !f.contains(last));
        let names: Vec<&str> = network.stages().iter().map(|s| s.name.as_str()).collect();
        assert_eq!(
            Frozen::named(&network, &names[..1]).unwrap(),
            Frozen(1),
            "{names:?}"
        );
        let e = Frozen::named(&network, &["conv9"]).unwrap_err().to_string();
        assert!(e.contains("conv9") && e.contains(names[0]), "{e}");
        assert!(Frozen::named(&network, &names).is_err());
    }
}
