"""Control: quantum-relational distillation without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.quantum_relational import QuantumRelational


@method
class QuantumRelationalSeparable(QuantumRelational):
    """The same with every ZZ rotation left out: its fidelity is the closed form of `product-kernel`."""

    name = "quantum-relational-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entanglement = "none"
