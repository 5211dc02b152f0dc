#!/usr/bin/env python3
"""Runs the experiment in float32 on the files of this folder and prints its table.

    venv/bin/python data/reference.py [--row shifted|same] [--seeds 1 2 3] [--stream 8000]
        [--kept K] [--steps 12000] [--tune 2400] [--lr 0.1] [--tune-lr 0.001] [--base-lr 0.05]
        [--batch 32] [--held N]

What the fixed-point run on the device is compared with. `--steps` and `--tune` count images; the
supervised baseline gets their sum.
"""
import argparse

import numpy as np
import torch
from safetensors.numpy import load_file

import tandem_float as tf

HEAD = ("seed", "supervised", "teacher", "kept set", "fine-tuned", "gain", "labels right", "kept")


def teacher(row, seed):
    """The committed teacher; its layers in order of their names are those of the network."""
    net = tf.teacher_net().eval()
    file = load_file(tf.HERE / f"teacher-{row}-{seed}.safetensors")
    layers = [layer for layer in net if hasattr(layer, "weight")]
    for name, layer in zip(("conv1", "conv2", "conv3", "fc1", "fc2"), layers):
        for part in ("weight", "bias"):
            tensor = torch.tensor(file[f"{name}.{part}"].astype(np.float32))
            setattr(layer, part, torch.nn.Parameter(tensor))
    return net


def run(seed, o):
    """One seed: the figures in the order of HEAD."""
    x, y, xt, yt, split = tf.load()
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    clean = tf.clean_indices(split, seed, tf.ROWS[o.row]["labels"])
    stream = tf.stream_indices(split, seed)[: o.stream]
    xc, yc, xu, yu, xt, yt = x[clean], y[clean], x[stream], y[stream], xt[: o.held], yt[: o.held]
    if o.row == "shifted":
        xu, xt = tf.shift(xu, 2 * seed), tf.shift(xt, 2 * seed + 1)
    baseline = tf.fit(tf.student_net(), xc, yc, o.steps + o.tune, o.base_lr, rng, o.batch)
    net = teacher(o.row, seed)
    kept, label = tf.keep_best(tf.scores(net, xu), o.kept or tf.ROWS[o.row]["kept"])
    student = tf.fit(tf.student_net(), xu[kept], label, o.steps, o.lr, rng, o.batch)
    first = tf.accuracy(student, xt, yt)
    tf.fit(student, xc, yc, o.tune, o.tune_lr, rng, o.batch)
    base, last = tf.accuracy(baseline, xt, yt), tf.accuracy(student, xt, yt)
    right = 100 * (label == yu[kept]).double().mean().item()
    return base, tf.accuracy(net, xt, yt), first, last, last - base, right, len(kept)


def main():
    p = argparse.ArgumentParser(description="The experiment in float32.")
    p.add_argument("--row", choices=tf.ROWS, default="shifted")
    p.add_argument("--seeds", type=int, nargs="+", choices=tf.SEEDS, default=tf.SEEDS)
    for name, default in (("stream", 8000), ("kept", 0), ("steps", 12_000), ("tune", 2_400),
                          ("batch", 32), ("held", tf.TEST)):
        p.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("lr", 0.1), ("tune-lr", 0.001), ("base-lr", 0.05)):
        p.add_argument(f"--{name}", type=float, default=default)
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
