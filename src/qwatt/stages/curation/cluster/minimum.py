"""Quantum k-means whose nearest centroid is found by Duerr and Hoyer's minimum finding (arXiv:1401.2142)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels
from qwatt.stages.curation.cluster.measured import Distances
from qwatt.stages.curation.cluster.quantum import QuantumKMeans

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import minimum_finding
else:
    minimum_finding = lazy("qwatt.quantum.algorithms.minimum_finding")


@method
class MinimumFindingKMeans(QuantumKMeans):
    """Distances are measured as by quantum k-means; the least of a point's k is then searched by Grover.

    Simulated: every distance is measured, which is what the bill holds. Only `projected` counts the coherent
    calls that a search over all k centroids in superposition would make: at least 22.5 sqrt(k) a point, more
    than k distances up to k = 500.
    """

    name: ClassVar[str] = "quantum-kmeans-minimum"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:quant-ph/9607014", "arXiv:1401.2142")
    companions: ClassVar[tuple[str, ...]] = ("quantum-kmeans", "kmeans", "random-assignment")

    def choose(self, distances: Distances, context: Context, tally: dict[str, float]) -> Labels:
        """Search the least of each row, and count."""
        found = minimum_finding.find_minima(distances, context.rng)
        tally["oracle_calls"] = tally.get("oracle_calls", 0) + found.oracle_calls
        tally["oracle_checks"] = tally.get("oracle_checks", 0) + found.checks
        return found.indices
