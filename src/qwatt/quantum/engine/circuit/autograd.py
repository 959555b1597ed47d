"""Running the passes, and differentiating them by the adjoint method.

The backward sweep walks the passes in reverse. Small runs keep the state before every pass; large ones keep
only the final state and undo the unitary passes one by one, so that memory stays O(batch * 2^wires) whatever
the depth (adjoint differentiation, arXiv:2009.02823). Second derivatives and transforms of `torch.func` go
through plain autograd.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.functional import needs_plain, transformed
from qwatt.quantum.engine.arrays.workspace import WORKSPACE, Lease
from qwatt.quantum.engine.circuit.apply import Pass
from qwatt.quantum.engine.circuit.parameters import ParameterValues
from qwatt.quantum.engine.circuit.program import Program

KEEP_BYTES = 256 * 2**20
"""Intermediate states are kept for the backward sweep up to this size, and undone beyond it."""


def evolve(program: Program, values: ParameterValues) -> Tensor:
    """Return the final states (2^wires, batch) without the global phase; differentiable."""
    initial, operands = program.bind(values)
    if transformed():
        return _plain(program.passes, initial, operands)
    if not torch.is_grad_enabled() or not _differentiable(initial, operands):
        return _run(program.passes, initial, operands)
    return _Evolution.apply(program.passes, initial, *operands)  # type: ignore[no-any-return,no-untyped-call]


def amplitudes(program: Program, values: ParameterValues) -> Tensor:
    """Return the final states (2^wires, batch), complex, with the global phase."""
    state, phase = evolve(program, values).to(program.dtype), program.global_phase(values)
    return state if phase is None else state * phase


def _differentiable(initial: Tensor, operands: list[Tensor | None]) -> bool:
    return initial.requires_grad or any(o is not None and o.requires_grad for o in operands)


def _plain(passes: list[Pass], state: Tensor, operands: list[Tensor | None]) -> Tensor:
    """Run the passes by operations that torch differentiates itself."""
    for step, operand in zip(passes, operands, strict=True):
        state = step.apply(state, operand)
    return state


def _run(passes: list[Pass], state: Tensor, operands: list[Tensor | None]) -> Tensor:
    with torch.no_grad():
        buffers = _Buffers(state, 2)
        for number, (step, operand) in enumerate(zip(passes, operands, strict=True)):
            last = number == len(passes) - 1
            place = None if last else buffers.place(number % 2, step.shape(state))
            state = step.apply(state, operand, place)
        return state


class _Buffers:
    """`count` states' worth of borrowed memory."""

    def __init__(self, state: Tensor, count: int) -> None:
        self._size = state.numel()
        self._lease = Lease(WORKSPACE, count * self._size, state)

    def place(self, number: int, shape: torch.Size) -> Tensor:
        """Return the memory of one state."""
        start = number * self._size
        return self._lease.buffer[start : start + self._size].view(shape)


class _Evolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, passes: list[Pass], state: Tensor, *operands: Tensor | None) -> Tensor:
        count = len(passes)
        ctx.keep = count * state.numel() * state.element_size() <= KEEP_BYTES
        ctx.passes, ctx.buffers = passes, _Buffers(state, count + 2 if ctx.keep else 4)
        ctx.before = []
        initial = state
        for number, (step, operand) in enumerate(zip(passes, operands, strict=True)):
            slot = number if ctx.keep else number % 2
            place = None if number == count - 1 else ctx.buffers.place(slot, step.shape(state))
            if ctx.keep:
                ctx.before.append(state)
            state = step.apply(state, operand, place)
        ctx.save_for_backward(initial, state, *operands)
        return state

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        initial, after, *operands = ctx.saved_tensors
        if needs_plain(gradient):
            with torch.enable_grad():
                return None, *_plain_gradients(ctx, initial, operands, gradient)
        wanted = ctx.needs_input_grad[2:]
        count = len(operands)
        gradients: list[Tensor | None] = [None] * count
        spare = count if ctx.keep else 2
        for number in reversed(range(count)):
            step, operand = ctx.passes[number], operands[number]
            before = ctx.before[number] if ctx.keep else _undone(ctx, number, after, operand)
            if wanted[number]:
                gradients[number] = step.operand_gradient(before, gradient, operand)
            place = None if number == 0 else ctx.buffers.place(spare + number % 2, before.shape)
            gradient, after = step.undo(gradient, operand, place), before
        return None, gradient, *gradients


def _plain_gradients(
    ctx: Any, state: Tensor, operands: list[Tensor | None], gradient: Tensor
) -> list[Tensor | None]:
    """Return the gradients of initial state and operands as a differentiable graph, by plain autograd."""
    leaves: list[Tensor | None] = [state, *operands]
    state = _plain(ctx.passes, state, operands)
    wanted = [number for number, needed in enumerate(ctx.needs_input_grad[1:]) if needed]
    chosen = [leaf for leaf in (leaves[number] for number in wanted) if leaf is not None]
    found = torch.autograd.grad(state, chosen, gradient, create_graph=True)
    gradients: list[Tensor | None] = [None] * len(leaves)
    for number, slope in zip(wanted, found, strict=True):
        gradients[number] = slope
    return gradients


def _undone(ctx: Any, number: int, after: Tensor, operand: Tensor | None) -> Tensor:
    """Return the state before a pass; the buffers of the forward run are free by now."""
    step = ctx.passes[number]
    state: Tensor = step.undo(after, operand, ctx.buffers.place(number % 2, step.shape(after)))
    return state
