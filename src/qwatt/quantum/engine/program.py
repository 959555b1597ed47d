"""A program: a plan made ready for one dtype, one device and one set of batched parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from qwatt.quantum.engine.apply import BlockPass, Pass, PermutePass, PhasePass, ScatteredPass
from qwatt.quantum.engine.blocks import ChainBank, kron
from qwatt.quantum.engine.parameters import Values
from qwatt.quantum.engine.permutation import basis, bit_of, contradictory, control_mask
from qwatt.quantum.engine.plan import Chain, Layer, Monomial, Plan
from qwatt.quantum.engine.primitives import FixedMatrix, Rotation, TensorMatrix, Unitary

SHARED_WIDTH = 4
BATCHED_WIDTH = 2
IDENTITY = FixedMatrix(((1.0, 0.0), (0.0, 1.0)))
Operand = Callable[["Binding"], torch.Tensor]


@dataclass
class Binding:
    """One call's numbers: parameter values, and the chain products made of them."""

    values: Values
    shared: torch.Tensor | None
    batched: torch.Tensor | None


class Program:
    """Passes over the state and the recipes of their operands.

    Args:
        plan: the fused steps.
        batched: numbers of the scalars that differ from sample to sample.
        batched_tensors: numbers of the tensors that differ from sample to sample.
        dtype: complex dtype.
        device: where to run.
    """

    def __init__(
        self,
        plan: Plan,
        batched: frozenset[int],
        batched_tensors: frozenset[int],
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.plan, self.dtype, self.device = plan, dtype, device
        self._batched, self._batched_tensors = batched, batched_tensors
        self._chains: dict[bool, list[Chain]] = {False: [], True: []}
        self.passes: list[Pass] = []
        self._operands: list[Operand | None] = []
        self._product = [(wire, *self._enter(chain)) for wire, chain in sorted(plan.product.items())]
        for step in plan.steps:
            self._add(step)
        self._banks = {
            kind: ChainBank(chains, dtype, device) if chains else None
            for kind, chains in self._chains.items()
        }

    def bind(self, values: Values) -> tuple[torch.Tensor, list[torch.Tensor | None]]:
        """Return the initial state (batch, 2^wires) and one operand per pass."""
        shared, batched = self._banks[False], self._banks[True]
        binding = Binding(
            values,
            shared.matrices(values.shared, values.tensor, ()) if shared else None,
            batched.matrices(values.batched, values.tensor, (values.batch,)) if batched else None,
        )
        operands = [None if recipe is None else recipe(binding) for recipe in self._operands]
        return self._initial(binding), operands

    def global_phase(self, values: Values) -> torch.Tensor | None:
        """Return the factor (batch or 1, 1) that the phases common to all amplitudes make, or None."""
        if not self.plan.global_phases:
            return None
        angle = torch.zeros(1, dtype=self.dtype.to_real(), device=self.device)
        for scalar, coefficient in self.plan.global_phases:
            angle = angle + coefficient * self._scalar(values, scalar)
        return torch.complex(angle.cos(), angle.sin()).reshape(-1, 1)

    def _scalar(self, values: Values, scalar: int) -> torch.Tensor:
        return values.batched[:, scalar] if scalar in self._batched else values.shared[scalar]

    def _enter(self, chain: Chain) -> tuple[bool, int]:
        kind = any(self._is_batched(source) for source in chain)
        self._chains[kind].append(chain)
        return kind, len(self._chains[kind]) - 1

    def _is_batched(self, source: FixedMatrix | Rotation | TensorMatrix) -> bool:
        if isinstance(source, Rotation):
            return not self._batched.isdisjoint({source.phi, source.theta, source.omega} - {None})
        return isinstance(source, TensorMatrix) and source.index in self._batched_tensors

    def _add(self, step: Layer | Monomial | Unitary) -> None:
        match step:
            case Layer():
                self._add_layer(step)
            case Monomial():
                self._add_monomial(step)
            case Unitary():
                self._add_unitary(step)

    def _add_layer(self, layer: Layer) -> None:
        kinds = {wire: any(map(self._is_batched, chain)) for wire, chain in layer.chains.items()}
        for batched, width in ((False, SHARED_WIDTH), (True, BATCHED_WIDTH)):
            wires = [wire for wire in layer.chains if kinds[wire] == batched]
            for window in windows(wires, self.plan.wires, width):
                numbers = [
                    self._enter_as(layer.chains.get(w, (IDENTITY,)), w in wires, batched) for w in window
                ]
                self._operands.append(_block_recipe(batched, numbers))
                self.passes.append(BlockPass(len(window), bit_of(window[-1], self.plan.wires)))

    def _enter_as(self, chain: Chain, present: bool, batched: bool) -> int:
        self._chains[batched].append(chain if present else (IDENTITY,))
        return len(self._chains[batched]) - 1

    def _add_monomial(self, step: Monomial) -> None:
        if step.source is not None:
            self.passes.append(PermutePass(torch.from_numpy(step.source).to(self.device)))
            self._operands.append(None)
        if step.generators or step.data:
            self.passes.append(PhasePass())
            self._operands.append(self._phase_recipe(step))

    def _phase_recipe(self, step: Monomial) -> Operand:
        real = self.dtype.to_real()
        groups = []
        for batched in (False, True):
            numbers = [number for number in step.generators if (number in self._batched) == batched]
            if numbers:
                rows = torch.from_numpy(np.stack([step.generators[n] for n in numbers])).to(self.device, real)
                groups.append((batched, torch.tensor(numbers, device=self.device), rows))
        data = [(n, torch.from_numpy(index).to(self.device), conj) for n, index, conj in step.data]

        def recipe(binding: Binding) -> torch.Tensor:
            phases: list[torch.Tensor] = []
            for batched, numbers, rows in groups:
                scalars = binding.values.batched if batched else binding.values.shared
                angle = scalars[..., numbers] @ rows
                phases.append(torch.complex(angle.cos(), angle.sin()))
            for number, index, conj in data:
                entries = binding.values.tensor(number)
                entries = torch.cat(
                    [entries.conj() if conj else entries, torch.ones_like(entries[..., :1])], -1
                )
                phases.append(entries[..., index])
            total = phases[0]
            for phase in phases[1:]:
                total = total * phase
            return total

        return recipe

    def _add_unitary(self, step: Unitary) -> None:
        if contradictory(step.controls):
            return
        size, wires = self.plan.wires, step.wires
        offsets = np.zeros(1, dtype=np.int64)
        for wire in wires:
            offsets = (offsets[:, None] + np.array([0, bit_of(wire, size)])).reshape(-1)
        index = basis(size)
        own = sum(bit_of(wire, size) for wire in wires)
        starts = index[control_mask(index, step.controls, size) & ((index & own) == 0)]
        rows = torch.from_numpy((starts[:, None] + offsets).reshape(-1)).to(self.device)
        self.passes.append(ScatteredPass(rows, len(offsets)))
        self._operands.append(self._matrix_recipe(step))

    def _matrix_recipe(self, step: Unitary) -> Operand:
        source = step.source
        if len(step.wires) == 1:
            kind, number = self._enter((source,))
            return _block_recipe(kind, [number])
        if isinstance(source, FixedMatrix):
            matrix = torch.tensor(source.rows, dtype=self.dtype, device=self.device)
            return lambda binding: matrix
        assert isinstance(source, TensorMatrix)
        number, adjoint = source.index, source.adjoint
        return lambda b: b.values.tensor(number).mH if adjoint else b.values.tensor(number)

    def _initial(self, binding: Binding) -> torch.Tensor:
        """Return the product of prepared wires, turned wires and wires in |0>."""
        columns: list[torch.Tensor] = []
        order: list[int] = []
        batch = binding.values.batch
        for preparation in self.plan.preparations:
            amplitudes = binding.values.tensor(preparation.index)
            columns.append(amplitudes.expand(batch, -1))
            order += preparation.wires
        turned = {wire: (kind, number) for wire, kind, number in self._product}
        zero = torch.tensor([[1.0, 0.0]], dtype=self.dtype, device=self.device)
        for wire in range(self.plan.wires):
            if wire in turned:
                kind, number = turned[wire]
                bank = binding.batched if kind else binding.shared
                assert bank is not None
                columns.append(bank[..., number, :, 0].reshape(-1, 2))
                order.append(wire)
            elif wire not in order:
                columns.append(zero)
                order.append(wire)
        state = columns[0]
        for column in columns[1:]:
            state = (state[:, :, None] * column[:, None, :]).reshape(max(len(state), len(column)), -1)
        return _in_wire_order(state.expand(batch, -1), order)


def windows(wires: Sequence[int], size: int, width: int) -> list[list[int]]:
    """Group wires into runs of neighbours of at most `width`, gaps inside a run filled."""
    count = -(-size // width)
    edges = [round(i * size / count) for i in range(count + 1)]
    found = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = [wire for wire in wires if low <= wire < high]
        if inside:
            found.append(list(range(min(inside), max(inside) + 1)))
    return found


def _block_recipe(batched: bool, numbers: list[int]) -> Operand:
    def recipe(binding: Binding) -> torch.Tensor:
        bank = binding.batched if batched else binding.shared
        assert bank is not None
        return kron([bank[..., number, :, :] for number in numbers])

    return recipe


def _in_wire_order(state: torch.Tensor, order: list[int]) -> torch.Tensor:
    if order == sorted(order):
        return state
    axes = [1 + order.index(wire) for wire in range(len(order))]
    return state.reshape(-1, *[2] * len(order)).permute(0, *axes).reshape(state.shape)
