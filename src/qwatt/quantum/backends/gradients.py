"""Gradients through a backend: every backward pass is charged, and those that cannot be had are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import gradient

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Given


def charged_backward(
    values: torch.Tensor,
    circuit: Circuit,
    inputs: Given,
    weights: Given,
    bill_shots: int,
    charge: Callable[[Demand], None],
) -> torch.Tensor:
    """Return the values, and arrange that every backward pass through them is charged when it runs.

    Args:
        values: exact values of the circuit, any shape.
        circuit: what gave them.
        inputs: as the circuit took them.
        weights: as the circuit took them.
        bill_shots: shots that each circuit of parameter shift is billed at.
        charge: takes the bill.
    """
    if values.requires_grad:
        backward = gradient.demand(
            circuit, batch_of(inputs), bill_shots, weights=_wants_grad(weights), inputs=_wants_grad(inputs)
        )
        values.register_hook(lambda _: charge(backward))  # type: ignore[no-untyped-call]
    return values


def refuse_gradient(circuit: Circuit, inputs: Given, weights: Given, who: str) -> None:
    """Refuse to compute values that could not be differentiated, where a gradient is asked for.

    Args:
        circuit: what would run.
        inputs: of it; a tensor may require a gradient.
        weights: the same.
        who: begins the message, as in "the backend noisy has".

    Raises:
        QwattError: inputs or weights require a gradient, and torch records them.
    """
    import torch

    if torch.is_grad_enabled() and (_wants_grad(inputs) or _wants_grad(weights)):
        raise QwattError(
            f"{who} no gradient",
            where=circuit.name,
            mend="use exact values on the engine, torch.no_grad(), or shift the parameters yourself",
        )


def batch_of(inputs: Given) -> int:
    """Return how many samples there are: 1 for none or for a single one."""
    return 1 if inputs is None or np.ndim(inputs) < 2 else len(inputs)


def _wants_grad(values: Given) -> bool:
    return bool(getattr(values, "requires_grad", False))
