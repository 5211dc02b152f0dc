//! Brings biases into the range an engine's words hold, without changing what the network computes.
//!
//! ReLU, pools and residuals pass a positive factor on. So the first stages times 2⁻ᵏ, all biases between times 2⁻ᵏ, and the
//! weights of the last stage times 2ᵏ give the very same scores; batch norm, once folded, often leaves biases that need it.

use crate::network::{Network, Stage};
use crate::parameters::Parameters;
use tandem_isa::numerics::BIAS_F;

/// What a bias may be before all of them are scaled: what a word holds.
const LIMIT: f32 = i16::MAX as f32 / (1 << BIAS_F) as f32;
/// What the largest is at most afterwards: room to learn.
const ROOM: f32 = 1.0;

/// Scales where a bias before the last stage is out of range; the exponent k, if it did.
pub fn fit(network: &Network, parameters: &mut Parameters) -> Option<i32> {
    let stages = network.stages();
    let last = stages.len().checked_sub(1)?;
    let scalable = |s: &Stage| s.is_trained() && s.skip.is_none() && s.source.is_some();
    if !scalable(&stages[last]) {
        return None;
    }
    let inner = || parameters.0.iter().take(last).flat_map(|t| &t.bias);
    let most = inner().fold(0.0f32, |m, b| m.max(b.abs()));
    if most <= LIMIT {
        return None;
    }
    let k = (most / ROOM).log2().ceil() as i32;
    let factor = 2f32.powi(-k);
    let mut scaled = parameters.clone();
    for (i, (s, t)) in stages.iter().zip(&mut scaled.0).enumerate() {
        if i == last {
            t.weight.iter_mut().for_each(|w| *w /= factor);
            continue;
        }
        t.bias.iter_mut().for_each(|b| *b *= factor);
        if s.source.is_none() {
            t.weight.iter_mut().for_each(|w| *w *= factor);
        }
    }
    if !scaled.0[last].weight.iter().all(|w| w.is_finite()) {
        return None;
    }
    *parameters = scaled;
    Some(k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::Float;
    use crate::network::{zoo, Layer, Shape};

    #[test]
    fn scaled_networks_give_the_same_scores() {
        let shape = Shape { c: 1, h: 8, w: 8 };
        let network = Network::new(shape, &zoo::residual(&[4, 6], 2, 5)).unwrap();
        let mut parameters = Parameters::random(&network, 1);
        assert_eq!(fit(&network, &mut parameters), None);
        parameters.0[2].bias[1] = -21.0;
        let last = parameters.0.len() - 1;
        parameters.0[last].bias[0] = 1.5;
        let before = parameters.clone();
        assert_eq!(fit(&network, &mut parameters), Some(5));
        assert!(parameters.0[..last]
            .iter()
            .all(|t| t.bias.iter().all(|b| b.abs() <= 1.0)));
        let image: Vec<f32> = (0..64).map(|i| i as f32 / 64.0).collect();
        let of = |p| {
            Float::new(&network, p)
                .and_then(|f| f.logits(&image))
                .unwrap()
        };
        // A power of two rounds nothing.
        assert_eq!(of(&before), of(&parameters));
    }

    #[test]
    fn a_single_stage_is_left_as_it_is() {
        let network = Network::new(
            Shape { c: 1, h: 2, w: 2 },
            &[Layer::FullyConnected { out: 2 }],
        );
        let network = network.unwrap();
        let mut parameters = Parameters::random(&network, 1);
        parameters.0[0].bias[0] = 9.0;
        assert_eq!(fit(&network, &mut parameters), None);
    }
}
