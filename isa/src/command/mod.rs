//! Commands: 64 bytes each, little-endian, an 8-byte header and the fields of their kind.
//!
//! | byte | header |
//! |---|---|
//! | 0 | opcode |
//! | 1 | flags |
//! | 2 | wait: bit u = take one token that unit u gave to this command's unit before starting |
//! | 3 | signal: bit u = give one token to unit u when done |
//! | 4–5 | tag: the host's mark |
//! | 6–7 | 0 |
//!
//! Units run their own commands in order and run beside each other; tokens are counted for each (producer, consumer) pair.
//! A program is right when running its commands one by one in program order gives the same result (the model does that),
//! and every dependency between two units is covered by a token.

mod table;
use table::{commands, Word};
pub use table::{DecodeError, Field, Format};

/// Bytes of a command.
pub const COMMAND_BYTES: usize = 64;
/// Byte of a command's flags.
pub const FLAGS_BYTE: usize = 1;
/// Byte of the units whose tokens it waits for.
pub const WAIT_BYTE: usize = 2;
/// Byte of the units it gives tokens to.
pub const SIGNAL_BYTE: usize = 3;
/// Bytes of its header.
pub const HEADER_BYTES: usize = 8;
/// `site` that adds nothing to an exponent.
pub const NO_SITE: u8 = 255;
/// Slot number of a sample that is not scored.
pub const NO_SLOT: u16 = 0xffff;
/// Most products in a sum that cannot overflow 48 bits (numerics.md, "No overflow").
pub const MAX_TERMS: u32 = crate::numerics::MAX_K;
/// Most classes of one sample that are ranked (top-P).
pub const MAX_TOP: u8 = 4;

/// Units, by their number in token masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Unit {
    /// DDR to scratchpads.
    Load = 0,
    /// The array.
    Compute = 1,
    /// Requantise, pooling, update.
    Vector = 2,
    /// Softmax, cross-entropy, confidence.
    Loss = 3,
    /// Scratchpads to DDR.
    Store = 4,
    /// Per-class top-K.
    Select = 5,
}

