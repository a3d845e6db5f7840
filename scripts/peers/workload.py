"""Workload W (Table I, one SGCN, 64 x 64 pixels, batch 32): one precise definition shared by every peer.

Graph (paper Sec. III-B, Algorithm 1), coarsening (mdeff/cnn_graph lib/coarsening.py),
network (paper Table I).  Everything here is numpy/scipy float64 and deterministic:
the only random source is SplitMix64, so another language can reproduce it bit for bit.

Conventions
  node i of a side x side image is row i // side, column i % side, unit pixel spacing
  candidates of i   : j != i with d(i,j)^2 <= T^2, T = 2*sqrt(5), sorted by (d^2, j)
  p nearest         : the first p of that list
  q stochastic      : q draws without replacement from the rest (partial Fisher-Yates)
  sigma             : mean over nodes of the distance to the farthest node of the image
  A                 : a_ij = exp(-d^2/sigma^2) on chosen (i,j); A <- max(A, A^T)
  L                 : I - D^-1/2 A D^-1/2 ; an isolated (fake) node has L_ii = 1
  Lhat              : 2/lmax * L - I, lmax = largest eigenvalue of that level's L
                      (so a fake node has Lhat_ii = 2/lmax - 1, no neighbours)
  level l           : has M[l] = M[8] * 2^(8-l) nodes (real + fake), in coarsening order;
                      pooling by 2^s = max over 2^s consecutive nodes
  perm              : perm[m] = original pixel shown at position m, >= N means fake (input 0)
  cheb weight       : W[k, fin, fout]; cnn_graph's [Fin*K, Fout] row is fin*K + k
  layer             : Y = relu(sum_k T_k(Lhat) X W[k] + b), then max-pool   (b: one per filter)
  head              : flatten [M8, 128] node-major -> FC 512 relu -> dropout 0.5 -> FC 7
  loss              : mean cross entropy over the batch
"""
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl

KS = (9, 9, 6, 6, 4, 4)
DS = (32, 32, 64, 64, 128, 128)
SS = (2, 2, 1, 1, 1, 1)
FC, CLASSES, KEEP = 512, 7, 0.5
LEVELS = sum(SS)
MASK = False                # whether fake nodes are held at zero, as Microfold does; it costs a peer about 4 %
LR, BETA1, BETA2, EPS = 1e-5, 0.9, 0.999, 1e-8     # paper: Adam, lr 1e-5 (decay 1e-6)


