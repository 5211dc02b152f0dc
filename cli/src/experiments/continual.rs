//! Classes that come one task after another: how much of the old ones is forgotten, and what holds it.

use super::laboratory::{fit, Laboratory, Phase};
use super::learner::{Fixed, Learner};
use super::page::{cell, gain, heading, split};
use super::place::Place;
use super::policy::{Policy, Room};
use super::trial::{Augment, Domain, Student, Trial};
use crate::error::CliError;
use std::fmt::Write;
use tandem::batches::{Batches, Random};
use tandem::consolidation::Consolidation;
use tandem::data::CLASSES;
use tandem::distil::Distillation;
use tandem::network::frozen::Frozen;
use tandem::session::Sample;

/// Its name, and that of its page.
pub const NAME: &str = "continual";
/// Heading of the page.
pub const TITLE: &str = "Tasks in sequence";

const QUESTION: &str = "What is forgotten when classes come one task after another (ten outputs, no word of the task), and how much of it do exemplars of the old classes, targets of the student's old self and elastic weights hold? Each task is learned from the stream as the teacher labels it, same domain, 2400 images at a rate of 0.02. Forgetting: accuracy on a task just after it, less that after the last task, mean of all tasks but the last. Elastic weights: the update unit pulls each weight back, importance from 512 samples of a task, a quarter of the distance a step at the start for a weight of mean importance; the cycles count the pulls and the gradients that importance takes.";

/// Images of a task's training.
const IMAGES: usize = 2400;
const RATE: f64 = 0.02;
/// Strength of elastic weight consolidation: the best with exemplars of 7, 66, 655, 3277, 16 384 and 65 535 on seeds 1 and 2, pulled after the step.
const ELASTIC: u16 = 16_384;
/// Samples of a task that importance is learnt from.
const LOOKED_AT: usize = 512;

/// What holds the old.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// Exemplars kept of every old class.
    exemplars: usize,
    /// What the student thought before the task is a target, too.
    old_self: bool,
    /// Elastic weight consolidation: how much a weight of mean importance is pulled back at first, in 65 536ths a step.
    elastic: u16,
    /// The rate is halved so often.
    slower: i32,
}

impl Guard {
    fn rate(&self) -> f64 {
        RATE / 2f64.powi(self.slower)
    }

    fn is_none(&self) -> bool {
        self.exemplars == 0 && !self.old_self && self.elastic == 0 && self.slower == 0
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    tasks: usize,
    guard: Guard,
}

/// What comes of one seed, percent of held-out images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// All tasks after the last, each the same weight.
    all: f64,
    /// All but the last.
    old: f64,
    /// The last.
    new: f64,
    /// Points.
    forgotten: f64,
    cycles: u64,
}

/// The rows; plain fine-tuning is the first of each number of tasks.
pub fn courses() -> Vec<Course> {
    let guards = [
        (0, false, 0, 0),
        (0, true, 0, 0),
        (0, false, ELASTIC, 0),
        (5, false, 0, 0),
        (5, false, ELASTIC, 0),
        (20, false, 0, 0),
        (20, false, 0, 1),
        (20, false, 0, 2),
        (20, false, ELASTIC, 0),
        (20, true, 0, 0),
    ];
    let of = |tasks| {
        guards.map(move |(exemplars, old_self, elastic, slower)| Course {
            tasks,
            guard: Guard {
                exemplars,
                old_self,
                elastic,
                slower,
            },
        })
    };
    [2, 5].into_iter().flat_map(of).collect()
}

impl Course {
    /// In words.
    pub fn name(&self) -> String {
        let mut guards = Vec::new();
        if self.guard.exemplars > 0 {
            guards.push(format!("{} exemplars a class", self.guard.exemplars));
        }
        if self.guard.old_self {
            guards.push("old self".into());
        }
        if self.guard.elastic > 0 {
            guards.push("elastic weights".into());
        }
        if self.guard.slower > 0 {
            guards.push(format!("a rate of {}", self.guard.rate()));
        }
        if guards.is_empty() {
            guards.push("plain fine-tuning".into());
        }
        format!("{} tasks: {}", self.tasks, guards.join(" and "))
    }

