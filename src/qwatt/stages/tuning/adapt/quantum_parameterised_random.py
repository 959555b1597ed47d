"""Control: a generating circuit that is not trained."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.quantum_parameterised import QuantumParameterised


@method
class QuantumParameterisedRandom(QuantumParameterised):
    """The same circuit with angles that were drawn once: the network behind it is trained alone."""

    name = "quantum-parameterised-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    trains_angles = False
