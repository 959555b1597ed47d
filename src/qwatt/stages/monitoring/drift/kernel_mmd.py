"""Maximum mean discrepancy with a fidelity kernel, measured entry by entry (arXiv:2503.05602)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import ring_kernel_of_pairs
from qwatt.quantum.algorithms.kernel_concentration import Concentration
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.stages.monitoring.drift.discrepancy import KernelDetector, permutation_flop
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")
    _overlaps = lazy("qwatt.quantum.engine.kernel.fidelity")  # what the simulator needs for `backend.kernel`

_FEWEST_WIRES = 3


@method
class KernelMmd(KernelDetector):
    """|<x|y>|^2 of the IQP map on a ring, one whitened component a qubit, by compute-uncompute circuits.

    The components are multiplied by a bandwidth, without which all texts are alike far apart and the
    test is blind (arXiv:2208.11060, arXiv:2503.05602). A pair of n texts takes n (n - 1) / 2 circuits.
    """

    name = "kernel-mmd"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2503.05602", "arXiv:1804.11326", "arXiv:2511.20941")
    companions: ClassVar[tuple[str, ...]] = (
        "kernel-mmd-separable",
        "kernel-mmd-twin",
        "mmd-rbf",
        "random-labels",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "bandwidth": (0.3, 0.1, 0.6, 1.0),
        "components": (8, 4),
    }
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"components": (3, 16)}

    def feature_map(self, wires: int) -> Circuit:
        """Return the circuit that encodes a text."""
        return feature_maps.iqp_map(wires, entanglement="ring")

    def encoding(self, normal: Rows, settings: Settings) -> Callable[[Rows], Rows]:
        """Return what makes the angles, those of idle wires 0: a ring has three wires or more."""
        features, bandwidth = super().encoding(normal, settings), float(settings["bandwidth"])
        idle = max(0, _FEWEST_WIRES - int(normal.shape[1]))
        return lambda rows: bandwidth * np.pad(features(rows), ((0, 0), (0, idle)))

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Measure the kernel matrix of each pair with the context's shots."""
        backend = circuit_backend(context)
        circuit = self.feature_map(samples[0].shape[1])
        found = []
        with context.circuits():
            for rows in samples:
                gram = backend.kernel(circuit, rows, shots=context.shots)
                found.append(np.asarray(gram, dtype=np.float64))
                context.progress(len(found), len(samples), "kernels")
        return found

    def remarks(self, compared: Sequence[Any], settings: Settings, shots: int | None) -> dict[str, Any]:
        """Return whether the bandwidth is of any use."""
        found = Concentration.of(compared, shots)
        said = {"bandwidth": found.said(float(settings["bandwidth"]))} if found.concentrated else {}
        return {**found.to_record(), **said}

    def gram(self, rows: Rows, settings: Settings) -> NDArray[np.float64]:
        """Return the exact kernel in closed form, which `compared` estimates."""
        return ring_kernel(rows)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill the symmetric kernel; the permutations are the host's."""
        texts, circuit = 2 * problem.window, self.feature_map(self.feature_count(problem, settings))
        work = {"engine_call": 2.0, "gemm_flop": permutation_flop(texts)}
        return Effort(
            kernel.demand(circuit, texts, None, shots), work, kernel.simulation_flops(circuit, texts)
        )


def ring_kernel(rows: Rows) -> NDArray[np.float64]:
    """Return |<x|y>|^2 of the IQP map of all texts with each other, shape (texts, texts)."""
    left, right = np.triu_indices(len(rows), 1)
    found = np.eye(len(rows))
    found[left, right] = found[right, left] = ring_kernel_of_pairs(rows, left, right)
    return found
