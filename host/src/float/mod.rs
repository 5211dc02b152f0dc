//! The same networks in float32, on the host: what fixed point is measured against.
//!
//! Forward, softmax cross-entropy, backward and SGD with momentum as in [`crate::train`], without a device and without
//! quantisation. Not for work: it is a plain loop. Shapes are (C, H, W) an image; weights as in [`Parameters`].

mod plane;

use crate::error::CompileError;
use crate::network::frozen::Frozen;
use crate::network::{Kind, Network, Stage};
use crate::parameters::{Parameters, Tensors};
use crate::train::Descent;
use plane::{columns, fold_back};

/// A network with its weights and momenta.
#[derive(Clone, Debug)]
pub struct Float {
    network: Network,
    parameters: Parameters,
    momenta: Parameters,
    frozen: Frozen,
}

/// What a forward leaves for the backward, of one stage and one image.
#[derive(Clone, Debug, Default)]
struct Kept {
    /// Columns of the input, one row a weight of a filter.
    columns: Vec<f32>,
    /// Result after ReLU, before the pool.
    full: Vec<f32>,
    /// Result.
    out: Vec<f32>,
    /// Where each pooled value came from.
    from: Vec<usize>,
}

impl Float {
    /// A network with weights; momenta are 0.
    pub fn new(network: &Network, parameters: &Parameters) -> Result<Float, CompileError> {
        let stages = network.stages();
        let fits = |(s, t): (&Stage, &Tensors)| {
            t.weight.len() == s.weights() && t.bias.len() == s.biases()
        };
        if stages.len() != parameters.0.len() || !stages.iter().zip(&parameters.0).all(fits) {
            return Err(refused(
                "parameters",
                "those of another network".into(),
                "one value for every weight and bias".into(),
                "use those of this network",
            ));
        }
        Ok(Float {
            network: network.clone(),
            parameters: parameters.clone(),
            momenta: zeros(parameters),
            frozen: Frozen::default(),
        })
    }

    /// Stages whose weights stay as they are.
    pub fn freeze(&mut self, frozen: Frozen) {
        self.frozen = frozen;
    }

    /// The weights.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Sets all momenta to 0.
    pub fn reset_momentum(&mut self) {
        self.momenta = zeros(&self.momenta);
    }

    /// Logits of an image.
    pub fn logits(&self, image: &[f32]) -> Result<Vec<f32>, CompileError> {
        let mut kept = self.forward(image)?;
        Ok(kept.pop().map(|k| k.out).unwrap_or_default())
    }

    /// The class of an image: that with the highest logit, of equal ones the first.
    pub fn class(&self, image: &[f32]) -> Result<usize, CompileError> {
        self.logits(image).map(|z| best(&z))
    }

    /// One step on images with the probabilities they should have; step `i` of `descent`. Returns the mean loss.
    pub fn step(
        &mut self,
        batch: &[(&[f32], Vec<f32>)],
        descent: &Descent,
        i: usize,
    ) -> Result<f32, CompileError> {
        let mut gradients = zeros(&self.momenta);
        let mut loss = 0.0;
        for (image, target) in batch {
            let kept = self.forward(image)?;
            let Some(last) = kept.last() else {
                return Ok(0.0);
            };
            let p = softmax(&last.out);
            let terms = p.iter().zip(target);
            loss -= terms
                .clone()
                .map(|(p, q)| q * p.max(1e-12).ln())
                .sum::<f32>();
            let error = terms.map(|(p, q)| p - q).collect();
            self.backward(&kept, error, &mut gradients);
        }
        let n = batch.len().max(1) as f32;
        let (lr, mu) = (descent.rate(i) as f32, descent.momentum as f32);
        for (at, g) in gradients.0.iter().enumerate() {
            if self.frozen.contains(at) {
                continue;
            }
            let (w, v) = (&mut self.parameters.0[at], &mut self.momenta.0[at]);
            let decay = descent.weight_decay as f32;
            descend(&mut w.weight, &mut v.weight, &g.weight, (lr, mu, decay, n));
            descend(&mut w.bias, &mut v.bias, &g.bias, (lr, mu, 0.0, n));
        }
        Ok(loss / n)
    }

