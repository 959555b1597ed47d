"""A network's expectation values inside autograd: one node from inputs and weights to the results."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.functional import General, needs_plain, plain_gradients
from qwatt.quantum.engine.arrays.workspace import WORKSPACE, Lease
from qwatt.quantum.engine.circuit.parameters import AffineMap
from qwatt.quantum.engine.circuit.readout import Renaming
from qwatt.quantum.engine.lowering.steps import FusedCircuit, without_last_monomial
from qwatt.quantum.engine.network.evaluator import Array, NetworkEvaluator, SampleGroup
from qwatt.quantum.engine.network.recognise import recognise
from qwatt.quantum.engine.network.tiny import TinyNetwork, tiny_network

GROUP_AMPLITUDES = 1 << 18
"""Amplitudes of the samples that go through the circuit together: 2 MiB in complex64."""
FEWEST_SAMPLES = 16
"""Samples that go together at least: shorter rows make slow matrix products."""


class NetworkProgram:
    """Runs a network on a batch, differentiable.

    Args:
        evaluator: the arithmetic.
        general: gives the same results by differentiable operations, for second derivatives.
    """

    def __init__(self, evaluator: NetworkEvaluator, general: General) -> None:
        self.evaluator, self.general = evaluator, general
        wires = evaluator.network.wires
        self.group = max(FEWEST_SAMPLES, GROUP_AMPLITUDES >> wires)
        self.slots = len(evaluator.network.joins) + 1
        self.like = torch.from_numpy(np.empty(0, evaluator.dtype))
        self.tiny = tiny_network(evaluator.network, evaluator.signs)

    def kept_bytes(self, batch: int) -> int:
        """Return how much memory the states of a backward pass take."""
        return (self.slots * batch << self.evaluator.network.wires) * self.like.element_size()

    def expval(self, inputs: Tensor | None, weights: Tensor | None, batch: int) -> Tensor:
        """Return (batch, observables) for inputs (batch, n_inputs) and weights of the circuit's shape."""
        wanted = (inputs is not None and inputs.requires_grad) or (
            weights is not None and weights.requires_grad
        )
        if wanted and torch.is_grad_enabled():
            return _Expectation.apply(self, batch, inputs, weights)  # type: ignore[no-any-return,no-untyped-call]
        return self.run(inputs, weights, batch, keep=False).forward()

    def run(self, inputs: Tensor | None, weights: Tensor | None, batch: int, keep: bool) -> _Run | _TinyRun:
        """Return a call that is ready to go forward; with `keep` also backward."""
        if self.tiny is not None and inputs is not None and batch <= self.tiny.most_samples:
            return _TinyRun(self.tiny, inputs, weights)
        return _Run(self, inputs, weights, batch, keep)


def network_program(
    fused: FusedCircuit, affine: AffineMap, batched: frozenset[int], signs: Tensor, general: General
) -> NetworkProgram | None:
    """Return a program that reads `signs` (observables, 2^wires); None if the circuit is no network."""
    fused, source = without_last_monomial(fused)
    network = recognise(fused, affine, batched, signs.numpy().dtype)
    if network is None:
        return None
    signs = signs if source is None else Renaming(source, signs.device).observables(signs)
    return NetworkProgram(NetworkEvaluator(network, signs.numpy()), general)


class _Run:
    """One call: its numbers, its groups of samples, and the borrowed memory of their states."""

    def __init__(
        self, program: NetworkProgram, inputs: Tensor | None, weights: Tensor | None, batch: int, keep: bool
    ) -> None:
        self.evaluator, self.batch, self._slots = program.evaluator, batch, program.slots
        self._inputs = None if inputs is None else inputs.detach().numpy()
        self.shared = program.evaluator.shared(_flat(weights))
        self._size, self._keep = 1 << program.evaluator.network.wires, keep
        most = min(program.group, batch)
        states = self._slots * (batch if keep else most) * self._size
        self._lease = Lease(WORKSPACE, 2 * most * self._size + states, program.like)
        self._memory = self._lease.buffer.numpy()
        starts = range(0, batch, most)
        self._groups = [self._group(start, min(start + most, batch), most) for start in starts]

    def forward(self) -> Tensor:
        """Return the expectation values, (batch, observables)."""
        found = [self.evaluator.forward(self.shared, group) for _, group in self._groups]
        return torch.from_numpy(_joined(found, 1).T)

    def backward(self, gradient: Array) -> tuple[Array, Array | None]:
        """Return the gradients of the flat weights and of the inputs."""
        found = [
            self.evaluator.backward(self.shared, group, gradient[samples].T)
            for samples, group in self._groups
        ]
        to_angles = sum(shared for shared, _ in found)
        to_inputs = [own for _, own in found if own is not None]
        return to_angles @ self.evaluator.network.from_weights, _joined(to_inputs, 0) if to_inputs else None

    def _group(self, start: int, stop: int, most: int) -> tuple[slice, SampleGroup]:
        """Return a group with its part of the memory: scratch that all share, then states."""
        size, samples = self._size, stop - start
        spare = self._memory[: 2 * size * samples].reshape(2, size, samples)
        first = 2 * size * most + (self._slots * size * start if self._keep else 0)
        states = self._memory[first : first + self._slots * size * samples]
        inputs = None if self._inputs is None else self._inputs[start:stop]
        return slice(start, stop), SampleGroup(inputs, states.reshape(self._slots, size, samples), spare)


class _TinyRun:
    """One call of a network of few wires."""

    def __init__(self, tiny: TinyNetwork, inputs: Tensor, weights: Tensor | None) -> None:
        self._tiny = tiny
        self._numbers = inputs.detach().numpy(), _flat(weights)

    def forward(self) -> Tensor:
        """Return the expectation values, (batch, observables)."""
        found, self._kept = self._tiny.forward(*self._numbers)
        return torch.from_numpy(found)

    def backward(self, gradient: Array) -> tuple[Array, Array | None]:
        """Return the gradients of the flat weights and of the inputs."""
        return self._tiny.backward(self._kept, gradient)


def _flat(weights: Tensor | None) -> Array:
    return np.zeros(0) if weights is None else weights.detach().numpy().reshape(-1)


def _joined(parts: list[Array], axis: int) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)


class _Expectation(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, program: NetworkProgram, batch: int, inputs: Tensor | None, weights: Tensor | None
    ) -> Tensor:
        ctx.run, ctx.general = program.run(inputs, weights, batch, keep=True), program.general
        ctx.save_for_backward(inputs, weights)
        return ctx.run.forward()  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        leaves = inputs, weights = ctx.saved_tensors
        wanted = ctx.needs_input_grad[2:]
        if needs_plain(gradient):
            return None, None, *plain_gradients(ctx.general, leaves, wanted, gradient)
        to_weights, to_inputs = ctx.run.backward(gradient.numpy())
        return (
            None,
            None,
            _as(inputs, to_inputs) if wanted[0] else None,
            _as(weights, to_weights) if wanted[1] else None,
        )


def _as(leaf: Tensor, gradient: Array | None) -> Tensor:
    """Return a gradient in the leaf's shape; no gradient is zeros."""
    return torch.zeros_like(leaf) if gradient is None else torch.from_numpy(gradient.reshape(leaf.shape))
