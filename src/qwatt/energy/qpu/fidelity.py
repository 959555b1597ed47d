"""How much of a circuit's signal survives on a QPU."""

from __future__ import annotations

import math

from qwatt.core.demand import CircuitLine
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu.machine import Corner, Qpu
from qwatt.energy.qpu.timing import Numbers, circuit_seconds, layers

FORMULA = "F = (1-e1q)^N1q (1-e2q)^N2q (1-e_readout)^Nm x idling"

_OPPOSITE: dict[Corner, Corner] = {"low": "high", "value": "value", "high": "low"}


def gate_error(line: CircuitLine, numbers: Numbers) -> float:
    """Return the sum of the errors of all gates of one circuit (unpublished ones count nothing)."""
    return line.gates_1q * numbers.get("error_1q", 0.0) + line.gates_2q * numbers.get("error_2q", 0.0)


def read_error(line: CircuitLine, numbers: Numbers) -> float:
    """Return the sum of the errors of all read-outs of one circuit (unpublished ones count nothing)."""
    return line.measurements * numbers.get("error_readout", 0.0)


def expected_fidelity(line: CircuitLine, qpu: Qpu) -> Quantity:
    """Return the expected fidelity of one circuit, errors taken as independent.

    The value charges idling where qubits really wait; the low end charges dephasing over the whole circuit
    (exp(-n t/T2)) with the worse errors, the high end no idling with the better ones. Errors that are not
    published make the result an upper bound with low end 0; without a two-qubit error it is unknown.
    """
    missing = _missing(line, qpu)
    if "error_2q" in missing or (missing == {"error_1q", "error_readout"} and not line.gates_2q):
        return Quantity.unknown(f"no published {' and '.join(sorted(missing))} for {qpu.id}", unit="1")
    low, value, high = (_survival(line, qpu, corner) for corner in ("low", "value", "high"))
    if missing:
        return Quantity(
            value, 0.0, high, "1", reason=f"an upper bound: no published {', '.join(sorted(missing))}"
        )
    return Quantity(value, min(low, value), max(high, value), "1")


def _missing(line: CircuitLine, qpu: Qpu) -> set[str]:
    counts = {"error_1q": line.gates_1q, "error_2q": line.gates_2q, "error_readout": line.measurements}
    return {name for name, count in counts.items() if count and name not in qpu.numbers}


def _survival(line: CircuitLine, qpu: Qpu, corner: Corner) -> float:
    errors = qpu.at(_OPPOSITE[corner])
    exponent = (
        line.gates_1q * math.log1p(-errors.get("error_1q", 0.0))
        + line.gates_2q * math.log1p(-errors.get("error_2q", 0.0))
        + line.measurements * math.log1p(-errors.get("error_readout", 0.0))
    )
    return math.exp(exponent + _idling(line, qpu, corner))


def _idling(line: CircuitLine, qpu: Qpu, corner: Corner) -> float:
    """Return the logarithm of what idling leaves.

    A machine with a published memory error is charged it per qubit and layer. Else a qubit that waits for
    t keeps (1 + exp(-t/T2))/2 of its phase; gates carry their own decoherence in their error.
    """
    numbers = qpu.at("value")
    if "error_memory" in numbers:
        return line.qubits * layers(line) * math.log1p(-numbers["error_memory"])
    seconds = circuit_seconds(line, numbers)
    if corner == "high" or seconds is None or "t2" not in numbers:
        return 0.0
    if corner == "low":
        return -line.qubits * seconds / qpu.at("low")["t2"]
    busy = line.gates_1q * numbers["time_1q"] + 2 * line.gates_2q * numbers["time_2q"]
    waiting = max(0.0, seconds - busy / max(1, line.qubits))
    return line.qubits * math.log((1 + math.exp(-waiting / numbers["t2"])) / 2)
