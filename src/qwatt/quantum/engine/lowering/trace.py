"""Tracing: run the quantum function once and write down its gates and their numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pennylane as qml
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.lowering.operators import Lowering
from qwatt.quantum.engine.lowering.primitives import Primitive


@dataclass(frozen=True)
class Trace:
    """What one run of a quantum function queued.

    Attributes:
        structure: the primitives, in order; equal structures share one fused circuit.
        ranks: number of unbatched axes of each tensor.
        scalars: gate angles, each () or (batch,), float64, differentiable.
        tensors: data of states, matrices and diagonals, complex128, differentiable.
    """

    structure: tuple[Primitive, ...]
    ranks: tuple[int, ...]
    scalars: tuple[torch.Tensor, ...]
    tensors: tuple[torch.Tensor, ...]


def trace(circuit: Circuit, inputs: torch.Tensor | None, weights: torch.Tensor | None) -> Trace:
    """Run `circuit.function` once.

    Args:
        circuit: the quantum function.
        inputs: (n_inputs,) or (batch, n_inputs), float64; None for a circuit without inputs.
        weights: of shape `circuit.weight_shape`, float64; None for a circuit without weights.

    Raises:
        QwattError: a gate is not unitary or lies on a wire outside 0..wires-1.
    """
    with qml.queuing.AnnotatedQueue() as queue:
        circuit.function(inputs, weights)
    operators, _ = qml.queuing.process_queue(queue)
    return trace_operators(operators, circuit.wires)


def trace_operators(operators: list[qml.operation.Operator], wires: int) -> Trace:
    """Lower a list of operators on wires 0..wires-1; raises QwattError as `trace` does."""
    lowering, primitives = Lowering(), list[Primitive]()
    with qml.QueuingManager.stop_recording():
        for operator in operators:
            _check_wires(operator, wires)
            primitives += lowering.walk(operator)
    ledger = lowering.ledger
    return Trace(tuple(primitives), tuple(ledger.ranks), tuple(ledger.scalars), tuple(ledger.tensors))


def trace_samples(circuit: Circuit, inputs: torch.Tensor, weights: torch.Tensor | None) -> Trace | None:
    """Run `circuit.function` on all samples (batch, n_inputs) at once; None where it does not take a batch.

    Whether it took the batch faithfully is for the caller to check, see `last_agrees`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return trace(circuit, inputs, weights)
    except Exception:  # any failure of the user's function on a batch means: go sample by sample
        return None


def last_agrees(whole: Trace, alone: Trace) -> bool:
    """Return whether the last sample of a batch has the gates and numbers that it has when traced alone."""
    if whole.structure != alone.structure:
        return False
    scalars = zip(whole.scalars, alone.scalars, (0 for _ in alone.scalars), strict=True)
    tensors = zip(whole.tensors, alone.tensors, alone.ranks, strict=True)
    return all(
        torch.allclose(_last(a, rank), b.detach(), rtol=1e-9, atol=1e-9)
        for a, b, rank in (*scalars, *tensors)
    )


def _last(tensor: torch.Tensor, rank: int) -> torch.Tensor:
    return (tensor[-1] if tensor.dim() > rank else tensor).detach()


def batch_sizes(found: Trace) -> set[int]:
    """Return the lengths of all batch axes among a trace's numbers; none where nothing is batched."""
    tensors = zip(found.tensors, found.ranks, strict=True)
    batched = [*(s for s in found.scalars if s.dim()), *(t for t, rank in tensors if t.dim() > rank)]
    return {len(numbers) for numbers in batched}


def _check_wires(operator: qml.operation.Operator, wires: int) -> None:
    outside = [wire for wire in operator.wires if not (isinstance(wire, int) and 0 <= wire < wires)]
    if outside:
        raise QwattError(
            f"{operator.name} acts on wires {outside} of a circuit with wires 0..{wires - 1}",
            mend="number the wires 0, 1, ... and set Circuit.wires to their count",
        )
