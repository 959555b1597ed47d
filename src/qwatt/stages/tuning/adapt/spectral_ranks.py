"""LoRA whose ranks follow how many singular values of each matrix count, at equal parameters in all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.lora import LoraFamily
from qwatt.stages.tuning.adapt.peft_adapter import PeftAdapter
from qwatt.stages.tuning.adapt.pretrained import Matrix
from qwatt.stages.tuning.adapt.settings import Setup
from qwatt.stages.tuning.adapt.tile import Tile, heaviest

if TYPE_CHECKING:
    import peft
else:
    peft = lazy("peft")


class RankedAdapter(PeftAdapter):
    """LoRA with a rank for each matrix, and how it was found."""

    told: Mapping[str, Any] = {}

    @property
    def facts(self) -> Mapping[str, Any]:
        """The ranks, and what they follow."""
        return self.told


class SpectralRanks(LoraFamily):
    """Base of the methods that give each matrix a rank; one gives `purities`."""

    @abstractmethod
    def purities(self, setup: Setup, context: Context) -> Sequence[float]:
        """Return the purity of each matrix' singular spectrum, one over the singular values that count."""

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Put LoRA of these ranks into the decoder."""
        matrices, purities = setup.pretrained.matrices, self.purities(setup, context)
        effective = [1.0 / purity for purity in purities]
        ranks = shared_ranks(effective, matrices, setup.rank)
        named = {matrix.name: rank for matrix, rank in zip(matrices, ranks, strict=True)}
        config = peft.LoraConfig(
            r=setup.rank,
            target_modules=list(named),
            rank_pattern=named,
            alpha_pattern={name: self.scale * rank for name, rank in named.items()},
            fan_in_fan_out=any(matrix.flipped for matrix in matrices),
        )
        adapter = RankedAdapter(setup.pretrained, config)
        mean = float(np.mean(purities))
        adapter.told = {"least_rank": min(ranks), "most_rank": max(ranks), "mean_purity": mean}
        return adapter


def measured_tiles(setup: Setup) -> list[Tile]:
    """Return what stands for each matrix, for circuits and exact twin alike: itself, or its heaviest tile."""
    subject, side = setup.pretrained, setup.shape.spectrum
    return [heaviest(subject.weight(matrix).double().numpy(), side) for matrix in subject.matrices]


def shared_ranks(effective: Sequence[float], matrices: Sequence[Matrix], rank: int) -> list[int]:
    """Return ranks in proportion to effective ones, which have no more parameters than the same rank for all.

    Each is at least 1 and at most a matrix' smaller side. The largest proportion that fits is taken, and what
    is left goes to those that lack most of theirs.
    """
    sides = np.array([matrix.rows + matrix.columns for matrix in matrices])
    most = np.array([min(matrix.rows, matrix.columns) for matrix in matrices])
    wanted, budget = np.asarray(effective, dtype=np.float64), rank * int(sides.sum())
    low, high = 0.0, float(most.max() / wanted.min())
    for _ in range(60):
        middle = (low + high) / 2
        fits = int((_rounded(middle * wanted, most) * sides).sum()) <= budget
        low, high = (middle, high) if fits else (low, middle)
    ranks = _rounded(low * wanted, most)
    for place in np.argsort(ranks - low * wanted, kind="stable"):
        if ranks[place] < most[place] and int((ranks * sides).sum()) + sides[place] <= budget:
            ranks[place] += 1
    return [int(found) for found in ranks]


def _rounded(wanted: Any, most: Any) -> Any:
    return np.clip(np.floor(wanted), 1, most).astype(np.int64)
