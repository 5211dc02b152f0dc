//! Learning curves and confusion matrices as SVG. Drawings are 400 units wide, so that their text can be read on a phone.

use super::html::{escape, thousands};
use std::fmt::Write;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 230.0;
/// Left, right, top, bottom of the plot.
const FRAME: [f64; 4] = [38.0, 392.0, 22.0, 206.0];

/// A curve.
pub(super) struct Curve {
    /// What it is.
    pub name: String,
    /// Number of its colour.
    pub colour: usize,
    /// Points of x and y; those that are not finite are left out.
    pub points: Vec<(f64, f64)>,
    /// How it is drawn.
    pub style: Style,
}

/// How a curve is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A line.
    Line,
    /// A line with a ring at every point.
    Rings,
    /// A dashed line.
    Dashed,
}

/// What stands below and beside a chart.
pub(super) struct Axes<'a> {
    /// Heading.
    pub title: &'a str,
    /// Below.
    pub x: &'a str,
    /// Unit of the values beside.
    pub unit: &'a str,
    /// The least the values beside reach from and to.
    pub y: (f64, f64),
    /// Positions of x that are marked, and what begins there.
    pub marks: Vec<(f64, String)>,
}

/// Steps of 1, 2 or 5 that divide a range into at most `most` parts.
fn step(range: f64, most: f64) -> f64 {
    let rough = range / most;
    let power = 10f64.powf(rough.log10().floor());
    let part = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|p| p * power >= rough);
    part.unwrap_or(10.0) * power
}

fn number(v: f64, step: f64) -> String {
    let digits = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{v:.digits$}")
}

/// A chart with its legend.
pub(super) fn chart(axes: &Axes, curves: &[Curve]) -> String {
    let finite = |&&(x, y): &&(f64, f64)| x.is_finite() && y.is_finite();
    let points = || curves.iter().flat_map(|c| c.points.iter().filter(finite));
    let x_end = points().map(|p| p.0).fold(1.0, f64::max);
    let (low, high) = points().fold(axes.y, |(a, b), p| (a.min(p.1), b.max(p.1)));
    let y_step = step((high - low).max(1e-9), 5.0);
    let (low, high) = (
        (low / y_step).floor() * y_step,
        (high / y_step).ceil() * y_step,
    );
    let [left, right, top, bottom] = FRAME;
    let at_x = |x: f64| left + (right - left) * x / x_end;
    let at_y = |y: f64| bottom - (bottom - top) * (y - low) / (high - low).max(1e-9);
    let mut s = format!(
        "<figure class=\"card\"><h3>{}</h3><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(axes.title),
        escape(axes.title)
    );
    let lines = ((high - low) / y_step).round() as usize;
    for i in 0..=lines.min(20) {
        let v = low + i as f64 * y_step;
        let (y, label) = (at_y(v), number(v, y_step));
        let _ = write!(
            s,
            "<path class=\"rule\" d=\"M{left} {y:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            left - 5.0,
            y + 4.0
        );
    }
    let _ = write!(
        s,
        "<text x=\"{}\" y=\"{}\">{}</text>",
        left,
        top - 7.0,
        escape(axes.unit)
    );
    let x_step = step(x_end, 5.0).max(1.0);
    for i in 0..=(x_end / x_step).floor() as usize {
        let v = i as f64 * x_step;
        let _ = write!(
            s,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            at_x(v),
            bottom + 15.0,
            thousands(v as u64)
        );
    }
    for (x, name) in &axes.marks {
        let x = at_x(*x);
        let (anchor, shift) = if x > right - 80.0 {
            ("end", -4.0)
        } else {
            ("start", 4.0)
        };
        let _ = write!(
            s,
            "<path class=\"axis\" stroke-dasharray=\"2 3\" d=\"M{x:.1} {top}V{bottom}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            x + shift,
            top - 7.0,
            escape(name)
        );
    }
    let _ = write!(
        s,
        "<path class=\"axis\" fill=\"none\" d=\"M{left} {top}V{bottom}H{right}\"/>"
    );
    for c in curves {
        let mut d = String::new();
        for (i, (x, y)) in c.points.iter().filter(|p| finite(p)).enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(d, "{letter}{:.1} {:.1}", at_x(*x), at_y(*y));
        }
        let dashed = if c.style == Style::Dashed {
            " stroke-dasharray=\"5 4\""
        } else {
            ""
        };
        let _ = write!(
            s,
            "<path class=\"curve\" stroke=\"var(--c{})\"{dashed} d=\"{d}\"/>",
            c.colour
        );
        if c.style != Style::Rings {
            continue;
        }
        for (x, y) in c.points.iter().filter(|p| finite(p)) {
            let _ = write!(
                s,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"var(--card)\" stroke=\"var(--c{})\" stroke-width=\"1.6\">\
                 <title>{}: {y:.4} at {x:.0}</title></circle>",
                at_x(*x),
                at_y(*y),
                c.colour,
                escape(&c.name)
            );
        }
    }
    let _ = write!(s, "</svg><ul class=\"legend\">");
    for c in curves {
        s.push_str(&entry(&c.name, c.colour, c.style == Style::Rings));
    }
    let _ = writeln!(s, "<li>across: {}</li></ul></figure>", escape(axes.x));
    s
}

