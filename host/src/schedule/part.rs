//! What a command is for, as its tag says: in errors, traces and waves.

/// What part of a stage a command belongs to, as its tag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Forward.
    Forward,
    /// The error back through the max-pool.
    PoolBack,
    /// Gradient of the weights.
    Dw,
    /// Error of the input.
    Dx,
    /// The weights' new values.
    Update,
    /// Softmax, loss and ranking, after the last stage.
    Loss,
}

/// Tag of the loss, which no stage has.
const LOSS: u16 = !PARTS;

/// Bits of a tag that say the part; above them is the stage.
const PARTS: u16 = (1 << STAGE) - 1;

const STAGE: u32 = 4;

impl Part {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Forward => "forward",
            Part::PoolBack => "pool back",
            Part::Dw => "dW",
            Part::Dx => "dX",
            Part::Update => "update",
            Part::Loss => "loss",
        }
    }

    /// The mark of a stage's commands.
    pub(crate) const fn tag(self, stage: usize) -> u16 {
        match self {
            Part::Loss => LOSS,
            part => (stage << STAGE) as u16 | part as u16,
        }
    }

    /// The tag of all that is done for a stage, in the bits of the second number.
    pub const fn layer(stage: u16) -> (u16, u16) {
        (stage << STAGE, !PARTS)
    }

    /// The stage and the part of it that a tag stands for; the loss has no stage.
    pub const fn of_tag(tag: u16) -> (Option<usize>, Part) {
        let part = match tag & PARTS {
            1 => Part::PoolBack,
            2 => Part::Dw,
            3 => Part::Dx,
            4 => Part::Update,
            _ if tag == LOSS => return (None, Part::Loss),
            _ => Part::Forward,
        };
        (Some((tag >> STAGE) as usize), part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_what_it_was_made_of() {
        let parts = [
            Part::Forward,
            Part::PoolBack,
            Part::Dw,
            Part::Dx,
            Part::Update,
        ];
        let (mark, mask) = Part::layer(5);
        for part in parts {
            assert_eq!(Part::of_tag(part.tag(5)), (Some(5), part));
            assert_eq!((part.tag(5) ^ mark) & mask, 0, "{part:?}");
            assert_ne!((part.tag(6) ^ mark) & mask, 0, "{part:?}");
        }
        let loss = Part::Loss.tag(5);
        assert_eq!(Part::of_tag(loss), (None, Part::Loss));
        assert_ne!((loss ^ mark) & mask, 0);
    }
}