    /// Classes of a task.
    fn classes(&self, task: usize) -> std::ops::Range<usize> {
        let each = CLASSES / self.tasks;
        task * each..(task + 1) * each
    }
}

/// Runs a row with a seed.
pub fn run(laboratory: &Laboratory, course: &Course, seed: u32) -> Result<Memory, CliError> {
    laboratory.at(Domain::Same, seed, |place| run_at(place, course, seed))
}

fn run_at(place: &Place, course: &Course, seed: u32) -> Result<Memory, CliError> {
    let trial = Trial::new(Domain::Same);
    let network = Student::Plain(8, 16).network(place.shape)?;
    let mut student = place.student(&network, trial.config)?;
    let rankings = &place.teacher()?.labels.rankings;
    let first = place.first_of_stream();
    let keep = |k: usize| {
        let room = Room {
            classes: CLASSES,
            k,
            top: 1,
            refresh: 0,
        };
        Policy::Above(0.5).keep(rankings, first, room, u64::from(seed) + 77)
    };
    let (lessons, exemplars) = (keep(trial.k), keep(course.guard.exemplars.max(1)));
    student.restart(seed)?;
    let cycles = student.cycles();
    let mut measuring = 0;
    let mut held: Option<Consolidation> = None;
    let mut just_after = Vec::new();
    let mut at_last = Vec::new();
    for task in 0..course.tasks {
        let now = course.classes(task);
        let mut lists = vec![Vec::new(); CLASSES];
        lists[now.clone()].clone_from_slice(&lessons[now.clone()]);
        if course.guard.exemplars > 0 {
            lists[..now.start].clone_from_slice(&exemplars[..now.start]);
        }
        let elastic = held.as_ref().map(|held| (held, course.guard.elastic));
        learn(
            &mut student,
            place,
            &lists,
            (course.guard.old_self && task > 0, elastic),
            course.guard.rate(),
            (seed, task),
        )?;
        if course.guard.elastic > 0 && task + 1 < course.tasks {
            let mut samples = lessons[now.clone()].concat();
            Random::new(seed.into()).shuffle(&mut samples);
            samples.truncate(LOOKED_AT);
            let new = student.consolidate(&samples)?;
            held = Some(match &held {
                Some(earlier) => new.with(earlier),
                None => new,
            });
        }
        let before = student.cycles();
        just_after.push(of_task(&mut student, place, &now)?);
        measuring += student.cycles() - before;
    }
    let before = student.cycles();
    for task in 0..course.tasks {
        at_last.push(of_task(&mut student, place, &course.classes(task))?);
    }
    let last = course.tasks - 1;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
    Ok(Memory {
        all: mean(&at_last),
        old: mean(&at_last[..last]),
        new: at_last[last],
        forgotten: mean(&just_after[..last]) - mean(&at_last[..last]),
        cycles: before - cycles - measuring,
    })
}

fn learn(
    student: &mut Fixed,
    place: &Place,
    lists: &[Vec<Sample>],
    (old_self, elastic): (bool, Option<(&Consolidation, u16)>),
    rate: f64,
    (seed, task): (u32, usize),
) -> Result<(), CliError> {
    let how = Distillation {
        temperature: 2.0,
        share: 0.5,
    };
    // By slot from the start of the stream; those of the lists alone are asked for.
    let mut targets = Vec::new();
    if old_self {
        let asked: Vec<Sample> = lists.iter().flatten().copied().collect();
        targets.resize(place.stream().len(), Vec::new());
        for (s, t) in asked.iter().zip(student.thinks(&asked, how.temperature)?) {
            targets[s.slot - place.first_of_stream()] = t;
        }
    }
    let mut batches = Batches::balanced(lists, u64::from(seed) + 1000 * task as u64);
    let phase = Phase {
        images: IMAGES,
        lr: rate,
        frozen: Frozen::default(),
        soft: old_self.then_some((&targets[..], &how)),
        augment: (Augment::None, seed + 1000 * task as u32),
        elastic,
    };
    fit(
        student,
        &mut |n| batches.next(n),
        &phase,
        place.first_of_stream(),
    )
}

