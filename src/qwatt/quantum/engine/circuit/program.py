"""A program: a fused circuit made ready for one dtype, one device and one set of batched parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.kronecker import LARGEST_BLOCK, spans
from qwatt.quantum.engine.circuit.apply import (
    BlockPass,
    Pass,
    PermutePass,
    PhasePass,
    SampleBlockPass,
    ScatteredPass,
    TransposePass,
)
from qwatt.quantum.engine.circuit.blocks import IDENTITY, BlockBuilder
from qwatt.quantum.engine.circuit.initial import InitialState
from qwatt.quantum.engine.circuit.matrices import MATRIX_FORMS, MatrixForm
from qwatt.quantum.engine.circuit.parameters import ParameterValues
from qwatt.quantum.engine.circuit.phases import PhaseRecipe
from qwatt.quantum.engine.circuit.readout import Renaming
from qwatt.quantum.engine.lowering.basis import Index, acted_rows, bit_of, contradictory
from qwatt.quantum.engine.lowering.gate_chains import GateChain, differs, is_real
from qwatt.quantum.engine.lowering.primitives import FixedMatrix, TensorMatrix, Unitary
from qwatt.quantum.engine.lowering.steps import FusedCircuit, Layer, Monomial, Step, Window
from qwatt.quantum.engine.lowering.windows import windowed


@dataclass(frozen=True)
class Binding:
    """One call's numbers: parameter values, and the blocks made of them."""

    values: ParameterValues
    blocks: dict[MatrixForm, list[Tensor]]


Operand = Callable[[Binding], Tensor]


