//! The rows of the bench as pictures: a roofline, and a bar for each product's use of the array. SVG.

use crate::error::{wrong, CliError};
use plotters::prelude::*;
use std::path::Path;
use tandem::measure::{Phase, Row};

/// Colours of forward, dX, dW.
const COLOURS: [RGBColor; 3] = [
    RGBColor(0x1f, 0x77, 0xb4),
    RGBColor(0xe0, 0x7b, 0x39),
    RGBColor(0x2c, 0x8c, 0x5a),
];

fn colour(phase: Phase) -> RGBColor {
    COLOURS[phase as usize]
}

fn failed(path: &Path, e: impl std::fmt::Display) -> CliError {
    wrong(
        path.display(),
        "drawing",
        e,
        "a folder that can be written",
        "give another one to --charts",
    )
}

/// Writes `roofline.svg` and `utilisation.svg` into `folder`.
pub fn write(folder: &Path, rows: &[Row]) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    let path = folder.join("roofline.svg");
    roofline(&path, rows).map_err(|e| failed(&path, e))?;
    let path = folder.join("utilisation.svg");
    bars(&path, rows).map_err(|e| failed(&path, e))
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Products a cycle over products a byte, both logarithmic, under the roofs of memory and array.
fn roofline(path: &Path, rows: &[Row]) -> Drawn {
    let root = SVGBackend::new(path, (820, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let cells = rows.first().map_or(1, |r| r.cells) as f64;
    let intensity = |r: &Row| r.macs as f64 / r.bytes;
    let (x0, x1) = (0.5, 1000.0);
    let mut chart = ChartBuilder::on(&root)
        .caption("useful products, measured on the RTL", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d((x0..x1).log_scale(), (4.0..cells * 1.3).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("products for each byte moved")
        .y_desc("products a cycle")
        .draw()?;
    let knee = cells / 8.0;
    let roof = [(x0, 8.0 * x0), (knee, cells), (x1, cells)];
    chart.draw_series(LineSeries::new(roof, BLACK.stroke_width(2)))?;
    for phase in Phase::ALL {
        let points = rows.iter().filter(|r| r.phase == phase);
        chart
            .draw_series(points.map(|r| {
                let at = (intensity(r), r.macs as f64 / r.cycles);
                Circle::new(at, 4, colour(phase).filled())
            }))?
            .label(phase.name())
            .legend(move |(x, y)| Circle::new((x + 8, y), 4, colour(phase).filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    root.present()?;
    Ok(())
}

/// A bar for every product: the use of the array, with a mark at what memory and array would allow.
fn bars(path: &Path, rows: &[Row]) -> Drawn {
    let height = 60 + 15 * rows.len() as u32;
    let root = SVGBackend::new(path, (820, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let count = rows.len() as f64;
    let mut chart = ChartBuilder::on(&root)
        .caption("use of the array, % (line: bound)", ("sans-serif", 18))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(220)
        .build_cartesian_2d(0.0..100.0, count..0.0)?;
    chart.configure_mesh().disable_y_mesh().y_labels(0).draw()?;
    for (i, r) in rows.iter().enumerate() {
        let y = i as f64;
        let bar = [(0.0, y + 0.15), (100.0 * r.utilisation(), y + 0.85)];
        chart.draw_series([Rectangle::new(bar, colour(r.phase).filled())])?;
        let bound = 100.0 * r.macs as f64 / (r.cells as f64 * r.bound());
        let mark = [(bound, y + 0.05), (bound, y + 0.95)];
        chart.draw_series(LineSeries::new(mark, BLACK.stroke_width(2)))?;
        let (x, y) = chart.backend_coord(&(0.0, y + 0.5));
        let label = format!("{} {}", r.layer, r.phase);
        let style = ("sans-serif", 12).into_text_style(&root);
        let style = style.pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Right,
            plotters::style::text_anchor::VPos::Center,
        ));
        root.draw_text(&label, &style, (x - 6, y))?;
    }
    root.present()?;
    Ok(())
}
