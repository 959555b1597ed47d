"""The same random pairs, each kernel computed: what the shots of the mixture overlap test estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import ring_kernel_of_pairs
from qwatt.stages.monitoring.drift.discrepancy import permutation_flop
from qwatt.stages.monitoring.drift.kernel_mmd_twin import PAIR_VALUES
from qwatt.stages.monitoring.drift.mixture_overlap import (
    DrawnPairs,
    MixtureOverlap,
    drawn_pairs,
)
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows


@method
class MixtureOverlapTwin(MixtureOverlap):
    """As many random pairs with their exact kernel by transfer matrices: no circuit, no shot noise."""

    name = "mixture-overlap-twin"
    kind = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("Kramers and Wannier 1941", "arXiv:0805.2368 (random pairs)")
    companions = ()
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "draws": (6_000, 2_000),
        "bandwidth": (0.3, 0.6),
        "components": (8,),
    }

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Draw pairs of texts of each pair of samples, and compute each kernel."""
        found = []
        for rows in samples:
            left, right = drawn_pairs(len(rows), int(settings["draws"]), context.rng)
            found.append(DrawnPairs.of(left, right, ring_kernel_of_pairs(rows, left, right), len(rows)))
        return found

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the transfer matrices of each draw."""
        draws, wires = int(settings["draws"]), self.feature_count(problem, settings)
        work = {
            "elementwise": draws * (10.0 + PAIR_VALUES * wires),
            "gemm_flop": 2.0 * permutation_flop(2 * problem.window),
        }
        return Effort(work=work)
