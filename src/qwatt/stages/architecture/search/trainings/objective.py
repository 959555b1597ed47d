"""What a search asks: a training with the settings of one point, and what it cost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from qwatt.core.shared import Shared
from qwatt.stages.architecture.search.space import Space


@dataclass(frozen=True)
class Outcome:
    """A training.

    Args:
        loss: on validation data, by which points are compared; None where the training failed.
        held_back: loss on data that no search sees; None where the training gives none.
        error: why it failed.
    """

    loss: float | None
    held_back: float | None = None
    error: str | None = None


class Objective(ABC):
    """Trains the points of a space.

    Args:
        space: what may be chosen.
        rungs: shares of a full training that can be asked for, ascending; the last is 1.
        tabular: whether all trainings were done before and are only looked up.
        unit: what the loss is, in a few words.
    """

    def __init__(self, space: Space, rungs: tuple[float, ...], tabular: bool, unit: str) -> None:
        self.space = space
        self.rungs = rungs
        self.tabular = tabular
        self.unit = unit

    @property
    def full(self) -> int:
        """Number of the rung that is a full training."""
        return len(self.rungs) - 1

    @abstractmethod
    def train(self, point: int, rung: int) -> Shared[Outcome]:
        """Return the outcome of a training, made now or earlier, with the joules that making it took."""

    @property
    def training_seconds(self) -> float | None:
        """Core-seconds of a full training, as far as that is known before one is made."""
        return None

    @property
    @abstractmethod
    def cost_note(self) -> str:
        """What a training costs, as far as that is known before one is made."""
