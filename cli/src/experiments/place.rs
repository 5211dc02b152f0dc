//! Where a trial happens: a seed's images in a domain, what the teacher makes of them, and engines for its networks.

use super::learner::{Fixed, INFER};
use super::trial::BATCH;
use crate::error::CliError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use tandem::adapt::SoftTargets;
use tandem::data::{Digits, PIXEL_F};
use tandem::device::Device;
use tandem::fold::InputFormat;
use tandem::network::{Network, Shape};
use tandem::session::{Sample, Session};
use tandem::study::{teacher, Material};
use tandem::train::Ranking;
use tandem::{Context, Engine};
use tandem_isa::Config;
use tandem_sim::model::Model;

/// Makes a device of a configuration with so many bytes.
pub type Open = dyn Fn(&'static Config, usize) -> Result<Box<dyn Device>, CliError> + Sync + Send;

/// Makes models.
pub fn on_the_model() -> Arc<Open> {
    Arc::new(|config, bytes| Ok(Box::new(Model::new(config, bytes)) as _))
}

/// A seed's material in a domain. Slots: clean samples, then the stream, then the held-out images.
pub struct Place {
    pub(super) shape: Shape,
    pub(super) clean: Vec<Sample>,
    pub(super) held_out: Vec<Sample>,
    words: Arc<Vec<Vec<i16>>>,
    pub(super) values: Vec<Vec<f32>>,
    teacher: OnceLock<Teacher>,
    material: Material,
    open: Arc<Open>,
}

/// What a teacher makes of a place.
#[derive(Clone)]
pub(super) struct Labels {
    pub(super) accuracy: f64,
    pub(super) rankings: Vec<Ranking>,
    /// Cycles an image.
    pub(super) cycles: f64,
}

/// The study's teacher.
pub(super) struct Teacher {
    pub(super) labels: Labels,
    /// Its probabilities at the temperatures that were asked for.
    soft: Mutex<HashMap<u64, Arc<Vec<Vec<i16>>>>>,
}

pub(super) fn locked<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

impl Place {
    pub(super) fn new(material: Material, open: Arc<Open>) -> Place {
        let (clean, stream, held) = (&material.clean, &material.stream, &material.held_out);
        let all = || [clean, stream, held].into_iter();
        let words = all().flat_map(|d| (0..d.len()).map(|i| d.words(i)));
        let values = all().flat_map(|d| (0..d.len()).map(|i| d.image(i).to_vec()));
        let samples = |d: &Digits, first: usize| {
            let label = d.labels.iter().enumerate();
            label
                .map(|(i, &label)| Sample {
                    slot: first + i,
                    label,
                })
                .collect()
        };
        Place {
            shape: Shape {
                c: 1,
                h: clean.h,
                w: clean.w,
            },
            clean: samples(clean, 0),
            held_out: samples(held, clean.len() + stream.len()),
            words: Arc::new(words.collect()),
            values: values.collect(),
            teacher: OnceLock::new(),
            material,
            open,
        }
    }

    pub(super) fn stream(&self) -> &Digits {
        &self.material.stream
    }

    pub(super) fn first_of_stream(&self) -> usize {
        self.clean.len()
    }

    /// An engine with room for the samples and a network of the study's sizes.
    fn engine(
        &self,
        format: &InputFormat,
        config: &'static Config,
    ) -> Result<Engine<Box<dyn Device>>, CliError> {
        let sample = (format.lanes(config.lanes) * 2).next_multiple_of(64);
        Ok(Engine::open((self.open)(
            config,
            sample * self.words.len() + (96 << 20),
        )?)?)
    }

    /// A network on an engine of its own, with the images.
    pub(super) fn student(
        &self,
        network: &Network,
        config: &'static Config,
    ) -> Result<Fixed, CliError> {
        let format = format(&[network], config)?;
        let engine = self.engine(&format, config)?;
        Fixed::new(engine, format, network, BATCH, self.words.clone())
    }

    /// A session with the teacher, calibrated.
    fn with_teacher<T>(
        &self,
        work: impl FnOnce(&mut Session<Box<dyn Device>>, tandem::session::NetId) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let network = teacher(self.shape)?;
        let config = &tandem_isa::config::E8X16;
        let format = format(&[&network], config)?;
        let engine = self.engine(&format, config)?;
        let mut session = Session::new(engine, format, self.words.len())?;
        let net = session.install(&network, Context::Teacher, INFER, false)?;
        session.set_parameters(net, &self.material.teacher)?;
        for (slot, image) in self.words.iter().enumerate() {
            session.write_sample(slot, image)?;
        }
        session.calibrate(
            net,
            &self.stream_samples()[..INFER.min(self.stream().len())],
        )?;
        work(&mut session, net)
    }

    pub(super) fn stream_samples(&self) -> Vec<Sample> {
        let first = self.first_of_stream();
        (0..self.stream().len())
            .map(|i| Sample {
                slot: first + i,
                label: self.stream().labels[i],
            })
            .collect()
    }

    pub(super) fn teacher(&self) -> Result<&Teacher, CliError> {
        if let Some(t) = self.teacher.get() {
            return Ok(t);
        }
        let made = self.with_teacher(|session, net| {
            let before = session.predicted()[0];
            let rankings = session.rank(net, &self.stream_samples(), 4)?;
            let cycles = (session.predicted()[0] - before) as f64 / rankings.len().max(1) as f64;
            let right = session.correct(net, &self.held_out)?;
            Ok(Teacher {
                labels: Labels {
                    accuracy: 100.0 * right as f64 / self.held_out.len().max(1) as f64,
                    rankings,
                    cycles,
                },
                soft: Mutex::default(),
            })
        })?;
        Ok(self.teacher.get_or_init(|| made))
    }

    /// What the teacher thinks of the stream; of its best `classes` alone, packed and expanded again, unless that is 0.
    pub(super) fn soft_of(
        &self,
        temperature: f64,
        classes: usize,
    ) -> Result<Arc<Vec<Vec<i16>>>, CliError> {
        let all = self.soft(temperature)?;
        if classes == 0 {
            return Ok(all);
        }
        let soft = SoftTargets {
            classes,
            ..SoftTargets::default()
        };
        let few = |p: &Vec<i16>| soft.expand(&soft.keep(p.clone())?, p.len());
        Ok(Arc::new(all.iter().map(few).collect::<Result<_, _>>()?))
    }

    fn soft(&self, temperature: f64) -> Result<Arc<Vec<Vec<i16>>>, CliError> {
        let teacher = self.teacher()?;
        if let Some(known) = locked(&teacher.soft).get(&temperature.to_bits()) {
            return Ok(known.clone());
        }
        let made = self.with_teacher(|session, net| {
            Ok(session.soft_targets(net, &self.stream_samples(), temperature)?)
        })?;
        let made = Arc::new(made);
        locked(&teacher.soft).insert(temperature.to_bits(), made.clone());
        Ok(made)
    }
}

/// How samples for some networks stand in memory.
pub(super) fn format(networks: &[&Network], config: &Config) -> Result<InputFormat, CliError> {
    InputFormat::shared(networks, config.lanes, PIXEL_F).ok_or_else(|| {
        crate::error::wrong(
            "experiment",
            "input of the networks",
            "different shapes",
            "one shape",
            "use networks for the same images",
        )
    })
}
