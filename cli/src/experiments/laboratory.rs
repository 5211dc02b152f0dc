//! Runs trials: prepares a seed's material once, remembers what the teacher thinks of the stream and what the baselines reach.

use super::learner::{Learner, Soft, Twin};
use super::pair;
use super::place::{locked, on_the_model, Labels, Open, Place};
use super::policy::Room;
use super::shift::drifting;
use super::trial::{Augment, Domain, Figures, Student, Trial, BATCH, DRIFT};
use super::whole;
use crate::demo::{material, shifted, Scope};
use crate::error::CliError;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use tandem::adapt::Gate;
use tandem::batches::{Batches, Random};
use tandem::consolidation::Consolidation;
use tandem::data::{Digits, CLASSES};
use tandem::network::frozen::Frozen;
use tandem::network::Network;
use tandem::session::Sample;
use tandem::train::{Descent, Ranking};

type Baseline = (Domain, u32, Student, usize, u16, Augment);

/// Places by domain and seed, each made once.
type Places = HashMap<(Domain, u32), Arc<OnceLock<Place>>>;

/// Places and results that several trials share.
pub struct Laboratory {
    data: PathBuf,
    /// Folder of MNIST's own files.
    mnist: PathBuf,
    open: Arc<Open>,
    /// Most images of the stream, and held out.
    most: Option<[usize; 2]>,
    places: Mutex<Places>,
    baselines: Mutex<HashMap<(Baseline, bool), Accuracy>>,
}

/// Stages of a training.
pub(super) struct Phase<'a> {
    pub(super) images: usize,
    pub(super) lr: f64,
    pub(super) frozen: Frozen,
    pub(super) soft: Option<(&'a [Vec<i16>], &'a tandem::distil::Distillation)>,
    /// How images are changed, and the seed of it.
    pub(super) augment: (Augment, u32),
    /// What holds the weights, and how much at the start; it falls with the rate.
    pub(super) elastic: Option<(&'a Consolidation, u16)>,
}

/// Trains on batches; soft targets lie by slot, from slot `first` on.
pub(super) fn fit(
    learner: &mut dyn Learner,
    next: &mut dyn FnMut(usize) -> Vec<Sample>,
    phase: &Phase,
    first: usize,
) -> Result<(), CliError> {
    let descent = Descent {
        lr: phase.lr,
        momentum: 0.9,
        weight_decay: 1e-4,
        steps: phase.images / BATCH,
        cosine: true,
    };
    let (augment, seed) = phase.augment;
    let mut random = Random::new(u64::from(seed) ^ 0xa0_6e17);
    learner.begin(phase.frozen)?;
    learner.hold(phase.elastic)?;
    for i in 0..descent.steps {
        let batch = next(BATCH);
        let targets: Vec<&[i16]> = match phase.soft {
            Some((all, _)) => batch
                .iter()
                .filter_map(|s| all.get(s.slot.wrapping_sub(first)).map(Vec::as_slice))
                .collect(),
            None => Vec::new(),
        };
        let soft: Soft = phase.soft.map(|(_, how)| (&targets[..], how));
        if augment != Augment::None {
            learner.vary(&batch, &augment.amounts(), &mut random)?;
        }
        learner.step(&batch, soft, &descent, i)?;
    }
    learner.hold(None)
}

impl Laboratory {
    /// With the data of a folder, on the model.
    pub fn new(data: PathBuf) -> Laboratory {
        Laboratory {
            data,
            mnist: PathBuf::from("target/data/mnist"),
            open: on_the_model(),
            most: None,
            places: Mutex::default(),
            baselines: Mutex::default(),
        }
    }

    /// With MNIST's own files of another folder.
    pub fn with_mnist(self, mnist: PathBuf) -> Laboratory {
        Laboratory { mnist, ..self }
    }

    /// On other devices, with so many images of the stream and held out.
    pub fn short(data: PathBuf, open: Arc<Open>, most: [usize; 2]) -> Laboratory {
        Laboratory {
            open,
            most: Some(most),
            ..Laboratory::new(data)
        }
    }

