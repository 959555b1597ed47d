"""Support vector machine on a projected quantum kernel: single qubits' states (arXiv:2011.01938)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import squared_distances
from qwatt.quantum.algorithms.qubit_states import bloch_effort, bloch_vectors
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_components, projected
from qwatt.stages.tuning.head.support_vectors import support_arrays, support_scores
from qwatt.stages.tuning.head.svm import gaussian_kernel

if TYPE_CHECKING:
    from sklearn import svm
else:
    svm = lazy("sklearn.svm")

_FEWEST_WIRES = 3
"""Of a ring; a wire without a value of its own is not turned and couples to none."""


@method
class ProjectedKernelHead(HeadMethod):
    """SVM on exp(-|r - r'|^2 / (2 s^2)) of the qubits' Bloch vectors r after the IQP map on a ring.

    Each of the leading whitened components, times a bandwidth, turns a qubit of its own. Two circuits a
    sentence, read in X and in Y (Z is 0 after this map): a kernel of N sentences takes 2 N circuits, where
    the fidelity kernel takes N (N - 1) / 2, and its values do not shrink with the qubits. The width s is in
    units of the training sentences' median distance; the exponent is equation 9 of the source up to a factor.
    """

    name = "projected-kernel"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2011.01938",)
    companions: ClassVar[tuple[str, ...]] = (
        "projected-kernel-separable",
        "projected-kernel-twin",
        "svm-rbf",
        "logistic",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "wires": (8, 12),
        "bandwidth": (0.3, 0.1, 0.6),
        "width": (1.0, 0.5, 2.0),
        "C": (1.0, 10.0, 0.1),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"wires": (_FEWEST_WIRES, 20)}
    reads_circuits: ClassVar[bool] = True
    assumes: ClassVar[str] = "every sentence becomes a support vector"
    entanglement: ClassVar[str] = "ring"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Measure the training sentences' vectors and fit an SVC with a Gaussian kernel on them."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = fit_components(problem.train.vectors, int(settings["wires"]), context.seed)
            angles = _angles(arrays, settings, problem.train.vectors)
        rows = self.bloch(angles, context)
        with context.phase(Ring.KERNEL, "train"):
            squares = squared_distances(rows, rows)[np.triu_indices(len(rows), 1)]
            median = float(np.median(squares)) if squares.any() else 1.0
            gamma = 0.5 / (float(settings["width"]) ** 2 * (median or float(squares.mean())))
            fitted = svm.SVC(C=settings["C"], gamma=gamma).fit(rows, problem.train.labels)
        arrays |= support_arrays(fitted) | {"support_vectors": fitted.support_vectors_}
        plain = {"bandwidth": settings["bandwidth"], "gamma": gamma}
        return self.model(problem, arrays, fitted.dual_coef_.size + 1, shots=context.shots, **plain)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return margins from the sentences' vectors and those of the support vectors."""
        with context.phase(Ring.LOADING, "encode"):
            angles = _angles(model.arrays, model.config, vectors)
        rows = self.bloch(angles, context)
        kernel = gaussian_kernel(rows, model.arrays["support_vectors"], float(model.config["gamma"]))
        return support_scores(model.arrays, kernel)

    def circuit_wires(self, model: HeadModel) -> int:
        """Return the qubits, of which every support vector has X and Y."""
        return int(model.arrays["support_vectors"].shape[1]) // 2

    def bloch(self, angles: NDArray[np.float64], context: Context) -> NDArray[np.float64]:
        """Return X of every qubit and then Y, shape (sentences, 2 wires), with the context's shots."""
        return bloch_vectors(angles, self.entanglement, context)

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill two circuits a training sentence; the components and the SVC are the host's."""
        samples, wires = len(problem.train), _wires(problem, settings)
        work = {"gemm_flop": 4.0 * samples * problem.dimensions**2 + 4.0 * samples**2 * wires, "fit": 1.0}
        return Effort(work=work) + self.bloch_effort(wires, samples, shots)

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Bill two circuits a sentence, whatever the number of training sentences."""
        wires = _wires(problem, settings)
        work = {"gemm_flop": 4.0 * sentences * len(problem.train) * wires}
        return Effort(work=work) + self.bloch_effort(wires, sentences, shots)

    def bloch_effort(self, wires: int, sentences: int, shots: int | None) -> Effort:
        """Bill the circuits of so many sentences."""
        return bloch_effort(wires, self.entanglement, sentences, shots)


def _angles(arrays: Mapping[str, NDArray[Any]], settings: Settings, vectors: Vectors) -> NDArray[np.float64]:
    """Return what the map takes of each sentence, shape (sentences, wires)."""
    found = float(settings["bandwidth"]) * projected(arrays, vectors)
    return np.pad(found, ((0, 0), (0, max(0, _FEWEST_WIRES - found.shape[1]))))


def _wires(problem: HeadProblem, settings: Settings) -> int:
    """Return the wires, fewer where the problem has fewer components."""
    components = min(int(settings["wires"]), problem.dimensions, len(problem.train) - 1)
    return max(_FEWEST_WIRES, components)
