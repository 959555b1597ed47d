"""Control of the Grover searches: the uniform superposition, measured without any iteration."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.training.weights.grover_method import GroverMethod


@method
class GroverUniform(GroverMethod):
    """The same circuit with every oracle empty: all candidates are as likely, whatever their loss."""

    name: ClassVar[str] = "grover-uniform"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2504.14568, its oracle left out",)

    def iterations(self, items: int, marked: int) -> int:
        """Return none."""
        return 0
