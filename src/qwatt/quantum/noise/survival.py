"""The probability that no error strikes: the analytic model for circuits too wide to simulate."""

from __future__ import annotations

from typing import Any

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.noise.native import lower
from qwatt.quantum.noise.rates import ErrorRates
from qwatt.quantum.noise.trajectories import error_free, error_places


def survival(circuit: Circuit, rates: ErrorRates, inputs: Any = None, weights: Any = None) -> float:
    """Return the probability of no gate, waiting or read-out error in one shot of one sample.

    A return probability is at least this, a little more because some errors do not show.

    Args:
        circuit: what runs; all its wires are read.
        rates: the QPU's errors.
        inputs: shape (n_inputs,), or None.
        weights: shape `circuit.weight_shape`, or None.
    """
    native = lower(circuit, inputs, weights)
    return error_free(error_places(native, rates)) * (1.0 - rates.readout) ** circuit.wires
