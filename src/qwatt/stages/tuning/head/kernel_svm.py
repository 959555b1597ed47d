"""Support vector machine with a quantum kernel (arXiv:1804.11326, arXiv:1803.07128)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_components, projected
from qwatt.stages.tuning.head.support_vectors import support_arrays, support_scores

if TYPE_CHECKING:
    from sklearn import svm

    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    svm, feature_maps = lazy("sklearn.svm"), lazy("qwatt.quantum.circuits.feature_maps")
    _overlaps = lazy("qwatt.quantum.engine.kernel.fidelity")  # what the simulator needs for `backend.kernel`


@method
class KernelSvmHead(HeadMethod):
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
    space = {
        "map": ("iqp", "angle", "zz"),
        "wires": (12, 8),
        "bandwidth": (0.25, 0.1, 0.5),
        "C": (1.0, 10.0, 0.1),
    }
    reads_circuits = True
    noisy_sentences = 0
    assumes = "a sentence is compared with every training sentence, though support vectors would do"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Scale the components, measure the kernel of all pairs, and fit an SVC on it."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = fit_components(problem.train.vectors, int(settings["wires"]), context.seed)
            x = float(settings["bandwidth"]) * projected(arrays, problem.train.vectors)
        gram = self.overlaps(str(settings["map"]), x, None, context)
        with context.phase(Ring.KERNEL, "train"):
            fitted = svm.SVC(C=settings["C"], kernel="precomputed").fit(gram, problem.train.labels)
        arrays |= support_arrays(fitted) | {"train": x, "support": fitted.support_.astype(np.int64)}
        config = {name: settings[name] for name in ("map", "bandwidth")}
        return self.model(problem, arrays, fitted.dual_coef_.size + 1, shots=context.shots, **config)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return margins from the overlaps with the training sentences."""
        with context.phase(Ring.LOADING, "encode"):
            x = float(model.config["bandwidth"]) * projected(model.arrays, vectors)
        overlaps = self.overlaps(str(model.config["map"]), x, model.arrays["train"], context)
        return support_scores(model.arrays, overlaps[:, model.arrays["support"]])

    def overlaps(
        self, feature_map: str, x: NDArray[Any], y: NDArray[Any] | None, context: Context
    ) -> NDArray[np.float64]:
        """Return the kernel of `x`, shape (N, wires), with `y` or itself, with the context's shots."""
        backend = circuit_backend(context)
        with context.circuits():
            found = backend.kernel(_circuit(feature_map, x.shape[1]), x, y, shots=context.shots)
        return np.asarray(found, dtype=np.float64)

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill the symmetric kernel; the decomposition and the SVC are the host's."""
        samples = len(problem.train)
        work = {"gemm_flop": 4.0 * samples * problem.dimensions**2, "fit": 1.0}
        return Effort(work=work) + self.overlap_effort(problem, settings, samples, None, shots)

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Bill an overlap for each pair of a sentence and a training sentence."""
        return self.overlap_effort(problem, settings, sentences, len(problem.train), shots)

    def overlap_effort(
        self, problem: HeadProblem, settings: Settings, samples: int, others: int | None, shots: int | None
    ) -> Effort:
        """Bill the kernel of so many samples with others or each other."""
        circuit = self.circuit(problem, settings)
        demand = kernel.demand(circuit, samples, others, shots)
        return Effort(demand, {"engine_call": 2.0}, kernel.simulation_flops(circuit, samples, others))

    def circuit(self, problem: HeadProblem, settings: Settings) -> Circuit:
        """Return the feature map, with fewer wires where the problem has fewer components."""
        wires = min(int(settings["wires"]), problem.dimensions, len(problem.train) - 1)
        return _circuit(str(settings["map"]), wires)


def _circuit(feature_map: str, wires: int) -> Circuit:
    maps = {"angle": feature_maps.angle_map, "iqp": feature_maps.iqp_map}
    return maps[feature_map](wires) if feature_map in maps else feature_maps.zz_map(wires, repetitions=1)