/// An entry of a legend.
pub(super) fn entry(name: &str, colour: usize, ring: bool) -> String {
    let style = if ring { "border-color" } else { "background" };
    let class = if ring { " class=\"ring\"" } else { "" };
    format!(
        "<li><i{class} style=\"{style}:var(--c{colour})\"></i>{}</li>",
        escape(name)
    )
}

/// Most classes whose cells have their numbers written in.
const WRITTEN: usize = 12;

/// A confusion matrix: a row for every label, a column for what the network says. Cells are shaded by their share of the row.
pub(super) fn confusion(title: &str, classes: &[String], matrix: &[Vec<u32>]) -> String {
    let n = matrix.len().max(1);
    let long = classes.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    let left = (14.0 + 6.5 * long.min(14) as f64).max(26.0);
    let side = (WIDTH - left - 4.0) / n as f64;
    let named = n <= 40;
    // Names across are turned where they are longer than a cell is wide.
    let turned = long as f64 * 7.0 > side;
    let top = match (named, turned) {
        (false, _) => 4.0,
        (true, false) => 18.0,
        (true, true) => 10.0 + 6.5 * long.min(14) as f64,
    };
    let height = top + side * n as f64 + 4.0;
    let name = |i: usize| {
        let full = classes.get(i).map_or("", String::as_str);
        let mut text: String = full.chars().take(14).collect();
        if text.len() < full.len() {
            text.pop();
            text.push('…');
        }
        escape(text)
    };
    let mut s = format!(
        "<figure class=\"card\"><h3>{title}</h3><svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"confusion matrix\">"
    );
    for (i, row) in matrix.iter().enumerate() {
        let all: u32 = row.iter().sum();
        let y = top + side * i as f64;
        if named {
            let (mid, x) = (y + side / 2.0, left + side * (i as f64 + 0.5));
            let _ = write!(
                s,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 6.0,
                mid + 4.0,
                name(i)
            );
            let place = if turned {
                format!(
                    "text-anchor=\"start\" transform=\"translate({:.1} {:.1}) rotate(-90)\"",
                    x + 4.0,
                    top - 5.0
                )
            } else {
                format!("text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\"", top - 6.0)
            };
            let _ = write!(s, "<text {place}>{}</text>", name(i));
        }
        for (j, &count) in row.iter().enumerate() {
            let share = f64::from(count) / f64::from(all.max(1));
            let colour = if i == j { 0 } else { 1 };
            let (x, inner) = (left + side * j as f64, side - 1.0);
            let full = |k: usize| classes.get(k).map_or("", String::as_str);
            let _ = write!(
                s,
                "<g><title>{} taken for {}: {count} of {all}</title>\
                 <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{inner:.1}\" height=\"{inner:.1}\" fill=\"var(--grid)\"/>",
                escape(full(i)),
                escape(full(j))
            );
            if count > 0 {
                let _ = write!(
                    s,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{inner:.1}\" height=\"{inner:.1}\" \
                     fill=\"var(--c{colour})\" fill-opacity=\"{:.2}\"/>",
                    0.12 + 0.5 * share
                );
                if n <= WRITTEN {
                    let _ = write!(
                        s,
                        "<text class=\"cell\" x=\"{:.1}\" y=\"{:.1}\">{count}</text>",
                        x + inner / 2.0,
                        y + inner / 2.0
                    );
                }
            }
            s.push_str("</g>");
        }
    }
    s.push_str("</svg></figure>\n");
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(step(100.0, 5.0), 20.0);
        assert_eq!(step(2.3, 5.0), 0.5);
        assert_eq!(step(1.0, 5.0), 0.2);
    }

    #[test]
    fn a_chart_survives_no_points_and_no_numbers() {
        let axes = Axes {
            title: "a<b",
            x: "steps",
            unit: "%",
            y: (0.0, 0.0),
            marks: vec![(0.0, "x".into())],
        };
        let curve = |points| Curve {
            name: "c".into(),
            colour: 0,
            points,
            style: Style::Rings,
        };
        for points in [
            vec![],
            vec![(f64::NAN, 1.0), (1.0, f64::INFINITY)],
            vec![(0.0, 0.0)],
        ] {
            let s = chart(&axes, &[curve(points)]);
            assert!(!s.contains("NaN") && !s.contains("inf"), "{s}");
            assert!(s.contains("a&lt;b") && !s.contains("a<b"));
        }
    }

    #[test]
    fn a_matrix_names_its_cells() {
        let s = confusion("t", &["<a>".into(), "b".into()], &[vec![3, 1], vec![0, 4]]);
        assert!(s.contains("&lt;a&gt; taken for b: 1 of 4"), "{s}");
        assert!(!s.contains("<a>"));
    }
}
