"""Windows: runs of permutations and layers on few neighbouring wires become one matrix, one pass.

In a ring of CNOT and RY every gate waits for the one before: two passes over the state a block. Three blocks
stay on four neighbouring wires, where one product with a 16x16 matrix does the work of their six passes.
"""

from __future__ import annotations

from typing import TypeGuard

from qwatt.quantum.engine.arrays.kronecker import LARGEST_BLOCK
from qwatt.quantum.engine.lowering.gate_chains import differs, is_real
from qwatt.quantum.engine.lowering.primitives import Unitary
from qwatt.quantum.engine.lowering.steps import FusedCircuit, Layer, Monomial, Step, Window

Run = list[Layer | Monomial]


def windowed(
    fused: FusedCircuit, batched: frozenset[int], batched_tensors: frozenset[int] = frozenset()
) -> list[Step | Window]:
    """Return a circuit's steps with the runs on neighbouring wires gathered.

    Args:
        fused: the fused steps.
        batched: numbers of the scalars that differ from sample to sample.
        batched_tensors: numbers of the tensors that differ from sample to sample.
    """
    found: list[Step | Window] = []
    run: Run = []
    for step in fused.steps:
        if _joins(step, batched, batched_tensors):
            if not _fit_together([*run, step]):
                found += _gathered(run, fused.wires)
                run = []
            run.append(step)
        else:
            found += [*_gathered(run, fused.wires), step]
            run = []
    return found + _gathered(run, fused.wires)


def _joins(
    step: Step, batched: frozenset[int], batched_tensors: frozenset[int]
) -> TypeGuard[Layer | Monomial]:
    """Return whether a step is a permutation, or a layer common to all samples, on few wires."""
    if isinstance(step, Layer):
        common = not any(differs(chain, batched, batched_tensors) for chain in step.chains.values())
    else:
        common = isinstance(step, Monomial) and not (step.segments or step.data)
    return common and not isinstance(step, Unitary) and _fit_together([step])


def _fit_together(run: Run) -> bool:
    """Return whether steps are few wires wide; real layers keep to themselves: their matrices cost half."""
    kinds = {is_real(chain) for step in run if isinstance(step, Layer) for chain in step.chains.values()}
    return len(_wires(run)) <= LARGEST_BLOCK and len(kinds) <= 1


def _wires(run: Run) -> range:
    every = [wire for step in run for wire in (step.chains if isinstance(step, Layer) else step.touched)]
    return range(min(every), max(every) + 1)


def _gathered(run: Run, wires: int) -> list[Step | Window]:
    """Return a run as one window, or a single step as it is."""
    if len(run) < 2:
        return [*run]
    inside = _wires(run)
    right = wires - inside.stop
    parts = [step.chains if isinstance(step, Layer) else _inside(step, len(inside), right) for step in run]
    return [Window(inside, tuple(parts))]


def _inside(step: Monomial, width: int, right: int) -> tuple[int, ...]:
    """Return the source index of a window's own states, from that of all with the other wires at 0."""
    assert step.source is not None
    return tuple(int(step.source[state << right]) >> right for state in range(1 << width))
