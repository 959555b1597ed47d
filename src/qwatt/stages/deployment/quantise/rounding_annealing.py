"""Rounding as QUBO by simulated annealing: whole rows where they fit a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos

if TYPE_CHECKING:
    import dimod
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    dimod, samplers, qubo = lazy("dimod"), lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

_MOST_COUPLINGS = 500_000
"""Of the rows that are annealed side by side."""
_COUPLINGS_A_PROPOSAL = 14
"""Of a dense model so many couplings cost as much as a proposal with few: few proposals are accepted."""


@method
class RoundingAnnealing(QuboRounding):
    """Simulated annealing, many rows side by side; of each row the best read is taken."""

    name = "rounding-annealing"
    kind = Kind.INSPIRED
    sources = ("doi:10.1126/science.220.4598.671", "arXiv:2004.10568", "arXiv:2510.16075")
    companions: ClassVar[tuple[str, ...]] = ("one-flip", *QuboRounding.companions)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        **QuboRounding.space,
        "reads": (5,),
        "sweeps": (200,),
        "width": (0,),
    }
    limits: ClassVar[Mapping[str, Limit]] = {
        **QuboRounding.limits,
        "reads": (1, 1_000),
        "sweeps": (1, 100_000),
        "width": (0, 1_024),
    }
    width: ClassVar[int] = 128

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Anneal as many rows together as have few enough couplings."""
        sampler = qubo.get_sampler("annealing", sweeps=int(settings["sweeps"]))

        def solve(qubos: RowQubos) -> Bits:
            rows, width = qubos.linear.shape
            together = max(1, _MOST_COUPLINGS // max(1, width * (width - 1) // 2))
            found = np.zeros((rows, width), dtype=np.int8)
            for start in range(0, rows, together):
                part = slice(start, start + together)
                seed = int(context.rng.integers(2**31))
                found[part] = best_reads(sampler, qubos, part, int(settings["reads"]), seed)
            return found

        return solve

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Count the proposals, which cost more the more couplings a weight has."""
        proposals = float(rows * width * settings["reads"] * settings["sweeps"])
        return Effort(work={"spin_update": proposals * (1.0 + width / _COUPLINGS_A_PROPOSAL)})


def best_reads(sampler: qubo.QuboSampler, qubos: RowQubos, part: slice, reads: int, seed: int) -> Bits:
    """Return the best read of each of some rows, which are sampled as one model of as many components.

    Each row is brought to a largest coefficient of 1, so that one schedule of temperatures fits all.
    """
    linear, quadratic = qubos.linear[part], qubos.quadratic[part]
    rows, width = linear.shape
    largest = np.maximum(np.abs(linear).max(axis=1), np.abs(quadratic).max(axis=(1, 2), initial=0.0))
    scale = np.where(largest > 0.0, largest, 1.0)
    linear, quadratic = linear / scale[:, None], quadratic / scale[:, None, None]
    first, second = np.triu_indices(width, 1)
    places = np.arange(rows)[:, None] * width
    ends = ((places + first).ravel(), (places + second).ravel())
    couplings = 2.0 * quadratic[:, first, second].ravel()
    model = dimod.BinaryQuadraticModel.from_numpy_vectors(
        linear.ravel(), (*ends, couplings), 0.0, dimod.BINARY
    )
    found = sampler.sample(model, reads, seed)
    bits = qubo.ordered_reads(found).reshape(-1, rows, width)
    x = bits.astype(np.float64)
    pairs = (np.einsum("rij,krj->kri", quadratic, x, optimize=True) * x).sum(axis=2)
    best = ((linear * x).sum(axis=2) + pairs).argmin(axis=0)
    return np.asarray(bits[best, np.arange(rows)], dtype=np.int8)
