"""A program: a plan made ready for one dtype, one device and one set of batched parameters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.circuit.apply import (
    BlockPass,
    Pass,
    PermutePass,
    PhasePass,
    SampleBlockPass,
    ScatteredPass,
    TransposePass,
)
from qwatt.quantum.engine.circuit.blocks import BlockBuilder
from qwatt.quantum.engine.circuit.initial import InitialState
from qwatt.quantum.engine.circuit.kinds import KINDS, Kind
from qwatt.quantum.engine.circuit.parameters import Values
from qwatt.quantum.engine.circuit.phases import PhaseRecipe
from qwatt.quantum.engine.circuit.readout import Renaming
from qwatt.quantum.engine.lowering.chains import Chain, differs, is_real
from qwatt.quantum.engine.lowering.permutation import Index, basis, bit_of, contradictory, control_mask
from qwatt.quantum.engine.lowering.plan import Layer, Monomial, Plan
from qwatt.quantum.engine.lowering.primitives import FixedMatrix, TensorMatrix, Unitary

SHARED_WIDTH = 4
IDENTITY = FixedMatrix(((1.0, 0.0), (0.0, 1.0)))


@dataclass(frozen=True)
class Binding:
    """One call's numbers: parameter values, and the blocks made of them."""

    values: Values
    blocks: dict[Kind, list[Tensor]]


Operand = Callable[[Binding], Tensor]


class Program:
    """Passes over the state and the recipes of their operands.

    Args:
        plan: the fused steps.
        batched: numbers of the scalars that differ from sample to sample.
        batched_tensors: numbers of the tensors that differ from sample to sample.
        dtype: complex dtype.
        device: where to run.
        source: for a program without its last permutation: the permutation, to be applied to probabilities.
    """

    def __init__(
        self,
        plan: Plan,
        batched: frozenset[int],
        batched_tensors: frozenset[int],
        dtype: torch.dtype,
        device: torch.device,
        source: Index | None = None,
    ) -> None:
        self.plan, self.dtype, self.device = plan, dtype, device
        self.renaming = None if source is None else Renaming(source, device)
        self._batched, self._batched_tensors = batched, batched_tensors
        self.real = _is_real_plan(plan)
        real = dtype.to_real()
        self._builders = {kind: BlockBuilder(real if kind.real else dtype, device) for kind in KINDS}
        self.passes: list[Pass] = []
        self._operands: list[Operand | None] = []
        turned = {wire: self._enter(chain) for wire, chain in plan.product.items()}
        self._initial = InitialState(
            plan.wires, plan.preparations, turned, real if self.real else dtype, device
        )
        for step in plan.steps:
            self._add(step)
        for builder in self._builders.values():
            builder.finish()

    def bind(self, values: Values) -> tuple[Tensor, list[Tensor | None]]:
        """Return the initial state (2^wires, batch) and one operand per pass."""
        built = {
            kind: builder.build(values.batched if kind.per_sample else values.shared, values.tensor)
            for kind, builder in self._builders.items()
        }
        binding = Binding(values, {kind: blocks for kind, (_, blocks) in built.items()})
        operands = [None if recipe is None else recipe(binding) for recipe in self._operands]
        return self._initial.build(
            values, {kind: matrices for kind, (matrices, _) in built.items()}
        ), operands

    def global_phase(self, values: Values) -> Tensor | None:
        """Return the factor, (1,) or (batch,), that the phases common to all amplitudes make, or None."""
        if not self.plan.global_phases:
            return None
        angle = torch.zeros(1, dtype=self.dtype.to_real(), device=self.device)
        for scalar, coefficient in self.plan.global_phases:
            batched = scalar in self._batched
            angle = angle + coefficient * (values.batched[:, scalar] if batched else values.shared[scalar])
        return torch.complex(angle.cos(), angle.sin())

    def _enter(self, chain: Chain) -> tuple[Kind, int]:
        kind = Kind(self._differs(chain), self.real)
        return kind, self._builders[kind].enter(chain)

    def _differs(self, chain: Chain) -> bool:
        return differs(chain, self._batched, self._batched_tensors)

    def _push(self, step: Pass, operand: Operand | None = None) -> None:
        self.passes.append(step)
        self._operands.append(operand)

    def _add(self, step: Layer | Monomial | Unitary) -> None:
        match step:
            case Layer():
                self._add_layer(step.chains)
            case Monomial():
                if step.source is not None:
                    self._push(PermutePass(torch.from_numpy(step.source).to(self.device)))
                if step.segments or step.data:
                    self._push(PhasePass(), self._phases(step))
            case Unitary():
                self._add_unitary(step)

    def _phases(self, step: Monomial) -> Operand:
        recipe = PhaseRecipe(step, self._batched, self.dtype, self.device)
        return lambda binding: recipe.phases(binding.values)

    def _add_layer(self, chains: dict[int, Chain]) -> None:
        shared = {wire: chain for wire, chain in chains.items() if not self._differs(chain)}
        self._add_windows(shared, False, SHARED_WIDTH)
        if len(shared) < len(chains):
            self._push(TransposePass())
            own = {wire: chain for wire, chain in chains.items() if wire not in shared}
            self._add_windows(own, True, sample_width(self.plan.wires))
            self._push(TransposePass())

    def _add_windows(self, chains: dict[int, Chain], per_sample: bool, width: int) -> None:
        for window in windows(list(chains), self.plan.wires, width):
            inside = [chains.get(wire, (IDENTITY,)) for wire in window]
            kind = Kind(per_sample, all(map(is_real, inside)))
            number = self._builders[kind].enter_window(inside)
            step = (SampleBlockPass if per_sample else BlockPass)(
                len(window), bit_of(window[-1], self.plan.wires)
            )
            self._push(step, _block(kind, number))

    def _add_unitary(self, step: Unitary) -> None:
        if contradictory(step.controls):
            return
        rows = torch.from_numpy(acted_rows(step, self.plan.wires)).to(self.device)
        self._push(ScatteredPass(rows, 1 << len(step.wires)), self._matrix(step))

    def _matrix(self, step: Unitary) -> Operand:
        source = step.source
        if len(step.wires) == 1:
            kind = Kind(self._differs((source,)), self.real)
            return _block(kind, self._builders[kind].enter_window([(source,)]))
        if isinstance(source, FixedMatrix):
            matrix = torch.tensor(source.rows, dtype=self.dtype, device=self.device)
            matrix = matrix.real if self.real else matrix
            return lambda binding: matrix
        assert isinstance(source, TensorMatrix)
        number, adjoint = source.index, source.adjoint
        return lambda b: b.values.tensor(number).mH if adjoint else b.values.tensor(number)