    /// Runs `work` at the place of a domain and seed.
    pub(super) fn at<T>(
        &self,
        domain: Domain,
        seed: u32,
        work: impl FnOnce(&Place) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let cell = locked(&self.places)
            .entry((domain, seed))
            .or_default()
            .clone();
        if cell.get().is_none() {
            let scope = Scope {
                same_domain: domain == Domain::Same,
                full: true,
                augmented: false,
            };
            let mut material = match domain {
                Domain::Same | Domain::Shifted => material(&self.data, seed, scope)?,
                Domain::Other(shift) => {
                    shifted(&self.data, seed, scope, |d, seed| shift.of(d, seed))?
                }
                Domain::Drifting => {
                    let mut m = shifted(&self.data, seed, scope, |d, _| d.clone())?;
                    let length = Trial::new(domain).m;
                    m.stream = drifting(&m.stream, length, DRIFT);
                    m.held_out = m.held_out.shifted(DRIFT, 0.0, 0);
                    m
                }
                Domain::Whole { shifted } => {
                    whole::material(&self.data, &self.mnist, seed, shifted)?
                }
                Domain::Pair(target) => pair::material(&self.data, seed, target)?,
            };
            if let Some([stream, held_out]) = self.most {
                let first = |d: &Digits, n: usize| {
                    let all: Vec<usize> = (0..d.len().min(n)).collect();
                    d.pick(&all)
                };
                material.stream = first(&material.stream, stream);
                material.held_out = first(&material.held_out, held_out);
            }
            let place = Place::new(material, self.open.clone());
            let _ = cell.set(place);
        }
        match cell.get() {
            Some(place) => work(place),
            None => unreachable!("set above, by this thread or another"),
        }
    }

    /// Runs a trial with a seed.
    pub fn run(&self, trial: &Trial, seed: u32) -> Result<Figures, CliError> {
        self.at(trial.domain, seed, |place| self.run_at(place, trial, seed))
    }

    fn run_at(&self, place: &Place, trial: &Trial, seed: u32) -> Result<Figures, CliError> {
        let network = trial.student.network(place.shape)?;
        let mut fixed = place.student(&network, trial.config)?;
        let teacher = match trial.taught {
            Some(size) => taught(place, size, 2 * trial.images, seed)?,
            None => place.teacher()?.labels.clone(),
        };
        let order = trial
            .stream
            .order(place.stream(), CLASSES, trial.m, seed.into());
        let mut rankings: Vec<Ranking> = order.iter().map(|&i| teacher.rankings[i]).collect();
        let mut random = Random::new(u64::from(seed) + 99);
        for (ranking, &i) in rankings.iter_mut().zip(&order) {
            if (random.below(1 << 20) as f64) < trial.events * f64::from(1 << 20) {
                *ranking = Ranking::event(place.stream().labels[i]);
            }
        }
        let room = Room {
            classes: CLASSES,
            k: trial.k,
            top: trial.top,
            refresh: trial.refresh,
        };
        let seed_of_keys = u64::from(seed) + 77;
        let mut kept = trial.policy.keep(&rankings, 0, room, seed_of_keys);
        if trial.wrong > 0.0 {
            kept = mislabelled(&kept, trial.wrong, seed.into());
        }
        let first = place.first_of_stream();
        let (mut right, mut samples) = (0, 0);
        for s in kept.iter_mut().flatten() {
            let i = order[s.slot];
            s.slot = first + i;
            samples += 1;
            right += usize::from(place.stream().labels[i] == s.label);
        }
        let mut out = Figures {
            teacher: teacher.accuracy,
            right: 100.0 * right as f64 / samples.max(1) as f64,
            samples,
            ..Figures::default()
        };
        let running = self.baseline(place, trial, seed, &mut fixed, false)?;
        out.supervised = running.all();
        let soft = match &trial.soft {
            Some(how) => Some((place.soft_of(how.temperature, trial.soft_classes)?, how)),
            None => None,
        };
        let soft = soft.as_ref().map(|(all, how)| (&all[..], *how));
        let (trained, tuned, spent) =
            student(&mut fixed, place, trial, (&kept, soft), &network, seed)?;
        (out.kept, out.tuned) = (trained.all(), tuned.all());
        out.digest = fixed.digest()?;
        if trial.gate {
            let deployed = if tuned.passes(&running) {
                tuned
            } else {
                running
            };
            out.deployed = Some([deployed.rest(), running.rest()]);
        }
        let labelling = teacher.cycles * order.len() as f64;
        out.cycles = [labelling as u64, spent[1] - spent[0], spent[2] - spent[1]];
        if trial.float {
            let mut twin = Twin::new(&network, &place.values)?;
            let supervised = self.baseline(place, trial, seed, &mut twin, true)?;
            let (a, b, _) = student(&mut twin, place, trial, (&kept, None), &network, seed)?;
            out.float = Some([supervised.all(), a.all(), b.all()]);
        }
        Ok(out)
    }

