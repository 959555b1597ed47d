"""What the Grover searches share: one circuit a weight, its most frequent outcome, both bills."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.catalogue import load
from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Settings
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation, grover
from qwatt.stages.training.weights.candidates import near_least, searches
from qwatt.stages.training.weights.method import Training
from qwatt.stages.training.weights.network import size
from qwatt.stages.training.weights.sweep import Search, SweepMethod

if TYPE_CHECKING:
    from qwatt.quantum.circuits import tabulated_search
else:
    tabulated_search = lazy("qwatt.quantum.circuits.tabulated_search")

SHOTS = 1024
"""Shots of a search, as in the program of arXiv:2504.14568, where the user says nothing."""

_DRAW_CALLS = 120.0
"""Calls of NumPy that a search takes besides: its marks, its closed form, and the energy window around it."""


class GroverMethod(SweepMethod):
    """Base: the oracle is a table of marked candidates, and the candidate that is measured most is picked.

    The table takes every candidate's loss, which is computed and counted: no evaluation is saved. Circuits
    are billed as they would run on a QPU of today, table and all, each with the iterations that a single
    marked candidate needs. Only `projected` counts calls of an oracle that computes the loss coherently, and
    the Toffoli gates of those: one reversible pass over all training rows a call.

    Class attributes:
        oracle: "textbook" or "half".
    """

    oracle: ClassVar[str] = "textbook"

    @abstractmethod
    def iterations(self, items: int, marked: int) -> int:
        """Return the Grover iterations for so many marked of all candidates."""

    def pick(self, search: Search, settings: Settings, context: Context) -> int:
        """Run one circuit and return its most frequent outcome."""
        marked = self.marked(search, settings)
        steps = self.iterations(marked.size, int(marked.sum()))
        with context.circuits():
            shots = context.shots or SHOTS
            counts = circuit_backend(context).search(marked, steps, self.oracle, shots, context.rng)
        search.tally["oracle_calls"] += steps
        search.tally["oracle_checks"] += 1
        return int(counts.argmax())

    def marked(self, search: Search, settings: Settings) -> NDArray[np.bool_]:
        """Return which candidates the oracle marks."""
        return near_least(search.losses, search.qubits)

    def projected(self, tally: Counter[str], training: Training) -> dict[str, float]:
        """Return the coherent calls, and what they take where the loss is computed reversibly."""
        calls = tally["oracle_calls"] + tally["oracle_checks"]
        return dict(tally) | {"oracle_toffoli": calls * oracle_toffoli(len(training.labels), training.widths)}

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a weight and epoch besides the evaluations."""
        epochs = int(settings["epochs"])
        found = super().effort(rows, widths, settings, shots)
        for qubits, count in searches(widths).items():
            circuit = tabulated_search.tabulated_search(qubits, self.oracle)
            demand: Demand = expectation.demand(circuit, epochs * count, shots or SHOTS, "probs")
            flops = epochs * count * grover.drawing_flops(2**qubits)
            found += Effort(demand, {"array_call": _DRAW_CALLS * epochs * count}, flops)
        return found


def oracle_toffoli(rows: int, widths: tuple[int, ...]) -> float:
    """Return the Toffoli of one coherent loss evaluation: a reversible multiply-add a row and weight."""
    symbol: dict[str, Any] = load("scaling_training")["weights"]["symbols"]["mac_toffoli"]
    return float(rows) * size(widths) * float(symbol["value"])
