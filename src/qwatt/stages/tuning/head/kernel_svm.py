"""Support vector machine with a quantum kernel (arXiv:1804.11326, arXiv:1803.07128)."""

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
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.overlap_head import Arrays, OverlapHead, map_of
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_components, projected
from qwatt.stages.tuning.head.support_vectors import support_arrays, support_scores

if TYPE_CHECKING:
    from sklearn import svm

    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    svm, feature_maps = lazy("sklearn.svm"), lazy("qwatt.quantum.circuits.feature_maps")


@method
class KernelSvmHead(OverlapHead):
    """SVM on the fidelity kernel |<x|y>|^2 of the leading whitened components, one a qubit.

    The components are multiplied by a bandwidth, without which the kernel of many qubits has only a diagonal
    (arXiv:2111.05451). Every overlap is measured with finite shots by compute-uncompute: N (N - 1) / 2
    circuits to fit on N sentences, and N for each sentence that is labelled.
    """

    name = "kernel-svm"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (
        "arXiv:1804.11326",
        "arXiv:1803.07128",
        "arXiv:2111.05451 (bandwidth)",
    )
    companions: ClassVar[tuple[str, ...]] = ("kernel-svm-product", "svm-rbf", "logistic")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "map": ("iqp", "angle", "zz"),
        "wires": (12, 8),
        "bandwidth": (0.25, 0.1, 0.5),
        "C": (1.0, 10.0, 0.1),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"wires": (2, 20)}
    noisy_sentences = 0
    assumes = "a sentence is compared with every training sentence, though support vectors would do"
    class_weight: ClassVar[str | None] = None

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Scale the features, measure the kernel of all pairs, and fit an SVC on it."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = self.fit_features(problem, settings, context)
            x = self.features(arrays, settings, problem.train.vectors)
        gram = self.overlaps(map_of(settings), x, None, context)
        with context.phase(Ring.KERNEL, "train"):
            machine = svm.SVC(C=settings["C"], kernel="precomputed", class_weight=self.class_weight)
            fitted = machine.fit(gram, problem.train.labels)
        arrays |= support_arrays(fitted) | {"train": x, "support": fitted.support_.astype(np.int64)}
        plain = {name: value for name, value in settings.items() if name != "C"}
        return self.model(problem, arrays, fitted.dual_coef_.size + 1, shots=context.shots, **plain)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return margins from the overlaps with the training sentences."""
        with context.phase(Ring.LOADING, "encode"):
            x = self.features(model.arrays, model.config, vectors)
        overlaps = self.overlaps(map_of(model.config), x, model.arrays["train"], context)
        return support_scores(model.arrays, overlaps[:, model.arrays["support"]])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill the symmetric kernel; the decomposition and the SVC are the host's."""
        samples = len(problem.train)
        work = {"gemm_flop": 4.0 * samples * problem.dimensions**2, "fit": 1.0}
        return Effort(work=work) + self.overlap_effort(problem, settings, samples, None, shots)

    def fit_features(self, problem: HeadProblem, settings: Settings, context: Context) -> Arrays:
        """Return the leading components."""
        return fit_components(problem.train.vectors, int(settings["wires"]), context.seed)

    def features(self, arrays: Any, config: Settings, vectors: Vectors) -> NDArray[np.float64]:
        """Return the whitened components times the bandwidth."""
        return float(config["bandwidth"]) * projected(arrays, vectors)

    def values(self, problem: HeadProblem, settings: Settings) -> int:
        """Return the wires, fewer where the problem has fewer components."""
        return min(int(settings["wires"]), problem.dimensions, len(problem.train) - 1)

    def feature_map(self, name: str, values: int) -> Circuit:
        """Return the rotations, the IQP map, or one repetition of the ZZ map."""
        maps = {"angle": feature_maps.angle_map, "iqp": feature_maps.iqp_map}
        return maps[name](values) if name in maps else feature_maps.zz_map(values, repetitions=1)
