"""What every detector of a stream does: look at one window after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.stages.monitoring.drift.problem import Rows


@dataclass(frozen=True)
class Finding:
    """What a window showed.

    Args:
        statistic: the detector's own; large ones mean drift.
        alert: whether the window is an alarm.
        p_value: of this window alone; None for detectors that remember.
        e_value: evidence against "no drift so far" (arXiv:2210.01948); None for tests of single windows.
    """

    statistic: float
    alert: bool
    p_value: float | None = None
    e_value: float | None = None


@dataclass(frozen=True)
class Setup:
    """What a detector is made of.

    Args:
        fitted: rows of the reference that scales and the like are found from, shape (rows, features).
        compared: the other rows of the reference, shape (rows, features).
        alpha: nominal rate of false alarms.
        window: rows of a window.
        seed: of every random choice.
        backend: where circuits run, as in `--backend`.
        shots: of each circuit; None for exact values.
        settings: that the user fixed.
    """

    fitted: Rows
    compared: Rows
    alpha: float
    window: int
    seed: int
    backend: str
    shots: int | None
    settings: Mapping[str, Any]

    def rng(self, window: int) -> np.random.Generator:
        """Return the generator of a window, the same whenever the window is looked at."""
        return np.random.default_rng([self.seed, 1, window])


class Detector(ABC):
    """Looks at windows in their order."""

    @abstractmethod
    def look(self, rows: Rows, window: int) -> Finding:
        """Return what a window shows.

        Args:
            rows: shape (rows of a window, features).
            window: its number, from 1.
        """

    def state(self) -> dict[str, Any]:
        """Return what is remembered of the windows so far, as JSON has it."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:  # noqa: B027 (most remember nothing)
        """Go on from what `state` returned."""

    def notes(self) -> list[str]:
        """Return what people should know about this detector on this reference."""
        return []
