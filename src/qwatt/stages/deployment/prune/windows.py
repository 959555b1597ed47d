"""Block-coordinate search: windows of variables that a sampler takes, solved while the others stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.progress import tell
from qwatt.stages.deployment.prune.problem import Indices, Mask

if TYPE_CHECKING:
    from qwatt.quantum.qubo import BudgetedQubo

Solve = Callable[["BudgetedQubo"], Mask]
"""From a window to bits that keep its budgets, shape (rows, w)."""
Window = tuple[tuple[int, int, int], ...]
"""For each part in a window its number, and how many of its ones and zeros are in it."""

PASSES = 3
_ALTERNATIVES = 20
"""Rows of a window that are kept as masks of the whole, beside the best."""


def layout(sizes: Sequence[int], ones: Sequence[int], width: int, several: bool) -> list[Window]:
    """Return the windows of one pass.

    Args:
        sizes: variables of each part.
        ones: of each part.
        width: most variables of a window.
        several: whether a window may hold more than one part.
    """
    found: list[list[tuple[int, int, int]]] = []
    room = 0
    for number, (size, count) in enumerate(zip(sizes, ones, strict=True)):
        if size > width:
            inside = min(count, max(1, min(width - 1, round(width * count / size))))
            share = (number, inside, min(width - inside, size - count))
            found += [[share] for _ in range(-(-size // width))]
            room = 0
        elif several and size <= room:
            found[-1].append((number, count, size - count))
            room -= size
        else:
            found.append([(number, count, size - count)])
            room = width - size
    return [tuple(window) for window in found]


def windows_of(part: Indices, ones: Indices, width: int, several: bool) -> list[Window]:
    """Return the windows of all passes; where one holds everything, one is enough.

    Args:
        part: number of the part that each variable is in, shape (n,).
        ones: of each part, shape (parts,).
        width: most variables of a window.
        several: whether a window may hold more than one part.
    """
    one_pass = layout(np.bincount(part).tolist(), ones.tolist(), width, several)
    return one_pass * (1 if len(one_pass) == 1 and window_size(one_pass[0]) == len(part) else PASSES)


def window_size(window: Window) -> int:
    """Return the number of variables of a window."""
    return sum(ones + zeros for _, ones, zeros in window)


def solved_windows(
    model: BudgetedQubo, windows: Sequence[Window], solve: Solve, rng: np.random.Generator
) -> Mask:
    """Begin with a random mask, keep what lowers the energy, and return all masks that were met.

    Args:
        model: what to minimise.
        windows: from `windows_of`.
        solve: solves a window.
        rng: draws the beginning and which variables are in a window, those first that were in fewest so far.

    Returns:
        Shape (masks, n).
    """
    bits = model.random(1, rng)[0]
    met, turns = [bits[None]], np.zeros(len(model), dtype=np.int64)
    for number, window in enumerate(windows):
        inside = _drawn(model, bits, window, turns, rng)
        turns[inside] += 1
        part = model.window(bits, inside)
        rows = np.unique(solve(part), axis=0)
        rows = rows[np.argsort(part.energies(rows), kind="stable")[:_ALTERNATIVES]]
        masks = np.tile(bits, (len(rows), 1))
        masks[:, inside] = rows
        met.append(masks)
        if model.energies(masks[0]) < model.energies(bits):
            bits = masks[0]
        tell(number + 1, len(windows), "windows")
    return np.concatenate(met)


def _drawn(
    model: BudgetedQubo, bits: Mask, window: Window, turns: Indices, rng: np.random.Generator
) -> Indices:
    found = []
    for number, ones, zeros in window:
        for value, count in ((1, ones), (0, zeros)):
            members = rng.permutation(np.flatnonzero((model.part == number) & (bits == value)))
            found.append(members[np.argsort(turns[members], kind="stable")[:count]])
    return np.sort(np.concatenate(found))