    /// The supervised baseline: as many images, all of the clean set.
    fn baseline(
        &self,
        place: &Place,
        trial: &Trial,
        seed: u32,
        learner: &mut dyn Learner,
        float: bool,
    ) -> Result<Accuracy, CliError> {
        let images = trial.images + trial.tune_images;
        let bits = trial.config.operand_bits as u16;
        let augment = trial.baseline_augment;
        let key = (
            (trial.domain, seed, trial.student, images, bits, augment),
            float,
        );
        if let Some(&known) = locked(&self.baselines).get(&key) {
            return Ok(known);
        }
        supervise(learner, place, (images, trial.baseline_lr(), augment), seed)?;
        let found = Accuracy::of(learner, place)?;
        locked(&self.baselines).insert(key, found);
        Ok(found)
    }
}

/// Trains on the clean samples alone, from the seed's weights: so many images, at a rate, changed as they are drawn.
fn supervise(
    learner: &mut dyn Learner,
    place: &Place,
    (images, lr, augment): (usize, f64, Augment),
    seed: u32,
) -> Result<(), CliError> {
    learner.restart(seed)?;
    let mut batches = Batches::plain(&place.clean, seed.into());
    let phase = Phase {
        images,
        lr,
        frozen: Frozen::default(),
        soft: None,
        augment: (augment, seed),
        elastic: None,
    };
    fit(learner, &mut |n| batches.next(n), &phase, 0)
}

/// A teacher of a size of its own, taught by so many images, and what it makes of the stream.
fn taught(place: &Place, size: Student, images: usize, seed: u32) -> Result<Labels, CliError> {
    let network = size.network(place.shape)?;
    let mut teacher = place.student(&network, &tandem_isa::config::E8X16)?;
    // Not the weights the student begins with.
    let own = seed + 100;
    supervise(&mut teacher, place, (images, 0.05, Augment::Affine), own)?;
    let before = teacher.cycles();
    let rankings = teacher.rank(&place.stream_samples())?;
    let cycles = (teacher.cycles() - before) as f64 / rankings.len().max(1) as f64;
    Ok(Labels {
        accuracy: teacher.accuracy(&place.held_out)?,
        rankings,
        cycles,
    })
}

/// Held-out images that the gate looks at, the first ones.
const GATE: usize = 200;

/// Of the held-out images: those that are right, of how many, in the gate's part and in the rest.
#[derive(Clone, Copy, Debug)]
struct Accuracy([(f64, f64); 2]);

impl Accuracy {
    fn of(learner: &mut dyn Learner, place: &Place) -> Result<Accuracy, CliError> {
        let (gate, rest) = place.held_out.split_at(GATE.min(place.held_out.len()));
        let mut part = |samples: &[Sample]| -> Result<(f64, f64), CliError> {
            let n = samples.len() as f64;
            Ok((learner.accuracy(samples)? / 100.0 * n, n))
        };
        Ok(Accuracy([part(gate)?, part(rest)?]))
    }

    fn all(&self) -> f64 {
        let [(a, n), (b, m)] = self.0;
        100.0 * (a + b) / (n + m).max(1.0)
    }

    fn rest(&self) -> f64 {
        let (right, n) = self.0[1];
        100.0 * right / n.max(1.0)
    }

    /// Better than what runs on the gate's images, by the rule of `tandem adapt`.
    fn passes(&self, running: &Accuracy) -> bool {
        let [(right, n), _] = running.0;
        Gate::Deviation.passes(self.0[0].0, right, n)
    }
}

/// A share of the samples under a label that is not the teacher's.
fn mislabelled(kept: &[Vec<Sample>], share: f64, seed: u64) -> Vec<Vec<Sample>> {
    let mut random = Random::new(seed);
    let mut out = vec![Vec::new(); kept.len()];
    for s in kept.iter().flatten() {
        let mut label = usize::from(s.label);
        if (random.below(1 << 20) as f64) < share * f64::from(1 << 20) {
            label = (label + 1 + random.below(kept.len() - 1)) % kept.len();
        }
        out[label].push(Sample {
            slot: s.slot,
            label: label as u16,
        });
    }
    out
}

/// Kept samples of every class, and soft targets of the stream.
type Lesson<'a> = (
    &'a [Vec<Sample>],
    Option<(&'a [Vec<i16>], &'a tandem::distil::Distillation)>,
);

