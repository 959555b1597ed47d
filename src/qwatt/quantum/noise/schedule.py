"""Which errors a native circuit meets, layer by layer: after pulses, after CZ, and while waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qwatt.quantum.noise.native import NativeCircuit, pulses
from qwatt.quantum.noise.rates import ErrorRates


@dataclass(frozen=True)
class LayerErrors:
    """Errors of one layer.

    Args:
        pulsed: number of pulses by wire, charged after the one-qubit gates.
        waits: seconds by wire that were spent waiting, charged after the layer's CZ; with a published memory
            error every wire of a layer with CZ is listed. A wire that no gate has touched yet stays in |0>
            and is not listed.
    """

    pulsed: dict[int, int]
    waits: dict[int, float]


def schedule(circuit: NativeCircuit, rates: ErrorRates, used: Iterable[int] = ()) -> list[LayerErrors]:
    """Return the errors of every layer; a layer lasts as long as its slowest wire.

    Args:
        circuit: what runs.
        rates: the QPU's errors.
        used: wires that gates have touched before, when the circuit continues another one.
    """
    found, touched = [], set(used)
    for layer in circuit.layers:
        pulsed = {wire: pulses(gate) for wire, gate in layer.gates.items()}
        paired = {wire for pair in layer.pairs for wire in pair}
        touched |= paired | set(layer.gates)
        slowest = max(pulsed.values(), default=0)
        waits = {}
        for wire in touched:
            idle = (slowest - pulsed.get(wire, 0)) * rates.time_1q_s
            idle += 0.0 if wire in paired or not paired else rates.time_2q_s
            if idle > 0 or (rates.memory and paired):
                waits[wire] = idle
        found.append(LayerErrors({w: n for w, n in pulsed.items() if n}, waits))
    return found
