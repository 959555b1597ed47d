"""Weight after weight, each moved to a candidate value if that lowers the loss (arXiv:2504.14568)."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.training.weights.candidates import Spread, evaluations, qubits_of, searches
from qwatt.stages.training.weights.method import Found, Training, WeightsMethod
from qwatt.stages.training.weights.network import Weights, shapes, size
from qwatt.stages.training.weights.state import Losses, NetworkState

_PASSES, _CALLS = 1.5, 60.0
"""Passes over the changed values of a search's candidates, and calls of NumPy of a search."""
_EVERY = 64
"""Weights between two calls that tell the progress."""


@dataclass(frozen=True, eq=False)
class Search:
    """The search for a weight's value.

    Args:
        losses: the objective at each of 2**qubits candidates.
        present: the objective now.
        qubits: of the search.
        tally: counts for the record's `projected`, which a method adds to.
    """

    losses: Losses
    present: float
    qubits: int
    tally: Counter[str]


class SweepMethod(WeightsMethod):
    """Base: all candidates of a weight are evaluated, one is picked, and taken only if the loss falls.

    The methods differ in how they pick, and in nothing else.
    """

    @abstractmethod
    def pick(self, search: Search, settings: Settings, context: Context) -> int:
        """Return the index of a candidate."""

    def find(self, training: Training, start: Weights, settings: Settings, context: Context) -> Found:
        """Sweep over all weights, layer by layer, as many times as there are epochs."""
        epochs, tally = int(settings["epochs"]), Counter[str]()
        with context.phase(Ring.KERNEL, "train"):
            state = NetworkState(start, training.x, training.labels)
            spread, curve = Spread(len(start)), [state.loss]
            for epoch in range(epochs):
                done = epoch * size(training.widths)
                for layer in range(len(start)):
                    before = state.loss
                    done = self._layer(state, layer, spread, settings, context, tally, done)
                    spread.adapt(layer, state.loss < before)
                curve.append(state.loss)
        notes = {"final_spread": spread.factors}
        every = epochs * evaluations(training.widths)
        return Found(state.weights, curve, every, self.projected(tally, training), notes)

    def _layer(
        self,
        state: NetworkState,
        layer: int,
        spread: Spread,
        settings: Settings,
        context: Context,
        tally: Counter[str],
        done: int,
    ) -> int:
        matrix = state.matrices[layer]
        deviation, qubits = float(matrix.std()), qubits_of(layer, len(state.matrices))
        total = int(settings["epochs"]) * sum(m.size for m in state.matrices)
        for row, column in np.ndindex(matrix.shape):
            values = spread.values(layer, float(matrix[row, column]), deviation, qubits)
            losses = state.losses(layer, row, column, values)
            choice = self.pick(Search(losses, state.loss, qubits, tally), settings, context)
            if losses[choice] < state.loss:
                state.set(layer, row, column, float(values[choice]))
            done += 1
            if done % _EVERY == 0:
                context.progress(done, total, "weights")
        return done

    def projected(self, tally: Counter[str], training: Training) -> dict[str, float]:
        """Return counts that only a projection may use."""
        return dict(tally)

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Count what a candidate changes on every row: its unit, and all layers behind it."""
        epochs, layers = int(settings["epochs"]), shapes(widths)
        flops = values = 0.0
        for layer, (inputs, units) in enumerate(layers):
            candidates = float(rows) * inputs * units * 2 ** qubits_of(layer, len(layers))
            values += candidates * (1 + sum(widths[layer + 2 :]) + widths[-1])
            flops += candidates * 2.0 * sum(before * after for before, after in layers[layer + 2 :])
        count = epochs * sum(searches(widths).values())
        work = {
            "gemm_flop": epochs * flops,
            "elementwise": _PASSES * epochs * values,
            "array_call": _CALLS * float(count),
        }
        return Effort(work=work)
