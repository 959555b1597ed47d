"""Control: the parallel quantum k-means without a single entangling gate."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.curation.cluster.parallel import ParallelQuantumKMeans


@method
class SeparableQuantumKMeans(ParallelQuantumKMeans):
    """The same angles read by inversion tests: rotations and their inverses on qubits that never meet.

    What it measures is a product over qubits, which a CPU gets by one cosine a feature.
    """

    name: ClassVar[str] = "quantum-kmeans-separable"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2403.07059 (the separable ablation)",)
    companions: ClassVar[tuple[str, ...]] = ()
    kind_of_test: ClassVar[str] = "inversion"