impl Unit {
    /// How many units there are.
    pub const COUNT: usize = 6;
    /// Every unit, by number.
    pub const ALL: [Unit; Self::COUNT] = [
        Unit::Load,
        Unit::Compute,
        Unit::Vector,
        Unit::Loss,
        Unit::Store,
        Unit::Select,
    ];
    /// Its bit in a token mask.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A unit does not start a command that gives to a token counter of this value.
pub const TOKEN_MAX: u32 = 252;

/// Scratchpads a load fills.
pub mod pad {
    /// Row operands of the array.
    pub const A: u8 = 0;
    /// Weights, or column operands of dW.
    pub const B: u8 = 1;
    /// Operands of the vector unit.
    pub const V: u8 = 2;
    /// Logits and sample records of the loss unit.
    pub const Z: u8 = 3;
    /// Results of the vector unit (store only).
    pub const O: u8 = 0;
    /// Results of the loss unit (store only).
    pub const G: u8 = 1;
}

/// What a compute command is counted as.
pub mod phase {
    /// Forward.
    pub const FORWARD: u8 = 0;
    /// Gradient of the input.
    pub const DX: u8 = 1;
    /// Gradient of the weights.
    pub const DW: u8 = 2;
}

commands! {
    /// Copies a box of words from DDR to a scratchpad, adding zeros around each plane.
    /// Words land densely from `base`, in the order `for n, for m, for row in 0..top+rows+bottom, for col in 0..left+width+right`;
    /// rows and columns outside the box are zero words. Word (n, m, row, col) of the box is read at
    /// `address + n*n_stride + m*m_stride + row*row_stride + col*word_bytes`. The pad address wraps at its depth.
    /// With SKEW (pad B only, `base` a multiple of LANES), lane l of the word at pad address p is kept in bank (l + p) mod LANES,
    /// so that a LANES×LANES block can be read by rows and by columns. The reader must agree: see Compute.
    Load = 1 on Some(Unit::Load), flags {
        /// Keep lanes rotated by their address (weights).
        SKEW = 1,
    } {
        /// Destination: 0 A, 1 B, 2 V, 3 Z.
        pad: u8, 0 ..= 3;
        /// Zero rows above the box.
        top: u8, 0 ..= 255;
        /// Zero rows below the box.
        bottom: u8, 0 ..= 255;
        /// Zero columns left of the box.
        left: u8, 0 ..= 255;
        /// Zero columns right of the box.
        right: u8, 0 ..= 255;
        /// Unused, 0.
        reserved: u8, 0 ..= 0;
        /// First word in the scratchpad.
        base: u16, 0 ..= 32767;
        /// DDR byte address of the box, a multiple of 8.
        address: u32, 0 ..= 0xffff_fff8u32;
        /// Outer count (images).
        n: u16, 1 ..= 65535;
        /// Middle count (channel blocks).
        m: u16, 1 ..= 65535;
        /// Rows of the box; 0 with `top` > 0 makes zero words only.
        rows: u16, 0 ..= 65535;
        /// Words of a row of the box.
        width: u16, 1 ..= 65535;
        /// Bytes between images.
        n_stride: u32, 0 ..= 0xffff_ffffu32;
        /// Bytes between channel blocks.
        m_stride: u32, 0 ..= 0xffff_ffffu32;
        /// Bytes between rows.
        row_stride: u32, 0 ..= 0xffff_ffffu32;
    }

    /// A loop of passes of the array. For each pass (k2, k1, k0, group; group innermost) all pixels (n, y, x; x innermost) are streamed.
    /// The A word of a pixel is at `a_base + n*a_n + y*a_y + x*a_x + k2*a_k2 + k1*a_k1 + k0*a_k0` (mod depth); rows get lanes
    /// `group*ROWS .. group*ROWS+ROWS` of it.
    /// Weight-stationary (no OUTPUT_STATIONARY): the pass's weights are the block at `b_base + k2*b_k2 + k1*b_k1 + k0*b_k0` in pad B
    /// (LANES words, loaded with SKEW). Row r, column c holds block word `group*ROWS + r`, lane c; with TRANSPOSE block word c, lane `group*ROWS + r`.
    /// Accumulator word `acc_base + pixel` (pixel = (n*Y + y)*X + x), lane c, gets the sum over rows; the command's first pass overwrites it unless ACCUMULATE, later ones add.
    /// OUTPUT_STATIONARY: columns get the B word at `b_base + pixel` (not skewed); cell (r, c) sums A lane × B lane over all pixels, and accumulator word
    /// `acc_base + pass_k*LANES + group*ROWS + r` (pass_k = (k2*K1 + k1)*K0 + k0), lane c, is overwritten by it, or added to with ACCUMULATE.
    /// COLUMN_SUMS (output-stationary, without meaning otherwise): the word after the last, `acc_base + (K2*K1*K0 - 1)*LANES + groups*ROWS`, lane c, is overwritten
    /// by the sum of lane c of the B words over all pixels, or added to with ACCUMULATE (bias gradient).
    /// Sums wrap at 48 bits. With 8-bit operands they wrap at 32 bits; a weight-stationary command reads a weight w as `requant(w, 8)` in ±127, all else
    /// as the low 8 bits of its word, sign-extended.
    Compute = 2 on Some(Unit::Compute), flags {
        /// Cells keep their own sums (dW).
        OUTPUT_STATIONARY = 1,
        /// Weights are read by column (dX).
        TRANSPOSE = 2,
        /// Add to what the accumulators hold.
        ACCUMULATE = 4,
        /// The sums of the B words follow the last word.
        COLUMN_SUMS = 8,
    } {
        /// 0 forward, 1 dX, 2 dW: what its cycles are counted as.
        phase: u8, 0 ..= 2;
        /// Row groups to run (1 ..= LANES/ROWS).
        groups: u8, 1 ..= 32;
        /// First A word.
        a_base: u16, 0 ..= 32767;
        /// First B word.
        b_base: u16, 0 ..= 32767;
        /// First accumulator word.
        acc_base: u16, 0 ..= 32767;
        /// Images.
        n: u16, 1 ..= 4095;
        /// Pixel rows.
        y: u16, 1 ..= 4095;
        /// Pixels of a row.
        x: u16, 1 ..= 4095;
        /// Outer pass count (channel blocks).
        k2: u16, 1 ..= 4095;
        /// Middle pass count (kernel rows).
        k1: u16, 1 ..= 4095;
        /// Inner pass count (kernel columns).
        k0: u16, 1 ..= 4095;
        /// A words between images.
        a_n: i16, -32768 ..= 32767;
        /// A words between pixel rows.
        a_y: i16, -32768 ..= 32767;
        /// A words between pixels.
        a_x: i16, -32768 ..= 32767;
        /// A words between outer passes.
        a_k2: i16, -32768 ..= 32767;
        /// A words between middle passes.
        a_k1: i16, -32768 ..= 32767;
        /// A words between inner passes.
        a_k0: i16, -32768 ..= 32767;
        /// B words between outer passes.
        b_k2: i16, -32768 ..= 32767;
        /// B words between middle passes.
        b_k1: i16, -32768 ..= 32767;
        /// B words between inner passes.
        b_k0: i16, -32768 ..= 32767;
        /// Products in each finished sum over all commands of the product (131080 is the bound of 48 bits).
        terms: u32, 1 ..= MAX_TERMS;
    }

    /// Reads accumulators, finishes them and writes 16-bit words to pad O.
    /// Pixel (n, y, x) is read at `src_base + n*src_n + y*src_y + x*src_x` from accumulators, or with FROM_V from pad V (sign-extended).
    /// An engine with 8-bit operands makes results in ±127, ones of 16 bits where `wide` is set; one with 16-bit operands makes no difference.
    /// t = source; BIAS: `t += align(V[bias_base], 14, f_acc)` by lane; SKIP: `t += align(V[skip_base + offset], f_skip, f_acc)`; RELU: `t = max(t, 0)`;
    /// MASK: lanes whose `V[v_base + offset]` ≤ 0 become 0. Then the OR mask takes t, and `q = requant(t, s)`.
    /// f_acc = f + F\[site_a\] + F\[site_b\]; s, f_out by the exponent of `site`; F\[site\] := f_out when the command starts; f_skip = skip_f + F\[skip_site\].
    /// Without POOL: `O[out_base + n*out_n + y*out_y + x*out_x] = q`, offset = that without out_base.
    /// POOL (2×2, stride 2): pixels are visited by windows; window (n, y2, x2) writes the maximum to `out_base + n*out_n + y2*out_y + x2*out_x` and its
    /// index (0–3, raster, first maximum) to the same offset from `index_base`. Odd trailing rows and columns take part in the OR mask and counters only.
    /// END: the tensor is complete: the site's exponent is brought up to date from its OR mask (unless FREEZE), which is then cleared.
    Requant = 3 on Some(Unit::Vector), flags {
        /// Negative values become 0.
        RELU = 1,
        /// Zero where the word at v_base is not positive (ReLU backward).
        MASK = 2,
        /// Add the bias word.
        BIAS = 4,
        /// Add the aligned skip words at skip_base.
        SKIP = 8,
        /// 2×2 max-pool.
        POOL = 16,
        /// Source is pad V.
        FROM_V = 32,
        /// Last command of the tensor.
        END = 64,
        /// The exponent does not learn (inference); the OR mask is dropped at END.
        FREEZE = 128,
    } {
        /// Output site.
        site: u8, 0 ..= 254;
        /// Site of the first operand, 255 none.
        site_a: u8, 0 ..= 255;
        /// Site of the second operand, 255 none.
        site_b: u8, 0 ..= 255;
        /// Constant part of f_acc.
        f: i8, -128 ..= 127;
        /// Site of the skip operand, 255 none.
        skip_site: u8, 0 ..= 255;
        /// Constant part of f_skip.
        skip_f: i8, -128 ..= 127;
        /// First source word.
        src_base: u16, 0 ..= 32767;
        /// First O word.
        out_base: u16, 0 ..= 32767;
        /// First O word of pool indices.
        index_base: u16, 0 ..= 32767;
        /// First V word of the mask.
        v_base: u16, 0 ..= 32767;
        /// V word of the bias.
        bias_base: u16, 0 ..= 32767;
        /// Images.
        n: u16, 1 ..= 4095;
        /// Pixel rows.
        y: u16, 1 ..= 4095;
        /// Pixels of a row.
        x: u16, 1 ..= 4095;
        /// Source words between images.
        src_n: i16, -32768 ..= 32767;
        /// Source words between rows.
        src_y: i16, -32768 ..= 32767;
        /// Source words between pixels.
        src_x: i16, -32768 ..= 32767;
        /// O words between images.
        out_n: i16, -32768 ..= 32767;
        /// O words between rows.
        out_y: i16, -32768 ..= 32767;
        /// O words between pixels.
        out_x: i16, -32768 ..= 32767;
        /// First V word of the skip operand.
        skip_base: u16, 0 ..= 32767;
        /// Bit 0: the result has 16 bits, whatever the engine's operands have (gradients of weights, logits). Other bits mean nothing.
        wide: u8, 0 ..= 255;
    }

    /// Max-pool backward: routes each pooled gradient to the pixel its index names, zeros elsewhere.
    /// Pooled words are dense in V: gradient at `g_base + (n*(Y/2) + y2)*(X/2) + x2`, index at the same offset from `index_base`.
    /// Every pixel (n, y, x) is written, densely, to O from `out_base`; odd trailing rows and columns are 0.
    Unpool = 4 on Some(Unit::Vector), flags {} {
        /// First V word of the gradient.
        g_base: u16, 0 ..= 32767;
        /// First V word of the indices.
        index_base: u16, 0 ..= 32767;
        /// First O word.
        out_base: u16, 0 ..= 32767;
        /// Images.
        n: u16, 1 ..= 4095;
        /// Pixel rows of the result.
        y: u16, 1 ..= 4095;
        /// Pixels of a row of the result.
        x: u16, 1 ..= 4095;
    }

    /// SGD with momentum, weight decay and stochastic rounding (numerics.md) on dense words: w, v, d from V, new w and v to O.
    /// Element index of word (z, y, x), lane l: `index + z*i_z + y*i_y + x*i_x + l*i_lane` (mod 2^32). f_d = f + F\[site_d\].
    /// ELASTIC: each weight is pulled back to where it stood, too: w' = clamp(w + r_shift((v' << 12) − share*(w − old), 16, r2)), where
    /// share = min((importance*strength) >> 8, 65535), old (s16) and importance (u16) from V. An engine without elastic updates refuses the flag.
    Update = 5 on Some(Unit::Vector), flags {
        /// Pull the weights back to where they stood.
        ELASTIC = 1,
    } {
        /// Site of the gradient, 255 none.
        site_d: u8, 0 ..= 255;
        /// Constant part of f_d.
        f: i8, -128 ..= 127;
        /// Format of the weights.
        f_w: i8, -128 ..= 127;
        /// Exponent of the learning rate (lr = lr_mantissa·2^−lr_shift).
        lr_shift: i8, -128 ..= 127;
        /// First V word of the weights.
        w_base: u16, 0 ..= 32767;
        /// First V word of the momentum.
        v_base: u16, 0 ..= 32767;
        /// First V word of the gradient.
        d_base: u16, 0 ..= 32767;
        /// First O word of the new weights.
        w_out: u16, 0 ..= 32767;
        /// First O word of the new momentum.
        v_out: u16, 0 ..= 32767;
        /// Outer count (channel blocks).
        z: u16, 1 ..= 4095;
        /// Middle count (kernel taps).
        y: u16, 1 ..= 4095;
        /// Inner count (input channels).
        x: u16, 1 ..= 4095;
        /// Momentum factor MU.
        mu: u16, 0 ..= 65535;
        /// Learning-rate mantissa LRM.
        lr_mantissa: u16, 0 ..= 65535;
        /// Weight-decay factor LW.
        decay: u16, 0 ..= 65535;
        /// Index step of an inner word.
        i_x: u16, 0 ..= 65535;
        /// Random key of the momentum rounding.
        key_v: u32, 0 ..= 0xffff_ffffu32;
        /// Random key of the weight rounding.
        key_w: u32, 0 ..= 0xffff_ffffu32;
        /// Element index of the first word's lane 0.
        index: u32, 0 ..= 0xffff_ffffu32;
        /// Index step of an outer word.
        i_z: u32, 0 ..= 0xffff_ffffu32;
        /// Index step of a middle word.
        i_y: u16, 0 ..= 65535;
        /// Index step of a lane.
        i_lane: u32, 0 ..= 0xffff_ffffu32;
        /// First V word of where the weights stood.
        old_base: u16, 0 ..= 32767;
        /// First V word of their importance.
        importance_base: u16, 0 ..= 32767;
        /// Share of its distance that a weight of importance 256 is pulled back, of 65536.
        strength: u16, 0 ..= 65535;
    }

    /// Softmax, cross-entropy gradient, confidences and top-P of `n` samples (numerics.md, one sample at a time).
    /// Sample i: logits are ceil(classes/LANES) dense words from `z_base + i*that` in pad Z; its record is the word `record_base + i`: lane 0 the label,
    /// lane 1 the slot (0xffff: not scored). f_z = f + F\[site\]. GRADIENT writes g = clamp(p − onehot(label)) like the logits from `g_base` of pad G;
    /// PROBABILITIES writes p likewise from `p_base`. RESULT writes the ranking to `result_base + i*result_words`: eight lanes class1, p1 … class4, p4;
    /// places past `top` hold −1 and 0. Ranking: greater p first, ties to the lower class. SCORE sends the first `top` (class, p, slot) to the selector.
    /// The counters LOSS_SAMPLES and LOSS_CORRECT (class1 == label) advance. Lanes past `classes` are written as 0.
    /// SOFT: sample i has targets q (Q0.15) like its logits, from `target_base + i*that` in pad Z, and
    /// g = (share*clamp(p − q) + (32768 − share)*clamp(p1 − onehot(label)) + 2^14) >> 15, where p1 are the probabilities at temperature 1; all else is of p.
    Loss = 6 on Some(Unit::Loss), flags {
        /// Write gradients.
        GRADIENT = 1,
        /// Write probabilities.
        PROBABILITIES = 2,
        /// Write rankings.
        RESULT = 4,
        /// Feed the selector.
        SCORE = 8,
        /// Gradients are those of soft targets, by `share`.
        SOFT = 16,
    } {
        /// Site of the logits, 255 none.
        site: u8, 0 ..= 255;
        /// Constant part of f_z.
        f: i8, -128 ..= 127;
        /// Ranked classes a sample (P).
        top: u8, 1 ..= 4;
        /// Unused, 0.
        reserved: u8, 0 ..= 0;
        /// Samples.
        n: u16, 1 ..= 4095;
        /// Classes.
        classes: u16, 2 ..= 1024;
        /// First Z word of the logits.
        z_base: u16, 0 ..= 32767;
        /// First Z word of the records.
        record_base: u16, 0 ..= 32767;
        /// First G word of the gradients.
        g_base: u16, 0 ..= 32767;
        /// First G word of the probabilities.
        p_base: u16, 0 ..= 32767;
        /// First G word of the rankings.
        result_base: u16, 0 ..= 32767;
        /// First Z word of the soft targets.
        target_base: u16, 0 ..= 32767;
        /// C = round(log2(e)/T·2^14).
        temperature: u32, 1 ..= 0xff_ffffu32;
        /// Weight of the soft targets in the gradient, of 32768; the rest is the label's.
        share: u16, 0 ..= crate::numerics::SHARE_ONE;
    }

    /// Copies dense words of a scratchpad from `base` to a box in DDR, in the order `for n, for m, for row, for col`;
    /// word (n, m, row, col) goes to `address + n*n_stride + m*m_stride + row*row_stride + col*word_bytes`.
    Store = 7 on Some(Unit::Store), flags {} {
        /// Source: 0 O, 1 G.
        pad: u8, 0 ..= 1;
        /// Unused, 0.
        reserved: u8, 0 ..= 0;
        /// First word in the scratchpad.
        base: u16, 0 ..= 32767;
        /// DDR byte address of the box, a multiple of 8.
        address: u32, 0 ..= 0xffff_fff8u32;
        /// Outer count (images).
        n: u16, 1 ..= 65535;
        /// Middle count (channel blocks).
        m: u16, 1 ..= 65535;
        /// Rows of the box.
        rows: u16, 1 ..= 65535;
        /// Words of a row.
        width: u16, 1 ..= 65535;
        /// Bytes between images.
        n_stride: u32, 0 ..= 0xffff_ffffu32;
        /// Bytes between channel blocks.
        m_stride: u32, 0 ..= 0xffff_ffffu32;
        /// Bytes between rows.
        row_stride: u32, 0 ..= 0xffff_ffffu32;
    }

    /// Takes the scores of `n` samples from the loss unit and is done when the selector has placed them all.
    Select = 8 on Some(Unit::Select), flags {} {
        /// Samples.
        n: u16, 1 ..= 4095;
    }

    /// A point with no live data on chip: all earlier commands are complete before any later one starts, if the other context has work
    /// waiting and may interrupt (the teacher interrupts the student, never the other way); then that context runs first. Otherwise it costs one cycle.
    Yield = 9 on None, flags {} {}
}

impl Command {
    /// [`Command::decode`] for an engine of these units: what belongs to one that it does not have is refused. Loss and Select
    /// are no opcodes without loss unit and selector; without loss unit nothing is loaded to pad Z or stored from pad G; ELASTIC is no
    /// flag of an Update without elastic updates.
    pub fn decode_for(
        config: &crate::Config,
        b: &[u8; COMMAND_BYTES],
    ) -> Result<Command, DecodeError> {
        use crate::error::ErrorCode;
        let opcode = || {
            Err(DecodeError {
                command: "?",
                field: "opcode",
                found: b[0] as i64,
                min: 1,
                max: FORMATS.len() as i64,
                code: ErrorCode::BadOpcode,
            })
        };
        match b[0] {
            Loss::OPCODE if !config.has_loss => return opcode(),
            Select::OPCODE if !config.has_selector => return opcode(),
            Update::OPCODE if !config.has_elastic && b[FLAGS_BYTE] & Update::ELASTIC != 0 => {
                return Err(DecodeError {
                    command: Update::FORMAT.name,
                    field: "flags",
                    found: b[FLAGS_BYTE] as i64,
                    min: 0,
                    max: (Update::FORMAT.flag_mask() & !Update::ELASTIC) as i64,
                    code: ErrorCode::BadFlags,
                });
            }
            _ => {}
        }
        let command = Command::decode(b)?;
        let (found, max) = match command {
            Command::Load(c) => (c.pad, pad::V),
            Command::Store(c) => (c.pad, pad::O),
            _ => return Ok(command),
        };
        if !config.has_loss && found > max {
            return Err(DecodeError {
                command: command.format().name,
                field: "pad",
                found: found as i64,
                min: 0,
                max: max as i64,
                code: ErrorCode::BadField,
            });
        }
        Ok(command)
    }
}

fn check(format: &Format, b: &[u8; COMMAND_BYTES]) -> Result<(), DecodeError> {
    use crate::error::ErrorCode;
    let fail = |field, found, min, max, code| {
        Err(DecodeError {
            command: format.name,
            field,
            found,
            min,
            max,
            code,
        })
    };
    let flags = b[FLAGS_BYTE];
    if flags & !format.flag_mask() != 0 {
        return fail(
            "flags",
            flags as i64,
            0,
            format.flag_mask() as i64,
            ErrorCode::BadFlags,
        );
    }
    let units = (1u8 << Unit::COUNT) - 1;
    for (name, v) in [("wait", b[WAIT_BYTE]), ("signal", b[SIGNAL_BYTE])] {
        if v & !units != 0 {
            return fail(name, v as i64, 0, units as i64, ErrorCode::BadField);
        }
    }
    for field in format.fields {
        let v = field.read(b);
        if v < field.min || v > field.max {
            let code = if field.name == "terms" && v > field.max {
                ErrorCode::TooManyTerms
            } else {
                ErrorCode::BadField
            };
            return fail(field.name, v, field.min, field.max, code);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn opcodes_are_distinct_and_fields_fit_without_overlap() {
        let mut seen = Vec::new();
        for f in FORMATS {
            assert!(!seen.contains(&f.opcode), "{} twice", f.opcode);
            seen.push(f.opcode);
            let mut end = HEADER_BYTES;
            for field in f.fields {
                assert_eq!(field.offset, end, "{}.{}", f.name, field.name);
                end += field.bits / 8;
                assert!(field.min <= field.max);
            }
            assert!(end <= COMMAND_BYTES, "{} is {end} bytes", f.name);
        }
    }

    #[test]
    fn random_bytes_decode_to_what_encodes_back() {
        let mut s = 0x1234_5678u32;
        let mut good = 0;
        for i in 0..200_000u32 {
            let mut b = [0u8; COMMAND_BYTES];
            let f = &FORMATS[i as usize % FORMATS.len()];
            b[0] = f.opcode;
            for field in f.fields {
                s = s.wrapping_mul(1664525).wrapping_add(1013904223);
                let span = (field.max - field.min + 1) as u64;
                let v = field.min + ((s as u64) % span) as i64;
                let n = field.bits / 8;
                b[field.offset..field.offset + n].copy_from_slice(&v.to_le_bytes()[..n]);
            }
            if i % 3 == 0 {
                b[8 + (s >> 20) as usize % 8] = s as u8;
            }
            if let Ok(c) = Command::decode(&b) {
                good += 1;
                let e = c.encode();
                let end = f.fields.last().map_or(8, |l| l.offset + l.bits / 8);
                assert_eq!(e[..6], b[..6]);
                assert_eq!(e[8..end], b[8..end]);
                assert_eq!(Command::decode(&e), Ok(c));
            }
        }
        assert!(good > 100_000, "{good}");
    }

    #[test]
    fn what_belongs_to_a_missing_unit_is_refused() {
        use crate::config::{CU, TINY};
        use crate::error::ErrorCode;
        let load = |pad| {
            Command::from(Load {
                pad,
                n: 1,
                m: 1,
                rows: 1,
                width: 1,
                ..Default::default()
            })
        };
        let store = |pad| {
            Command::from(Store {
                pad,
                n: 1,
                m: 1,
                rows: 1,
                width: 1,
                ..Default::default()
            })
        };
        let loss = Loss {
            top: 1,
            n: 1,
            classes: 2,
            temperature: 1,
            ..Default::default()
        }
        .into();
        let select = Select {
            n: 1,
            ..Default::default()
        }
        .into();
        let update = |flags| {
            Command::from(Update {
                flags,
                z: 1,
                y: 1,
                x: 1,
                ..Default::default()
            })
        };
        for (command, refusal) in [
            (update(0), None),
            (
                update(Update::ELASTIC),
                Some(("flags", ErrorCode::BadFlags)),
            ),
            (load(pad::V), None),
            (store(pad::O), None),
            (load(pad::Z), Some(("pad", ErrorCode::BadField))),
            (store(pad::G), Some(("pad", ErrorCode::BadField))),
            (loss, Some(("opcode", ErrorCode::BadOpcode))),
            (select, Some(("opcode", ErrorCode::BadOpcode))),
        ] {
            let bytes = command.encode();
            assert_eq!(Command::decode_for(&TINY, &bytes), Ok(command));
            let found = Command::decode_for(&CU, &bytes);
            assert_eq!(found.err().map(|e| (e.field, e.code)), refusal);
        }
    }

    #[test]
    fn each_refusal_names_its_field() {
        let mut b = Load {
            n: 1,
            m: 1,
            rows: 1,
            width: 1,
            ..Default::default()
        }
        .encode();
        assert!(Command::decode(&b).is_ok());
        b[8] = 9;
        let e = Command::decode(&b).unwrap_err();
        assert_eq!((e.field, e.found), ("pad", 9));
        b[8] = 0;
        b[1] = 0x80;
        assert_eq!(Command::decode(&b).unwrap_err().field, "flags");
        let loss = Loss {
            flags: Loss::SOFT,
            top: 1,
            n: 1,
            classes: 2,
            target_base: 32767,
            temperature: 1,
            share: crate::numerics::SHARE_ONE,
            ..Default::default()
        };
        assert_eq!(Command::decode(&loss.encode()), Ok(loss.into()));
        let refused = |c: Loss| Command::decode(&c.encode()).map_err(|e| (e.field, e.found));
        let target_base = 32768;
        let far = Loss {
            target_base,
            ..loss
        };
        assert_eq!(refused(far), Err(("target_base", 32768)));
        let share = 32769;
        assert_eq!(refused(Loss { share, ..loss }), Err(("share", 32769)));
        let flags = 2 * Loss::SOFT;
        assert_eq!(refused(Loss { flags, ..loss }), Err(("flags", 32)));
        b[0] = 0;
        assert_eq!(Command::decode(&b).unwrap_err().field, "opcode");
    }
}
