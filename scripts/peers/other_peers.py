"""torch_geometric, TensorFlow and JAX for workload W; each peer has the methods of torch_peers.py."""
import numpy as np

import workload as wl


class PyG:
    """torch_geometric.nn.ChebConv as shipped, static graph, x [B, M, F], lambda_max given."""
    def __init__(self, w, P):
        import torch, torch_geometric.nn as gnn
        self.torch, self.w = torch, w
        t = torch
        self.edge = []
        self.convs = []
        for i, lev in enumerate(w.level):
            C = w.graphs[lev].tocoo()
            self.edge.append((t.tensor(np.stack([C.row, C.col])), t.tensor(C.data, dtype=t.float32),
                              t.tensor(w.lmax[lev], dtype=t.float32)))
            c = gnn.ChebConv(w.fins[i], w.ds[i], w.ks[i], normalization="sym")
            for k in range(w.ks[i]):
                c.lins[k].weight.data = t.tensor(P[2 * i][k].T.copy(), dtype=t.float32)
            c.bias.data = t.tensor(P[2 * i + 1], dtype=t.float32)
            self.convs.append(c)
        self.f1 = t.nn.Linear(w.flat, w.fc)
        self.f2 = t.nn.Linear(w.fc, w.classes)
        for l, a, b in ((self.f1, P[-4], P[-3]), (self.f2, P[-2], P[-1])):
            l.weight.data = t.tensor(a.T.copy(), dtype=t.float32)
            l.bias.data = t.tensor(b, dtype=t.float32)
        ps = [p for m in self.convs + [self.f1, self.f2] for p in m.parameters()]
        self.opt = t.optim.Adam(ps, lr=wl.LR)

    def net(self, x, drop):
        F = self.torch.nn.functional
        h = x.unsqueeze(2)
        for i, c in enumerate(self.convs):
            e, v, lm = self.edge[i]
            h = F.relu(c(h, e, v, lambda_max=lm))
            if wl.MASK:
                h = h.masked_fill(self.torch.from_numpy(self.w.fake[i])[None, :, None], 0)
            p = 1 << self.w.ss[i]
            h = h.view(h.shape[0], -1, p, h.shape[2]).amax(2)
        a = F.relu(self.f1(h.flatten(1)))
        return self.f2(F.dropout(a, 1 - wl.KEEP, drop))

    def train(self, x, y):
        t = self.torch
        l = t.nn.functional.cross_entropy(self.net(t.from_numpy(x), True), t.from_numpy(y))
        self.opt.zero_grad(set_to_none=True)
        l.backward()
        self.opt.step()
        return float(l.detach())

    def forward(self, x):
        with self.torch.inference_mode():
            return self.net(self.torch.from_numpy(x), False).numpy()

    def grads(self, x, y):
        t = self.torch
        l = t.nn.functional.cross_entropy(self.net(t.from_numpy(x), False), t.from_numpy(y))
        l.backward()
        G = []
        for c in self.convs:
            G += [np.stack([q.weight.grad.numpy().T for q in c.lins]), c.bias.grad.numpy()]
        for f in (self.f1, self.f2):
            G += [f.weight.grad.numpy().T, f.bias.grad.numpy()]
        return float(l.detach()), G


class TF:
    """TensorFlow as the code lineage of the paper uses it (cnn_graph, chebyshev5); not the best that TensorFlow can."""

    def __init__(self, w, P):
        import tensorflow as tf
        self.tf, self.w = tf, w
        self.P = [tf.Variable(p.astype(np.float32)) for p in P]
        self.L = []
        for L in w.L:
            C = L.tocoo()
            self.L.append(tf.sparse.reorder(tf.SparseTensor(
                np.column_stack((C.row, C.col)).astype(np.int64), C.data.astype(np.float32), C.shape)))
        self.m = [tf.Variable(tf.zeros_like(p)) for p in self.P]
        self.v = [tf.Variable(tf.zeros_like(p)) for p in self.P]
        self.t = tf.Variable(0.0)
        self.step = tf.function(self._step)
        self.infer = tf.function(lambda x: self.net(x, False))
        self.gr = tf.function(self._grads)

    def cheb(self, i, x):                       # x [N, M, Fin], as in cnn_graph chebyshev5
        tf = self.tf
        L, K, W = self.L[i], self.w.ks[i], self.P[2 * i]
        N, M, Fin = x.shape
        x0 = tf.reshape(tf.transpose(x, [1, 2, 0]), [M, Fin * N])
        T = [x0, tf.sparse.sparse_dense_matmul(L, x0)]
        for _ in range(2, K):
            T.append(2 * tf.sparse.sparse_dense_matmul(L, T[-1]) - T[-2])
        x = tf.reshape(tf.stack(T), [K, M, Fin, N])
        x = tf.reshape(tf.transpose(x, [3, 1, 2, 0]), [N * M, Fin * K])
        Wr = tf.reshape(tf.transpose(W, [1, 0, 2]), [Fin * K, -1])     # cnn_graph order fin*K + k
        return tf.reshape(tf.matmul(x, Wr), [N, M, -1])

    def net(self, x, drop):
        tf = self.tf
        h = tf.expand_dims(x, 2)
        for i, s in enumerate(self.w.ss):
            h = tf.nn.relu(self.cheb(i, h) + self.P[2 * i + 1])
            if wl.MASK:
                h = h * tf.constant(~self.w.fake[i], tf.float32)[None, :, None]
            p = 1 << s
            h = tf.squeeze(tf.nn.max_pool(tf.expand_dims(h, 3), [1, p, 1, 1], [1, p, 1, 1], "SAME"), 3)
        a = tf.nn.relu(tf.reshape(h, [h.shape[0], -1]) @ self.P[-4] + self.P[-3])
        if drop:
            a = tf.nn.dropout(a, 1 - wl.KEEP)
        return a @ self.P[-2] + self.P[-1]

    def _grads(self, x, y, drop=False):
        tf = self.tf
        with tf.GradientTape() as tape:
            l = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, self.net(x, drop)))
        return l, tape.gradient(l, self.P)

    def _step(self, x, y):
        tf = self.tf
        l, G = self._grads(x, y, True)
        self.t.assign_add(1.0)
        lr = wl.LR * tf.sqrt(1 - wl.BETA2**self.t) / (1 - wl.BETA1**self.t)
        for p, g, m, v in zip(self.P, G, self.m, self.v):
            tf.raw_ops.ResourceApplyAdam(var=p.handle, m=m.handle, v=v.handle, beta1_power=wl.BETA1**self.t,
                                         beta2_power=wl.BETA2**self.t, lr=wl.LR, beta1=wl.BETA1,
                                         beta2=wl.BETA2, epsilon=wl.EPS, grad=g)
        return l

    def train(self, x, y):
        return float(self.step(x, y))

    def forward(self, x):
        return self.infer(x).numpy()

    def grads(self, x, y):
        l, G = self.gr(x, y)
        return float(l), [g.numpy() for g in G]


