"""Table IV as a straightforward script: for every setting and every fold, pretrain, extract, train the head, predict.

What a good student writes in PyTorch with the fastest layer that we know for it (torch_micro): two stochastic graph
networks (8+2 and 4+0) are pretrained with cross entropy on the source's stills of everyone but the held-out subject;
their dense outputs side by side are the features of every grey frame and every flow image of the target; a linear
classifier learns them with focal loss; a clip's score is the mean log-probability of its rows. Nothing is kept from
one cell to the next. Times the cells that are asked for and prints one JSON line each; scripts/compare-study starts it.

  python naive_study.py --target micro.set --source macro.set --epochs 100 --cells 0,50,100

Reads the sets that microfold prepare writes (Sources/Clips/Set/SetFormat.swift says how).
"""
import argparse
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import workload as wl
from torch_peers import TorchMicro

GRAPHS = ((8, 2), (4, 0))
BATCH, FRAMES = 32, 10


# ------------------------------------------------------------ data
def read_set(path):
    """-> side, clips; each clip with its grey frames [n, side, side] and flow magnitudes [m, side, side]."""
    data = open(path, "rb").read()
    if data[:8] != b"MICROSET":
        sys.exit(f"naive_study: {path} is not a prepared set; make one with microfold prepare")
    def aligned(count):
        return (count + 63) // 64 * 64
    count = int.from_bytes(data[16:24], "little")
    header = json.loads(data[32:32 + count])
    at, side, pixels = aligned(32 + count), header["side"], header["side"]**2
    for clip in header["clips"]:
        n, m = len(clip["frames"]), len(clip["flows"])
        clip["grey"] = np.frombuffer(data, np.uint8, n * pixels, at).reshape(n, side, side).astype(np.float32) / 255
        at += aligned(n * pixels)
        flow = np.frombuffer(data, np.float32, m * 3 * pixels, at).reshape(m, 3, side, side)
        clip["magnitude"] = np.sqrt(flow[:, 0]**2 + flow[:, 1]**2)
        at += aligned(m * 3 * pixels * 4)
    return side, header["clips"]