def acted_rows(step: Unitary, wires: int) -> Index:
    """Return the basis indices a controlled matrix mixes, group after group, in the matrix's order."""
    offsets = np.zeros(1, dtype=np.int64)
    for wire in step.wires:
        offsets = (offsets[:, None] + np.array([0, bit_of(wire, wires)])).reshape(-1)
    index = basis(wires)
    starts = index[control_mask(index, step.controls, wires) & ((index & offsets[-1]) == 0)]
    rows: Index = (starts[:, None] + offsets).reshape(-1)
    return rows


def sample_width(wires: int) -> int:
    """Return how many wires share one per-sample block: building 4^k numbers must stay below 2^wires."""
    return min(SHARED_WIDTH, max(1, (wires - 2) // 2))


def windows(wires: Sequence[int], size: int, width: int) -> list[list[int]]:
    """Group wires into runs of neighbours of at most `width`, gaps inside a run filled."""
    count = -(-size // width)
    edges = [round(i * size / count) for i in range(count + 1)]
    found = []
    for low, high in itertools.pairwise(edges):
        inside = [wire for wire in wires if low <= wire < high]
        if inside:
            found.append(list(range(min(inside), max(inside) + 1)))
    return found


def _is_real_plan(plan: Plan) -> bool:
    """Return whether every amplitude stays real for all values of the parameters."""
    chains = [*plan.product.values()]
    for step in plan.steps:
        if isinstance(step, Layer):
            chains += step.chains.values()
        elif isinstance(step, Unitary):
            chains.append((step.source,))
        elif step.segments or step.data:
            return False
    return all(map(is_real, chains)) and all(preparation.real for preparation in plan.preparations)


def _block(kind: Kind, number: int) -> Operand:
    return lambda binding: binding.blocks[kind][number]
