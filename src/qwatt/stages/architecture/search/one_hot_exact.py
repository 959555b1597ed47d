"""The factorisation machine's minimum by looking at every combination of the window's values."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.factorisation import Bits, Values
from qwatt.stages.architecture.search.one_hot import OneHotSearch, Window


@method
class ExactOneHot(OneHotSearch):
    """The same machine and window; no sampler can do better, as every feasible string is there."""

    name: ClassVar[str] = "exact-one-hot"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("exhaustive search of the model of arXiv:2507.18003",)

    def solve(
        self, linear: Values, quadratic: Values, window: Window, settings: Settings, context: Context
    ) -> Bits:
        """Return all feasible strings."""
        return feasible(window)


def feasible(window: Window) -> Bits:
    """Return every string with one 1 in each group, shape (product of the groups' sizes, bits)."""
    options = [np.eye(len(group), dtype=np.int8) for group in window.groups]
    return np.array([np.concatenate(parts) for parts in product(*options)])
