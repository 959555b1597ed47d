"""Circuits of a trial: exact where a gradient is wanted, else with the trial's shots."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from qwatt.core.context import Context
from qwatt.quantum.backends.choose import circuit_backend, exact_simulator
from qwatt.quantum.circuit import Circuit
from qwatt.torch.quantum_layer import Execute
from qwatt.torch.windowed import in_windows


def execute_in(context: Context) -> Execute:
    """Return what runs a layer's circuits on the trial's backend, inside energy windows of their own.

    Where a gradient is wanted the exact engine runs them, and its bill goes to the backend.
    """
    exact, measured = exact_simulator(context), circuit_backend(context)

    def window() -> AbstractContextManager[Any]:
        return context.circuits()

    def execute(circuit: Circuit, z: Tensor, angles: Tensor, shots: int | None) -> Tensor:
        if torch.is_grad_enabled():
            return in_windows(lambda x, w: exact.expval(circuit, x, w), window, z, angles)
        with window():
            return measured.expval(circuit, z, angles, shots=shots)

    return execute