class SplitMix64:
    def __init__(self, seed):
        self.s = seed & (2**64 - 1)

    def next(self):
        self.s = (self.s + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return z ^ (z >> 31)

    def below(self, n):                      # multiply-shift, n < 2^32
        return ((self.next() >> 32) * n) >> 32

    def permutation(self, n):
        a = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.below(i + 1)
            a[i], a[j] = a[j], a[i]
        return np.array(a)


def stochastic_graph(side=64, p=8, q=2, T2=20, seed=1):
    n = side * side
    rng = SplitMix64(seed)
    r = int(np.sqrt(T2))
    offs = [(dy, dx) for dy in range(-r, r + 1) for dx in range(-r, r + 1)
            if 0 < dy * dy + dx * dx <= T2]
    far = [max(((y - a)**2 + (x - b)**2) for a in (0, side - 1) for b in (0, side - 1))**0.5
           for y in range(side) for x in range(side)]
    sigma2 = float(np.mean(far))**2
    rows, cols, vals = [], [], []
    for i in range(n):
        y, x = divmod(i, side)
        cand = sorted((dy * dy + dx * dx, (y + dy) * side + x + dx) for dy, dx in offs
                      if 0 <= y + dy < side and 0 <= x + dx < side)
        chosen, rest = cand[:p], cand[p:]
        for t in range(min(q, len(rest))):
            j = t + rng.below(len(rest) - t)
            rest[t], rest[j] = rest[j], rest[t]
            chosen.append(rest[t])
        for d2, j in chosen:
            rows.append(i); cols.append(j); vals.append(np.exp(-d2 / sigma2))
    A = sp.csr_matrix((vals, (rows, cols)), shape=(n, n))
    return A.maximum(A.T).tocsr()


def one_level(W, rid, weight):
    """Graclus greedy matching (normalised cut).  cnn_graph's, minus its row-length off-by-one."""
    n = W.shape[0]
    W.sort_indices()
    ptr, idx, val = W.indptr, W.indices, W.data
    cluster = -np.ones(n, np.int64)
    c = 0
    for t in rid:
        if cluster[t] >= 0:
            continue
        best, wmax = -1, 0.0
        for e in range(ptr[t], ptr[t + 1]):
            j = idx[e]
            if j != t and cluster[j] < 0:
                w = val[e] * (1.0 / weight[t] + 1.0 / weight[j])
                if w > wmax:
                    wmax, best = w, j
        cluster[t] = c
        if best >= 0:
            cluster[best] = c
        c += 1
    return cluster


def coarsen(A, levels=LEVELS, seed=2):
    """-> graphs (permuted adjacency per level, no self loops), perm of level 0."""
    W, graphs, parents = A, [A], []
    rid = SplitMix64(seed).permutation(A.shape[0])
    for _ in range(levels):
        weight = np.asarray(W.sum(axis=0)).ravel()
        par = one_level(W, rid, weight)
        parents.append(par)
        C = W.tocoo()
        W = sp.csr_matrix((C.data, (par[C.row], par[C.col])), shape=(par.max() + 1,) * 2)
        W.sum_duplicates()
        graphs.append(W)
        rid = np.argsort(np.asarray(W.sum(axis=0)).ravel(), kind="stable")
    # binary-tree order, fakes appended
    order = [list(range(graphs[-1].shape[0]))]
    for par in parents[::-1]:
        fake = len(par)
        kids = [[] for _ in range(par.max() + 1)]
        for child, c in enumerate(par):
            kids[c].append(child)
        layer = []
        for i in order[-1]:
            k = list(kids[i]) if i < len(kids) else []
            while len(k) < 2:
                k.append(fake); fake += 1
            layer += k
        order.append(layer)
    order = order[::-1]
    out = []
    for G, o in zip(graphs, order):
        C = G.tocoo()
        keep = C.row != C.col
        inv = np.argsort(np.array(o))
        out.append(sp.csr_matrix((C.data[keep], (inv[C.row[keep]], inv[C.col[keep]])),
                                 shape=(len(o),) * 2))
    return out, np.array(order[0])


def laplacian(A):
    d = np.asarray(A.sum(axis=0)).ravel()
    s = np.where(d > 0, 1.0 / np.sqrt(np.where(d > 0, d, 1)), 0.0)
    L = sp.identity(A.shape[0], format="csr") - sp.diags(s) @ A @ sp.diags(s)
    return sp.csr_matrix(L)


def rescale(L):
    n = L.shape[0]
    if n <= 400:
        lmax = float(np.linalg.eigvalsh(L.toarray())[-1])
    else:
        lmax = float(spl.eigsh(L, k=1, which="LM", v0=np.ones(n), tol=1e-10,
                               return_eigenvectors=False)[0])
    R = sp.csr_matrix(L * (2.0 / lmax) - sp.identity(n, format="csr"))
    R.sort_indices()
    return R, lmax


class Workload:
    """side=64 is W.  side=8 is the golden miniature (levels still 8 -> tiny coarse graphs)."""

    def __init__(self, side=64, p=8, q=2, ks=KS, ds=DS, ss=SS, fc=FC, classes=CLASSES, seed=1):
        self.side, self.ks, self.ds, self.ss, self.fc, self.classes = side, ks, ds, ss, fc, classes
        self.A = stochastic_graph(side, p, q, seed=seed)
        self.graphs, self.perm = coarsen(self.A, sum(ss), seed=seed + 1)
        self.M = [g.shape[0] for g in self.graphs]
        self.level = [sum(ss[:i]) for i in range(len(ss))]     # graph level of layer i
        self.lap, self.lmax = [], []
        for g in self.graphs:
            R, lm = rescale(laplacian(g))
            self.lap.append(R); self.lmax.append(lm)
        self.L = [self.lap[l] for l in self.level]             # one Lhat per layer
        self.fins = (1,) + tuple(ds[:-1])
        self.flat = self.M[-1] * ds[-1]
        self.real = [int((np.diff(g.indptr) > 0).sum()) for g in self.graphs]
        self.fake = [np.diff(self.graphs[l].indptr) == 0 for l in self.level]       # per layer, used with --mask

    def shapes(self):
        s = []
        for k, fi, fo in zip(self.ks, self.fins, self.ds):
            s += [(k, fi, fo), (fo,)]
        return s + [(self.flat, self.fc), (self.fc,), (self.fc, self.classes), (self.classes,)]

    def params(self, seed=3):
        """Glorot-like deterministic float64 weights, biases 0.01."""
        out = []
        rng = np.random.default_rng(seed)
        for s in self.shapes():
            if len(s) == 1:
                out.append(np.full(s, 0.01))
            else:
                fan = int(np.prod(s[:-1]))
                out.append(rng.standard_normal(s) * (2.0 / fan)**0.5 * (0.6 if len(s) == 3 else 1))
        return out

    def permute(self, img):
        """[B, N] pixels -> [B, M0] coarsening order, fakes 0."""
        x = np.zeros((img.shape[0], self.M[0]), img.dtype)
        ok = self.perm < img.shape[1]
        x[:, ok] = img[:, self.perm[ok]]
        return x

    def batch(self, B, seed=5, dtype=np.float32):
        rng = np.random.default_rng(seed)
        img = rng.standard_normal((B, self.side**2)).astype(dtype)
        y = rng.integers(0, self.classes, B)
        return self.permute(img), y
