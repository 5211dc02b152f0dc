//! How cycles grow with batch, channels, image size and classes: measured points and a line fitted through them.

use super::layer::LayerSpec;
use super::product::{measure, Phase};
use super::step;
use crate::device::Device;
use crate::driver::Engine;
use crate::error::Error;
use crate::network::{Layer, Network, Shape};

/// Cycles as a line over what they should be proportional to.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// What grows.
    pub what: &'static str,
    /// What the line is over.
    pub over: &'static str,
    /// Value that grows, value the line is over, cycles.
    pub points: Vec<(usize, f64, f64)>,
    /// Cycles at zero.
    pub offset: f64,
    /// Cycles for each unit.
    pub slope: f64,
    /// Greatest distance of a point from the line, as a part of the point.
    pub worst: f64,
}

impl Growth {
    fn fit(what: &'static str, over: &'static str, points: Vec<(usize, f64, f64)>) -> Growth {
        // Least squares of relative distances: small and large points count alike.
        let (mut w, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &(_, a, c) in &points {
            let weight = 1.0 / (c * c);
            w += weight;
            x += weight * a;
            y += weight * c;
            xx += weight * a * a;
            xy += weight * a * c;
        }
        let slope = (w * xy - x * y) / (w * xx - x * x);
        let offset = (y - slope * x) / w;
        let worst = points
            .iter()
            .map(|&(_, a, c)| ((offset + slope * a) / c - 1.0).abs())
            .fold(0.0, f64::max);
        Growth {
            what,
            over,
            points,
            offset,
            slope,
            worst,
        }
    }
}

/// The three products of `layer` together.
fn products<D: Device>(engine: &mut Engine<D>, layer: &LayerSpec) -> Result<f64, Error> {
    let mut all = 0.0;
    for phase in Phase::ALL {
        all += measure(engine, layer, phase)?.cycles;
    }
    Ok(all)
}

/// Measures all four on devices that `open` makes.
pub fn all<D: Device, E: From<Error>>(
    mut open: impl FnMut() -> Result<Engine<D>, E>,
) -> Result<Vec<Growth>, E> {
    let layer = |h: usize, c: usize, batch: usize| LayerSpec {
        input: Shape { c, h, w: h },
        co: c,
        kernel: 3,
        stride: 1,
        pad: 1,
        batch,
        first: false,
    };
    let mut run = |layers: &[(usize, f64, LayerSpec)]| -> Result<Vec<_>, E> {
        layers
            .iter()
            .map(|(x, over, l)| Ok((*x, *over, products(&mut open()?, l)?)))
            .collect()
    };
    let batch = run(&[1, 2, 4, 8, 16].map(|n| (n, n as f64, layer(16, 32, n))))?;
    let channels = run(&[16, 32, 64, 128].map(|c| (c, (c * c) as f64, layer(8, c, 4))))?;
    let size = run(&[4, 8, 16, 32].map(|h| (h, (h * h) as f64, layer(h, 32, 4))))?;
    let mut classes = Vec::new();
    for count in [2, 10, 100, 1000] {
        let head = [Layer::FullyConnected { out: count }];
        let network = Network::new(Shape { c: 16, h: 1, w: 1 }, &head).map_err(Error::from)?;
        let step = step::measure(open()?, &network, 16)?;
        classes.push((count, count as f64, step.cycles as f64));
    }
    Ok(vec![
        Growth::fit("batch", "images", batch),
        Growth::fit("channels", "channels²", channels),
        Growth::fit("image size", "pixels", size),
        Growth::fit("classes", "classes", classes),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_and_what_is_not_on_it_is_seen() {
        let line = |x: usize| (x, x as f64, 100.0 + 7.0 * x as f64);
        let g = Growth::fit("a", "b", [1, 3, 9, 27].map(line).to_vec());
        assert!((g.offset - 100.0).abs() < 1e-6 && (g.slope - 7.0).abs() < 1e-6 && g.worst < 1e-9);
        let mut bent: Vec<_> = [1, 3, 9, 27].map(line).to_vec();
        bent[3].2 *= 1.5;
        assert!(Growth::fit("a", "b", bent).worst > 0.05);
    }
}
