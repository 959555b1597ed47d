"""The closed form of the qubits' Bloch vectors: no circuit is needed."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import ring_bloch
from qwatt.stages.monitoring.anomaly.model import Rows
from qwatt.stages.monitoring.anomaly.projected_kernel import ProjectedKernel


@method
class ProjectedKernelTwin(ProjectedKernel):
    """The same machine on exp(i x_k) cos(x_k x_(k-1)) cos(x_k x_(k+1)), exact: a dozen operations a qubit."""

    name = "projected-kernel-twin"
    kind = Kind.INSPIRED
    sources = ("light cone of one qubit: its two neighbours",)
    companions = ()
    reads_circuits = False

    def vectors(self, angles: Rows, context: Context) -> Rows:
        """Return the vectors."""
        with context.phase(Ring.KERNEL, "kernel"):
            return ring_bloch(angles)

    def vectors_effort(self, values: int, rows: int, shots: int | None) -> Effort:
        """Count three trigonometric functions and as many products a qubit; there are no circuits."""
        return Effort(work={"elementwise": 6.0 * rows * values})
