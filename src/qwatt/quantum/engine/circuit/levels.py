"""Many products of matrices out of one bank, in a handful of tensor operations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Levels:
    """What is multiplied first, second, ... in each of many products.

    Args:
        products: for each, the numbers of its matrices in the bank, first one applied first; none is empty.
        device: where to multiply.
    """

    def __init__(self, products: Sequence[Sequence[int]], device: torch.device) -> None:
        depth = max(map(len, products), default=0)
        self.levels = [_level(products, level, device) for level in range(depth)]

    def products(self, bank: Tensor) -> Tensor:
        """Return (*batch, products, d, d) of a bank (*batch, matrices, d, d)."""
        (_, first), *later = self.levels
        product = bank.index_select(-3, first)
        for which, factors in later:
            longer = bank.index_select(-3, factors) @ product.index_select(-3, which)
            product = longer if len(which) == len(first) else product.index_copy(-3, which, longer)
        return product


def _level(products: Sequence[Sequence[int]], level: int, device: torch.device) -> tuple[Tensor, Tensor]:
    which = [number for number, own in enumerate(products) if len(own) > level]
    factors = [products[number][level] for number in which]
    return torch.tensor(which, device=device), torch.tensor(factors, device=device)