class JaxBCOO:
    """JAX with its sparse matrices."""

    def __init__(self, w, P):
        import jax, jax.numpy as jnp
        self.jax, self.jnp, self.w = jax, jnp, w
        self.P = [jnp.asarray(p, jnp.float32) for p in P]
        self.m = [jnp.zeros_like(p) for p in self.P]
        self.v = [jnp.zeros_like(p) for p in self.P]
        self.t, self.key = 0, jax.random.PRNGKey(0)
        self.mul = [self.make_mul(L) for L in w.L]
        self._grad = jax.jit(jax.value_and_grad(self.loss, argnums=0), static_argnums=(4,))
        self._step = jax.jit(self.step, donate_argnums=(0, 1, 2))
        self._fwd = jax.jit(lambda P, x: self.net(P, x, None, False))

    def make_mul(self, L):
        jax, jnp = self.jax, self.jnp
        from jax.experimental import sparse
        C = L.tocoo()
        S = sparse.BCOO((jnp.asarray(C.data, jnp.float32),
                         jnp.asarray(np.column_stack((C.row, C.col)), jnp.int32)), shape=L.shape,
                        indices_sorted=True, unique_indices=True)
        g = jax.custom_vjp(lambda x: S @ x)      # symmetric
        g.defvjp(lambda x: (S @ x, None), lambda _, c: (S @ c,))
        return g

    def net(self, P, x, key, drop):
        jax, jnp, w = self.jax, self.jnp, self.w
        B = x.shape[0]
        h = x.T[:, :, None]
        for i, K in enumerate(w.ks):
            M, _, F = h.shape
            T = [h.reshape(M, B * F)]
            T.append(self.mul[i](T[0]))
            for _ in range(2, K):
                T.append(2 * self.mul[i](T[-1]) - T[-2])
            T = jnp.stack([a.reshape(M * B, F) for a in T], 1).reshape(M * B, K * F)
            z = (T @ P[2 * i].reshape(K * F, -1)).reshape(M, B, -1)
            if wl.MASK:
                z = jnp.where(w.fake[i][:, None, None], -1e30, z)
            g = z.reshape(M >> w.ss[i], 1 << w.ss[i], B, -1)
            while g.shape[1] > 1:
                g = jnp.maximum(g[:, 0::2], g[:, 1::2])
            h = jax.nn.relu(g[:, 0] + P[2 * i + 1])
        a = jax.nn.relu(h.transpose(1, 0, 2).reshape(B, -1) @ P[-4] + P[-3])
        if drop:
            a = jnp.where(jax.random.bernoulli(key, wl.KEEP, a.shape), a / wl.KEEP, 0)
        return a @ P[-2] + P[-1]

    def loss(self, P, x, y, key, drop):
        l = self.jax.nn.log_softmax(self.net(P, x, key, drop))
        return -l[self.jnp.arange(len(y)), y].mean()

    def step(self, P, m, v, t, x, y, key):
        jnp = self.jnp
        l, G = self.jax.value_and_grad(self.loss)(P, x, y, key, True)
        m = [wl.BETA1 * a + (1 - wl.BETA1) * g for a, g in zip(m, G)]
        v = [wl.BETA2 * a + (1 - wl.BETA2) * g * g for a, g in zip(v, G)]
        P = [p - wl.LR * (a / (1 - wl.BETA1**t)) / (jnp.sqrt(b / (1 - wl.BETA2**t)) + wl.EPS)
             for p, a, b in zip(P, m, v)]
        return P, m, v, l

    def train(self, x, y):
        self.t += 1
        self.key, k = self.jax.random.split(self.key)
        self.P, self.m, self.v, l = self._step(self.P, self.m, self.v, float(self.t), x, y, k)
        return float(l)

    def forward(self, x):
        return np.asarray(self._fwd(self.P, x))

    def grads(self, x, y):
        l, G = self._grad(self.P, x, y, self.key, False)
        return float(l), [np.asarray(g) for g in G]
