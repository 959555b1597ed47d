"""Control: the one-class machine on a map without any entangling gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.components import value_count
from qwatt.stages.monitoring.anomaly.kernel_svm_iqp import IqpKernelMachine

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")


@method
class ProductKernelMachine(IqpKernelMachine):
    """The same machine with one rotation a qubit and nothing between them: prod cos^2((x_k - y_k) / 2)."""

    name = "kernel-svm-product"
    kind = Kind.CONTROL
    sources = ("arXiv:2403.07059 (the separable ablation)",)
    companions: ClassVar[tuple[str, ...]] = ("kernel-svm-product-twin",)

    def feature_map(self, shape: tuple[int, int], settings: Settings) -> Circuit:
        """Return the rotations."""
        return feature_maps.angle_map(value_count(shape, int(settings["wires"])))
