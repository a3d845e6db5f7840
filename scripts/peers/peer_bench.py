#!/usr/bin/env python3
"""One peer on workload W (Table I, one SGCN, 64 x 64 pixels, batch 32): one JSON line, images/s and peak memory.

  python peer_bench.py --impl torch_micro --threads 2    median, slowest and fastest step of training and of forward
  python peer_bench.py --impl torch_micro --check        loss and all gradients against float64 numpy

Needs what requirements.txt names; a CPU-only wheel of torch is enough. workload.py defines W, its random numbers
included. Seconds to a minute for each peer. scripts/compare-peers runs them all beside Microfold.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

PEERS = {
    "numpy64": ("numpy_peer", "Numpy"), "torch_csr": ("torch_peers", "TorchCSR"),
    "torch_fused": ("torch_peers", "TorchFused"), "torch_micro": ("torch_peers", "TorchMicro"),
    "pyg": ("other_peers", "PyG"), "tf": ("other_peers", "TF"), "jax_bcoo": ("other_peers", "JaxBCOO"),
}
# glibc keeps big buffers mapped: +9 to +27 % for torch_csr and torch_micro, about 0 for torch_fused.
MALLOC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": "67108864"}


def options():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--impl", default="torch_micro", choices=sorted(PEERS))
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--steps", type=int, default=10)
    ap.add_argument("--warm", type=int, default=2)
    ap.add_argument("--mask", action="store_true", help="hold fake nodes at zero, as Microfold does")
    ap.add_argument("--check", action="store_true", help="compare loss and gradients with float64 numpy, batch 4")
    ap.add_argument("--tiny", action="store_true", help="16 x 16 pixels: shows that the peer runs, and nothing else")
    return ap.parse_args()


def prepare_process(threads):
    """Sets what libraries read when they are loaded, and starts the process again with it."""
    wanted = {**MALLOC, "OPENBLAS_NUM_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable] + sys.argv)


def limit_threads(impl, threads):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-threads:])
    if impl.startswith(("torch", "pyg")):
        import torch
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
    elif impl == "tf":
        import tensorflow as tf
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def peer(impl, w, P):
    module, name = PEERS[impl]
    return getattr(__import__(module), name)(w, P)


def check(impl, w, P):
    import numpy as np
    x, y = w.batch(4, seed=6)      # some seeds sit on a tie of ReLU or maximum in float32: error about 1e-2
    loss64, wanted = peer("numpy64", w, P).grads(x.astype(np.float64), y)
    loss, found = peer(impl, w, P).grads(x, y)
    error = max(float(np.abs(p - q).max() / np.abs(p).max()) for p, q in zip(wanted, found))
    ok = bool(error < 2e-3 and abs(loss64 - loss) < 1e-4)
    print(json.dumps({"impl": impl, "loss64": float(loss64), "loss": float(loss), "grad_rel_err": error, "ok": ok}))
    return 0 if ok else 1


def measure(a, net, w):
    x, y = w.batch(a.batch)
    answer = {"impl": a.impl, "threads": a.threads, "batch": a.batch, "steps": a.steps}
    for name, f in (("train", lambda: net.train(x, y)), ("forward", lambda: net.forward(x))):
        times = []
        for _ in range(a.warm + a.steps):
            start = time.perf_counter()
            f()
            times.append(time.perf_counter() - start)
        first, times = times[0], times[a.warm:]
        answer[name + "_img_s"] = round(a.batch / statistics.median(times), 2)
        answer[name + "_img_s_min"] = round(a.batch / max(times), 2)
        answer[name + "_img_s_max"] = round(a.batch / min(times), 2)
        answer[name + "_first_s"] = round(first, 3)
        if name == "train":
            answer["train_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps(answer))


def main():
    a = options()
    prepare_process(a.threads)
    import workload
    workload.MASK = a.mask
    w = workload.Workload(side=16 if a.tiny else 64)
    P = w.params()
    limit_threads(a.impl, a.threads)
    if a.check:
        return check(a.impl, w, P)
    return measure(a, peer(a.impl, w, P), w)


if __name__ == "__main__":
    sys.exit(main())
