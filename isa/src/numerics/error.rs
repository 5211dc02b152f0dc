//! What the arithmetic refuses: formats that do not meet, floats that are not numbers, lengths that differ.
//!
//! Integer arithmetic inside the documented ranges has no errors; these come from settings and shapes.

use core::fmt;

/// A request the number formats cannot express.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum NumericsError {
    /// [`align`](super::align) would shift left by more than it may.
    AlignTooFar {
        /// Format of the value.
        from: i32,
        /// Format asked for.
        to: i32,
        /// Largest left shift.
        limit: i32,
    },
    /// More products than an accumulator can sum without overflow.
    SumTooLong {
        /// Products asked for.
        k: u64,
        /// Largest number allowed.
        limit: u32,
        /// Whether a bias or skip is preloaded.
        preload: bool,
    },
    /// A float is NaN or infinite.
    NotFinite {
        /// Index in the tensor (0 for a single value).
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A format outside the signed 8 bits a tensor stores.
    FormatOutOfRange {
        /// What has the format.
        what: &'static str,
        /// The format that would be needed.
        f: i32,
    },
    /// A tensor without a nonzero value has no magnitude to take a format from.
    AllZero,
    /// A setting outside its range.
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// The value found.
        value: f64,
        /// The range expected, and what to do.
        expected: &'static str,
    },
    /// Two slices that belong together differ in length.
    Length {
        /// What has the wrong length.
        what: &'static str,
        /// Length expected.
        expected: usize,
        /// Length found.
        found: usize,
    },
    /// A label that names no class.
    Label {
        /// The label found.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A count that must be a power of two, or nonzero, is not.
    Count {
        /// What is counted.
        what: &'static str,
        /// The count found.
        found: u32,
        /// The counts expected.
        expected: &'static str,
    },
}

impl fmt::Display for NumericsError {
    fn fmt(&self, w: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AlignTooFar { from, to, limit } => write!(
                w,
                "align: format {from} to {to} needs a left shift of {}, expected at most {limit}; \
                 give the smaller tensor a larger range",
                i64::from(to) - i64::from(from)
            ),
            Self::SumTooLong { k, limit, preload } => write!(
                w,
                "accumulator: a sum of {k} products{} can overflow 48 bits, expected at most {limit}; \
                 use fewer input channels or a smaller kernel, or split the batch",
                if preload { " on a preloaded bias or skip" } else { "" }
            ),
            Self::NotFinite { index, value } => write!(
                w,
                "value {index} is {value}, expected a finite number; check the file or the run it came from"
            ),
            Self::FormatOutOfRange { what, f } => write!(
                w,
                "{what}: needs format {f}, expected −128 to 127; rescale the values"
            ),
            Self::AllZero => write!(
                w,
                "weights: every value is 0, expected a nonzero one to take the format from; give the format explicitly"
            ),
            Self::Setting { name, value, expected } => {
                write!(w, "{name}: found {value}, expected {expected}")
            }
            Self::Length { what, expected, found } => write!(
                w,
                "{what}: found {found} elements, expected {expected}; pass slices of equal length"
            ),
            Self::Label { label, classes } => write!(
                w,
                "label: found {label}, expected less than {classes}; check the labels against the number of classes"
            ),
            Self::Count { what, found, expected } => {
                write!(w, "{what}: found {found}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for NumericsError {}
