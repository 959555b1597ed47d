"""The phase vector of one monomial step, from the values of a call."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.walsh import walsh_hadamard
from qwatt.quantum.engine.circuit.initial import tree_product
from qwatt.quantum.engine.circuit.parameters import ParameterValues
from qwatt.quantum.engine.lowering.diagonal import on_one_wire, parities
from qwatt.quantum.engine.lowering.primitives import PhaseGate, wires_of
from qwatt.quantum.engine.lowering.steps import Monomial

DENSE_NUMBERS = 1 << 20
"""Generators are stored as one matrix up to this size; beyond it phases are computed without them."""


class PhaseRecipe:
    """Multiplies out the diagonal gates of a step: phases exp(i angle) times diagonals given as data.

    Args:
        step: the diagonal gates.
        batched: numbers of the scalars that differ from sample to sample.
        dtype: complex dtype.
        device: where to run.
    """

    def __init__(
        self, step: Monomial, batched: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self._angles: list[tuple[bool, Factor]] = []
        for per_sample in (False, True):
            numbers = [number for number in step.scalars if (number in batched) == per_sample]
            if numbers:
                factors = _factors(step, numbers, dtype.to_real(), device)
                self._angles += [(per_sample, factor) for factor in factors]
        self._data = [(n, torch.from_numpy(index).to(device), conj) for n, index, conj in step.data]

    def phases(self, values: ParameterValues) -> Tensor:
        """Return (2^wires, 1), or (2^wires, batch) when something differs between samples."""
        factors = []
        for per_sample, recipe in self._angles:
            factors.append(recipe.phases(values.batched if per_sample else values.shared.unsqueeze(0)))
        for number, index, conj in self._data:
            factors.append(_spread(values.tensor(number), index, conj))
        total = factors[0]
        for factor in factors[1:]:
            total = total * factor
        return total


def _factors(step: Monomial, numbers: list[int], dtype: torch.dtype, device: torch.device) -> list[Factor]:
    if len(numbers) << step.wires <= DENSE_NUMBERS:
        return [DensePhases(step, numbers, dtype, device)]
    factors: list[Factor] = []
    for source, gates in step.segments:
        place = None if source is None else torch.from_numpy(source).to(device)
        own = [gate for gate in gates if gate.scalar in numbers]
        single = [gate for gate in own if len(wires_of(gate)) == 1]
        several = [gate for gate in own if len(wires_of(gate)) > 1]
        factors += [ProductPhases(step.wires, single, place, dtype, device)] if single else []
        factors += [WalshPhases(step.wires, several, place, dtype, device)] if several else []
    return factors


class Factor(ABC):
    """A part of the phases of a step."""

    @abstractmethod
    def phases(self, scalars: Tensor) -> Tensor:
        """Return unit numbers (2^wires, batch) from scalars (batch, all scalars)."""


class DensePhases(Factor):
    """All gates at once: their angles are one matrix product with the stored generators."""

    def __init__(self, step: Monomial, numbers: list[int], dtype: torch.dtype, device: torch.device) -> None:
        columns = np.stack([step.generators[number] for number in numbers], 1)
        self._matrix = torch.from_numpy(columns).to(device, dtype)
        self._numbers = torch.tensor(numbers, device=device)

    def phases(self, scalars: Tensor) -> Tensor:
        """Return exp(i generators @ scalars)."""
        return _unit(self._matrix @ scalars.index_select(1, self._numbers).mT)


class WalshPhases(Factor):
    """Gates on several wires: their angles are the Walsh-Hadamard transform of few coefficients."""

    def __init__(
        self,
        wires: int,
        gates: list[PhaseGate],
        place: Tensor | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._size, self._place = 1 << wires, place
        masks, columns, matrix = spectrum_of(gates, wires)
        self._masks, self._columns, self._matrix = (
            masks.to(device),
            columns.to(device),
            matrix.to(device, dtype),
        )

    def phases(self, scalars: Tensor) -> Tensor:
        """Return the phases, moved by the permutation that follows the gates."""
        few = scalars.index_select(1, self._columns) @ self._matrix
        spectrum = few.new_zeros(len(few), self._size).index_copy(1, self._masks, few)
        angle = walsh_hadamard(spectrum, normalised=False).mT
        return _unit(angle if self._place is None else angle.index_select(0, self._place))


class ProductPhases(Factor):
    """Gates on one wire each: their phases are a product over the wires."""

    def __init__(
        self,
        wires: int,
        gates: list[PhaseGate],
        place: Tensor | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._place = place
        numbers = list(dict.fromkeys(gate.scalar for gate in gates))
        columns = np.zeros((2 * wires, len(numbers)))
        for gate in gates:
            (wire,) = wires_of(gate)
            columns[2 * wire : 2 * wire + 2, numbers.index(gate.scalar)] += on_one_wire(gate)
        self._matrix = torch.from_numpy(columns).to(device, dtype)
        self._numbers = torch.tensor(numbers, device=device)

    def phases(self, scalars: Tensor) -> Tensor:
        """Return the phases, moved by the permutation that follows the gates."""
        angles = self._matrix @ scalars.index_select(1, self._numbers).mT
        product = tree_product(list(torch.split(_unit(angles), 2)))
        return product if self._place is None else product.index_select(0, self._place)


def _unit(angle: Tensor) -> Tensor:
    return torch.complex(angle.cos(), angle.sin())


def spectrum_of(gates: list[PhaseGate], wires: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return bit masks (m,), scalar numbers (s,) and coefficients (s, m) of the gates' parities."""
    terms = [(gate.scalar, parities(gate, wires)) for gate in gates]
    masks = sorted({mask for _, found in terms for mask in found})
    numbers = list(dict.fromkeys(scalar for scalar, _ in terms))
    matrix = torch.zeros(len(numbers), len(masks), dtype=torch.float64)
    column = {mask: place for place, mask in enumerate(masks)}
    row = {number: place for place, number in enumerate(numbers)}
    for scalar, found in terms:
        for mask, coefficient in found.items():
            matrix[row[scalar], column[mask]] += coefficient
    return torch.tensor(masks), torch.tensor(numbers), matrix


def _spread(entries: Tensor, index: Tensor, conjugate: bool) -> Tensor:
    """Return the entries (2^k,) or (batch, 2^k) by basis index; index 2^k stands for 1."""
    entries = entries.reshape(-1, entries.shape[-1]).mT
    entries = torch.cat([entries.conj() if conjugate else entries, torch.ones_like(entries[:1])])
    return entries.index_select(0, index)
