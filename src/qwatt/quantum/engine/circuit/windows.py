"""The matrices of windows: all of one width are multiplied out together, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.kronecker import kron
from qwatt.quantum.engine.circuit.levels import Levels

Part = tuple[int, ...] | list[int]
"""The source index of a permutation of a window's states, or the numbers of a layer's chains by wire."""


class WindowGroup:
    """Windows of one width.

    Args:
        width: wires of each.
        windows: the parts of each, first one applied first; one at least is a layer.
        dtype: of the matrices.
        device: where to build.
    """

    def __init__(
        self, width: int, windows: Sequence[Sequence[Part]], dtype: torch.dtype, device: torch.device
    ) -> None:
        every = [part for parts in windows for part in parts]
        sources = list(dict.fromkeys(part for part in every if isinstance(part, tuple)))
        layers = [part for part in every if isinstance(part, list)]
        self.moves = torch.eye(1 << width, dtype=dtype, device=device)[
            torch.tensor(sources, dtype=torch.int64, device=device).reshape(-1, 1 << width)
        ]
        self.chains = torch.tensor(layers, device=device)
        numbers, next_layer = [], len(sources)
        for parts in windows:
            own = []
            for part in parts:
                own.append(sources.index(part) if isinstance(part, tuple) else next_layer)
                next_layer += isinstance(part, list)
            numbers.append(own)
        self.levels = Levels(numbers, device)

    def matrices(self, chains: Tensor) -> Tensor:
        """Return the windows' matrices (windows, 2^k, 2^k) from the products of all chains (chains, 2, 2)."""
        gathered = chains.index_select(0, self.chains.flatten()).reshape(*self.chains.shape, 2, 2)
        return self.levels.products(torch.cat([self.moves, kron(gathered.unbind(1))]))