/// Accuracy on the held-out images of some classes.
fn of_task(
    student: &mut Fixed,
    place: &Place,
    classes: &std::ops::Range<usize>,
) -> Result<f64, CliError> {
    let of = place.held_out.iter().copied();
    let samples: Vec<Sample> = of
        .filter(|s| classes.contains(&usize::from(s.label)))
        .collect();
    student.accuracy(&samples)
}

/// The page; `rows` holds what came of every course, a list of seeds each.
pub fn page(courses: &[Course], rows: &[Vec<Memory>], seeds: &[u32]) -> String {
    let mut out = heading((NAME, TITLE, QUESTION), "2000", seeds);
    let (chosen, quoted) = split(seeds);
    let mut head =
        "| row | all tasks | old tasks | last task | forgetting, points | less than plain (worst) | Mcycles of training |"
            .to_string();
    if !chosen.is_empty() {
        let list: Vec<String> = chosen.iter().map(u32::to_string).collect();
        let list = list.join(", ");
        let _ = write!(head, " for choosing: seeds {list}, all tasks, forgetting |");
    }
    let columns = head.matches('|').count() - 1;
    let _ = writeln!(out, "{head}\n|{}", "---|".repeat(columns));
    let mut plain = Vec::new();
    for (course, row) in courses.iter().zip(rows) {
        let part = |of: &[u32]| -> Vec<Memory> {
            let pairs = row.iter().zip(seeds);
            pairs
                .filter_map(|(m, s)| of.contains(s).then_some(*m))
                .collect()
        };
        let of = part(&quoted);
        if course.guard.is_none() {
            plain = of.clone();
        }
        let each = |f: fn(&Memory) -> f64| cell(of.iter().map(f));
        let _ = write!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            course.name(),
            each(|m| m.all),
            each(|m| m.old),
            each(|m| m.new),
            each(|m| m.forgotten),
            gain(
                plain
                    .iter()
                    .zip(&of)
                    .map(|(p, m)| p.forgotten - m.forgotten)
            ),
            each(|m| m.cycles as f64 / 1e6),
        );
        if !chosen.is_empty() {
            let of = part(&chosen);
            let each = |f: fn(&Memory) -> f64| cell(of.iter().map(f));
            let _ = write!(out, " {}, {} |", each(|m| m.all), each(|m| m.forgotten));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_share_the_classes() {
        for course in courses() {
            let all: Vec<usize> = (0..course.tasks).flat_map(|t| course.classes(t)).collect();
            assert_eq!(all, (0..CLASSES).collect::<Vec<_>>(), "{}", course.name());
        }
    }

    #[test]
    fn what_is_held_is_less_than_plain() {
        let of = |forgotten| Memory {
            all: 50.0,
            old: 40.0,
            new: 90.0,
            forgotten,
            cycles: 2_000_000,
        };
        let rows = vec![vec![of(60.0)], vec![of(10.0)]];
        let page = page(&courses()[..2], &rows, &[3]);
        assert!(page.contains("old self | 50.0 ± 0.0 | 40.0 ± 0.0 | 90.0 ± 0.0 | 10.0 ± 0.0 | +50.0 (+50.0) | 2.0 ± 0.0 |"), "{page}");
        let rows = vec![vec![of(60.0), of(20.0)], vec![of(10.0), of(30.0)]];
        let page = super::page(&courses()[..2], &rows, &[2, 3]);
        assert!(page.contains("seeds 2, all tasks, forgetting |"), "{page}");
        assert!(
            page.contains("| 2.0 ± 0.0 | 50.0 ± 0.0, 10.0 ± 0.0 |\n"),
            "{page}"
        );
    }
}
