"""Kernel density of a text among clean ones, read by amplitude estimation (arXiv:2109.13820)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms import likelihood_estimation as estimation
from qwatt.quantum.algorithms.closed_forms import amplitude_kernel
from qwatt.quantum.primitives import amplitude_estimation
from qwatt.stages.monitoring.anomaly.kernel_svm_amplitude import raised
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores

if not TYPE_CHECKING:
    _circuits = lazy("qwatt.quantum.circuits.mean_overlap")  # what the bill is counted from


@method
class AmplitudeEstimated(AnomalyMethod):
    """1 - mean_i |<x|x_i>|^2 over clean texts that one circuit loads in superposition.

    The mean is the probability of one outcome, estimated after 0, 1, 2, 4, ... amplifications. Executed: the
    probability, which is computed, and shots drawn from it as the amplified circuits would give them without
    noise; the bill holds these circuits. A shot after k amplifications loads all clean texts 2 k + 1 times.
    """

    name = "amplitude-estimated"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2109.13820", "arXiv:1904.10246")
    companions: ClassVar[tuple[str, ...]] = ("mean-kernel", "sampled-kernel", "random-score")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "lift": (0.0, 0.5, 1.0),
        "references": (64, 16),
        "doublings": (4, 2),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"references": (2, 2**16), "doublings": (0, 10)}
    reads_circuits: ClassVar[bool] = True

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Keep as many clean rows as an index register numbers, in random order; size the circuits."""
        with context.phase(Ring.LOADING, "compile"):
            _demand(rows.shape, settings, 1, context.shots)
        return Fitted({"references": rows[: 2 ** _index_qubits(rows.shape, settings)]})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Estimate the mean overlap of every row."""
        rounds, references = _rounds(settings), arrays["references"]
        shape = len(references), rows.shape[1]
        with context.circuits():
            amplitudes = mean_overlaps(references, rows, float(settings["lift"]))
            context.backend.recorder.add(_demand(shape, settings, len(rows), context.shots))
            if context.shots is None:
                return 1.0 - amplitudes
            counts = estimation.draw_counts(amplitudes, rounds, context.shots, context.rng)
        with context.phase(Ring.KERNEL, "estimate"):
            return 1.0 - estimation.likeliest(counts, rounds, context.shots)

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Bill the circuits of every round, and count the comparison of angles."""
        compared = 0.0 if shots is None else estimation.flop(rows, len(_rounds(settings)))
        demand = _demand(shape, settings, rows, shots)
        simulated = 2.0 * rows * 2 ** _index_qubits(shape, settings) * shape[1]
        return Effort(demand, {"gemm_flop": compared + simulated})


def mean_overlaps(references: Rows, rows: Rows, lift: float) -> Scores:
    """Return the mean squared cosine of each row with all references, shape (rows,)."""
    return np.asarray(amplitude_kernel(raised(rows, lift), raised(references, lift)).mean(axis=1))


def _rounds(settings: Settings) -> tuple[int, ...]:
    return estimation.schedule(int(settings["doublings"]))


def _index_qubits(shape: tuple[int, int], settings: Settings) -> int:
    """Return the qubits that number the references: a power of two, of the clean rows at most."""
    return max(1, min(int(settings["references"]), shape[0]).bit_length() - 1)


def _demand(shape: tuple[int, int], settings: Settings, rows: int, shots: int | None) -> Demand:
    data = max(1, (shape[1] + (settings["lift"] > 0) - 1).bit_length())
    index = _index_qubits(shape, settings)
    return amplitude_estimation.mean_overlap_demand(index, data, _rounds(settings), rows, shots)
