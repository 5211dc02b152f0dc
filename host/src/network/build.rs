//! Checks layers against what is before them and fuses them into stages.

use super::graph::parts_kept;
use super::{Extent, Kind, Layer, Shape, Stage};
use crate::error::CompileError;
use tandem_isa::numerics::{average_constant, MAX_K, MAX_K_PRELOAD};

/// Stages so far.
pub(super) struct Builder {
    input: Shape,
    pub(super) stages: Vec<Stage>,
    /// The stage whose output the next layer gets; none: the images.
    current: Option<usize>,
    /// Whether a ReLU or a pool may still join that stage.
    open: bool,
}

/// A layer on its way in, for errors.
struct Place<'a> {
    index: &'a str,
    layer: &'a Layer,
}

impl Place<'_> {
    fn refuse<T>(
        &self,
        what: &'static str,
        found: impl ToString,
        expected: impl ToString,
        remedy: &'static str,
    ) -> Result<T, CompileError> {
        Err(CompileError::Layer {
            layer: format!("{} ({})", self.index, self.layer),
            what,
            found: found.to_string(),
            expected: expected.to_string(),
            remedy,
        })
    }
}

impl Builder {
    pub(super) fn new(input: Shape) -> Builder {
        Builder {
            input,
            stages: Vec::new(),
            current: None,
            open: false,
        }
    }

    /// Appends a layer.
    pub(super) fn layer(&mut self, index: &str, layer: &Layer) -> Result<(), CompileError> {
        let place = Place { index, layer };
        match *layer {
            Layer::Conv {
                co,
                kernel,
                stride,
                pad,
            } => self.conv(&place, co, kernel, stride, pad),
            Layer::FullyConnected { out } => self.fully_connected(&place, out),
            Layer::Relu => self.relu(&place),
            Layer::MaxPool2 => self.max_pool(&place),
            Layer::AveragePool { size } => self.average_pool(&place, Some(size)),
            Layer::GlobalAveragePool => self.average_pool(&place, None),
            Layer::Residual { ref body, project } => self.residual(&place, body, project),
        }
    }

    /// What the next layer gets.
    fn at(&self) -> Shape {
        self.current.map_or(self.input, |i| self.stages[i].output())
    }

    fn push(
        &mut self,
        kind: Kind,
        name: &str,
        co: usize,
        [y, x]: [Extent; 2],
    ) -> Result<(), CompileError> {
        let named = |s: &&Stage| s.name.starts_with(name);
        let number = 1 + self.stages.iter().filter(named).count();
        let stage = Stage {
            name: format!("{name}{number}"),
            source: self.current,
            skip: None,
            ci: self.at().c,
            co,
            y,
            x,
            relu: false,
            pool: false,
            kind,
        };
        check_terms(&stage)?;
        self.current = Some(self.stages.len());
        self.open = true;
        self.stages.push(stage);
        Ok(())
    }

    fn conv(
        &mut self,
        place: &Place,
        co: usize,
        (kh, kw): (usize, usize),
        stride: usize,
        pad: usize,
    ) -> Result<(), CompileError> {
        let at = self.at();
        if co == 0 || co > 4096 {
            return place.refuse(
                "output channels",
                co,
                "1 to 4096",
                "change the channel count",
            );
        }
        for k in [kh, kw] {
            if k == 0 || k > 255 {
                return place.refuse("kernel size", k, "1 to 255", "use a smaller kernel");
            }
            if pad >= k {
                let expected = format!("below the kernel size {k}");
                return place.refuse("padding", pad, expected, "reduce the padding");
            }
        }
        if stride != 1 && stride != 2 {
            return place.refuse("stride", stride, "1 or 2", "use stride 2 twice, or a pool");
        }
        for (size, k) in [(at.h, kh), (at.w, kw)] {
            if size + 2 * pad < k {
                return place.refuse(
                    "kernel larger than the padded plane",
                    format!("kernel {k} on {size} + 2x{pad}"),
                    format!("at most {}", size + 2 * pad),
                    "use a smaller kernel or fewer pools before it",
                );
            }
        }
        let extent = |input, kernel| Extent {
            input,
            kernel,
            stride,
            pad,
        };
        let extents = [extent(at.h, kh), extent(at.w, kw)];
        self.push(Kind::Conv, "conv", co, extents)
    }

    fn fully_connected(&mut self, place: &Place, out: usize) -> Result<(), CompileError> {
        let at = self.at();
        if out == 0 || out > 4096 {
            return place.refuse("outputs", out, "1 to 4096", "change the output count");
        }
        if at.h > 255 || at.w > 255 {
            return place.refuse(
                "plane before it",
                at,
                "at most 255 rows and columns",
                "pool or stride before it",
            );
        }
        let extents = [windows(at.h, at.h), windows(at.w, at.w)];
        self.push(Kind::FullyConnected, "fc", out, extents)
    }

    /// An average over windows of `size`, or the whole plane.
    fn average_pool(&mut self, place: &Place, size: Option<usize>) -> Result<(), CompileError> {
        let at = self.at();
        if self.stages.is_empty() {
            return place.refuse(
                "place of an average pool",
                "the first layer",
                "a layer before it",
                "average the images before they are written, or put a convolution first",
            );
        }
        let (h, w) = size.map_or((at.h, at.w), |k| (k, k));
        if h > at.h || w > at.w {
            return place.refuse(
                "plane to average",
                at,
                format!("at least {h} rows and columns"),
                "use a smaller window",
            );
        }
        if h == 0
            || w == 0
            || h > 255
            || w > 255
            || h * w < 2
            || average_constant((h * w) as u32).is_err()
        {
            return place.refuse(
                "window to average",
                format!("{h}x{w}"),
                "2 to 32768 values, at most 255 rows and columns",
                "leave the pool out, or average in two steps",
            );
        }
        let extents = [windows(at.h, h), windows(at.w, w)];
        self.push(Kind::AveragePool, "average", at.c, extents)
    }

