//! Other ways to write the same network: each is read as the same one.

use super::super::export::{int, ints};
use super::super::proto::{data_type, AttributeProto, ModelProto, TensorProto};
use super::super::{import, Note};
use super::{node, plain, residual, tensor, whole};
use crate::float::Float;
use prost::Message;

fn bytes_as_list(t: &mut TensorProto) {
    let raw = t.raw_data.take().unwrap();
    let values = raw.chunks_exact(4).map(|b| b.try_into().unwrap());
    t.float_data = values.map(f32::from_le_bytes).collect();
}

fn transposed(model: &mut ModelProto, name: &str) {
    let t = model.weight(name);
    bytes_as_list(t);
    let (rows, columns) = (t.dims[0] as usize, t.dims[1] as usize);
    let old = t.float_data.clone();
    t.float_data = (0..rows * columns)
        .map(|i| old[i % rows * columns + i / rows])
        .collect();
    t.dims.reverse();
}

fn word(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        s: Some(value.into()),
        r#type: Some(3),
        ..AttributeProto::default()
    }
}

type Change = fn(&mut ModelProto);

#[test]
fn other_ways_to_write_a_network_are_the_same_network() {
    let cases: [(&str, Change); 17] = [
        ("weights as a list", |m| {
            let names = ["conv1.weight", "conv2.bias", "fc1.weight"];
            names.iter().for_each(|n| bytes_as_list(m.weight(n)));
        }),
        ("weights as double", |m| {
            let t = m.weight("conv2.weight");
            bytes_as_list(t);
            t.double_data = t.float_data.drain(..).map(f64::from).collect();
            t.data_type = Some(data_type::DOUBLE);
        }),
        ("weights the other way round", |m| {
            transposed(m, "fc1.weight");
            m.set("fc1", int("transB", 0));
        }),
        ("weights turned in the graph", |m| {
            transposed(m, "fc1.weight");
            m.find("fc1").input[1] = "turned".into();
            let turn = vec![ints("perm", &[1, 0])];
            m.nodes()
                .insert(0, node("Transpose", &["fc1.weight"], "turned", turn));
        }),
        ("a product and a sum", |m| {
            transposed(m, "fc1.weight");
            let fc = m.find("fc1");
            fc.op_type = Some("MatMul".into());
            fc.attribute.clear();
            fc.output = vec!["product".into()];
            let bias = fc.input.pop().unwrap();
            m.nodes()
                .push(node("Add", &[&bias, "product"], "scores", vec![]));
        }),
        ("a bias on its own", |m| {
            m.weight("conv2.bias").dims = vec![1, 4, 1, 1];
            m.find("conv2").input.pop();
            m.after(
                "conv2.out",
                node("Add", &["", "conv2.bias"], "biased", vec![]),
            );
        }),
        ("weights that are constants of the graph", |m| {
            let t = m.weight("conv1.weight").clone();
            m.find("conv1").input[1] = "constant".into();
            let value = AttributeProto {
                name: Some("value".into()),
                t: Some(t),
                r#type: Some(4),
                ..AttributeProto::default()
            };
            m.nodes()
                .insert(0, node("Constant", &[], "constant", vec![value]));
        }),
        ("weights that are inputs too", |m| {
            let graph = m.graph.as_mut().unwrap();
            let mut input = graph.input[0].clone();
            input.name = Some("conv1.weight".into());
            graph.input.insert(0, input);
        }),
        ("nodes without effect", |m| {
            m.after("conv1.out", node("Identity", &[""], "same", vec![]));
            m.after("conv2.out", node("Dropout", &[""], "dropped", vec![]));
            let one = vec![ints("kernel_shape", &[1, 1]), ints("strides", &[1, 1])];
            m.after("dropped", node("AveragePool", &[""], "mean", one));
        }),
        ("a softmax", |m| {
            m.after(
                "scores",
                node("LogSoftmax", &[""], "p", vec![int("axis", 1)]),
            );
            m.graph.as_mut().unwrap().output[0].name = Some("p".into());
        }),
        ("padding chosen by the runtime", |m| {
            m.set("conv1", word("auto_pad", "SAME_UPPER"));
            m.set("conv2", word("auto_pad", "SAME_LOWER"));
        }),
        ("a ReLU after the pool, and once more", |m| {
            m.nodes()
                .retain(|n| n.name.as_deref() != Some("conv1.relu"));
            m.find("conv1.pool").input[0] = "conv1.out".into();
            m.after("conv1.pool.out", node("Relu", &[""], "late", vec![]));
            m.after("late", node("Relu", &[""], "later", vec![]));
        }),
        ("a pool that could round up", |m| {
            m.set("conv1.pool", int("ceil_mode", 1))
        }),
        ("a shape in numbers", |m| {
            m.store(whole("shape", &[0, -1]));
            let flat = m.find("conv2.out.flat");
            flat.op_type = Some("Reshape".into());
            flat.input.push("shape".into());
        }),
        ("a shape that is computed", |m| {
            m.store(whole("zero", &[0]));
            m.store(whole("one", &[1]));
            m.store(whole("rest", &[64]));
            let flat = m.find("conv2.out.flat");
            flat.op_type = Some("Reshape".into());
            flat.input.push("shape".into());
            let at = m
                .nodes()
                .iter()
                .position(|n| n.op_type.as_deref() == Some("Reshape"));
            let computed = [
                node("Shape", &["images"], "sizes", vec![]),
                node("Slice", &["sizes", "zero", "one", "zero"], "batch", vec![]),
                node("Concat", &["batch", "rest"], "shape", vec![int("axis", 0)]),
            ];
            m.nodes().splice(at.unwrap()..at.unwrap(), computed);
        }),
        ("scaled weights", |m| {
            let t = m.weight("fc1.weight");
            bytes_as_list(t);
            t.float_data.iter_mut().for_each(|v| *v *= 4.0);
            let alpha = AttributeProto {
                name: Some("alpha".into()),
                f: Some(0.25),
                r#type: Some(1),
                ..AttributeProto::default()
            };
            m.set("fc1", alpha);
        }),
        ("a batch that is fixed", |m| {
            let value = m.graph.as_mut().unwrap().input[0].r#type.as_mut().unwrap();
            let shape = value.tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
            (shape.dim[0].dim_param, shape.dim[0].dim_value) = (None, Some(5));
            m.store(whole("shape", &[5, 64]));
            let flat = m.find("conv2.out.flat");
            flat.op_type = Some("Reshape".into());
            flat.input.push("shape".into());
        }),
    ];
    same(&plain(), &cases);
}

