"""PyTorch for workload W, from what a careful user writes to the best that we could.

Each peer: __init__(w, P), train(x, y) -> loss (one Adam step, dropout on), forward(x) -> logits (inference),
grads(x, y) -> (loss, list of gradients) with dropout off. Activations are node-major, [M, B, F].
"""
import numpy as np

import workload as wl


class TorchBase:
    """Subclasses give setup() and conv(i, h) -> pre-activation [M, B, Fout]."""

    def __init__(self, w, P):
        import torch
        self.torch, self.w = torch, w
        self.P = [torch.tensor(p, dtype=torch.float32, requires_grad=True) for p in P]
        self.opt = torch.optim.Adam(self.P, lr=wl.LR, fused=True)
        self.setup()

    def features(self, x):
        """The output of the dense layer, [B, fc]."""
        t, F = self.torch, self.torch.nn.functional
        B = x.shape[0]
        h = x.t().contiguous().unsqueeze(2)
        for i in range(len(self.w.ks)):
            z = self.conv(i, h)
            if wl.MASK:
                z = z.masked_fill(t.from_numpy(self.w.fake[i])[:, None, None], -1e30)
            s = self.w.ss[i]
            h = F.relu(self.pool(z, s) + self.P[2 * i + 1])     # max(relu(z+b)) == relu(max(z)+b)
        f = h.transpose(0, 1).reshape(B, -1)
        return F.relu(t.addmm(self.P[-3], f, self.P[-4]))

    def net(self, x, drop):
        t = self.torch
        a = t.nn.functional.dropout(self.features(x), 1 - wl.KEEP, drop)
        return t.addmm(self.P[-1], a, self.P[-2])

    def pool(self, z, s):
        M, B, F = z.shape
        g = z.view(M >> s, 1 << s, B, F)
        while g.shape[1] > 1:                                   # pairwise maxima, cheap backward
            g = self.torch.maximum(g[:, 0::2], g[:, 1::2])
        return g[:, 0]

    def loss(self, x, y, drop):
        return self.torch.nn.functional.cross_entropy(self.net(x, drop), y)

    def train(self, x, y):
        t = self.torch
        l = self.loss(t.from_numpy(x), t.from_numpy(y), True)
        self.opt.zero_grad(set_to_none=True)
        l.backward()
        self.opt.step()
        return float(l.detach())

    def forward(self, x):
        with self.torch.inference_mode():
            return self.net(self.torch.from_numpy(x), False).numpy()

    def grads(self, x, y):
        t = self.torch
        l = self.loss(t.from_numpy(x), t.from_numpy(y), False)
        G = t.autograd.grad(l, self.P)
        return float(l.detach()), [g.numpy() for g in G]


def torch_csr(torch, L):
    return torch.sparse_csr_tensor(torch.from_numpy(L.indptr.astype(np.int32)),
                                   torch.from_numpy(L.indices.astype(np.int32)),
                                   torch.from_numpy(L.data.astype(np.float32)), size=L.shape)


class TorchCSR(TorchBase):
    """What a careful user writes: torch.sparse CSR mm under autograd, basis concatenated, one GEMM."""
    def setup(self):
        self.L = [torch_csr(self.torch, L) for L in self.w.L]

    def conv(self, i, h):
        t = self.torch
        M, B, F = h.shape
        L, x0 = self.L[i], h.reshape(M, B * F)
        T = [x0, L @ x0]
        for _ in range(2, self.w.ks[i]):
            T.append(2 * (L @ T[-1]) - T[-2])
        T = t.stack([a.view(M * B, F) for a in T], 1).view(M * B, -1)
        return (T @ self.P[2 * i].view(-1, self.w.ds[i])).view(M, B, -1)


class TorchFused(TorchBase):
    """Best effort: one autograd.Function per convolution, in-place CSR addmm recurrence (MKL),
    basis kept as [M*B, K*F]; backward = one dW product, then adjoint (Clenshaw) recurrence on dY W^T."""

    def setup(self):
        t = self.torch
        self.L = [torch_csr(t, L) for L in self.w.L]

        class Cheb(t.autograd.Function):
            @staticmethod
            def forward(ctx, h, W, L):
                M, B, F = h.shape
                K, _, O = W.shape
                T = [h.reshape(M, B * F)]
                T.append(t.mm(L, T[0]))
                for k in range(2, K):
                    T.append(t.addmm(T[k - 2], L, T[k - 1], beta=-1, alpha=2))
                T = t.cat([a.view(M * B, F) for a in T], 1)
                y = T @ W.reshape(K * F, O)
                ctx.save_for_backward(T, W)
                ctx.L, ctx.shape = L, (M, B, F)
                return y.view(M, B, O)

            @staticmethod
            def backward(ctx, g):
                M, B, F = ctx.shape
                L = ctx.L
                T, W = ctx.saved_tensors
                K, _, O = W.shape
                g = g.reshape(M * B, O)
                dW = (T.t() @ g).view(K, F, O)
                if not ctx.needs_input_grad[0]:
                    return None, dW, None
                C = [(g @ W[k].t()).view(M, B * F) for k in range(K)]
                b2, b1 = None, C[K - 1]                         # Clenshaw: b_k = c_k + 2 L b_{k+1} - b_{k+2}
                for k in range(K - 2, 0, -1):
                    a = C[k] if b2 is None else C[k].sub_(b2)
                    b2, b1 = b1, t.addmm(a, L, b1, beta=1, alpha=2)
                a = C[0] if b2 is None else C[0].sub_(b2)
                return t.addmm(a, L, b1).view(M, B, F), dW, None
        self.Cheb = Cheb

    def conv(self, i, h):
        return self.Cheb.apply(h, self.P[2 * i], self.L[i])


class TorchMicro(TorchFused):
    """TorchFused with gradient accumulation over micro-batches of 8 (working set nearer L2/L3)."""
    micro = 8

    def train(self, x, y):
        t = self.torch
        x, y = t.from_numpy(x), t.from_numpy(y)
        self.opt.zero_grad(set_to_none=True)
        total = 0.0
        for a, b in zip(x.split(self.micro), y.split(self.micro)):
            l = self.loss(a, b, True) * (len(b) / len(y))
            l.backward()
            total += float(l.detach())
        self.opt.step()
        return total

    def forward(self, x):
        return np.concatenate([TorchFused.forward(self, a) for a in np.split(x, range(self.micro, len(x), self.micro))])
