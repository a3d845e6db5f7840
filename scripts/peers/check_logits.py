"""Computes a checkpoint's scores of a prepared set in float64 PyTorch, from the two files alone, and compares them with
what microfold predict says; scripts/check-logits starts it."""
import json
import os
import subprocess
import sys

import numpy as np
import torch
from safetensors import safe_open


def read_set(path):
    """-> header of a prepared set (Sources/Clips/Set/SetFormat.swift) and for each clip its grey frames and flows."""
    data = open(path, "rb").read()
    if data[:8] != b"MICROSET":
        sys.exit(f"check-logits: {path} is not a prepared set; make one with microfold prepare")
    size = int.from_bytes(data[16:24], "little")
    header, at = json.loads(data[32:32 + size]), -(-(32 + size) // 64) * 64
    side, images = header["side"], []
    for clip in header["clips"]:
        parts = []
        for kind, count in (("u1", len(clip["frames"])), ("<f4", 3 * len(clip["flows"]))):
            plane = np.frombuffer(data, kind, count * side * side, at).reshape(count, side, side)
            at += -(-plane.nbytes // 64) * 64
            parts.append(plane.astype(np.float64))
        images.append((parts[0] / 255, parts[1].reshape(-1, 3, side, side)))
    return header, images


def chosen(frames, limit):
    """Places of the frames that a clip gives: apex, onset and offset first, the others evenly."""
    if limit == 0 or len(frames) <= limit:
        return list(range(len(frames)))
    roles = [role for _, role in frames]
    always = [roles.index(role) for role in ("apex", "onset", "offset") if role in roles][:limit]
    others, wanted = [i for i in range(len(frames)) if i not in always], limit - len(always)
    return sorted(always + [others[(2 * i + 1) * len(others) // (2 * wanted)] for i in range(wanted)])


def rows_of(clip, grey, flow, branch, rows):
    """-> [(channel numbers, planes)] of one branch; channels: 0 grey, 1 u, 2 v, 3 strain, 4 magnitude."""
    limit = rows["frames"]
    places = chosen(clip["frames"], limit[branch] if isinstance(limit, dict) else limit)
    if branch == "spatial":
        return [([0], grey[i:i + 1]) for i in places]
    numbers = [clip["frames"][i][0] for i in places]
    take = [i for i, (_, to, back) in enumerate(clip["flows"]) if not back and (not clip["frames"] or to in numbers)]
    take += [i for i, (_, _, back) in enumerate(clip["flows"]) if back and rows["return_row"]]
    if rows["channels"] == "magnitude":
        return [([4], np.hypot(flow[i, 0], flow[i, 1])[None]) for i in take]
    groups = [[1, 2, 3]] if rows["channels"] == "features" else [[1], [2], [3]]
    return [(g, flow[i, np.array(g) - 1]) for i in take for g in groups]


def network_input(channels, planes, mirrored, recipe, mode):
    """A row as the network sees it: mirrored (u changes its sign), normalised by `mode`; [pixels, inputs]."""
    x, out = planes[..., ::-1] if mirrored else planes, []
    for channel, plane in zip(channels, x):
        plane = -plane if mirrored and channel == 1 else plane
        if mode == "image":
            plane = (plane - plane.mean()) / (plane.std() + 1e-3)
        elif mode == "training":
            statistics = recipe["statistics"]
            plane = (plane - statistics["mean"][channel]) / (statistics["deviation"][channel] + 1e-3)
        out.append(plane.reshape(-1))
    return torch.tensor(np.stack(out, 1))


class Network:
    """The dual or single SGCN of a checkpoint: Chebyshev terms by the recursion, ReLU, max pooling, dense, head."""

    def __init__(self, tensors, recipe):
        self.t, self.recipe = tensors, recipe
        self.graphs = range(1, len(self.recipe["graphs"]) + 1)

    def laplacian(self, graph, level):
        t = {key: self.t[f"graph{graph}.level{level}.{key}"] for key in ("entries", "column", "value")}
        row = torch.repeat_interleave(torch.arange(len(t["entries"])), t["entries"].long())
        shape = (len(t["entries"]),) * 2
        return torch.sparse_coo_tensor(torch.stack([row, t["column"].long()]), t["value"], shape, check_invariants=True)

    def convolutions(self, graph, x):
        """[pixels, rows, inputs] -> [rows, flattened pooled output of the last convolution]."""
        level, x = 0, x[self.t[f"graph{graph}.level0.order"].long()]
        for number, layer in enumerate(self.recipe["network"]["layers"]):
            w, b = (self.t[f"sgcn{graph}.conv{number}.{part}"] for part in ("weight", "bias"))
            l = self.laplacian(graph, level)
            def times(x):
                return (l @ x.reshape(len(x), -1)).reshape(x.shape)
            terms = [x, times(x)]
            while len(terms) < len(w):
                terms.append(2 * times(terms[-1]) - terms[-2])
            x = torch.relu(sum(term @ w[k] for k, term in enumerate(terms[:len(w)])) + b)
            for _ in range(layer["coarsenings"]):
                sizes = self.t[f"graph{graph}.step{level}.children"].long()
                parent = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
                x = torch.zeros(len(sizes), *x.shape[1:], dtype=x.dtype).index_reduce(0, parent, x, "amax")
                level += 1
        return x.transpose(0, 1).reshape(x.shape[1], -1)

    def dense(self, number, x):
        name = f"sgcn{number}.dense"
        return torch.relu(x @ self.t[f"{name}.weight"] + self.t[f"{name}.bias"]) if f"{name}.weight" in self.t else x

    def logits(self, features):
        if "head.dense.weight" in self.t:
            features = torch.relu(features @ self.t["head.dense.weight"] + self.t["head.dense.bias"])
        return features @ self.t["head.weight"] + self.t["head.bias"]

    def scores(self, clip, grey, flow):
        """Mean log-probability of each label over a clip's rows and their mirrors; or what a closed-form head says."""
        recipe, answers, pictures = self.recipe, [], []
        head, mode = recipe.get("head"), recipe["rows"]["normalisation"]
        for mirrored in [False, True][:1 + recipe["rows"]["mirror"]]:
            branches = []
            for branch in recipe["rows"]["branches"]:
                rows = rows_of(clip, grey, flow, branch, recipe["rows"])
                x = torch.stack([network_input(*row, mirrored, recipe, mode) for row in rows], 1)
                pictures += [network_input(*row, mirrored, recipe, "image").T.reshape(-1) for row in rows]
                branches.append([self.convolutions(g, x) for g in self.graphs])
            if recipe["fusion"] == "rows" or recipe["transfer"] in ("scratch", "finetune"):
                answers += [torch.cat([self.dense(g, y[g - 1]) for g in self.graphs], 1) for y in branches]
                continue
            parts = []  # one row a clip: the mean of each branch, before its own dense layers or after the source's
            for place, ys in enumerate(branches):
                for g in self.graphs:
                    frozen = recipe["transfer"] == "frozen"
                    parts.append(self.dense(place * len(self.graphs) + g, ys[g - 1].mean(0)) if frozen
                                 else self.dense(g, ys[g - 1]).mean(0))
            answers.append(torch.cat(parts)[None])
        features = torch.cat(answers)
        if not head:
            return torch.log_softmax(self.logits(features), 1).mean(0)
        value = features @ self.t["ridge.features.weight"] + self.t["ridge.bias"]
        if head["input"]:
            value = value + torch.stack(pictures) @ self.t["ridge.input.weight"]
        return torch.log_softmax(self.t["ridge.factor"] * value.mean(0), 0)


class Ridge:
    """The ridge of an average: on the mean of each standardised image and its mirror, by its primal weights."""

    def __init__(self, tensors, recipe):
        self.images = recipe["images"]
        self.w, self.b = (tensors[name] + tensors[f"{name}_rest"] for name in ("weight", "bias"))
        self.factor = tensors["factor"]

    def pictures(self, clip, grey, flow):
        """-> [channels, side, side] of each image, mirrored or not, before it is standardised."""
        frames, roles = clip["frames"], [role for _, role in clip["frames"]]
        if self.images == "frame":
            return [grey[roles.index("apex") if "apex" in roles else 0][None]]
        if self.images == "difference":
            return [(grey[roles.index("apex")], grey[roles.index("onset")])]
        apex = [number for number, role in frames if role == "apex"]
        ahead = [i for i, (start, to, back) in enumerate(clip["flows"]) if not back and (
            not frames or start == frames[0][0] and (not apex or to == apex[0]))]
        return [flow[i] for i in ahead[:1] + [i for i, (_, _, back) in enumerate(clip["flows"]) if back]]

    def scores(self, clip, grey, flow):
        value, pictures = 0, self.pictures(clip, grey, flow)
        for picture in pictures:
            sides = []
            for mirrored in (False, True):
                planes = picture[0][None] - picture[1][None] if isinstance(picture, tuple) else picture
                planes = planes[..., ::-1] if mirrored else planes
                if self.images == "flow" and mirrored:
                    planes = planes * np.array([-1, 1, 1])[:, None, None]
                sides.append(np.stack([((p - p.mean()) / (p.std() + 1e-3)).reshape(-1) for p in planes]).reshape(-1))
            value = value + torch.tensor(sum(sides) / 2) @ self.w + self.b
        return torch.log_softmax(self.factor * value / len(pictures), 0)


class Average:
    """The mean over networks, then of that and the ridge's."""

    def __init__(self, tensors, recipe):
        def part(prefix):
            return {name[len(prefix):]: t for name, t in tensors.items() if name.startswith(prefix)}
        self.recipe = recipe
        self.networks = [Network(part(f"net{i + 1}."), one) for i, one in enumerate(recipe["networks"])]
        self.ridge = Ridge(part("ridge."), recipe["ridge"]) if recipe["ridge"] else None

    def scores(self, *clip):
        means = [sum(one.scores(*clip) for one in self.networks) / len(self.networks)] if self.networks else []
        means += [self.ridge.scores(*clip)] if self.ridge else []
        return sum(means) / len(means)


def read_checkpoint(path):
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name).double() for name in file.keys()}
        recipe = json.loads(file.metadata()["recipe"])
    return (Average if recipe.get("kind") == "average" else Network)(tensors, recipe)


def main(checkpoint, path, limit=1e-4):
    command = [os.environ.get("MICROFOLD", "microfold"), "predict", checkpoint, path, "--json"]
    said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    network, (header, images) = read_checkpoint(checkpoint), read_set(path)
    largest = 0.0
    for clip, (grey, flow), answer in zip(header["clips"], images, said["clips"], strict=True):
        if not answer["clip"].endswith(f":{clip['subject']}/{clip['name']}"):
            sys.exit(f"check-logits: microfold speaks of {answer['clip']}, not of {clip['subject']}/{clip['name']}")
        mine = network.scores(clip, grey, flow)
        theirs = torch.tensor([answer["scores"][label] for label in network.recipe["labels"]], dtype=torch.float64)
        largest = max(largest, float((mine - theirs).abs().max()))
    print(f"{checkpoint}: {len(images)} clips, largest difference of a score {largest:.2e} (limit {limit:.0e})")
    return largest > limit or largest != largest


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/check-logits CHECKPOINT SET")
    torch.set_grad_enabled(False)
    sys.exit(main(*sys.argv[1:]))
