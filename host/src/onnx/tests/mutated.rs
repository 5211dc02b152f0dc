//! Files changed at random: bytes, and, so that more of them get past the decoder, parts of the decoded messages.
//!
//! Whatever a file says, it is read or refused; one that is read can be written and read again.

use super::super::proto::{ModelProto, NodeProto};
use super::super::{export, import, OnnxError};
use super::{plain, residual};
use crate::batches::Random;
use prost::Message;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is changed: small networks of ours, and those of PyTorch.
fn originals() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/onnx");
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    vec![
        plain().encode_to_vec(),
        residual().encode_to_vec(),
        read("lenet.onnx"),
        read("vgg.onnx"),
        read("resnet.onnx"),
    ]
}

/// Changes some bytes. Most of a file is weights, so half of the changes of bytes are where messages are small: at its ends.
fn bytes(file: &mut Vec<u8>, r: &mut Random) {
    for _ in 0..1 + r.below(6) {
        let n = file.len();
        if n == 0 {
            return;
        }
        let at = match r.below(4) {
            0 => r.below(n.min(4000)),
            1 => n - 1 - r.below(n.min(4000)),
            _ => r.below(n),
        };
        let length = r.below(12).min(n - at);
        match r.below(7) {
            0 => file[at] ^= 1 << r.below(8),
            1 => file[at] = r.next_u64() as u8,
            2 => file[at..at + length].fill(0xff),
            3 => drop(file.drain(at..at + length)),
            4 => {
                let part = file[at..at + length].to_vec();
                let to = r.below(n);
                file.splice(to..to, part);
            }
            5 => file.truncate(at),
            _ => file.insert(at, r.next_u64() as u8),
        }
    }
}

const OPERATORS: [&str; 26] = [
    "Conv",
    "Gemm",
    "MatMul",
    "Add",
    "BatchNormalization",
    "Relu",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "ReduceMean",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Shape",
    "Identity",
    "Dropout",
    "Softmax",
    "Constant",
    "Gather",
    "Concat",
    "Slice",
    "Expand",
    "Transpose",
    "Cast",
    "Sigmoid",
];

fn number(r: &mut Random) -> i64 {
    match r.below(6) {
        0 => i64::MAX - r.below(3) as i64,
        1 => i64::MIN + r.below(3) as i64,
        2 => 1 << r.below(63),
        _ => r.below(9) as i64 - 2,
    }
}

fn any<'t, T>(list: &'t mut [T], r: &mut Random) -> Option<&'t mut T> {
    let i = r.below(list.len());
    list.get_mut(i)
}

/// A name that is in the graph somewhere.
fn name(nodes: &[NodeProto], r: &mut Random) -> String {
    let names = nodes.iter().flat_map(|n| n.input.iter().chain(&n.output));
    let names: Vec<&String> = names.collect();
    names
        .get(r.below(names.len()))
        .map_or(String::new(), |n| n.to_string())
}

/// Changes some of the messages.
fn messages(model: &mut ModelProto, r: &mut Random) {
    for _ in 0..1 + r.below(4) {
        let Some(graph) = &mut model.graph else {
            return;
        };
        let other = name(&graph.node, r);
        let count = graph.node.len();
        let Some(node) = any(&mut graph.node, r) else {
            return;
        };
        match r.below(14) {
            0 => node.op_type = Some(OPERATORS[r.below(OPERATORS.len())].into()),
            1 => any(&mut node.input, r)
                .into_iter()
                .for_each(|i| *i = other.clone()),
            2 => node.input.push(other),
            3 => drop(node.input.pop()),
            4 => any(&mut node.output, r)
                .into_iter()
                .for_each(|o| *o = other.clone()),
            5 => node.attribute.clear(),
            6 | 7 => {
                if let Some(a) = any(&mut node.attribute, r) {
                    a.i = a.i.map(|_| number(r));
                    let ints = a.ints.iter_mut();
                    ints.for_each(|i| *i = if r.below(2) == 0 { number(r) } else { *i });
                }
            }
            8 => {
                let copy = node.clone();
                graph.node.insert(r.below(count), copy);
            }
            9 => drop(graph.node.remove(r.below(count))),
            10 | 11 => {
                if let Some(t) = any(&mut graph.initializer, r) {
                    match r.below(3) {
                        0 => any(&mut t.dims, r).into_iter().for_each(|d| *d = number(r)),
                        1 => t.dims.reverse(),
                        _ => t.data_type = Some(r.below(18) as i32),
                    }
                }
            }
            12 => {
                let tensor = graph
                    .input
                    .first_mut()
                    .and_then(|v| v.r#type.as_mut()?.tensor_type.as_mut());
                if let Some(shape) = tensor.and_then(|t| t.shape.as_mut()) {
                    any(&mut shape.dim, r)
                        .into_iter()
                        .for_each(|d| d.dim_value = Some(number(r)));
                }
            }
            _ => graph.node.swap(r.below(count), r.below(count)),
        }
    }
}

/// Reads `count` changed files from `seed` on; how many were read, refused node by node, refused otherwise.
fn read(seed: u64, count: u64) -> [usize; 3] {
    let originals = originals();
    let (mut outcomes, mut slowest) = ([0; 3], Duration::ZERO);
    for seed in seed..seed + count {
        let r = &mut Random::new(seed);
        let mut file = originals[r.below(originals.len())].clone();
        if seed % 3 == 0 {
            bytes(&mut file, r);
        } else {
            let mut model = ModelProto::decode(file.as_slice()).unwrap();
            messages(&mut model, r);
            file = model.encode_to_vec();
        }
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(|| import(&file));
        let Ok(outcome) = outcome else {
            panic!("seed {seed}: importing the changed file panicked");
        };
        slowest = slowest.max(start.elapsed());
        match outcome {
            Ok(r) => {
                outcomes[0] += 1;
                let file = export(&r.network, &r.parameters, &r.metadata).unwrap();
                let again = import(&file).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
                assert!(again.network == r.network, "seed {seed}");
                assert!(again.parameters == r.parameters, "seed {seed}");
            }
            Err(OnnxError::Unsupported(all)) => {
                assert!(!all.is_empty(), "seed {seed}");
                outcomes[1] += 1;
            }
            Err(_) => outcomes[2] += 1,
        }
    }
    let [whole, nodes, other] = outcomes;
    println!("of {count}: {whole} read, {nodes} with nodes refused, {other} refused as a whole; slowest {slowest:?}");
    outcomes
}

#[test]
fn changed_files_are_read_or_refused() {
    let outcomes = read(0, 2000);
    // Changes that all end in the decoder would show nothing.
    assert!(outcomes.iter().all(|&n| n > 80), "{outcomes:?}");
}

#[test]
#[ignore = "minutes: cargo test --release -p tandem --lib onnx:: -- --ignored --nocapture"]
fn a_hundred_thousand_changed_files_are_read_or_refused() {
    read(1_000_000, 100_000);
}
