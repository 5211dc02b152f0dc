#!/usr/bin/env python3
"""Makes the files of pair/: real digits of 8×8, their splits, and the teachers of the pair
digits and MNIST, both ways.

    venv/bin/python data/pair.py            # everything; needs pip for the download
    venv/bin/python data/pair.py teachers   # only the teachers, from the files that are here

Same seed, same machine, same library versions: the same files.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import torch

import make
import tandem_float as tf

PACKAGE = "scikit-learn==1.9.1"
MEMBER = "sklearn/datasets/data/digits.csv.gz"
PAIR = tf.HERE / "pair"
WAYS = (("digits", "mnist"), ("mnist", "digits"))
SIDE, HELD, LABELS = 8, 500, 20
MAX_BYTES = 1_000_000


def download(folder):
    """The table of digits from the wheel: 64 counts of 0 to 16 and a label a line."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    "--only-binary", ":all:", "--dest", folder, PACKAGE], check=True)
    wheel, = pathlib.Path(folder).glob("*.whl")
    return np.loadtxt(gzip.open(zipfile.ZipFile(wheel).open(MEMBER)), delimiter=",", dtype=np.int64)


def images():
    """Counts as bytes, rounded half up, in the file's order: the last 500 are held out."""
    with tempfile.TemporaryDirectory() as folder:
        table = download(folder)
    x = ((table[:, :-1] * 255 + 8) // 16).reshape(-1, SIDE, SIDE)
    cut = len(table) - HELD
    for part, rows in (("train", slice(cut)), ("test", slice(cut, None))):
        tf.write_idx(PAIR / f"{part}-images-idx3-ubyte", x[rows])
        tf.write_idx(PAIR / f"{part}-labels-idx1-ubyte", table[rows, -1])


def splits():
    """As those of MNIST."""
    make.splits(PAIR)


def to_eight(x):
    """14×14 to 8×8: the 10×10 in the middle, in which MNIST's 20×20 box lies, then the mean over areas
    of 1.25 by 1.25 pixels."""
    edges = np.arange(SIDE + 1) * 10 / SIDE
    shares = [np.clip(np.minimum(b, np.arange(10) + 1) - np.maximum(a, np.arange(10)), 0, None)
              for a, b in zip(edges, edges[1:])]
    mean = torch.tensor(np.array(shares) * SIDE / 10, dtype=torch.float32)
    return mean @ x[..., 2:12, 2:12] @ mean.T


def domains():
    """Of digits and of MNIST: images of 8×8, labels, held-out images and labels, splits."""
    x, y, xt, yt, split = tf.load()
    return {"digits": tf.load(PAIR), "mnist": (to_eight(x), y, to_eight(xt), yt, split)}


def material(source, target, seed):
    """Clean images and labels, those of the stream and of the held-out part, and where the teacher is."""
    data = domains()
    x, y, _, _, split = data[source]
    clean = tf.clean_indices(split, seed, LABELS)
    xu, yu, xt, yt, split = data[target]
    if target == "mnist":
        stream = tf.stream_indices(split, seed)
        xu, yu = xu[stream], yu[stream]
    return x[clean], y[clean], xu, yu, xt, yt, PAIR / f"teacher-{source}-{seed}.safetensors"


def teachers():
    """One for each direction and seed, trained on the clean labels of its source and nothing else."""
    data = domains()
    for source, target in WAYS:
        x, y, xt, yt, split = data[source]
        for seed in tf.SEEDS:
            clean = tf.clean_indices(split, seed, LABELS)
            net = make.teacher(x[clean], y[clean], seed, *make.RECIPES["shifted"])
            make.save(net, PAIR / f"teacher-{source}-{seed}.safetensors")
            print(f"teacher-{source}-{seed}: {tf.accuracy(net, xt, yt):.1f} % on held-out {source}, "
                  f"{tf.accuracy(net, *data[target][:2]):.1f} % on the other stream", flush=True)


if __name__ == "__main__":
    make.run(sys.argv[1:], {"images": images, "splits": splits, "teachers": teachers}, PAIR, MAX_BYTES)
