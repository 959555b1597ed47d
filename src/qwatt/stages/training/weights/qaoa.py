"""QAOA on blocks of binary or ternary weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.blocks import BlockMethod, block_sizes

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    _dimod, torch = lazy("dimod"), lazy("torch")
    qubo = lazy("qwatt.quantum.qubo")
    qaoa = lazy("qwatt.quantum.primitives.qaoa")

SHOTS = 1_000
_LAYERS = 5


@method
class BlockQaoa(BlockMethod):
    """Linear-ramp QAOA on the quadratic model of a block; the shot of least energy says which bits flip.

    The model's coefficients are loss evaluations on the host. Its controls solve the same model exactly, or
    by as many random strings: a block has 4,096.
    """

    name: ClassVar[str] = "qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2405.09169",)
    companions: ClassVar[tuple[str, ...]] = ("qubo-exact", "qubo-random", "pair-flips")
    stochastic: ClassVar[bool] = True

    def solve(
        self, linear: NDArray[np.float64], quadratic: NDArray[np.float64], context: Context
    ) -> NDArray[np.bool_]:
        """Sample one circuit."""
        model = qubo.complete_bqm(linear, quadratic)
        with context.circuits():
            sampler = qubo.get_sampler("qaoa", context.backend, depth=_LAYERS)
            found = sampler.sample(model, context.shots or SHOTS, int(context.rng.integers(2**31)))
        return np.array([found.first.sample[i] for i in range(len(linear))], dtype=np.bool_)

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """One circuit a block, of which every pair is coupled."""
        found = super().effort(rows, widths, settings, shots)
        for bits, count in block_sizes(widths, settings).items():
            couplings = bits * (bits - 1) // 2
            demand = qaoa.demand(bits, couplings, _LAYERS, shots or SHOTS, circuits=count)
            flops = count * qaoa.simulation_flops(bits, couplings, _LAYERS)
            # one call for the state, one to make the model and draw the shots
            found += Effort(demand, {"engine_call": 2.0 * count}, flops)
        return found
