"""Matrix-product states: stairs of two-qubit rotations, trained for each vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.amplitude_approximate import TrainedStates

if TYPE_CHECKING:
    from qwatt.quantum.circuits import real_rotations
else:
    real_rotations = lazy("qwatt.quantum.circuits.real_rotations")


@method
class MatrixProduct(TrainedStates):
    """One stair is a state of bond dimension 2; each further one at most doubles it.

    Trained on the overlap rather than truncated by singular values: one rule serves for any number of stairs.
    """

    name = "mps"
    kind = Kind.QUANTUM
    sources = ("arXiv:1908.07958", "arXiv:2009.02823 (gradients)")
    companions = ("amplitude-separable", "pca", "random-vectors", "float32")
    space = {"qubits": (5,), "stairs": (2, 1), "steps": (200,), "repetitions": (64,)}
    limits: ClassVar[Mapping[str, Limit]] = {"qubits": (2, 16), "stairs": (1, 200)}

    def ansatz(self, settings: Settings) -> real_rotations.RealAnsatz:
        """Return the stairs."""
        return real_rotations.staircase(int(settings["qubits"]), int(settings["stairs"]))
