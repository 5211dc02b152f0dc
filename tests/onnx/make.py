#!/usr/bin/env python3
"""Makes the ONNX files of this folder: networks trained and exported by PyTorch, and their accuracy.

    python3 -m venv venv && venv/bin/pip install -r tests/onnx/requirements.txt
    venv/bin/python tests/onnx/make.py            # all of them, some minutes
    venv/bin/python tests/onnx/make.py lenet      # one of them

Same seed, same machine, same library versions: the same weights. accuracy.json says how many of the
held-out digits of data/ each network gets right, in PyTorch and in onnxruntime.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "data"))
import tandem_float as tf  # noqa: E402

MAX_BYTES = 400_000
IMAGE_STEPS = 24_600  # three times all of them


class LeNet(nn.Module):
    """As PyTorch's own first example writes it: ReLU after the pool, `view`, `log_softmax`."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, padding=2)
        self.conv2 = nn.Conv2d(8, 16, 5, padding=2)
        self.fc1 = nn.Linear(144, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.fc1(x)), 0.2, training=self.training)
        return F.log_softmax(self.fc2(x), dim=1)


def normed(i, o, kernel=3, stride=1):
    """A convolution without bias and its batch norm."""
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o))


def vgg():
    """Pairs of 3x3 convolutions with batch norm, pools between them, a classifier with dropout."""
    return nn.Sequential(
        *normed(1, 16), nn.ReLU(inplace=True), *normed(16, 16), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        *normed(16, 32), nn.ReLU(inplace=True), *normed(32, 32), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(288, 64), nn.BatchNorm1d(64), nn.ReLU(inplace=True), nn.Dropout(0.3),
        nn.Linear(64, 10), nn.Softmax(1))


class Block(nn.Module):
    """A residual of two convolutions."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.body = nn.Sequential(normed(i, o, 3, stride), nn.ReLU(), normed(o, o))
        self.skip = nn.Identity() if i == o and stride == 1 else normed(i, o, 1, stride)

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


def resnet():
    """Three residuals, the last two with projections, and a mean over the plane."""
    return nn.Sequential(
        normed(1, 12), nn.ReLU(), Block(12, 12, 1), Block(12, 16, 2), Block(16, 24, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))


NETWORKS = {"lenet": LeNet, "vgg": vgg, "resnet": resnet}


def export(net, path, name):
    """Every way of exporting that users have: the older exporter for one, batch norm left in for two."""
    net.eval()
    example = torch.zeros(2, 1, tf.SIDE, tf.SIDE)
    if name == "lenet":
        torch.onnx.export(net, (example,), path, dynamo=False, input_names=["image"],
                          output_names=["logits"], dynamic_axes={"image": {0: "batch"}})
    else:
        torch.onnx.export(net, (example,), path, dynamo=True, external_data=False, optimize=name == "resnet",
                          dynamic_shapes=({0: torch.export.Dim("batch")},))


def right(path, x, y):
    """How many onnxruntime gets right."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (scores,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    return int((scores.argmax(1) == y.numpy()).sum())


def main(what):
    torch.set_num_threads(1)
    x, y, xt, yt, _ = tf.load()
    table = HERE / "accuracy.json"
    known = json.loads(table.read_text()) if table.exists() else {}
    for name in what or NETWORKS:
        if name not in NETWORKS:
            raise SystemExit(f"make.py: no network {name!r}; there are {', '.join(NETWORKS)}")
        torch.manual_seed(1)
        net = NETWORKS[name]()
        last = net[:-1] if name == "vgg" else net  # trained without its softmax
        tf.fit(last, x, y, IMAGE_STEPS, 2e-3, np.random.default_rng(1), adam=True)
        net.eval()
        path = HERE / f"{name}.onnx"
        export(net, path, name)
        onnx.checker.check_model(onnx.load(path))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SystemExit(f"make.py: {path} has {size} bytes, more than {MAX_BYTES}")
        known[name] = {"images": len(yt), "pytorch": round(tf.accuracy(net, xt, yt) * len(yt) / 100),
                       "onnxruntime": right(path, xt, yt)}
        operators = sorted({n.op_type for n in onnx.load(path).graph.node})
        print(f"{name}: {known[name]}, {size} bytes, {' '.join(operators)}", flush=True)
        table.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
