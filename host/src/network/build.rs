//! Checks layers against what is before them and fuses them into stages.

use super::{Extent, Kind, Layer, Shape, Stage};
use crate::error::CompileError;
use tandem_isa::numerics::{average_constant, MAX_K, MAX_K_PRELOAD};

/// Stages so far.
pub(super) struct Builder {
    input: Shape,
    pub(super) stages: Vec<Stage>,
}

/// A layer on its way in, for errors.
struct Place<'a> {
    index: usize,
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
            index: self.index,
            layer: self.layer.to_string(),
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
        }
    }

    /// Appends a layer.
    pub(super) fn layer(&mut self, index: usize, layer: &Layer) -> Result<(), CompileError> {
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
        }
    }

    /// What the next layer gets.
    fn at(&self) -> Shape {
        self.stages.last().map_or(self.input, Stage::output)
    }

    fn push(
        &mut self,
        kind: Kind,
        name: &str,
        co: usize,
        [y, x]: [Extent; 2],
    ) -> Result<(), CompileError> {
        let number = 1 + self.stages.iter().filter(|s| s.kind == kind).count();
        let stage = Stage {
            name: format!("{name}{number}"),
            ci: self.at().c,
            co,
            y,
            x,
            relu: false,
            pool: false,
            kind,
        };
        check_terms(&stage)?;
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

    fn relu(&mut self, place: &Place) -> Result<(), CompileError> {
        match self.stages.last_mut() {
            Some(s) if s.is_trained() && !s.relu && !s.pool => {
                s.relu = true;
                Ok(())
            }
            _ => place.refuse(
                "place of a relu",
                place.index,
                "directly after a convolution or fully connected layer",
                "put it there; before a pool it gives the same values",
            ),
        }
    }

    fn max_pool(&mut self, place: &Place) -> Result<(), CompileError> {
        let at = self.at();
        match self.stages.last_mut() {
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

/// Windows of `size`, `size` apart.
fn windows(input: usize, size: usize) -> Extent {
    Extent {
        input,
        kernel: size,
        stride: size,
        pad: 0,
    }
}

/// Sums that could overflow 48 bits are refused (numerics.md).
fn check_terms(s: &Stage) -> Result<(), CompileError> {
    for (what, terms, limit) in [
        (
            "products of an output (input channels x kernel)",
            s.ci * s.taps(),
            MAX_K_PRELOAD,
        ),
        (
            "products of an input gradient (output channels x kernel)",
            s.co * s.taps(),
            MAX_K,
        ),
    ] {
        if s.is_trained() && terms > limit as usize {
            return Err(CompileError::Limit {
                layer: s.name.clone(),
                what,
                found: terms as u64,
                limit: limit.into(),
                remedy: "use fewer channels or a smaller kernel",
            });
        }
    }
    Ok(())
}
