"""The classical twin of the Grover searches: a marked candidate at random, out of the table they search."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.candidates import near_least
from qwatt.stages.training.weights.sweep import Search, SweepMethod


@method
class MarkedCandidate(SweepMethod):
    """What an ideal Grover search returns, drawn without a circuit: the table of marks is there already."""

    name: ClassVar[str] = "marked-candidate"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2504.14568, its oracle read as a table",)

    def pick(self, search: Search, settings: Settings, context: Context) -> int:
        """Draw evenly among the marked."""
        return int(context.rng.choice(np.flatnonzero(near_least(search.losses, search.qubits))))
