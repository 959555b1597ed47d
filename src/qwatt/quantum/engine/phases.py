"""The phase vector of one monomial step, from the values of a call."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.parameters import Values
from qwatt.quantum.engine.plan import Monomial


class PhaseRecipe:
    """Multiplies out the diagonal gates of a step: exp(i generators @ scalars) times diagonals given as data.

    Args:
        step: the diagonal gates.
        batched: numbers of the scalars that differ from sample to sample.
        dtype: complex dtype.
        device: where to run.
    """

    def __init__(
        self, step: Monomial, batched: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self._groups = []
        for kind in (False, True):
            numbers = [number for number in step.generators if (number in batched) == kind]
            if numbers:
                columns = np.stack([step.generators[number] for number in numbers], 1)
                matrix = torch.from_numpy(columns).to(device, dtype.to_real())
                self._groups.append((kind, torch.tensor(numbers, device=device), matrix))
        self._data = [(n, torch.from_numpy(index).to(device), conj) for n, index, conj in step.data]

    def phases(self, values: Values) -> Tensor:
        """Return (2^wires, 1), or (2^wires, batch) when something differs between samples."""
        factors = []
        for kind, numbers, matrix in self._groups:
            scalars = values.batched if kind else values.shared.unsqueeze(0)
            angle = matrix @ scalars.index_select(1, numbers).mT
            factors.append(torch.complex(angle.cos(), angle.sin()))
        for number, index, conj in self._data:
            factors.append(_spread(values.tensor(number), index, conj))
        total = factors[0]
        for factor in factors[1:]:
            total = total * factor
        return total


def _spread(entries: Tensor, index: Tensor, conjugate: bool) -> Tensor:
    """Return the entries (2^k,) or (batch, 2^k) by basis index; index 2^k stands for 1."""
    entries = entries.reshape(-1, entries.shape[-1]).mT
    entries = torch.cat([entries.conj() if conjugate else entries, torch.ones_like(entries[:1])])
    return entries.index_select(0, index)