class Program:
    """Passes over the state and the recipes of their operands.

    Args:
        fused: the fused steps.
        batched: numbers of the scalars that differ from sample to sample.
        batched_tensors: numbers of the tensors that differ from sample to sample.
        dtype: complex dtype.
        device: where to run.
        source: for a program without its last permutation: the permutation, to be applied to probabilities.
        windows: whether runs of steps on neighbouring wires are one pass. Pays for large states.
    """

    def __init__(
        self,
        fused: FusedCircuit,
        batched: frozenset[int],
        batched_tensors: frozenset[int],
        dtype: torch.dtype,
        device: torch.device,
        source: Index | None = None,
        windows: bool = False,
    ) -> None:
        self.fused, self.dtype, self.device = fused, dtype, device
        self.renaming = None if source is None else Renaming(source, device)
        self._batched, self._batched_tensors = batched, batched_tensors
        self.real = _is_real(fused)
        real = dtype.to_real()
        self._builders = {form: BlockBuilder(real if form.real else dtype, device) for form in MATRIX_FORMS}
        self.passes: list[Pass] = []
        self._operands: list[Operand | None] = []
        turned = {wire: self._enter(chain) for wire, chain in fused.product.items()}
        self._initial = InitialState(
            fused.wires, fused.preparations, turned, real if self.real else dtype, device
        )
        for step in windowed(fused, batched, batched_tensors) if windows else fused.steps:
            self._add(step)
        for builder in self._builders.values():
            builder.finish()

    def bind(self, values: ParameterValues) -> tuple[Tensor, list[Tensor | None]]:
        """Return the initial state (2^wires, batch) and one operand per pass."""
        built = {
            form: builder.build(values.batched if form.per_sample else values.shared, values.tensor)
            for form, builder in self._builders.items()
        }
        binding = Binding(values, {form: blocks for form, (_, blocks) in built.items()})
        operands = [None if recipe is None else recipe(binding) for recipe in self._operands]
        return self._initial.build(
            values, {form: matrices for form, (matrices, _) in built.items()}
        ), operands

    def global_phase(self, values: ParameterValues) -> Tensor | None:
        """Return the factor, (1,) or (batch,), that the phases common to all amplitudes make, or None."""
        if not self.fused.global_phases:
            return None
        angle = torch.zeros(1, dtype=self.dtype.to_real(), device=self.device)
        for scalar, coefficient in self.fused.global_phases:
            batched = scalar in self._batched
            angle = angle + coefficient * (values.batched[:, scalar] if batched else values.shared[scalar])
        return torch.complex(angle.cos(), angle.sin())

    def _enter(self, chain: GateChain) -> tuple[MatrixForm, int]:
        form = MatrixForm(self._differs(chain), self.real)
        return form, self._builders[form].enter(chain)

    def _differs(self, chain: GateChain) -> bool:
        return differs(chain, self._batched, self._batched_tensors)

    def _push(self, step: Pass, operand: Operand | None = None) -> None:
        self.passes.append(step)
        self._operands.append(operand)

    def _add(self, step: Step | Window) -> None:
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
            case Window():
                form = MatrixForm(False, all(map(is_real, step.chains)))
                number = self._builders[form].enter_window(step)
                right = bit_of(step.wires[-1], self.fused.wires)
                self._push(BlockPass(len(step.wires), right), _block(form, number))

    def _phases(self, step: Monomial) -> Operand:
        recipe = PhaseRecipe(step, self._batched, self.dtype, self.device)
        return lambda binding: recipe.phases(binding.values)

    def _add_layer(self, chains: dict[int, GateChain]) -> None:
        shared = {wire: chain for wire, chain in chains.items() if not self._differs(chain)}
        self._add_spans(shared, False, LARGEST_BLOCK)
        if len(shared) < len(chains):
            self._push(TransposePass())
            own = {wire: chain for wire, chain in chains.items() if wire not in shared}
            self._add_spans(own, True, sample_width(self.fused.wires))
            self._push(TransposePass())

    def _add_spans(self, chains: dict[int, GateChain], per_sample: bool, width: int) -> None:
        for span in spans(list(chains), self.fused.wires, width):
            inside = [chains.get(wire, (IDENTITY,)) for wire in span]
            form = MatrixForm(per_sample, all(map(is_real, inside)))
            number = self._builders[form].enter_span(inside)
            step = (SampleBlockPass if per_sample else BlockPass)(
                len(span), bit_of(span[-1], self.fused.wires)
            )
            self._push(step, _block(form, number))

    def _add_unitary(self, step: Unitary) -> None:
        if contradictory(step.controls):
            return
        rows = torch.from_numpy(acted_rows(step, self.fused.wires)).to(self.device)
        self._push(ScatteredPass(rows, 1 << len(step.wires)), self._matrix(step))

    def _matrix(self, step: Unitary) -> Operand:
        source = step.source
        if len(step.wires) == 1:
            form = MatrixForm(self._differs((source,)), self.real)
            return _block(form, self._builders[form].enter_span([(source,)]))
        if isinstance(source, FixedMatrix):
            matrix = torch.tensor(source.rows, dtype=self.dtype, device=self.device)
            matrix = matrix.real if self.real else matrix
            return lambda binding: matrix
        assert isinstance(source, TensorMatrix)
        number, adjoint = source.index, source.adjoint
        return lambda b: b.values.tensor(number).mH if adjoint else b.values.tensor(number)


def sample_width(wires: int) -> int:
    """Return how many wires share one per-sample block: building 4^k numbers must stay below 2^wires."""
    return min(LARGEST_BLOCK, max(1, (wires - 2) // 2))


def _is_real(fused: FusedCircuit) -> bool:
    """Return whether every amplitude stays real for all values of the parameters."""
    chains = [*fused.product.values()]
    for step in fused.steps:
        if isinstance(step, Layer):
            chains += step.chains.values()
        elif isinstance(step, Unitary):
            chains.append((step.source,))
        elif step.segments or step.data:
            return False
    return all(map(is_real, chains)) and all(preparation.real for preparation in fused.preparations)


def _block(form: MatrixForm, number: int) -> Operand:
    return lambda binding: binding.blocks[form][number]
