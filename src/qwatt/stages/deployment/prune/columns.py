"""Sums of squares over what belongs to each unit: its weights, and what enters its output matrix."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.anatomy import Anatomy, blocks_of, layout_of, part_of
from qwatt.stages.deployment.prune.calibration import Calibration, Values
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.problem import FFN, HEADS
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

Squares = dict[tuple[str, int], NDArray[np.float64]]
"""By kind and block, a number for each key-value head or channel."""


def unit_sums(units: Units, squares: Squares) -> Values:
    """Return the sum over each unit's members, and over all of a block's where it is one."""
    found = np.zeros(len(units))
    for number, unit in enumerate(units.units):
        if unit.kind in (HEADS, FFN):
            found[number] = squares[unit.kind, unit.block][unit.members].sum()
        else:
            found[number] = sum(squares[kind, unit.block].sum() for kind in (HEADS, FFN))
    return found


def weight_squares(model: Any, a: Anatomy) -> Squares:
    """Return the squares of all weights that go with a head or channel, summed."""
    found: Squares = {}
    layout = layout_of(model)
    sides = (
        (HEADS, (layout.query, *layout.keys), layout.attended, a.heads),
        (FFN, layout.inner, layout.fed, a.channels),
    )
    for number, block in enumerate(blocks_of(model)):
        for kind, before, after, count in sides:
            parts = [part_of(block, name).weight.square().sum(1) for name in before]
            parts.append(part_of(block, after).weight.square().sum(0))
            found[kind, number] = sum(part.reshape(count, -1).sum(1).double().numpy() for part in parts)
    return found


def flow_squares(calibration: Calibration, a: Anatomy, gate: Gate | None = None) -> Squares:
    """Return ||W_j||^2 ||x_j||^2 of every column of the output matrices, summed over a head's columns.

    Args:
        calibration: text that the model reads once.
        a: sizes of the model.
        gate: the mask that it reads under; the whole model when None.
    """
    entered: dict[tuple[str, int], torch.Tensor] = {}

    def watch(key: tuple[str, int]) -> Callable[..., None]:
        def add(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            entered[key] = entered.get(key, 0.0) + inputs[0].flatten(0, -2).square().sum(0)

        return add

    blocks, layout = blocks_of(calibration.model), layout_of(calibration.model)
    matrices = {(HEADS, n): part_of(block, layout.attended) for n, block in enumerate(blocks)}
    matrices |= {(FFN, n): part_of(block, layout.fed) for n, block in enumerate(blocks)}
    with calibration.ready(), ExitStack() as hooks:
        if gate is not None:
            hooks.enter_context(gate.closed())
        for key, matrix in matrices.items():
            hooks.callback(matrix.register_forward_pre_hook(watch(key)).remove)
        calibration.read()
    found: Squares = {}
    for (kind, number), matrix in matrices.items():
        values = (matrix.weight.square().sum(0) * entered[kind, number]).double().numpy()
        found[kind, number] = values.reshape(a.heads if kind == HEADS else a.channels, -1).sum(1)
    return found