#[test]
fn other_ways_to_write_residuals_and_means_are_the_same() {
    let cases: [(&str, Change); 3] = [
        ("operands the other way round", |m| {
            m.find("conv3.add").input.reverse();
            m.find("conv5.add").input.reverse();
        }),
        ("a mean over axes", |m| {
            let mean = m.find("average1");
            mean.op_type = Some("ReduceMean".into());
            mean.attribute = vec![ints("axes", &[2, 3])];
        }),
        ("a mean that flattens", |m| {
            m.store(whole("axes", &[-1, -2]));
            let mean = m.find("average1");
            mean.op_type = Some("ReduceMean".into());
            mean.input.push("axes".into());
            mean.attribute = vec![int("keepdims", 0)];
            m.nodes()
                .retain(|n| n.op_type.as_deref() != Some("Flatten"));
            m.find("fc1").input[0] = "average1.out".into();
        }),
    ];
    same(&residual(), &cases);
}

fn same(original: &ModelProto, cases: &[(&str, Change)]) {
    let expected = import(&original.encode_to_vec()).unwrap();
    for (name, change) in cases {
        let mut model = original.clone();
        change(&mut model);
        assert_ne!(model, *original, "{name}");
        let read = import(&model.encode_to_vec()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.network, expected.network, "{name}");
        assert!(read.parameters == expected.parameters, "{name}");
    }
}

/// A batch norm by its formula, beside the network it is folded into.
#[test]
fn batch_norm_is_what_its_formula_says() {
    let before = import(&residual().encode_to_vec()).unwrap();
    let mut model = residual();
    let parts = [
        ("gamma", [1.5, -0.5, 2.0, 1.0]),
        ("beta", [0.25, 0.0, -0.5, 1.0]),
        ("mean", [0.5, -0.25, 0.0, 0.125]),
        ("variance", [0.25, 4.0, 1.0, 2.25]),
    ];
    for (name, values) in &parts {
        model.store(tensor(name, &[4], values));
    }
    let inputs = ["", "gamma", "beta", "mean", "variance"];
    let mut norm = node("BatchNormalization", &inputs, "norm", vec![]);
    norm.attribute.push(AttributeProto {
        name: Some("epsilon".into()),
        f: Some(0.0),
        r#type: Some(1),
        ..AttributeProto::default()
    });
    model.after("conv1.out", norm);
    let after = import(&model.encode_to_vec()).unwrap();
    let told = Note::BatchNorm {
        node: "norm".into(),
        into: "conv1".into(),
    };
    assert_eq!(after.notes, [told]);

    // The first stage alone, without its ReLU, for both.
    let first = |i: &super::super::Imported| {
        let layers = [crate::network::Layer::conv(4, 3, 1, 1)];
        let network = crate::network::Network::new(i.network.input(), &layers).unwrap();
        let parameters = crate::parameters::Parameters(vec![i.parameters.0[0].clone()]);
        let image: Vec<f32> = (0..64).map(|i| i as f32 / 16.0 - 2.0).collect();
        let float = Float::new(&network, &parameters);
        float.and_then(|f| f.logits(&image)).unwrap()
    };
    let [gamma, beta, mean, variance] = parts.map(|(_, values)| values);
    for (i, (x, y)) in first(&before).iter().zip(first(&after)).enumerate() {
        let c = i / 64;
        let expected = gamma[c] * (x - mean[c]) / f32::sqrt(variance[c]) + beta[c];
        assert!(
            (y - expected).abs() < 1e-4,
            "{i}: {y}, {expected} by the formula"
        );
    }
}

/// As many nodes as there may be, every third a sum.
#[test]
fn ten_thousand_nodes_are_read() {
    let mut model = plain();
    model.store(tensor("one", &[4, 4, 1, 1], &[0.01; 16]));
    let mut last = String::from("conv1.relu.out");
    let mut nodes = Vec::new();
    for i in 0..3331 {
        let [conv, sum, relu] = ["c", "s", "r"].map(|kind| format!("{kind}{i}"));
        nodes.push(node("Conv", &[&last, "one"], &conv, vec![]));
        nodes.push(node("Add", &[&last, &conv], &sum, vec![]));
        nodes.push(node("Relu", &[&sum], &relu, vec![]));
        last = relu;
    }
    model.find("conv1.pool").input[0] = last;
    model.nodes().splice(2..2, nodes);
    // A pool cannot follow a residual: the only thing that is wrong.
    let e = import(&model.encode_to_vec()).unwrap_err().to_string();
    assert!(
        e.contains("a node the engine") && e.contains("place of a max-pool"),
        "{e}"
    );
}
