"""The closed form of a product state's fidelity in the place of circuits: the classical twin."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.gram import ROWS, Kernel, product_fidelity
from qwatt.stages.tuning.distil.quantum_relational import QuantumRelational
from qwatt.stages.tuning.distil.settings import Setup


@method
class ProductKernel(QuantumRelational):
    """Quantum-relational distillation with prod cos^2 of half the differences, exact and differentiated."""

    name = "product-kernel"
    kind = Kind.INSPIRED
    sources = ("arXiv:2508.13054 (with the kernel of product states in closed form)",)
    companions = ()
    entanglement = "none"

    def kernel(self, qubits: int, context: Context) -> Kernel:
        """Return the closed form."""
        return product_fidelity

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Count the cosines of all pairs, forward and backward."""
        return Effort(work={"elementwise": 6.0 * ROWS**2 * int(settings["qubits"]), "iteration": 1.0})
