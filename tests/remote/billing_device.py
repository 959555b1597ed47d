"""A vendor's plugin for tests: a sampling device whose account is billed as AWS Braket bills IQM's Garnet."""

from typing import ClassVar

import pennylane as qml

USD_PER_TASK, USD_PER_SHOT = 0.30, 0.00145


class BillingDevice(qml.devices.Device):
    """Bills every circuit that it is sent, and simulates it."""

    account: ClassVar[list[float]] = []

    def __init__(self, wires=None, fail_after=None):
        super().__init__(wires=wires)
        self._simulator = qml.device("default.qubit", wires=wires, seed=1)
        self._fail_after = fail_after

    @property
    def name(self):
        return "vendor.billing"

    def preprocess_transforms(self, execution_config=None):
        program = self._simulator.preprocess_transforms(execution_config)
        program.add_transform(qml.transforms.broadcast_expand)
        return program

    def execute(self, circuits, execution_config=None):
        for tape in circuits:
            if self._fail_after is not None and len(self.account) >= self._fail_after:
                raise RuntimeError("the queue is closed")
            self.account.append(USD_PER_TASK + USD_PER_SHOT * tape.shots.total_shots)
        return self._simulator.execute(circuits)
