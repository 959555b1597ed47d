"""What the machine itself needs: GEMM for kernels, memory traffic for sweeps; nothing is simulated."""

from __future__ import annotations

import os

import torch

from engine_peers import work
from engine_peers.work import Size

DEVICE = os.environ.get("QWATT_BENCH_DEVICE", "cpu")


def scale(kind: str, size: Size) -> float:
    """The timed complex product is the full one; a Hermitian product needs half of it."""
    return 0.5 if kind == "kernel" else 1.0


def kernel(size: Size):
    """One complex64 product of all states."""
    states = torch.randn(size.batch, 2**size.n, dtype=torch.complex64, device=DEVICE)

    def step():
        states @ states.mH
        return _done()

    return step


def _passes(length, count):
    source, target = (torch.randn(length, dtype=torch.complex64, device=DEVICE) for _ in range(2))

    def step():
        for _ in range(count):
            target.copy_(source)
        return _done()

    return step


def network(size: Size):
    """One read and one write of all states per layer forward, and twice that backward (state, adjoint)."""
    return _passes(size.batch * 2**size.n, 3 * (work.LAYERS + 1))


def qaoa(size: Size):
    """One read and one write of the state per layer forward, twice that backward, and one for the energy."""
    return _passes(2**size.n, 3 * size.layers + 1)


def metric(size: Size):
    """One read and one write of half of all tangents per layer, and their Gram product."""
    count = work.METRIC_LAYERS * size.n * 2
    copies = _passes(count * 2**size.n // 2, work.METRIC_LAYERS)
    tangents = torch.randn(count, 2 ** (size.n + 1), device=DEVICE)

    def step():
        tangents @ tangents.T
        return copies()

    return step


def _done():
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return []
