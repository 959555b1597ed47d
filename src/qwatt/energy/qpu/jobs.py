"""A bill as the jobs that a QPU's platform would count, mitigation included."""

from __future__ import annotations

from qwatt.core.demand import CircuitLine, Demand
from qwatt.core.errors import QwattError
from qwatt.energy.qpu import rules, timing
from qwatt.energy.qpu.fidelity import gate_error, read_error
from qwatt.energy.qpu.machine import Corner, Qpu
from qwatt.energy.qpu.money import Job

NEEDS = {
    "circuit": "gate circuits",
    "anneal": "anneals of QUBOs",
    "analog": "analog evolution of atoms",
    "photonic": "linear-optical circuits",
}


def mismatch(demand: Demand, qpu: Qpu) -> str:
    """Return why the machine cannot run this kind of program at all, or an empty text."""
    wanted = ["circuit"] * bool(demand.circuit_lines) + ["anneal"] * bool(demand.anneal_lines)
    wrong = [NEEDS[program] for program in wanted if program != qpu.program]
    return f"{qpu.id} runs {NEEDS[qpu.program]}, not {' or '.join(wrong)}" if wrong else ""


def jobs_at(demand: Demand, qpu: Qpu, mitigation: str, corner: Corner) -> list[Job]:
    """Return the bill's lines as jobs, the machine's numbers taken at one corner of their intervals.

    Raises:
        QwattError: the machine runs other programs, or mitigation needs more shots than can be computed.
    """
    if wrong := mismatch(demand, qpu):
        raise QwattError(wrong)
    numbers = qpu.at(corner)
    circuits = [_circuit_job(line, numbers, mitigation, corner) for line in demand.circuit_lines]
    anneals = [
        Job(line.problems, line.reads, 0, 0, 0, timing.anneal_seconds(line, numbers))
        for line in demand.anneal_lines
    ]
    return circuits + anneals


def _circuit_job(line: CircuitLine, numbers: timing.Numbers, mitigation: str, corner: Corner) -> Job:
    errors = gate_error(line, numbers), read_error(line, numbers)
    per_circuit, per_shot = rules.mitigation_factors(mitigation, errors[0], corner, errors[1])
    circuits, shots = line.circuits * per_circuit, line.shots * per_shot
    seconds = timing.circuits_seconds(line, numbers, circuits, shots)
    return Job(
        circuits, shots, line.gates_1q, line.gates_2q, line.measurements, seconds, mitigation != "none"
    )
