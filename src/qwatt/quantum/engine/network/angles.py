"""What all samples of a network share in one call: block matrices and phases, made of the angles."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.arrays.kronecker import kron
from qwatt.quantum.engine.network.recognise import Network

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Angles:
    """All angles of a network, or the gradients of them, as views of one array.

    Attributes:
        flat: in the order of `Network.offset`.
        stages: half angles, (stages, wires).
        turns: half angles, (layers, wires).
        phases: for each join, the angles of its phases.
    """

    flat: Array
    stages: Array
    turns: Array
    phases: list[Array]


def angles_of(network: Network, flat: Array) -> Angles:
    """Return the views of all angles."""
    wires, stages, layers = network.wires, len(network.stage_inputs), len(network.joins)
    counts = [0 if join.generators is None else join.generators.shape[1] for join in network.joins]
    edges = list(itertools.accumulate(counts, initial=(stages + layers) * wires))
    rows = flat[: edges[0]].reshape(-1, wires)
    phases = [flat[start:stop] for start, stop in itertools.pairwise(edges)]
    return Angles(flat, rows[:stages], rows[stages:], phases)


@dataclass(frozen=True)
class SharedOperands:
    """Operands that all samples share.

    Attributes:
        angles: what they are made of.
        blocks: for each span of wires, the real matrices of all layers, (layers, d, d).
        phases: unit numbers of each join, (2^wires, 1), or None.
    """

    angles: Angles
    blocks: list[Array]
    phases: list[Array | None]


def shared_operands(network: Network, spans: Sequence[Sequence[int]], weights: Array) -> SharedOperands:
    """Return the operands from flat weights, the blocks on the given runs of neighbouring wires."""
    angles = angles_of(network, network.offset + network.from_weights @ weights)
    cosine, sine = np.cos(angles.turns), np.sin(angles.turns)
    matrices = np.stack([cosine, -sine, sine, cosine], -1).reshape(*cosine.shape, 2, 2)
    blocks = [kron(list(matrices[:, span[0] : span[-1] + 1].swapaxes(0, 1))) for span in spans]
    joins = zip(network.joins, angles.phases, strict=True)
    phases = [None if join.generators is None else _unit(join.generators @ own) for join, own in joins]
    return SharedOperands(angles, blocks, phases)


def _unit(angle: Array) -> Array:
    """Return exp(i angle) as a column, (2^wires, 1)."""
    unit = np.empty((len(angle), 1), np.result_type(angle.dtype, np.complex64))
    unit.real[:, 0], unit.imag[:, 0] = np.cos(angle), np.sin(angle)
    return unit
