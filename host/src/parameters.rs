//! Parameters of a network as floats: initial values, safetensors files, and to and from the device.
//!
//! Names are `conv1.weight`, `conv1.bias`, …, `fc1.weight`, numbered by kind; shapes are those of PyTorch (Co, Ci, kh, kw; fully connected
//! layers also out, in). A tensor's format is chosen when it is loaded and stays.

use crate::batches::Random;
use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::network::graph::error_owner;
use crate::network::{Kind, Network, Stage};
use crate::session::{NetId, Session};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use tandem_isa::numerics::{dequantise, quantise_slice, weight_f_of, AVERAGE_F, BIAS_F};

/// Longest header of a file that is read.
pub const MAX_HEADER: u64 = 1 << 20;

/// Weights and biases of one stage, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// Weights.
    pub weight: Vec<f32>,
    /// Biases.
    pub bias: Vec<f32>,
}

/// All parameters, stage by stage; empty for one that has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(pub Vec<Tensors>);

fn refuse(
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
    remedy: &'static str,
) -> CompileError {
    CompileError::Input {
        what,
        found: found.to_string(),
        expected: expected.to_string(),
        remedy,
    }
}

/// Refuses what is no safetensors file before anything is made of its header.
fn check_header(bytes: &[u8]) -> Result<(), CompileError> {
    let header = bytes.first_chunk::<8>().map(|b| u64::from_le_bytes(*b));
    match header {
        None => Err(refuse(
            "weights file",
            format!("{} bytes", bytes.len()),
            "a safetensors file",
            "check the path",
        )),
        Some(n) if n > MAX_HEADER => Err(refuse(
            "header of the weights file",
            format!("{n} bytes"),
            format!("at most {MAX_HEADER}"),
            "check that it is a safetensors file",
        )),
        Some(_) => Ok(()),
    }
}

/// The texts a safetensors file carries.
pub(crate) fn metadata(bytes: &[u8]) -> Result<HashMap<String, String>, CompileError> {
    check_header(bytes)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_whole)?;
    Ok(header.metadata().clone().unwrap_or_default())
}

fn not_whole(e: safetensors::SafeTensorError) -> CompileError {
    refuse(
        "weights file",
        e,
        "a complete safetensors file",
        "fetch or write it again",
    )
}

impl Parameters {
    /// Weights normal with variance 2 / fan-in, biases 0; the seed alone decides. Without batch norm nothing else keeps a sum
    /// of many residuals from growing: of a convolution that ends one the variance is divided by their number, and a
    /// projection, which no ReLU follows, has half of it.
    pub fn random(network: &Network, seed: u32) -> Parameters {
        let mut random = Random::new(seed.into());
        let stages = network.stages();
        let residuals = stages.iter().filter(|s| s.skip.is_some()).count();
        let part = |i: usize, s: &Stage| match s.skip {
            Some(_) => 1.0 / residuals as f64,
            None if error_owner(stages, i) != i => 0.5,
            None => 1.0,
        };
        let stage = |(i, s): (usize, &Stage)| {
            let deviation = (2.0 * part(i, s) / s.fan_in() as f64).sqrt();
            Tensors {
                weight: (0..s.weights())
                    .map(|_| (deviation * random.normal()) as f32)
                    .collect(),
                bias: vec![0.0; s.biases()],
            }
        };
        Parameters(stages.iter().enumerate().map(stage).collect())
    }

    /// Reads a safetensors file for `network`. Every tensor must be there, of the right shape, F32 or F16, and finite.
    pub fn from_safetensors(network: &Network, bytes: &[u8]) -> Result<Parameters, CompileError> {
        check_header(bytes)?;
        let file = SafeTensors::deserialize(bytes).map_err(not_whole)?;
        let mut all = Vec::new();
        for s in network.stages() {
            if !s.is_trained() {
                all.push(Tensors::default());
                continue;
            }
            let weight = tensor(&file, &format!("{}.weight", s.name), &shapes(s))?;
            let bias = tensor(&file, &format!("{}.bias", s.name), &[vec![s.co]])?;
            all.push(Tensors { weight, bias });
        }
        Ok(Parameters(all))
    }

    /// Writes a safetensors file; [`crate::model::Model`] writes one that says what network it is of.
    pub fn to_safetensors(&self, network: &Network) -> Result<Vec<u8>, CompileError> {
        self.write(network, None)
    }

    /// Writes a safetensors file with texts.
    pub(crate) fn write(
        &self,
        network: &Network,
        texts: Option<HashMap<String, String>>,
    ) -> Result<Vec<u8>, CompileError> {
        let bytes = |v: &[f32]| -> Vec<u8> { v.iter().flat_map(|x| x.to_le_bytes()).collect() };
        let mut data = Vec::new();
        let trained = |(s, _): &(&Stage, &Tensors)| s.is_trained();
        for (s, t) in network.stages().iter().zip(&self.0).filter(trained) {
            let shape = shapes(s).swap_remove(0);
            data.push((format!("{}.weight", s.name), shape, bytes(&t.weight)));
            data.push((format!("{}.bias", s.name), vec![s.co], bytes(&t.bias)));
        }
        let fail = |e: safetensors::SafeTensorError| {
            refuse(
                "parameters",
                e,
                "one value for every weight",
                "build them for this network",
            )
        };
        let views = data
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(Dtype::F32, shape.clone(), bytes).map(|v| (name.clone(), v))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(fail)?;
        safetensors::serialize(views, texts).map_err(fail)
    }
}

/// Shapes a weight tensor may have; the first is the one that is written.
fn shapes(s: &Stage) -> Vec<Vec<usize>> {
    let four = vec![s.co, s.ci, s.y.kernel, s.x.kernel];
    if s.kind == Kind::FullyConnected {
        vec![vec![s.co, s.ci * s.y.kernel * s.x.kernel], four]
    } else {
        vec![four]
    }
}

