"""Whether a QPU can run a bill today with a signal that can be read, and why not."""

from __future__ import annotations

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu import rules
from qwatt.energy.qpu.fidelity import expected_fidelity, gate_error, read_error
from qwatt.energy.qpu.jobs import mismatch
from qwatt.energy.qpu.machine import Qpu

_NOT_IN_SERVICE = {
    "announced": "{} is announced, not in service",
    "laboratory": "{} is a laboratory's machine that nobody else can use",
}


def reasons_against(demand: Demand, qpu: Qpu, mitigation: str = "none") -> list[str]:
    """Return why the bill cannot run on the machine today; an empty list when it can.

    Reasons are: another kind of program, a machine that is not in service, too few qubits, a problem beyond
    the annealer's guaranteed embedding, unpublished errors, a fidelity whose signal drowns in shot noise
    (`rules.smallest_fidelity`), or error cancellation or sampling with an absurd number of shots.
    """
    if wrong := mismatch(demand, qpu):
        return [wrong]
    reasons = [] if qpu.service == "cloud" else [_NOT_IN_SERVICE[qpu.service].format(qpu.id)]
    reasons += [_circuit(line, qpu, mitigation) for line in demand.circuit_lines]
    reasons += [_anneal(line, qpu) for line in demand.anneal_lines]
    return list(dict.fromkeys(reason for reason in reasons if reason))


def worst_fidelity(demand: Demand, qpu: Qpu) -> Quantity:
    """Return the expected fidelity of the bill's worst circuit, before mitigation."""
    if not demand.circuit_lines or qpu.program != "circuit":
        return Quantity.unknown("fidelity is defined for gate circuits only", unit="1")
    parts = [expected_fidelity(line, qpu) for line in demand.circuit_lines]
    return min(parts, key=lambda part: -1.0 if part.value is None else part.value)


def _circuit(line: CircuitLine, qpu: Qpu, mitigation: str) -> str:
    if qpu.qubits is None:
        return f"the number of qubits of {qpu.id} is not published"
    if line.qubits > qpu.qubits:
        return f"needs {line.qubits} qubits, {qpu.id} has {qpu.qubits}"
    fidelity = expected_fidelity(line, qpu)
    if fidelity.value is None:
        return fidelity.reason or "the fidelity is unknown"
    if mitigation in ("pec", "sample"):
        numbers = qpu.at("value")
        return rules.unbearable(mitigation, gate_error(line, numbers), read_error(line, numbers))
    _, more_shots = rules.mitigation_factors(mitigation, 0.0, "value")
    least = rules.smallest_fidelity(line.shots * more_shots)
    if fidelity.value < least:
        return (
            f"expected fidelity {fidelity.value:.2g} is below {least:.2g}, where {line.shots} shots are noise"
        )
    return ""


def _anneal(line: AnnealLine, qpu: Qpu) -> str:
    clique = qpu.number("clique")
    if clique is None:
        return f"no guaranteed embedding is published for {qpu.id}"
    largest = clique.interval[1]
    if line.variables <= largest:
        return ""
    return (
        f"{line.variables} variables exceed the {largest:g} of {qpu.id} that embed whatever the couplings; "
        "a sparse problem may still fit"
    )
