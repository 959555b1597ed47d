"""The simplified quantum kernel machine of doi:10.1038/s41598-022-05971-9."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.columns.base import SOURCE, SPACE, NeighbourHead


@method
class SimplifiedKernelSvm(NeighbourHead):
    """The class whose training rows have the largest mean overlap: no machine is trained.

    The published sign of sum_i y_i k(x_i, x), with y_i = 1 - p for the class that a share p of the rows has
    and -p for the other, is the sign of the difference of both means; so it goes for several classes too.
    """

    name = "simplified-kernel-svm"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (SOURCE,)
    companions: ClassVar[tuple[str, ...]] = (
        "simplified-kernel-svm-twin",
        "simplified-kernel-svm-random",
        "nearest-neighbours",
        "svm-rbf",
        "logistic",
    )
    space = SPACE

    def class_score(self, overlaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean."""
        return np.asarray(overlaps.mean(axis=1))
