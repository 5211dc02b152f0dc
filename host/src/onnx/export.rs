//! Writes a network as an ONNX file: float weights, any number of images, scores without Softmax.

use super::error::OnnxError;
use super::metadata::Metadata;
use super::proto::{
    attribute, data_type, AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use crate::network::{Kind, Network, Shape, Stage};
use crate::parameters::{Parameters, Tensors};
use prost::Message;

/// Version of the operators that are written.
pub const OPSET: i64 = 17;
const IR_VERSION: i64 = 8;

const INPUT: &str = "images";
const OUTPUT: &str = "scores";

/// Writes a file. Tensors have the names of safetensors files: `conv1.weight`, `conv1.bias`, …
pub fn export(
    network: &Network,
    parameters: &Parameters,
    metadata: &Metadata,
) -> Result<Vec<u8>, OnnxError> {
    super::check(network, parameters)?;
    metadata.check(network.output().c, network.input().c)?;
    let mut writer = Writer::default();
    let mut outputs: Vec<Value> = Vec::new();
    let images = Value {
        name: INPUT.into(),
        shape: network.input(),
        flat: false,
    };
    for (stage, tensors) in network.stages().iter().zip(&parameters.0) {
        let read = |i: usize| outputs.get(i).cloned();
        let from = stage
            .source
            .and_then(read)
            .unwrap_or_else(|| images.clone());
        let skip = stage.skip.and_then(read);
        outputs.push(writer.stage(stage, tensors, from, skip));
    }
    let mut scores = outputs.pop().unwrap_or_else(|| images.clone());
    if scores.shape.h * scores.shape.w == 1 && !scores.flat {
        scores = writer.flat(scores);
    }
    if let Some(node) = writer
        .node
        .iter_mut()
        .find(|n| n.output == [scores.name.as_str()])
    {
        node.output = vec![OUTPUT.into()];
    }
    let graph = GraphProto {
        node: writer.node,
        name: Some("tandem".into()),
        initializer: writer.initializer,
        input: vec![images.info()],
        output: vec![Value {
            name: OUTPUT.into(),
            ..scores
        }
        .info()],
        ..GraphProto::default()
    };
    let model = ModelProto {
        ir_version: Some(IR_VERSION),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(OPSET),
        }],
        producer_name: Some("tandem".into()),
        producer_version: Some(env!("CARGO_PKG_VERSION").into()),
        graph: Some(graph),
        metadata_props: metadata.entries(),
    };
    Ok(model.encode_to_vec())
}

/// A value on its way.
#[derive(Clone)]
struct Value {
    name: String,
    shape: Shape,
    flat: bool,
}

impl Value {
    fn info(&self) -> ValueInfoProto {
        let Shape { c, h, w } = self.shape;
        let sizes = if self.flat {
            vec![self.shape.len()]
        } else {
            vec![c, h, w]
        };
        let mut dim = vec![DimensionProto {
            dim_param: Some("batch".into()),
            dim_value: None,
        }];
        dim.extend(sizes.into_iter().map(|s| DimensionProto {
            dim_value: Some(s as i64),
            dim_param: None,
        }));
        let tensor = TensorTypeProto {
            elem_type: Some(data_type::FLOAT),
            shape: Some(TensorShapeProto { dim }),
        };
        ValueInfoProto {
            name: Some(self.name.clone()),
            r#type: Some(TypeProto {
                tensor_type: Some(tensor),
            }),
        }
    }
}

#[derive(Default)]
struct Writer {
    node: Vec<NodeProto>,
    initializer: Vec<TensorProto>,
}

impl Writer {
    fn stage(&mut self, s: &Stage, t: &Tensors, from: Value, skip: Option<Value>) -> Value {
        let mut last = match s.kind {
            Kind::AveragePool => self.average(s, from),
            Kind::FullyConnected => {
                let from = self.flat(from);
                let inputs = self.weights(s, t, &[s.co, s.fan_in()], from);
                let settings = vec![int("transB", 1)];
                self.push(&s.name, "Gemm", inputs, settings, s.full(), true)
            }
            Kind::Conv => {
                let from = self.plane(from);
                let sizes = [s.co, s.ci, s.y.kernel, s.x.kernel];
                let inputs = self.weights(s, t, &sizes, from);
                let settings = vec![
                    ints("kernel_shape", &[s.y.kernel, s.x.kernel]),
                    ints("strides", &[s.y.stride, s.x.stride]),
                    ints("pads", &[s.y.pad, s.x.pad, s.y.pad, s.x.pad]),
                ];
                self.push(&s.name, "Conv", inputs, settings, s.full(), false)
            }
        };
        if let Some(mut skip) = skip {
            if skip.flat != last.flat {
                (skip, last) = (self.flat(skip), self.flat(last));
            }
            let name = format!("{}.add", s.name);
            let inputs = vec![last.name, skip.name];
            last = self.push(&name, "Add", inputs, vec![], s.full(), last.flat);
        }
        if s.relu {
            let name = format!("{}.relu", s.name);
            last = self.push(&name, "Relu", vec![last.name], vec![], s.full(), last.flat);
        }
        if s.pool {
            let name = format!("{}.pool", s.name);
            let settings = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
            last = self.push(
                &name,
                "MaxPool",
                vec![last.name],
                settings,
                s.output(),
                false,
            );
        }
        last
    }

