"""The classical twin of the variational decomposition: the same tiles, decomposed exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.principal import Factors, PrincipalMethod
from qwatt.stages.tuning.adapt.settings import Setup
from qwatt.stages.tuning.adapt.tile import heaviest_tiles, leading, tile_rank, widened

_DECOMPOSITION = 14.0
"""Operations of a thin decomposition over m n min(m, n), singular vectors included."""


@method
class TileSvd(PrincipalMethod):
    """LoRA that begins with the principal factors of each matrix' heaviest tile."""

    name = "tile-svd"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2404.02948, on a part of each matrix",)

    def factors(self, setup: Setup, context: Context) -> tuple[list[Factors], dict[str, Any]]:
        """Decompose every tile."""
        found = []
        for tile in heaviest_tiles(setup):
            left, values, right = np.linalg.svd(tile.values, full_matrices=False)
            found.append(widened(tile.within(*leading(left, values, right.T, tile_rank(setup))), setup.rank))
        return found, {}

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Add the decompositions."""
        flops = _DECOMPOSITION * len(setup.pretrained.matrices) * setup.shape.tile**3
        return super().adapter_effort(setup, shots) + Effort(work={"gemm_flop": flops})
