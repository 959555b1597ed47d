"""Grover search of each weight with the textbook oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.grover_method import GroverMethod
from qwatt.stages.training.weights.method import EPOCHS
from qwatt.stages.training.weights.sweep import Search

if TYPE_CHECKING:
    from qwatt.quantum.circuits import grover
else:
    grover = lazy("qwatt.quantum.circuits.grover")


@method
class GroverSearch(GroverMethod):
    """The sign of every marked candidate is flipped, as often as their number asks for.

    Marked are the candidates near the least loss, as the authors mark them, or all that lower the present
    loss, which an oracle could tell without a table. Where more than half are marked there is no iteration:
    one would move the state away from them.
    """

    name: ClassVar[str] = "grover"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2504.14568", "arXiv:quant-ph/9605034 (iterations)")
    companions: ClassVar[tuple[str, ...]] = (
        "marked-candidate",
        "random-candidate",
        "grover-uniform",
        "coordinate-search",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = EPOCHS | {"marks": ("near-least", "lower")}

    def iterations(self, items: int, marked: int) -> int:
        """Return the best number: 0 where half or more are marked, or none."""
        return grover.best_iterations(items, marked) if marked else 0

    def marked(self, search: Search, settings: Settings) -> NDArray[np.bool_]:
        """Mark near the least loss, or below the present one."""
        if settings["marks"] == "lower":
            return np.asarray(search.losses < search.present)
        return super().marked(search, settings)
