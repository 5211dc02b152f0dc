//! A whole training step in plain loops, exponents included.

use super::{average, average_back, average_f, dw, dx, forward, pool, unpool};
use tandem::consolidation::Consolidation;
use tandem::lower::{batch_scale, gradient_f};
use tandem::network::Network;
use tandem::parameters::{Parameters, Tensors};
use tandem_isa::numerics::*;

pub struct Layer {
    pub w: Vec<i16>,
    pub v: Vec<i16>,
    pub b: Vec<i16>,
    pub vb: Vec<i16>,
    pub f_w: i32,
    /// y, g, d, db, part.
    pub sites: [Exponent; 5],
}

pub struct Trainer {
    pub network: Network,
    pub layers: Vec<Layer>,
    pub f_x: i32,
    pub key: u32,
    pub folded: bool,
    pub width: Width,
    /// What the weights are pulled back to in the next step, and how much.
    pub held: Option<(Consolidation, u16)>,
}

/// Requantises a tensor as a site does: an invalid one learns first.
fn through(
    site: &mut Exponent,
    acc: &[i64],
    f_acc: i32,
    freeze: bool,
    width: Width,
) -> (Vec<i16>, i32) {
    let mask = acc.iter().fold(0, |m, &a| m | width.or_mask(a));
    if !site.valid {
        site.finish(mask, f_acc);
    }
    let (s, f) = width.shift(site, f_acc);
    let q = acc
        .iter()
        .map(|&a| width.requant(width.wrap(a), s))
        .collect();
    if !freeze {
        site.finish(mask, f_acc);
    }
    (q, f)
}

/// What forward leaves of a stage.
struct Trace {
    y: Vec<i16>,
    f: i32,
    index: Vec<i16>,
}

/// What a stage works on.
type Operand = (Vec<i16>, i32);

impl Trainer {
    /// A trainer that starts where a session does: its weight words, its parameters' formats, the format of the images and
    /// the seed of the updates.
    pub fn new(
        network: &Network,
        words: &[Vec<i16>],
        parameters: &Parameters,
        (f_x, key): (i32, u32),
    ) -> Trainer {
        let layer = |(t, p): (&[Vec<i16>], &Tensors)| Layer {
            w: t[0].clone(),
            v: vec![0; t[0].len()],
            b: t[1].clone(),
            vb: vec![0; t[1].len()],
            f_w: weight_f_of(&p.weight).unwrap_or(AVERAGE_F),
            sites: [Exponent::default(); 5],
        };
        Trainer {
            network: network.clone(),
            layers: words
                .chunks_exact(2)
                .zip(&parameters.0)
                .map(layer)
                .collect(),
            f_x,
            key,
            folded: false,
            width: Width::FULL,
            held: None,
        }
    }

    /// Words as operands.
    fn narrow(&self, q: &[i16]) -> Vec<i16> {
        q.iter().map(|&q| self.width.narrow(q)).collect()
    }

    fn narrowed(&self) -> i32 {
        self.width.word_shift() as i32
    }

    /// Operand of a stage: the output of its source, or the images.
    fn operand(&self, traces: &[Trace], source: Option<usize>, x: &[i16]) -> Operand {
        match source {
            Some(j) => (traces[j].y.clone(), traces[j].f),
            None => (self.narrow(x), self.f_x - self.narrowed()),
        }
    }

    fn forward(&mut self, x: &[i16], n: usize, freeze: bool) -> Vec<Trace> {
        let mut traces: Vec<Trace> = Vec::new();
        for i in 0..self.layers.len() {
            let s = &self.network.stages()[i];
            let (x, f_x) = self.operand(&traces, s.source, x);
            let w = self.narrow(&self.layers[i].w);
            let (width, narrowed) = (self.width, self.narrowed());
            let width_y = match i + 1 == self.layers.len() {
                true => width.wide(),
                false => width,
            };
            let l = &mut self.layers[i];
            let f_acc = match s.is_trained() {
                true => f_x + l.f_w - narrowed,
                false => average_f(s, f_x, width),
            };
            let skip = s.skip.map(|k| (&traces[k].y[..], traces[k].f));
            let acc = if s.is_trained() {
                forward(s, n, &x, &w, &l.b, skip, f_acc)
            } else {
                average(s, n, &x, width)
            };
            let (mut y, f) = through(&mut l.sites[0], &acc, f_acc, freeze, width_y);
            let mut index = Vec::new();
            if s.pool {
                (y, index) = pool(n, s.full(), &y);
            }
            traces.push(Trace { y, f, index });
        }
        traces
    }

    /// Best classes with their probabilities.
    pub fn rank(&mut self, x: &[i16], n: usize) -> Vec<(usize, i16)> {
        let last = self.forward(x, n, true).pop().unwrap();
        let (z, f_z) = (last.y, last.f);
        let classes = self.network.output().c;
        z.chunks_exact(classes)
            .map(|z| {
                let mut p = vec![0; classes];
                softmax(z, f_z, TEMPERATURE_ONE, &mut p).unwrap();
                let mut best = 0;
                (0..classes).for_each(|c| {
                    if p[c] > p[best] {
                        best = c;
                    }
                });
                (best, p[best])
            })
            .collect()
    }

