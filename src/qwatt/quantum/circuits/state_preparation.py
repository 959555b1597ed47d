"""Exact state preparation: real and complex amplitudes by multiplexed rotations, and in log depth.

Sources: quant-ph/0407010 (multiplexed rotations), 2008.01511 (divide and conquer with ancillas).
Wire 0 is the most significant bit of an amplitude's index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from scipy.linalg import hadamard

from qwatt.core.errors import QwattError

Vector = NDArray[Any]


def unit_vector(values: Any, wires: int) -> Vector:
    """Return the values padded with zeros to 2**wires and divided by their norm.

    Raises:
        QwattError: too many values, or all of them are zero.
    """
    vector = np.asarray(values).reshape(-1)
    norm = np.linalg.norm(vector)
    if vector.size > 2**wires or norm == 0:
        raise QwattError(f"{vector.size} values of norm {norm:.3g} do not fit {wires} wires")
    padded = np.zeros(2**wires, dtype=vector.dtype if np.iscomplexobj(vector) else float)
    padded[: vector.size] = vector / norm
    return padded


def ry_tree(vector: Vector) -> list[Vector]:
    """Return the RY angles of the *signed* tree that prepares a real unit vector from |0...0>.

    Many vectors are the columns of an array, shape (2**n, vectors); so are their angles then. Level k has
    2**k angles. An inner angle splits the weight of its two halves; a last one is 2 atan2(x_odd, x_even),
    which carries the signs, so that no phase stage is needed.
    """
    norms, levels = np.real(vector), []
    while len(norms) > 1:
        left, right = norms[0::2], norms[1::2]
        levels.append(2 * np.arctan2(right, left))
        norms = np.hypot(left, right)
    return levels[::-1]


def tree_amplitudes(levels: Sequence[Vector]) -> Vector:
    """Return the real unit vector, or the columns of many, that a signed tree of these RY angles prepares."""
    amplitudes = np.ones_like(levels[0])
    for angles in levels:
        halves = (amplitudes * np.cos(angles / 2), amplitudes * np.sin(angles / 2))
        amplitudes = np.stack(halves, axis=1).reshape(-1, *angles.shape[1:])
    return amplitudes


def rz_tree(phases: Vector) -> list[Vector]:
    """Return the RZ angles that give amplitude i the phase `phases[i]`, up to one global phase."""
    levels = []
    while phases.size > 1:
        left, right = phases[0::2], phases[1::2]
        levels.append(right - left)
        phases = (left + right) / 2
    return levels[::-1]


def multiplexed(rotation: Any, angles: Vector, controls: Sequence[int], target: int) -> None:
    """Rotate the target by `angles[j]` where the controls read j: 2**k rotations, 2**k CNOT if k > 0.

    Args:
        rotation: `qml.RY` or `qml.RZ`.
        angles: shape (2**k,).
        controls: k wires, the first the most significant bit of j.
        target: rotated wire.
    """
    gray_rotations(rotation, gray_turns(angles), controls, target)


def gray_turns(angles: Vector) -> Vector:
    """Return the rotations between CNOTs in Gray order that add up to `angles[j]` for controls j, (2**k,)."""
    codes = [step ^ step >> 1 for step in range(len(angles))]
    turns: Vector = hadamard(len(angles))[codes] @ angles / len(angles)
    return turns


def gray_rotations(rotation: Any, turns: Any, controls: Sequence[int], target: int) -> None:
    """Rotate the target by each of `gray_turns`, with a CNOT after each; arguments of `multiplexed`.

    Args:
        rotation: `qml.RY` or `qml.RZ`.
        turns: shape (..., 2**k).
        controls: k wires.
        target: rotated wire.
    """
    k = len(controls)
    codes = [step ^ step >> 1 for step in range(2**k)]
    for step, (code, following) in enumerate(zip(codes, [*codes[1:], 0], strict=True)):
        rotation(turns[..., step], wires=target)
        if k:
            qml.CNOT([controls[k - (code ^ following).bit_length()], target])


def prepare_real(vector: Vector, wires: Sequence[int]) -> None:
    """Prepare real amplitudes, signs included, from |0...0>: 2**n - 1 RY and 2**n - 2 CNOT."""
    for level, angles in enumerate(ry_tree(unit_vector(vector, len(wires)))):
        multiplexed(qml.RY, angles, wires[:level], wires[level])


def prepare_complex(vector: Vector, wires: Sequence[int]) -> None:
    """Prepare complex amplitudes up to a global phase: an RY tree for sizes, an RZ tree for phases."""
    target = unit_vector(vector, len(wires))
    prepare_real(np.abs(target), wires)
    for level, angles in enumerate(rz_tree(np.angle(target))):
        multiplexed(qml.RZ, angles, wires[:level], wires[level])


def prepare_tree(vector: Vector, wires: Sequence[int]) -> None:
    """Prepare real amplitudes in depth O(n^2) with 2**n - 1 wires (divide and conquer, 2008.01511).

    Every angle of the tree has a wire of its own, so all rotations are one layer; controlled swaps then join
    the branches. The data are on `tree_output(n)`; the other wires stay *entangled* with them: the state is
    sum_i x_i |i>|garbage_i>, which has the right probabilities and diagonal observables but no interference
    between different i. At most 1 + n(n-1)/2 layers of RY and CSWAP.

    Args:
        vector: up to 2**n real values.
        wires: 2**n - 1 wires, the tree's nodes level by level.

    Raises:
        QwattError: the number of wires is not 2**n - 1.
    """
    n = len(wires).bit_length()
    if len(wires) != 2**n - 1:
        raise QwattError(f"a tree has 2**n - 1 wires, not {len(wires)}")
    for node, angle in enumerate(np.concatenate(ry_tree(unit_vector(vector, n)))):
        qml.RY(angle, wires=wires[node])
    for parent, left, right in _swaps(n):
        qml.CSWAP([wires[parent], wires[left], wires[right]])


def tree_output(n: int) -> list[int]:
    """Return the places in `wires` that hold the index after `prepare_tree`, most significant first."""
    return [2**level - 1 for level in range(n)]


def _swaps(n: int) -> Iterator[tuple[int, int, int]]:
    """Yield (parent, left, right) nodes: from the bottom up, a parent swaps its branches' output paths."""
    for level in reversed(range(n - 1)):
        for parent in range(2**level - 1, 2 ** (level + 1) - 1):
            left, right = 2 * parent + 1, 2 * parent + 2
            while left < 2**n - 1:
                yield parent, left, right
                left, right = 2 * left + 1, 2 * right + 1
