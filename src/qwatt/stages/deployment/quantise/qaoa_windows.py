"""Rounding as QUBO by QAOA: a circuit for each row of a window of 12 weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos
from qwatt.stages.deployment.quantise.windows_exact import WIDTH, least

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


@method
class QaoaWindows(QuboRounding):
    """Linear-ramp QAOA; of a circuit's shots the one of least energy is taken.

    Its twin lists all 2^12 strings, its control draws as many at random as there are shots: where these find
    as much, the circuit was not needed.
    """

    name = "qaoa-windows"
    kind = Kind.QUANTUM
    sources = ("arXiv:2405.09169", "arXiv:2004.10568", "arXiv:2510.16075")
    companions: ClassVar[tuple[str, ...]] = (
        "random-rounding",
        "qaoa-windows-separable",
        "windows-exact",
        "one-flip",
        *QuboRounding.companions,
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**QuboRounding.space, "passes": (1,), "ramp": (3.0,)}
    limits: ClassVar[Mapping[str, Limit]] = {**QuboRounding.limits, "ramp": (0.01, 100.0)}
    width: ClassVar[int] = WIDTH
    entangled: ClassVar[bool] = True

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU would execute it."""
        return context.circuits()

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Sample a circuit for each row."""
        sampler = qubo.get_sampler(
            "qaoa", context.backend, depth=_LAYERS, delta_gamma=float(settings["ramp"])
        )
        shots = context.shots or SHOTS

        def solve(qubos: RowQubos) -> Bits:
            found = np.zeros(qubos.linear.shape, dtype=np.int8)
            for row in range(len(found)):
                linear, couplings = self.terms(qubos, row)
                seed = int(context.rng.integers(2**31))
                read = sampler.sample(qubo.bqm_from_arrays(linear, couplings), shots, seed)
                order = np.argsort(np.array(list(read.variables), dtype=np.int64))
                strings = np.unique(np.asarray(read.record.sample)[:, order], axis=0).astype(np.int8)
                found[row] = least(qubos.of_row(row), strings)[0]
            return found

        return solve

    def terms(self, qubos: RowQubos, row: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return linear terms (width,) and couplings (width, width) of the circuit's cost."""
        return qubos.linear[row], qubos.quadratic[row]

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """One circuit a row, and making its model and reading its shots."""
        couplings = width * (width - 1) // 2 if self.entangled else 0
        demand = qaoa.demand(width, couplings, _LAYERS, shots or SHOTS, circuits=rows)
        flops = rows * qaoa.simulation_flops(width, couplings, _LAYERS)
        return Effort(demand, {"engine_call": float(rows), "iteration": 10.0 * rows}, flops)
