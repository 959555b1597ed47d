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
        smaller = _decomposition(op)
        if smaller is None:
            return self.otherwise(op)
        return [part for each in smaller for part in self.walk(each)]

    @abstractmethod
    def known(self, op: Any) -> list[Part] | None:
        """Return the parts of an operator that needs no decomposition; None for any other."""

    @abstractmethod
    def inverse(self, parts: list[Part]) -> list[Part]:
        """Return the parts of the adjoint."""

    @abstractmethod
    def otherwise(self, op: Any) -> list[Part]:
        """Return the parts of an operator that is neither known nor decomposed, or raise."""


def _decomposition(op: Any) -> list[Any] | None:
    """Return PennyLane's decomposition of an operator, None if it has none.

    Some are written for single angles only: they ask whether an angle is zero, which a batch does not answer.
    """
    try:
        with qml.QueuingManager.stop_recording():
            return list(op.decomposition()) if op.has_decomposition else None
    except (ValueError, RuntimeError):
        if not any(qml.math.ndim(value) for value in op.data):
            raise
        return None
