//! Where the cycles go: labelling, selecting, training and fine-tuning, by the cost model; nothing is trained for it.

use super::learner::INFER;
use super::place::format;
use super::trial::{Domain, Student, Trial, BATCH};
use crate::error::CliError;
use std::fmt::Write;
use tandem::lower::Options;
use tandem::network::frozen::Frozen;
use tandem::network::{Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Session};
use tandem::{Context, Engine};
use tandem_isa::config::E8X16;
use tandem_sim::model::Model;

/// Its name, and that of its page.
pub const NAME: &str = "time";
/// Heading of the page.
pub const TITLE: &str = "Where the cycles go";

const QUESTION: &str = "What do labelling, selecting, training and fine-tuning take, an image and in a run of the study's size (8000 of the stream, 12 000 to train on, 2400 to fine-tune on)? Cycles of the `8x16` engine by the cost model, 14×14 images, batches of 50 and 32. Energy is power by time, and power is that of a board: without one it is not measured.";

/// A row.
pub struct Part {
    /// In words.
    pub name: String,
    /// Cycles an image.
    cycles: f64,
    /// Of which the selector is at work, for parts that select.
    selector: Option<f64>,
    /// Images of the study's run.
    images: usize,
}

/// A network on a model of its own.
fn installed(network: &Network, training: bool) -> Result<(Session<Model>, NetId), CliError> {
    let engine = Engine::open(Model::new(&E8X16, 96 << 20))?;
    let mut session = Session::new(engine, format(&[network], &E8X16)?, INFER)?;
    let context = match training {
        true => Context::Student,
        false => Context::Teacher,
    };
    let net = session.install(network, context, INFER.max(BATCH), training)?;
    session.set_parameters(net, &Parameters::random(network, 1))?;
    Ok((session, net))
}

/// The rows.
pub fn parts() -> Result<Vec<Part>, CliError> {
    let shape = Shape { c: 1, h: 14, w: 14 };
    let study = Trial::new(Domain::Shifted);
    let mut parts = Vec::new();
    for (what, size) in [
        ("the study's teacher", Student::Teacher),
        ("a teacher of 8–16 channels", Student::Plain(8, 16)),
    ] {
        let (session, net) = installed(&size.network(shape)?, false)?;
        let each = |cycles: u64| cycles as f64 / INFER as f64;
        let plain = session.profile_inference(net, INFER, 1, false)?;
        parts.push(Part {
            name: format!("inference, {what}"),
            cycles: each(plain.cycles),
            selector: None,
            images: study.m,
        });
        let labelling = session.profile_inference(net, INFER, 1, true)?;
        let busy = labelling.busy.get("select").copied().unwrap_or(0);
        parts.push(Part {
            name: format!("labelling and selecting, {what}"),
            cycles: each(labelling.cycles),
            selector: Some(each(busy)),
            images: study.m,
        });
    }
    let sizes = [(4, 8), (8, 16), (16, 32)].map(|(a, b)| {
        let name = format!("training, {a}–{b} channels");
        (name, Student::Plain(a, b), false, study.images)
    });
    let of = |name: &str, size, last, images| (name.to_string(), size, last, images);
    let (small, tuned) = (study.student, study.tune_images);
    let others = [
        of(
            "training, a student like the teacher",
            Student::Teacher,
            false,
            study.images,
        ),
        of("fine-tuning, 8–16 channels", small, false, tuned),
        of("fine-tuning, 8–16 channels, last layer", small, true, tuned),
    ];
    for (name, size, last, images) in sizes.into_iter().chain(others) {
        let network = size.network(shape)?;
        let (mut session, net) = installed(&network, true)?;
        let frozen = match last {
            true => Frozen::all_but_last(&network),
            false => Frozen::default(),
        };
        let options = Options {
            frozen,
            ..Options::default()
        };
        session.set_options(net, options);
        let step: u64 = session
            .profile_step(net, BATCH)?
            .iter()
            .map(|p| p.cycles)
            .sum();
        parts.push(Part {
            name,
            cycles: step as f64 / BATCH as f64,
            selector: None,
            images,
        });
    }
    Ok(parts)
}

/// The page.
pub fn page(parts: &[Part]) -> String {
    let mut out = format!(
        "<!-- written by `cargo xtask experiments {NAME}`; text about it is in README.md -->\n# {TITLE}\n\n{QUESTION}\n\n\
         `cargo xtask experiments {NAME}`\n\n\
         | part | cycles an image | of these the selector at work | images | Mcycles |\n|---|---|---|---|---|\n"
    );
    for p in parts {
        let selector = p.selector.map_or("–".into(), |s| format!("{s:.1}"));
        let (each, all) = (p.cycles, p.cycles * p.images as f64 / 1e6);
        let (name, images) = (&p.name, p.images);
        let _ = writeln!(
            out,
            "| {name} | {each:.0} | {selector} | {images} | {all:.1} |"
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing in it is drawn: the page is what the cost model says today.
    #[test]
    fn the_page_is_fresh() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = path.join("../docs/results/time.md");
        let there = std::fs::read_to_string(path).unwrap();
        let remedy = "write it anew: cargo xtask experiments time";
        assert_eq!(page(&parts().unwrap()), there, "{remedy}");
    }

    #[test]
    fn cycles_are_those_a_session_predicts() {
        let shape = Shape { c: 1, h: 14, w: 14 };
        let network = Student::Plain(8, 16).network(shape).unwrap();
        let (mut session, net) = installed(&network, true).unwrap();
        session.set_options(net, Options::default());
        for slot in 0..BATCH {
            session.write_sample(slot, &[100; 196]).unwrap();
        }
        let sample = |slot| tandem::session::Sample { slot, label: 0 };
        let batch: Vec<_> = (0..BATCH).map(sample).collect();
        let descent = tandem::train::Descent {
            lr: 0.01,
            momentum: 0.9,
            weight_decay: 0.0,
            steps: 2,
            cosine: false,
        };
        // The first step has sites that have seen nothing.
        session.step(net, &batch, &descent, 0).unwrap();
        let before = session.predicted()[1];
        session.step(net, &batch, &descent, 1).unwrap();
        let step = (session.predicted()[1] - before) as f64 / BATCH as f64;
        let parts = parts().unwrap();
        let found = parts.iter().find(|p| p.name == "training, 8–16 channels");
        assert_eq!(found.unwrap().cycles, step);
    }
}
