"""Fidelity kernels |<phi(x)|phi(y)>|^2: every state once, then one Hermitian product (arXiv:1804.11326)."""

from __future__ import annotations

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.circuit.numbers import real_numbers
from qwatt.quantum.engine.kernel.iqp import iqp_states
from qwatt.quantum.engine.kernel.phase_polynomial import PhasePolynomial, phase_polynomials
from qwatt.quantum.engine.lowering.trace import last_agrees, trace, trace_samples

BLOCK_ROWS = 256
"""Rows of the kernel found at once; only blocks on and above the diagonal are multiplied."""


def fidelity_kernel(
    circuit: Circuit,
    x: Tensor,
    y: Tensor | None = None,
    *,
    weights: Tensor | None = None,
    dtype: torch.dtype = torch.complex64,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Return the fidelities of all pairs of samples, shape (N, N) or (N, M), in [0, 1].

    Args:
        circuit: feature map; diagonal maps (ZZ, IQP) are recognised and take the transform path.
        x: samples, shape (N, n_inputs).
        y: other samples, shape (M, n_inputs); None for the symmetric kernel of x.
        weights: of `circuit.weight_shape`, when the map is trainable. No gradient flows.
        dtype: complex64 or complex128.
        device: where to compute.

    Raises:
        QwattError: shapes that do not fit the circuit.
    """
    with torch.no_grad():
        left = state_planes(circuit, x, weights, dtype, device)
        if y is None:
            return _symmetric_fidelity(left)
        right = state_planes(circuit, y, weights, dtype, device)
        return _fidelity_rows(left, _Columns(right))


def state_planes(
    circuit: Circuit, x: Tensor, weights: Tensor | None, dtype: torch.dtype, device: str | torch.device
) -> Tensor:
    """Return the samples' states up to a fixed unitary and a phase each, as planes (2, N, 2**wires)."""
    samples = real_numbers("samples", x)
    if samples.ndim != 2 or samples.shape[1] != circuit.n_inputs:
        raise QwattError(
            f"{circuit.name} takes samples of shape (N, {circuit.n_inputs}), not {tuple(samples.shape)}"
        )
    layers = _diagonal_layers(circuit, samples.detach().double().cpu(), weights)
    if layers and max(layer.coefficients.shape[0] for layer in layers) == len(samples):
        return iqp_states(layers, circuit.wires, dtype.to_real(), torch.device(device))
    from qwatt.quantum.engine.circuit.compile import compile_circuit

    states = compile_circuit(circuit, dtype=dtype, device=str(device)).states(samples, weights)
    return torch.view_as_real(states.expand(len(samples), -1)).movedim(-1, 0).contiguous()


def _diagonal_layers(
    circuit: Circuit, samples: Tensor, weights: Tensor | None
) -> list[PhasePolynomial] | None:
    """Trace all samples at once; None if the map is not diagonal or does not take a batch faithfully."""
    given = None if weights is None else torch.as_tensor(weights).detach().double().cpu()
    whole = trace_samples(circuit, samples, given)
    layers = phase_polynomials(whole, circuit.wires) if whole else None
    if whole is None or not layers:
        return None
    return layers if last_agrees(whole, trace(circuit, samples[-1], given)) else None


class _Columns:
    """States on the right of the product, with what the three-product form needs."""

    def __init__(self, planes: Tensor) -> None:
        self.real, self.imaginary = planes
        self.is_real = not bool(torch.count_nonzero(self.imaginary))
        self.difference = None if self.is_real else self.real - self.imaginary

    def tail(self, start: int) -> tuple[Tensor, Tensor, Tensor]:
        assert self.difference is not None
        return self.real[start:], self.imaginary[start:], self.difference[start:]


def _symmetric_fidelity(planes: Tensor) -> Tensor:
    count, columns = planes.shape[1], _Columns(planes)
    kernel = planes.new_empty(count, count)
    for start in range(0, count, BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, count)
        block = _fidelity_rows(planes[:, start:stop], columns, start)
        kernel[start:stop, start:] = block
        kernel[start:stop, start:stop].copy_(_mirrored(block[:, : stop - start]))
        kernel[stop:, start:stop] = block[:, stop - start :].t()
    return kernel.fill_diagonal_(1.0)


def _mirrored(square: Tensor) -> Tensor:
    """Copy the upper triangle below the diagonal: rounding differs there, and solvers ask for symmetry."""
    return square.triu() + square.triu(1).t()


def _fidelity_rows(left: Tensor, columns: _Columns, start: int = 0) -> Tensor:
    """|<left|right>|^2 for the right states from `start` on, by three real products instead of four.

    With left A + iB and right C + iD: Re = AC + BD and Im = BC - AD = (A + B)(C - D) - AC + BD.
    """
    a, b = left
    if columns.is_real:
        c = columns.real[start:].t()
        fidelity = torch.mm(a, c).square_()
        imaginary_part = bool(torch.count_nonzero(b))
        return (fidelity.add_(torch.mm(b, c).square_()) if imaginary_part else fidelity).clamp_(max=1.0)
    real, imaginary, difference = columns.tail(start)
    ac, bd = torch.mm(a, real.t()), torch.mm(b, imaginary.t())
    mixed = torch.mm(a + b, difference.t()).sub_(ac).add_(bd)
    return ac.add_(bd).square_().addcmul_(mixed, mixed).clamp_(max=1.0)