def chosen(frames):
    """At most FRAMES frames: apex, onset and offset, and of the others the middle ones of equal parts."""
    if len(frames) <= FRAMES:
        return list(range(len(frames)))
    roles = [role for _, role in frames]
    always = [roles.index(role) for role in ("apex", "onset", "offset") if role in roles]
    others = [i for i in range(len(frames)) if i not in always]
    wanted = FRAMES - len(always)
    return sorted(always + [others[(2 * i + 1) * len(others) // (2 * wanted)] for i in range(wanted)])


def images(clip, with_flow):
    """The rows of a clip, each brought to mean 0 and deviation 1: [rows, pixels]."""
    places = chosen(clip["frames"])
    rows = [clip["grey"][i] for i in places]
    if with_flow:
        numbers = [clip["frames"][i][0] for i in places]
        rows += [clip["magnitude"][i] for i, (_, to, is_return) in enumerate(clip["flows"])
                 if not is_return and to in numbers]
    rows = np.stack(rows).reshape(len(rows), -1)
    return (rows - rows.mean(1, keepdims=True)) / (rows.std(1, keepdims=True) + 1e-3)


class Rows:
    """All rows of a set with the clip of each."""

    def __init__(self, clips, labels, with_flow):
        parts = [images(clip, with_flow) for clip in clips]
        self.x = np.concatenate(parts).astype(np.float32)
        self.clip = np.repeat(np.arange(len(clips)), [len(part) for part in parts])
        self.label = np.array([labels.index(clip["label"]) for clip in clips])
        self.subject = np.array([clip["subject"] for clip in clips])


# ------------------------------------------------------------ one cell
def epochs(count, number, seed):
    """Shuffled batches of row numbers."""
    order = np.random.default_rng(seed)
    for _ in range(number):
        shuffled = order.permutation(count)
        for start in range(0, count, BATCH):
            yield shuffled[start:start + BATCH]


def pretrain(graph, rows, keep, number):
    """One network, trained on the rows of the source that may be seen."""
    net = TorchMicro(graph, graph.params())
    x, y = graph.permute(rows.x[keep]), rows.label[rows.clip[keep]]
    for batch in epochs(len(x), number, seed=1):
        loss = net.train(x[batch], y[batch])
    return net, loss


def extract(graph, net, rows):
    x = graph.permute(rows.x)
    with torch.inference_mode():
        parts = [net.features(torch.from_numpy(x[start:start + TorchMicro.micro]))
                 for start in range(0, len(x), TorchMicro.micro)]
    return torch.cat(parts)


def focal(logits, y, alpha, gamma):
    log_p = F.log_softmax(logits, 1).gather(1, y[:, None])[:, 0]
    return (-alpha * (1 - log_p.exp())**gamma * log_p).mean()


def fit(x, y, classes, alpha, gamma, number):
    head = torch.nn.Linear(x.shape[1], classes)
    optimiser = torch.optim.Adam(head.parameters(), lr=wl.LR, eps=1e-7, fused=True)
    for batch in epochs(len(x), number, seed=2):
        i = torch.from_numpy(batch)
        loss = focal(head(F.dropout(x[i], 1 - wl.KEEP)), y[i], alpha, gamma)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return head


def cell(graphs, source, target, alpha, gamma, subject, number):
    """Pretrains, extracts, fits and predicts; -> seconds of each part, and how many held-out clips were right."""
    start = time.perf_counter()
    keep = np.flatnonzero(source.subject[source.clip] != subject)
    nets, losses = zip(*(pretrain(graph, source, keep, number) for graph in graphs))
    pretrained = time.perf_counter()
    x = torch.cat([extract(graph, net, target) for graph, net in zip(graphs, nets)], 1).clone()
    extracted = time.perf_counter()
    seen = torch.from_numpy(target.subject[target.clip] != subject)
    y = torch.from_numpy(target.label[target.clip])
    classes = int(target.label.max()) + 1
    head = fit(x[seen], y[seen], classes, alpha, gamma, number)
    with torch.inference_mode():
        scores = F.log_softmax(head(x[~seen]), 1).numpy()
    clips = target.clip[~seen.numpy()]
    held_out = np.unique(clips)
    guess = [scores[clips == clip].mean(0).argmax() for clip in held_out]
    end = time.perf_counter()
    return {"pretrain_s": pretrained - start, "extract_s": extracted - pretrained, "fit_s": end - extracted,
            "cell_s": end - start, "pretrain_loss": [round(float(loss), 4) for loss in losses],
            "right": int(sum(guess == target.label[held_out])), "of": len(held_out)}


def fastest_micro_batch(graph, rows):
    """Of 8, 16 and 32 images at a time, what trains a batch fastest at this image size; not counted in any cell."""
    def seconds(micro):
        TorchMicro.micro = micro
        net = TorchMicro(graph, graph.params())
        x, y = graph.permute(rows.x[:BATCH]), rows.label[rows.clip[:BATCH]]
        times = []
        for _ in range(6):
            start = time.perf_counter()
            net.train(x, y)
            times.append(time.perf_counter() - start)
        return sorted(times[1:])[2]
    return min((8, 16, 32), key=seconds)


def numbers(text):
    return tuple(map(float, text.split(",")))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--target", required=True)
    ap.add_argument("--source", required=True)
    ap.add_argument("--epochs", type=int, default=100, help="of pretraining and of the head; no early stopping")
    ap.add_argument("--alphas", type=numbers, default=(0.1, 0.5, 1, 1.5, 2))
    ap.add_argument("--gammas", type=numbers, default=(0.1, 0.2, 0.5, 1, 1.5))
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--cells", default="0", help="numbers of the cells to time, setting after setting, fold after fold")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_num_interop_threads(1)
    side, clips = read_set(a.target)
    _, source_clips = read_set(a.source)
    labels = sorted({clip["label"] for clip in clips})
    source_labels = sorted({clip["label"] for clip in source_clips})
    target, source = Rows(clips, labels, with_flow=True), Rows(source_clips, source_labels, with_flow=False)
    graphs = [wl.Workload(side=side, p=p, q=q, classes=len(source_labels), seed=i + 1)
              for i, (p, q) in enumerate(GRAPHS)]
    TorchMicro.micro = fastest_micro_batch(graphs[0], source)
    subjects = sorted(set(target.subject))
    settings = [(alpha, gamma, subject) for alpha in a.alphas for gamma in a.gammas for subject in subjects]
    for number in map(int, a.cells.split(",")):
        alpha, gamma, subject = settings[number % len(settings)]
        row = cell(graphs, source, target, alpha, gamma, subject, a.epochs)
        print(json.dumps({"cell": number, "cells": len(settings), "alpha": alpha, "gamma": gamma, "fold": subject,
                          "micro_batch": TorchMicro.micro, "source_rows": len(source.x), "target_rows": len(target.x),
                          **row}), flush=True)


if __name__ == "__main__":
    main()
