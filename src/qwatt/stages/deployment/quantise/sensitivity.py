"""What each layer's rounding alone costs the loss, at each number of bits: measured on calibration text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from qwatt.core.progress import tell
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.language.decoder import validation_loss
from qwatt.stages.deployment.quantise.bit_budget import BitBudget
from qwatt.stages.deployment.quantise.gptq import gptq
from qwatt.stages.deployment.quantise.grid import fit_grid
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.qubo_rounding import DAMPING
from qwatt.stages.deployment.quantise.workbench import Rows, Workbench

TOKENS = 2_048
"""Of the calibration text, which each choice is judged by."""


def levels_of(bits: int) -> tuple[int, ...]:
    """Return the bits that a layer may have: one less, as many, one more.

    >>> levels_of(3), levels_of(2)
    ((2, 3, 4), (2, 3))
    """
    return tuple(range(max(2, bits - 1), min(8, bits + 1) + 1))


@lru_cache(maxsize=4)
def measured_budget(bench: Workbench, bits: int, group: int, clip: str) -> Shared[BitBudget]:
    """Return the knapsack of a decoder's layers, and what measuring its losses cost.

    Args:
        bench: the decoder.
        bits: of the uniform choice, whose size is the budget.
        group: weights that share a scale.
        clip: how grids are fitted.
    """
    from qwatt.energy.meter import Meter

    with one_thread(), Meter().window("sensitivities") as window:
        knapsack = _measured(bench, bits, group, clip)
    note = "loss with one layer rounded at a time, measured in this run"
    return Shared(knapsack, window.energy, window.seconds, note)


def _measured(bench: Workbench, bits: int, group: int, clip: str) -> BitBudget:
    tokens, levels = bench.calibration[:TOKENS], levels_of(bits)
    before = validation_loss(bench.model, tokens, bench.context)
    names = list(bench.layers)
    loss, size = np.zeros((len(names), len(levels))), np.zeros((len(names), len(levels)))
    done, whole = 0, len(names) * len(levels)
    for rows in bench.calibrated().value:
        for level, width in enumerate(levels):
            for name, layer in _rounded(rows, width, group, clip).items():
                place = names.index(name)
                size[place, level] = layer.stored_bits
                loss[place, level] = bench.loss({name: layer.weights}, tokens) - before
                tell(done := done + 1, whole, "roundings of one layer")
    uniform = np.full(len(names), levels.index(bits))
    return BitBudget(levels, loss, size, float(size[:, levels.index(bits)].sum()), uniform)


def _rounded(rows: Rows, bits: int, group: int, clip: str) -> dict[str, RoundedLayer]:
    each = np.full(len(rows.weights), bits)
    grid = fit_grid(rows.weights, each, group, clip, rows.moment.diagonal())
    codes = gptq(rows, grid, DAMPING)
    return {
        name: RoundedLayer(codes[span], grid.of_rows(span))
        for name, span in zip(rows.names, rows.spans, strict=True)
    }
