"""Real trainings: a function is called with settings, measured, and remembered for the other methods."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.data.names import shown
from qwatt.stages.architecture.search.space import Space
from qwatt.stages.architecture.search.trainings.objective import Objective, Outcome

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

RUNGS = (1 / 9, 1 / 3, 1.0)
"""Shares of a training for functions that take a budget: successive halving by thirds."""

Losses = float | Mapping[str, float]
"""The validation loss, or a table with `loss` and, of data that no search sees, `held_back`."""
_KNOWN = ("loss", "held_back")
_MOST_CHARACTERS = 500
"""Of what a failed training said: many make a record long."""


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
            with one_thread(), _undone():
                found = self.training.function(settings, **chosen)
        except QwattError:
            raise
        except (Exception, SystemExit) as error:  # sys.exit() would end the run without a word
            return Outcome(
                None, error=shown(f"{type(error).__name__}: {error}".rstrip(": "), _MOST_CHARACTERS)
            )
        return read_losses(found, self.training.name)


@contextmanager
def _undone() -> Iterator[None]:
    """Undo what a function changes for everyone: the folder, what NumPy does on overflow, torch's modes.

    What it prints goes to stderr: stdout is the result's, as with --json.
    """
    torch = sys.modules.get("torch")
    before = (torch.is_grad_enabled(), torch.get_default_dtype()) if torch else None
    try:
        with redirect_stdout(sys.stderr), chdir(Path.cwd()), np.errstate():
            yield
    finally:
        if torch := sys.modules.get("torch"):
            grad, dtype = before or (True, torch.float32)  # as torch begins
            torch.set_grad_enabled(grad)
            torch.set_default_dtype(dtype)


def read_losses(found: Any, name: str) -> Outcome:
    """Return what a training function answered; a loss that is not finite is a failed training.

    Raises:
        QwattError: it is neither a number nor a table with `loss`, which no other settings would mend.
    """
    table = dict(found) if isinstance(found, Mapping) else {"loss": found}
    numbers = {key: _number(table[key]) for key in _KNOWN if table.get(key) is not None}
    strange = [key for key in table if key not in _KNOWN]
    if strange or "loss" not in numbers or None in numbers.values():
        reason = (
            f"of which {strange[0]!r} is unknown" if "loss" in numbers and strange else "which is no loss"
        )
        what = f"it returned {shown(repr(found))}, {reason}"
        mend = 'return the validation loss as a number, or {"loss": ..., "held_back": ...}'
        raise QwattError(what, where=name, mend=mend)
    for key, value in numbers.items():
        if value is not None and not math.isfinite(value):
            return Outcome(None, error=f"{'the loss' if key == 'loss' else key} is {value}")
    return Outcome(numbers["loss"], numbers.get("held_back"))


def _number(value: Any) -> float | None:
    """Return a number of any library as a float, also out of an array of one; None for what is none."""
    with suppress(AttributeError, TypeError, ValueError, RuntimeError):
        value = value.item()
    if isinstance(value, bool | str | bytes):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None
