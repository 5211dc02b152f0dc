"""Compares onnxruntime's classes of the held-out digits with those a device gave: cargo xtask onnx-check.

FOLDER holds NAME.onnx, a network that was trained on a device and exported, and NAME.json, the device's
classes of the first images. They must be equal, except where the float network itself hesitates: where
its probabilities of the two classes are less than TIE apart, which 16-bit values may decide otherwise.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import onnxruntime

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
TIE = 0.02
LEAST = 200


def digits():
    """The held-out images, in [0, 1]."""
    raw = np.frombuffer((DATA / "test-images-idx3-ubyte").read_bytes(), np.uint8)
    return raw[16:].reshape(-1, 1, 14, 14).astype(np.float32) / 255


def check(path, images):
    """What differs beyond a tie, of one file."""
    device = np.array(json.loads(path.with_suffix(".json").read_text()))
    if len(device) < LEAST:
        raise SystemExit(f"{path}: classes of {len(device)} images, expected {LEAST} or more")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (scores,) = session.run(None, {session.get_inputs()[0].name: images[:len(device)]})
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(device))
    apart = p.max(1) - p[rows, device]
    differ = scores.argmax(1) != device
    print(f"{path.stem}: {len(device)} images, {(~differ).sum()} classes equal, {differ.sum()} not; "
          f"there the float network's probabilities are {apart[differ].max(initial=0):.4f} apart at most")
    return int((apart >= TIE).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    paths = sorted(parser.parse_args().folder.glob("*.onnx"))
    if not paths:
        raise SystemExit("no files to compare; run `cargo xtask onnx-check`")
    images = digits()
    wrong = sum([check(path, images) for path in paths])
    if wrong:
        raise SystemExit(f"{wrong} classes differ where the float network is sure by {TIE} or more")


if __name__ == "__main__":
    sys.exit(main())