fn tensor(file: &SafeTensors, name: &str, shapes: &[Vec<usize>]) -> Result<Vec<f32>, CompileError> {
    let view = file.tensor(name).map_err(|_| {
        refuse(
            "weights file",
            format!("no tensor `{name}`"),
            name,
            "save it under the layer's name",
        )
    })?;
    if !shapes.iter().any(|s| s == view.shape()) {
        return Err(refuse(
            "shape of a weight tensor",
            format!("{name}: {:?}", view.shape()),
            format!("{:?}", shapes[0]),
            "use the weights of this network",
        ));
    }
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => data
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect(),
        Dtype::F16 => data
            .chunks_exact(2)
            .map(|b| half(u16::from_le_bytes([b[0], b[1]])))
            .collect(),
        other => {
            return Err(refuse(
                "type of a weight tensor",
                format!("{name}: {other:?}"),
                "F32 or F16",
                "convert it",
            ))
        }
    };
    match values.iter().position(|v| !v.is_finite()) {
        Some(i) => Err(refuse(
            "weights",
            format!("{} at {name}[{i}]", values[i]),
            "finite numbers",
            "check the run they came from",
        )),
        None => Ok(values),
    }
}

/// A 16-bit float as one of 32 bits, exactly.
pub(crate) fn half(h: u16) -> f32 {
    let sign = if h >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(h >> 10 & 31), f32::from(h & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        e => (1024.0 + fraction) * 2f32.powi(e - 25),
    }
}

impl<D: Device> Session<D> {
    /// Writes parameters: momentum starts at 0, exponents and formats anew. Returns how many values were limited to what a word holds.
    pub fn set_parameters(&mut self, net: NetId, parameters: &Parameters) -> Result<usize, Error> {
        let lanes = self.engine.config().lanes;
        let stages = self.networks[net.0].plan.stages.clone();
        let logical: Vec<Stage> = self.networks[net.0].network.stages().to_vec();
        if parameters.0.len() != stages.len() {
            return Err(refuse(
                "parameters",
                parameters.0.len(),
                format!("{} stages", stages.len()),
                "use those of this network",
            )
            .into());
        }
        let mut formats = Vec::new();
        let mut clipped = 0;
        for ((s, l), t) in stages.iter().zip(&logical).zip(&parameters.0) {
            if t.weight.len() != l.weights() || t.bias.len() != l.biases() {
                return Err(refuse(
                    "parameters of a stage",
                    format!(
                        "{}: {} weights, {} biases",
                        l.name,
                        t.weight.len(),
                        t.bias.len()
                    ),
                    format!("{} and {}", l.weights(), l.biases()),
                    "use those of this network",
                )
                .into());
            }
            if !l.is_trained() {
                formats.push(AVERAGE_F);
                continue;
            }
            let f = weight_f_of(&t.weight)?;
            let mut q = vec![0i16; t.weight.len()];
            clipped += quantise_slice(&t.weight, f, &mut q)?;
            self.engine
                .write_lanes(s.w.w.into(), &s.view.to_engine(lanes, &q))?;
            let mut q = vec![0i16; t.bias.len()];
            clipped += quantise_slice(&t.bias, BIAS_F, &mut q)?;
            q.resize(t.bias.len().next_multiple_of(lanes), 0);
            self.engine.write_lanes(s.b.w.into(), &q)?;
            formats.push(f);
        }
        self.set_formats(net, formats);
        self.reset_momentum(net)?;
        self.forget_sites(net)?;
        Ok(clipped)
    }

    /// Sets all momenta to 0.
    pub fn reset_momentum(&mut self, net: NetId) -> Result<(), Error> {
        let lanes = self.engine.config().lanes;
        if !self.networks[net.0].plan.training {
            return Ok(());
        }
        for s in self.networks[net.0].plan.stages.clone() {
            let words = s.view.engine.words(lanes) * lanes;
            self.engine.write_lanes(s.w.v.into(), &vec![0; words])?;
            let words = s.stage.biases().next_multiple_of(lanes);
            self.engine.write_lanes(s.b.v.into(), &vec![0; words])?;
        }
        Ok(())
    }

    /// The weight words on the device, row-major, weights then biases of each stage (none of an average pool): what a digest is taken of.
    pub fn words(&mut self, net: NetId) -> Result<Vec<Vec<i16>>, Error> {
        let lanes = self.engine.config().lanes;
        let mut all = Vec::new();
        for s in self.networks[net.0].plan.stages.clone() {
            let w = self
                .engine
                .read_lanes(s.w.w.into(), s.view.engine.words(lanes) * lanes)?;
            all.push(s.view.from_engine(lanes, &w));
            all.push(self.engine.read_lanes(s.b.w.into(), s.stage.biases())?);
        }
        Ok(all)
    }

    /// The parameters on the device.
    pub fn parameters(&mut self, net: NetId) -> Result<Parameters, Error> {
        let words = self.words(net)?;
        let real = |q: &[i16], f: i32| q.iter().map(|&q| dequantise(q, f) as f32).collect();
        let formats = &self.networks[net.0].formats;
        Ok(Parameters(
            words
                .chunks_exact(2)
                .zip(formats)
                .map(|(t, &f)| Tensors {
                    weight: real(&t[0], f),
                    bias: real(&t[1], BIAS_F),
                })
                .collect(),
        ))
    }
}

/// FNV-1a over words: the digest of weights and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Takes bytes in.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    /// Takes words in.
    pub fn words(&mut self, words: &[i16]) {
        words.iter().for_each(|w| self.bytes(&w.to_le_bytes()));
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn half_precision_values_are_exact() {
        for (h, v) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half(h), v, "{h:#x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }
}
