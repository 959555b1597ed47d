"""A forward propagation that carries the state and one tangent per angle through a fused circuit.

A gate's new tangent is its generator on the state after it: d(U psi) = (dU U^-1) U psi. All rows, the state
and the tangents so far, then go through the remaining steps together, as products of 16x16 blocks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.kronecker import block_sizes, kron, kron_apply
from qwatt.quantum.engine.lowering.basis import acted_rows
from qwatt.quantum.engine.lowering.primitives import FixedMatrix, TensorMatrix, Unitary
from qwatt.quantum.engine.lowering.steps import FusedCircuit, Layer, Monomial
from qwatt.quantum.engine.metric.factors import ChainGroup, Factors


class TangentPropagator:
    """A fused circuit made ready for tangents.

    Args:
        fused: the fused steps of the circuit.
        trainable: numbers of the angles that get a tangent.
        dtype: complex dtype of the rows.
        device: where to compute.
    """

    def __init__(
        self, fused: FusedCircuit, trainable: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.fused, self.trainable, self.dtype, self.device = fused, trainable, dtype, device
        first = [Layer(fused.product)] if fused.product else []
        self.steps = [self._ready(step) for step in (*first, *fused.steps)]
        self.angles = [number for step in self.steps for number in step.angles]

    def run(self, scalars: np.ndarray, tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the state (2**n,) and its derivatives (len(angles), 2**n) by the entries of `angles`.

        Args:
            scalars: all angles of the trace, float64.
            tensors: data of the trace: states, matrices, diagonals, unbatched.
        """
        rows = torch.empty(1 + len(self.angles), 1 << self.fused.wires, dtype=self.dtype, device=self.device)
        rows[0] = self._initial(tensors)
        spare, used = torch.empty_like(rows), 1
        for step in self.steps:
            moved = step.apply(rows[:used], spare[:used], scalars, tensors)
            if moved.data_ptr() == spare.data_ptr():
                rows, spare = spare, rows
            fresh = len(step.angles)
            if fresh:
                step.tangents(rows[0], rows[used : used + fresh], scalars)
            used += fresh
        return rows[0], rows[1:]

    def _ready(self, step: Layer | Monomial | Unitary) -> _LayerStep | _MonomialStep | _BlockStep:
        match step:
            case Layer():
                return _LayerStep(step, self.fused.wires, self.trainable, self.dtype, self.device)
            case Monomial():
                return _MonomialStep(step, self.trainable, self.dtype, self.device)
            case Unitary():
                return _BlockStep(step, self.fused.wires, self.trainable, self.dtype, self.device)

    def _initial(self, tensors: Sequence[Tensor]) -> Tensor:
        """Prepared wires as given, the others in |0>."""
        n, order = self.fused.wires, list[int]()
        state = torch.ones(1, dtype=self.dtype, device=self.device)
        for preparation in self.fused.preparations:
            state = torch.outer(state, tensors[preparation.index].to(state)).view(-1)
            order += preparation.wires
        left = [wire for wire in range(n) if wire not in order]
        state = torch.outer(state, torch.eye(1, 1 << len(left), dtype=state.dtype, device=state.device)[0])
        order += left
        return state.view([2] * n).permute([order.index(wire) for wire in range(n)]).reshape(-1)


