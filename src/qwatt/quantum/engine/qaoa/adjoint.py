"""One forward and one adjoint pass of transverse-field QAOA over planes (see `transverse`)."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.qaoa.planes import Array
from qwatt.quantum.engine.qaoa.transverse import TransverseField

MIN_SYMMETRIC_WIRES = 13
"""Below, the few extra calls cost more than half of the state saves; it must be at least 3."""
IDLE_RUNS = 8
IDLE_AMPLITUDES = 1 << 24
"""Buffers of runs up to this size are kept for the next call with the same cost."""


class AdjointRun:
    """The layers of one QAOA circuit on planes of shape (2, 2**wires), kept at squared norm 1/`norm`.

    Args:
        cost: energy of every string, shape (2**n,).
        observable: diagonal to average, shape (2**n,).
    """

    def __init__(self, cost: Tensor, observable: Tensor) -> None:
        n = cost.shape[0].bit_length() - 1
        vectors = [cost] if observable is cost else [cost, observable]
        self.symmetric = n >= MIN_SYMMETRIC_WIRES and all(map(is_flip_symmetric, vectors))
        self.mixer = TransverseField(n, self.symmetric, cost.dtype, cost.device)
        self.on, self.length = self.mixer.on, 1 << self.mixer.wires
        self.cost = self.on.take(cost[: self.length])
        self.observable = self.on.take(observable[: self.length].to(cost.dtype))
        self.norm = 1.0 / self.length
        self._pool: list[Array] = []
        self._phases: list[Array] = []
        self._kept: list[Array] = []

    def forward(self, gammas: list[float], betas: list[float], keep: bool = False) -> Array:
        """Return the final planes; with `keep`, remember what `gradient` needs."""
        planes, spare = self._buffer(), self._buffer()
        for layer, (gamma, beta) in enumerate(zip(gammas, betas, strict=True)):
            if layer == 0:
                self.on.cos_sin(self.cost, gamma, self.mixer.frame_angle, planes)
            else:
                phase = self.on.cos_sin(self.cost, gamma, None, self._buffer())
                planes, spare = self.on.turn(planes, phase, spare), planes
                self._phases.append(phase)
            if keep:
                self._kept.append(self._buffer())
                self.on.copy(planes, self._kept[-1])
            planes, spare = self.mixer.apply(planes, beta, spare)
        self._pool.append(spare)
        return planes

    def mean(self, planes: Array) -> float:
        """Return the observable's mean in `forward`'s planes."""
        weighted = self.on.multiply(planes, self.observable, self._buffer())
        self._pool.append(weighted)
        return self.on.dot(weighted, planes) * self.norm

    def gradient(self, planes: Array, betas: list[float]) -> tuple[float, list[float], list[float]]:
        """Return the mean and its derivatives to gammas and betas, from `forward` with `keep`."""
        on, spare = self.on, self._buffer()
        adjoint = on.multiply(planes, self.observable, self._buffer())
        mean = on.dot(adjoint, planes) * self.norm
        d_gammas, d_betas = [], []
        for layer in reversed(range(len(betas))):
            kept = self._kept[layer]
            adjoint, spare = self.mixer.apply(adjoint, betas[layer], spare, inverse=True)
            d_betas.append(2 * self.norm * self.mixer.generator_overlap(adjoint, kept))
            weighted = on.multiply(kept, self.cost, spare)
            turned = on.dot(adjoint[0], weighted[1]) - on.dot(adjoint[1], weighted[0])
            d_gammas.append(2 * self.norm * turned)
            if layer:
                back = self._phases[layer - 1]
                on.multiply(back[1], -1.0, back[1])
                adjoint, spare = on.turn(adjoint, back, spare), adjoint
        self.finish(planes, adjoint, spare)
        return mean, d_gammas[::-1], d_betas[::-1]

    def finish(self, *buffers: Array) -> None:
        """Take back all buffers of a run."""
        self._pool += [*buffers, *self._kept, *self._phases]
        self._kept, self._phases = [], []

    @property
    def idle_amplitudes(self) -> int:
        """How many amplitudes the buffers hold."""
        return len(self._pool) * self.length

    def _buffer(self) -> Array:
        return self._pool.pop() if self._pool else self.on.empty(self.length)


def is_flip_symmetric(vector: Tensor) -> bool:
    """Return whether a vector (2**n,) is bitwise equal under flipping all bits."""
    half = vector.shape[0] // 2
    return torch.equal(vector[:half], vector[half:].flip(0))


_idle: dict[int, tuple[weakref.ref[Tensor], int, AdjointRun]] = {}


@contextmanager
def lent_run(cost: Tensor, observable: Tensor) -> Iterator[AdjointRun]:
    """Lend a run, with the buffers of the last one over the same cost if they are free.

    Fresh large buffers would cost more page faults than the whole run; they live as long as the cost.
    """
    key = id(cost)
    owner, version, run = _idle.pop(key, (None, -1, None))
    if (
        run is None
        or owner is None
        or owner() is not cost
        or version != cost._version
        or observable is not cost
    ):
        run = AdjointRun(cost, observable)
    yield run
    if observable is cost and run.idle_amplitudes <= IDLE_AMPLITUDES and len(_idle) < IDLE_RUNS:
        _idle[key] = (weakref.ref(cost, lambda _: _idle.pop(key, None)), cost._version, run)


def energy_and_gradient(
    gammas: list[float], betas: list[float], cost: Tensor, observable: Tensor
) -> tuple[float, list[float], list[float]]:
    """Return the observable's mean and its derivatives to gammas and betas."""
    with lent_run(cost, observable) as run:
        return run.gradient(run.forward(gammas, betas, keep=True), betas)


def energy(gamma: Tensor, beta: Tensor, cost: Tensor, observable: Tensor) -> Tensor:
    """Return the mean of the observable, a scalar; the gradient comes out of the same run.

    Args:
        gamma: cost angles, shape (p,), float64.
        beta: mixer angles, shape (p,), float64.
        cost: energy of every string, shape (2**n,).
        observable: diagonal to average, shape (2**n,).
    """
    mean: Tensor = _Energy.apply(gamma, beta, cost, observable)  # type: ignore[no-untyped-call]
    return mean


class _Energy(torch.autograd.Function):
    """Energy whose gradient is found in the same run, so that backward only scales it."""

    @staticmethod
    def forward(ctx: Any, gamma: Tensor, beta: Tensor, cost: Tensor, observable: Tensor) -> Tensor:
        gammas, betas = gamma.tolist(), beta.tolist()
        wanted = ctx.needs_input_grad[0] or ctx.needs_input_grad[1]
        if not wanted:
            with lent_run(cost, observable) as run:
                planes = run.forward(gammas, betas)
                energy = run.mean(planes)
                run.finish(planes)
                return cost.new_tensor(energy)
        energy, *gradient = energy_and_gradient(gammas, betas, cost, observable)
        ctx.gradient = torch.tensor(gradient, dtype=gamma.dtype, device=gamma.device)
        return cost.new_tensor(energy)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        if torch.is_grad_enabled():
            raise QwattError("the QAOA energy is differentiable once only", mend="leave create_graph out")
        d_gamma, d_beta = grad.to(ctx.gradient) * ctx.gradient
        return d_gamma, d_beta, None, None
