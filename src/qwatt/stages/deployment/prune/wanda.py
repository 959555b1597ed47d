"""Units by the size of their weights times that of what enters them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.columns import flow_squares, unit_sums
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.method import passes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.ranking import RoundRanking
from qwatt.stages.deployment.prune.setup import Setup


@method
class Wanda(RoundRanking):
    """Wanda's score of a weight, |w| ||x||, as a norm over the output matrix's columns of a unit."""

    name: ClassVar[str] = "wanda"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2306.11695",)

    def scores(self, found: Setup, context: Context) -> Values:
        """Return the norms, after one pass over the calibration text."""
        return self._norms(found, None)

    def scores_under(self, found: Setup, mask: Mask) -> Values:
        """Return the norms, after one pass under the mask."""
        return self._norms(found, Gate(found.calibration.model, found.single, mask))

    def _norms(self, found: Setup, gate: Gate | None) -> Values:
        return np.sqrt(unit_sums(found.single, flow_squares(found.calibration, found.anatomy, gate)))

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """A pass forward each round."""
        return passes(found, int(settings["rounds"]))
