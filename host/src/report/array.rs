//! The array over time: teacher and student phase by phase, the units in one batch of either, and use and stalls by layer.

use super::charts::entry;
use super::html::{escape, percent, short, table, thousands};
use super::run::RecordedRun;
use crate::adapt::record::Usage;
use crate::trace::{Layer, Profile};
use std::fmt::Write;

/// Units as they are called here, by their name in records.
const UNITS: [(&str, &str); 6] = [
    ("load", "load"),
    ("compute", "array"),
    ("vector", "vector"),
    ("loss", "loss"),
    ("store", "store"),
    ("select", "select"),
];

/// Parts of a layer, and their colours.
const PARTS: [(&str, usize); 6] = [
    ("forward", 0),
    ("dX", 1),
    ("dW", 2),
    ("update", 3),
    ("loss", 4),
    ("pool back", 5),
];

/// Cycles of teacher and student in a phase: counted, or predicted where the device counts none.
fn cycles(usage: &Usage) -> [u64; 2] {
    let counted = [usage.counted.teacher, usage.counted.student];
    if counted == [0, 0] {
        usage.predicted
    } else {
        counted
    }
}

fn share(part: u64, all: u64) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

/// The phases on one axis of cycles, a lane each for teacher and student.
pub(super) fn phases(run: &RecordedRun) -> String {
    let usages = run.usages();
    let spans: Vec<[u64; 2]> = usages.iter().map(|(_, u)| cycles(u)).collect();
    let all: u64 = spans.iter().flatten().sum();
    if all == 0 {
        return "<p class=\"note\">No phase is complete yet.</p>\n".into();
    }
    let mut s = String::from("<div class=\"card\"><h3>Who had the array</h3>\n");
    for (who, lane) in ["teacher", "student"].into_iter().enumerate() {
        let _ = write!(
            s,
            "<div class=\"lane\"><span>{lane}</span><div class=\"track\">"
        );
        let mut at = 0;
        for (i, ((phase, usage), span)) in usages.iter().zip(&spans).enumerate() {
            // Within a phase the two take turns batch by batch: the teacher's share is drawn first.
            let from = at + if who == 1 { span[0] } else { 0 };
            at += span[0] + span[1];
            if span[who] == 0 {
                continue;
            }
            let _ = write!(
                s,
                "<i style=\"left:{:.3}%;width:{:.3}%;background:var(--c{i})\" title=\"{}: {} cycles, {} of the multipliers\"></i>",
                share(from, all),
                share(span[who], all),
                phase.name(),
                thousands(span[who]),
                percent(usage.utilisation)
            );
        }
        s.push_str("</div></div>\n");
    }
    let _ = write!(
        s,
        "<div class=\"ends\"><span></span><span>0</span><span>{} cycles</span></div><ul class=\"legend\">",
        short(all)
    );
    for (i, ((phase, _), span)) in usages.iter().zip(&spans).enumerate() {
        let name = format!(
            "{} {}",
            phase.name(),
            percent(share(span[0] + span[1], all) / 100.0)
        );
        s.push_str(&entry(&name, i, false));
    }
    s.push_str("</ul></div>\n");
    s
}

/// What the phases took, as a table.
pub(super) fn usage(run: &RecordedRun) -> String {
    let usages = run.usages();
    let counts = usages.iter().any(|(_, u)| u.counted.total > 0);
    let mut head = vec![
        "phase",
        "images",
        "multiply-accumulates",
        "predicted cycles",
        "use of the array",
    ];
    if counts {
        head.extend([
            "counted cycles",
            "waits for memory",
            "waits for vector",
            "read",
            "written",
        ]);
    }
    let row = |(phase, u): &(crate::adapt::Phase, &Usage)| {
        let mut row = vec![
            escape(phase.name()),
            thousands(u.images),
            short(u.macs.iter().sum()),
            short(u.predicted.iter().sum()),
            percent(u.utilisation),
        ];
        if counts {
            let c = &u.counted;
            let owned = c.teacher + c.student;
            row.extend([
                short(owned),
                percent(share(c.wait_memory, owned) / 100.0),
                percent(share(c.wait_vector, owned) / 100.0),
                format!("{}B", short(c.read_bytes)),
                format!("{}B", short(c.written_bytes)),
            ]);
        }
        row
    };
    let rows: Vec<Vec<String>> = usages.iter().map(row).collect();
    table(&head, 1, &rows)
}

