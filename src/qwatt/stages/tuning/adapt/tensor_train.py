"""Tensor-train adapter: each update is a chain of small tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.computed_adapter import ComputedAdapter
from qwatt.stages.tuning.adapt.method import AdaptMethod
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_CORES = 3


@method
class TensorTrain(AdaptMethod):
    """W + T with T a matrix product operator of three sites, whose bond is the rank of the others' updates.

    The tensor network of many-body physics in the place of a low-rank product; the last tensor begins at 0.
    """

    name = "tensor-train"
    kind = Kind.INSPIRED
    sources = ("arXiv:1509.06569", "arXiv:2402.11417 (tensor-train adapters)")
    companions = ("lora",)
    kernels = 4.0

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Put a chain beside each matrix."""
        chains = [chain(m.rows, m.columns, setup.rank) for m in setup.pretrained.matrices]
        formulas = [_added(cores) for cores in chains]
        return ComputedAdapter(setup.pretrained, formulas, [core for cores in chains for core in cores])

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Count contracting the chains and adding them, forward and backward, at every step."""
        size = sum(m.rows * m.columns for m in setup.pretrained.matrices)
        return Effort(work={"gemm_flop": 6.0 * size * setup.rank * setup.steps})


def chain(rows: int, columns: int, bond: int) -> list[torch.nn.Parameter]:
    """Return tensors of shape (left bond, row factor, column factor, right bond), drawn but for the last."""
    outer = zip(factors(rows, _CORES), factors(columns, _CORES), strict=True)
    bonds = [1, *[bond] * (_CORES - 1), 1]
    cores = [
        torch.randn(bonds[i], row, column, bonds[i + 1]) / (bonds[i] * column) ** 0.5
        for i, (row, column) in enumerate(outer)
    ]
    cores[-1].zero_()
    return [torch.nn.Parameter(core) for core in cores]


def contracted(cores: list[torch.nn.Parameter]) -> torch.Tensor:
    """Return the matrix of a chain, shape (product of row factors, product of column factors)."""
    whole: torch.Tensor = cores[0][0]
    for core in cores[1:]:
        joined = torch.einsum("xyb,brcd->xrycd", whole, core)
        whole = joined.reshape(whole.shape[0] * core.shape[1], whole.shape[1] * core.shape[2], -1)
    return whole[..., 0]


def factors(number: int, count: int) -> list[int]:
    """Split a number into about even factors, the smaller ones first.

    >>> factors(96, 3)
    [4, 4, 6]
    >>> factors(7, 3)
    [1, 1, 7]
    """
    parts = [1] * count
    for prime in sorted(_primes(number), reverse=True):
        parts[parts.index(min(parts))] *= prime
    return sorted(parts)


def _primes(number: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return found + [number] * (number > 1)


def _added(cores: list[torch.nn.Parameter]) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda weight: weight + contracted(cores)
