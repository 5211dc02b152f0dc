//! One real command of each kind, as a compiler would write it for 8×16 cells, with what it does in a sentence.

use tandem_isa::command::{pad, phase, Command, Compute, Load, Loss, Requant, Select, Store};
use tandem_isa::command::{Unit, Unpool, Update, Yield, NO_SITE};

/// Bytes of a word on 16 lanes.
const WORD: u32 = 32;

/// The example of the command of that name.
pub fn of(name: &str) -> Option<(&'static str, Command)> {
    all().into_iter().find(|(_, c)| c.format().name == name)
}

/// Every example.
pub fn all() -> Vec<(&'static str, Command)> {
    vec![
        (
            "two channel blocks of one 14×14 image, with one zero pixel on every side, to pad A; compute is told.",
            Load {
                pad: pad::A,
                signal: Unit::Compute.bit(),
                top: 1,
                bottom: 1,
                left: 1,
                right: 1,
                address: 0x10_0000,
                n: 1,
                m: 2,
                rows: 14,
                width: 14,
                m_stride: 14 * 14 * WORD,
                row_stride: 14 * WORD,
                ..Default::default()
            }
            .into(),
        ),
        (
            "a 3×3 convolution of those two blocks, forward: 14×14 pixels, 2×3×3 weight blocks, both row groups; 288 products a sum.",
            Compute {
                phase: phase::FORWARD,
                wait: Unit::Load.bit(),
                signal: Unit::Vector.bit(),
                groups: 2,
                n: 1,
                y: 14,
                x: 14,
                k2: 2,
                k1: 3,
                k0: 3,
                a_n: 2 * 16 * 16,
                a_y: 16,
                a_x: 1,
                a_k2: 16 * 16,
                a_k1: 16,
                a_k0: 1,
                b_k2: 9 * 16,
                b_k1: 3 * 16,
                b_k0: 16,
                terms: 288,
                ..Default::default()
            }
            .into(),
        ),
        (
            "that tensor finished: bias, ReLU, requantised by site 3, the product's format being 13 plus what site 2 says; the tensor is complete.",
            Requant {
                flags: Requant::BIAS | Requant::RELU | Requant::END,
                wait: Unit::Compute.bit(),
                signal: Unit::Store.bit(),
                site: 3,
                site_a: 2,
                site_b: NO_SITE,
                f: 13,
                skip_site: NO_SITE,
                n: 1,
                y: 14,
                x: 14,
                src_n: 196,
                src_y: 14,
                src_x: 1,
                out_n: 196,
                out_y: 14,
                out_x: 1,
                ..Default::default()
            }
            .into(),
        ),
        (
            "the gradient of a 14×14 tensor from its 7×7 pooled one and the indices behind it.",
            Unpool {
                wait: Unit::Load.bit(),
                signal: Unit::Store.bit(),
                index_base: 49,
                n: 1,
                y: 14,
                x: 14,
                ..Default::default()
            }
            .into(),
        ),
        (
            "the 3×3 weights of 16×16 channels: momentum 0.9, learning rate 0.05 (52429·2^−20), no decay.",
            Update {
                wait: Unit::Load.bit(),
                signal: Unit::Store.bit(),
                site_d: 7,
                f: 0,
                f_w: 14,
                lr_shift: 20,
                v_base: 144,
                d_base: 288,
                v_out: 144,
                z: 1,
                y: 9,
                x: 16,
                mu: 58982,
                lr_mantissa: 52429,
                i_x: 9,
                i_y: 1,
                i_lane: 144,
                key_v: 1,
                key_w: 2,
                ..Default::default()
            }
            .into(),
        ),
        (
            "a batch of 32 samples of 10 classes at temperature 1: gradients, and the best two classes to the selector.",
            Loss {
                flags: Loss::GRADIENT | Loss::SCORE,
                wait: Unit::Load.bit(),
                signal: Unit::Store.bit(),
                site: 9,
                top: 2,
                n: 32,
                classes: 10,
                record_base: 32,
                temperature: 23637,
                ..Default::default()
            }
            .into(),
        ),
        (
            "a 14×14 block of results from pad O to DDR.",
            Store {
                pad: pad::O,
                wait: Unit::Vector.bit(),
                address: 0x20_0000,
                n: 1,
                m: 1,
                rows: 14,
                width: 14,
                row_stride: 14 * WORD,
                ..Default::default()
            }
            .into(),
        ),
        (
            "the scores of those 32 samples.",
            Select {
                n: 32,
                ..Default::default()
            }
            .into(),
        ),
        (
            "a point where the teacher may interrupt.",
            Yield::default().into(),
        ),
    ]
}
