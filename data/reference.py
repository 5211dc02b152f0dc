#!/usr/bin/env python3
"""Runs the experiment in float32 on the files of this folder and prints its table.

    venv/bin/python data/reference.py [--row shifted|same|digits-mnist|mnist-digits] [--seeds 1 2 3] [--stream 8000]
        [--kept K] [--steps 12000] [--tune 2400] [--lr 0.1] [--tune-lr 0.001] [--base-lr 0.05]
        [--batch 32] [--held N] [--augment]

What the fixed-point run on the device is compared with. `--steps` and `--tune` count images; the
supervised baseline gets their sum, with `--augment` through the random maps and the noise that
teachers of a shifted domain are trained with.
"""
import argparse

import numpy as np
import torch
from safetensors.numpy import load_file

import make
import pair
import tandem_float as tf

HEAD = ("seed", "supervised", "teacher", "kept set", "fine-tuned", "gain", "labels right", "kept")


# Samples kept a class; the pair's share is that of the shifted row.
KEPT = {name: row["kept"] for name, row in tf.ROWS.items()} | {"digits-mnist": 500, "mnist-digits": 80}


def teacher(path, side):
    """The committed teacher; its layers in order of their names are those of the network."""
    net = tf.teacher_net(side).eval()
    file = load_file(path)
    layers = [layer for layer in net if hasattr(layer, "weight")]
    for name, layer in zip(("conv1", "conv2", "conv3", "fc1", "fc2"), layers):
        for part in ("weight", "bias"):
            tensor = torch.tensor(file[f"{name}.{part}"].astype(np.float32))
            setattr(layer, part, torch.nn.Parameter(tensor))
    return net


def material(row, seed):
    """Clean images and labels, those of the stream and of the held-out part, and where the teacher is."""
    if row not in tf.ROWS:
        return pair.material(*row.split("-"), seed)
    x, y, xt, yt, split = tf.load()
    clean, stream = tf.clean_indices(split, seed, tf.ROWS[row]["labels"]), tf.stream_indices(split, seed)
    return x[clean], y[clean], x[stream], y[stream], xt, yt, tf.HERE / f"teacher-{row}-{seed}.safetensors"


def run(seed, o):
    """One seed: the figures in the order of HEAD."""
    xc, yc, xu, yu, xt, yt, path = material(o.row, seed)
    side, rng = xc.shape[-1], np.random.default_rng(seed)
    torch.manual_seed(seed)
    xu, yu, xt, yt = xu[: o.stream], yu[: o.stream], xt[: o.held], yt[: o.held]
    if o.row == "shifted":
        xu, xt = tf.shift(xu, 2 * seed), tf.shift(xt, 2 * seed + 1)
    augment = make.augment(torch.Generator().manual_seed(seed), *make.RECIPES["shifted"])
    baseline = tf.fit(tf.student_net(side), xc, yc, o.steps + o.tune, o.base_lr, rng, o.batch,
                      augment=augment if o.augment else None)
    net = teacher(path, side)
    kept, label = tf.keep_best(tf.scores(net, xu), o.kept or KEPT[o.row])
    student = tf.fit(tf.student_net(side), xu[kept], label, o.steps, o.lr, rng, o.batch)
    first = tf.accuracy(student, xt, yt)
    tf.fit(student, xc, yc, o.tune, o.tune_lr, rng, o.batch)
    base, last = tf.accuracy(baseline, xt, yt), tf.accuracy(student, xt, yt)
    right = 100 * (label == yu[kept]).double().mean().item()
    return base, tf.accuracy(net, xt, yt), first, last, last - base, right, len(kept)


def main():
    p = argparse.ArgumentParser(description="The experiment in float32.")
    p.add_argument("--row", choices=KEPT, default="shifted")
    p.add_argument("--seeds", type=int, nargs="+", choices=tf.SEEDS, default=tf.SEEDS)
    for name, default in (("stream", 8000), ("kept", 0), ("steps", 12_000), ("tune", 2_400),
                          ("batch", 32), ("held", tf.TEST)):
        p.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("lr", 0.1), ("tune-lr", 0.001), ("base-lr", 0.05)):
        p.add_argument(f"--{name}", type=float, default=default)
    p.add_argument("--augment", action="store_true")
    o = p.parse_args()
    torch.set_num_threads(1)
    print(" ".join(f"{h:>12}" for h in HEAD))
    rows = []
    for seed in o.seeds:
        rows.append(run(seed, o))
        print(f"{seed:>12} " + " ".join(f"{v:12.1f}" for v in rows[-1]), flush=True)
    for name, f in (("mean", np.mean), ("std", np.std)):
        print(f"{name:>12} " + " ".join(f"{v:12.1f}" for v in f(np.array(rows), 0)))


if __name__ == "__main__":
    main()
