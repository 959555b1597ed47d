"""The calculator behind `estimate circuit`: one shape of circuit on one QPU."""

from __future__ import annotations

from typing import Any

from qwatt.core.demand import CircuitLine, Demand
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu.price import price
from qwatt.energy.qpu.timing import layers


def estimate_circuit(
    qpu_id: str,
    qubits: int,
    gates_1q: int,
    gates_2q: int,
    depth: int = 0,
    circuits: int = 1,
    shots: int = 1000,
    mitigation: str = "none",
    *,
    utilisation: float | Quantity | None = None,
    pue: float | Quantity | None = None,
) -> dict[str, Any]:
    """Return what circuits of one shape cost on a QPU, as a JSON record.

    Args:
        qpu_id: a catalogued QPU.
        qubits: wires of a circuit; all are measured.
        gates_1q: one-qubit gates of a circuit.
        gates_2q: two-qubit gates of a circuit.
        depth: layers of a circuit; at least what the gates need is assumed.
        circuits: how many circuits.
        shots: shots of each.
        mitigation: none, zne, pec or sample.
        utilisation: see `price`.
        pue: see `price`.

    Returns:
        `seconds`, `energy_j`, `usd`, `fidelity` as {value, low, high, unit, basis, ...}; `executable`, `why`,
        `offers`, `formula`, `sources`, `notes`, `claimed`, and `inputs` with the depth that was assumed.

    Raises:
        QwattError: a count that is negative or zero where it may not be; unknown QPU or mitigation.
    """
    line = CircuitLine(
        circuits=_least("circuits", circuits, 1),
        shots=_least("shots", shots, 1),
        qubits=_least("qubits", qubits, 1),
        gates_1q=_least("gates_1q", gates_1q, 0),
        gates_2q=_least("gates_2q", gates_2q, 0),
        depth=_least("depth", depth, 0),
        measurements=qubits,
    )
    if gates_2q and qubits < 2:
        raise QwattError("two-qubit gates need at least 2 qubits", where="qubits")
    cost = price(Demand.of(line), qpu_id, mitigation=mitigation, utilisation=utilisation, pue=pue)
    return {
        "qpu": qpu_id,
        "seconds": cost.seconds.to_record(),
        "energy_j": cost.energy_j.to_record(),
        "usd": cost.usd.to_record(),
        "fidelity": cost.fidelity.to_record(),
        "executable": cost.executable,
        "why": cost.why,
        "offers": {name: offer.to_record() for name, offer in cost.offers.items()},
        "formula": list(cost.formulas),
        "sources": list(cost.sources),
        "notes": list(cost.notes),
        "claimed": list(cost.claimed),
        "inputs": {
            "qubits": qubits,
            "gates_1q": gates_1q,
            "gates_2q": gates_2q,
            "depth": layers(line),
            "circuits": circuits,
            "shots": shots,
            "mitigation": mitigation,
        },
    }


def _least(name: str, given: int, least: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise QwattError(f"{name} is {given}", where=name, mend=f"give an integer of at least {least}")
    return given
