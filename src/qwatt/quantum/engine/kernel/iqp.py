"""States of diagonal feature maps without gates.

The phases of a layer are one Walsh-Hadamard transform of its few coefficients, and so is each layer of H.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.walsh import walsh_hadamard
from qwatt.quantum.engine.kernel.phase_polynomial import PhasePolynomial

CHUNK_AMPLITUDES = 1 << 16
"""Amplitudes worked on at once, so that a chunk stays in the second-level cache."""


def iqp_states(
    layers: Sequence[PhasePolynomial], wires: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Return the states of prod_l exp(i theta_l(z)) H^n on |0>, as real planes (2, batch, 2**wires).

    Args:
        layers: diagonal layers, first applied first.
        wires: number of qubits n.
        dtype: real dtype of the planes, float32 or float64.
        device: where to make them.
    """
    batch, length = max(layer.coefficients.shape[0] for layer in layers), 1 << wires
    states = torch.empty(2, batch, length, dtype=dtype, device=device)
    rows = batch if device.type == "cuda" else max(1, min(batch, CHUNK_AMPLITUDES >> wires))
    buffers = [torch.empty(3, rows, length, dtype=dtype, device=device) for _ in range(2)]
    for start in range(0, batch, rows):
        stop = min(start + rows, batch)
        if stop - start < rows:
            buffers = [torch.empty(3, stop - start, length, dtype=dtype, device=device) for _ in range(2)]
        chunk = [_rows(layer, start, stop, dtype, device) for layer in layers]
        _chunk_states(chunk, buffers, states[:, start:stop])
    return states


def _rows(
    layer: PhasePolynomial, start: int, stop: int, dtype: torch.dtype, device: torch.device
) -> PhasePolynomial:
    shared = layer.coefficients.shape[0] == 1
    rows = layer.coefficients.expand(stop - start, -1) if shared else layer.coefficients[start:stop]
    return PhasePolynomial(layer.masks.to(device), rows.to(dtype=dtype, device=device))


def _chunk_states(layers: list[PhasePolynomial], buffers: list[Tensor], out: Tensor) -> None:
    """Fill `out`, shape (2, rows, 2**wires); `buffers` are two of shape (3, rows, 2**wires)."""
    planes, spare = (buffer[:2] for buffer in buffers)
    angle, scratch = (buffer[2] for buffer in buffers)
    for number, layer in enumerate(layers):
        theta = _phases(layer, angle, scratch)
        if number == 0:
            torch.cos(theta, out=planes[0])
            torch.sin(theta, out=planes[1])
            planes.mul_(theta.shape[-1] ** -0.5)
            target = planes
            continue
        turned = walsh_hadamard(planes, spare)
        other = spare if turned.data_ptr() == planes.data_ptr() else planes
        target = out if number == len(layers) - 1 else other
        cos = torch.cos(theta, out=scratch if theta.data_ptr() == angle.data_ptr() else angle)
        torch.mul(turned, cos, out=target)
        sin = theta.sin_()
        target[0].addcmul_(turned[1], sin, value=-1)
        target[1].addcmul_(turned[0], sin)
        planes, spare = target, turned
    if len(layers) == 1:
        out.copy_(planes)


def _phases(layer: PhasePolynomial, spectrum: Tensor, spare: Tensor) -> Tensor:
    """theta(z) of every sample: the transform of its coefficients."""
    spectrum.zero_().index_copy_(1, layer.masks, layer.coefficients)
    return walsh_hadamard(spectrum, spare, normalised=False)
