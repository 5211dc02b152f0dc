//! Average pool alone, both ways; the stage must be one.

use super::{format, Operand, Output, Single};
use crate::device::Device;
use crate::driver::Site;
use crate::error::{CompileError, Error};
use crate::tile::average::{block, block_f, Average};
use crate::tile::Tensor;

impl<D: Device> Single<'_, D> {
    /// Means of the windows of `x`.
    pub fn average(&mut self, x: Operand, site: Site) -> Result<Output, Error> {
        let (input, small) = (
            self.shape(self.stage.input()),
            self.shape(self.stage.output()),
        );
        let x_at = self.tensor(input, Some(x.q))?;
        let y = self.tensor(small, None)?;
        let constant = self.average_block()?;
        let f = block_f(self.engine.config(), self.stage.taps())?;
        let finish = self.finish(0, format(x.f + f)?);
        let stage = self.stage.clone();
        let op = Average {
            stage: &stage,
            n: self.n,
            constant,
            groups: self.average_groups(),
        };
        let product = op.forward(x_at, y, finish);
        let mut out = self
            .run(&[site], |e, by| product.displaced(by).emit(e))?
            .remove(0);
        out.q = self.read(y, small)?;
        Ok(out)
    }

    /// The error `g` of the means back to the input, with the skip operand added; zero where `mask` (shaped like the input) is not positive.
    pub fn average_back(
        &mut self,
        g: Operand,
        mask: Option<&[i16]>,
        site: Site,
    ) -> Result<Output, Error> {
        let (input, small) = (
            self.shape(self.stage.input()),
            self.shape(self.stage.output()),
        );
        let g_at = self.tensor(small, Some(g.q))?;
        let mask: Option<Tensor> = mask.map(|m| self.tensor(input, Some(m))).transpose()?;
        let skip = self.take_skip(input)?;
        let dx = self.tensor(input, None)?;
        let constant = self.average_block()?;
        let f = block_f(self.engine.config(), self.stage.taps())?;
        let finish = self.finish(0, format(g.f + f)?);
        let stage = self.stage.clone();
        let op = Average {
            stage: &stage,
            n: self.n,
            constant,
            groups: self.average_groups(),
        };
        let product = op.backward(g_at, dx, (mask, skip), finish);
        let mut out = self
            .run(&[site], |e, by| product.displaced(by).emit(e))?
            .remove(0);
        out.q = self.read(dx, input)?;
        Ok(out)
    }

    fn average_block(&mut self) -> Result<u32, Error> {
        let (s, lanes) = (&self.stage, self.lanes());
        if s.is_trained() || s.taps() < 2 {
            return Err(CompileError::Input {
                what: "stage of an average pool",
                found: format!("{} over {} values", s.name, s.taps()),
                expected: "an average pool over 2 values or more".into(),
                remedy: "set the stage's kind and window",
            }
            .into());
        }
        let words = block(self.engine.config(), s.taps())?;
        let address = self.take(lanes)?;
        self.engine.write_lanes(address.into(), &words)?;
        Ok(address)
    }

    fn average_groups(&self) -> usize {
        let config = self.engine.config();
        self.stage.ci.min(config.lanes).div_ceil(config.rows)
    }
}
