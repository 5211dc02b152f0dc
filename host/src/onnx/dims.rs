//! Sizes that a file computes while it runs, of which PyTorch's `x.view(x.size(0), -1)` becomes: Shape, Gather, Unsqueeze, Concat.

use super::node::{refuse, Node, Stop};

/// One size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim {
    /// The number of images, whatever it is.
    Batch,
    /// A number.
    Is(i64),
}

/// Sizes, or a single one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dims {
    /// In order.
    pub list: Vec<Dim>,
    /// Whether it is one size that is no list.
    pub single: bool,
}

/// Most sizes in a list.
const MAX: usize = 16;

impl Dims {
    /// A list.
    pub fn list(list: Vec<Dim>) -> Dims {
        Dims {
            list,
            single: false,
        }
    }

    /// Its numbers, if all of them are known.
    pub fn numbers(&self) -> Option<Vec<i64>> {
        let number = |d: &Dim| match d {
            Dim::Is(i) => Some(*i),
            Dim::Batch => None,
        };
        self.list.iter().map(number).collect()
    }
}

/// Where `index`, from the end if negative, is in `n` things.
pub fn at(index: i64, n: usize) -> Option<usize> {
    let i = if index < 0 {
        index.checked_add(n as i64)?
    } else {
        index
    };
    usize::try_from(i).ok().filter(|&i| i < n)
}

/// Where a part of `n` things begins or ends, from the end if negative.
pub fn clamped(index: i64, n: usize) -> usize {
    let from_end = if index < 0 { n as i64 } else { 0 };
    index.saturating_add(from_end).clamp(0, n as i64) as usize
}

/// What `node` makes of sizes; none if it does something else.
pub fn compute(node: &Node, inputs: &[Dims]) -> Result<Option<Dims>, Stop> {
    let Some(first) = inputs.first() else {
        return Ok(None);
    };
    let result = match node.operator() {
        "Reshape" if inputs.get(1).and_then(Dims::numbers).as_deref() == Some(&[-1]) => {
            Dims::list(first.list.clone())
        }
        // As often as it is there already.
        "Expand" if inputs.get(1).and_then(Dims::numbers).as_deref() == Some(&[1]) => first.clone(),
        "Cast" | "CastLike" | "Identity" => first.clone(),
        "Unsqueeze" => Dims::list(first.list.clone()),
        "Squeeze" if first.list.len() == 1 => Dims {
            single: true,
            ..first.clone()
        },
        "Concat" => {
            let list: Vec<Dim> = inputs.iter().flat_map(|d| d.list.iter().copied()).collect();
            if list.len() > MAX {
                return refuse("more than 16 computed sizes", "x.flatten(1)");
            }
            Dims::list(list)
        }
        "Gather" => {
            let indices = inputs.get(1).and_then(Dims::numbers);
            let (Some(indices), 0) = (indices, node.int("axis", 0)?) else {
                return Ok(None);
            };
            let pick = |&i: &i64| at(i, first.list.len()).and_then(|i| first.list.get(i));
            let list: Option<Vec<Dim>> = indices.iter().map(|i| pick(i).copied()).collect();
            let Some(list) = list.filter(|l| l.len() <= MAX) else {
                return refuse("a size that is not there", "x.flatten(1)");
            };
            Dims {
                list,
                single: inputs.get(1).is_some_and(|d| d.single),
            }
        }
        "Slice" => {
            let number = |i: usize| inputs.get(i).and_then(Dims::numbers);
            let (Some(from), Some(to)) = (number(1), number(2)) else {
                return Ok(None);
            };
            let (&[from], &[to]) = (from.as_slice(), to.as_slice()) else {
                return Ok(None);
            };
            if number(3).is_some_and(|axes| axes != [0]) || number(4).is_some_and(|s| s != [1]) {
                return Ok(None);
            }
            let n = first.list.len();
            let part = first.list.get(clamped(from, n)..clamped(to, n));
            Dims::list(part.unwrap_or_default().to_vec())
        }
        _ => return Ok(None),
    };
    Ok(Some(result))
}
