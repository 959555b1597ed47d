"""What is sent to a provider: gates from a fixed set, all wires measured, and a number of shots."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

Gate = tuple[str, tuple[float, ...], tuple[int, ...]]
"""Name in lower case, angles in radians, wires."""

GATES = {
    "Hadamard": "h", "PauliX": "x", "PauliY": "y", "PauliZ": "z", "S": "s", "T": "t",
    "RX": "rx", "RY": "ry", "RZ": "rz", "CNOT": "cnot", "CZ": "cz",
}  # fmt: skip
"""PennyLane's names of the gates that are sent, and their names on the wire."""


@dataclass(frozen=True)
class Program:
    """One circuit.

    Args:
        qubits: their number; all are measured at the end.
        gates: in order.
        shots: how often it is run.
    """

    qubits: int
    gates: tuple[Gate, ...]
    shots: int

    def record(self) -> dict[str, Any]:
        """Return it as JSON."""
        gates = [
            {"gate": name, "angles": list(angles), "wires": list(wires)} for name, angles, wires in self.gates
        ]
        return {"qubits": self.qubits, "shots": self.shots, "gates": gates}

    @cached_property
    def digest(self) -> str:
        """The same for the same program."""
        return sha256(json.dumps(self.record(), sort_keys=True).encode()).hexdigest()
