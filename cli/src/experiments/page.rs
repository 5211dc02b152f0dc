//! The page of an experiment: a table, and a picture where the rows lie on an axis.

use super::catalogue::Experiment;
use super::trial::Figures;
use crate::error::{wrong, CliError};
use plotters::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// Seeds that defaults are chosen on; the others are quoted.
const CHOICE: [u32; 2] = [1, 2];

/// Mean and standard deviation (of a sample).
pub fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

/// As `mean ± deviation`.
pub fn cell(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<f64> = values.collect();
    let (mean, deviation) = mean(&values);
    format!("{mean:.1} ± {deviation:.1}")
}

/// Mean and worst of paired differences.
pub fn gain(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<f64> = values.collect();
    let worst = values.iter().copied().fold(f64::INFINITY, f64::min);
    format!("{:+.1} ({worst:+.1})", mean(&values).0)
}

/// Of a row's figures, by seed: those of `seeds`.
fn part<'a>(row: &'a [Figures], all: &[u32], seeds: &[u32]) -> Vec<&'a Figures> {
    let pairs = row.iter().zip(all);
    pairs
        .filter_map(|(f, s)| seeds.contains(s).then_some(f))
        .collect()
}

fn listed(seeds: &[u32]) -> String {
    let list: Vec<String> = seeds.iter().map(u32::to_string).collect();
    list.join(", ")
}

/// Seeds for choosing, and those that are quoted: of the former alone, a page quotes these.
pub fn split(seeds: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let (chosen, quoted): (Vec<u32>, Vec<u32>) = seeds.iter().partition(|s| CHOICE.contains(s));
    if quoted.is_empty() {
        (Vec::new(), chosen)
    } else {
        (chosen, quoted)
    }
}

/// What stands above the table.
pub fn heading(
    (name, title, question): (&str, &str, &str),
    held_out: &str,
    seeds: &[u32],
) -> String {
    format!(
        "<!-- written by `cargo xtask experiments {name}`; text about it is in README.md -->\n# {title}\n\n{question}\n\n\
        `cargo xtask experiments {name} --seed {} --seeds {}` · quoted: seeds {}, per cent of {held_out} held-out images, mean ± standard deviation; gains are paired by seed, the worst in brackets.\n\n",
        seeds.first().unwrap_or(&1),
        seeds.len(),
        listed(&split(seeds).1)
    )
}

/// The page as Markdown; `rows` holds the figures of every row, a list of seeds each.
pub fn page(e: &Experiment, rows: &[Vec<Figures>], seeds: &[u32]) -> String {
    let mut held_out: Vec<usize> = e.trials.iter().map(|t| t.domain.held_out()).collect();
    held_out.dedup();
    let held_out: Vec<String> = held_out.iter().map(usize::to_string).collect();
    let mut out = heading(
        (e.name, e.title, e.question),
        &held_out.join(", then "),
        seeds,
    );
    let float = rows.iter().flatten().any(|f| f.float.is_some());
    let gated = rows.iter().flatten().any(|f| f.deployed.is_some());
    let (chosen, quoted) = split(seeds);
    let mut head =
        "| row | supervised | teacher | kept set | fine-tuned | gain (worst) |".to_string();
    if !chosen.is_empty() {
        let _ = write!(
            head,
            " for choosing: seeds {}, fine-tuned, gain |",
            listed(&chosen)
        );
    }
    if gated {
        head += " behind the gate | all seeds: behind the gate − supervised (worst) |";
    }
    head += " kept, right % | Mcycles: label, train, tune |";
    if float {
        head += " float32: supervised, kept, tuned | all seeds: fixed − float32, tuned (worst) |";
    }
    let columns = head.matches('|').count() - 1;
    let _ = writeln!(out, "{head}\n|{}", "---|".repeat(columns));
    for (trial, row) in e.trials.iter().zip(rows) {
        let figures = part(row, seeds, &quoted);
        let of = |f: fn(&Figures) -> f64| figures.iter().map(move |&x| f(x));
        let cycles: Vec<String> = (0..3)
            .map(|i| {
                let all: Vec<f64> = figures.iter().map(|f| f.cycles[i] as f64 / 1e6).collect();
                format!("{:.1}", mean(&all).0)
            })
            .collect();
        let (kept, right) = (
            mean(&of(|f| f.samples as f64).collect::<Vec<_>>()).0,
            mean(&of(|f| f.right).collect::<Vec<_>>()).0,
        );
        let _ = write!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            trial.name,
            cell(of(|f| f.supervised)),
            cell(of(|f| f.teacher)),
            cell(of(|f| f.kept)),
            cell(of(|f| f.tuned)),
            gain(of(|f| f.tuned - f.supervised)),
        );
        if !chosen.is_empty() {
            let choice = part(row, seeds, &chosen);
            let tuned = cell(choice.iter().map(|f| f.tuned));
            let gained = gain(choice.iter().map(|f| f.tuned - f.supervised));
            let _ = write!(out, " {tuned}, {gained} |");
        }
        if gated {
            let of = || figures.iter().filter_map(|f| f.deployed);
            if of().next().is_none() {
                out += " – | – |";
            } else {
                let all = row.iter().filter_map(|f| f.deployed);
                let _ = write!(
                    out,
                    " {} | {} |",
                    cell(of().map(|d| d[0])),
                    gain(all.map(|[d, running]| d - running))
                );
            }
        }
        let _ = write!(out, " {kept:.0}, {right:.1} | {} |", cycles.join(", "));
        if float {
            let twins: Vec<[f64; 3]> = figures.iter().filter_map(|f| f.float).collect();
            if twins.is_empty() {
                out += " – | – |";
            } else {
                let each = |i: usize| cell(twins.iter().map(|t| t[i]));
                let all = row.iter().filter_map(|f| f.float.map(|t| f.tuned - t[2]));
                let _ = write!(
                    out,
                    " {}, {}, {} | {} |",
                    each(0),
                    each(1),
                    each(2),
                    gain(all)
                );
            }
        }
        out.push('\n');
    }
    if e.axis.is_some() {
        let _ = writeln!(out, "\n![{}]({}.svg)", e.title, e.name);
    }
    out
}

