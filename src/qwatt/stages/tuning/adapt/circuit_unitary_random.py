"""Control: the unitary adapter with circuits that are not trained."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.circuit_unitary import CircuitUnitary


@method
class CircuitUnitaryRandom(CircuitUnitary):
    """Gains in the basis of circuits whose angles were drawn: shows what training the circuits is worth."""

    name = "circuit-unitary-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    trains_angles = False
