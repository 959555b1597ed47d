"""The closed forms of both encodings' overlaps: the same heads without a circuit."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import product_kernel
from qwatt.stages.tuning.head.columns.base import ColumnHead, N
from qwatt.stages.tuning.head.columns.distance import QuantumDistance
from qwatt.stages.tuning.head.columns.kernel_svm import ColumnKernelSvm
from qwatt.stages.tuning.head.columns.simplified import SimplifiedKernelSvm
from qwatt.stages.tuning.head.problem import HeadProblem


class ClosedForm(ColumnHead):
    """Base: (x y)^2 of amplitudes, prod cos^2((x_k - y_k) / 2) of a qubit a value, exact on the host."""

    kind: ClassVar[Kind] = Kind.INSPIRED
    reads_circuits = False
    assumes = ""

    def overlaps(
        self, feature_map: str, x: NDArray[Any], y: NDArray[Any] | None, context: Context
    ) -> NDArray[np.float64]:
        """Return the overlaps of `x`, shape (N, values), with `y` or itself."""
        others = x if y is None else y
        with context.phase(Ring.KERNEL, "kernel"):
            return product_kernel(x, others) if feature_map == N else np.asarray((x @ others.T) ** 2)

    def overlap_effort(
        self, problem: HeadProblem, settings: Settings, samples: int, others: int | None, shots: int | None
    ) -> Effort:
        """Count six operations a pair and value; there are no circuits."""
        pairs = samples * (samples if others is None else others)
        return Effort(work={"gemm_flop": 6.0 * pairs * self.values(problem, settings)})


@method
class QuantumDistanceTwin(ClosedForm, QuantumDistance):
    """The nearest training row, by the same overlap."""

    name = "quantum-distance-twin"
    companions = ()


@method
class SimplifiedKernelSvmTwin(ClosedForm, SimplifiedKernelSvm):
    """The class of the largest mean overlap: a Parzen window of the same kernel."""

    name = "simplified-kernel-svm-twin"
    companions = ()


@method
class ColumnKernelSvmTwin(ClosedForm, ColumnKernelSvm):
    """The same SVM on a kernel of degree two, or of cosines."""

    name = "column-kernel-svm-twin"
    companions = ()
