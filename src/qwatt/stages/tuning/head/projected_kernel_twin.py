"""The closed form of the qubits' Bloch vectors: no circuit is needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import ring_bloch
from qwatt.stages.tuning.head.projected_kernel import ProjectedKernelHead


@method
class ProjectedKernelTwin(ProjectedKernelHead):
    """The same SVM on exp(i x_k) cos(x_k x_(k-1)) cos(x_k x_(k+1)), exact: a dozen operations a qubit."""

    name = "projected-kernel-twin"
    kind = Kind.INSPIRED
    sources = ("light cone of one qubit: its two neighbours",)
    companions = ()
    reads_circuits = False

    def bloch(self, angles: NDArray[np.float64], context: Context) -> NDArray[np.float64]:
        """Return the vectors."""
        with context.phase(Ring.KERNEL, "kernel"):
            return ring_bloch(angles)

    def bloch_effort(self, wires: int, sentences: int, shots: int | None) -> Effort:
        """Count three trigonometric functions and as many products a qubit; there are no circuits."""
        return Effort(work={"elementwise": 6.0 * sentences * wires})
