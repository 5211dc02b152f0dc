//! What is said of files that are not read: `refused.txt` holds every message; TANDEM_UPDATE=1 writes it anew.

use super::super::export::{int, ints};
use super::super::import;
use super::super::proto::{Ignored, ModelProto, StringStringEntryProto};
use super::{node, plain, residual, tensor, whole};
use prost::Message;
use std::fmt::Write;

fn entry(key: &str, value: &str) -> StringStringEntryProto {
    StringStringEntryProto {
        key: Some(key.into()),
        value: Some(value.into()),
    }
}

impl ModelProto {
    /// A batch norm of ones behind a value of 4 channels.
    fn norm(&mut self, from: &str, variance: f32) {
        self.store(tensor("ones", &[4], &[1.0; 4]));
        self.store(tensor("variance", &[4], &[variance; 4]));
        let inputs = ["", "ones", "ones", "ones", "variance"];
        self.after(from, node("BatchNormalization", &inputs, "norm", vec![]));
    }
}

/// Changes `plain` and gives its bytes.
fn with(change: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut model = plain();
    change(&mut model);
    model.encode_to_vec()
}

fn with_residual(change: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut model = residual();
    change(&mut model);
    model.encode_to_vec()
}

/// Files that contradict themselves or the standard.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let whole_file = plain().encode_to_vec();
    vec![
        ("no bytes", Vec::new()),
        ("a text", b"layers:\n  - conv 3x3\n".to_vec()),
        ("half a file", whole_file[..whole_file.len() / 2].to_vec()),
        (
            "too many nodes",
            with(|m| {
                *m.nodes() = vec![Default::default(); 10_001];
            }),
        ),
        (
            "too many messages",
            with(|m| {
                m.metadata_props = vec![Default::default(); 200_001];
            }),
        ),
        ("no graph", with(|m| m.graph = None)),
        (
            "operators that are too old",
            with(|m| m.opset_import[0].version = Some(6)),
        ),
        (
            "operators of a version to come",
            with(|m| m.opset_import[0].version = Some(99)),
        ),
        (
            "weights in another file",
            with(|m| {
                let t = m.weight("conv1.weight");
                t.raw_data = None;
                t.data_location = Some(1);
                t.external_data = vec![entry("location", "net.onnx.data")];
            }),
        ),
        (
            "sparse weights",
            with(|m| {
                m.graph
                    .as_mut()
                    .unwrap()
                    .sparse_initializer
                    .push(Ignored {});
            }),
        ),
        (
            "a tensor without all of its data",
            with(|m| {
                m.weight("conv2.weight")
                    .raw_data
                    .as_mut()
                    .unwrap()
                    .truncate(100);
            }),
        ),
        (
            "a tensor of sizes that no memory holds",
            with(|m| {
                m.weight("conv2.weight").dims = vec![i64::MAX, i64::MAX, 3, 3];
            }),
        ),
        (
            "a tensor with a negative size",
            with(|m| {
                m.weight("fc1.bias").dims = vec![-3];
            }),
        ),
        (
            "weights that are no numbers",
            with(|m| {
                m.weight("fc1.bias").raw_data =
                    Some([f32::NAN; 3].iter().flat_map(|v| v.to_le_bytes()).collect());
            }),
        ),
        (
            "weights of 8 bits",
            with(|m| {
                m.weight("conv1.weight").data_type = Some(3);
            }),
        ),
        (
            "a name that nothing makes",
            with(|m| {
                m.find("conv2").input[1] = "conv2.wieght".into();
            }),
        ),
        ("nodes in no order", with(|m| m.nodes().reverse())),
        (
            "a name twice",
            with(|m| {
                m.find("conv1.relu").output[0] = "conv1.out".into();
            }),
        ),
        (
            "a node without weights",
            with(|m| {
                m.find("conv2").input.truncate(1);
            }),
        ),
        (
            "rows that are not fixed",
            with(|m| {
                let input = &mut m.graph.as_mut().unwrap().input[0];
                let tensor = input.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
                tensor.shape.as_mut().unwrap().dim[2].dim_value = None;
            }),
        ),
        (
            "two inputs",
            with(|m| {
                let inputs = &mut m.graph.as_mut().unwrap().input;
                let mut other = inputs[0].clone();
                other.name = Some("mask".into());
                inputs.push(other);
            }),
        ),
        (
            "two outputs",
            with(|m| {
                let outputs = &mut m.graph.as_mut().unwrap().output;
                outputs.push(outputs[0].clone());
            }),
        ),
        (
            "an output that nothing makes",
            with(|m| {
                m.graph.as_mut().unwrap().output[0].name = Some("logits".into());
            }),
        ),
        (
            "channels that do not fit",
            with(|m| {
                m.weight("conv2.weight").dims = vec![6, 4, 3, 2];
                m.find("conv2")
                    .attribute
                    .retain(|a| a.name.as_deref() != Some("kernel_shape"));
                m.weight("conv2.weight").dims = vec![2, 8, 3, 3];
            }),
        ),
        (
            "a fully connected layer of another width",
            with(|m| {
                m.store(tensor("narrow", &[3, 48], &[0.5; 144]));
                m.find("fc1").input[1] = "narrow".into();
            }),
        ),
        (
            "biases of another number",
            with(|m| {
                m.store(tensor("five", &[5], &[0.0; 5]));
                m.find("conv2").input[2] = "five".into();
            }),
        ),
        (
            "an attribute of another type",
            with(|m| {
                let mut strides = int("strides", 1);
                strides.i = None;
                strides.s = Some(b"1".to_vec());
                strides.r#type = Some(3);
                m.set("conv2", strides);
            }),
        ),
        ("a negative variance", with(|m| m.norm("conv1.out", -1.0))),
        (
            "classes that are not all named",
            with(|m| {
                m.metadata_props = vec![entry("tandem.classes", r#"["cat", "dog"]"#)];
            }),
        ),
        (
            "a deviation of 0",
            with(|m| {
                m.metadata_props = vec![entry("tandem.std", "[0]")];
            }),
        ),
        (
            "metadata that are no JSON",
            with(|m| {
                m.metadata_props = vec![entry("tandem.mean", "0.13, 0.31")];
            }),
        ),
    ]
}

/// Files that say clearly what the engine cannot run.
fn unsupported() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "all at once",
            with(|m| {
                m.set("conv1", ints("strides", &[3, 3]));
                m.find("conv1.relu").op_type = Some("LeakyRelu".into());
                m.set("conv1.pool", ints("kernel_shape", &[3, 3]));
                m.set("conv2", int("group", 4));
                m.after("scores", node("Sigmoid", &[""], "confidence", vec![]));
                let output = &mut m.graph.as_mut().unwrap().output[0];
                output.name = Some("confidence".into());
            }),
        ),
        (
            "dilation",
            with(|m| m.set("conv2", ints("dilations", &[2, 2]))),
        ),
        (
            "strides that differ",
            with(|m| m.set("conv2", ints("strides", &[1, 2]))),
        ),
        (
            "padding on two sides",
            with(|m| m.set("conv2", ints("pads", &[0, 0, 1, 1]))),
        ),
        (
            "padding chosen by the runtime, not the same on all sides",
            with(|m| {
                let mut same = int("auto_pad", 0);
                (same.i, same.r#type, same.s) = (None, Some(3), Some(b"SAME_UPPER".to_vec()));
                m.set("conv2", same);
                m.set("conv2", ints("strides", &[2, 2]));
            }),
        ),
        (
            "a convolution over time",
            with(|m| m.weight("conv2.weight").dims = vec![4, 4, 9]),
        ),
        (
            "a pool that rounds up",
            with(|m| {
                m.set("conv2", ints("pads", &[0; 4]));
                let pool = ints("kernel_shape", &[2, 2]);
                let pool = vec![pool, ints("strides", &[2, 2]), int("ceil_mode", 1)];
                m.set("conv2", ints("kernel_shape", &[2, 2]));
                m.weight("conv2.weight").dims = vec![9, 4, 2, 2];
                m.store(tensor("nine", &[9], &[0.0; 9]));
                m.find("conv2").input[2] = "nine".into();
                m.after("conv2.out", node("MaxPool", &[""], "halved", pool));
            }),
        ),
        (
            "a pool with its indices",
            with(|m| {
                m.find("conv1.pool").output.push("indices".into());
            }),
        ),
        (
            "a pool of overlapping means",
            with(|m| {
                let pool = vec![ints("kernel_shape", &[3, 3]), ints("strides", &[1, 1])];
                m.after("conv1.relu.out", node("AveragePool", &[""], "smooth", pool));
            }),
        ),
        (
            "batch norm after ReLU",
            with(|m| m.norm("conv1.relu.out", 1.0)),
        ),
        (
            "batch norm after a layer that has another reader",
            with_residual(|m| {
                m.norm("conv1.out", 1.0);
                let add = m.find("conv3.add");
                add.input[1] = "conv1.out".into();
            }),
        ),
        (
            "batch norm in training",
            with(|m| {
                m.norm("conv1.out", 1.0);
                m.set("norm", int("training_mode", 1));
            }),
        ),
        (
            "joined channels",
            with_residual(|m| {
                m.find("conv3.add").op_type = Some("Concat".into());
                m.set("conv3.add", int("axis", 1));
            }),
        ),
        (
            "a sum of two branches",
            with_residual(|m| {
                m.store(tensor("one", &[4, 4, 1, 1], &[0.5; 16]));
                let branch = m.find("conv3.add").input[1].clone();
                m.after(&branch, node("Conv", &["", "one"], "b1", vec![]));
                m.after("b1", node("Conv", &["", "one"], "b2", vec![]));
                for node in m
                    .nodes()
                    .iter_mut()
                    .filter(|n| n.name.as_deref() == Some("conv2"))
                {
                    node.input[0] = branch.clone();
                }
            }),
        ),
        (
            "a sum of different shapes",
            with_residual(|m| {
                m.find("conv5.add").input[1] = "conv1.relu.out".into();
            }),
        ),
        (
            "a max-pool after a residual",
            with_residual(|m| {
                let pool = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
                m.after("conv3.add.out", node("MaxPool", &[""], "halved", pool));
            }),
        ),
        (
            "ReLU after a mean",
            with_residual(|m| {
                m.after("average1.out", node("Relu", &[""], "late", vec![]));
            }),
        ),
        (
            "softmax inside",
            with(|m| {
                m.after(
                    "conv2.out",
                    node("Softmax", &[""], "attention", vec![int("axis", 1)]),
                );
            }),
        ),
        (
            "a softmax over columns",
            with(|m| {
                m.after("conv2.out", node("Softmax", &[""], "attention", vec![]));
            }),
        ),
        (
            "values put into another shape",
            with(|m| {
                m.store(whole("shape", &[0, 8, 2, 4]));
                m.after(
                    "conv2.out",
                    node("Reshape", &["", "shape"], "reshaped", vec![]),
                );
            }),
        ),
        (
            "normalisation inside the network",
            with(|m| {
                m.store(tensor("std", &[1], &[0.3]));
                m.nodes()
                    .insert(0, node("Div", &["images", "std"], "normalised", vec![]));
                m.find("conv1").input[0] = "normalised".into();
            }),
        ),
        (
            "operators of a runtime",
            with(|m| {
                let conv = m.find("conv1");
                conv.op_type = Some("FusedConv".into());
                conv.domain = Some("com.microsoft".into());
            }),
        ),
        (
            "a quantised network",
            with(|m| {
                m.find("conv1").op_type = Some("QLinearConv".into());
                m.find("fc1").op_type = Some("QLinearMatMul".into());
            }),
        ),
        (
            "a product of computed values",
            with(|m| {
                m.nodes()
                    .push(node("MatMul", &["scores", "scores"], "square", vec![]));
            }),
        ),
        (
            "a mean over channels",
            with(|m| {
                m.store(whole("axes", &[1]));
                m.after(
                    "conv2.out",
                    node("ReduceMean", &["", "axes"], "grey", vec![]),
                );
            }),
        ),
        (
            "4097 classes",
            with(|m| {
                m.store(tensor("wide", &[4097, 64], &vec![0.0; 4097 * 64]));
                m.find("fc1").input = vec!["conv2.out.flat.out".into(), "wide".into()];
            }),
        ),
        (
            "no layer at all",
            with(|m| {
                m.nodes().retain(|n| n.op_type.as_deref() == Some("Relu"));
                m.find("conv1.relu").input[0] = "images".into();
                m.graph.as_mut().unwrap().output[0].name = Some("conv1.relu.out".into());
            }),
        ),
    ]
}

#[test]
fn every_refusal_says_what_is_wrong_and_what_would_work() {
    let mut text = String::new();
    for (title, cases) in [("Malformed", malformed()), ("Unsupported", unsupported())] {
        writeln!(text, "# {title}").unwrap();
        for (name, bytes) in cases {
            match import(&bytes) {
                Err(e) => writeln!(text, "\n## {name}\n{e}").unwrap(),
                Ok(read) => panic!("{name}: was read\n{}", read.network),
            }
        }
        text.push('\n');
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/onnx/tests/refused.txt");
    if std::env::var_os("TANDEM_UPDATE").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap();
    for (found, expected) in text.split("\n## ").zip(expected.split("\n## ")) {
        assert_eq!(found, expected, "TANDEM_UPDATE=1 accepts all messages");
    }
    assert_eq!(text.len(), expected.len());
}
