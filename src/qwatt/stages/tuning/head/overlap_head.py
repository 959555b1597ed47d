"""What heads that read overlaps of encoded samples share: the kernel's circuits and their bill."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Settings
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Vectors

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
else:
    _overlaps = lazy("qwatt.quantum.engine.kernel.fidelity")  # what the simulator needs for `backend.kernel`

Arrays = dict[str, NDArray[Any]]


class OverlapHead(HeadMethod):
    """Base: a feature map turns a sample into a state, and compute-uncompute circuits compare states.

    The setting "map" names the feature map.
    """

    reads_circuits: ClassVar[bool] = True

    @abstractmethod
    def fit_features(self, problem: HeadProblem, settings: Settings, context: Context) -> Arrays:
        """Return the arrays that `features` takes, from the training part."""

    @abstractmethod
    def features(self, arrays: Any, config: Settings, vectors: Vectors) -> NDArray[np.float64]:
        """Return what the feature map takes of each sample, shape (samples, values)."""

    @abstractmethod
    def values(self, problem: HeadProblem, settings: Settings) -> int:
        """Return the length of a row of `features`."""

    @abstractmethod
    def feature_map(self, name: str, values: int) -> Circuit:
        """Return the circuit of the map of this name."""

    def overlaps(
        self, feature_map: str, x: NDArray[Any], y: NDArray[Any] | None, context: Context
    ) -> NDArray[np.float64]:
        """Return the kernel of `x`, shape (N, values), with `y` or itself, with the context's shots."""
        backend = circuit_backend(context)
        with context.circuits():
            found = backend.kernel(self.feature_map(feature_map, x.shape[1]), x, y, shots=context.shots)
        return np.asarray(found, dtype=np.float64)

    def circuit_wires(self, model: HeadModel) -> int:
        """Return the qubits of the feature map of the saved training rows."""
        values = model.arrays["train"].shape[1]
        return self.feature_map(map_of(model.config), values).wires

    def overlap_effort(
        self, problem: HeadProblem, settings: Settings, samples: int, others: int | None, shots: int | None
    ) -> Effort:
        """Bill the kernel of so many samples with others or each other."""
        circuit = self.feature_map(map_of(settings), self.values(problem, settings))
        demand = kernel.demand(circuit, samples, others, shots)
        return Effort(demand, {"engine_call": 2.0}, kernel.simulation_flops(circuit, samples, others))

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Bill an overlap for each pair of a sample and a training sample."""
        return self.overlap_effort(problem, settings, sentences, len(problem.train), shots)


def map_of(settings: Settings) -> str:
    """Return the feature map's name; empty of a closed form, which is of one map alone."""
    return str(settings.get("map", ""))
