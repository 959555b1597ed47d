"""A search under way: what was tried, what it cost, and whether the next training is worth its joules."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.method import Context, Ring, Settings
from qwatt.core.quantity import Quantity
from qwatt.stages.architecture.search.problem import SearchAnswer, SearchProblem, Tried
from qwatt.stages.architecture.search.trainings.objective import Outcome

WINDOW = 10
"""Trainings whose worth is looked at before the next one is paid for."""
PATIENCE = 8
"""Failed trainings after which a search gives up where none succeeded."""


class Search:
    """The trainings of one search; each is charged to the trial, and none twice.

    Args:
        problem: what is searched.
        settings: `trainings` (0 for the problem's own), `energy_j` (joules to spend on trainings; 0 for no
            limit), `price` (loss that a joule of searching must buy; 0 never stops early) and `weight` (loss
            that a joule of a point's own training counts as; 0 looks at the loss alone).
        context: is charged.
    """

    def __init__(self, problem: SearchProblem, settings: Settings, context: Context) -> None:
        self.problem = problem
        self.space = problem.space
        self.objective = problem.objective
        self.limit = min(int(settings["trainings"]) or problem.trainings, self.space.size)
        self.energy_j, self.price = float(settings["energy_j"]), float(settings["price"])
        self.weight = float(settings["weight"])
        self.context = context
        self.tried: list[Tried] = []
        self.outcomes: dict[tuple[int, int], Outcome] = {}
        self._values: dict[int, float] = {}
        self._drops: list[float] = []

    @property
    def spent(self) -> float:
        """Trainings so far, shorter ones counted by their share."""
        return float(sum(self.objective.rungs[one.rung] for one in self.tried))

    @property
    def spent_j(self) -> float:
        """Joules of the trainings so far, as far as they are known."""
        return float(sum(one.energy_j or 0.0 for one in self.tried))

    @property
    def stopped(self) -> str:
        """Why the search is over, or an empty text."""
        if self.spent > self.limit - self.objective.rungs[0] + 1e-9:
            return "all trainings are made"
        if len(self.tried) >= PATIENCE and all(one.loss is None for one in self.tried):
            return "every training failed"
        if self.tried and self.energy_j and self.spent_j * (1 + 1 / len(self.tried)) > self.energy_j:
            return "another training would take more than the energy allowed"
        recent = self._drops[-WINDOW:]
        if self.price and len(self._drops) > WINDOW and sum(recent) < self.price * self._recent_j():
            return f"the last {WINDOW} trainings were not worth their energy"
        return ""

    def affords(self, rung: int) -> bool:
        """Return whether a training of this length is within the number of trainings."""
        return self.spent + self.objective.rungs[rung] <= self.limit + 1e-9

    @property
    def points(self) -> list[int]:
        """Points with a full training that did not fail, in the order in which they were tried."""
        return list(self._values)

    @property
    def values(self) -> NDArray[np.float64]:
        """What `points` are compared by, less is better, shape (points,)."""
        return np.array(list(self._values.values()))

    @property
    def best(self) -> int | None:
        """The best point so far."""
        return min(self._values, key=self._values.__getitem__, default=None)

    @property
    def untried(self) -> NDArray[np.int64]:
        """Points without a full training, ascending."""
        full = {point for point, rung in self.outcomes if rung == self.objective.full}
        return np.array([point for point in range(self.space.size) if point not in full], dtype=np.int64)

    def train(self, point: int, rung: int | None = None) -> float | None:
        """Train a point, in full unless a rung is given; return what it is compared by, None if it failed.

        A training that was made before costs nothing.
        """
        rung = self.objective.full if rung is None else rung
        if (point, rung) not in self.outcomes:
            self._make(point, rung)
        if rung == self.objective.full:
            return self._values.get(point)
        return self.outcomes[point, rung].loss

    def answer(self) -> SearchAnswer:
        """Return the best point.

        Raises:
            QwattError: every training failed.
        """
        best = self.best
        if best is None:
            errors = [one.error for one in self.tried if one.error]
            what = (
                f"none of {len(self.tried)} trainings gave a loss; the last: {(errors or ['none ran'])[-1]}"
            )
            raise QwattError(what, where=self.problem.source, mend="mend the training function or its space")
        found = self.outcomes[best, self.objective.full]
        assert found.loss is not None
        return SearchAnswer(
            best, self.space.settings(best), found.loss, found.held_back, tuple(self.tried), self.stopped
        )

    def _make(self, point: int, rung: int) -> None:
        made: dict[str, Any] = {}

        def work() -> Any:
            made["training"] = self.objective.train(point, rung)
            return made["training"]

        outcome = self.context.shared(Ring.KERNEL, "train", work)
        joules = self._joules(made["training"].energy)
        self.outcomes[point, rung] = outcome
        self.tried.append(Tried(point, rung, outcome.loss, joules, outcome.error))
        before = min(self._values.values(), default=None)
        if rung == self.objective.full and outcome.loss is not None:
            self._values[point] = outcome.loss + self.weight * (joules or 0.0)
        after = min(self._values.values(), default=None)
        self._drops.append(0.0 if before is None or after is None else before - after)
        self.context.progress(int(self.spent), self.limit, "trainings")

    def _joules(self, energy: Quantity) -> float | None:
        """Return what a training took.

        Raises:
            QwattError: it is unknown, and the search is to be ruled by it.
        """
        if energy.value is None and (self.energy_j or self.price or self.weight):
            what = f"the energy of a training is unknown: {energy.reason}"
            raise QwattError(
                what, where="energy_j, price and weight", mend="leave them out, or see qwatt doctor"
            )
        return energy.value

    def _recent_j(self) -> float:
        return float(sum(one.energy_j or 0.0 for one in self.tried[-WINDOW:]))
