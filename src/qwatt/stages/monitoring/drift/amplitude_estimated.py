"""The difference of the mean scores as one amplitude, estimated by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms import likelihood_estimation as estimation
from qwatt.quantum.primitives import amplitude_estimation
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.stages.monitoring.drift.mean_score import mean_differences
from qwatt.stages.monitoring.drift.method import Evidence
from qwatt.stages.monitoring.drift.permutation import Labels, labels, p_value
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows
from qwatt.stages.monitoring.drift.typicality import ScoreDetector

if TYPE_CHECKING:
    from qwatt.core.demand import Demand
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import tabulated_mean
else:
    tabulated_mean = lazy("qwatt.quantum.circuits.tabulated_mean")


@dataclass(frozen=True, eq=False)
class Estimates:
    """What was measured of a pair, for each assignment of its labels.

    Args:
        statistics: distance of the means, the observed assignment first; shape (assignments,).
    """

    statistics: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.statistics)


@method
class AmplitudeEstimated(ScoreDetector):
    """|mean score of the window - that of the reference|, from an amplitude that amplifications sharpen.

    The circuit spreads over all texts of both, and turns one qubit by a text's score, or by 1 - score for the
    reference: its chance of 1 is 1/2 + half the difference of the means. Every assignment of the labels is
    another circuit, so that there are 19 random ones, of which one alarm in 20 is a false one. Executed:
    measurements drawn from the circuits' closed form; the host knows all scores, and could as well add them.
    """

    name = "amplitude-estimated"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1904.10246", "arXiv:1912.05559")
    companions: ClassVar[tuple[str, ...]] = ("mean-score", "sampled-score", "random-labels")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"doublings": (3, 0, 5)}
    limits: ClassVar[Mapping[str, Any]] = {"doublings": (0, 10)}
    permutations: ClassVar[int] = 19
    measures_labels: ClassVar[bool] = True

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Estimate the difference of the means for the observed and the random assignments of each pair."""
        schedule, found = estimation.schedule(int(settings["doublings"])), []
        with context.circuits():
            for rows in samples:
                assigned = labels(len(rows), context.rng, self.permutations)
                differences = self.differences(rows[:, 0], assigned, schedule, context)
                found.append(Estimates(np.abs(differences)))
                context.backend.recorder.add(self.pair_demand(len(rows), schedule, context.shots))
                context.progress(len(found), len(samples), "windows measured")
        return found

    def differences(
        self, scores: NDArray[np.float64], assigned: Labels, schedule: tuple[int, ...], context: Context
    ) -> NDArray[np.float64]:
        """Return the estimated difference of the means of each assignment."""
        exact = mean_differences(scores, assigned)
        share = len(scores) / 2 ** index_wires(len(scores))  # idle indices turn by a half
        amplitudes = 0.5 + 0.5 * share * exact
        if context.shots is None:
            return exact
        counts = estimation.draw_counts(amplitudes, schedule, context.shots, context.rng)
        return np.asarray((2.0 * estimation.likeliest(counts, schedule, context.shots) - 1.0) / share)

    def evidence(self, sample: Any, settings: Settings, rng: np.random.Generator, least: int = 0) -> Evidence:
        """Rank the observed assignment among those that were measured."""
        return Evidence(float(sample.statistics[0]), p_value(sample.statistics))

    def statistics(self, sample: Any, assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return what was measured, whatever is asked for."""
        return np.asarray(sample.statistics)

    def pair_demand(self, texts: int, schedule: tuple[int, ...], shots: int | None) -> Demand:
        """Return the bill of all rounds of all assignments of a pair."""
        rounds = [(k, BILL_SHOTS if shots is None else shots) for k in schedule]
        circuit = mean_circuit(texts)
        one = amplitude_estimation.demand(circuit, rounds, good=circuit.wires - 1)
        return one.times(self.permutations + 1)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill the amplified circuits; the host scores, and finds the likeliest of the angles it tries."""
        schedule = estimation.schedule(int(settings["doublings"]))
        compared = 0.0 if shots is None else estimation.flop(self.permutations + 1, len(schedule))
        work = {"gemm_flop": self.score_flop(problem) + compared}
        return Effort(self.pair_demand(2 * problem.window, schedule, shots), work)


def index_wires(texts: int) -> int:
    """Return the qubits that count so many texts."""
    return max(1, (texts - 1).bit_length())


def mean_circuit(texts: int) -> Circuit:
    """Return the circuit whose last wire shows 1 with the mean of a table of so many scores."""
    return tabulated_mean.tabulated_mean(index_wires(texts))
