"""A small circuit's expectation values inside autograd: one compiled call forward, one backward."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.arrays.functional import General, needs_plain, plain_gradients
from qwatt.quantum.engine.gates.table import Array, GateTable

Loss = Callable[[Tensor], Tensor]
"""From expectation values, (batch, observables), to one number."""
MOST_AMPLITUDES = 1 << 14
"""Largest batch, times 2^wires; beyond, array operations work through more numbers at a time."""
MOST_BESIDE_NETWORK = 1 << 11
"""The same for circuits with an evaluator of their own, which is faster than the passes."""


def one_number(value: object) -> Tensor:
    """Return a loss that can be differentiated.

    Raises:
        QwattError: it is not one real number of a graph.
    """
    if isinstance(value, Tensor) and value.numel() == 1 and value.requires_grad and not value.is_complex():
        return value
    said = f"a {type(value).__name__}"
    if isinstance(value, Tensor):
        said = f"a tensor of shape {tuple(value.shape)}, {value.dtype}"
        said += "" if value.requires_grad else ", without a graph"
    mend = "return one real number that torch can differentiate, such as (z - target).square().mean()"
    raise QwattError(f"the loss is {said}", mend=mend)


class GateProgram:
    """Runs a table of gates on a batch, differentiable.

    Args:
        table: the gates.
        shapes: number of inputs, and shape of the weights.
        signs: eigenvalues (observables, 2^wires), real, of the dtype to compute in.
        general: gives the same results by differentiable operations, for second derivatives.
        most: largest batch, times 2^wires.
    """

    def __init__(
        self,
        table: GateTable,
        shapes: tuple[int, tuple[int, ...]],
        signs: Tensor,
        general: General,
        most: int,
    ) -> None:
        self.table, self.general = table, general
        self._inputs, self._weights = shapes
        self._dtype, self._most = signs.dtype, most >> table.wires
        self.signs = np.ascontiguousarray(signs.numpy().T)
        self.real = str(self.signs.dtype)
        parts = np.stack([table.matrices.real, table.matrices.imag])
        self.matrices = np.ascontiguousarray(parts, self.signs.dtype)
        self._no_weights = np.empty(0, self.signs.dtype)

    def ready(self, inputs: Tensor | None, weights: Tensor | None) -> bool:
        """Return whether numbers can be taken as they are: shape, dtype, device, and few enough samples."""
        if inputs is None:
            given = not self._inputs and self._most > 0
        else:
            given = self._fits(inputs) and inputs.dim() == 2 and inputs.shape[1] == self._inputs
            given = given and 0 < len(inputs) <= self._most
        if weights is None:
            return given and not self._weights
        return given and self._fits(weights) and weights.shape == self._weights

    def _fits(self, given: Tensor) -> bool:
        dense = torch.is_tensor(given) and given.layout is torch.strided
        return dense and given.dtype is self._dtype and given.is_cpu

    def expval(self, kernels: ModuleType, inputs: Tensor | None, weights: Tensor | None) -> Tensor:
        """Return (batch, observables) for numbers that are `ready`."""
        if torch.is_grad_enabled() and (
            (inputs is not None and inputs.requires_grad) or (weights is not None and weights.requires_grad)
        ):
            return _Expectation.apply(self, kernels, inputs, weights)  # type: ignore[no-any-return,no-untyped-call]
        return torch.from_numpy(self.forward(kernels, inputs, weights)[0])

    def value_and_gradients(
        self, kernels: ModuleType, loss: Loss, inputs: Tensor | None, weights: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return a loss and its gradients to numbers that are `ready`; only the loss is left to autograd."""
        found, circles, state = self.forward(kernels, inputs, weights)
        z = torch.from_numpy(found).requires_grad_()
        with torch.enable_grad():
            value = one_number(loss(z))
        value.backward()  # type: ignore[no-untyped-call]
        gradient = np.zeros_like(found) if z.grad is None else z.grad.numpy()
        to_inputs, to_weights = self.backward(kernels, circles, state, gradient)
        x = None if inputs is None else torch.from_numpy(to_inputs)
        return value.detach(), x, None if weights is None else torch.from_numpy(to_weights)

    def forward(
        self, kernels: ModuleType, inputs: Tensor | None, weights: Tensor | None
    ) -> tuple[Array, Array, Array]:
        """Return the expectation values, and what `backward` needs: cosines and sines, and the state."""
        table, real = self.table, self.signs.dtype
        x = np.empty((1, 0), real) if inputs is None else _array(inputs)
        w = self._no_weights if weights is None else _array(weights).reshape(-1)
        batch = len(x)
        circles = np.empty((2, len(table.spans), batch), real)
        state = np.empty((2, batch << table.wires), real)
        found = np.empty((batch, self.signs.shape[1]), real)
        kernels.forward(
            table.gates, table.spans, table.offsets, table.places, table.slopes, self.matrices,
            x, w, self.signs, circles, state, found,
        )  # fmt: skip
        return found, circles, state

    def backward(
        self, kernels: ModuleType, circles: Array, state: Array, gradient: Array
    ) -> tuple[Array, Array]:
        """Return the gradients of the inputs, (batch, n_inputs), and of the weights, in their shape."""
        table, real = self.table, self.signs.dtype
        to_inputs = np.empty((len(gradient), self._inputs), real)
        to_weights = np.empty(self._weights, real)
        kernels.backward(
            table.gates, table.spans, table.places, table.slopes, self.matrices, self.signs, circles, state,
            np.ascontiguousarray(gradient), to_inputs, to_weights.reshape(-1),
        )  # fmt: skip
        return to_inputs, to_weights


def _array(given: Tensor) -> Array:
    return np.ascontiguousarray(given.detach().numpy())


class _Expectation(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, program: GateProgram, kernels: ModuleType, inputs: Tensor | None, weights: Tensor | None
    ) -> Tensor:
        ctx.save_for_backward(inputs, weights)
        found, circles, state = program.forward(kernels, inputs, weights)
        ctx.kept = program, kernels, circles, state
        return torch.from_numpy(found)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        program, kernels, circles, state = ctx.kept
        leaves = ctx.saved_tensors  # raises where they were changed, or freed, meanwhile
        _, _, to_x, to_w = ctx.needs_input_grad
        if needs_plain(gradient):
            return None, None, *plain_gradients(program.general, leaves, (to_x, to_w), gradient)
        for_inputs, for_weights = program.backward(kernels, circles, state, gradient.numpy())
        x = torch.from_numpy(for_inputs) if to_x else None
        return None, None, x, torch.from_numpy(for_weights) if to_w else None
