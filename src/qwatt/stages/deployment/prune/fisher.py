"""Units by the diagonal of the Fisher information of their mask."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Ring
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.ranking import GradientRanking
from qwatt.stages.deployment.prune.setup import Setup


@method
class Fisher(GradientRanking):
    """The mean over windows of (dL/dm)^2, m the unit's factor in the whole model."""

    name: ClassVar[str] = "fisher"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2204.09656",)

    def scores(self, found: Setup, context: Context) -> Values:
        """Return the mean squares of the gradient."""
        gradients = context.shared(Ring.LOADING, "gradients", found.gradients)
        return np.asarray(np.square(gradients).mean(0), dtype=np.float64)