    /// The stage that a ReLU or a pool would join.
    fn open_stage(&mut self) -> Option<&mut Stage> {
        let i = self.current.filter(|_| self.open)?;
        self.stages.get_mut(i)
    }

    fn relu(&mut self, place: &Place) -> Result<(), CompileError> {
        match self.open_stage() {
            Some(s) if s.is_trained() && !s.relu && !s.pool => {
                s.relu = true;
                Ok(())
            }
            _ => place.refuse(
                "place of a relu",
                place.index,
                "directly after a convolution, fully connected layer or residual",
                "put it there; before a pool it gives the same values",
            ),
        }
    }

    fn max_pool(&mut self, place: &Place) -> Result<(), CompileError> {
        let at = self.at();
        match self.open_stage() {
            Some(s) if s.skip.is_some() => place.refuse(
                "place of a max-pool",
                "after a residual",
                "after a convolution or its relu",
                "use stride 2 in the next residual, or an average pool",
            ),
            Some(s) if s.is_trained() && !s.pool => {
                if at.h < 2 || at.w < 2 {
                    return place.refuse(
                        "plane to pool",
                        at,
                        "at least 2 rows and columns",
                        "leave the pool out",
                    );
                }
                s.pool = true;
                Ok(())
            }
            _ => place.refuse(
                "place of a max-pool",
                place.index,
                "after a convolution or its relu, one each",
                "put a convolution before it, or use stride 2",
            ),
        }
    }
}

impl Builder {
    fn residual(
        &mut self,
        place: &Place,
        body: &[Layer],
        project: bool,
    ) -> Result<(), CompileError> {
        let Some(start) = self.current else {
            return place.refuse(
                "place of a residual",
                "the first layer",
                "a layer before it",
                "put a convolution before it",
            );
        };
        let from = self.at();
        let mut skip = start;
        if project {
            // Its size follows from the body's.
            let one = windows(1, 1);
            self.push(Kind::Conv, "project", 1, [one, one])?;
            skip = self.stages.len() - 1;
        }
        let first = self.stages.len();
        (self.current, self.open) = (Some(start), false);
        for (i, layer) in body.iter().enumerate() {
            self.layer(&format!("{}.{i}", place.index), layer)?;
        }
        let to = self.at();
        match self.open_stage() {
            Some(s) if s.is_trained() && !s.relu && !s.pool && s.skip.is_none() => {
                s.skip = Some(skip);
            }
            _ => {
                return place.refuse(
                    "end of a residual's body",
                    body.last().map_or("nothing".into(), Layer::to_string),
                    "a convolution or fully connected layer without relu or pool",
                    "put the relu after the residual",
                )
            }
        }
        if project {
            self.project(place, skip, from, to)?;
        } else if from != to {
            return place.refuse(
                "shape of a residual's body",
                format!("{from} in, {to} out"),
                "the same",
                "keep channels, rows and columns, or let the residual project",
            );
        }
        if parts_kept(&self.stages, start) > 1 {
            return place.refuse(
                "residuals that begin at one output without projecting",
                format!("two or more, at {}", self.stages[start].name),
                "one",
                "put a convolution before the one inside, or let one project",
            );
        }
        for s in self.stages[first..].iter().chain(&self.stages[skip..=skip]) {
            if s.source == Some(start) && s.is_trained() {
                check_sum(s, INPUT_GRADIENT, s.co * s.taps(), MAX_K_PRELOAD)?;
            }
        }
        Ok(())
    }

    /// Gives the projection the size that takes `from` to `to`.
    fn project(
        &mut self,
        place: &Place,
        stage: usize,
        from: Shape,
        to: Shape,
    ) -> Result<(), CompileError> {
        let extent = |input, stride| Extent {
            input,
            kernel: 1,
            stride,
            pad: 0,
        };
        let fits = |stride: &usize| {
            [(from.h, to.h), (from.w, to.w)].map(|(a, b)| extent(a, *stride).output() == b)
                == [true; 2]
        };
        let Some(stride) = [1, 2].into_iter().find(fits) else {
            return place.refuse(
                "rows and columns of a projected residual's body",
                format!("{}x{} in, {}x{} out", from.h, from.w, to.h, to.w),
                "the same, or half of them rounded up",
                "give the body one convolution of stride 2, padded to that",
            );
        };
        let s = &mut self.stages[stage];
        s.co = to.c;
        (s.y, s.x) = (extent(from.h, stride), extent(from.w, stride));
        check_terms(s)
    }
}

/// Windows of `size`, `size` apart.
fn windows(input: usize, size: usize) -> Extent {
    Extent {
        input,
        kernel: size,
        stride: size,
        pad: 0,
    }
}

const OUTPUT: &str = "products of an output (input channels x kernel)";
const INPUT_GRADIENT: &str = "products of an input gradient (output channels x kernel)";

/// Sums that could overflow 48 bits are refused (numerics.md).
fn check_terms(s: &Stage) -> Result<(), CompileError> {
    if !s.is_trained() {
        return Ok(());
    }
    check_sum(s, OUTPUT, s.ci * s.taps(), MAX_K_PRELOAD)?;
    check_sum(s, INPUT_GRADIENT, s.co * s.taps(), MAX_K)
}

fn check_sum(s: &Stage, what: &'static str, terms: usize, limit: u32) -> Result<(), CompileError> {
    if terms <= limit as usize {
        return Ok(());
    }
    Err(CompileError::Limit {
        layer: s.name.clone(),
        what,
        found: terms as u64,
        limit: limit.into(),
        remedy: "use fewer channels or a smaller kernel",
    })
}
