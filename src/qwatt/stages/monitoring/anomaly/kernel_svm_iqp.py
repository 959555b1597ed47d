"""One-class machine on the overlaps of the IQP map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.components import components_flop, fit_components, reduced, value_count
from qwatt.stages.monitoring.anomaly.kernel_svm import KernelMachine
from qwatt.stages.monitoring.anomaly.model import Arrays, Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")


@method
class IqpKernelMachine(KernelMachine):
    """Leading components and the length of the rest, one a qubit of a ring, times a bandwidth.

    Without a bandwidth all texts are alike far apart, and shots see nothing (arXiv:2208.11060).
    """

    name = "kernel-svm-iqp"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (
        "arXiv:2208.01203",
        "arXiv:1804.11326",
        "arXiv:2412.13529 (log lines)",
        "arXiv:2111.05451 (bandwidth)",
    )
    companions: ClassVar[tuple[str, ...]] = (
        "kernel-svm-product",
        "kernel-svm-iqp-twin",
        "one-class-svm",
        "random-score",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "bandwidth": (0.3, 0.1, 0.6, 1.0),
        "nu": (0.1, 0.02, 0.5),
        "wires": (8,),
    }

    def fit_inputs(self, rows: Rows, settings: Settings) -> Arrays:
        """Return the components."""
        return fit_components(rows, int(settings["wires"]))

    def inputs(self, arrays: Arrays, settings: Settings, rows: Rows) -> Rows:
        """Return the angles."""
        return float(settings["bandwidth"]) * reduced(arrays, rows)

    def feature_map(self, shape: tuple[int, int], settings: Settings) -> Circuit:
        """Return the map on a ring."""
        return feature_maps.iqp_map(value_count(shape, int(settings["wires"])), entanglement="ring")

    def inputs_flop(self, shape: tuple[int, int]) -> float:
        """Count the components."""
        return components_flop(shape)
