"""Exact amplitudes of the leading components alone: a sparse vector in a learned basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

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
    from qwatt.quantum.circuits import feature_maps
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")


@method
class AmplitudeLeading(ComponentStates):
    """Keep the 2^n - 1 leading components, which need no index, and load them by the exact tree."""

    name = "amplitude-leading"
    kind = Kind.QUANTUM
    sources = ("arXiv:quant-ph/0407010 (tree)", "arXiv:2603.03803 (few coefficients in a learned basis)")
    companions = ("pca", "random-vectors", "float32")
    space = {"qubits": (7, 5, 6, 8), "repetitions": (64, 256, 16)}
    limits: ClassVar[Mapping[str, Limit]] = {"qubits": (1, 16)}

    def circuit(self, settings: Settings) -> Circuit:
        """Return the tree."""
        return feature_maps.amplitude_map(int(settings["qubits"]))

    def inputs(
        self, wanted: Inputs, settings: Settings, context: Context
    ) -> tuple[Inputs, NDArray[np.float32]]:
        """Return the amplitudes themselves, of which a QPU is sent the tree's angles, one fewer."""
        return wanted, np.ones(len(wanted), dtype=np.float32)

    def inputs_effort(self, vectors: int, settings: Settings) -> Effort:
        """Count nothing: amplitudes are handed over as they are."""
        return Effort()

    def angles_loaded(self, settings: Settings) -> int:
        """Return the tree's angles."""
        return int(2 ** int(settings["qubits"]) - 1)
