"""The closed form of a product map's fidelity kernel: no circuit is needed (arXiv:1803.07128, equation 8)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import product_kernel
from qwatt.stages.tuning.head.kernel_svm import KernelSvmHead
from qwatt.stages.tuning.head.problem import HeadProblem


@method
class ProductKernelHead(KernelSvmHead):
    """The same SVM on prod_k cos^2((x_k - y_k) / 2), which is what rotations of one qubit each measure.

    Computed exactly on the host, a few operations a pair and component: the classical twin of "kernel-svm"
    with its "angle" map, and a measure of what entangling maps add.
    """

    name = "kernel-svm-product"
    kind = Kind.INSPIRED
    sources = ("arXiv:1803.07128", "arXiv:2503.05602")
    companions = ("svm-rbf", "logistic")
    space = {name: values for name, values in KernelSvmHead.space.items() if name != "map"}
    reads_circuits = False
    assumes = ""

    def overlaps(
        self, feature_map: str, x: NDArray[Any], y: NDArray[Any] | None, context: Context
    ) -> NDArray[np.float64]:
        """Return the kernel of `x`, shape (N, wires), with `y` or itself."""
        with context.phase(Ring.KERNEL, "kernel"):
            return product_kernel(x, x if y is None else y)

    def overlap_effort(
        self, problem: HeadProblem, settings: Settings, samples: int, others: int | None, shots: int | None
    ) -> Effort:
        """Count six operations a pair and component; there are no circuits."""
        pairs = samples * (samples if others is None else others)
        return Effort(work={"statevector_flop": 6.0 * pairs * self.values(problem, settings)})
