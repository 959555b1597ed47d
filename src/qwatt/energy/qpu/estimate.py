"""The calculators behind `estimate circuit` and `anneal`: one shape of circuit or QUBO on one QPU."""

from __future__ import annotations

from typing import Any

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu.machine import get_qpu, load_qpus
from qwatt.energy.qpu.price import QpuCost, price
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
    return _record(cost) | {
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


def estimate_anneal(
    qpu_id: str,
    variables: int,
    reads: int,
    problems: int = 1,
    couplings: int | None = None,
    *,
    utilisation: float | Quantity | None = None,
    pue: float | Quantity | None = None,
) -> dict[str, Any]:
    """Return what QUBOs of one shape cost on an annealer, as a JSON record like `estimate_circuit`'s.

    Args:
        qpu_id: a catalogued annealer.
        variables: of a problem.
        reads: of each problem.
        problems: how many are programmed.
        couplings: of a problem; None for all pairs.
        utilisation, pue: see `price`.

    Raises:
        QwattError: a count below 1, more couplings than pairs, an unknown QPU, or one that runs circuits.
    """
    pairs = variables * (variables - 1) // 2
    line = AnnealLine(
        problems=_least("problems", problems, 1),
        reads=_least("reads", reads, 1),
        variables=_least("variables", variables, 1),
        couplings=pairs if couplings is None else _least("couplings", couplings, 0),
    )
    if line.couplings > pairs:
        raise QwattError(f"{variables} variables have {pairs} pairs", where="couplings", mend="give fewer")
    if get_qpu(qpu_id, "qpu").program != "anneal":
        known = ", ".join(qpu.id for qpu in load_qpus().values() if qpu.program == "anneal")
        raise QwattError(f"{qpu_id} is no annealer", where="qpu", mend=f"give an annealer: {known}")
    cost = price(Demand.of(line), qpu_id, utilisation=utilisation, pue=pue)
    inputs = {"variables": variables, "reads": reads, "problems": problems, "couplings": line.couplings}
    return _record(cost) | {"inputs": inputs}


def _record(cost: QpuCost) -> dict[str, Any]:
    """Return the JSON form of a price, its inputs apart."""
    return {
        "qpu": cost.qpu,
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
    }


def _least(name: str, given: int, least: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise QwattError(f"{name} is {given}", where=name, mend=f"give an integer of at least {least}")
    return given
