"""PennyLane tapes run: the final state of a tape, with projectors and snapshots on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.devices.qubit import apply_operation
from pennylane.devices.qubit.simulate import _postselection_postprocess
from torch import Tensor

from qwatt.quantum.engine.circuit.autograd import amplitudes
from qwatt.quantum.engine.circuit.cache import ProgramCache
from qwatt.quantum.engine.lowering.trace import batch_sizes, trace_operators


def final_state(
    tape: Any,
    programs: ProgramCache,
    rng: np.random.Generator,
    postselect_mode: str | None = None,
    debugger: Any = None,
) -> tuple[Tensor, bool, Any]:
    """Run a tape from |0>.

    Args:
        tape: on wires 0, 1, ...; its projectors (post-selection) keep a part of the state, renormalised.
        programs: of the dtype and device to compute with.
        rng: draws how many shots a post-selection keeps.
        postselect_mode: "fill-shots" keeps all of them.
        debugger: takes the snapshots, if it is active.

    Returns:
        The state ([batch], 2, 2, ...), whether it has a batch axis, and the shots that are left.

    Raises:
        QwattError: an operator that is no unitary gate.
        ValueError: a projector after a broadcast parameter, or batches of different sizes.
    """
    state: Any = None
    batched, shots = False, tape.shots
    watched = debugger is not None and debugger.active
    for gates, stop in _segments(
        tape.operations, (qml.Projector, qml.Snapshot) if watched else qml.Projector
    ):
        state, batched = _evolved(state, batched, gates, tape.num_wires, programs)
        if stop is not None:
            state = apply_operation(
                stop, state, is_state_batched=batched, debugger=debugger, tape_shots=tape.shots, rng=rng
            )
        if isinstance(stop, qml.Projector):
            state, shots = _postselection_postprocess(
                state, batched, tape.shots, rng=rng, postselect_mode=postselect_mode
            )
    return state, batched, shots


def _segments(operations: list[Any], stops: tuple[type, ...]) -> Iterator[tuple[list[Any], Any]]:
    """Return the operations before each stop, with the stop; the last operations come with None."""
    waiting: list[Any] = []
    for operation in operations:
        if isinstance(operation, stops):
            yield waiting, operation
            waiting = []
        else:
            waiting.append(operation)
    yield waiting, None


def _evolved(
    state: Any, batched: bool, operations: list[Any], wires: int, programs: ProgramCache
) -> tuple[Tensor, bool]:
    if state is not None:
        flat = state.reshape((-1, 1 << wires) if batched else (1 << wires,))
        operations = [qml.StatePrep(flat, wires=range(wires), validate_norm=False), *operations]
    width = max(wires, 1)
    found = trace_operators(operations, width)
    sizes = batch_sizes(found)
    if len(sizes - {1}) > 1:
        raise ValueError(f"the parameters have batches of different sizes {sorted(sizes)}")
    batch = max(sizes, default=1)
    states = amplitudes(*programs.ready(found, width, batch))
    states = states[: 1 << wires].mT.reshape((batch, *[2] * wires))
    return (states, True) if sizes else (states[0], False)
