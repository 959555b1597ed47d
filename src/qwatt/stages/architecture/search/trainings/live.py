"""Real trainings: a function is called with settings, measured, and remembered for the other methods."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.stages.architecture.search.space import Space
from qwatt.stages.architecture.search.trainings.objective import Objective, Outcome

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

RUNGS = (1 / 9, 1 / 3, 1.0)
"""Shares of a training for functions that take a budget: successive halving by thirds."""

Losses = float | Mapping[str, float]
"""The validation loss, or a table with `loss` and, of data that no search sees, `held_back`."""


@dataclass(frozen=True)
class Training:
    """A function that trains once.

    Args:
        name: of the function, as the user wrote it.
        function: called with the settings as a dictionary, and by name with those of `budget` and `seed`
            that it takes.
        space: what may be chosen.
        takes: which of `budget` (share of a full training) and `seed` it takes.
        unit: what the loss is.
        about: what is trained on what, for a table.
        warm_up: share of a training that is made before anything is measured, which loads libraries and data;
            0 makes none, as a user's function may do more than train.
    """

    name: str
    function: Callable[..., Losses]
    space: Space
    takes: frozenset[str] = frozenset()
    unit: str = "loss"
    about: str = ""
    warm_up: float = 0.0


class Live(Objective):
    """Calls a training function once for each point and budget; later calls are answered from memory.

    What a training took when it was made is charged to every method that asks for it.

    Args:
        training: the function.
        seed: handed to it.
    """

    def __init__(self, training: Training, seed: int) -> None:
        super().__init__(
            training.space, RUNGS if "budget" in training.takes else (1.0,), False, training.unit
        )
        self.training = training
        self.seed = seed
        self._made: dict[tuple[int, int], Shared[Outcome]] = {}
        self._meter: Meter | None = None
        if training.warm_up:
            with one_thread():
                training.function(self.space.settings(0), budget=training.warm_up, seed=seed)

    def train(self, point: int, rung: int) -> Shared[Outcome]:
        """Train, or return what was found before; an exception of the function is a failed training."""
        if (point, rung) not in self._made:
            self._made[point, rung] = self._measured(point, rung)
        return self._made[point, rung]

    @property
    def cost_note(self) -> str:
        """Nothing before the first."""
        return "what a training costs is known once it ran"

    def _measured(self, point: int, rung: int) -> Shared[Outcome]:
        if self._meter is None:
            from qwatt.energy.meter import Meter

            self._meter = Meter()
        given = {"budget": self.rungs[rung], "seed": self.seed}
        chosen = {name: value for name, value in given.items() if name in self.training.takes}
        start = time.perf_counter()
        with self._meter.window("training") as window:
            outcome = self._called(self.space.settings(point), chosen)
        return Shared(outcome, window.energy, time.perf_counter() - start, "measured when it was first made")

    def _called(self, settings: dict[str, Any], chosen: dict[str, Any]) -> Outcome:
        try:
            with one_thread(), redirect_stdout(sys.stderr):  # stdout is the result's, as with --json
                found = self.training.function(settings, **chosen)
        except QwattError:
            raise
        except Exception as error:
            return Outcome(None, error=f"{type(error).__name__}: {error}")
        return read_losses(found, self.training.name)


def read_losses(found: Any, name: str) -> Outcome:
    """Return what a training function answered; a loss that is not finite is a failed training.

    Raises:
        QwattError: it is neither a number nor a table with `loss`, which no other settings would mend.
    """
    table = found if isinstance(found, Mapping) else {"loss": found}
    strange = [key for key in table if key not in ("loss", "held_back")]
    numbers = {key: _number(table.get(key)) for key in ("loss", "held_back")}
    if (
        numbers["loss"] is None
        or strange
        or (table.get("held_back") is not None and numbers["held_back"] is None)
    ):
        raise QwattError(
            f"it returned {found!r}, which is no loss",
            where=name,
            mend='return the validation loss as a number, or {"loss": ..., "held_back": ...}',
        )
    if not all(math.isfinite(value) for value in numbers.values() if value is not None):
        return Outcome(None, error=f"the loss is {numbers['loss']}")
    return Outcome(numbers["loss"], numbers["held_back"])


def _number(value: Any) -> float | None:
    """Return a number of any library as a float; None for what is no single number."""
    if value is None or isinstance(value, bool | str | bytes):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
