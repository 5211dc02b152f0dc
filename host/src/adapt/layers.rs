//! What fine-tuning changes, and the products that are left when layers keep their weights.

use crate::error::CompileError;
use crate::network::frozen::Frozen;
use crate::network::Network;
use crate::study;
use serde::{Deserialize, Serialize};

/// Layers that fine-tuning changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TuneLayers {
    /// All of them.
    #[default]
    All,
    /// So many that have weights, from the last on.
    Last(usize),
    /// Those of these names, as the engine's stages are named: `conv2`, `fc1`.
    Named(Vec<String>),
}

impl TuneLayers {
    /// The layers of a network that keep their weights.
    pub fn frozen(&self, network: &Network) -> Result<Frozen, CompileError> {
        let trained = network.stages().iter().filter(|s| s.is_trained());
        let names: Vec<&str> = trained.map(|s| s.name.as_str()).collect();
        let frozen = match self {
            TuneLayers::All => return Ok(Frozen::default()),
            TuneLayers::Last(n) if (1..=names.len()).contains(n) => &names[..names.len() - n],
            TuneLayers::Last(n) => {
                return Err(refused(n.to_string(), format!("1 to {}", names.len())))
            }
            TuneLayers::Named(chosen) => {
                if let Some(other) = chosen.iter().find(|c| !names.contains(&c.as_str())) {
                    return Err(refused(other.clone(), names.join(", ")));
                }
                let kept = |n: &&str| !chosen.iter().any(|c| c == n);
                return Frozen::named(network, &names.into_iter().filter(kept).collect::<Vec<_>>());
            }
        };
        Frozen::named(network, frozen)
    }
}

fn refused(found: String, expected: String) -> CompileError {
    CompileError::Input {
        what: "layers to fine-tune",
        found,
        expected,
        remedy: "choose layers of the student that have weights",
    }
}

/// Multiply-accumulates of one image: forward, dX, dW; `training` says which layers keep their weights.
pub(super) fn macs(network: &Network, training: Option<Frozen>) -> [u64; 3] {
    let [forward, dx, dw] = study::macs(network);
    let frozen = match training {
        None => return [forward, 0, 0],
        Some(frozen) if frozen == Frozen::default() => return [forward, dx, dw],
        Some(frozen) => frozen,
    };
    let stages = network.stages();
    let learns = |i: usize| stages[i].is_trained() && !frozen.contains(i);
    let lowest = (0..stages.len()).find(|&i| learns(i));
    let sum = |of: &dyn Fn(usize) -> bool| {
        let all = (0..stages.len()).filter(|&i| of(i));
        all.map(|i| stages[i].macs()).sum()
    };
    let passes = |i: usize| lowest.is_some_and(|l| stages[i].source.is_some_and(|j| j >= l));
    [forward, sum(&passes), sum(&learns)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Layer, Shape};

    fn network() -> Network {
        let conv = |c| Layer::conv(c, 3, 1, 1);
        let layers = [
            conv(2),
            conv(4),
            Layer::GlobalAveragePool,
            Layer::FullyConnected { out: 3 },
        ];
        Network::new(Shape { c: 1, h: 4, w: 4 }, &layers).unwrap()
    }

    #[test]
    fn layers_are_counted_from_the_last_or_named() {
        let n = network();
        let frozen = |l: TuneLayers| -> Vec<bool> {
            let f = l.frozen(&n).unwrap();
            (0..n.stages().len()).map(|i| f.contains(i)).collect()
        };
        let (last, named) = (TuneLayers::Last, |names: &[&str]| {
            TuneLayers::Named(names.iter().map(|n| n.to_string()).collect())
        });
        assert_eq!(frozen(TuneLayers::All), [false; 4]);
        assert_eq!(frozen(last(3)), [false; 4]);
        assert_eq!(frozen(last(1)), [true, true, false, false]);
        assert_eq!(frozen(last(2)), [true, false, false, false]);
        assert_eq!(frozen(named(&["fc1"])), frozen(last(1)));
        assert_eq!(frozen(named(&["conv1"])), [false, true, false, true]);
        for (wrong, found) in [
            (last(0), "found 0, expected 1 to 3"),
            (last(4), "found 4, expected 1 to 3"),
            (named(&["fc9"]), "found fc9, expected conv1, conv2, fc1"),
            // It has no weights.
            (named(&["average1"]), "found average1, expected conv1"),
            (named(&[]), "all that have weights"),
        ] {
            let e = wrong.frozen(&n).unwrap_err().to_string();
            assert!(e.contains(found), "{e}");
        }
    }

    #[test]
    fn of_frozen_layers_no_gradient_is_counted() {
        let n = network();
        let of = |i: usize| n.stages()[i].macs();
        let forward = n.macs();
        let macs = |f: Option<Frozen>| macs(&n, f);
        assert_eq!(macs(None), [forward, 0, 0]);
        assert_eq!(macs(Some(Frozen::default())), study::macs(&n));
        let frozen = |names: &[&str]| Some(Frozen::named(&n, names).unwrap());
        assert_eq!(macs(frozen(&["conv1", "conv2"])), [forward, 0, of(3)]);
        let expected = [forward, of(2) + of(3), of(1) + of(3)];
        assert_eq!(macs(frozen(&["conv1"])), expected);
        let expected = [forward, of(1) + of(2) + of(3), of(0) + of(3)];
        assert_eq!(macs(frozen(&["conv2"])), expected);
    }
}
