"""What a pruning gets, a model's name and text; and what it answers, what stays of each block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.problem import Problem
from qwatt.language.decoder.own_text import parts_of
from qwatt.language.text_parts import Parts

TASK = "deployment/prune"
HEADS, FFN, BLOCKS, MIXED = "heads", "ffn", "blocks", "mixed"
UNITS = (HEADS, FFN, BLOCKS, MIXED)
WIDTHS = ("uniform", "free")

Indices = NDArray[np.int64]
Mask = NDArray[np.int8]
"""1 for a unit that stays, 0 for one that goes, shape (units,)."""


@dataclass(frozen=True)
class Budget:
    """Tokens that every method gets.

    Args:
        calibration: to see what the units are worth, at most.
        validation: to choose settings by, at most.
        test: held back, at most.
        window: longest window of calibration.

    Raises:
        QwattError: one of them is less than 1.
    """

    calibration: int
    validation: int
    test: int
    window: int

    def __post_init__(self) -> None:
        for name, tokens in vars(self).items():
            if tokens < 1:
                raise QwattError(f"budget.{name} is {tokens}", where="size", mend="give 1 token or more")


@dataclass(frozen=True)
class Cut:
    """What is cut, and how much of it.

    Args:
        units: "heads", "ffn", "blocks" or "mixed" (heads and feed-forward channels).
        keep: share that stays.
        groups: groups of a block's feed-forward channels that a QUBO or greedy search has variables for.
        widths: "uniform" keeps as many in every block, "free" does not.

    Raises:
        QwattError: no such units or widths, no share between 0 and 1, or no groups.
    """

    units: str
    keep: float
    groups: int
    widths: str = "uniform"

    def __post_init__(self) -> None:
        for name, known in (("units", UNITS), ("widths", WIDTHS)):
            if (own := getattr(self, name)) not in known:
                raise unknown_name(f"cut.{name}", own, known, where="size")
        if not 0 < self.keep < 1:
            mend = "give a share between 0 and 1"
            raise QwattError(f"cut.keep is {self.keep:g}", where="size", mend=mend)
        if self.groups < 1:
            raise QwattError(f"cut.groups is {self.groups}", where="size", mend="give 1 or more")


@dataclass(frozen=True, eq=False)
class PruneProblem(Problem):
    """A decoder or encoder to make smaller, and text like that which it will be used on.

    Args:
        decoder: its name, or its folder, unless a setting says otherwise.
        parts: texts to calibrate on, to choose settings by and held back; None for text like that which the
            decoder was trained on.
        budget: tokens.
        cut: unless a setting says otherwise.
    """

    decoder: str
    parts: Parts | None
    budget: Budget
    cut: Cut

    def texts(self, model: str) -> Parts:
        """Return the three parts for a model."""
        return parts_of(self.parts, model, self.seed)


@dataclass(frozen=True)
class Kept:
    """What stays of a model.

    Args:
        blocks: numbers of the blocks that stay.
        heads: of each block of the whole model, the key-value heads that stay, each with its query heads.
        channels: of each block of the whole model, the feed-forward channels that stay.
    """

    blocks: Indices
    heads: tuple[Indices, ...]
    channels: tuple[Indices, ...]


@dataclass(frozen=True)
class PruneAnswer:
    """A pruning as data.

    Args:
        method: name of the method that chose.
        model: its name or folder.
        digest: of its files.
        cut: what was cut, and how much.
        kept: what stays.
        calibration_loss: under the mask on the calibration text, nothing fitted anew.
        weights: by name, weights of the whole model that were fitted anew; empty without reconstruction.
    """

    method: str
    model: str
    digest: str
    cut: Cut
    kept: Kept
    calibration_loss: float
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
