"""Control: the measured kernel without any entangling gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.problem import Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")


@method
class SeparableKernelMmd(KernelMmd):
    """The same test with one rotation a qubit and nothing between them: prod cos^2((x_k - y_k) / 2)."""

    name = "kernel-mmd-separable"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions = ()

    def feature_map(self, wires: int) -> Circuit:
        """Return the rotations."""
        return feature_maps.angle_map(wires)

    def gram(self, rows: Rows, settings: Settings) -> NDArray[np.float64]:
        """Return the exact kernel, which is a product over the qubits."""
        return np.asarray((np.cos(0.5 * (rows[:, None] - rows)) ** 2).prod(axis=-1))
