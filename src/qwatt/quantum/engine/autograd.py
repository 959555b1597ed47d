"""Running the passes, and differentiating them by the adjoint method.

The backward sweep walks the passes in reverse. Small runs keep the state before every pass; large ones keep
only the final state and undo the unitary passes one by one, so that memory stays O(batch * 2^wires) whatever
the depth (adjoint differentiation, arXiv:2009.02823).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qwatt.quantum.engine.apply import Pass
from qwatt.quantum.engine.parameters import Values
from qwatt.quantum.engine.program import Program

KEEP_BYTES = 256 * 2**20
"""Intermediate states are kept for the backward sweep up to this size, and undone beyond it."""


def evolve(program: Program, values: Values) -> Tensor:
    """Return the final states (2^wires, batch) without the global phase; differentiable once."""
    initial, operands = program.bind(values)
    if not torch.is_grad_enabled() or not _differentiable(initial, operands):
        return _run(program.passes, initial, operands)
    return _Evolution.apply(program.passes, initial, *operands)  # type: ignore[no-any-return,no-untyped-call]


def amplitudes(program: Program, values: Values) -> Tensor:
    """Return the final states (2^wires, batch), complex, with the global phase."""
    state, phase = evolve(program, values).to(program.dtype), program.global_phase(values)
    return state if phase is None else state * phase


def _differentiable(initial: Tensor, operands: list[Tensor | None]) -> bool:
    return initial.requires_grad or any(o is not None and o.requires_grad for o in operands)


def _run(passes: list[Pass], state: Tensor, operands: list[Tensor | None]) -> Tensor:
    for step, operand in zip(passes, operands, strict=True):
        state = step.apply(state, operand)
    return state


class _Evolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, passes: list[Pass], state: Tensor, *operands: Tensor | None) -> Tensor:
        keep = len(passes) * state.numel() * state.element_size() <= KEEP_BYTES
        before = []
        for step, operand in zip(passes, operands, strict=True):
            if keep:
                before.append(state)
            state = step.apply(state, operand)
        ctx.passes, ctx.keep = passes, keep
        ctx.save_for_backward(*operands, *(before if keep else [state]))
        return state

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        count = len(ctx.passes)
        operands, states = ctx.saved_tensors[:count], list(ctx.saved_tensors[count:])
        wanted = ctx.needs_input_grad[2:]
        gradients: list[Tensor | None] = [None] * count
        for number in reversed(range(count)):
            step, operand = ctx.passes[number], operands[number]
            before = states.pop()
            if not ctx.keep:
                before = step.undo(before, operand)
                states.append(before)
            if wanted[number]:
                gradients[number] = step.operand_gradient(before, gradient, operand)
            gradient = step.undo(gradient, operand)
        return None, gradient, *gradients
