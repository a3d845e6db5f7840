"""The reference: float64 numpy and scipy, forward, explicit backward, Adam. Slow and plain on purpose."""
import numpy as np

import workload as wl


def cheb_basis(L, X, K):
    """X [B, M, F] -> T [K, B, M, F]"""
    B, M, F = X.shape
    def mul(x):
        return (L @ x.transpose(1, 0, 2).reshape(M, B * F)).reshape(M, B, F).transpose(1, 0, 2)
    T = [X]
    if K > 1:
        T.append(mul(X))
    for k in range(2, K):
        T.append(2 * mul(T[-1]) - T[-2])
    return np.stack(T)


def forward(w, P, x, y, mask):
    """-> loss, cache.  x [B, M0]; mask [B, fc] already scaled (0 or 1/keep), or None."""
    h, cache = x[:, :, None].astype(P[0].dtype), []
    for i, K in enumerate(w.ks):
        T = cheb_basis(w.L[i], h, K)
        z = np.einsum("kbmf,kfo->bmo", T, P[2 * i], optimize=True) + P[2 * i + 1]
        if wl.MASK:
            z[:, w.fake[i]] = -1                                    # ReLU makes it 0; no gradient
        a = np.maximum(z, 0)
        B, M, F = a.shape
        g = a.reshape(B, M >> w.ss[i], 1 << w.ss[i], F)
        arg = g.argmax(axis=2)                                  # first maximum wins
        out = np.take_along_axis(g, arg[:, :, None], 2)[:, :, 0]
        cache.append((T, z, arg))
        h = out
    f = h.reshape(h.shape[0], -1)
    z1 = f @ P[-4] + P[-3]
    a1 = np.maximum(z1, 0)
    d1 = a1 if mask is None else a1 * mask
    logit = d1 @ P[-2] + P[-1]
    m = logit.max(axis=1, keepdims=True)
    logp = logit - m - np.log(np.exp(logit - m).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(len(y)), y].mean()
    return loss, dict(layers=cache, f=f, z1=z1, d1=d1, logit=logit, logp=logp, mask=mask, pooled=h)


def backward(w, P, x, y, c):
    B = len(y)
    G = [None] * len(P)
    dl = np.exp(c["logp"]); dl[np.arange(B), y] -= 1; dl /= B
    G[-2], G[-1] = c["d1"].T @ dl, dl.sum(0)
    da = dl @ P[-2].T
    if c["mask"] is not None:
        da = da * c["mask"]
    dz = da * (c["z1"] > 0)
    G[-4], G[-3] = c["f"].T @ dz, dz.sum(0)
    dh = (dz @ P[-4].T).reshape(c["pooled"].shape)
    for i in reversed(range(len(w.ks))):
        T, z, arg = c["layers"][i]
        K, W = w.ks[i], P[2 * i]
        _, M, F = z.shape
        dg = np.zeros((B, M >> w.ss[i], 1 << w.ss[i], F), dh.dtype)
        np.put_along_axis(dg, arg[:, :, None], dh[:, :, None], 2)
        dz = dg.reshape(B, M, F) * (z > 0)
        G[2 * i] = np.einsum("kbmf,bmo->kfo", T, dz, optimize=True)
        G[2 * i + 1] = dz.sum((0, 1))
        if i:
            # dX = sum_k T_k(L) dz W_k^T   (L symmetric)
            U = cheb_basis(w.L[i], dz, K)
            dh = np.einsum("kbmo,kfo->bmf", U, W, optimize=True)
    return G


def adam(P, G, m, v, t, lr=wl.LR):
    for i in range(len(P)):
        m[i] = wl.BETA1 * m[i] + (1 - wl.BETA1) * G[i]
        v[i] = wl.BETA2 * v[i] + (1 - wl.BETA2) * G[i]**2
        P[i] = P[i] - lr * (m[i] / (1 - wl.BETA1**t)) / (np.sqrt(v[i] / (1 - wl.BETA2**t)) + wl.EPS)


class Numpy:
    dtype = np.float64

    def __init__(self, w, P):
        self.w = w
        self.P = [p.astype(self.dtype) for p in P]
        self.m = [np.zeros_like(p) for p in self.P]
        self.v = [np.zeros_like(p) for p in self.P]
        self.t, self.rng = 0, np.random.default_rng(0)

    def train(self, x, y):
        mask = (self.rng.random((len(y), self.w.fc)) < wl.KEEP) / wl.KEEP
        loss, c = forward(self.w, self.P, x, y, mask)
        G = backward(self.w, self.P, x, y, c)
        self.t += 1
        adam(self.P, G, self.m, self.v, self.t)
        return loss

    def forward(self, x):
        return forward(self.w, self.P, x, np.zeros(len(x), int), None)[1]["logit"]

    def grads(self, x, y):
        loss, c = forward(self.w, self.P, x, y, None)
        return loss, backward(self.w, self.P, x, y, c)
