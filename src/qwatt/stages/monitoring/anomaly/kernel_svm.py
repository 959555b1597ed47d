"""What one-class machines on a fidelity kernel share: the circuits' bill, and the fit."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.quantum.algorithms.kernel_concentration import Concentration
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores
from qwatt.stages.monitoring.anomaly.support import fit_support, support_scores

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
else:
    _overlaps = lazy("qwatt.quantum.engine.kernel.fidelity")  # what the simulator needs for `backend.kernel`


class KernelMachine(AnomalyMethod):
    """Base: a feature map turns a text into a state, compute-uncompute circuits compare it with clean ones.

    N (N - 1) / 2 circuits fit N clean texts, and N score another. One gives the `feature_map` and what it
    takes.
    """

    reads_circuits: ClassVar[bool] = True
    assumes: ClassVar[str] = "a text is compared with every clean text, though support vectors would do"
    limits: ClassVar[Mapping[str, Limit]] = {"nu": (1e-3, 1.0), "wires": (3, 16)}

    @abstractmethod
    def fit_inputs(self, rows: Rows, settings: Settings) -> Arrays:
        """Return the arrays that `inputs` takes, from clean rows."""

    @abstractmethod
    def inputs(self, arrays: Arrays, settings: Settings, rows: Rows) -> Rows:
        """Return what the feature map takes of each row, shape (rows, values)."""

    @abstractmethod
    def feature_map(self, shape: tuple[int, int], settings: Settings) -> Circuit:
        """Return the circuit that encodes a row, after a fit on rows of this shape."""

    @abstractmethod
    def inputs_flop(self, shape: tuple[int, int]) -> float:
        """Return the operations of `fit_inputs`."""

    def overlaps(self, circuit: Circuit, x: Rows, y: Rows | None, context: Context) -> NDArray[np.float64]:
        """Return the kernel of `x` with `y` or itself, with the context's shots."""
        backend = circuit_backend(context)
        with context.circuits():
            return np.asarray(backend.kernel(circuit, x, y, shots=context.shots), dtype=np.float64)

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Measure the kernel of all pairs, fit on it, and say whether the shots resolve it."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = dict(self.fit_inputs(rows, settings))
            x = self.inputs(arrays, settings, rows)
        gram = self.overlaps(self.feature_map(rows.shape, settings), x, None, context)
        with context.phase(Ring.KERNEL, "train"):
            arrays |= fit_support(gram, float(settings["nu"]))
        facts = Concentration.of([gram], context.shots).to_record() if self.reads_circuits else {}
        return Fitted(arrays | {"train": x}, facts)

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return how far outside the boundary rows are, from their overlaps with the clean ones."""
        with context.phase(Ring.LOADING, "encode"):
            x = self.inputs(arrays, settings, rows)
        circuit = self.feature_map((len(arrays["train"]), rows.shape[1]), settings)
        found = self.overlaps(circuit, x, np.asarray(arrays["train"], dtype=np.float64), context)
        return support_scores(arrays, found[:, arrays["support"]])

    def overlap_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, others: int | None, shots: int | None
    ) -> Effort:
        """Bill the kernel of so many rows with others or each other."""
        circuit = self.feature_map(shape, settings)
        demand = kernel.demand(circuit, rows, others, shots)
        return Effort(demand, {"engine_call": 2.0}, kernel.simulation_flops(circuit, rows, others))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Bill the symmetric kernel; reducing the rows and fitting are the host's."""
        work = {"gemm_flop": self.inputs_flop(shape), "fit": 1.0}
        return Effort(work=work) + self.overlap_effort(shape, settings, shape[0], None, shots)

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Bill an overlap for each pair of a row and a clean one."""
        return self.overlap_effort(shape, settings, rows, shape[0], shots)
