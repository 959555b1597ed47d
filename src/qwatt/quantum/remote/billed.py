"""Any PennyLane device whose jobs are bought by an offer of the catalogue: charged before each call."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import pennylane as qml
from pennylane.devices import ExecutionConfig

from qwatt.core.errors import QwattError
from qwatt.quantum.remote.provider import Price
from qwatt.quantum.remote.session import current_session


class BilledDevice(qml.devices.Device):  # type: ignore[misc]
    """Passes circuits on to a device, after the run's ledger was charged with what they cost at most.

    Every circuit is taken as one job of the offer: its shots are known before it is submitted, and so is its
    price. What the plugin submits beyond that (mitigation, calibration) is not seen here. As a plugin keeps
    neither job ids nor results, a trial that is repeated after a kill is submitted, and charged, again.

    Args:
        device: the vendor's, which submits the jobs.
        price: of a circuit and of a shot.
    """

    def __init__(self, device: Any, price: Price) -> None:
        super().__init__(wires=device.wires)
        self._inner, self._price = device, price

    @property
    def name(self) -> str:
        """The inner device's name."""
        return str(self._inner.name)

    def setup_execution_config(self, config: ExecutionConfig | None = None, circuit: Any = None) -> Any:
        """Return the inner device's settings.

        Raises:
            QwattError: it would compute gradients itself, by jobs that could not be counted.
        """
        found = self._inner.setup_execution_config(config, circuit)
        if found.use_device_gradient:
            mend = "leave `price` away, or take another device"
            raise QwattError("the device computes gradients itself: its jobs cannot be counted", mend=mend)
        return found

    def preprocess_transforms(self, execution_config: ExecutionConfig | None = None) -> Any:
        """Return the inner device's pipeline."""
        return self._inner.preprocess_transforms(execution_config)

    def supports_derivatives(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """Return False: gradients are further circuits, which are counted."""
        return False

    def execute(self, circuits: Any, execution_config: ExecutionConfig | None = None) -> Any:
        """Charge all circuits, then run them.

        Raises:
            BudgetError: they could exceed the budget; nothing was submitted.
            QwattError: exact values are asked for, which are not sold.
        """
        tapes = [circuits] if isinstance(circuits, qml.tape.QuantumScript) else circuits
        if any(tape.shots.total_shots is None for tape in tapes):
            raise QwattError("exact values have no price", mend="give shots, or leave `price` away")
        usd = sum(self._price.quote(int(tape.shots.total_shots), tape.batch_size or 1) for tape in tapes)
        session = current_session()
        session.ledger.reserve(token_hex(16), usd, session.trial)
        return self._inner.execute(circuits, execution_config)
