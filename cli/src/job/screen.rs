//! A run as it happens: a bar with the time left on a terminal, plain lines elsewhere, or the events themselves as JSON.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::time::{Duration, Instant};
use tandem::adapt::record::{Event, Line};
use tandem::adapt::Phase;

/// Between two lines of progress where there is no terminal.
const LINES: Duration = Duration::from_secs(10);
/// Between two events of progress.
const EVENTS: Duration = Duration::from_secs(1);

/// Where a run is shown.
pub struct Screen {
    json: bool,
    classes: Vec<String>,
    bar: ProgressBar,
    shown: Instant,
    /// When what is going on began, and what it is.
    begun: (Instant, Option<(Phase, bool)>),
    /// Done when it began: of a run that goes on, not 0.
    first: usize,
    loss: Option<f64>,
    accuracy: Option<f64>,
    utilisation: f64,
}

impl Screen {
    /// A new one; on standard output with `json`, on standard error without.
    pub fn new(json: bool, classes: Vec<String>) -> Screen {
        let bar = if json {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let template = "{prefix:<22} [{bar:24}] {pos}/{len}, {eta} left{msg}";
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Screen {
            json,
            classes,
            bar,
            shown: Instant::now(),
            begun: (Instant::now(), None),
            first: 0,
            loss: None,
            accuracy: None,
            utilisation: 0.0,
        }
    }

    /// Takes the bar away.
    pub fn clear(&mut self) {
        self.bar.finish_and_clear();
    }

    /// Shows an event.
    pub fn show(&mut self, line: &Line) {
        if self.json {
            self.print_json(line);
            return;
        }
        match &line.event {
            Event::Started { .. } | Event::Unknown => {}
            Event::Phase { phase, .. } => {
                self.loss = None;
                self.accuracy = None;
                self.utilisation = 0.0;
                self.say(line, &format!("{} begins", phase.name()));
            }
            Event::Resumed {
                checkpoint,
                phase,
                done,
                refused,
            } => {
                for reason in refused {
                    self.say(line, &format!("refused a checkpoint: {reason}"));
                }
                let from = checkpoint.as_deref().unwrap_or("the beginning");
                let at = phase.map_or("the end", Phase::name);
                self.say(line, &format!("going on from {from}: {at}, {done} done"));
            }
            Event::Progress {
                phase,
                held_out,
                done,
                all,
            } => self.progress(line, (*phase, *held_out), *done, *all),
            Event::Trained {
                loss, utilisation, ..
            } => {
                self.loss = Some(*loss);
                self.utilisation = *utilisation;
            }
            Event::HeldOut {
                phase,
                step,
                accuracy,
                loss,
                ..
            } => {
                self.accuracy = Some(*accuracy);
                let text = format!(
                    "{}: hold-out {accuracy:.1} %, loss {loss:.3}, after {step} steps",
                    phase.name()
                );
                self.say(line, &text);
            }
            Event::Kept {
                done,
                all,
                per_class,
                utilisation,
            } => {
                self.utilisation = *utilisation;
                if done == all {
                    let each = self.classes.iter().zip(per_class);
                    let each: Vec<String> = each.map(|(c, n)| format!("{c} {n}")).collect();
                    self.say(line, &format!("kept: {}", each.join(", ")));
                }
            }
            Event::Selected {
                seen,
                kept,
                replaced,
                rejected,
            } => {
                let text = format!(
                    "selector: {seen} scores, {kept} taken, {replaced} in place of others, {rejected} not"
                );
                self.say(line, &text);
            }
            Event::PhaseDone { phase, usage } => {
                let text = format!(
                    "{} done in {:.1} s, {} images, {:.1} % of the array",
                    phase.name(),
                    usage.seconds,
                    usage.images,
                    100.0 * usage.utilisation
                );
                self.say(line, &text);
            }
            Event::Gate { verdict } => self.say(line, &format!("gate {}", verdict.text())),
            Event::Confusion { .. }
            | Event::Checkpoint { .. }
            | Event::Stopped { .. }
            | Event::Done { .. } => {}
        }
    }

    fn say(&self, line: &Line, text: &str) {
        let text = format!("{:6.0} s  {text}", line.at);
        if self.bar.is_hidden() {
            eprintln!("{text}");
        } else {
            self.bar.println(text);
        }
    }

    /// What is known of the phase: loss, accuracy, use of the array.
    fn figures(&self) -> String {
        let mut text = String::new();
        if let Some(loss) = self.loss {
            text += &format!(", loss {loss:.3}");
        }
        if let Some(accuracy) = self.accuracy {
            text += &format!(", hold-out {accuracy:.1} %");
        }
        if self.utilisation > 0.0 {
            text += &format!(", array {:.1} %", 100.0 * self.utilisation);
        }
        text
    }

    fn progress(&mut self, line: &Line, what: (Phase, bool), done: usize, all: usize) {
        if self.begun.1 != Some(what) {
            self.begun = (Instant::now(), Some(what));
            self.first = done;
            self.bar.reset();
            self.bar.set_length(all as u64);
            let on = if what.1 { " on hold-out" } else { "" };
            self.bar.set_prefix(format!("{}{on}", what.0.name()));
        }
        if !self.bar.is_hidden() {
            self.bar.set_message(self.figures());
            self.bar.set_position(done as u64);
        } else if self.shown.elapsed() >= LINES && !what.1 {
            self.shown = Instant::now();
            let rate = self.begun.0.elapsed().as_secs_f64() / (done - self.first).max(1) as f64;
            let left = rate * all.saturating_sub(done) as f64;
            let (name, figures) = (what.0.name(), self.figures());
            let text = format!("{name}: {done} of {all} images, {left:.0} s left{figures}");
            self.say(line, &text);
        }
    }

    fn print_json(&mut self, line: &Line) {
        if matches!(line.event, Event::Progress { .. }) {
            if self.shown.elapsed() < EVENTS {
                return;
            }
            self.shown = Instant::now();
        }
        if let Ok(text) = serde_json::to_string(line) {
            // A reader that went away must not stop the run: it has its folder.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }
}
