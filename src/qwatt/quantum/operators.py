"""Walking PennyLane operators: known ones as they are, others by their base or their decomposition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

import pennylane as qml

Part = TypeVar("Part")


class OperatorWalk(ABC, Generic[Part]):
    """Writes operators as lists of parts, first applied first."""

    def walk(self, op: Any) -> list[Part]:
        """Return the parts of one operator."""
        found = self.known(op)
        if found is not None:
            return found
        if isinstance(op, qml.ops.Adjoint):
            return self.inverse(self.walk(op.base))
        return self.decomposed(op)

    def decomposed(self, op: Any) -> list[Part]:
        """Return the parts of the operators that PennyLane decomposes an operator into."""
        if not op.has_decomposition:
            return self.otherwise(op)
        with qml.QueuingManager.stop_recording():
            return [part for smaller in op.decomposition() for part in self.walk(smaller)]

    @abstractmethod
    def known(self, op: Any) -> list[Part] | None:
        """Return the parts of an operator that needs no decomposition; None for any other."""

    @abstractmethod
    def inverse(self, parts: list[Part]) -> list[Part]:
        """Return the parts of the adjoint."""

    @abstractmethod
    def otherwise(self, op: Any) -> list[Part]:
        """Return the parts of an operator that is neither known nor decomposed, or raise."""
