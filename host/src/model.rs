//! A network with its weights as a file or a name gives it: safetensors that carry their architecture, and networks by name.
//!
//! A file written here has the metadata `tandem`: a JSON object with `input`, `layers`, and if they are
//! known `classes`, `normalisation` and `exponents`. Files without it,
//! PyTorch's for example, need the network said beside them.

use crate::error::CompileError;
use crate::network::zoo::Named;
use crate::network::{Layer, Network, Shape};
use crate::parameters::{metadata, Parameters};
use crate::state::OutputExponent;
use crate::study;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Key of the metadata.
const KEY: &str = "tandem";

/// A network, its weights if it has any yet, and what was said about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// Its weights; none of a network that is only a name.
    pub parameters: Option<Parameters>,
    /// Names of its outputs, if they are known.
    pub classes: Option<Vec<String>>,
    /// Mean and deviation its inputs were normalised with, if they are known.
    pub normalisation: Option<(Vec<f32>, Vec<f32>)>,
    /// Exponents of its stages' outputs, if it has learnt them: with them it infers as it did when it was written.
    pub exponents: Option<Vec<OutputExponent>>,
}

/// What a file says about its network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Description {
    input: Shape,
    layers: Vec<Layer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    normalisation: Option<(Vec<f32>, Vec<f32>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exponents: Option<Vec<OutputExponent>>,
}

/// Names of the networks there are.
pub fn names() -> Vec<&'static str> {
    let of_study = ["digits-student", "digits-teacher"];
    let of_zoo = Named::ALL.into_iter().map(Named::name);
    of_study.into_iter().chain(of_zoo).collect()
}

/// The network of that name for images of `shape` and so many classes; their own shape and 10 classes unless given.
pub fn named(
    name: &str,
    shape: Option<Shape>,
    classes: Option<usize>,
) -> Result<Network, CompileError> {
    let digits = Shape { c: 1, h: 14, w: 14 };
    let (input, mut layers) = match (name, Named::find(name)) {
        ("digits-student", _) => (digits, study::student(digits)?.layers().to_vec()),
        ("digits-teacher", _) => (digits, study::teacher(digits)?.layers().to_vec()),
        (_, Some(named)) => (named.input(), named.layers()),
        (_, None) => {
            return Err(CompileError::Input {
                what: "name of a network",
                found: name.into(),
                expected: names().join(", "),
                remedy: "choose one of these, or give a file",
            })
        }
    };
    if let (Some(Layer::FullyConnected { out }), Some(classes)) = (layers.last_mut(), classes) {
        *out = classes;
    }
    Network::new(shape.unwrap_or(input), &layers)
}

impl Model {
    /// A network without weights.
    pub fn untrained(network: Network) -> Model {
        Model {
            network,
            parameters: None,
            classes: None,
            normalisation: None,
            exponents: None,
        }
    }

    /// Reads a safetensors file. `network` is its architecture, for a file that does not say; of one that does it must be the same.
    pub fn from_safetensors(bytes: &[u8], network: Option<Network>) -> Result<Model, CompileError> {
        let refuse = |what, found: String, expected: &str, remedy| CompileError::Input {
            what,
            found,
            expected: expected.into(),
            remedy,
        };
        let said = metadata(bytes)?.get(KEY).cloned();
        let description = said
            .map(|text| {
                serde_json::from_str::<Description>(&text).map_err(|e| {
                    refuse(
                        "architecture in the weights file",
                        e.to_string(),
                        "layers as this program writes them",
                        "write the file again, or remove its metadata and name the network",
                    )
                })
            })
            .transpose()?;
        let Some(d) = description else {
            let network = network.ok_or_else(|| {
                refuse(
                    "architecture of the weights file",
                    "none in its metadata".into(),
                    "one there, or a name",
                    "name the network the weights are of",
                )
            })?;
            return Ok(Model {
                parameters: Some(Parameters::from_safetensors(&network, bytes)?),
                ..Model::untrained(network)
            });
        };
        let own = Network::new(d.input, &d.layers)?;
        if network.is_some_and(|n| n != own) {
            return Err(refuse(
                "architecture of the weights file",
                format!("{own}").trim_end().replace('\n', "; "),
                "the network that was named",
                "leave the name out: the file says what it is",
            ));
        }
        let outputs = own.output().len();
        if d.classes.as_ref().is_some_and(|c| c.len() != outputs) {
            return Err(refuse(
                "classes in the weights file",
                d.classes.map_or(0, |c| c.len()).to_string(),
                "one for every output",
                "write the file again",
            ));
        }
        let stages = own.stages().len();
        if d.exponents.as_ref().is_some_and(|e| e.len() != stages) {
            return Err(refuse(
                "exponents in the weights file",
                d.exponents.map_or(0, |e| e.len()).to_string(),
                "one for every stage",
                "write the file again",
            ));
        }
        Ok(Model {
            parameters: Some(Parameters::from_safetensors(&own, bytes)?),
            network: own,
            classes: d.classes,
            normalisation: d.normalisation,
            exponents: d.exponents,
        })
    }

    /// Writes a safetensors file that says what it is. A network without weights cannot be written.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, CompileError> {
        let Some(parameters) = &self.parameters else {
            return Err(CompileError::Input {
                what: "weights",
                found: "none".into(),
                expected: "a network that has some".into(),
                remedy: "train it first",
            });
        };
        let description = Description {
            input: self.network.input(),
            layers: self.network.layers().to_vec(),
            classes: self.classes.clone(),
            normalisation: self.normalisation.clone(),
            exponents: self.exponents.clone(),
        };
        let text = serde_json::to_string(&description)
            .map_err(|e| CompileError::Internal(format!("architecture as JSON: {e}")))?;
        let metadata = HashMap::from([(KEY.to_string(), text)]);
        parameters.write(&self.network, Some(metadata))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn student() -> Model {
        let network = named("digits-student", None, Some(4)).unwrap();
        Model {
            parameters: Some(Parameters::random(&network, 3)),
            classes: Some(["a", "b", "c", "d"].map(String::from).to_vec()),
            normalisation: Some((vec![0.1307], vec![0.3081])),
            exponents: Some(vec![OutputExponent { e: 3, f: 12 }; 3]),
            network,
        }
    }

    #[test]
    fn a_file_says_what_it_is() {
        let bytes = student().to_safetensors().unwrap();
        assert_eq!(Model::from_safetensors(&bytes, None).unwrap(), student());
        // The same bytes every time.
        assert_eq!(student().to_safetensors().unwrap(), bytes);
        let other = named("digits-teacher", None, None).unwrap();
        let e = Model::from_safetensors(&bytes, Some(other)).unwrap_err();
        assert!(e.to_string().contains("leave the name out"), "{e}");
        assert!(Model::untrained(student().network)
            .to_safetensors()
            .is_err());
    }

    #[test]
    fn a_file_that_does_not_say_needs_a_name() {
        let model = student();
        let bytes = model.parameters.clone().unwrap();
        let bytes = bytes.to_safetensors(&model.network).unwrap();
        let e = Model::from_safetensors(&bytes, None).unwrap_err();
        assert!(e.to_string().contains("name the network"), "{e}");
        let read = Model::from_safetensors(&bytes, Some(model.network.clone())).unwrap();
        assert_eq!(read.parameters, model.parameters);
    }

    #[test]
    fn names_are_networks() {
        for name in names() {
            assert_eq!(named(name, None, Some(7)).unwrap().output().c, 7, "{name}");
        }
        let e = named("alexnet", None, None).unwrap_err().to_string();
        assert!(e.contains("digits-student") && e.contains("lenet-5"), "{e}");
    }
}
