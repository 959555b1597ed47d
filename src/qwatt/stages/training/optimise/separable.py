"""Control: exact gradients on the circuit without any entangling gate, whose Z are products of cosines."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.training.optimise.adamw import AdamW
from qwatt.stages.training.optimise.problem import CIRCUIT


@method
class AdamWSeparable(AdamW):
    """AdamW on the same circuit with every CNOT left out: shows what entanglement is worth."""

    name = "adamw-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    trains: ClassVar[frozenset[str]] = frozenset({CIRCUIT})
    model: ClassVar[str] = "separable"
