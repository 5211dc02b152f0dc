"""The float side of the demo's data: images, splits, the shifted domain, networks, training.

Shared by make.py (writes the files of this folder) and reference.py (runs the experiment in
float). Nothing of the product uses it: the Rust side reads the files and has its own copy of
`shift`, defined in README.md.
"""
import json
import math
import pathlib
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = (1, 2, 3, 4, 5)
TRAIN, TEST, SIDE = 8200, 2000, 14
ROWS = {"shifted": {"labels": 20, "kept": 500}, "same": {"labels": 10, "kept": 800}}
ANGLE, NOISE = 20.0, 0.2


def read_idx(path):
    """An IDX file of unsigned bytes as an array; the format is in README.md."""
    raw = pathlib.Path(path).read_bytes()
    if raw[:3] != b"\0\0\x08":
        raise SystemExit(f"{path}: expected an IDX file of unsigned bytes, found {raw[:4].hex()}")
    shape = struct.unpack(f">{raw[3]}I", raw[4:4 + 4 * raw[3]])
    body = np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])
    if body.size != math.prod(shape):
        raise SystemExit(f"{path}: expected {math.prod(shape)} bytes, found {body.size}")
    return body.reshape(shape)


def write_idx(path, array):
    """Writes an array of unsigned bytes as IDX."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    pathlib.Path(path).write_bytes(head + array.astype(np.uint8).tobytes())


def load(folder=HERE):
    """Images in [0, 1] (n, 1, height, width) and labels, of both parts, and the splits."""
    out = []
    for part in ("train", "test"):
        x = read_idx(folder / f"{part}-images-idx3-ubyte").astype(np.float32) / 255
        y = read_idx(folder / f"{part}-labels-idx1-ubyte").astype(np.int64)
        out += [torch.tensor(x)[:, None], torch.tensor(y)]
    return *out, json.loads((folder / "splits.json").read_text())


def clean_indices(splits, seed, labels):
    """The first `labels` clean samples of each class, class by class."""
    return np.concatenate([row[:labels] for row in splits["seeds"][str(seed)]["clean"]])


def stream_indices(splits, seed):
    """Everything that is not clean, ascending."""
    clean = set(np.concatenate(splits["seeds"][str(seed)]["clean"]).tolist())
    return np.array([i for i in range(TRAIN) if i not in clean])


def affine(x, matrix):
    """Resamples x at matrix · (column, row), about the centre, bilinear, zero outside."""
    grid = F.affine_grid(matrix, x.shape, align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def shift(x, seed, angle=ANGLE, noise=NOISE):
    """The shifted domain: rotate, add Gaussian noise, clip to [0, 1]."""
    t = math.radians(angle)
    m = torch.tensor([[math.cos(t), -math.sin(t), 0.0], [math.sin(t), math.cos(t), 0.0]])
    x = affine(x, m.expand(len(x), 2, 3))
    z = np.random.default_rng(seed).normal(0.0, noise, x.shape)
    return (x + torch.tensor(z, dtype=torch.float32)).clamp(0, 1)


def he(net):
    """Weights normal with variance 2 / fan-in, biases 0."""
    for layer in net:
        if hasattr(layer, "weight"):
            nn.init.normal_(layer.weight, 0.0, math.sqrt(2 / layer.weight[0].numel()))
            nn.init.zeros_(layer.bias)
    return net


def conv(i, o):
    return nn.Conv2d(i, o, 3, padding=1)


def teacher_net(side=SIDE):
    """For 14×14, 45 402 parameters, 744 k multiplications; the dropout is for training only."""
    return nn.Sequential(
        conv(1, 16), nn.ReLU(), conv(16, 16), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.2),
        conv(16, 32), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
        nn.Linear(32 * (side // 4) ** 2, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))


def student_net(side=SIDE, a=8, b=16):
    """For 14×14, 2 698 parameters, 72 k multiplications."""
    return he(nn.Sequential(
        conv(1, a), nn.ReLU(), nn.MaxPool2d(2), conv(a, b), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear((side // 4) ** 2 * b, 10)))


def batches(n, steps, batch, rng):
    """Batches out of successive permutations of n samples."""
    left = np.empty(0, np.int64)
    for _ in range(steps):
        while len(left) < batch:
            left = np.concatenate([left, rng.permutation(n)])
        yield left[:batch]
        left = left[batch:]


def fit(net, x, y, image_steps, lr, rng, batch=32, decay=1e-4, adam=False,
        augment=None, smooth=0.0):
    """Cross-entropy, cosine schedule from lr to 0; SGD with momentum 0.9 unless `adam`."""
    steps = image_steps // batch
    if adam:
        opt = torch.optim.Adam(net.parameters(), lr)
    else:
        opt = torch.optim.SGD(net.parameters(), lr, momentum=0.9, weight_decay=decay)
    net.train()
    for t, i in enumerate(batches(len(x), steps, batch, rng)):
        opt.param_groups[0]["lr"] = lr * 0.5 * (1 + math.cos(math.pi * t / steps))
        xb = augment(x[i]) if augment else x[i]
        opt.zero_grad()
        F.cross_entropy(net(xb), y[i], label_smoothing=smooth).backward()
        opt.step()
    return net.eval()


@torch.no_grad()
def scores(net, x):
    """Softmax outputs."""
    return torch.cat([F.softmax(net(part), 1) for part in x.split(500)])


def accuracy(net, x, y):
    """Percent."""
    return 100 * (scores(net, x).argmax(1) == y).double().mean().item()


def keep_best(p, k):
    """The k most confident samples of each class: indices and labels."""
    conf, label = p.max(1)
    kept = []
    for c in range(10):
        of_class = (label == c).nonzero()[:, 0]
        kept.append(of_class[torch.argsort(-conf[of_class], stable=True)[:k]])
    kept = torch.cat(kept)
    return kept, label[kept]
