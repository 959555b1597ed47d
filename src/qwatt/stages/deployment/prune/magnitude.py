"""Units by the size of their weights."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.columns import unit_sums, weight_squares
from qwatt.stages.deployment.prune.ranking import Ranking
from qwatt.stages.deployment.prune.setup import Setup


@method
class Magnitude(Ranking):
    """The root of the sum of squares of all weights that would go; needs no text."""

    name: ClassVar[str] = "magnitude"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1608.08710",)

    def scores(self, found: Setup, context: Context) -> Values:
        """Return the norms."""
        return np.sqrt(unit_sums(found.single, weight_squares(found.whole.model, found.anatomy)))