    fn forward(&self, image: &[f32]) -> Result<Vec<Kept>, CompileError> {
        let input = self.network.input();
        if image.len() != input.len() {
            return Err(refused(
                "image",
                format!("{} values", image.len()),
                format!("{input}"),
                "use one of this network's input",
            ));
        }
        let mut all: Vec<Kept> = Vec::new();
        for (s, t) in self.network.stages().iter().zip(&self.parameters.0) {
            let input = s.source.map_or(image, |j| &all[j].out);
            let mut kept = Kept {
                columns: columns(s, input),
                ..Kept::default()
            };
            let n = s.full().h * s.full().w;
            let mut full = vec![0.0; s.co * n];
            for (c, row) in full.chunks_exact_mut(n).enumerate() {
                match s.kind {
                    Kind::AveragePool => {
                        let from = c * s.taps();
                        for k in from..from + s.taps() {
                            add(row, &kept.columns[k * n..(k + 1) * n], 1.0);
                        }
                        row.iter_mut().for_each(|v| *v /= s.taps() as f32);
                    }
                    Kind::Conv | Kind::FullyConnected => {
                        row.fill(t.bias[c]);
                        let filter = &t.weight[c * s.fan_in()..(c + 1) * s.fan_in()];
                        for (w, x) in filter.iter().zip(kept.columns.chunks_exact(n)) {
                            add(row, x, *w);
                        }
                    }
                }
            }
            if let Some(k) = s.skip {
                add(&mut full, &all[k].out, 1.0);
            }
            if s.relu {
                full.iter_mut().for_each(|v| *v = v.max(0.0));
            }
            if s.pool {
                (kept.out, kept.from) = plane::pool(s, &full);
            } else {
                kept.out = full.clone();
            }
            kept.full = full;
            all.push(kept);
        }
        Ok(all)
    }

    fn backward(&self, kept: &[Kept], error: Vec<f32>, gradients: &mut Parameters) {
        let stages = self.network.stages();
        let mut errors: Vec<Vec<f32>> = kept.iter().map(|k| vec![0.0; k.out.len()]).collect();
        if let Some(last) = errors.last_mut() {
            *last = error;
        }
        for (i, (s, t)) in stages.iter().zip(&self.parameters.0).enumerate().rev() {
            let (k, n) = (&kept[i], s.full().h * s.full().w);
            let mut g = std::mem::take(&mut errors[i]);
            if s.pool {
                let mut full = vec![0.0; k.full.len()];
                k.from.iter().zip(g).for_each(|(&at, v)| full[at] += v);
                g = full;
            }
            if s.relu {
                let dead = k.full.iter().map(|&y| y <= 0.0);
                g.iter_mut()
                    .zip(dead)
                    .for_each(|(g, d)| *g = if d { 0.0 } else { *g });
            }
            if let Some(j) = s.skip {
                add(&mut errors[j], &g, 1.0);
            }
            let mut back = vec![0.0; k.columns.len()];
            for (c, g) in g.chunks_exact(n).enumerate() {
                if s.kind == Kind::AveragePool {
                    let one = 1.0 / s.taps() as f32;
                    let from = c * s.taps();
                    for k in from..from + s.taps() {
                        add(&mut back[k * n..(k + 1) * n], g, one);
                    }
                    continue;
                }
                let d = &mut gradients.0[i];
                d.bias[c] += g.iter().sum::<f32>();
                let at = c * s.fan_in();
                let filter = &t.weight[at..at + s.fan_in()];
                let d = &mut d.weight[at..at + s.fan_in()];
                let rows = k.columns.chunks_exact(n).zip(back.chunks_exact_mut(n));
                for ((w, d), (x, b)) in filter.iter().zip(d).zip(rows) {
                    *d += dot(g, x);
                    if s.source.is_some() {
                        add(b, g, *w);
                    }
                }
            }
            if let Some(j) = s.source {
                fold_back(s, &back, &mut errors[j]);
            }
        }
    }
}

fn refused(
    what: &'static str,
    found: String,
    expected: String,
    remedy: &'static str,
) -> CompileError {
    CompileError::Input {
        what,
        found,
        expected,
        remedy,
    }
}

/// As many values, all 0.
fn zeros(parameters: &Parameters) -> Parameters {
    let zeros = |t: &Tensors| Tensors {
        weight: vec![0.0; t.weight.len()],
        bias: vec![0.0; t.bias.len()],
    };
    Parameters(parameters.0.iter().map(zeros).collect())
}

/// Where the highest stands; of equal ones the first.
fn best(scores: &[f32]) -> usize {
    let higher = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
    (0..scores.len()).fold(0, higher)
}

fn descend(w: &mut [f32], v: &mut [f32], g: &[f32], (lr, mu, decay, n): (f32, f32, f32, f32)) {
    for ((w, v), g) in w.iter_mut().zip(v).zip(g) {
        *v = mu * *v + g / n;
        *w -= lr * (*v + decay * *w);
    }
}

fn add(to: &mut [f32], from: &[f32], times: f32) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += times * b;
    }
}

/// Sum of products, in eight parts so that it can use vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8
        .remainder()
        .iter()
        .zip(b8.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a8.zip(b8) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    rest + sums.iter().sum::<f32>()
}

/// Probabilities of logits.
pub fn softmax(z: &[f32]) -> Vec<f32> {
    let top = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f32> = z.iter().map(|z| (z - top).exp()).collect();
    let sum: f32 = e.iter().sum();
    e.into_iter().map(|e| e / sum).collect()
}

#[cfg(test)]
mod tests;
