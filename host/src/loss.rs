//! The loss on the host. For engines without a loss unit: logits out of memory, softmax, ranking and cross-entropy by the
//! functions of `isa`, errors back (those of soft targets, too); so every device gives the same bits. And for curves, of any engine: its value.

use crate::device::Device;
use crate::error::Error;
use crate::fold::{pack, unpack};
use crate::session::{Mixture, NetId, Sample, Session};
use crate::train::Ranking;
use tandem_isa::layout::Activation;
use tandem_isa::numerics::{gradient_hard, gradient_mixed, rank, softmax, NumericsError};

impl<D: Device> Session<D> {
    /// Logits of the last forward's `n` images, one after the other, and their format.
    fn logits(&mut self, net: NetId, n: usize) -> Result<(Vec<Vec<i16>>, i32), Error> {
        let lanes = self.engine.config().lanes;
        let plan = &self.networks[net.0].plan;
        let classes = plan.classes();
        let Some(last) = plan.stages.last() else {
            return Ok((Vec::new(), 0));
        };
        let (site, address) = (last.sites.y, last.y.address);
        let shape = logits(n, classes);
        let words = self
            .engine
            .read_lanes(address.into(), shape.words(lanes) * lanes)?;
        let f_z = i32::from(self.engine.site(site)?.f);
        let all = unpack(shape, lanes, &words);
        Ok((
            all.chunks_exact(classes).map(<[i16]>::to_vec).collect(),
            f_z,
        ))
    }

    /// Probabilities of the last forward's `n` images, one after the other.
    fn probabilities(&mut self, net: NetId, n: usize) -> Result<Vec<Vec<i16>>, Error> {
        let temperature = self.networks[net.0].options.temperature;
        self.probabilities_at(net, n, temperature)
    }

    /// The same with a temperature of its own.
    pub(crate) fn probabilities_at(
        &mut self,
        net: NetId,
        n: usize,
        temperature: u32,
    ) -> Result<Vec<Vec<i16>>, Error> {
        let (logits, f_z) = self.logits(net, n)?;
        logits
            .iter()
            .map(|z| {
                let mut p = vec![0; z.len()];
                softmax(z, f_z, temperature, &mut p)?;
                Ok(p)
            })
            .collect()
    }

    /// Sum of the cross-entropies, in nats, of the last forward of `net` (a step's, or an inference's), whose batch was `batch`. For
    /// curves: from the logits in floats, at temperature 1.
    pub fn last_loss(&mut self, net: NetId, batch: &[Sample]) -> Result<f64, Error> {
        let (logits, f_z) = self.logits(net, batch.len())?;
        let scale = 2f64.powi(-f_z);
        let loss = |(z, sample): (&Vec<i16>, &Sample)| {
            let label = z
                .get(usize::from(sample.label))
                .copied()
                .unwrap_or(i16::MIN);
            let most = z.iter().copied().max().unwrap_or(0);
            let above = |q: i16| (f64::from(q) - f64::from(most)) * scale;
            z.iter().map(|&q| above(q).exp()).sum::<f64>().ln() - above(label)
        };
        Ok(logits.iter().zip(batch).map(loss).sum())
    }

    /// Writes the errors of the last forward's logits, as operands of the engine.
    pub(crate) fn host_loss(&mut self, net: NetId, batch: &[Sample]) -> Result<(), Error> {
        let p = self.probabilities(net, batch.len())?;
        let error = |(p, sample): (&Vec<i16>, &Sample)| {
            let mut g = vec![0; p.len()];
            gradient_hard(p, sample.label.into(), &mut g)?;
            Ok(g)
        };
        let errors = p.iter().zip(batch).map(error);
        let errors: Vec<Vec<i16>> = errors.collect::<Result<_, NumericsError>>()?;
        self.write_errors(net, &errors)
    }

    /// The same with soft targets, one list of probabilities an image.
    pub(crate) fn host_soft_loss(
        &mut self,
        net: NetId,
        batch: &[Sample],
        targets: &[&[i16]],
        soft: Mixture,
    ) -> Result<(), Error> {
        let (logits, f_z) = self.logits(net, batch.len())?;
        let error = |((z, q), sample): ((&Vec<i16>, &&[i16]), &Sample)| {
            let (mut p, mut g) = (vec![0; z.len()], vec![0; z.len()]);
            softmax(z, f_z, soft.temperature, &mut p)?;
            gradient_mixed((z, f_z), &p, q, sample.label.into(), soft.share, &mut g)?;
            Ok(g)
        };
        let errors = logits.iter().zip(targets).zip(batch).map(error);
        let errors: Vec<Vec<i16>> = errors.collect::<Result<_, NumericsError>>()?;
        self.write_errors(net, &errors)
    }

    /// Writes errors of logits, one list an image, where the backward reads them.
    pub(crate) fn write_errors<L: AsRef<[i16]>>(
        &mut self,
        net: NetId,
        errors: &[L],
    ) -> Result<(), Error> {
        let config = *self.engine.config();
        let plan = &self.networks[net.0].plan;
        let Some(last) = plan.stages.last() else {
            return Ok(());
        };
        let narrow = |&g: &i16| config.width().narrow(g);
        let values: Vec<i16> = errors
            .iter()
            .flat_map(|e| e.as_ref().iter().map(narrow))
            .collect();
        let words = pack(logits(errors.len(), plan.classes()), config.lanes, &values);
        Ok(self.engine.write_lanes(last.g.address.into(), &words)?)
    }

    /// Rankings of the last forward's `n` images.
    pub(crate) fn host_rankings(
        &mut self,
        net: NetId,
        n: usize,
        top: u8,
    ) -> Result<Vec<Ranking>, Error> {
        let all = self.probabilities(net, n)?;
        Ok(all
            .iter()
            .map(|p| {
                let best = rank(p, top.into());
                Ranking {
                    class: best.map(|b| b.0),
                    p: best.map(|b| b.1),
                }
            })
            .collect())
    }
}

fn logits(n: usize, classes: usize) -> Activation {
    Activation {
        n,
        c: classes,
        h: 1,
        w: 1,
    }
}
