"""Control: a classical layer with as many weights, on the same angles."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.training.optimise.adamw import AdamW
from qwatt.stages.training.optimise.problem import CIRCUIT


@method
class MlpSameSize(AdamW):
    """AdamW on one hidden layer of tanh with at most the circuit's number of weights, for as many steps."""

    name = "mlp-same-size"
    kind = Kind.CONTROL
    sources = ("equal-parameter control",)
    trains: ClassVar[frozenset[str]] = frozenset({CIRCUIT})
    model: ClassVar[str] = "mlp"