    fn average(&mut self, s: &Stage, from: Value) -> Value {
        let from = self.plane(from);
        let kernel = [s.y.kernel, s.x.kernel];
        let inputs = vec![from.name];
        if kernel == [s.y.input, s.x.input] {
            return self.push(
                &s.name,
                "GlobalAveragePool",
                inputs,
                vec![],
                s.full(),
                false,
            );
        }
        let settings = vec![ints("kernel_shape", &kernel), ints("strides", &kernel)];
        self.push(&s.name, "AveragePool", inputs, settings, s.full(), false)
    }

    fn push(
        &mut self,
        name: &str,
        operator: &str,
        input: Vec<String>,
        attribute: Vec<AttributeProto>,
        shape: Shape,
        flat: bool,
    ) -> Value {
        let output = format!("{name}.out");
        self.node.push(NodeProto {
            input,
            output: vec![output.clone()],
            name: Some(name.into()),
            op_type: Some(operator.into()),
            attribute,
            domain: None,
        });
        Value {
            name: output,
            shape,
            flat,
        }
    }

    /// Flattened, as fully connected layers take it.
    fn flat(&mut self, value: Value) -> Value {
        if value.flat {
            return value;
        }
        let name = self.unused(&format!("{}.flat", value.name));
        self.push(
            &name,
            "Flatten",
            vec![value.name],
            vec![int("axis", 1)],
            value.shape,
            true,
        )
    }

    /// With rows and columns, as convolutions take it.
    fn plane(&mut self, value: Value) -> Value {
        if !value.flat {
            return value;
        }
        let name = self.unused(&format!("{}.plane", value.name));
        let Shape { c, h, w } = value.shape;
        let shape = [0, c as i64, h as i64, w as i64];
        let sizes = format!("{name}.shape");
        self.initializer.push(TensorProto {
            dims: vec![4],
            data_type: Some(data_type::INT64),
            name: Some(sizes.clone()),
            raw_data: Some(shape.iter().flat_map(|v| v.to_le_bytes()).collect()),
            ..TensorProto::default()
        });
        self.push(
            &name,
            "Reshape",
            vec![value.name, sizes],
            vec![],
            value.shape,
            false,
        )
    }

    /// `name`, numbered where there is one already.
    fn unused(&self, name: &str) -> String {
        let taken = |n: &str| self.node.iter().any(|node| node.name.as_deref() == Some(n));
        let numbered = (2..).map(|i| format!("{name}{i}"));
        let mut names = std::iter::once(name.to_string()).chain(numbered);
        names.find(|n| !taken(n)).unwrap_or_default()
    }

    /// Puts weights and biases into the file; what the stage reads.
    fn weights(&mut self, s: &Stage, t: &Tensors, sizes: &[usize], from: Value) -> Vec<String> {
        let mut inputs = vec![from.name];
        let of = [("weight", sizes, &t.weight), ("bias", &[s.co][..], &t.bias)];
        for (part, sizes, values) in of {
            let name = format!("{}.{part}", s.name);
            self.initializer.push(TensorProto {
                dims: sizes.iter().map(|&n| n as i64).collect(),
                data_type: Some(data_type::FLOAT),
                name: Some(name.clone()),
                raw_data: Some(values.iter().flat_map(|v| v.to_le_bytes()).collect()),
                ..TensorProto::default()
            });
            inputs.push(name);
        }
        inputs
    }
}

pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        i: Some(value),
        r#type: Some(attribute::INT),
        ..AttributeProto::default()
    }
}

pub(super) fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        ints: values.iter().map(|&v| v as i64).collect(),
        r#type: Some(attribute::INTS),
        ..AttributeProto::default()
    }
}
