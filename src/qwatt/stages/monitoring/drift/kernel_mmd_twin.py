"""The closed form of the fidelity kernel: no circuit is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.discrepancy import KernelDetector, permutation_flop
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

PAIR_VALUES = 30.0
"""Of an elementwise operation, for a pair of texts and wire: 14 products of complex numbers and 4 sums."""


@method
class KernelMmdTwin(KernelMmd):
    """The same test with the kernel that the circuits estimate, by transfer matrices on the host.

    A ring of couplings has treewidth 2, so the kernel takes time linear in the qubits: what the quantum test
    measures with shots, this has without their noise.
    """

    name = "kernel-mmd-twin"
    kind = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = (
        "Kramers and Wannier 1941",
        "arXiv:quant-ph/0511069 (bounded treewidth)",
    )
    companions = ()

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Return the kernels in closed form."""
        return KernelDetector.compared(self, samples, settings, context)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the transfer matrices and the permutations; there are no circuits."""
        texts, wires = 2 * problem.window, self.feature_count(problem, settings)
        work = {
            "elementwise": twin_values(texts, wires),
            "gemm_flop": permutation_flop(texts),
        }
        return Effort(work=work)


def twin_values(texts: int, wires: int) -> float:
    """Return the values of an elementwise operation that the kernel of so many texts takes."""
    return PAIR_VALUES * texts * (texts - 1) / 2 * wires
