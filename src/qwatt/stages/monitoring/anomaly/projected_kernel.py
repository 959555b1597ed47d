"""One-class machine on a projected kernel: single-qubit states, compared on the host (arXiv:2011.01938)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.qubit_states import bloch_effort, bloch_vectors
from qwatt.stages.monitoring.anomaly.components import components_flop, fit_components, reduced, value_count
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores
from qwatt.stages.monitoring.anomaly.one_class_svm import OneClassSvm


@method
class ProjectedKernel(OneClassSvm):
    """exp(-|r - r'|^2 / (2 s^2)) of the qubits' Bloch vectors r after the IQP map on a ring.

    Two circuits a text, read in X and in Y (Z is 0 after this map): shots do not grow with the number of
    clean texts, and no value has to be resolved that shrinks with the number of qubits. The width s is in
    units of the clean texts' median distance; a constant times the sum of squared distances of the qubits'
    states is the paper's exponent (equation 9).
    """

    name = "projected-kernel"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2011.01938",)
    companions: ClassVar[tuple[str, ...]] = (
        "projected-kernel-separable",
        "projected-kernel-twin",
        "one-class-svm",
        "random-score",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "bandwidth": (0.3, 0.1, 0.6),
        "width": (1.0, 0.5),
        "nu": (0.1, 0.5),
        "wires": (8,),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"nu": (1e-3, 1.0), "wires": (3, 16)}
    reads_circuits: ClassVar[bool] = True
    entanglement: ClassVar[str] = "ring"

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Measure the clean rows' vectors and fit a Gaussian machine on them."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = fit_components(rows, int(settings["wires"]))
        found = super().fit(self.bloch(arrays, settings, rows, context), settings, context)
        return Fitted(dict(arrays) | dict(found.arrays), found.facts)

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Measure the rows' vectors and compare them with the clean ones'."""
        return super().score(arrays, settings, self.bloch(arrays, settings, rows, context), context)

    def bloch(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Rows:
        """Return X of every qubit and then Y, shape (rows, 2 wires), with the context's shots."""
        angles = float(settings["bandwidth"]) * reduced(arrays, rows)
        return self.vectors(angles, context)

    def vectors(self, angles: Rows, context: Context) -> Rows:
        """Measure the Bloch vectors of encoded rows."""
        return bloch_vectors(angles, self.entanglement, context)

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Bill two circuits a clean row; the rest is the host's."""
        values = value_count(shape, int(settings["wires"]))
        components = Effort(work={"gemm_flop": components_flop(shape)})
        machine = super().fit_effort((shape[0], 2 * values), settings, shots)
        return components + machine + self.vectors_effort(values, shape[0], shots)

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Bill two circuits a row."""
        values = value_count(shape, int(settings["wires"]))
        machine = super().score_effort((shape[0], 2 * values), settings, rows, shots)
        return machine + self.vectors_effort(values, rows, shots)

    def vectors_effort(self, values: int, rows: int, shots: int | None) -> Effort:
        """Bill the circuits of so many rows."""
        return bloch_effort(values, self.entanglement, rows, shots)