fn title(p: &Profile) -> String {
    format!("{}: {}, {} images", p.context, p.name, p.images)
}

/// What every unit works on in one run of a program.
pub(super) fn strips(p: &Profile) -> String {
    let mut s = format!("<div class=\"card\"><h3>{}</h3>\n", escape(title(p)));
    for (unit, name) in UNITS {
        let busy = p.busy.get(unit).copied().unwrap_or(0);
        if busy == 0 {
            continue;
        }
        let _ = write!(
            s,
            "<div class=\"lane\"><span title=\"at work {} of the time\">{name}</span>\
             <svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{name} over time\">",
            percent(share(busy, p.cycles) / 100.0)
        );
        for strip in p.strips.iter().filter(|s| s.unit == unit) {
            let at = |c: u64| 10.0 * share(c, p.cycles);
            let colour = PARTS.iter().find(|c| c.0 == strip.part).map_or(6, |c| c.1);
            let _ = write!(
                s,
                "<rect x=\"{:.2}\" y=\"0\" width=\"{:.2}\" height=\"10\" fill=\"var(--c{colour})\"><title>{} {}</title></rect>",
                at(strip.start),
                (at(strip.end) - at(strip.start)).max(0.3),
                escape(&strip.layer),
                escape(&strip.part)
            );
        }
        s.push_str("</svg></div>\n");
    }
    let _ = write!(
        s,
        "<div class=\"ends\"><span></span><span>0</span><span>{} cycles</span></div><ul class=\"legend\">",
        short(p.cycles)
    );
    for (part, colour) in PARTS {
        if p.strips.iter().any(|s| s.part == part) {
            s.push_str(&entry(part, colour, false));
        }
    }
    s.push_str("</ul></div>\n");
    s
}

fn layer_name(l: &Layer) -> String {
    match (l.layer.as_str(), l.part.as_str()) {
        ("", "end") => "after the last".into(),
        ("", part) => escape(part),
        (layer, part) => format!("{} {}", escape(layer), escape(part)),
    }
}

/// Use and stalls of the array by layer.
pub(super) fn layers(p: &Profile) -> String {
    let kinds = |l: &Layer| {
        let used = l.macs / p.cells.max(1);
        let used = used.min(l.array);
        [
            ("useful products", 2, used),
            ("at work on nothing useful", 5, l.array - used),
            ("waits for memory", 1, l.memory),
            ("waits for vector", 3, l.vector),
            ("between commands", 6, l.other),
        ]
    };
    let mut s = format!(
        "<div class=\"card\"><h3>{}: {} of the multipliers' time is used</h3><div class=\"layers\">\n",
        escape(title(p)),
        percent(p.utilisation())
    );
    let longest = p.layers.iter().map(Layer::cycles).max().unwrap_or(1);
    let mut rows = Vec::new();
    for l in &p.layers {
        let name = layer_name(l);
        let _ = write!(s, "<span>{name}</span><div class=\"bar\">");
        for (what, colour, cycles) in kinds(l) {
            if cycles > 0 {
                let _ = write!(
                    s,
                    "<i style=\"width:{:.3}%;background:var(--c{colour})\" title=\"{what}: {} cycles\"></i>",
                    share(cycles, longest),
                    thousands(cycles)
                );
            }
        }
        let used = l.macs as f64 / (p.cells * l.cycles()).max(1) as f64;
        let used = if l.macs > 0 {
            percent(used)
        } else {
            "–".into()
        };
        let _ = writeln!(s, "</div><span class=\"n\">{used}</span>");
        let numbers = [l.cycles(), l.array, l.memory, l.vector, l.other];
        let mut row = vec![name, thousands(l.macs)];
        row.extend(numbers.map(thousands));
        row.push(used);
        rows.push(row);
    }
    s.push_str("</div><ul class=\"legend\">");
    for (what, colour, _) in kinds(&Layer::default()) {
        s.push_str(&entry(what, colour, false));
    }
    s.push_str("</ul><details><summary>in numbers</summary>");
    let head = [
        "layer", "products", "cycles", "array", "memory", "vector", "other", "use",
    ];
    s.push_str(&table(&head, 1, &rows));
    s.push_str("</details></div>\n");
    s
}
