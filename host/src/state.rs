//! The state of an installed network, as a checkpoint keeps it: with it a run goes on bit for bit.
//!
//! Weights, biases and momenta are words as the engine holds them; with them come their formats, the exponent sites and the key
//! of the next update's random words. Nothing else of a network outlives a step.

use crate::device::Device;
use crate::driver::Site;
use crate::error::{CompileError, Error};
use crate::session::{NetId, Session};
use serde::{Deserialize, Serialize};

/// What a network has learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkState {
    /// Formats of the stages' weights.
    pub formats: Vec<i32>,
    /// Words of each stage: weights, their momenta, biases, theirs; no momenta of a network that only infers.
    pub words: Vec<Vec<i16>>,
    /// Exponent sites.
    pub sites: Vec<Site>,
    /// Key of the next update.
    pub key: u32,
}

/// Exponent of a stage's output, and its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputExponent {
    /// Magnitudes stay below 2^e.
    pub e: i8,
    /// Format of the words: real = q·2^−f.
    pub f: i8,
}

impl<D: Device> Session<D> {
    /// Sites of the stages' outputs.
    fn output_sites(&self, net: NetId) -> Vec<u8> {
        let stages = &self.networks[net.0].plan.stages;
        stages.iter().map(|s| s.sites.y).collect()
    }

    /// What the stages' outputs have learnt of their size, for a network that will infer elsewhere.
    pub fn output_exponents(&mut self, net: NetId) -> Result<Vec<OutputExponent>, Error> {
        let of = |s: Site| OutputExponent { e: s.e, f: s.f };
        self.output_sites(net)
            .into_iter()
            .map(|site| Ok(of(self.engine.site(site)?)))
            .collect()
    }

    /// Sets them, in place of a calibration.
    pub fn set_output_exponents(
        &mut self,
        net: NetId,
        exponents: &[OutputExponent],
    ) -> Result<(), Error> {
        let sites = self.output_sites(net);
        if sites.len() != exponents.len() {
            return Err(CompileError::Input {
                what: "exponents of the network's outputs",
                found: exponents.len().to_string(),
                expected: sites.len().to_string(),
                remedy: "use those of this network",
            }
            .into());
        }
        for (site, OutputExponent { e, f }) in sites.into_iter().zip(exponents.iter().copied()) {
            let value = Site {
                e,
                f,
                count: 0,
                valid: true,
            };
            self.engine.set_site(site, value)?;
        }
        self.refresh_sites(net)
    }

    /// Address and lanes of every block of words a network has learnt.
    fn learnt(&self, net: NetId) -> Vec<(u64, usize)> {
        let lanes = self.engine.config().lanes;
        let plan = &self.networks[net.0].plan;
        let mut blocks = Vec::new();
        for s in plan.stages.iter().filter(|s| s.stage.is_trained()) {
            let weights = s.view.engine.words(lanes) * lanes;
            let biases = s.stage.biases().next_multiple_of(lanes);
            for (tensor, count) in [(s.w, weights), (s.b, biases)] {
                blocks.push((tensor.w.into(), count));
                if plan.training {
                    blocks.push((tensor.v.into(), count));
                }
            }
        }
        blocks
    }

    /// Gives a network the weights of another, word for word, where both are of the same layers. Exponents must be learnt anew.
    pub fn copy_weights(&mut self, from: NetId, to: NetId) -> Result<(), Error> {
        let (source, target) = (&self.networks[from.0], &self.networks[to.0]);
        if source.network != target.network {
            return Err(CompileError::Input {
                what: "network to copy weights to",
                found: format!("another one: {}", target.network),
                expected: source.network.to_string(),
                remedy: "copy between networks of the same layers",
            }
            .into());
        }
        let formats = source.formats.clone();
        // With momenta there is one block of words behind each of weights and biases.
        let of = |training: bool| if training { 2 } else { 1 };
        let (skip, past) = (of(source.plan.training), of(target.plan.training));
        let blocks = self.learnt(from).into_iter().step_by(skip);
        let places = self.learnt(to).into_iter().step_by(past);
        for ((source, lanes), (target, _)) in blocks.zip(places) {
            let words = self.engine.read_lanes(source, lanes)?;
            self.engine.write_lanes(target, &words)?;
        }
        self.set_formats(to, formats);
        self.forget_sites(to)
    }

    /// Reads what a network has learnt. No program may be running.
    pub fn state(&mut self, net: NetId) -> Result<NetworkState, Error> {
        let words = self
            .learnt(net)
            .into_iter()
            .map(|(address, lanes)| self.engine.read_lanes(address, lanes))
            .collect::<Result<_, _>>()?;
        let (first, end) = self.networks[net.0].plan.site_range;
        let sites = (first..end)
            .map(|site| self.engine.site(site as u8))
            .collect::<Result<_, _>>()?;
        let installed = &self.networks[net.0];
        Ok(NetworkState {
            formats: installed.formats.clone(),
            words,
            sites,
            key: installed.key,
        })
    }

    /// Writes it back, to the same network installed in the same way on the same configuration.
    pub fn restore(&mut self, net: NetId, state: &NetworkState) -> Result<(), Error> {
        let blocks = self.learnt(net);
        let plan = &self.networks[net.0].plan;
        let (first, end) = plan.site_range;
        let sizes: Vec<usize> = blocks.iter().map(|b| b.1).collect();
        let found: Vec<usize> = state.words.iter().map(Vec::len).collect();
        if sizes != found
            || state.sites.len() != end - first
            || state.formats.len() != plan.stages.len()
        {
            return Err(CompileError::Input {
                what: "state of a network",
                found: format!(
                    "{} words, {} sites, {} stages",
                    found.iter().sum::<usize>(),
                    state.sites.len(),
                    state.formats.len()
                ),
                expected: format!(
                    "{} words, {} sites, {} stages",
                    sizes.iter().sum::<usize>(),
                    end - first,
                    plan.stages.len()
                ),
                remedy: "restore it to the network and configuration it was taken from",
            }
            .into());
        }
        for ((address, _), words) in blocks.into_iter().zip(&state.words) {
            self.engine.write_lanes(address, words)?;
        }
        self.set_formats(net, state.formats.clone());
        // Marks all of them as unseen; the ones that are not are found out below.
        self.forget_sites(net)?;
        for (site, value) in (first..end).zip(&state.sites) {
            self.engine.set_site(site as u8, *value)?;
        }
        self.networks[net.0].key = state.key;
        self.refresh_sites(net)
    }
}
