"""What is kept or cut as one: key-value heads, channels or groups of channels, blocks; and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.stages.deployment.prune.anatomy import Anatomy
from qwatt.stages.deployment.prune.problem import BLOCKS, FFN, HEADS, MIXED, Cut, Indices, Kept, Mask


@dataclass(frozen=True)
class Unit:
    """One variable of a mask.

    Args:
        kind: "heads", "ffn" or "blocks".
        block: number of the block.
        members: numbers of its heads or channels; all of the block for "blocks".
    """

    kind: str
    block: int
    members: Indices


@dataclass(frozen=True, eq=False)
class Units:
    """All variables, and how many ones a mask has in each part.

    Args:
        anatomy: sizes of the model.
        units: the variables.
        part: number of the part that each is in, shape (units,).
        keep: how many stay of each part, shape (parts,).
    """

    anatomy: Anatomy
    units: tuple[Unit, ...]
    part: Indices
    keep: Indices

    def __len__(self) -> int:
        return len(self.units)

    @property
    def ratio(self) -> float:
        """Share of the units that stay."""
        return float(self.keep.sum()) / len(self)

    @cached_property
    def parts(self) -> list[Indices]:
        """Numbers of the units of each part."""
        return [np.flatnonzero(self.part == number) for number in range(len(self.keep))]

    def top(self, scores: NDArray[np.float64], keep: Indices | None = None) -> Mask:
        """Return the mask of the highest scores of every part; of equals the first.

        Args:
            scores: shape (units,).
            keep: how many stay of each part, shape (parts,); as many as in the end when None.
        """
        mask = np.zeros(len(self), dtype=np.int8)
        for members, count in zip(self.parts, self.keep if keep is None else keep, strict=True):
            mask[members[np.argsort(-scores[members], kind="stable")[:count]]] = 1
        return mask

    def random(self, rng: np.random.Generator) -> Mask:
        """Return a random mask with the right number of ones in every part."""
        return self.top(rng.random(len(self)))

    def kept(self, mask: Mask) -> Kept:
        """Return what stays of every block."""
        a = self.anatomy
        cut: dict[str, list[list[Indices]]] = {kind: [[] for _ in range(a.blocks)] for kind in (HEADS, FFN)}
        gone = set()
        for unit, stays in zip(self.units, mask, strict=True):
            if not stays and unit.kind == BLOCKS:
                gone.add(unit.block)
            elif not stays:
                cut[unit.kind][unit.block].append(unit.members)
        blocks = np.array([b for b in range(a.blocks) if b not in gone], dtype=np.int64)
        return Kept(blocks, _rest(a.heads, cut[HEADS]), _rest(a.channels, cut[FFN]))


def _rest(count: int, cut: Sequence[Sequence[Indices]]) -> tuple[Indices, ...]:
    every = np.arange(count)
    return tuple(np.setdiff1d(every, np.concatenate(gone)) if gone else every for gone in cut)


def single_units(anatomy: Anatomy, cut: Cut) -> Units:
    """Return the finest variables: every head, every channel, every block."""
    channels = [[np.array([c]) for c in range(anatomy.channels)]] * anatomy.blocks
    return _units(anatomy, cut, channels, anatomy.channels // group_count(anatomy, cut.groups))


def grouped_units(anatomy: Anatomy, cut: Cut, scores: NDArray[np.float64]) -> Units:
    """Return variables of which a sampler can take all: channels in groups of neighbours by their worth.

    Args:
        anatomy: sizes of the model.
        cut: what is cut.
        scores: of `single_units`, shape (units,).
    """
    single, groups = single_units(anatomy, cut), group_count(anatomy, cut.groups)
    channels: list[list[Indices]] = []
    for block in range(anatomy.blocks):
        own = [i for i, unit in enumerate(single.units) if unit.kind == FFN and unit.block == block]
        order = np.argsort(scores[own], kind="stable") if own else np.arange(anatomy.channels)
        channels.append([np.sort(part) for part in np.split(order, groups)])
    return _units(anatomy, cut, channels, 1)


def group_count(anatomy: Anatomy, wanted: int) -> int:
    """Return the largest number of equal groups of a block's channels that is not above what is wanted."""
    return max(n for n in range(1, min(wanted, anatomy.channels) + 1) if anatomy.channels % n == 0)


def _units(anatomy: Anatomy, cut: Cut, channels: Sequence[Sequence[Indices]], size: int) -> Units:
    """Lay the variables out; a share of groups is kept, so that fine and coarse variables keep as much."""
    found: list[Unit] = []
    labels: list[tuple[str, int]] = []
    free = cut.widths == "free"
    for block in range(anatomy.blocks):
        own = []
        if cut.units in (HEADS, MIXED):
            own += [Unit(HEADS, block, np.array([h])) for h in range(anatomy.heads)]
        if cut.units in (FFN, MIXED):
            own += [Unit(FFN, block, members) for members in channels[block]]
        if cut.units == BLOCKS:
            own = [Unit(BLOCKS, block, np.arange(0))]
        found += own
        labels += [(unit.kind, 0 if free or unit.kind == BLOCKS else block) for unit in own]
    order = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    part = np.array([order[label] for label in labels], dtype=np.int64)
    counts = np.bincount(part)
    sizes = np.array([size if kind == FFN else 1 for kind, _ in order])
    keep = np.array([_kept(count // size, cut) * size for count, size in zip(counts, sizes, strict=True)])
    return Units(anatomy, tuple(found), part, keep)


def _kept(count: int, cut: Cut) -> int:
    """Return how many of so many groups stay.

    Raises:
        QwattError: none would go, or none would stay.
    """
    keep = round(cut.keep * count)
    if not 1 <= keep < count:
        raise QwattError(
            f"a share of {cut.keep:g} of {count} {'groups' if cut.units == FFN else 'units'} is {keep}: "
            + ("nothing would go" if keep >= count else "nothing would stay"),
            where="keep",
            mend="set another share, cut other units, or make more groups",
        )
    return keep
