//! Marks of commands: the layer they belong to and its pass, seen in errors and waves.

/// Bits below the layer's number.
const LAYER: u32 = 4;

/// The mark of a network's loss, which is of no layer.
pub const LOSS: u16 = 0xfff0;

/// The mark of stage `stage`'s forward pass.
pub fn forward(stage: usize) -> u16 {
    (stage << LAYER) as u16
}

/// The mark of stage `stage`'s backward pass and update.
pub fn backward(stage: usize) -> u16 {
    forward(stage) | 1
}

/// Mark and mask of all that is done for stage `stage`.
pub fn layer(stage: u16) -> (u16, u16) {
    (stage << LAYER, !0 << LAYER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_its_passes_and_no_other() {
        let (mark, mask) = layer(5);
        let of = |m: u16| (m ^ mark) & mask == 0;
        assert!(of(forward(5)) && of(backward(5)));
        assert!(![forward(4), forward(6), backward(4), LOSS]
            .into_iter()
            .any(of));
    }
}
