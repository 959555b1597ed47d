"""Units by the diagonal of the Fisher information of their mask."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.ranking import GradientRanking


@method
class Fisher(GradientRanking):
    """The mean over windows of (dL/dm)^2, m the unit's factor."""

    name: ClassVar[str] = "fisher"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2204.09656",)

    def worth(self, gradients: NDArray[np.float32]) -> Values:
        """Return the mean squares of the gradient."""
        return np.asarray(np.square(gradients).mean(0), dtype=np.float64)
