"""The PennyLane device `remote.http`: `qml.device("remote.http", wires=4, url="https://host/v1")`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.devices import ExecutionConfig
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import decompose, validate_device_wires, validate_measurements
from pennylane.transforms import broadcast_expand

from qwatt.quantum.remote.dispatch import Dispatch
from qwatt.quantum.remote.http import HttpProvider
from qwatt.quantum.remote.program import GATES, Program
from qwatt.quantum.remote.provider import Provider
from qwatt.quantum.remote.session import Session, current_session


@simulator_tracking
@single_tape_support
class RemoteDevice(qml.devices.Device):  # type: ignore[misc]
    """Runs circuits at a provider, with finite shots; measures samples, probabilities and Z.

    Args:
        wires: number of wires, or their labels.
        url: the provider's address.
        provider: in place of an address, for other protocols.
    """

    def __init__(self, wires: Any = None, url: str = "", provider: Provider | None = None) -> None:
        super().__init__(wires=wires)
        self._provider = HttpProvider(url) if provider is None else provider
        self._session: Session | None = None
        self._dispatch: Dispatch | None = None

    @property
    def name(self) -> str:
        """The name the device is registered under."""
        return "remote.http"

    def preprocess_transforms(self, execution_config: ExecutionConfig | None = None) -> Any:
        """Return the pipeline: one circuit a sample, decomposed to the gates that are sent."""
        program = qml.CompilePipeline()
        program.add_transform(
            decompose, stopping_condition=lambda op: op.name in GATES, target_gates=set(GATES), name=self.name
        )
        program.add_transform(validate_device_wires, self.wires, name=self.name)
        program.add_transform(
            validate_measurements,
            analytic_measurements=lambda _: False,
            sample_measurements=_is_read,
            name=self.name,
        )
        program.add_transform(broadcast_expand)
        return program

    def execute(self, circuits: Any, execution_config: ExecutionConfig | None = None) -> Any:
        """Submit all circuits, wait for all, and return their measurement results."""
        tapes = [circuit.map_to_standard_wires() for circuit in circuits]
        wires = [len(self.wires) if self.wires else tape.num_wires for tape in tapes]
        programs = [_program(tape, count) for tape, count in zip(tapes, wires, strict=True)]
        found = self._dispatched().run(programs)
        return tuple(_results(*each) for each in zip(tapes, wires, found, strict=True))

    def _dispatched(self) -> Dispatch:
        """Return the running trial's dispatch, which counts what the trial has sent."""
        session = current_session()
        if self._dispatch is None or self._session is not session:
            self._session = session
            self._dispatch = Dispatch(self._provider, session.ledger, session.trial, session.sent)
        return self._dispatch


def _is_read(measurement: Any) -> bool:
    """Return whether a measurement can be told from bits alone."""
    taken = (qml.measurements.SampleMP, qml.measurements.ProbabilityMP, qml.measurements.CountsMP)
    if measurement.obs is None:
        return isinstance(measurement, taken)
    return isinstance(measurement, qml.measurements.ExpectationMP) and measurement.obs.name == "PauliZ"


def _program(tape: Any, qubits: int) -> Program:
    gates = tuple(
        (
            GATES[op.name],
            tuple(float(angle) for angle in op.parameters),
            tuple(int(wire) for wire in op.wires),
        )
        for op in tape.operations
    )
    return Program(qubits, gates, int(tape.shots.total_shots))


def _results(tape: Any, qubits: int, counts: Mapping[str, int]) -> Any:
    order = qml.wires.Wires(range(qubits))
    samples = _samples(counts, qubits)
    found = tuple(np.squeeze(m.process_samples(samples, order)) for m in tape.measurements)
    return found if len(found) > 1 else found[0]


def _samples(counts: Mapping[str, int], qubits: int) -> NDArray[np.int64]:
    """Return one row of bits a shot, shape (shots, qubits); their order carries nothing."""
    bits = np.array([[int(bit) for bit in key] for key in counts], dtype=np.int64).reshape(-1, qubits)
    return np.repeat(bits, list(counts.values()), axis=0)
