"""Control: the hybrid layer without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.layer.hybrid_qnn import HybridQnn


@method
class Separable(HybridQnn):
    """The same layer with every CNOT left out: shows what entanglement is worth."""

    name = "hybrid-qnn-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()
    entangle = False
