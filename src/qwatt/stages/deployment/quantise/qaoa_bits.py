"""Bit allocation as QUBO by QAOA, on windows of four layers with three levels each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, Choice
from qwatt.stages.deployment.quantise.bits_annealing import best_sample
from qwatt.stages.deployment.quantise.bits_method import BitsMethod
from qwatt.stages.deployment.quantise.method import COMMON

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    torch = lazy("torch")
    qubo, qaoa = lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.qaoa")

SHOTS = 1_000
"""Of a circuit, where the study says nothing."""
_LAYERS = 5
_QUBITS = 12
_PASSES = 3
"""Over windows of layers at random; one where a window holds all."""


@method
class QaoaBits(BitsMethod):
    """Linear-ramp QAOA on windows of layers, the others' bits as they are; shots are brought back alike."""

    name = "qaoa-bits"
    kind = Kind.QUANTUM
    sources = ("arXiv:2405.09169", "arXiv:2011.10680")
    companions: ClassVar[tuple[str, ...]] = (
        "bits-random",
        "bits-annealing",
        "bits-integer",
        *BitsMethod.companions,
    )
    stochastic = True
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON

    def allocated(self, knapsack: BitBudget, settings: Settings, context: Context) -> Choice:
        """Go over windows of layers, beginning with the uniform choice."""
        sampler = qubo.get_sampler("qaoa", context.backend, depth=_LAYERS)
        choice = knapsack.start.copy()
        for width in window_sizes(len(knapsack), len(knapsack.levels)):
            some = np.sort(context.rng.choice(len(knapsack), width, replace=False))
            part = knapsack.of_layers(some, choice)
            seed = int(context.rng.integers(2**31))
            with context.circuits():
                choice[some] = best_sample(part, sampler, context.shots or SHOTS, seed)
        return choice

    def allocation_effort(self, layers: int, levels: int, settings: Settings, shots: int | None) -> Effort:
        """One circuit a window, of which every pair is coupled by the budget."""
        sizes = [width * levels for width in window_sizes(layers, levels)]
        return Effort.sum(
            Effort(
                qaoa.demand(n, n * (n - 1) // 2, _LAYERS, shots or SHOTS),
                {"engine_call": 1.0, "iteration": 10.0 + 0.1 * min(shots or SHOTS, 2**n) * n / levels},
                qaoa.simulation_flops(n, n * (n - 1) // 2, _LAYERS),
            )
            for n in sizes
        )


def window_sizes(layers: int, levels: int) -> list[int]:
    """Return the number of layers of each window."""
    width = min(layers, _QUBITS // levels)
    return [width] * (1 if width == layers else _PASSES * -(-layers // width))
