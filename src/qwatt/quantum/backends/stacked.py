"""One circuit at many weights: a single batch where the backend takes one, and else one call a set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.backends.base import QuantumBackend
    from qwatt.quantum.circuit import Circuit

    Read = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """Called with inputs (rows, n_inputs) and weights, one set or (rows, *weight_shape)."""


def stacked_expval(
    backend: QuantumBackend,
    circuit: Circuit,
    inputs: torch.Tensor,
    weights: torch.Tensor,
    shots: int | None = None,
) -> torch.Tensor:
    """Return Z of the readout of every sample at every set of weights, without a gradient.

    Args:
        backend: where to run; it charges a circuit for each sample and set.
        circuit: what runs.
        inputs: shape (batch, n_inputs).
        weights: shape (sets, *weight_shape).
        shots: of each circuit; None for exact values.

    Returns:
        Shape (sets, batch, len(circuit.readout)).
    """
    return _stacked(backend, lambda x, w: backend.expval(circuit, x, w, shots), inputs, weights)


def weight_fidelities(
    backend: QuantumBackend,
    circuit: Circuit,
    inputs: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    shots: int | None = None,
) -> torch.Tensor:
    """Return |<psi(x, a)|psi(x, b)>|^2 of every sample and pair of weights, by inversion tests.

    Args:
        backend: where to run; it charges an inversion test for each sample and pair.
        circuit: prepares the state.
        inputs: shape (batch, n_inputs).
        first: weights a, shape (pairs, *weight_shape).
        second: weights b, the same shape.
        shots: of each test; None for exact values.

    Returns:
        Shape (pairs, batch).
    """
    import torch

    from qwatt.quantum.circuits.overlap import weight_overlap

    test, pairs = weight_overlap(circuit), torch.stack([first, second], dim=1)
    return _stacked(backend, lambda x, w: backend.probs(test, x, w, shots), inputs, pairs)[..., 0]


def _stacked(
    backend: QuantumBackend, read: Read, inputs: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    import torch

    sets, batch = len(weights), len(inputs)
    with torch.no_grad():
        if not backend.batches_weights:
            return torch.stack([read(inputs, one) for one in weights])
        rows = read(inputs.repeat(sets, 1), weights.repeat_interleave(batch, dim=0))
    return rows.reshape(sets, batch, -1)
