"""One-class machine on the overlaps of amplitude-encoded texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.overlap_distances import amplitude_inputs, amplitude_test
from qwatt.stages.monitoring.anomaly.kernel_svm import KernelMachine
from qwatt.stages.monitoring.anomaly.model import Arrays, Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
else:
    _maps = lazy("qwatt.quantum.circuits.overlap")


@method
class AmplitudeKernelMachine(KernelMachine):
    """log2(d) qubits hold a text's whole vector; an overlap is the squared cosine of two.

    The `lift` is a constant beside the vector, in units of its length: the kernel becomes that of a
    polynomial of degree 2, which tells x from -x, and a larger one makes all values more alike, as a
    bandwidth does.
    """

    name = "kernel-svm-amplitude"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2208.01203", "arXiv:1803.07128")
    companions: ClassVar[tuple[str, ...]] = (
        "kernel-svm-amplitude-twin",
        "kernel-svm-product",
        "one-class-svm",
        "random-score",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"lift": (0.0, 0.5, 1.0), "nu": (0.1, 0.02, 0.5)}

    def fit_inputs(self, rows: Rows, settings: Settings) -> Arrays:
        """Nothing is fitted."""
        return {}

    def inputs(self, arrays: Arrays, settings: Settings, rows: Rows) -> Rows:
        """Return amplitudes, not normalised."""
        lifted = raised(rows, float(settings["lift"]))
        return amplitude_inputs(lifted, amplitude_test("inversion", lifted.shape[1]))

    def feature_map(self, shape: tuple[int, int], settings: Settings) -> Circuit:
        """Return the tree of amplitudes."""
        return amplitude_test("inversion", shape[1] + (settings["lift"] > 0)).encoding

    def inputs_flop(self, shape: tuple[int, int]) -> float:
        """Nothing is fitted."""
        return 0.0


def raised(rows: Rows, lift: float) -> Rows:
    """Append to every row so many times its own length; nothing for 0."""
    if not lift:
        return rows
    return np.column_stack([rows, lift * np.linalg.norm(rows, axis=1)])
