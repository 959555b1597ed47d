"""Control: a test whose labels were shuffled before it began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.mmd_rbf import MmdRbf
from qwatt.stages.monitoring.drift.problem import Rows


@method
class RandomLabels(MmdRbf):
    """The Gaussian test of texts that nobody knows the window of: its power is its rate of false alarms."""

    name = "random-labels"
    kind = Kind.CONTROL
    space = {"bandwidth": (1.0,), "components": (0,)}

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Return the kernels of shuffled texts."""
        return super().compared([context.rng.permutation(rows) for rows in samples], settings, context)
