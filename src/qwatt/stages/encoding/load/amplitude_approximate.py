"""Approximate amplitude encoding: a shallow brickwork of RY and CZ, trained for each vector."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.component_states import ComponentStates, Inputs

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import real_rotations
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    real_rotations = lazy("qwatt.quantum.circuits.real_rotations")


class TrainedStates(ComponentStates):
    """Base of the circuits that are trained for each vector, a query included.

    The training is a simulation on the host, in a window of its own in the ring of loading: what it costs is
    spread over the uses of the stored vectors, and paid for every query anew.
    """

    assumes: ClassVar[str] = "training takes all its steps"

    @abstractmethod
    def ansatz(self, settings: Settings) -> real_rotations.RealAnsatz:
        """Return the circuit's gates."""

    def circuit(self, settings: Settings) -> Circuit:
        """Return the circuit that takes the angles as inputs."""
        return self.ansatz(settings).circuit()

    def inputs(
        self, wanted: Inputs, settings: Settings, context: Context
    ) -> tuple[Inputs, NDArray[np.float32]]:
        """Train all vectors side by side, from starts that depend on the trial's seed alone."""
        rng = np.random.default_rng([context.seed, 13])
        found = real_rotations.fit(self.ansatz(settings), wanted, steps=int(settings["steps"]), rng=rng)
        return found.angles, found.fidelities

    def inputs_effort(self, vectors: int, settings: Settings) -> Effort:
        """Count the training, whose operations are elementwise."""
        operations = real_rotations.fit_flops(self.ansatz(settings), vectors, int(settings["steps"]))
        return Effort(work={"elementwise": operations})


@method
class AmplitudeApproximate(TrainedStates):
    """Trained on the overlap, which only a simulation knows; on 31 or 63 leading components."""

    name = "amplitude-approximate"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2103.13211", "arXiv:2009.02823 (gradients)")
    companions: ClassVar[tuple[str, ...]] = ("amplitude-separable", "pca", "random-vectors", "float32")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "qubits": (5,),
        "layers": (8, 4, 2),
        "steps": (200,),
        "repetitions": (64,),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"qubits": (2, 16), "layers": (1, 200)}

    def ansatz(self, settings: Settings) -> real_rotations.RealAnsatz:
        """Return the brickwork."""
        return real_rotations.brickwork(int(settings["qubits"]), int(settings["layers"]))
