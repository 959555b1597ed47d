"""Control: the generating circuit without any entangling gate."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.quantum_parameterised import QuantumParameterised


@method
class QuantumParameterisedSeparable(QuantumParameterised):
    """The same circuit with every CZ left out: shows what entanglement is worth."""

    name = "quantum-parameterised-separable"
    kind = Kind.CONTROL
    sources = ("the separable ablation of arXiv:2403.07059",)
    companions = ()
    entangle = False
