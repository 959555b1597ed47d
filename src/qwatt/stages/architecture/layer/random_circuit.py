"""Control: the hybrid layer with a random, frozen circuit."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.layer.hybrid_qnn import HybridQnn


@method
class RandomCircuit(HybridQnn):
    """The same layer with angles drawn once: the two linear maps are trained, a few parameters less."""

    name = "hybrid-qnn-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    equal_parameters = False
    trains_angles = False
