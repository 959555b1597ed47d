"""The block-diagonal metric as a QPU measures it: one circuit a layer of commuting rotations (1909.02108).

Within a layer the metric is a covariance of the rotations' generators in the state before them, so a single
circuit, cut off there and read in the generators' basis, gives the layer's whole block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import pennylane as qml
import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.sampling import bits
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.overlap import operations

_ROTATIONS = {"RX": "X", "RY": "Y", "RZ": "Z", "PhaseShift": "Z"}


@dataclass(frozen=True)
class Block:
    """A layer of commuting rotations.

    Args:
        circuit: what comes before them, then the change to the basis of their generators; reads their wires.
        weights: flat number of each rotation's weight.
    """

    circuit: Circuit
    weights: tuple[int, ...]


def block_metric(
    backend: QuantumBackend, circuit: Circuit, inputs: Tensor, weights: Tensor, shots: int | None = None
) -> Tensor:
    """Measure the block-diagonal Fubini-Study metric, averaged over samples (1909.02108, equation 6).

    Args:
        backend: where to run; it charges a circuit for each block and sample.
        circuit: every weight is the angle of exactly one rotation about an axis.
        inputs: shape (samples, n_inputs).
        weights: shape `circuit.weight_shape`.
        shots: of each circuit; None for exact values.

    Returns:
        Shape (P, P), zero outside the blocks.
    """
    size = weights.numel()
    metric = torch.zeros(size, size, dtype=weights.dtype)
    states = np.arange(2**circuit.wires)
    for block in commuting_blocks(circuit):
        with torch.no_grad():
            chances = backend.probs(block.circuit, inputs, weights, shots).to(weights.dtype)
        signs = torch.as_tensor(1.0 - 2.0 * bits(states, circuit.wires, block.circuit.readout)).to(weights)
        mean = chances @ signs
        second = torch.einsum("bs,si,sj->bij", chances, signs, signs)
        covariance = (second - mean[:, :, None] * mean[:, None, :]).mean(0)
        index = torch.tensor(block.weights)
        metric[index[:, None], index] = covariance / 4
    return metric


@dataclass(frozen=True)
class _Part:
    """An operation, or one of the three rotations that a `Rot` is.

    Args:
        op: number of the operation it is from.
        axis: of a trained rotation, and None of all else.
        weight: flat number of the trained rotation's weight.
        wires: it acts on.
    """

    op: int
    axis: str | None
    weight: int
    wires: tuple[int, ...]


@lru_cache(maxsize=256)
def commuting_blocks(circuit: Circuit) -> tuple[Block, ...]:
    """Part a circuit's trained rotations into layers, in the order in which they are applied.

    Raises:
        QwattError: a weight is not the angle of exactly one rotation about an axis of one wire.
    """
    with torch.inference_mode(False), torch.enable_grad():
        parts = _parts(circuit)
    levels = _levels(parts)
    trained = [part.weight for part in parts if part.axis]
    if sorted(trained) != list(range(prod(circuit.weight_shape))):
        raise QwattError(
            "a metric block by block needs every weight to be the angle of exactly one rotation of one wire",
            where=circuit.name,
            mend="measure the whole metric from overlaps",
        )
    blocks = []
    for level in range(1, max(levels) + 1):
        before = [p for p, found in zip(parts, levels, strict=True) if found < level]
        layer = [p for p, found in zip(parts, levels, strict=True) if found == level and p.axis]
        blocks.append(Block(_cut(circuit, before, layer), tuple(p.weight for p in layer)))
    return tuple(blocks)


def _parts(circuit: Circuit) -> list[_Part]:
    """Return the parts of a circuit, from a tape whose angles know which weight they are."""
    probe = torch.arange(prod(circuit.weight_shape), dtype=torch.float64).reshape(circuit.weight_shape)
    inputs = torch.zeros(circuit.n_inputs, dtype=torch.float64) if circuit.n_inputs else None
    leaf = probe.requires_grad_()
    found = []
    for number, op in enumerate(operations(circuit, inputs, leaf)):
        for piece in _pieces(op):
            trained = [p for p in piece.parameters if getattr(p, "requires_grad", False)]
            weight = _weight(piece, trained[0], leaf, circuit) if trained else -1
            axis = _ROTATIONS[piece.name] if trained else None
            found.append(_Part(number, axis, weight, tuple(piece.wires)))
    return found


def _pieces(op: Any) -> list[Any]:
    """Return the three rotations of a `Rot`, and any other operation as it is; queues nothing."""
    with qml.QueuingManager.stop_recording():
        return list(op.decomposition()) if op.name == "Rot" else [op]


def _weight(op: Any, angle: Tensor, weights: Tensor, circuit: Circuit) -> int:
    (slope,) = torch.autograd.grad(angle, weights, retain_graph=True)
    used = slope.flatten().nonzero().flatten().tolist()
    if op.name not in _ROTATIONS or len(used) != 1 or slope.flatten()[used[0]] != 1:
        raise QwattError(f"{op.name} of {circuit.name} takes its weights otherwise than as its angle")
    return int(used[0])


def _levels(parts: Iterable[_Part]) -> list[int]:
    """Return how many layers of trained rotations each part lies behind, itself counted."""
    clock: dict[int, int] = {}
    levels = []
    for part in parts:
        level = max((clock.get(wire, 0) for wire in part.wires), default=0) + (part.axis is not None)
        clock.update(dict.fromkeys(part.wires, level))
        levels.append(level)
    return levels


def _cut(circuit: Circuit, before: list[_Part], layer: list[_Part]) -> Circuit:
    """Return the circuit of some parts alone, read in the basis of a layer's generators."""
    kept = dict[int, int]()
    for part in before:
        kept[part.op] = kept.get(part.op, 0) + 1

    def function(inputs: Any, weights: Any) -> None:
        for number, op in enumerate(operations(circuit, inputs, weights)):
            count = kept.get(number, 0)
            pieces = _pieces(op)
            for piece in [op] if count == len(pieces) else pieces[:count]:
                qml.apply(piece)
        for part in layer:
            if part.axis == "X":
                qml.Hadamard(part.wires)
            elif part.axis == "Y":
                qml.RX(np.pi / 2, part.wires)

    measured = tuple(part.wires[0] for part in layer)
    return Circuit(function, circuit.wires, circuit.n_inputs, circuit.weight_shape, measured, "metric_block")
