"""Grover search of each weight as the authors' program does it: half an oracle, at least one iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.training.weights.grover_method import GroverMethod

if TYPE_CHECKING:
    from qwatt.quantum.circuits import grover
else:
    grover = lazy("qwatt.quantum.circuits.grover")


@method
class GroverPublished(GroverMethod):
    """The phase reaches one branch of the ancilla only, so that half of the shots are drawn evenly.

    P(marked) = sin^2((2k+1) theta) / 2 + M / (2 N). The program always makes an iteration or more, which is
    wrong where more than half of the candidates are marked. The most frequent of 1024 shots still is a marked
    candidate wherever few are.
    """

    name: ClassVar[str] = "grover-published"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2504.14568 and its program",)
    companions: ClassVar[tuple[str, ...]] = (
        "grover",
        "marked-candidate",
        "random-candidate",
        "grover-uniform",
    )
    oracle: ClassVar[str] = "half"

    def iterations(self, items: int, marked: int) -> int:
        """Return max(1, floor(pi/4 sqrt(N/M)))."""
        return grover.published_iterations(items, marked)
