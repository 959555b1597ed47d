"""Any PennyLane device by its short name: simulators, and IBM, IonQ or Braket through their plugins."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import MissingExtraError, QwattError, unknown_name
from qwatt.core.registry import backend
from qwatt.core.secrets import scrubbed
from qwatt.quantum.backends import sampling
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.spec import read_spec
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.quantum.remote.offered import OPTION, offered_price

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Array, Given
    from qwatt.quantum.circuits.overlap import OverlapTest
    from qwatt.quantum.remote.provider import Price

VENDORS = {
    "ionq": ("ionq", "IONQ_API_KEY"),
    "qiskit": ("ibm", "QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE"),
    "braket": ("braket", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION"),
}
"""First part of a device's name: the extra that brings its plugin, and the variables it signs in with."""
OWN_LEDGER = "remote."
"""Devices that ask their provider for the price themselves."""
EXACT_DEVICES = ("default.", "lightning.", "qwatt.", "reference.", "braket.local.")
"""Devices that give exact values; every other one only samples."""
_CREDENTIAL = re.compile(r"key|token|secret|password|credential|instance|crn|profile|session", re.IGNORECASE)


class PennyLaneBackend(QuantumBackend):
    """Runs circuits on a PennyLane device.

    A device that only samples answers `shots=None` with `bill_shots` shots. Gradients are the device's best:
    back-propagation, the adjoint method, or parameter shift on hardware.

    Args:
        device: short name, such as "lightning.qubit" or "ionq.simulator".
        options: keyword arguments of the device; never credentials, which plugins read from the environment.
            `price=OFFER` is ours: each circuit is charged to the run as that offer of the catalogue says.
        bill_shots: shots per circuit that exact values are billed at.

    Raises:
        MissingExtraError: the device's plugin is not installed.
        QwattError: no such device, an option that looks like a credential, or an offer that is not known,
            not priced by circuit and shot, or of a device that bills nothing.
    """

    autograd: ClassVar[bool] = True

    def __init__(
        self, device: str, options: dict[str, str] | None = None, bill_shots: int = BILL_SHOTS
    ) -> None:
        super().__init__(bill_shots)
        self.device = device
        self.options = dict(options or {})
        self.where = f"pennylane:{device}"
        for key in self.options:
            if _CREDENTIAL.search(key):
                raise QwattError(
                    f"the option {key!r} looks like a credential",
                    where=self.where,
                    mend=f"set it in the environment instead ({self._variables()})",
                )
        _check_installed(device)
        self._price = self._offered()
        self._devices: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """Name to record: the device and its options."""
        tail = "&".join(f"{key}={value}" for key, value in sorted(self.options.items()))
        return self.where + (f"?{tail}" if tail else "")

    def _offered(self) -> Price | None:
        """Return what a circuit costs, where the options say by which offer it is bought."""
        if OPTION not in self.options:
            return None
        if not self.samples_only or self.device.startswith(OWN_LEDGER):
            what = f"the option {OPTION!r} is for vendors' devices"
            raise QwattError(what, where=self.where, mend=f"leave {OPTION}=... away")
        return offered_price(self.options[OPTION])

    @property
    def samples_only(self) -> bool:
        """Whether the device cannot give exact values."""
        return not self.device.startswith(EXACT_DEVICES)

    def overlaps(
        self,
        test: OverlapTest,
        x: Array,
        y: Array,
        shots: int | None = None,
        rng: np.random.Generator | None = None,
        *,
        copies: int = 1,
    ) -> torch.Tensor:
        """Run a test of every pair.

        Raises:
            QwattError: hardware is asked for tests side by side, which would run one by one.
        """
        if copies > 1 and self.samples_only:
            raise QwattError(
                "overlap tests side by side are only simulated yet",
                where=self.where,
                mend="run one test a circuit, as with --set quantum-kmeans-parallel.qubits=1",
            )
        return super().overlaps(test, x, y, shots, rng, copies=copies)

    def _probs(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        import pennylane as qml
        import torch

        if self.samples_only:
            drawn = self._draw(circuit, inputs, weights, self.bill_shots, self.rng)
            return torch.as_tensor(sampling.frequencies(drawn, circuit.wires), dtype=torch.float32)
        found = self._run(circuit, inputs, weights, lambda: qml.probs(wires=range(circuit.wires)))
        return torch.as_tensor(found).reshape(-1, 2**circuit.wires)

    def _expval(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        import pennylane as qml
        import torch

        def measure() -> Any:
            return [qml.expval(qml.PauliZ(wire)) for wire in circuit.readout]

        shots = self.bill_shots if self.samples_only else None
        found = self._run(circuit, inputs, weights, measure, shots)
        return torch.stack([torch.as_tensor(value).reshape(-1) for value in found], dim=1)

    def _draw(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        import pennylane as qml
        import torch

        with torch.no_grad():
            if not self.samples_only:
                return sampling.draw(self._probs(circuit, inputs, weights), shots, rng)
            found = self._run(circuit, inputs, weights, lambda: qml.sample(wires=range(circuit.wires)), shots)
        bits = np.asarray(found, dtype=np.int64).reshape(-1, shots, circuit.wires)
        return np.asarray(bits @ (1 << np.arange(circuit.wires - 1, -1, -1)))

    def _run(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        measure: Callable[[], Any],
        shots: int | None = None,
    ) -> Any:
        """Run the circuit on the device; whatever goes wrong there is told without its secrets."""
        import pennylane as qml

        def body(x: Any, w: Any) -> Any:
            circuit.function(x, w)
            return measure()

        device = self._device(circuit.wires)
        try:
            node = qml.set_shots(qml.QNode(body, device, interface="torch", diff_method="best"), shots=shots)
            return node(_tensor(inputs), _tensor(weights))
        except QwattError:
            raise
        except Exception as error:
            raise self._told(error, "failed") from None

    def _device(self, wires: int) -> Any:
        import pennylane as qml

        if wires not in self._devices:
            options = {key: _literal(value) for key, value in self.options.items() if key != OPTION}
            try:
                if self.device == "qiskit.remote" and "backend" in options:
                    options["backend"] = _ibm_machine(options["backend"])
                device = qml.device(self.device, wires=wires, **options)
            except Exception as error:
                raise self._told(error, "cannot be opened") from None
            if self._price is not None:
                from qwatt.quantum.remote.billed import BilledDevice

                device = BilledDevice(device, self._price)
            self._devices[wires] = device
        return self._devices[wires]

    def _told(self, error: Exception, verb: str) -> QwattError:
        kind, vendor = type(error).__name__, self.device.partition(".")[0]
        if isinstance(error, ImportError) and vendor in VENDORS:
            return MissingExtraError(f"{self.where} (no module {error.name})", VENDORS[vendor][0])
        return QwattError(
            f"the device {verb}: {kind}: {scrubbed(str(error))}",
            where=self.where,
            mend=f"check the options and that the environment has {self._variables()}",
        )

    def _variables(self) -> str:
        return VENDORS.get(self.device.partition(".")[0], ("", "what the device signs in with"))[1]


def installed_devices() -> set[str]:
    """Return the short names of the installed PennyLane devices, without importing any."""
    return {entry.name for entry in entry_points(group="pennylane.plugins")}


@backend("pennylane")
def pennylane(argument: str | None) -> PennyLaneBackend:
    """Build a backend from "DEVICE?option=value", such as "lightning.qubit" or "ionq.simulator"."""
    head, options = read_spec(argument, None, "pennylane")
    if not head:
        raise QwattError("which device?", where="pennylane", mend="write pennylane:DEVICE")
    return PennyLaneBackend(head, options)


def _check_installed(device: str) -> None:
    known = installed_devices()
    if device in known:
        return
    vendor = device.partition(".")[0]
    if vendor in VENDORS and not any(name.startswith(f"{vendor}.") for name in known):
        raise MissingExtraError(f"the PennyLane device {device}", VENDORS[vendor][0])
    raise unknown_name("PennyLane device", device, known, where="pennylane")


def _ibm_machine(name: str) -> Any:
    return importlib.import_module("qiskit_ibm_runtime").QiskitRuntimeService().backend(name)


def _literal(text: str) -> Any:
    """Read a number, True, False or None; anything else is text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _tensor(values: Array | None) -> torch.Tensor | None:
    import torch

    return None if values is None else torch.as_tensor(values)
