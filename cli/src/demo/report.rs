//! What a study came to: as a table, as JSON.

use serde_json::{json, Value};
use std::fmt::Write;
use tandem::study::Outcome;
use tandem_isa::Config;

/// One seed's results.
pub struct Report {
    /// Device.
    pub device: String,
    /// Configuration.
    pub config: &'static Config,
    /// Seed.
    pub seed: u32,
    /// Domain of stream and held-out images.
    pub domain: &'static str,
    /// Held-out images.
    pub held_out: usize,
    /// How long it took.
    pub seconds: f64,
    /// The results.
    pub outcome: Outcome,
}

impl Report {
    /// Fine-tuned student over supervised, in points.
    pub fn gain(&self) -> f64 {
        self.outcome.finetuned - self.outcome.supervised
    }

    /// Whether the device counts cycles; if not, they are predicted.
    fn counted(&self) -> bool {
        self.outcome.counters.total != 0
    }

    fn cycles(&self) -> u64 {
        match self.counted() {
            true => self.outcome.counters.total,
            false => self.outcome.predicted.iter().sum(),
        }
    }

    /// Parts of 1 of the array's peak in forward, dX, dW.
    fn utilisation(&self) -> Option<[f64; 3]> {
        let (c, macs) = (&self.outcome.counters, self.outcome.macs);
        let cycles = [c.forward, c.dx, c.dw];
        let of = |i: usize| macs[i] as f64 / (cycles[i].max(1) * self.config.cells() as u64) as f64;
        self.counted().then(|| [0, 1, 2].map(of))
    }

    /// Parts of 1 of all cycles: teacher, student, idle.
    fn share(&self) -> [f64; 3] {
        let (c, p) = (&self.outcome.counters, self.outcome.predicted);
        let parts = match self.counted() {
            true => [c.teacher, c.student, c.idle],
            false => [p[0], p[1], 0],
        };
        parts.map(|part| part as f64 / self.cycles().max(1) as f64)
    }

    /// For a reader.
    pub fn table(&self) -> String {
        let o = &self.outcome;
        let title = format!("{} held-out images, {} domain", self.held_out, self.domain);
        let augmented = o.supervised_augmented.map(|a| ("supervised, augmented", a));
        let rows = [("supervised", o.supervised)]
            .into_iter()
            .chain(augmented)
            .chain([
                ("teacher", o.teacher),
                ("student, kept set", o.pretrained),
                ("student, fine-tuned", o.finetuned),
            ]);
        let mut t = format!("\nseed {}: {title:<36} accuracy\n", self.seed);
        for (name, percent) in rows {
            let _ = writeln!(t, "  {name:<42} {percent:6.2} %");
        }
        let _ = writeln!(
            t,
            "  {:<41} {:+7.2} points",
            "gain over supervised",
            self.gain()
        );
        let s = o.selector;
        let percent = |v: [f64; 3]| v.map(|v| format!("{:.1} %", 100.0 * v));
        let kind = if self.counted() {
            "cycles"
        } else {
            "cycles, predicted"
        };
        let [teacher, student, idle] = percent(self.share());
        let _ = writeln!(t, "\n{} {}", self.device, self.config.name);
        let _ = writeln!(t, "  {kind:<18} {}", self.cycles());
        if let Some(u) = self.utilisation() {
            let [forward, dx, dw] = percent(u);
            let _ = writeln!(
                t,
                "  utilisation        forward {forward}, dX {dx}, dW {dw} of {} multipliers",
                self.config.cells()
            );
        }
        let _ = writeln!(
            t,
            "  share              teacher {teacher}, student {student}, idle {idle}"
        );
        let _ = writeln!(t, "  scores             {} seen, {} kept, {} replaced; {:.1} % of the kept labels are right", s.seen, s.kept, s.replaced, o.labels_right);
        let _ = writeln!(t, "  digest             {} (weights and counts)", o.digest);
        let _ = writeln!(t, "  time               {:.0} s", self.seconds);
        t
    }

    fn json(&self) -> Value {
        let (o, [teacher, student, idle]) = (&self.outcome, self.share());
        let phase = |i: usize| self.utilisation().map(|u| u[i]);
        let mut v = json!({
            "device": self.device, "config": self.config.name, "seed": self.seed, "digest": o.digest.to_string(),
            "supervised": o.supervised, "teacher": o.teacher, "pretrained": o.pretrained, "finetuned": o.finetuned,
            "cycles": self.cycles(), "utilisation": {"forward": phase(0), "dx": phase(1), "dw": phase(2)},
            "share": {"teacher": teacher, "student": student, "idle": idle},
            "selector": {"seen": o.selector.seen, "kept": o.selector.kept, "replaced": o.selector.replaced},
            "seconds": self.seconds,
        });
        if let Some(a) = o.supervised_augmented {
            v["supervised_augmented"] = json!(a);
        }
        v
    }
}

/// One object, or with `list` a list of them.
pub fn json(reports: &[Report], list: bool) -> String {
    let mut all: Vec<Value> = reports.iter().map(Report::json).collect();
    let value = match list {
        true => Value::Array(all),
        false => all.swap_remove(0),
    };
    format!("{value:#}\n")
}

/// Means and worst over seeds.
pub fn summary(reports: &[Report]) -> String {
    let n = reports.len().max(1) as f64;
    let mean = |f: fn(&Report) -> f64| reports.iter().map(f).sum::<f64>() / n;
    let worst = reports.iter().map(Report::gain).fold(f64::MAX, f64::min);
    format!(
        "\n{} seeds: fine-tuned {:.2} % on average, gain over supervised {:+.2} points on average, {worst:+.2} at worst\n",
        reports.len(),
        mean(|r| r.outcome.finetuned),
        mean(Report::gain),
    )
}
