"""The two circuits of the re-uploading head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from qwatt.core.method import Settings

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit


@dataclass(frozen=True)
class HeadCircuits:
    """The circuits of arXiv:2504.08732.

    Args:
        module1: amplitude encoding of the embedding and a ring ansatz; Z of the first wires is read.
        module2: the QPU's part: angle encoding of these values, re-uploaded, and Z of one wire.
    """

    module1: Circuit
    module2: Circuit


def head_circuits(dimensions: int, settings: Settings, entangle: bool = True) -> HeadCircuits:
    """Build both circuits.

    Args:
        dimensions: number of values to encode as amplitudes, at least 3.
        settings: "wires" of module 2, "reuploads", "layers" and "connectivity".
        entangle: False leaves every CNOT out.
    """
    from qwatt.quantum.circuits.reupload import reupload

    loading_wires = max(2, (dimensions - 1).bit_length())
    wires = min(int(settings["wires"]), loading_wires)
    reach = min(int(settings["connectivity"]), wires - 1)
    return HeadCircuits(
        _amplitude_ring(loading_wires, dimensions, wires, int(settings["layers"]), entangle),
        reupload(wires, int(settings["reuploads"]), int(settings["layers"]), reach, entangle),
    )


@cache
def _amplitude_ring(wires: int, dimensions: int, readout: int, layers: int, entangle: bool) -> Circuit:
    import pennylane as qml

    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits.ansaetze import ring_layers, ring_size

    def function(inputs: Any, weights: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires), pad_with=0.0, normalize=True)
        ring_layers(weights, wires, layers, 1, entangle)

    shape = (ring_size(wires, layers, 1),)
    return Circuit(function, wires, dimensions, shape, tuple(range(readout)), name="amplitude_ring")
