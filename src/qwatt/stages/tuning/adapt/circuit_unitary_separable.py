"""Control: the unitary adapter without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.circuit_unitary import CircuitUnitary


@method
class CircuitUnitarySeparable(CircuitUnitary):
    """The same circuits with every CZ left out: shows what entanglement is worth."""

    name = "circuit-unitary-separable"
    kind = Kind.CONTROL
    sources = ("the separable ablation of arXiv:2403.07059",)
    companions = ()
    entangle = False
