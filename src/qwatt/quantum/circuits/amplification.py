"""Amplitude amplification of any circuit (quant-ph/0005055), the quantum part of amplitude estimation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.demand import Counts, circuit_counts


def amplify(prepare: Any, flip_good: Any, wires: Iterable[int], iterations: int) -> None:
    """Queue A, then `iterations` times: flip the good states' sign and reflect about A|0...0>.

    Args:
        prepare: quantum function A, called without arguments.
        flip_good: quantum function that flips the sign of the good states, called without arguments.
        wires: wires that A prepares from |0...0>.
        iterations: number of repetitions k.
    """
    with qml.QueuingManager.stop_recording():
        unitary = qml.prod(prepare)()
        oracle = qml.prod(flip_good)()
    qml.apply(unitary)
    if iterations:
        qml.AmplitudeAmplification(unitary, oracle, iters=iterations, reflection_wires=list(wires))


@lru_cache(maxsize=256)
def amplified(circuit: Circuit, iterations: int, good: int = 0) -> Circuit:
    """Amplify the outcome 1 of one wire: its probability sin^2(theta) becomes sin^2((2k+1) theta).

    Args:
        circuit: the preparation A, inputs and weights included.
        iterations: k; the circuit uses A or its inverse 2k+1 times.
        good: the wire whose outcome 1 is good, also the only one that is read.

    Raises:
        QwattError: no such wire.
    """
    if not 0 <= good < circuit.wires:
        raise QwattError(f"{circuit.name} has no wire {good}")

    def function(inputs: Any, weights: Any) -> None:
        amplify(
            lambda: circuit.function(inputs, weights), lambda: qml.Z(good), range(circuit.wires), iterations
        )

    name = f"{circuit.name}_amplified_{iterations}"
    return Circuit(function, circuit.wires, circuit.n_inputs, circuit.weight_shape, (good,), name)


def amplified_counts(circuit: Circuit, iterations: int, good: int = 0) -> Counts:
    """Count the gates of `amplified` without building it: linear in k, from k = 0, 1 and 2."""
    zero, one, two = (circuit_counts(amplified(circuit, k, good)) for k in range(3))
    if iterations == 0:
        return zero
    return Counts(
        zero.gates_1q + iterations * (one.gates_1q - zero.gates_1q),
        zero.gates_2q + iterations * (one.gates_2q - zero.gates_2q),
        one.depth + (iterations - 1) * (two.depth - one.depth),
    )