    pub fn step(&mut self, x: &[i16], labels: &[u16], lr: f64, momentum: f64, wd: f64) {
        let n = labels.len();
        let traces = self.forward(x, n, false);
        let (z, f_z) = traces.last().map(|t| (&t.y, t.f)).unwrap();
        let classes = self.network.output().c;
        let mut g = vec![0; z.len()];
        for ((z, g), &label) in z
            .chunks_exact(classes)
            .zip(g.chunks_exact_mut(classes))
            .zip(labels)
        {
            let mut p = vec![0; classes];
            softmax(z, f_z, TEMPERATURE_ONE, &mut p).unwrap();
            gradient_hard(&p, label.into(), g).unwrap();
        }
        let g = self.narrow(&g);
        let f_g = gradient_f(n) - self.narrowed();
        let width = self.width;
        let mut rates = Vec::new();
        for (l, s) in self.layers.iter().zip(self.network.stages()) {
            if !s.is_trained() {
                // No parameters: no keys are drawn, and nothing looks here.
                rates.extend([rates[0]; 2]);
                continue;
            }
            for decay in [wd, 0.0] {
                let key_v = next_key(self.key);
                self.key = next_key(key_v);
                let mut p = SgdParams::new(lr, momentum, decay, l.f_w, 0).unwrap();
                let scaled = SgdParams::new(lr * batch_scale(n), momentum, 0.0, l.f_w, 0).unwrap();
                (p.lr_mantissa, p.lr_shift) = (scaled.lr_mantissa, scaled.lr_shift);
                rates.push((p, key_v, self.key));
            }
        }
        // Errors of the outputs, complete or in part.
        let mut errors: Vec<Option<Operand>> = vec![None; self.layers.len()];
        *errors.last_mut().unwrap() = Some((g, f_g));
        for i in (0..self.layers.len()).rev() {
            let s = &self.network.stages()[i];
            let (mut g, f_g) = errors[i].take().unwrap();
            if let Some(k) = s.skip {
                assert!(errors[k].replace((g.clone(), f_g)).is_none());
            }
            if s.pool {
                g = unpool(n, s.full(), &g, &traces[i].index);
            }
            let (x, f_x) = self.operand(&traces, s.source, x);
            let (d, db) = if s.is_trained() {
                dw(s, n, &x, &g)
            } else {
                Default::default()
            };
            let w = self.narrow(&self.layers[i].w);
            let narrowed = self.narrowed();
            let l = &mut self.layers[i];
            let (d, f_d) = through(&mut l.sites[2], &d, f_x + f_g, false, width.wide());
            let (db, f_db) = through(&mut l.sites[3], &db, f_g, false, width.wide());
            if let Some(j) = s.source {
                let stages = self.network.stages();
                let last = !stages[..i]
                    .iter()
                    .any(|s| s.source == Some(j) || s.skip == Some(j));
                let part = errors[j].take();
                let added = part.as_ref().map(|(q, f)| (&q[..], *f));
                let f_acc = match s.is_trained() {
                    true => f_g + l.f_w - narrowed,
                    false => average_f(s, f_g, width),
                };
                let mask = (last && stages[j].relu).then_some(&x[..]);
                let acc = if s.is_trained() {
                    dx(s, n, &g, &w, (added, f_acc), mask)
                } else {
                    average_back(s, n, &g, (added, f_acc), mask, width)
                };
                let site = if last {
                    &mut self.layers[j].sites[1]
                } else {
                    &mut self.layers[i].sites[4]
                };
                errors[j] = Some(through(site, &acc, f_acc, false, width));
            }
            let l = &mut self.layers[i];
            let (kh, kw) = (s.y.kernel, s.x.kernel);
            let index = |k: usize| {
                if i > 0 || !self.folded {
                    return k as u32;
                }
                let (kx, ky) = (k % kw, k / kw % kh);
                let (ci, co) = (k / (kw * kh) % s.ci, k / (kw * kh * s.ci));
                ((co * s.ci * kw + ci * kw + kx) * kh + ky) as u32
            };
            let held = &self.held;
            let run = |t: usize,
                       w: &mut [i16],
                       v: &mut [i16],
                       d: &[i16],
                       f_d: i32,
                       f_w: i32,
                       (mut p, kv, kw): (SgdParams, u32, u32),
                       at: &dyn Fn(usize) -> u32| {
                (p.f_d, p.f_w) = (f_d, f_w);
                for k in 0..w.len() {
                    let randoms = (hash16(at(k), kv), hash16(at(k), kw));
                    (w[k], v[k]) = match held {
                        None => update(w[k], v[k], d[k], &p, randoms.0, randoms.1),
                        Some((to, strength)) => {
                            let importance = to.importance[2 * i + t][k];
                            let pull = Pull::new(to.old[2 * i + t][k], importance, *strength);
                            update_elastic(w[k], v[k], d[k], pull, &p, randoms)
                        }
                    };
                }
            };
            run(0, &mut l.w, &mut l.v, &d, f_d, l.f_w, rates[2 * i], &index);
            run(
                1,
                &mut l.b,
                &mut l.vb,
                &db,
                f_db,
                BIAS_F,
                rates[2 * i + 1],
                &|k| k as u32,
            );
        }
    }
}