class _LayerStep:
    """One-qubit gates on several wires."""

    def __init__(
        self, step: Layer, wires: int, trainable: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.wires, self.dtype, self.device = wires, dtype, device
        self.acting = list(step.chains)
        self.group = ChainGroup([step.chains[wire] for wire in self.acting], trainable)
        self.angles = [number for _, _, number in self.group.trained]

    def apply(self, rows: Tensor, spare: Tensor, scalars: np.ndarray, tensors: Sequence[Tensor]) -> Tensor:
        self.factors = self.group.factors(scalars, tensors)
        gates = [np.eye(2)] * self.wires
        for wire, matrix in zip(self.acting, self.factors.products, strict=True):
            gates[wire] = matrix
        blocks, start = [], 0
        for size in block_sizes(self.wires):
            blocks.append(torch.from_numpy(kron(gates[start : start + size])).to(self.device, self.dtype))
            start += size
        return kron_apply(rows, blocks, spare)

    def tangents(self, state: Tensor, out: Tensor, scalars: np.ndarray) -> None:
        generators = torch.from_numpy(self.group.generators(self.factors)).to(self.device, self.dtype)
        for row, (chain, _, _) in enumerate(self.group.trained):
            blocks = state.view(1 << self.acting[chain], 2, -1)
            torch.matmul(generators[row], blocks, out=out[row].view(blocks.shape))


class _MonomialStep:
    """A permutation followed by phases."""

    def __init__(
        self, step: Monomial, trainable: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.dtype, self.device, self.data = dtype, device, step.data
        self.source = None if step.source is None else torch.from_numpy(step.source).to(device)
        self.numbers = list(step.generators)
        self.phases = torch.from_numpy(np.array([step.generators[k] for k in self.numbers])).to(device)
        self.angles = [number for number in self.numbers if number in trainable]
        kept = [self.numbers.index(number) for number in self.angles]
        self.slopes = 1j * self.phases[kept].to(dtype) if kept else None

    def apply(self, rows: Tensor, spare: Tensor, scalars: np.ndarray, tensors: Sequence[Tensor]) -> Tensor:
        if self.source is not None:
            rows, spare = torch.index_select(rows, 1, self.source, out=spare), rows
        if self.numbers:
            angle = torch.from_numpy(scalars[self.numbers]).to(self.device) @ self.phases
            rows *= torch.polar(torch.ones_like(angle), angle).to(self.dtype)
        for number, index, conjugate in self.data:
            entries = tensors[number].to(rows)
            padded = torch.cat([entries.conj() if conjugate else entries, entries.new_ones(1)])
            rows *= padded[torch.from_numpy(index).to(self.device)]
        return rows

    def tangents(self, state: Tensor, out: Tensor, scalars: np.ndarray) -> None:
        assert self.slopes is not None
        torch.mul(self.slopes, state, out=out)


class _BlockStep:
    """A controlled gate, or a matrix on several wires: a product on the matching amplitudes."""

    def __init__(
        self, step: Unitary, wires: int, trainable: frozenset[int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.dtype, self.device, self.source = dtype, device, step.source
        self.group = ChainGroup([(step.source,)] if len(step.wires) == 1 else [], trainable)
        self.angles = [number for _, _, number in self.group.trained]
        self.size = 1 << len(step.wires)
        self.index = torch.from_numpy(acted_rows(step, wires)).to(device)

    def apply(self, rows: Tensor, spare: Tensor, scalars: np.ndarray, tensors: Sequence[Tensor]) -> Tensor:
        matrix = self._matrix(scalars, tensors)
        blocks = rows[:, self.index].view(rows.shape[0], -1, self.size)
        rows[:, self.index] = (blocks @ matrix.mT).view(rows.shape[0], -1)
        return rows

    def _matrix(self, scalars: np.ndarray, tensors: Sequence[Tensor]) -> Tensor:
        if self.group.chains:
            self.factors: Factors = self.group.factors(scalars, tensors)
            return torch.from_numpy(self.factors.products[0]).to(self.device, self.dtype)
        if isinstance(self.source, FixedMatrix):
            return torch.tensor(self.source.rows, dtype=self.dtype, device=self.device)
        assert isinstance(self.source, TensorMatrix)
        matrix = tensors[self.source.index].to(self.device, self.dtype)
        return matrix.mH if self.source.adjoint else matrix

    def tangents(self, state: Tensor, out: Tensor, scalars: np.ndarray) -> None:
        generators = torch.from_numpy(self.group.generators(self.factors)).to(self.device, self.dtype)
        blocks = state[self.index].view(-1, self.size)
        out.zero_()
        out[:, self.index] = (blocks @ generators.mT).view(len(out), -1)