/// Draws the accuracy over the axis, a curve for each run of rising places.
pub fn draw(path: &Path, e: &Experiment, rows: &[Vec<Figures>]) -> Result<(), CliError> {
    let Some((axis, places)) = &e.axis else {
        return Ok(());
    };
    curves(path, (axis, places), e, rows).map_err(|error| {
        wrong(
            path.display(),
            "drawing",
            error,
            "a folder that can be written",
            "give another one to --out",
        )
    })
}

fn curves(
    path: &Path,
    (axis, places): (&str, &[f64]),
    e: &Experiment,
    rows: &[Vec<Figures>],
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (760, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let (x0, x1) = places
        .iter()
        .fold((f64::MAX, 0f64), |(a, b), &v| (a.min(v), b.max(v)));
    let value =
        |i: usize, f: fn(&Figures) -> f64| mean(&rows[i].iter().map(f).collect::<Vec<_>>()).0;
    let all = (0..rows.len()).flat_map(|i| [value(i, |f| f.kept), value(i, |f| f.tuned)]);
    let (y0, y1) = all.fold((f64::MAX, 0f64), |(a, b), v| (a.min(v), b.max(v)));
    let mut chart = ChartBuilder::on(&root)
        .caption(e.title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d((x0..x1).log_scale(), y0 - 1.0..y1 + 1.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(axis)
        .y_desc("held out, %")
        .draw()?;
    let mut starts: Vec<usize> = (0..places.len())
        .filter(|&i| i == 0 || places[i] <= places[i - 1])
        .collect();
    starts.push(places.len());
    let colours = [0x1f77b4, 0xe07b39, 0x2e8b57, 0xc0392b, 0x7d5ba6, 0x8a6d3b]
        .map(|c: u32| RGBColor((c >> 16) as u8, (c >> 8) as u8, c as u8));
    for (n, run) in starts.windows(2).enumerate() {
        let colour = colours[n % colours.len()];
        let first = &e.trials[run[0]].name;
        let name = first.rsplit_once([':', ',']).map_or(&first[..], |(n, _)| n);
        for (what, f, width) in [
            ("kept set", (|f: &Figures| f.kept) as fn(&Figures) -> f64, 1),
            ("fine-tuned", |f: &Figures| f.tuned, 3),
        ] {
            let points = (run[0]..run[1]).map(|i| (places[i], value(i, f)));
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(width)))?
                .label(format!("{name}, {what}"))
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(width))
                });
        }
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_those_of_a_sample() {
        assert_eq!(mean(&[1.0, 3.0]), (2.0, 2f64.sqrt()));
        assert_eq!(mean(&[5.0]), (5.0, 0.0));
        assert_eq!(gain([1.0, -2.0].into_iter()), "-0.5 (-2.0)");
    }
}