/// Trains on the kept set, then on the clean one; accuracies, and cycles at the start of each and at the end.
fn student(
    learner: &mut dyn Learner,
    place: &Place,
    trial: &Trial,
    (kept, soft): Lesson,
    network: &Network,
    seed: u32,
) -> Result<(Accuracy, Accuracy, [u64; 3]), CliError> {
    if trial.warm {
        let images = trial.images + trial.tune_images;
        let how = (images, trial.baseline_lr(), trial.baseline_augment);
        supervise(learner, place, how, seed)?;
    } else {
        learner.restart(seed)?;
    }
    let begun = learner.cycles();
    let kept = Batches::balanced(kept, seed.into());
    let clean = Batches::plain(&place.clean, u64::from(seed) + 1);
    let mut batches = kept.mixed(clean, trial.mix);
    let phase = Phase {
        images: trial.images,
        lr: trial.lr,
        frozen: Frozen::default(),
        soft,
        augment: (trial.augment, seed),
        elastic: None,
    };
    let first = place.first_of_stream();
    fit(learner, &mut |n| batches.next(n), &phase, first)?;
    let trained = learner.cycles();
    let after_kept = Accuracy::of(learner, place)?;
    let between = learner.cycles();
    let mut batches = Batches::plain(&place.clean, seed.into());
    let phase = Phase {
        images: trial.tune_images,
        lr: trial.tune_lr,
        frozen: if trial.last_only {
            Frozen::all_but_last(network)
        } else {
            Frozen::default()
        },
        soft: None,
        augment: (trial.augment, seed + 1),
        elastic: None,
    };
    fit(learner, &mut |n| batches.next(n), &phase, 0)?;
    // The cycles of measuring the accuracy are none of the training's.
    let tuned = trained + (learner.cycles() - between);
    let after_clean = Accuracy::of(learner, place)?;
    Ok((after_kept, after_clean, [begun, trained, tuned]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::pair::Target;
    use crate::experiments::policy::Policy;

    /// With nine of ten labels wrong, every label is as likely as any other: nothing can be learned but chance. With the teacher's labels the same run learns.
    #[test]
    fn random_labels_teach_nothing() {
        let laboratory = Laboratory::new(crate::demo::folder(None).unwrap());
        let right = Trial {
            images: 1600,
            tune_images: 0,
            ..Trial::new(Domain::Same)
        };
        let wrong = Trial {
            wrong: 0.9,
            ..right.clone()
        };
        let (right, wrong) = (
            laboratory.run(&right, 1).unwrap(),
            laboratory.run(&wrong, 1).unwrap(),
        );
        assert!((wrong.right - 10.0).abs() < 2.0, "seed 1: {wrong:?}");
        assert!((wrong.kept - 10.0).abs() < 12.0, "seed 1: {wrong:?}");
        assert!(right.kept > 60.0, "seed 1: {right:?}");
    }

    /// Images that were changed for one training are as they were for the next, and each setting makes another student.
    #[test]
    fn settings_change_what_they_name_alone() {
        let data = crate::demo::folder(None).unwrap();
        let laboratory = Laboratory::short(data, on_the_model(), [100, 50]);
        let plain = Trial {
            m: 100,
            policy: Policy::Ranked,
            k: 8,
            images: 64,
            tune_images: 64,
            ..Trial::new(Domain::Same)
        };
        let run = |trial: Trial| laboratory.run(&trial, 1).unwrap();
        let of = |augment, baseline_augment| Trial {
            augment,
            baseline_augment,
            ..plain.clone()
        };
        let first = run(plain.clone());
        let baseline = run(of(Augment::None, Augment::Affine));
        assert_eq!(first.digest, baseline.digest, "seed 1");
        let warm = Trial {
            warm: true,
            ..plain.clone()
        };
        let taught = Trial {
            taught: Some(Student::Plain(4, 8)),
            ..plain.clone()
        };
        let (affine, noisy) = (Augment::Affine, Augment::Noisy);
        let others = [of(affine, affine), of(noisy, noisy), warm, taught].map(run);
        let mut digests = others.map(|f| f.digest.0).to_vec();
        digests.push(first.digest.0);
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 5, "seed 1: {others:?}");
        assert_ne!(others[3].teacher, first.teacher, "seed 1");
        assert_eq!(run(plain.clone()), first, "seed 1");
    }

    /// The teacher of the source domain, as accurate in the other one as in float32 (data/reference.py), teaches a student more than the clean samples do.
    #[test]
    fn a_real_domain_is_learned_from_another() {
        let laboratory = Laboratory::new(crate::demo::folder(None).unwrap());
        for (target, teacher) in [(Target::Mnist, 68.0), (Target::Digits, 65.2)] {
            let trial = Trial {
                images: 3200,
                tune_images: 0,
                ..Trial::new(Domain::Pair(target))
            };
            let f = laboratory.run(&trial, 1).unwrap();
            assert!((f.teacher - teacher).abs() < 1.0, "seed 1: {f:?}");
            assert!(f.kept > f.supervised + 5.0, "seed 1: {f:?}");
        }
    }
}
