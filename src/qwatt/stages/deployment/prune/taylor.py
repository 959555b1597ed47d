"""Units by what the loss changes to first order when they go."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.ranking import GradientRanking


@method
class Taylor(GradientRanking):
    """The mean over windows of |dL/dm|, m the unit's factor."""

    name: ClassVar[str] = "taylor"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1905.10650", "arXiv:1611.06440")

    def worth(self, gradients: NDArray[np.float32]) -> Values:
        """Return the mean sizes of the gradient."""
        return np.asarray(np.abs(gradients).mean(0), dtype=np.float64)
