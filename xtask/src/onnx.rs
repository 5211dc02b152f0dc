//! Compares what the host library exports with onnxruntime, which knows nothing of it.
use crate::{run, tools};
use std::process::Command;

/// Runs the test that trains networks of PyTorch on the model and exports them, then [`compared`].
pub fn trained_and_compared() -> Result<(), String> {
    let mut test = run::cargo();
    test.args(["test", "--release", "--package", "tandem", "--test", "onnx"]);
    run::step(test)?;
    compared()
}

/// Compares the classes onnxruntime gives with the device's, in the files that test left.
pub fn compared() -> Result<(), String> {
    let script = tools::onnxruntime("tests/onnx/check.py")?;
    let folder = tools::target().join("tmp/onnx");
    let mut command = Command::new(script);
    print!(
        "{}",
        String::from_utf8_lossy(&tools::output(command.arg(folder))?)
    );
    Ok(())
}
