//! The arithmetic of the engine, once: integer functions that the model calls and the RTL is proved equal to.
//!
//! A tensor holds s16 words `q` and one format `f`; its real values are `q·2^-f`. Products are summed in a wrapping s48
//! accumulator with `f_acc = f_x + f_y` and come back to 16 bits through one rounding ([`requant`]), with a shift that
//! follows the tensor's own magnitude ([`Exponent`]). Engines with 8-bit operands: [`Width`].
//!
//! Not for float work: the few functions that take a float ([`quantise`], [`weight_f`], [`SgdParams::new`],
//! [`temperature_constant`]) only turn settings and initial weights into the engine's integers.
//!
//! | file | holds |
//! |---|---|
//! | `types` | widths, limits, the 48-bit wrap |
//! | `width` | the same arithmetic for 8-bit operands on 32-bit accumulators |
//! | `requant` | rounding shift, requantise, align |
//! | `exponent` | magnitude mask and exponent state of a requantise site |
//! | `random` | the stateless random words of the update |
//! | `layers` | ReLU, its backward, average pool constant, residual sum |
//! | `pool` | 2×2 maximum with its index |
//! | `softmax` | softmax with temperature, cross-entropy gradients of labels, of soft targets and of both |
//! | `targets` | soft targets of a few classes, a word each |
//! | `sgd` | momentum update with weight decay and stochastic rounding |
//! | `format` | formats of weights, floats to words and back |
//! | `error` | what these functions refuse |

mod error;
mod exponent;
mod format;
mod layers;
mod pool;
mod random;
mod requant;
mod sgd;
mod softmax;
mod targets;
mod types;
mod width;

pub use error::NumericsError;
pub use exponent::{bitlen, or_mask, Exponent, HYSTERESIS, MAX_SHIFT};
pub use format::{dequantise, quantise, quantise_slice, weight_f, weight_f_of};
pub use layers::{average_constant, average_f, relu, relu_backward, residual_sum};
pub use pool::{max4, route4};
pub use random::{hash16, hash32, key_for, next_key};
pub use requant::{align, clamp_q, r_shift, requant, requant_counted, Rounding, MAX_ALIGN};
pub use sgd::{stepped, update, update_elastic, Pull, SgdParams};
pub use softmax::{
    exp_step, gradient_f, gradient_hard, gradient_mixed, gradient_soft, mixed, rank, share_word,
    softmax, temperature_constant, EXP_TABLE, RANKED, SHARE_ONE, TEMPERATURE_ONE,
};
pub use targets::{expand_target, pack_target, PACKED_CLASSES};
pub use types::{
    check_k, wrap48, ACC_BITS, AVERAGE_F, BIAS_F, F_MAX, F_MIN, MAX_K, MAX_K_PRELOAD,
    MOMENTUM_EXTRA_F, P_F, QMAX, W_HEADROOM,
};
pub use width::{Width, WORD_BITS};
