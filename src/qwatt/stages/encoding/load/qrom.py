"""Select-swap look-up: several words are fetched side by side, and the right one swapped into place."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.registry import method
from qwatt.stages.encoding.load.lookup import LookupMethod


@method
class Qrom(LookupMethod):
    """Two words side by side, of four bits each, so that a simulation holds them."""

    name = "qrom"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1812.00954",)
    space = {"bits": (4, 5, 6), "swaps": (2, 1)}
    limits = {**LookupMethod.limits, "swaps": (1, 4)}
    lookup: ClassVar[str] = "qrom"
    word: ClassVar[int] = 4
